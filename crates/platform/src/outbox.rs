//! The mail outbox: a request enqueues a mail job and answers, a worker makes and sends the mail (MAIL-1). Each slice has
//! its own jobs, and says by [`MailJobs`] what is mailed for them.

mod row;
mod store;
pub mod undelivered;

use std::pin::pin;

use chrono::Duration;
use futures_util::future::BoxFuture;
use serde::Serialize;
use tokio::time::timeout;

pub use self::row::{MailOutcome, MailRequest, OutboxRow};
use crate::{Platform, activity::Counted};
use kernel::{
    clock::Timestamp,
    error::{Error, Result},
    errors,
    mail_language::MailLanguage,
    profile::Language,
};
use mail::{
    Mail, Refusal,
    message::{self, Letter, Values},
    state::{MailReason, MailRefusal},
};

/// What a slice does for its mail jobs.
pub trait MailJobs: Send + Sync {
    /// What is mailed for a row that is due. `None` if the job is none of this slice's.
    fn decide<'a>(
        &'a self,
        row: &'a OutboxRow,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Option<MailDecision>>>;

    /// Notes that a mail was sent, or why it was refused permanently.
    fn note<'a>(
        &'a self,
        row: &'a OutboxRow,
        refused: Option<MailReason>,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<()>>;
}

/// The slices that have mail jobs.
pub type Slices<'a> = &'a [&'a dyn MailJobs];

/// What is done for a mail job.
pub enum MailDecision {
    /// This mail is sent.
    Ready(Mail),
    /// There is no mail: it has no reason any more, or a newer one has replaced it.
    NotNeeded,
    /// There is no mail, because too little time is left.
    TooLate,
    /// The slice has replaced or removed the row itself.
    Replaced,
}

/// Enqueues a mail job and wakes the worker. After `lifetime`, the job is no longer of use.
///
/// # Errors
/// `EmailError` if the outbox cannot store the mail job.
pub async fn enqueue<J: Serialize + Send + Sync>(
    platform: &Platform,
    request: MailRequest,
    email: &str,
    job: J,
    lifetime: Duration,
) -> Result<()> {
    enqueue_row(platform, row(platform, request, email, job, lifetime)).await
}

/// The outbox row of a mail job.
pub fn row<J>(
    platform: &Platform,
    request: MailRequest,
    email: &str,
    job: J,
    lifetime: Duration,
) -> OutboxRow<J> {
    OutboxRow {
        id: platform.rng.uuid().to_string(),
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
pub async fn enqueue_row<J: Serialize + Send + Sync>(
    platform: &Platform,
    row: OutboxRow<J>,
) -> Result<()> {
    insert(platform, &row).await?;
    platform.mail_due.notify_one();
    Ok(())
}

/// Inserts a row, and wakes no worker.
///
/// # Errors
/// `EmailError` if the outbox cannot store the mail job.
pub async fn insert<J: Serialize + Send + Sync>(
    platform: &Platform,
    row: &OutboxRow<J>,
) -> Result<()> {
    let inserted = platform.store.outbox().insert(row).await;
    inserted.map_err(|error| {
        Error::new(errors::EMAIL_ERROR)
            .retry_after(5)
            .because(error)
    })
}

/// Sends a notice to an address.
///
/// # Errors
/// `EmailError` if the outbox cannot store the mail job.
pub async fn enqueue_notice<J: Serialize + Send + Sync>(
    platform: &Platform,
    request: MailRequest,
    email: &str,
    job: J,
) -> Result<()> {
    enqueue_row(platform, notice(platform, request, email, job)).await
}

/// The row of a notice, which is of use for `email.notice_hours`.
pub fn notice<J>(platform: &Platform, request: MailRequest, email: &str, job: J) -> OutboxRow<J> {
    let lifetime = Duration::hours(platform.settings.email.notice_hours);
    row(platform, request, email, job, lifetime)
}

/// Works on everything that is due, and returns the number of rows. Several instances may run it at once.
pub async fn tick(platform: &Platform, slices: Slices<'_>) -> Result<usize> {
    let mut worked = 0;
    while work_on_next(platform, slices).await? {
        worked += 1;
    }
    Ok(worked)
}

/// Works on one row that is due; `false` if there is none.
pub async fn work_on_next(platform: &Platform, slices: Slices<'_>) -> Result<bool> {
    let now = platform.clock.now();
    let Some(mut row) = platform
        .store
        .outbox()
        .claim(now, now + lease(platform))
        .await?
    else {
        return Ok(false);
    };
    if let Err(error) = work(platform, slices, &mut row, now).await {
        count(platform, "failed");
        let wait = backoff(platform, row.attempts);
        let due_at = platform.clock.now() + wait;
        let noted = platform.store.outbox().retry(&row, due_at).await;
        // Logged after it is stored, so that the line is true even if the process is killed here.
        let reason = error.source.as_ref().map(ToString::to_string);
        tracing::warn!(mail_id = %row.id, attempts = row.attempts, retry_seconds = wait.num_seconds(),
            reason, "a mail could not be sent, it will be tried again");
        noted?;
    }
    Ok(true)
}

/// Works on a row. Its outcome is stored only while this worker still has the lease.
async fn work(
    platform: &Platform,
    slices: Slices<'_>,
    row: &mut OutboxRow,
    now: Timestamp,
) -> Result<()> {
    if row.expires_at <= now {
        return give_up(platform, row).await;
    }
    let (slice, decision) = decide(slices, row, now).await?;
    let mail = match decision {
        MailDecision::Ready(mail) => mail,
        MailDecision::NotNeeded => return Ok(platform.store.outbox().delete(row).await?),
        MailDecision::TooLate => return give_up(platform, row).await,
        MailDecision::Replaced => return Ok(()),
    };
    let message_id = row.id.clone();
    let sending = platform.mailer.send(&mail, &message_id, now);
    match send_while_leased(platform, row, sending).await {
        None => tracing::warn!(mail_id = %row.id, "a mail was left to another instance"),
        Some(Ok(())) => sent(platform, slice, row, now).await?,
        Some(Err(error)) => match error.refusal() {
            Some(refusal) => refused(platform, slice, row, refusal, now).await?,
            None => return Err(Error::new(errors::EMAIL_ERROR).because(error)),
        },
    }
    Ok(())
}

/// The slice that has the job, and what it does for it.
///
/// # Errors
/// `InternalError` if no slice of this version has such a job; an instance of a newer version may have one.
async fn decide<'a>(
    slices: Slices<'a>,
    row: &OutboxRow,
    now: Timestamp,
) -> Result<(&'a dyn MailJobs, MailDecision)> {
    for slice in slices {
        if let Some(decision) = slice.decide(row, now).await? {
            return Ok((*slice, decision));
        }
    }
    Err(Error::internal("no slice has a mail job of this kind"))
}

/// A letter in the language of the account, or else of the request. Only the owner of the address sees the language
/// (ENUM-3).
pub fn render<J>(
    platform: &Platform,
    row: &OutboxRow<J>,
    letter: &Letter,
    values: &Values,
    of_account: Option<Language>,
) -> Result<Mail> {
    let of_account = of_account.and_then(|tag| MailLanguage::from_tag(tag.as_str()));
    let language = of_account.or(row.language).unwrap_or_default();
    let mail = message::render(letter, values, language, &row.email, &platform.sender);
    mail.map_err(Error::internal)
}

/// Sends a mail, and renews its lease meanwhile, three times per lease. `None` if the lease is lost: another instance
/// may be sending the mail now, so this one stops (MAIL-8).
async fn send_while_leased<T>(
    platform: &Platform,
    row: &mut OutboxRow,
    sending: impl Future<Output = T>,
) -> Option<T> {
    let mut sending = pin!(sending);
    loop {
        let left = row.due_at - platform.clock.now();
        let pause = left.min(lease(platform) / 3).to_std().ok()?;
        if let Ok(done) = timeout(pause, &mut sending).await {
            return Some(done);
        }
        let until = platform.clock.now() + lease(platform);
        match platform.store.outbox().renew(row, until).await {
            Ok(true) => row.due_at = until,
            Ok(false) => return None,
            // The lease stays valid until it expires.
            Err(error) => {
                tracing::warn!(mail_id = %row.id, %error, "the lease of a mail could not be renewed");
            }
        }
    }
}

async fn sent(
    platform: &Platform,
    slice: &dyn MailJobs,
    row: &OutboxRow,
    now: Timestamp,
) -> Result<()> {
    count(platform, "sent");
    platform.activity.count(Counted::MailsSent, now);
    tracing::info!(mail_id = %row.id, attempts = row.attempts, "mail sent");
    // If the note fails, the mail must not be sent again.
    if let Err(error) = slice.note(row, None, now).await {
        tracing::warn!(mail_id = %row.id, %error, "it could not be noted that a mail was sent");
    }
    Ok(platform.store.outbox().delete(row).await?)
}

/// Keeps a mail that was refused permanently, for the operators. The registration is updated first: after a crash
/// between the two writes, the mail is tried again, and that outcome counts.
async fn refused(
    platform: &Platform,
    slice: &dyn MailJobs,
    row: &OutboxRow,
    refusal: &Refusal,
    now: Timestamp,
) -> Result<()> {
    let Refusal {
        reason,
        reply,
        enhanced,
    } = refusal;
    slice.note(row, Some(*reason), now).await?;
    let refusal = MailRefusal {
        reason: *reason,
        reply: reply.map(i32::from),
        enhanced: enhanced.clone(),
        at: now,
    };
    let kept_until = now + Duration::days(platform.settings.email.refused_days);
    let outbox = platform.store.outbox();
    outbox.refuse(row, &refusal, kept_until).await?;
    count(platform, "refused");
    tracing::warn!(mail_id = %row.id, attempts = row.attempts, reply, enhanced, reason = reason.name(),
        "a mail was refused for good");
    Ok(())
}

async fn give_up(platform: &Platform, row: &OutboxRow) -> Result<()> {
    tracing::warn!(mail_id = %row.id, "a mail was given up: it came too late to be of use");
    count(platform, "given_up");
    Ok(platform.store.outbox().delete(row).await?)
}

fn count(platform: &Platform, outcome: &'static str) {
    platform.metrics.mails.with_label_values(&[outcome]).inc();
}

/// Measures how many mails wait, and since when; a loop calls it.
pub async fn watch(platform: &Platform) -> Result<()> {
    let waiting = platform.store.outbox().waiting().await?;
    let now = platform.clock.now();
    let age = waiting
        .oldest
        .map_or(0, |oldest| (now - oldest).num_seconds());
    platform.metrics.mail_queue.set(waiting.count);
    platform.metrics.mail_oldest.set(age.max(0));
    Ok(())
}

/// How long a worker has a row.
pub fn lease(platform: &Platform) -> Duration {
    Duration::seconds(platform.settings.email.lease_seconds)
}

/// The pause before the next try: it doubles with each try, from the shortest to the longest.
fn backoff(platform: &Platform, attempts: i32) -> Duration {
    let config = &platform.settings.email;
    let doublings = attempts.saturating_sub(1).clamp(0, 20).unsigned_abs();
    let wait = config
        .retry_first_seconds
        .saturating_mul(1_i64 << doublings);
    Duration::seconds(wait.min(config.retry_max_seconds))
}
