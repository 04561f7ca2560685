//! Issues the codes of mail jobs, within the limits of their address.

use chrono::Duration;

use super::{
    codes::{self, Lifetimes, Recipient, check},
    outbox, throttle,
};
use crate::{
    app::App,
    clock::Timestamp,
    domain::{
        identifier::email_key,
        ids::UserId,
        mail_state::MailReason,
        otp::{OtpChallenge, OtpPurpose},
        outbox::{MailJob, MailRequest, OutboxRow},
        registration::PendingUser,
        user::{Status, User},
    },
    error::Result,
    mail,
};

/// Issues the codes that the mail job asks for.
pub(super) async fn challenges(
    app: &App,
    row: &OutboxRow,
    now: Timestamp,
) -> Result<Vec<OtpChallenge>> {
    Ok(match &row.job {
        MailJob::Registered { registration } => first_code(app, row, registration, now).await?,
        MailJob::RenewCodes => renew_codes(app, row, now).await?,
        MailJob::RenewCode { registration } => renewed_code(app, registration, now)
            .await?
            .into_iter()
            .collect(),
        MailJob::ResetPassword => reset_code(app, row, now).await?.into_iter().collect(),
        MailJob::Invitation { account } => invitation(app, row, account, now)
            .await?
            .into_iter()
            .collect(),
        MailJob::FirstPassword { account } => first_password(app, account, now)
            .await?
            .into_iter()
            .collect(),
        _ => Vec::new(),
    })
}

/// The cooldown of a row's code. A row that is worked on again was interrupted: its code was never mailed, and must not
/// make the next one wait.
fn cooldown(app: &App, row: &OutboxRow) -> Duration {
    if row.attempts > 1 {
        return Duration::zero();
    }
    Duration::seconds(app.settings.config.otp.cooldown_seconds)
}

/// The first code of a registration. The cooldown does not apply to it, the hourly limits do (D2).
async fn first_code(
    app: &App,
    row: &OutboxRow,
    registration: &UserId,
    now: Timestamp,
) -> Result<Vec<OtpChallenge>> {
    let Some(pending) = app.store.pending().find_live(registration, now).await? else {
        return Ok(Vec::new());
    };
    if app
        .store
        .identifiers()
        .is_active(&email_key(&row.email))
        .await?
    {
        // D1, strict: the owner of the address is notified, once a day at most. The caller learns nothing.
        let key = format!(
            "already-registered:{}",
            throttle::pseudonymize(app, &row.email)
        );
        if app.store.throttles().count(&key, 86_400, now).await?.count == 1 {
            let request = MailRequest {
                at: now,
                language: row.language,
            };
            outbox::enqueue_notice(app, request, &row.email, MailJob::AlreadyRegistered).await?;
        }
        outbox::note_not_made(app, registration, MailReason::HasAccount, now).await?;
        return Ok(Vec::new());
    }
    let code = renew_at_once(app, &pending, now).await?;
    Ok(code.into_iter().collect())
}

/// New codes for every live registration of an address. They do not extend a registration.
async fn renew_codes(app: &App, row: &OutboxRow, now: Timestamp) -> Result<Vec<OtpChallenge>> {
    let mut challenges = Vec::new();
    let email = row.email.as_str();
    if app.store.identifiers().is_active(&email_key(email)).await? {
        return Ok(challenges);
    }
    for pending in app.store.pending().list_live_by_email(email, now).await? {
        challenges.extend(renew(app, &pending, now, cooldown(app, row)).await?);
    }
    Ok(challenges)
}

/// A new code for one registration, at any time, because an administrator asked: the cooldown is against strangers.
async fn renewed_code(
    app: &App,
    registration: &UserId,
    now: Timestamp,
) -> Result<Option<OtpChallenge>> {
    let Some(pending) = app.store.pending().find_live(registration, now).await? else {
        return Ok(None);
    };
    let taken = email_key(pending.email());
    if app.store.identifiers().is_active(&taken).await? {
        outbox::note_not_made(app, registration, MailReason::HasAccount, now).await?;
        return Ok(None);
    }
    renew_at_once(app, &pending, now).await
}

/// A code without the cooldown. If there were too many codes, this is noted for the administrator, who waits for it.
async fn renew_at_once(
    app: &App,
    pending: &PendingUser,
    now: Timestamp,
) -> Result<Option<OtpChallenge>> {
    let code = renew(app, pending, now, Duration::zero()).await?;
    if code.is_none() {
        outbox::note_not_made(app, &pending.user_id, MailReason::TooManyCodes, now).await?;
    }
    Ok(code)
}

async fn renew(
    app: &App,
    pending: &PendingUser,
    now: Timestamp,
    cooldown: Duration,
) -> Result<Option<OtpChallenge>> {
    let until_end = pending
        .expires_at
        .map_or_else(Duration::zero, |end| end - now);
    let code = Duration::minutes(app.settings.config.otp.expire_minutes).min(until_end);
    let lifetimes = Lifetimes {
        code,
        link: Duration::zero(),
    };
    let recipient = Recipient {
        subject: &pending.user_id,
        email: pending.email(),
        registration_digest: Some(&pending.registration_digest),
    };
    let purpose = OtpPurpose::Verification;
    codes::issue(app, now, purpose, recipient, lifetimes, cooldown).await
}

/// A reset code for the account of an address. A disabled account gets none. An invited account gets its invitation
/// again: with a shorter link instead, any caller could cut the invitation short.
async fn reset_code(app: &App, row: &OutboxRow, now: Timestamp) -> Result<Option<OtpChallenge>> {
    let Some(user) = find_by_email(app, &row.email).await? else {
        return Ok(None);
    };
    if !mail::is_mailable(&row.email) {
        tracing::warn!(user_id = %user.user_id, "a reset cannot be mailed: the account's address is none");
        return Ok(None);
    }
    match user.status {
        Status::Active => {}
        Status::Disabled => return Ok(None),
        Status::Invited => return invitation(app, row, &user.user_id, now).await,
    }
    let config = &app.settings.config;
    let lifetimes = Lifetimes {
        code: Duration::minutes(config.otp.expire_minutes),
        link: Duration::minutes(config.reset.link_minutes),
    };
    let recipient = Recipient::account(&user.user_id, &row.email);
    let purpose = OtpPurpose::PasswordReset;
    codes::issue(app, now, purpose, recipient, lifetimes, cooldown(app, row)).await
}

/// The link to the first password of an account that was made without one (REG-8). It is valid as long as an
/// invitation.
async fn first_password(
    app: &App,
    account: &UserId,
    now: Timestamp,
) -> Result<Option<OtpChallenge>> {
    let user = app.store.accounts().find_by_user_id(account).await?;
    let waits = |user: &User| user.status != Status::Disabled && user.password_hash.is_none();
    let Some(user) = user.filter(waits) else {
        return Ok(None);
    };
    let lifetimes = Lifetimes {
        code: Duration::zero(),
        link: Duration::hours(app.settings.config.registration.invitation_hours),
    };
    let purpose = OtpPurpose::PasswordReset;
    // Strangers who asked in the name of the address must not use up the codes that its owner needs.
    codes::forget_counts(app, purpose, user.email()).await?;
    let recipient = Recipient::account(account, user.email());
    codes::issue(app, now, purpose, recipient, lifetimes, Duration::zero()).await
}

async fn invitation(
    app: &App,
    row: &OutboxRow,
    account: &UserId,
    now: Timestamp,
) -> Result<Option<OtpChallenge>> {
    let Some(user) = app.store.accounts().find_by_user_id(account).await? else {
        return Ok(None);
    };
    if user.status != Status::Invited {
        return Ok(None);
    }
    let lifetimes = Lifetimes {
        code: Duration::zero(),
        link: Duration::hours(app.settings.config.registration.invitation_hours),
    };
    let recipient = Recipient::account(account, user.email());
    let purpose = OtpPurpose::PasswordReset;
    codes::issue(app, now, purpose, recipient, lifetimes, cooldown(app, row)).await
}

/// The account that has an address.
pub(super) async fn find_by_email(app: &App, email: &str) -> Result<Option<User>> {
    match app
        .store
        .identifiers()
        .find_owner(&[email_key(email)])
        .await?
    {
        Some(owner) => Ok(app.store.accounts().find_by_user_id(&owner).await?),
        None => Ok(None),
    }
}

/// Enqueues the notice that the tries of codes for an address are used up: one row a day, also for an address without
/// an account. The worker finds out whether there is one (ENUM-8).
///
/// # Errors
/// `EmailError` if the outbox cannot store the mail job.
pub(in crate::service) async fn enqueue_codes_used_up(
    app: &App,
    request: MailRequest,
    email: &str,
    purpose: OtpPurpose,
) -> Result<()> {
    let lifetime = Duration::hours(app.settings.config.email.notice_hours);
    let row = outbox::row(
        app,
        request,
        email,
        MailJob::CodesUsedUp { purpose },
        lifetime,
    );
    let address = throttle::pseudonymize(app, email);
    let day = request.at.date_naive();
    let id = format!("codes-used-up-{}-{address}-{day}", purpose.name());
    outbox::enqueue_row(app, OutboxRow { id, ..row }).await
}

/// Mails the link to the first password of an account that was made without one (REG-8). A repetition changes nothing
/// until the mail is sent; after that a new link replaces the mailed one.
///
/// # Errors
/// `EmailError` if the outbox cannot store the mail job.
pub(in crate::service) async fn enqueue_first_password(
    app: &App,
    request: MailRequest,
    user: &User,
) -> Result<()> {
    let lifetime = Duration::hours(app.settings.config.registration.invitation_hours);
    let account = user.user_id.clone();
    let id = format!("first-password-{account}");
    let row = outbox::row(
        app,
        request,
        user.email(),
        MailJob::FirstPassword { account },
        lifetime,
    );
    outbox::enqueue_row(app, OutboxRow { id, ..row }).await
}

/// Notifies the owner of an address that its codes are used up, unless there is no owner or it was notified today. The
/// notice replaces the mail job.
pub(super) async fn codes_used_up(
    app: &App,
    row: &OutboxRow,
    purpose: OtpPurpose,
    now: Timestamp,
) -> Result<()> {
    let rows = app.store.outbox();
    if !check::should_notify_owner(app, &row.email, purpose, now).await? {
        return Ok(rows.delete(row).await?);
    }
    let notice = OutboxRow {
        job: MailJob::CodesBlocked,
        attempts: 0,
        due_at: row.created_at,
        ..row.clone()
    };
    rows.replace(row, &notice).await?;
    app.mail_due.notify_one();
    Ok(())
}
