//! The mail outbox: a request enqueues a mail job and answers, a worker makes and sends the mail (D11, MAIL-1).

use crate::{
    actions,
    app::App,
    domain::{
        otp::{OtpChallenge, OtpPurpose, challenge_id, subject_of},
        outbox::{MailJob, MailRequest, OutboxRow},
        user::User,
    },
    errors,
    service::{
        codes,
        letters::{self, MailDecision},
        mail_jobs,
    },
};
use std::pin::pin;

use chrono::Duration;
use tokio::time::timeout;

use kernel::{
    clock::Timestamp,
    error::{Error, Result},
    ids::UserId,
    request::Origin,
    secret::Secret,
};
use mail::{
    Refusal,
    state::{CodeMail, MailReason, MailRefusal},
};
use platform::audit::{self, Event};

/// Enqueues a mail job and wakes the worker. After `lifetime`, the job is no longer of use.
///
/// # Errors
/// `EmailError` if the outbox cannot store the mail job.
pub async fn enqueue(
    app: &App,
    request: MailRequest,
    email: &str,
    job: MailJob,
    lifetime: Duration,
) -> Result<()> {
    enqueue_row(app, row(app, request, email, job, lifetime)).await
}

/// The outbox row of a mail job.
pub(super) fn row(
    app: &App,
    request: MailRequest,
    email: &str,
    job: MailJob,
    lifetime: Duration,
) -> OutboxRow {
    OutboxRow {
        id: app.rng.uuid().to_string(),
        email: email.to_owned(),
        user_id: None,
        job,
        language: request.language,
        attempts: 0,
        due_at: request.at,
        expires_at: request.at + lifetime,
        created_at: request.at,
    }
}

/// Enqueues a row and wakes the worker. A row that exists already does not change.
///
/// # Errors
/// `EmailError` if the outbox cannot store the mail job.
pub(super) async fn enqueue_row(app: &App, row: OutboxRow) -> Result<()> {
    insert(app, &row).await?;
    app.mail_due.notify_one();
    Ok(())
}

async fn insert(app: &App, row: &OutboxRow) -> Result<()> {
    let inserted = app.store.outbox().insert(row).await;
    inserted.map_err(|error| {
        Error::new(errors::EMAIL_ERROR)
            .retry_after(5)
            .because(error)
    })
}

/// Notifies the owner of `user` of an event of the account (MAIL-7).
///
/// # Errors
/// `EmailError` if the outbox cannot store the mail job.
pub async fn notify(app: &App, origin: &Origin, user: &User, job: MailJob) -> Result<()> {
    let notice = notice(app, origin.into(), user.email(), job);
    let user_id = Some(user.user_id.clone());
    enqueue_row(app, OutboxRow { user_id, ..notice }).await
}

/// Sends a notice to an address.
///
/// # Errors
/// `EmailError` if the outbox cannot store the mail job.
pub async fn enqueue_notice(
    app: &App,
    request: MailRequest,
    email: &str,
    job: MailJob,
) -> Result<()> {
    enqueue_row(app, notice(app, request, email, job)).await
}

fn notice(app: &App, request: MailRequest, email: &str, job: MailJob) -> OutboxRow {
    let lifetime = Duration::hours(app.settings.config.email.notice_hours);
    row(app, request, email, job, lifetime)
}

/// Enqueues a mail job that makes codes. With `debug` on, the worker's step runs within the request, and the newest
/// code is returned. The row is leased to the request from the start, so no worker takes it first.
///
/// # Errors
/// `EmailError` if the outbox cannot store the mail job.
pub async fn enqueue_codes(
    app: &App,
    request: MailRequest,
    email: &str,
    job: MailJob,
    lifetime: Duration,
) -> Result<Option<Secret>> {
    if !app.settings.debug() {
        return enqueue(app, request, email, job, lifetime)
            .await
            .map(|()| None);
    }
    let row = OutboxRow {
        due_at: request.at + lease(app),
        ..row(app, request, email, job, lifetime)
    };
    insert(app, &row).await?;
    resolve(app, &row, request.at).await
}

/// Works on everything that is due, and returns the number of rows. Several instances may run it at once.
pub async fn tick(app: &App) -> Result<usize> {
    let mut worked = 0;
    while work_on_next(app).await? {
        worked += 1;
    }
    Ok(worked)
}

/// Works on one row that is due; `false` if there is none.
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
        // Logged after it is stored, so that the line is true even if the process is killed here.
        let reason = error.source.as_ref().map(ToString::to_string);
        tracing::warn!(mail_id = %row.id, attempts = row.attempts, retry_seconds = wait.num_seconds(),
            reason, "a mail could not be sent, it will be tried again");
        noted?;
    }
    Ok(true)
}

/// Works on a row. Its outcome is stored only while this worker still has the lease.
async fn work(app: &App, row: &mut OutboxRow, now: Timestamp) -> Result<()> {
    if row.expires_at <= now {
        return give_up(app, row).await;
    }
    let mail = match &row.job {
        MailJob::Notice(notice) => letters::of_notice(app, row, notice).await?,
        MailJob::Code { challenge, otp_id } => {
            match mail_jobs::of_code(app, row, (challenge, otp_id), now).await? {
                MailDecision::Ready(mail) => mail,
                MailDecision::NotNeeded => return Ok(app.store.outbox().delete(row).await?),
                MailDecision::TooLate => return give_up(app, row).await,
            }
        }
        MailJob::CodesUsedUp { purpose } => {
            return letters::codes_used_up(app, row, *purpose, now).await;
        }
        _ => return resolve(app, row, now).await.map(drop),
    };
    let message_id = row.id.clone();
    let sending = app.mailer.send(&mail, &message_id, now);
    match send_while_leased(app, row, sending).await {
        None => tracing::warn!(mail_id = %row.id, "a mail was left to another instance"),
        Some(Ok(())) => sent(app, row, now).await?,
        Some(Err(error)) => match error.refusal() {
            Some(refusal) => refused(app, row, refusal, now).await?,
            None => return Err(Error::new(errors::EMAIL_ERROR).because(error)),
        },
    }
    Ok(())
}

/// Sends a mail, and renews its lease meanwhile, three times per lease. `None` if the lease is lost: another instance
/// may be sending the mail now, so this one stops (MAIL-8).
async fn send_while_leased<T>(
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
            // The lease stays valid until it expires.
            Err(error) => {
                tracing::warn!(mail_id = %row.id, %error, "the lease of a mail could not be renewed");
            }
        }
    }
}

async fn sent(app: &App, row: &OutboxRow, now: Timestamp) -> Result<()> {
    count(app, "sent");
    tracing::info!(mail_id = %row.id, attempts = row.attempts, "mail sent");
    // If the note fails, the mail must not be sent again.
    if let Err(error) = note(app, row, None, now).await {
        tracing::warn!(mail_id = %row.id, %error, "it could not be noted that a mail was sent");
    }
    Ok(app.store.outbox().delete(row).await?)
}

/// Keeps a mail that was refused permanently, for the operators. The registration is updated first: after a crash
/// between the two writes, the mail is tried again, and that outcome counts.
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

/// Notes the outcome of a code's mail: in the audit trail, and on its registration, where administrators see it.
async fn note(
    app: &App,
    row: &OutboxRow,
    refused: Option<MailReason>,
    now: Timestamp,
) -> Result<()> {
    let MailJob::Code { challenge, otp_id } = &row.job else {
        return Ok(());
    };
    let subject = subject_of(challenge);
    let origin = Origin::of_the_service(row.id.clone(), now);
    let event = match refused {
        None => Event::done(subject.as_ref(), actions::CODE_SENT),
        Some(reason) => Event::refused(subject.as_ref(), actions::CODE_SENT).noting(reason.name()),
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

/// Measures how many mails wait, and since when; a loop calls it.
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

/// The pause before the next try: it doubles with each try, from the shortest to the longest.
fn backoff(app: &App, attempts: i32) -> Duration {
    let config = &app.settings.config.email;
    let doublings = attempts.saturating_sub(1).clamp(0, 20).unsigned_abs();
    let wait = config
        .retry_first_seconds
        .saturating_mul(1_i64 << doublings);
    Duration::seconds(wait.min(config.retry_max_seconds))
}

/// Turns a mail job into codes and the rows that mail them; the last of these rows replaces the job's row. If it is
/// repeated after a crash, new codes replace the old ones, so only the mails of the last run count. Returns the newest
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
                // The clock of the instance that enqueued the job may be ahead (TIME-1).
                ..CodeMail::asked_for(now.max(row.created_at))
            };
            app.store
                .pending()
                .begin_mail(&challenge.subject, &mail)
                .await?;
        }
    }
    for (index, challenge) in others.iter().enumerate() {
        let id = format!("{}-{index}-{}", row.id, row.attempts);
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
        job: MailJob::Code {
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
