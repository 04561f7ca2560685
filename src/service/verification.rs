//! verify-otp: a proven address turns a registration into an account, in steps that any later try can finish (REG-4).

use chrono::Duration;

use super::{
    audit::{self, Event},
    codes::{self, Attempt},
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
        otp::{OtpPurpose, challenge_id},
        outbox::Intent,
        registration::PendingUser,
        request::Origin,
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
    /// The first session's; none: a doctor who may not log in before an administrator's approval (D7).
    pub tokens: Option<TokenSet>,
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
pub const STEPS: [&str; 9] = [
    "verify:consume",
    "verify:begin",
    "verify:email",
    "verify:username",
    "verify:account",
    "verify:others",
    "undo:names",
    "undo:registration",
    "verify:finish",
];

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
/// 3 count, then compare (OTP-3, OTP-4); 4 audit; 5 consume the code, once (OTP-5); 6 make the account (REG-4); 7 begin
/// a session, unless the account waits for approval.
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
    let email = proof.email.canonical();
    let (subject, challenges) = candidates(app, &proof, now).await?;
    let attempt = Attempt {
        purpose: OtpPurpose::Verification,
        code: proof.code.as_ref(),
        challenges: &challenges,
        subject: &subject,
        owner: Some(email),
    };
    let challenge = codes::check(app, origin, attempt)
        .await?
        .ok_or(ErrorCode::OtpError)?;
    let event = Event::by(&challenge.subject, Action::Verify);
    if let Err(unrecorded) = audit::record(app, origin, event).await {
        app.store.challenges().return_attempt(&challenge).await?;
        return Err(unrecorded);
    }
    app.fail_point.pass("verify:consume")?;
    if !app.store.challenges().consume(&challenge, now).await? {
        return Err(ErrorCode::OtpError.into());
    }
    app.fail_point.pass("verify:begin")?;
    let pending = app
        .store
        .pending()
        .begin_activation(&challenge.subject, now)
        .await?;
    let pending = pending.ok_or(ErrorCode::OtpError)?;
    let user = activate(app, pending, now, Some(now))
        .await?
        .ok_or(ErrorCode::OtpError)?;
    let tokens = if may_log_in(app, &user) {
        let candidate = Candidate {
            user: user.clone(),
            is_whole: true,
        };
        Some(sessions::begin(app, origin, candidate, None).await?)
    } else {
        None
    };
    Ok(Verified { user, tokens })
}

/// Whose wrong tries are counted together, and the challenges that a try is compared with.
async fn candidates(app: &App, proof: &Proof, now: Timestamp) -> Result<(String, Vec<String>)> {
    let email = proof.email.canonical();
    if let Some(token) = &proof.registration_token {
        let Some(token) = RegistrationToken::parse(token.expose()) else {
            return Ok((email.to_owned(), Vec::new()));
        };
        let digest = token.digest().as_str();
        let pending = app
            .store
            .pending()
            .find_live_by_token(email, digest, now)
            .await?;
        return Ok(pending.map_or_else(
            || (email.to_owned(), Vec::new()),
            // Tries with a valid token have a counter of their own: a stranger cannot use them up (OTP-4).
            |pending| {
                let id = challenge_id(OtpPurpose::Verification, &pending.user_id);
                (pending.user_id.to_string(), vec![id])
            },
        ));
    }
    let live = app
        .store
        .challenges()
        .list_live(email, OtpPurpose::Verification, now)
        .await?;
    Ok((
        email.to_owned(),
        live.into_iter().map(|challenge| challenge.id).collect(),
    ))
}

/// Makes the account of a registration that is `activating`. Every step can be repeated, by whoever comes next: the
/// request, which logs in at `login`, or the sweeper after a crash. None: the address became somebody else's account
/// meanwhile.
///
/// # Errors
/// The database does not answer.
pub async fn activate(
    app: &App,
    pending: PendingUser,
    now: Timestamp,
    login: Option<Timestamp>,
) -> Result<Option<User>> {
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
    user.last_login_at = login.filter(|_| may_log_in(app, &user));
    let is_new = match app.store.accounts().insert(&user).await {
        // REG-2: the second line. The account is one that `identifiers` did not know of yet.
        Err(StoreError::Duplicate) => {
            give_up(app, &pending).await?;
            return Ok(None);
        }
        inserted => inserted?,
    };
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
    registration::undo(app, &pending).await?;
    if is_new {
        return Ok(Some(user));
    }
    Ok(app.store.accounts().find_by_user_id(&owner).await?)
}

async fn give_up(app: &App, pending: &PendingUser) -> Result<()> {
    registration::undo(app, pending).await?;
    Ok(app.store.identifiers().abandon(&pending.user_id).await?)
}

/// Finishes what a crash left half-way: registrations that are activating, and codes that were consumed before their
/// registration was marked. How many there were.
///
/// # Errors
/// The database does not answer.
pub async fn sweep(app: &App) -> Result<usize> {
    let now = app.clock.now();
    let before = now - SWEPT_AFTER;
    for challenge in app
        .store
        .challenges()
        .list_consumed(OtpPurpose::Verification, before)
        .await?
    {
        app.store
            .pending()
            .begin_activation(&challenge.subject, now)
            .await?;
        app.store
            .challenges()
            .delete(OtpPurpose::Verification, &challenge.subject)
            .await?;
    }
    let mut finished = 0;
    for pending in app.store.pending().list_activating(before).await? {
        let user_id = pending.user_id.clone();
        tracing::info!(%user_id, "finishing a verification that was cut off");
        // One that cannot be finished must not keep the others waiting.
        match activate(app, pending, now, None).await {
            Ok(_) => finished += 1,
            Err(error) => tracing::error!(%user_id, %error, "a verification cannot be finished"),
        }
    }
    Ok(finished)
}
