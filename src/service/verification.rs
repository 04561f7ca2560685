//! verify-otp: a proven address turns a registration into an account, in steps that any later try can finish (REG-4).

use chrono::Duration;

use super::{
    audit::{self, Event},
    codes::check::{self, Against, Attempt, DayCounter, RightCode},
    login::may_log_in,
    maintenance::SWEPT_AFTER,
    outbox, registration, sessions, throttle,
    throttle::PerIp,
    tokens::TokenSet,
};
use crate::{
    app::App,
    clock::Timestamp,
    config::Secret,
    crypto::RegistrationToken,
    domain::{
        audit::Action,
        code::OtpCode,
        contact::EmailAddress,
        identifier::{email_key, user_id_key, username_key},
        ids::UserId,
        otp::{OtpChallenge, OtpPurpose, challenge_id},
        outbox::{Asked, Intent},
        registration::PendingUser,
        request::Origin,
        role::Role,
        user::User,
    },
    error::{ErrorCode, Fault, Result},
    store::{StoreError, logins::Candidate},
};

/// An address that was proven.
#[derive(Debug)]
pub struct Verified {
    /// Its account.
    pub user: User,
    /// What comes next.
    pub next: Next,
}

/// How the owner of an account that was just made comes in.
#[derive(Debug)]
pub enum Next {
    /// By these tokens, of the first session.
    Tokens(Box<TokenSet>),
    /// By the link that was mailed, which sets the first password (REG-8).
    FirstPassword,
    /// After an administrator's approval, or not at all (D7).
    Approval,
    /// By a login: the code came again, without the registration's token.
    Login,
}

/// What was typed in.
#[derive(Debug)]
pub struct Proof {
    /// The address.
    pub email: EmailAddress,
    /// The code; none when what was typed cannot be one.
    pub code: Option<OtpCode>,
    /// Names one registration (security.md D2).
    pub registration_token: Option<Secret>,
}

/// Where a crash is tried: before each step of verify.
pub const STEPS: [&str; 11] = [
    "verify:consume",
    "verify:begin",
    "verify:email",
    "verify:username",
    "verify:account",
    "verify:link",
    "verify:others",
    "verify:finish",
    "undo:names",
    "undo:registration",
    "verify:session",
];

/// How long the code that was used may come again (REG-5).
const REPEATED_FOR: Duration = Duration::minutes(10);

/// Sends new codes for every live registration of an address; the answer is the same whoever has it (ENUM-3).
///
/// # Errors
/// `RateLimit` by the caller's address, `EmailError`; the database does not answer.
pub async fn request_code(
    app: &App,
    origin: &Origin,
    email: &EmailAddress,
) -> Result<Option<Secret>> {
    throttle::by_ip(app, origin, PerIp::OtpRequest).await?;
    let lifetime = Duration::minutes(app.settings.config.registration.pending_minutes);
    outbox::enqueue_codes(
        app,
        origin.into(),
        email.canonical(),
        Intent::RenewCodes,
        lifetime,
    )
    .await
}

const TOKEN_MISSING: Fault = Fault::new("missing", "This field is required");

/// Proves an address:
///
/// 1 throttle; 2 the registrations that the try is compared with, and counted on: the token's, or all of the address;
/// 3 count, then compare (OTP-3, OTP-4, OTP-11); 4 audit; 5 consume the code, once (OTP-5), and keep it for ten minutes;
/// 6 decide about the password (REG-8) and make the account (REG-4); 7 begin a session, unless the account waits for
/// approval or has no password. The same code again goes on at step 6 (REG-5).
///
/// # Errors
/// `OtpError` for every way to fail alike (ENUM-4), `RateLimit`, `ValidationError` where a token is mandatory and there
/// is none; the database does not answer.
pub async fn verify(app: &App, origin: &Origin, proof: Proof) -> Result<Verified> {
    let now = origin.now;
    throttle::by_ip(app, origin, PerIp::OtpVerify).await?;
    if app.settings.config.registration.require_token && proof.registration_token.is_none() {
        return Err(TOKEN_MISSING.at("registration_token").into());
    }
    let candidates = candidates(app, &proof, now).await?;
    let attempt = Attempt {
        purpose: OtpPurpose::Verification,
        code: proof.code.as_ref(),
        against: candidates
            .id
            .as_deref()
            .map_or(Against::AllOfAddress, Against::One),
        counters: &candidates.counters,
        email: proof.email.canonical(),
        subject: candidates.subject.as_ref(),
    };
    let right = check::check(app, origin, attempt)
        .await?
        .ok_or(ErrorCode::OtpError)?;
    let by_token = proof.registration_token.is_some();
    let (used, is_first) = use_up(app, origin, right, by_token).await?;
    let gives_tokens = by_token || is_first;
    let login = gives_tokens.then_some(now);
    let user = finish(app, origin.into(), &used, by_token, login)
        .await?
        .ok_or(ErrorCode::OtpError)?;
    app.fail_point.pass("verify:session")?;
    let next = if user.password_hash.is_none() {
        Next::FirstPassword
    } else if !may_log_in(app, &user) {
        Next::Approval
    // What its owner has changed meanwhile is not opened by an older proof (RST-4).
    } else if gives_tokens && user.updated_at == user.created_at {
        let candidate = Candidate {
            user: user.clone(),
            is_whole: true,
        };
        let tokens = sessions::begin(app, origin, candidate, None).await?;
        Next::Tokens(Box::new(tokens))
    } else {
        Next::Login
    };
    Ok(Verified { user, next })
}

/// Steps 4 and 5 of [`verify`]: the challenge as it was used, and whether it was now and not before.
async fn use_up(
    app: &App,
    origin: &Origin,
    right: RightCode,
    by_token: bool,
) -> Result<(OtpChallenge, bool)> {
    let challenge = &right.challenge;
    if challenge.used_at.is_some() {
        check::return_attempt(app, &right).await?;
        return Ok((right.challenge, false));
    }
    let event = Event::by(&challenge.subject, Action::Verify);
    if let Err(unrecorded) = audit::record(app, origin, event).await {
        check::return_attempt(app, &right).await?;
        return Err(unrecorded);
    }
    app.fail_point.pass("verify:consume")?;
    let (now, until) = (origin.now, origin.now + REPEATED_FOR);
    let challenges = app.store.challenges();
    let is_first = challenges
        .consume_for_account(challenge, by_token, until, now)
        .await?;
    if is_first {
        let used = OtpChallenge {
            used_at: Some(now),
            by_token,
            ..right.challenge
        };
        return Ok((used, true));
    }
    // At this moment it came twice, or a newer code took its place.
    check::return_attempt(app, &right).await?;
    let current = challenges.find(&challenge.id).await?;
    let used = current.filter(|current| current.otp_id == challenge.otp_id);
    Ok((used.ok_or(ErrorCode::OtpError)?, false))
}

/// What a try is compared with, and where it counts.
struct Candidates {
    /// One challenge's `_id`; none: all of the address.
    id: Option<String>,
    counters: Vec<DayCounter>,
    subject: Option<UserId>,
}

async fn candidates(app: &App, proof: &Proof, now: Timestamp) -> Result<Candidates> {
    let email = proof.email.canonical();
    let purpose = OtpPurpose::Verification;
    let Some(token) = &proof.registration_token else {
        return Ok(Candidates {
            id: None,
            counters: vec![DayCounter::of_subject(app, purpose, email)],
            subject: None,
        });
    };
    let known = match RegistrationToken::parse(token.expose()) {
        Some(token) => {
            let challenges = app.store.challenges();
            let digest = token.digest();
            challenges
                .find_by_token(email, digest.as_str(), now)
                .await?
        }
        None => None,
    };
    let subject = known.map(|challenge| challenge.subject);
    // A code that nobody has is tried as well: one round trip less would tell whose the token is (ENUM-8).
    let nobody = || UserId::generate(Role::Patient, &app.rng);
    let id = challenge_id(purpose, &subject.clone().unwrap_or_else(nobody));
    // Tries with a valid token have a counter of their own: a stranger cannot use them up (OTP-4).
    let whose = subject.as_ref().map_or(email, UserId::as_str);
    let counters = vec![
        DayCounter::of_subject(app, purpose, whose),
        DayCounter::of_tokens(app, email, subject.is_some()),
    ];
    Ok(Candidates {
        id: Some(id),
        counters,
        subject,
    })
}

/// Makes the account that a code was used for, or goes on with it, whoever comes: the request, the same code again, or the
/// sweeper after a crash. None: there is none to be made, and there is none.
async fn finish(
    app: &App,
    asked: Asked,
    used: &OtpChallenge,
    by_token: bool,
    login: Option<Timestamp>,
) -> Result<Option<User>> {
    let owner = &used.subject;
    let accounts = app.store.accounts();
    let Some(used_at) = used.used_at else {
        return Ok(None); // A newer code has taken its place.
    };
    if used.is_done {
        return Ok(accounts.find_by_user_id(owner).await?);
    }
    app.fail_point.pass("verify:begin")?;
    let keeps_password = by_token || used.by_token || !is_contested(app, used).await?;
    let registrations = app.store.pending();
    let begun = registrations
        .begin_activation(owner, keeps_password, used_at, asked.at)
        .await?;
    let pending = match begun {
        Some(pending) => Some(pending),
        None => registrations.find_activating(owner).await?,
    };
    match pending {
        Some(pending) => activate(app, pending, asked, login).await,
        None => Ok(accounts.find_by_user_id(owner).await?),
    }
}

/// Whether the address had another registration within the life of the one that this code was used for (REG-8): one that
/// lived when it began, or one that came later. Read after the code was used, so that none is missed that came before.
async fn is_contested(app: &App, used: &OtpChallenge) -> Result<bool> {
    let Some(pending) = app.store.pending().find(&used.subject).await? else {
        return Ok(false); // It is decided.
    };
    let key = registration::places(app, &pending.email);
    let places = app.store.places();
    Ok(!pending.rivals.is_empty() || places.others_came_after(&key, &pending.user_id).await?)
}

/// Makes the account of a registration that is `activating`. Every step can be repeated, also by several at once. `login`
/// is when its owner logs in by it. None: the address became somebody else's account meanwhile.
///
/// # Errors
/// The database does not answer.
pub async fn activate(
    app: &App,
    pending: PendingUser,
    asked: Asked,
    login: Option<Timestamp>,
) -> Result<Option<User>> {
    let now = asked.at;
    let identifiers = app.store.identifiers();
    let owner = pending.user_id.clone();
    app.fail_point.pass("verify:email")?;
    let mut mine = identifiers
        .activate(&email_key(&pending.email), &owner, now)
        .await?;
    app.fail_point.pass("verify:username")?;
    if let (true, Some(username)) = (mine, &pending.username) {
        mine = identifiers
            .activate_held(&username_key(username), &owner, now)
            .await?;
    }
    mine = mine
        && identifiers
            .activate_held(&user_id_key(owner.as_str()), &owner, now)
            .await?;
    if !mine {
        give_up(app, &pending).await?;
        return Ok(None);
    }
    app.fail_point.pass("verify:account")?;
    let mut user = pending.clone().into_account(now);
    let logs_in = user.password_hash.is_some() && may_log_in(app, &user);
    user.last_login_at = login.filter(|_| logs_in);
    let is_new = match app.store.accounts().insert(&user).await {
        // REG-2: the second line. The account is one that `identifiers` did not know of yet.
        Err(StoreError::Duplicate) => {
            give_up(app, &pending).await?;
            return Ok(None);
        }
        inserted => inserted?,
    };
    app.fail_point.pass("verify:link")?;
    if user.password_hash.is_none() {
        outbox::enqueue_first_password(app, asked, &user).await?;
    }
    app.fail_point.pass("verify:others")?;
    for other in app
        .store
        .pending()
        .list_others(&pending.email, &owner)
        .await?
    {
        if other.activating_since.is_none() {
            registration::undo(app, &other).await?;
        }
    }
    app.fail_point.pass("verify:finish")?;
    let challenges = app.store.challenges();
    challenges
        .note_done(OtpPurpose::Verification, &owner)
        .await?;
    registration::release(app, &pending).await?;
    if is_new {
        return Ok(Some(user));
    }
    Ok(app.store.accounts().find_by_user_id(&owner).await?)
}

async fn give_up(app: &App, pending: &PendingUser) -> Result<()> {
    registration::undo(app, pending).await?;
    Ok(app.store.identifiers().abandon(&pending.user_id).await?)
}

/// Finishes what a crash left half-way: codes that were used and whose account is missing, and registrations that are
/// activating. How many there were.
///
/// # Errors
/// The database does not answer.
pub async fn sweep(app: &App) -> Result<usize> {
    let now = app.clock.now();
    let before = now - SWEPT_AFTER;
    let asked = Asked {
        at: now,
        language: None,
    };
    let mut finished = 0;
    // One that cannot be finished must not keep the others waiting.
    let mut note = |user_id: &UserId, done: Result<Option<User>>| match done {
        Ok(_) => finished += 1,
        Err(error) => tracing::error!(%user_id, %error, "a verification cannot be finished"),
    };
    let challenges = app.store.challenges();
    let purpose = OtpPurpose::Verification;
    for used in challenges.list_consumed(purpose, before).await? {
        let user_id = &used.subject;
        tracing::info!(%user_id, "finishing a verification that was cut off");
        let done = finish(app, asked, &used, false, None).await;
        match &done {
            Ok(Some(_)) => challenges.note_done(purpose, user_id).await?,
            Ok(None) => challenges.delete(purpose, user_id).await?,
            Err(_) => {}
        }
        note(user_id, done);
    }
    for pending in app.store.pending().list_activating(before).await? {
        let user_id = pending.user_id.clone();
        tracing::info!(%user_id, "finishing a verification that was cut off");
        note(&user_id, activate(app, pending, asked, None).await);
    }
    Ok(finished)
}
