//! Forgotten passwords: a code and a link by mail, and the new password by either (RST-1 to RST-8).

use chrono::Duration;

use super::{
    audit::{self, Event},
    codes::{
        self,
        check::{self, Against, Attempt, DayCounter},
    },
    outbox, password, sessions, throttle,
    throttle::PerIp,
};
use crate::{
    app::App,
    config::Secret,
    domain::{
        audit::Action,
        code::OtpCode,
        contact::EmailAddress,
        identifier::email_key,
        ids::UserId,
        otp::{OtpChallenge, OtpPurpose, challenge_id},
        outbox::MailJob,
        password::PasswordContext,
        request::Origin,
        role::Role,
        session::EndReason,
        user::{Status, User},
    },
    error::{Error, ErrorCode, Result, RuleViolation},
};

/// Where a crash is tried: before the writes that follow the consumption of a code or link.
pub const STEPS: [&str; 3] = ["reset:end", "reset:set", "reset:rest"];

/// Mails a code and a link to whoever has the address; the answer is always the same (ENUM-3).
///
/// # Errors
/// `RateLimit` by the caller's address, `EmailError`; the database does not answer.
pub async fn request(app: &App, origin: &Origin, email: &EmailAddress) -> Result<Option<Secret>> {
    throttle::by_ip(app, origin, PerIp::OtpRequest).await?;
    let lifetime = Duration::minutes(app.settings.config.reset.link_minutes);
    let intent = MailJob::ResetPassword;
    outbox::enqueue_codes(app, origin.into(), email.canonical(), intent, lifetime).await
}

/// A new password by the mailed code: 1 throttle; 2 what any password must be, before the code is looked at;
/// 3 whose address it is, or an id that nobody has (ENUM-8); 4 count, then compare; then as in `finish`.
///
/// # Errors
/// `OtpError` for every way to fail alike (ENUM-4), `ValidationError`; the database does not answer.
pub async fn by_code(
    app: &App,
    origin: &Origin,
    (email, code): (&EmailAddress, Option<&OtpCode>),
    new_password: &str,
) -> Result<()> {
    throttle::by_ip(app, origin, PerIp::Reset).await?;
    check_for_anybody(app, new_password).map_err(|violation| violation.at("new_password"))?;
    let email = email.canonical();
    let identifiers = app.store.identifiers();
    let owner = identifiers.find_owner(&[email_key(email)]).await?;
    let purpose = OtpPurpose::PasswordReset;
    let nobody = || UserId::generate(Role::Patient, &app.rng);
    let id = challenge_id(purpose, &owner.clone().unwrap_or_else(nobody));
    let attempt = Attempt {
        purpose,
        code,
        against: Against::One(&id),
        counters: &[DayCounter::of_subject(app, purpose, email)],
        email,
        subject: owner.as_ref(),
    };
    let right = check::check(app, origin, attempt)
        .await?
        .ok_or(ErrorCode::OtpError)?;
    let done = finish(app, origin, &right.challenge, new_password).await;
    if matches!(
        &done,
        Err(Error {
            code: ErrorCode::ValidationError | ErrorCode::ServiceBusy | ErrorCode::DatabaseError,
            ..
        })
    ) {
        check::return_attempt(app, &right).await?; // RST-8
    }
    done
}

/// A new password by the mailed link, which has no limit of tries (OTP-4); an invitation is accepted the same way.
///
/// # Errors
/// `OtpError`, `ValidationError`; the database does not answer.
pub async fn by_link(app: &App, origin: &Origin, token: &str, new_password: &str) -> Result<()> {
    throttle::by_ip(app, origin, PerIp::Reset).await?;
    check_for_anybody(app, new_password).map_err(|violation| violation.at("new_password"))?;
    let challenge = codes::check_link(app, origin.now, token)
        .await?
        .ok_or(ErrorCode::OtpError)?;
    finish(app, origin, &challenge, new_password).await
}

/// The rules that hold for everybody, so that what is refused says nothing about the address.
///
/// # Errors
/// The rule that is broken.
pub fn check_for_anybody(app: &App, new_password: &str) -> Result<(), RuleViolation> {
    let checked = app.policy.check(new_password, &PasswordContext::default());
    checked.map(drop)
}

/// 1 the rules that depend on the person, spending nothing (RST-8); 2 hash; 3 audit; 4 consume code and link, once;
/// 5 end every session, clear the lockout, tell the owner (RST-4), all before the password is new: a crash after it must
/// not leave a stranger's session behind; 6 set the password; 7 end what began meanwhile. It does not log in.
async fn finish(
    app: &App,
    origin: &Origin,
    challenge: &OtpChallenge,
    new_password: &str,
) -> Result<()> {
    let now = origin.now;
    let user = app
        .store
        .accounts()
        .find_by_user_id(&challenge.subject)
        .await?;
    let user = user
        .filter(|user| user.status != Status::Disabled)
        .ok_or(ErrorCode::OtpError)?;
    let new = app
        .policy
        .check(new_password, &password::context_of(&user))
        .map_err(|violation| violation.at("new_password"))?;
    let hash = app.hasher.hash(new.as_bytes()).await?;
    audit::record(app, origin, Event::by(&user.user_id, Action::PasswordReset)).await?;
    if !app.store.challenges().consume(challenge, now).await? {
        return Err(too_late(app, origin, &user).await);
    }
    app.fail_point.pass("reset:end")?;
    let end_sessions = || sessions::end_all(app, &user.user_id, None, EndReason::Password, now);
    end_sessions().await?;
    app.store.lockouts().clear(&user.user_id).await?;
    outbox::notify(app, origin, &user, MailJob::PasswordReset).await?;
    app.fail_point.pass("reset:set")?;
    if !app.store.accounts().set_password(&user, &hash, now).await? {
        return Err(too_late(app, origin, &user).await);
    }
    app.fail_point.pass("reset:rest")?;
    end_sessions().await.map(drop)
}

/// Somebody else used the code or the link, or changed the account, after the trail was told of this reset.
async fn too_late(app: &App, origin: &Origin, user: &User) -> Error {
    let event = Event::refused(Some(&user.user_id), Action::PasswordReset);
    audit::record_refusal(app, origin, event).await;
    ErrorCode::OtpError.into()
}
