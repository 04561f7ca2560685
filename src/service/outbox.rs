//! The mail outbox: a request writes an intent and answers; a worker does the rest (security.md D11, MAIL-1).

use chrono::Duration;

use super::{
    audit::{self, Event},
    codes, intents,
};
use crate::{
    app::App,
    clock::Timestamp,
    config::Secret,
    domain::{
        audit::Action,
        mail_language::MailLanguage,
        otp::{OtpChallenge, OtpPurpose, subject_of},
        outbox::{Asked, Intent, OutboxRow},
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
    asked: Asked,
    email: &str,
    intent: Intent,
    lifetime: Duration,
) -> Result<()> {
    enqueue_row(app, row(app, asked, email, intent, lifetime)).await
}

/// The row of an intent.
pub(super) fn row(
    app: &App,
    asked: Asked,
    email: &str,
    intent: Intent,
    lifetime: Duration,
) -> OutboxRow {
    OutboxRow {
        id: app.rng.uuid().to_string(),
        email: email.to_owned(),
        intent,
        language: asked.language,
        attempts: 0,
        due_at: asked.at,
        expires_at: asked.at + lifetime,
        created_at: asked.at,
    }
}

/// Writes a row down and wakes the worker; one that is there already stays as it is.
///
/// # Errors
/// `EmailError`: it cannot even be stored.
pub(super) async fn enqueue_row(app: &App, row: OutboxRow) -> Result<()> {
    insert(app, &row).await?;
    app.mail_due.notify_one();
    Ok(())
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
    enqueue_notice(app, origin.into(), &user.email, intent).await
}

/// Tells an address something.
///
/// # Errors
/// `EmailError`: it cannot even be stored.
pub async fn enqueue_notice(app: &App, asked: Asked, email: &str, intent: Intent) -> Result<()> {
    let lifetime = Duration::hours(app.settings.config.email.notice_hours);
    enqueue(app, asked, email, intent, lifetime).await
}

/// Writes an intent that makes codes; with debug on, the worker's step runs within the request, and the newest code is
/// given back (contract.md 4). The row is leased to the request from the start, so that no worker comes first.
///
/// # Errors
/// `EmailError`: it cannot even be stored; the database does not answer.
pub async fn enqueue_codes(
    app: &App,
    asked: Asked,
    email: &str,
    intent: Intent,
    lifetime: Duration,
) -> Result<Option<Secret>> {
    if !app.settings.debug() {
        return enqueue(app, asked, email, intent, lifetime)
            .await
            .map(|()| None);
    }
    let row = OutboxRow {
        due_at: asked.at + lease(app),
        ..row(app, asked, email, intent, lifetime)
    };
    insert(app, &row).await?;
    resolve(app, &row, asked.at).await
}

/// Works on everything that is due; how many rows there were. Safe on several instances at once.
///
/// # Errors
/// The database does not answer.
pub async fn tick(app: &App) -> Result<usize> {
    let mut worked = 0;
    while work_on_next(app).await? {
        worked += 1;
    }
    Ok(worked)
}

/// Works on one row that is due; false: there is none.
///
/// # Errors
/// The database does not answer.
pub async fn work_on_next(app: &App) -> Result<bool> {
    let now = app.clock.now();
    let Some(row) = app.store.outbox().claim(now, now + lease(app)).await? else {
        return Ok(false);
    };
    if row.expires_at <= now {
        tracing::warn!(mail_id = %row.id, "a mail was given up: it came too late to be of use");
        count(app, "given_up");
        app.store.outbox().delete(&row).await?;
    } else if let Err(error) = work(app, &row, now).await {
        count(app, "failed");
        let wait = backoff(app, row.attempts);
        let due_at = app.clock.now() + wait;
        let noted = app.store.outbox().retry(&row, due_at).await;
        // Told when it is noted, so that it is true even if the process is killed here.
        let reason = error.source.as_ref().map(ToString::to_string);
        tracing::warn!(mail_id = %row.id, attempts = row.attempts, retry_seconds = wait.num_seconds(),
            reason, "a mail could not be sent, it will be tried again");
        noted?;
    }
    Ok(true)
}

fn count(app: &App, outcome: &'static str) {
    app.measures.mails.with_label_values(&[outcome]).inc();
}

/// Looks how many mails wait and since when; called by a loop.
///
/// # Errors
/// The database does not answer.
pub async fn watch(app: &App) -> Result<()> {
    let waiting = app.store.outbox().waiting().await?;
    let now = app.clock.now();
    let age = waiting
        .oldest
        .map_or(0, |oldest| (now - oldest).num_seconds());
    app.measures.mail_queue.set(waiting.count);
    app.measures.mail_oldest.set(age.max(0));
    Ok(())
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
        | Intent::FirstPassword { .. }
        | Intent::Invitation { .. } => resolve(app, row, now).await.map(drop),
        Intent::CodesUsedUp { purpose } => intents::codes_used_up(app, row, *purpose, now).await,
        Intent::Code { challenge, otp_id } => {
            if let Some(mail) = code_mail(app, row, (challenge, otp_id), now).await? {
                send(app, row, &mail, now).await?;
            }
            Ok(app.store.outbox().delete(row).await?)
        }
        notice => {
            if let Some(message) = notice_message(notice, row.created_at) {
                let owner = intents::find_by_email(app, &row.email).await?;
                let language = language(row, owner.and_then(|owner| owner.fields.language));
                let mail = render(app, &message, language, &row.email)?;
                send(app, row, &mail, now).await?;
            }
            Ok(app.store.outbox().delete(row).await?)
        }
    }
}

/// Turns an intent into codes and the rows that mail them: the last one takes the intent's place. Repeating it after a
/// crash makes new codes in the place of the old ones, so that the mails that count are those of the last time. The newest
/// code, if any.
async fn resolve(app: &App, row: &OutboxRow, now: Timestamp) -> Result<Option<Secret>> {
    let outbox = app.store.outbox();
    let challenges = intents::challenges(app, row, now).await?;
    let Some((last, others)) = challenges.split_last() else {
        outbox.delete(row).await?;
        return Ok(None);
    };
    for (place, challenge) in others.iter().enumerate() {
        let id = format!("{}-{place}-{}", row.id, row.attempts);
        outbox.insert(&mail_of(row, challenge, id, now)).await?;
    }
    let mail = mail_of(row, last, row.id.clone(), now);
    outbox.replace(row, &mail).await?;
    app.mail_due.notify_one();
    Ok(codes::code_of(app, last))
}

fn mail_of(row: &OutboxRow, challenge: &OtpChallenge, id: String, now: Timestamp) -> OutboxRow {
    OutboxRow {
        id,
        email: challenge.email.clone(),
        intent: Intent::Code {
            challenge: challenge.id.clone(),
            otp_id: challenge.otp_id.clone(),
        },
        language: row.language,
        attempts: 0,
        due_at: now,
        expires_at: challenge.expires_at,
        created_at: now,
    }
}

/// The mail of a code that is still the current one of its subject; the same on each try.
async fn code_mail(
    app: &App,
    row: &OutboxRow,
    (challenge, otp_id): (&str, &str),
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
    let (message, chosen) = match challenge.purpose {
        OtpPurpose::Verification => {
            let pending = app
                .store
                .pending()
                .find_live(&challenge.subject, now)
                .await?;
            let Some(pending) = pending else {
                return Ok(None);
            };
            let message = Message::VerificationCode {
                code,
                username: pending.username,
                expires_minutes: (challenge.code_expires_at - challenge.created_at).num_minutes(),
            };
            (message, pending.fields.language)
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
            let Some(user) = user else {
                return Ok(None);
            };
            let message = if user.status == Status::Invited {
                Message::Invitation {
                    link,
                    hours: app.settings.config.registration.invitation_hours,
                    name: Some(user.full_name()).filter(|name| !name.is_empty()),
                }
            } else if challenge.has_no_code() && user.password_hash.is_none() {
                Message::FirstPassword {
                    link,
                    hours: app.settings.config.registration.invitation_hours,
                    username: user.username,
                }
            } else {
                Message::PasswordReset {
                    code,
                    link,
                    code_minutes: app.settings.config.otp.expire_minutes,
                    link_minutes: app.settings.config.reset.link_minutes,
                }
            };
            (message, user.fields.language)
        }
    };
    let language = language(row, chosen);
    render(app, &message, language, &challenge.email).map(Some)
}

/// The language of the account, or of the request; only the owner of the address ever sees which (ENUM-3).
fn language(row: &OutboxRow, chosen: Option<String>) -> MailLanguage {
    let chosen = chosen.and_then(|tag| MailLanguage::from_tag(&tag));
    chosen.or(row.language).unwrap_or_default()
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
        Intent::SignInAfterFailures { ip } => {
            let ip = ip.as_deref().and_then(|ip| ip.parse().ok());
            Message::SignInAfterFailures { at, ip }
        }
        Intent::RefreshReplayed => Message::RefreshTokenReplayed { at },
        Intent::CodesBlocked => Message::CodesBlocked,
        Intent::Registered { .. }
        | Intent::RenewCodes
        | Intent::RenewCode { .. }
        | Intent::ResetPassword
        | Intent::Invitation { .. }
        | Intent::FirstPassword { .. }
        | Intent::CodesUsedUp { .. }
        | Intent::Code { .. } => return None,
    })
}

fn render(app: &App, message: &Message, language: MailLanguage, to: &str) -> Result<Mail> {
    message::render(message, language, to, &app.sender).map_err(Error::internal)
}

async fn send(app: &App, row: &OutboxRow, mail: &Mail, now: Timestamp) -> Result<()> {
    app.mailer
        .send(mail, &row.id, now)
        .await
        .map_err(|error| Error::new(ErrorCode::EmailError).because(error))?;
    count(app, "sent");
    tracing::info!(mail_id = %row.id, attempts = row.attempts, "mail sent");
    if let Intent::Code { challenge, .. } = &row.intent {
        let origin = Origin::of_the_service(row.id.clone(), now);
        let subject = subject_of(challenge);
        let event = Event::done(subject.as_ref(), Action::CodeSent);
        audit::record_refusal(app, &origin, event).await;
    }
    Ok(())
}
