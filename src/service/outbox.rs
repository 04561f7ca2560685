//! The mail outbox: a request writes an intent and answers; a worker does the rest (security.md D11, MAIL-1).

use chrono::Duration;

use super::{
    audit::{self, Event},
    codes::{self, Lifetimes},
};
use crate::{
    app::App,
    clock::Timestamp,
    config::Secret,
    domain::{
        audit::Action,
        identifier::email_key,
        ids::UserId,
        otp::{OtpChallenge, OtpPurpose},
        outbox::{Intent, OutboxRow},
        registration::PendingUser,
        request::Origin,
        user::{Status, User},
    },
    error::{Error, ErrorCode, Result},
    mail::{
        Mail,
        message::{self, Message},
    },
};

/// Writes an intent down and wakes the worker; it is of no use after `lifetime`.
///
/// # Errors
/// `EmailError`: it cannot even be stored.
pub async fn enqueue(
    app: &App,
    now: Timestamp,
    email: &str,
    intent: Intent,
    lifetime: Duration,
) -> Result<()> {
    insert(app, &row(app, now, email, intent, lifetime)).await?;
    app.mail_due.notify_one();
    Ok(())
}

fn row(app: &App, now: Timestamp, email: &str, intent: Intent, lifetime: Duration) -> OutboxRow {
    OutboxRow {
        id: app.rng.uuid().to_string(),
        email: email.to_owned(),
        intent,
        attempts: 0,
        due_at: now,
        expires_at: now + lifetime,
        created_at: now,
    }
}

async fn insert(app: &App, row: &OutboxRow) -> Result<()> {
    let inserted = app.store.outbox().insert(row).await;
    inserted.map_err(|error| {
        Error::new(ErrorCode::EmailError)
            .retry_after(5)
            .because(error)
    })
}

/// Tells the owner of `user` something that happened to the account (MAIL-7).
///
/// # Errors
/// `EmailError`: it cannot even be stored.
pub async fn notify(app: &App, origin: &Origin, user: &User, intent: Intent) -> Result<()> {
    enqueue_notice(app, origin.now, &user.email, intent).await
}

/// Tells an address something.
///
/// # Errors
/// `EmailError`: it cannot even be stored.
pub async fn enqueue_notice(app: &App, now: Timestamp, email: &str, intent: Intent) -> Result<()> {
    let lifetime = Duration::hours(app.settings.config.email.notice_hours);
    enqueue(app, now, email, intent, lifetime).await
}

/// Writes an intent that makes codes; with debug on, the worker's step runs within the request, and the newest code is
/// given back (contract.md 4). The row is leased to the request from the start, so that no worker comes first.
///
/// # Errors
/// `EmailError`: it cannot even be stored; the database does not answer.
pub async fn enqueue_codes(
    app: &App,
    now: Timestamp,
    email: &str,
    intent: Intent,
    lifetime: Duration,
) -> Result<Option<Secret>> {
    if !app.settings.debug() {
        return enqueue(app, now, email, intent, lifetime)
            .await
            .map(|()| None);
    }
    let row = OutboxRow {
        due_at: now + lease(app),
        ..row(app, now, email, intent, lifetime)
    };
    insert(app, &row).await?;
    resolve(app, &row, now).await
}

/// Works on everything that is due; how many rows there were. Safe on several instances at once.
///
/// # Errors
/// The database does not answer.
pub async fn tick(app: &App) -> Result<usize> {
    let mut worked = 0;
    loop {
        let now = app.clock.now();
        let Some(row) = app.store.outbox().claim(now, now + lease(app)).await? else {
            return Ok(worked);
        };
        worked += 1;
        if row.expires_at <= now {
            tracing::warn!(mail_id = %row.id, "a mail was given up: it came too late to be of use");
            app.store.outbox().delete(&row.id).await?;
        } else if let Err(error) = work(app, &row, now).await {
            let wait = backoff(app, row.attempts);
            let reason = error.source.as_ref().map(ToString::to_string);
            tracing::warn!(mail_id = %row.id, attempts = row.attempts, retry_seconds = wait.num_seconds(),
                reason, "a mail could not be sent, it will be tried again");
            app.store
                .outbox()
                .retry(&row, app.clock.now() + wait)
                .await?;
        }
    }
}

fn lease(app: &App) -> Duration {
    Duration::seconds(app.settings.config.email.lease_seconds)
}

/// Doubling from the first wait to the longest.
fn backoff(app: &App, attempts: i32) -> Duration {
    let config = &app.settings.config.email;
    let doublings = attempts.saturating_sub(1).clamp(0, 20).unsigned_abs();
    let wait = config
        .retry_first_seconds
        .saturating_mul(1_i64 << doublings);
    Duration::seconds(wait.min(config.retry_max_seconds))
}

async fn work(app: &App, row: &OutboxRow, now: Timestamp) -> Result<()> {
    match &row.intent {
        Intent::Registered { .. }
        | Intent::RenewCodes
        | Intent::RenewCode { .. }
        | Intent::ResetPassword
        | Intent::Invitation { .. } => resolve(app, row, now).await.map(drop),
        Intent::Code { challenge, otp_id } => {
            if let Some(mail) = code_mail(app, challenge, otp_id, now).await? {
                send(app, row, &mail, now).await?;
            }
            Ok(app.store.outbox().delete(&row.id).await?)
        }
        notice => {
            if let Some(message) = notice_message(notice, row.created_at) {
                let mail = render(app, &message, &row.email)?;
                send(app, row, &mail, now).await?;
            }
            Ok(app.store.outbox().delete(&row.id).await?)
        }
    }
}

/// Turns an intent into codes and the rows that mail them, and removes it. Repeating it after a crash makes new codes
/// in the place of the old ones, so that the mails that count are those of the last time. The newest code, if any.
async fn resolve(app: &App, row: &OutboxRow, now: Timestamp) -> Result<Option<Secret>> {
    let challenges = match &row.intent {
        Intent::Registered { registration } => first_code(app, row, registration, now).await?,
        Intent::RenewCodes => renew_codes(app, row, now).await?,
        Intent::RenewCode { registration } => {
            match app.store.pending().find_live(registration, now).await? {
                Some(pending) => renew(app, &pending, now, cooldown(app, row))
                    .await?
                    .into_iter()
                    .collect(),
                None => Vec::new(),
            }
        }
        Intent::ResetPassword => reset_code(app, row, now).await?.into_iter().collect(),
        Intent::Invitation { account } => invitation(app, row, account, now)
            .await?
            .into_iter()
            .collect(),
        _ => Vec::new(),
    };
    let mut newest = None;
    for (place, challenge) in challenges.iter().enumerate() {
        let mail = OutboxRow {
            id: format!("{}-{place}-{}", row.id, row.attempts),
            email: challenge.email.clone(),
            intent: Intent::Code {
                challenge: challenge.id.clone(),
                otp_id: challenge.otp_id.clone(),
            },
            attempts: 0,
            due_at: now,
            expires_at: challenge.expires_at,
            created_at: now,
        };
        app.store.outbox().insert(&mail).await?;
        newest = codes::code_of(app, challenge);
    }
    app.store.outbox().delete(&row.id).await?;
    if !challenges.is_empty() {
        app.mail_due.notify_one();
    }
    Ok(newest)
}

/// A row that is worked on again was cut off the last time: the code made then was never mailed, and must not keep its
/// successor waiting.
fn cooldown(app: &App, row: &OutboxRow) -> Duration {
    if row.attempts > 1 {
        return Duration::zero();
    }
    Duration::seconds(app.settings.config.otp.cooldown_seconds)
}

/// The first code of a registration: exempt from the cooldown, not from the hourly limits (security.md D2).
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
            super::throttle::blind(app, &row.email)
        );
        if app.store.throttles().count(&key, 86_400, now).await?.count == 1 {
            enqueue_notice(app, now, &row.email, Intent::AlreadyRegistered).await?;
        }
        return Ok(Vec::new());
    }
    Ok(renew(app, &pending, now, Duration::zero())
        .await?
        .into_iter()
        .collect())
}

/// New codes for every live registration of an address; extends none.
async fn renew_codes(app: &App, row: &OutboxRow, now: Timestamp) -> Result<Vec<OtpChallenge>> {
    let email = &row.email;
    let mut challenges = Vec::new();
    if app.store.identifiers().is_active(&email_key(email)).await? {
        return Ok(challenges);
    }
    for pending in app.store.pending().list_live_by_email(email, now).await? {
        challenges.extend(renew(app, &pending, now, cooldown(app, row)).await?);
    }
    Ok(challenges)
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
    let lifetimes = Lifetimes { code, row: code };
    let subject = (&pending.user_id, pending.email.as_str());
    codes::issue(
        app,
        now,
        OtpPurpose::Verification,
        subject,
        lifetimes,
        cooldown,
    )
    .await
}

/// A reset for whoever has the address; a disabled account gets none.
async fn reset_code(app: &App, row: &OutboxRow, now: Timestamp) -> Result<Option<OtpChallenge>> {
    let email = row.email.as_str();
    let Some(user) = find_by_email(app, email).await? else {
        return Ok(None);
    };
    match user.status {
        Status::Active => {}
        Status::Disabled => return Ok(None),
        // A shorter link in the place of the invitation would let anybody cut it off.
        Status::Invited => return invitation(app, row, &user.user_id, now).await,
    }
    let config = &app.settings.config;
    let code = Duration::minutes(config.otp.expire_minutes);
    let link = code.max(Duration::minutes(config.reset.link_minutes));
    let subject = (&user.user_id, email);
    let lifetimes = Lifetimes { code, row: link };
    codes::issue(
        app,
        now,
        OtpPurpose::PasswordReset,
        subject,
        lifetimes,
        cooldown(app, row),
    )
    .await
}

async fn invitation(
    app: &App,
    outbox: &OutboxRow,
    account: &UserId,
    now: Timestamp,
) -> Result<Option<OtpChallenge>> {
    let Some(user) = app.store.accounts().find_by_user_id(account).await? else {
        return Ok(None);
    };
    if user.status != Status::Invited {
        return Ok(None);
    }
    let row = Duration::hours(app.settings.config.registration.invitation_hours);
    let lifetimes = Lifetimes {
        code: Duration::zero(),
        row,
    };
    let subject = (account, user.email.as_str());
    codes::issue(
        app,
        now,
        OtpPurpose::PasswordReset,
        subject,
        lifetimes,
        cooldown(app, outbox),
    )
    .await
}

/// The account that has an address.
///
/// # Errors
/// The database does not answer.
pub async fn find_by_email(app: &App, email: &str) -> Result<Option<User>> {
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

/// The mail of a code that is still the current one of its subject; the same on each try.
async fn code_mail(
    app: &App,
    challenge: &str,
    otp_id: &str,
    now: Timestamp,
) -> Result<Option<Mail>> {
    let current = app.store.challenges().find(challenge).await?;
    let Some(challenge) = current.filter(|current| {
        current.otp_id == otp_id && current.used_at.is_none() && current.expires_at > now
    }) else {
        return Ok(None);
    };
    let Some(code) = codes::code_of(app, &challenge) else {
        return Ok(None);
    };
    let message = match challenge.purpose {
        OtpPurpose::Verification => {
            let pending = app
                .store
                .pending()
                .find_live(&challenge.subject, now)
                .await?;
            let Some(pending) = pending else {
                return Ok(None);
            };
            Message::VerificationCode {
                code,
                username: pending.username,
                expires_minutes: (challenge.code_expires_at - challenge.created_at).num_minutes(),
            }
        }
        OtpPurpose::PasswordReset => {
            let Some(link) = link_of(app, &challenge) else {
                return Ok(None);
            };
            let user = app
                .store
                .accounts()
                .find_by_user_id(&challenge.subject)
                .await?;
            match user {
                Some(user) if user.status == Status::Invited => Message::Invitation {
                    link,
                    hours: app.settings.config.registration.invitation_hours,
                    first_name: Some(user.first_name),
                },
                Some(_) => Message::PasswordReset {
                    code,
                    link,
                    code_minutes: app.settings.config.otp.expire_minutes,
                    link_minutes: app.settings.config.reset.link_minutes,
                },
                None => return Ok(None),
            }
        }
    };
    render(app, &message, &challenge.email).map(Some)
}

/// The link of a reset or an invitation: from the configuration alone (RST-2), the token in the fragment, which no
/// server and no mail scanner's GET sees (RST-3).
#[must_use]
pub fn link_of(app: &App, challenge: &OtpChallenge) -> Option<Secret> {
    let token = codes::link_token_of(app, challenge)?;
    let config = &app.settings.config;
    let page = config.reset.page_url.clone().unwrap_or_else(|| {
        format!(
            "{}/static/reset.html",
            config.service.public_base_url.trim_end_matches('/')
        )
    });
    Some(Secret::new(format!("{page}#token={}", token.expose())))
}

fn notice_message(intent: &Intent, at: Timestamp) -> Option<Message> {
    Some(match intent {
        Intent::AlreadyRegistered => Message::AlreadyRegistered,
        Intent::PasswordChanged => Message::PasswordChanged { at },
        Intent::PasswordReset => Message::PasswordResetDone { at },
        Intent::SignInAfterFailures => Message::SignInAfterFailures { at, ip: None },
        Intent::RefreshReplayed => Message::RefreshTokenReplayed { at },
        Intent::CodesBlocked => Message::CodesBlocked,
        Intent::Registered { .. }
        | Intent::RenewCodes
        | Intent::RenewCode { .. }
        | Intent::ResetPassword
        | Intent::Invitation { .. }
        | Intent::Code { .. } => return None,
    })
}

fn render(app: &App, message: &Message, to: &str) -> Result<Mail> {
    message::render(message, to, &app.sender).map_err(Error::internal)
}

async fn send(app: &App, row: &OutboxRow, mail: &Mail, now: Timestamp) -> Result<()> {
    app.mailer
        .send(mail, &row.id, now)
        .await
        .map_err(|error| Error::new(ErrorCode::EmailError).because(error))?;
    tracing::info!(mail_id = %row.id, attempts = row.attempts, "mail sent");
    if let Intent::Code { .. } = row.intent {
        let origin = Origin::of_the_service(row.id.clone(), now);
        audit::record_refusal(app, &origin, Event::done(None, Action::CodeSent)).await;
    }
    Ok(())
}
