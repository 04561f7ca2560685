//! Forgotten passwords: a code and a link by mail, and a new password with either of them (RST-1 to RST-8).

use crate::{
    accounts::{
        documents::{Status, User},
        rules::identifier::email_key,
    },
    actions,
    app::App,
    codes::{
        self,
        check::{self, Against, Attempt, DayCounter},
        documents::{OtpChallenge, OtpPurpose, challenge_id},
        rules::OtpCode,
    },
    errors,
    letters::password_reset_done,
    mails::{documents::MailJob, outbox},
    password::{self, rules::PasswordContext},
    sessions::{self, documents::EndReason},
    throttle::{self, PerIp},
};
use chrono::Duration;

use kernel::{
    contact::EmailAddress,
    error::{Error, Result, RuleViolation},
    ids::UserId,
    request::Origin,
    role::Role,
    secret::Secret,
};
use platform::audit::{self, Event};

/// The fail points before the writes that follow the consumption of a code or link, for tests of crashes.
pub const STEPS: [&str; 3] = ["reset:end", "reset:set", "reset:rest"];

/// Mails a code and a link to the owner of the address. The answer is always the same (ENUM-3).
///
/// # Errors
/// `RateLimit` by the caller's IP address; `EmailError` if the outbox cannot store the mail job.
pub async fn request(app: &App, origin: &Origin, email: &EmailAddress) -> Result<Option<Secret>> {
    throttle::by_ip(app, origin, PerIp::ResetRequest).await?;
    let lifetime = Duration::minutes(app.settings.reset.link_minutes);
    let job = MailJob::ResetPassword;
    outbox::enqueue_codes(app, origin.into(), email.canonical(), job, lifetime).await
}

/// Sets a new password with the mailed code:
///
/// 1. Throttle.
/// 2. Check the rules for any password, before the code is looked at.
/// 3. Find the owner of the address, or use an id without an account (ENUM-8).
/// 4. Count the try, then compare.
/// 5. The rest, as in `finish`.
///
/// # Errors
/// `OtpError` for every kind of failure (ENUM-4); `ValidationError`.
pub async fn by_code(
    app: &App,
    origin: &Origin,
    (email, code): (&EmailAddress, Option<&OtpCode>),
    new_password: &str,
) -> Result<()> {
    throttle::by_ip(app, origin, PerIp::Reset).await?;
    check_common_rules(app, new_password).map_err(|violation| violation.at("new_password"))?;
    let email = email.canonical();
    let identifiers = app.store.identifiers();
    let owner = identifiers.find_owner(&[email_key(email)]).await?;
    let purpose = OtpPurpose::PasswordReset;
    let unknown = || UserId::generate(Role::Patient, &app.rng);
    let id = challenge_id(purpose, &owner.clone().unwrap_or_else(unknown));
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
        .ok_or(errors::OTP_ERROR)?;
    let done = finish(app, origin, &right.challenge, new_password).await;
    if matches!(
        &done,
        Err(Error {
            code: errors::VALIDATION_ERROR | errors::SERVICE_BUSY | errors::DATABASE_ERROR,
            ..
        })
    ) {
        check::return_attempt(app, &right).await?; // RST-8
    }
    done
}

/// Sets a new password with the mailed link, which has no limit of tries (OTP-4). An invitation is accepted the same
/// way.
pub async fn by_link(app: &App, origin: &Origin, token: &str, new_password: &str) -> Result<()> {
    throttle::by_ip(app, origin, PerIp::Reset).await?;
    check_common_rules(app, new_password).map_err(|violation| violation.at("new_password"))?;
    let challenge = codes::check_link(app, origin.now, token)
        .await?
        .ok_or(errors::OTP_ERROR)?;
    finish(app, origin, &challenge, new_password).await
}

/// Checks the rules that do not depend on the account, so that a refusal says nothing about the address.
pub fn check_common_rules(app: &App, new_password: &str) -> Result<(), RuleViolation> {
    let checked = app.policy.check(new_password, &PasswordContext::default());
    checked.map(drop)
}

/// Finishes a reset; it does not log in:
///
/// 1. Check the rules that depend on the person. A violation uses nothing up (RST-8).
/// 2. Hash the new password.
/// 3. Write the audit event.
/// 4. Consume code and link, once.
/// 5. End every session, clear the lockout, notify the owner (RST-4). This comes before the change, because a crash
///    after it must not leave a stranger's session behind.
/// 6. Set the password.
/// 7. End the sessions that began meanwhile.
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
        .ok_or(errors::OTP_ERROR)?;
    let new = app
        .policy
        .check(new_password, &password::context_of(&user))
        .map_err(|violation| violation.at("new_password"))?;
    let hash = app.hasher.hash(new.as_bytes()).await?;
    audit::record(
        app,
        origin,
        Event::by(&user.user_id, actions::PASSWORD_RESET),
    )
    .await?;
    if !app.store.challenges().consume(challenge, now).await? {
        return Err(too_late(app, origin, &user).await);
    }
    app.fail_point.pass("reset:end")?;
    let end_sessions = || sessions::end_all(app, &user.user_id, None, EndReason::Password, now);
    end_sessions().await?;
    app.store.lockouts().clear(&user.user_id).await?;
    outbox::notify(app, origin, &user, password_reset_done::job()).await?;
    app.fail_point.pass("reset:set")?;
    if !app.store.accounts().set_password(&user, &hash, now).await? {
        return Err(too_late(app, origin, &user).await);
    }
    app.fail_point.pass("reset:rest")?;
    end_sessions().await.map(drop)
}

/// Another request used the code or the link, or changed the account, after this reset was audited.
async fn too_late(app: &App, origin: &Origin, user: &User) -> Error {
    let event = Event::refused(Some(&user.user_id), actions::PASSWORD_RESET);
    audit::record_refusal(app, origin, event).await;
    errors::OTP_ERROR.into()
}
