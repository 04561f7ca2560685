//! verify-otp: a proven address turns a registration into an account, in steps that any later try can finish (REG-4).

mod activation;

use crate::{
    accounts::documents::{Status, User},
    actions,
    app::App,
    codes::{
        check::{self, Against, Attempt, DayCounter, RightCode},
        documents::{OtpChallenge, OtpPurpose, challenge_id},
        rules::OtpCode,
    },
    errors,
    factors::{self, FirstProof},
    keys::tokens::TokenSet,
    login::may_log_in,
    mails::{documents::MailJob, outbox},
    sessions,
    throttle::{self, PerIp},
};
use chrono::Duration;

use self::activation::finish;
pub use self::activation::sweep;
use crypto::OpaqueToken;
use kernel::{
    clock::Timestamp,
    contact::EmailAddress,
    error::{Result, RuleViolation},
    ids::UserId,
    methods::Methods,
    request::Origin,
    role::Role,
    secret::Secret,
};
use platform::audit::{self, Event};

/// A proven address.
#[derive(Debug)]
pub struct Verified {
    /// Its account.
    pub user: User,
    /// How the owner continues.
    pub next: Next,
}

/// How the owner of a new account logs in.
#[derive(Debug)]
pub enum Next {
    /// With these tokens of the first session.
    Tokens(Box<TokenSet>),
    /// With the mailed link, which sets the first password (REG-8).
    FirstPassword,
    /// After an administrator's approval, or never if the account stays closed (D7).
    Approval,
    /// With a login: the code came again, without the registration's token.
    Login,
}

/// The input of the person.
#[derive(Debug)]
pub struct Proof {
    /// The address.
    pub email: EmailAddress,
    /// The code; `None` if the text cannot be a code.
    pub code: Option<OtpCode>,
    /// The token of one registration (D2).
    pub registration_token: Option<Secret>,
}

/// The fail points before each step of `verify`, for tests of crashes.
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

/// How long a used code may be sent again (REG-5).
const REPEATABLE_FOR: Duration = Duration::minutes(10);
/// The largest difference between the clocks of two instances (TIME-1).
const MAX_CLOCK_DIFFERENCE: Duration = Duration::minutes(1);

/// Sends new codes for every live registration of an address. The answer is the same for every address (ENUM-3).
///
/// # Errors
/// `RateLimit` by the caller's IP address; `EmailError` if the outbox cannot store the mail job.
pub async fn request_code(
    app: &App,
    origin: &Origin,
    email: &EmailAddress,
) -> Result<Option<Secret>> {
    throttle::by_ip(app, origin, PerIp::OtpRequest).await?;
    let lifetime = Duration::minutes(app.settings.registration.pending_minutes);
    outbox::enqueue_codes(
        app,
        origin.into(),
        email.canonical(),
        MailJob::RenewCodes,
        lifetime,
    )
    .await
}

const TOKEN_MISSING: RuleViolation = RuleViolation::new("missing", "This field is required");

/// Proves an address:
///
/// 1. Throttle.
/// 2. Find the registrations to compare with: the one of the token, or all of the address.
/// 3. Count the try, then compare (OTP-3, OTP-4, OTP-11).
/// 4. Write the audit event.
/// 5. Consume the code, once (OTP-5), and keep it for ten minutes.
/// 6. Decide about the password (REG-8) and make the account (REG-4).
/// 7. Begin a session, unless the account waits for approval or has no password.
///
/// If the same code comes again, it continues at step 6 (REG-5).
///
/// # Errors
/// `OtpError` for every kind of failure (ENUM-4); `RateLimit`; `ValidationError` if a token is mandatory and missing.
pub async fn verify(app: &App, origin: &Origin, proof: Proof) -> Result<Verified> {
    let now = origin.now;
    throttle::by_ip(app, origin, PerIp::OtpVerify).await?;
    if app.settings.registration.require_token && proof.registration_token.is_none() {
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
        .ok_or(errors::OTP_ERROR)?;
    let by_token = proof.registration_token.is_some();
    let (proven, is_first) = consume(app, origin, right, by_token).await?;
    let gives_tokens = by_token || is_first;
    let login = gives_tokens.then_some(now);
    let user = finish(app, origin.into(), &proven, by_token, login)
        .await?
        .ok_or(errors::OTP_ERROR)?;
    app.fail_point.pass("verify:session")?;
    let next = if user.password_hash.is_none() {
        Next::FirstPassword
    } else if user.status == Status::Active && !may_log_in(app, &user) {
        Next::Approval
    } else if gives_tokens && is_untouched(app, &user, is_first).await? {
        let proof = FirstProof::by(Methods::MAIL);
        let proven = factors::gate(app, origin, user.clone(), proof).await?;
        let tokens = sessions::begin(app, origin, &proven).await?;
        Next::Tokens(Box::new(tokens.ok_or(errors::AUTH_FAILED)?))
    } else {
        Next::Login
    };
    Ok(Verified { user, next })
}

/// Whether the account is still as its proof made it. If the owner has changed it or ended a session meanwhile, an
/// older proof does not open it (RST-4, PW-7).
async fn is_untouched(app: &App, user: &User, is_first: bool) -> Result<bool> {
    if !may_log_in(app, user) || user.updated_at != user.created_at {
        return Ok(false);
    }
    Ok(is_first || !app.store.sessions().has_ended_one(&user.user_id).await?)
}

/// Steps 4 and 5 of [`verify`]: the consumed challenge, and whether this request consumed it.
async fn consume(
    app: &App,
    origin: &Origin,
    right: RightCode,
    by_token: bool,
) -> Result<(OtpChallenge, bool)> {
    let challenge = &right.challenge;
    if let Some(used_at) = challenge.used_at {
        check::return_attempt(app, &right).await?;
        // If a clock was set back, an old use does not become a new one (TIME-1).
        if used_at > origin.now + MAX_CLOCK_DIFFERENCE {
            return Err(errors::OTP_ERROR.into());
        }
        return Ok((right.challenge, false));
    }
    let event = Event::by(&challenge.subject, actions::VERIFY);
    if let Err(unrecorded) = audit::record(app, origin, event).await {
        check::return_attempt(app, &right).await?;
        return Err(unrecorded);
    }
    app.fail_point.pass("verify:consume")?;
    let (now, until) = (origin.now, origin.now + REPEATABLE_FOR);
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
    // The same code came twice at this moment, or a newer code has replaced it.
    check::return_attempt(app, &right).await?;
    let current = challenges.find(&challenge.id).await?;
    let used = current.filter(|current| current.otp_id == challenge.otp_id);
    Ok((used.ok_or(errors::OTP_ERROR)?, false))
}

/// The challenges that a try is compared with, and the counters that count it.
struct Candidates {
    /// The `_id` of one challenge; `None` means all challenges of the address.
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
    // A text that cannot be a token is looked up like an unknown token.
    let token = OpaqueToken::parse(token.expose());
    let digest = token.as_ref().map_or("", |token| token.digest().as_str());
    let challenges = app.store.challenges();
    let known = challenges.find_by_token(email, digest, now).await?;
    let subject = known.map(|challenge| challenge.subject);
    // An unknown code is tried as well: one round trip less would show that the token is unknown (ENUM-8).
    let unknown = || UserId::generate(Role::Patient, &app.rng);
    let id = challenge_id(purpose, &subject.clone().unwrap_or_else(unknown));
    // Tries with a valid token have their own counter, so a stranger cannot use them up (OTP-4).
    let counted = subject.as_ref().map_or(email, UserId::as_str);
    let counters = vec![
        DayCounter::of_subject(app, purpose, counted),
        DayCounter::of_tokens(app, email, subject.is_some()),
    ];
    Ok(Candidates {
        id: Some(id),
        counters,
        subject,
    })
}
