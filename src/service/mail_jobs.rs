//! What an intent becomes: the codes that are due, within the limits of their address.

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
        outbox::{Asked, MailJob, OutboxRow},
        registration::PendingUser,
        user::{Status, User},
    },
    error::Result,
    mail,
};

/// Issues the codes that the intent asks for.
///
/// # Errors
/// The database does not answer.
pub(super) async fn challenges(
    app: &App,
    row: &OutboxRow,
    now: Timestamp,
) -> Result<Vec<OtpChallenge>> {
    Ok(match &row.intent {
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

/// A row that is worked on again was cut off the last time: the code made then was never mailed, and must not keep its
/// successor waiting.
fn cooldown(app: &App, row: &OutboxRow) -> Duration {
    if row.attempts > 1 {
        return Duration::zero();
    }
    Duration::seconds(app.settings.config.otp.cooldown_seconds)
}

/// The first code of a registration: exempt from the cooldown, not from the hourly limits (D2).
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
        // D1, strict: the owner of the address hears of it, once a day at the most; nobody else learns anything.
        let key = format!(
            "already-registered:{}",
            throttle::pseudonymize(app, &row.email)
        );
        if app.store.throttles().count(&key, 86_400, now).await?.count == 1 {
            let asked = Asked {
                at: now,
                language: row.language,
            };
            outbox::enqueue_notice(app, asked, &row.email, MailJob::AlreadyRegistered).await?;
        }
        outbox::note_not_made(app, registration, MailReason::HasAccount, now).await?;
        return Ok(Vec::new());
    }
    let code = renew_at_once(app, &pending, now).await?;
    Ok(code.into_iter().collect())
}

/// New codes for every live registration of an address; extends none.
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

/// A new code for one registration, whenever an administrator asks: the cooldown is there against strangers.
async fn renewed_code(
    app: &App,
    registration: &UserId,
    now: Timestamp,
) -> Result<Option<OtpChallenge>> {
    let Some(pending) = app.store.pending().find_live(registration, now).await? else {
        return Ok(None);
    };
    let taken = email_key(&pending.email);
    if app.store.identifiers().is_active(&taken).await? {
        outbox::note_not_made(app, registration, MailReason::HasAccount, now).await?;
        return Ok(None);
    }
    renew_at_once(app, &pending, now).await
}

/// A code without the cooldown; that there have been too many is noted for the desk, which waits for it.
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
        email: &pending.email,
        registration_digest: Some(&pending.registration_digest),
    };
    let purpose = OtpPurpose::Verification;
    codes::issue(app, now, purpose, recipient, lifetimes, cooldown).await
}

/// A reset for whoever has the address; a disabled account gets none. An invited one gets its invitation again: a
/// shorter link in its place would let anybody cut it off.
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

/// The link to the first password of an account that was made without one (REG-8); it lives as long as an invitation.
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
    // Strangers who asked in the name of the address must not use up what its owner needs.
    codes::forget_counts(app, purpose, &user.email).await?;
    let recipient = Recipient::account(account, &user.email);
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
    let recipient = Recipient::account(account, &user.email);
    let purpose = OtpPurpose::PasswordReset;
    codes::issue(app, now, purpose, recipient, lifetimes, cooldown(app, row)).await
}

/// The account that has an address.
///
/// # Errors
/// The database does not answer.
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

/// Writes down that the tries of codes for an address are used up: one row a day, whether or not the address is
/// somebody's, which the worker finds out (ENUM-8).
///
/// # Errors
/// `EmailError`: it cannot even be stored.
pub(in crate::service) async fn enqueue_codes_used_up(
    app: &App,
    asked: Asked,
    email: &str,
    purpose: OtpPurpose,
) -> Result<()> {
    let lifetime = Duration::hours(app.settings.config.email.notice_hours);
    let row = outbox::row(
        app,
        asked,
        email,
        MailJob::CodesUsedUp { purpose },
        lifetime,
    );
    let address = throttle::pseudonymize(app, email);
    let day = asked.at.date_naive();
    let id = format!("codes-used-up-{}-{address}-{day}", purpose.name());
    outbox::enqueue_row(app, OutboxRow { id, ..row }).await
}

/// Mails the link to the first password of an account that was made without one (REG-8). Repeating it changes nothing
/// until the mail is sent; after that another link takes the place of the one that was mailed.
///
/// # Errors
/// `EmailError`: it cannot even be stored.
pub(in crate::service) async fn enqueue_first_password(
    app: &App,
    asked: Asked,
    user: &User,
) -> Result<()> {
    let lifetime = Duration::hours(app.settings.config.registration.invitation_hours);
    let account = user.user_id.clone();
    let id = format!("first-password-{account}");
    let row = outbox::row(
        app,
        asked,
        &user.email,
        MailJob::FirstPassword { account },
        lifetime,
    );
    outbox::enqueue_row(app, OutboxRow { id, ..row }).await
}

/// Tells the owner of an address that its codes are used up, if it has one that was not told today: the notice takes the
/// place of the intent.
///
/// # Errors
/// The database does not answer.
pub(super) async fn codes_used_up(
    app: &App,
    row: &OutboxRow,
    purpose: OtpPurpose,
    now: Timestamp,
) -> Result<()> {
    let rows = app.store.outbox();
    if !check::is_owner_told(app, &row.email, purpose, now).await? {
        return Ok(rows.delete(row).await?);
    }
    let notice = OutboxRow {
        intent: MailJob::CodesBlocked,
        attempts: 0,
        due_at: row.created_at,
        ..row.clone()
    };
    rows.replace(row, &notice).await?;
    app.mail_due.notify_one();
    Ok(())
}
