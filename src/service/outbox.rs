//! The mail outbox: a request writes an intent and answers; a worker does the rest (D11, MAIL-1).

use std::pin::pin;

use chrono::Duration;
use tokio::time::timeout;

use super::{
    audit::{self, Event},
    codes,
    letters::{self, Letter},
    mail_jobs,
};
use crate::{
    app::App,
    clock::Timestamp,
    config::Secret,
    domain::{
        audit::Action,
        ids::UserId,
        mail_state::{CodeMail, MailReason, MailRefusal},
        otp::{OtpChallenge, OtpPurpose, challenge_id, subject_of},
        outbox::{Asked, MailJob, OutboxRow},
        request::Origin,
        user::User,
    },
    error::{Error, ErrorCode, Result},
    mail::Refusal,
};

/// Writes an intent down and wakes the worker; it is of no use after `lifetime`.
///
/// # Errors
/// `EmailError`: it cannot even be stored.
pub async fn enqueue(
    app: &App,
    asked: Asked,
    email: &str,
    intent: MailJob,
    lifetime: Duration,
) -> Result<()> {
    enqueue_row(app, row(app, asked, email, intent, lifetime)).await
}

/// The row of an intent.
pub(super) fn row(
    app: &App,
    asked: Asked,
    email: &str,
    intent: MailJob,
    lifetime: Duration,
) -> OutboxRow {
    OutboxRow {
        id: app.rng.uuid().to_string(),
        email: email.to_owned(),
        user_id: None,
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
pub async fn notify(app: &App, origin: &Origin, user: &User, intent: MailJob) -> Result<()> {
    let notice = notice(app, origin.into(), &user.email, intent);
    let user_id = Some(user.user_id.clone());
    enqueue_row(app, OutboxRow { user_id, ..notice }).await
}

/// Tells an address something.
///
/// # Errors
/// `EmailError`: it cannot even be stored.
pub async fn enqueue_notice(app: &App, asked: Asked, email: &str, intent: MailJob) -> Result<()> {
    enqueue_row(app, notice(app, asked, email, intent)).await
}

fn notice(app: &App, asked: Asked, email: &str, intent: MailJob) -> OutboxRow {
    let lifetime = Duration::hours(app.settings.config.email.notice_hours);
    row(app, asked, email, intent, lifetime)
}

/// Writes an intent that makes codes; with debug on, the worker's step runs within the request, and the newest code is
/// given back. The row is leased to the request from the start, so that no worker comes first.
///
/// # Errors
/// `EmailError`: it cannot even be stored; the database does not answer.
pub async fn enqueue_codes(
    app: &App,
    asked: Asked,
    email: &str,
    intent: MailJob,
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
    let Some(mut row) = app.store.outbox().claim(now, now + lease(app)).await? else {
        return Ok(false);
    };
    if let Err(error) = work(app, &mut row, now).await {
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

/// What is written of the row in the end is written only while this worker still has it.
async fn work(app: &App, row: &mut OutboxRow, now: Timestamp) -> Result<()> {
    if row.expires_at <= now {
        return give_up(app, row).await;
    }
    if let MailJob::CodesUsedUp { purpose } = row.intent {
        return mail_jobs::codes_used_up(app, row, purpose, now).await;
    }
    let mail = match letters::of(app, row, now).await? {
        Letter::IsNotMadeYet => return resolve(app, row, now).await.map(drop),
        Letter::IsNotNeeded => return Ok(app.store.outbox().delete(row).await?),
        Letter::IsTooLate => return give_up(app, row).await,
        Letter::Is(mail) => mail,
    };
    let message_id = row.id.clone();
    let sending = app.mailer.send(&mail, &message_id, now);
    match while_it_is_ours(app, row, sending).await {
        None => tracing::warn!(mail_id = %row.id, "a mail was left to another instance"),
        Some(Ok(())) => sent(app, row, now).await?,
        Some(Err(error)) => match error.refusal() {
            Some(refusal) => refused(app, row, refusal, now).await?,
            None => return Err(Error::new(ErrorCode::EmailError).because(error)),
        },
    }
    Ok(())
}

/// Lets a mail be sent, and renews its lease meanwhile, three times in its length. None: the lease is lost, so that
/// another instance may be sending the mail, and this one stops (MAIL-8).
async fn while_it_is_ours<T>(
    app: &App,
    row: &mut OutboxRow,
    sending: impl Future<Output = T>,
) -> Option<T> {
    let mut sending = pin!(sending);
    loop {
        let left = row.due_at - app.clock.now();
        let pause = left.min(lease(app) / 3).to_std().ok()?;
        if let Ok(done) = timeout(pause, &mut sending).await {
            return Some(done);
        }
        let until = app.clock.now() + lease(app);
        match app.store.outbox().renew(row, until).await {
            Ok(true) => row.due_at = until,
            Ok(false) => return None,
            // It is ours until its time is over.
            Err(error) => {
                tracing::warn!(mail_id = %row.id, %error, "the lease of a mail could not be renewed");
            }
        }
    }
}

async fn sent(app: &App, row: &OutboxRow, now: Timestamp) -> Result<()> {
    count(app, "sent");
    tracing::info!(mail_id = %row.id, attempts = row.attempts, "mail sent");
    // What cannot be noted must not have the mail sent again.
    if let Err(error) = note(app, row, None, now).await {
        tracing::warn!(mail_id = %row.id, %error, "it could not be noted that a mail was sent");
    }
    Ok(app.store.outbox().delete(row).await?)
}

/// Keeps a mail that was refused for good, for those who run the service. The registration is told first: a crash
/// between the two has the mail tried once more, and what comes of that counts.
async fn refused(app: &App, row: &OutboxRow, refusal: &Refusal, now: Timestamp) -> Result<()> {
    let Refusal {
        reason,
        reply,
        enhanced,
    } = refusal;
    note(app, row, Some(*reason), now).await?;
    let refusal = MailRefusal {
        reason: *reason,
        reply: reply.map(i32::from),
        enhanced: enhanced.clone(),
        at: now,
    };
    let kept_until = now + Duration::days(app.settings.config.email.refused_days);
    let outbox = app.store.outbox();
    outbox.refuse(row, &refusal, kept_until).await?;
    count(app, "refused");
    tracing::warn!(mail_id = %row.id, attempts = row.attempts, reply, enhanced, reason = reason.name(),
        "a mail was refused for good");
    Ok(())
}

async fn give_up(app: &App, row: &OutboxRow) -> Result<()> {
    tracing::warn!(mail_id = %row.id, "a mail was given up: it came too late to be of use");
    count(app, "given_up");
    Ok(app.store.outbox().delete(row).await?)
}

/// Notes what became of a code's mail: in the audit trail, and at its registration, where the desk sees it.
async fn note(
    app: &App,
    row: &OutboxRow,
    refused: Option<MailReason>,
    now: Timestamp,
) -> Result<()> {
    let MailJob::Code { challenge, otp_id } = &row.intent else {
        return Ok(());
    };
    let subject = subject_of(challenge);
    let origin = Origin::of_the_service(row.id.clone(), now);
    let event = match refused {
        None => Event::done(subject.as_ref(), Action::CodeSent),
        Some(reason) => Event::refused(subject.as_ref(), Action::CodeSent).noting(reason.name()),
    };
    audit::record_refusal(app, &origin, event).await;
    if let Some(registration) = subject.filter(|subject| is_verification(challenge, subject)) {
        let pending = app.store.pending();
        pending.end_mail(&registration, otp_id, refused).await?;
    }
    Ok(())
}

fn is_verification(challenge: &str, subject: &UserId) -> bool {
    challenge == challenge_id(OtpPurpose::Verification, subject)
}

/// Notes that a registration gets no mail with a code, and why.
///
/// # Errors
/// The database does not answer.
pub(super) async fn note_not_made(
    app: &App,
    registration: &UserId,
    reason: MailReason,
    now: Timestamp,
) -> Result<()> {
    let mail = CodeMail::not_made(now, reason);
    Ok(app.store.pending().begin_mail(registration, &mail).await?)
}

fn count(app: &App, outcome: &'static str) {
    app.metrics.mails.with_label_values(&[outcome]).inc();
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
    app.metrics.mail_queue.set(waiting.count);
    app.metrics.mail_oldest.set(age.max(0));
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

/// Turns an intent into codes and the rows that mail them: the last one takes the intent's place. Repeating it after a
/// crash makes new codes in the place of the old ones, so that the mails that count are those of the last time. The newest
/// code, if any.
async fn resolve(app: &App, row: &OutboxRow, now: Timestamp) -> Result<Option<Secret>> {
    let outbox = app.store.outbox();
    let challenges = mail_jobs::challenges(app, row, now).await?;
    let Some((last, others)) = challenges.split_last() else {
        outbox.delete(row).await?;
        return Ok(None);
    };
    for challenge in &challenges {
        if challenge.purpose == OtpPurpose::Verification {
            let mail = CodeMail {
                otp_id: Some(challenge.otp_id.clone()),
                until: Some(letters::last_sent(app, challenge.code_expires_at)),
                // The instance that asked may be ahead (TIME-1).
                ..CodeMail::asked_for(now.max(row.created_at))
            };
            app.store
                .pending()
                .begin_mail(&challenge.subject, &mail)
                .await?;
        }
    }
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
        user_id: Some(challenge.subject.clone()),
        intent: MailJob::Code {
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
