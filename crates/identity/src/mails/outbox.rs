//! The mail jobs about accounts: what enqueues them, and what is mailed for them (D11).

use chrono::Duration;
use futures_util::future::BoxFuture;

use crate::{
    accounts::documents::User,
    actions,
    app::App,
    codes::{
        self,
        documents::{OtpChallenge, OtpPurpose, challenge_id, subject_of},
    },
    mails::{
        documents::{MailJob, OutboxRow},
        letters, mail_jobs,
    },
    own_account,
};
use kernel::{clock::Timestamp, error::Result, ids::UserId, request::Origin, secret::Secret};
use mail::state::{CodeMail, MailReason};
pub use platform::outbox::{MailRequest, enqueue, enqueue_notice, enqueue_row};
use platform::{
    audit::{self, Event},
    outbox::{self, MailDecision, MailJobs, OutboxRow as AnyRow},
};

impl MailJobs for App {
    fn decide<'a>(
        &'a self,
        row: &'a AnyRow,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Option<MailDecision>>> {
        Box::pin(async move {
            match row.read() {
                Some(row) => decide(self, &row, now).await,
                None => Ok(None),
            }
        })
    }

    fn note<'a>(
        &'a self,
        row: &'a AnyRow,
        refused: Option<MailReason>,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            match row.read() {
                Some(row) => note(self, &row, refused, now).await,
                None => Ok(()),
            }
        })
    }
}

async fn decide(app: &App, row: &OutboxRow, now: Timestamp) -> Result<Option<MailDecision>> {
    let decision = match &row.job {
        MailJob::Notice(notice) => {
            let mail = letters::of_notice(app, row, notice).await?;
            return Ok(mail.map(MailDecision::Ready));
        }
        MailJob::Code { challenge, otp_id } => {
            mail_jobs::of_code(app, row, (challenge, otp_id), now).await?
        }
        MailJob::AccountLink {
            link,
            account,
            proof_id,
        } => own_account::mails::of_link(app, row, *link, (account, proof_id), now).await?,
        MailJob::CodesUsedUp { purpose } => {
            letters::codes_used_up(app, row, *purpose, now).await?;
            MailDecision::Replaced
        }
        _ => {
            resolve(app, row, now).await?;
            MailDecision::Replaced
        }
    };
    Ok(Some(decision))
}

/// Works on one row that is due; `false` if there is none.
pub async fn work_on_next(app: &App) -> Result<bool> {
    outbox::work_on_next(app, &[app]).await
}

/// Works on everything that is due, and returns the number of rows. Several instances may run it at once.
pub async fn tick(app: &App) -> Result<usize> {
    outbox::tick(app, &[app]).await
}

/// Notifies the owner of `user` of an event of the account (MAIL-7).
///
/// # Errors
/// `EmailError` if the outbox cannot store the mail job.
pub async fn notify(app: &App, origin: &Origin, user: &User, job: MailJob) -> Result<()> {
    outbox::enqueue_row(app, notice_of(app, origin, user, job)).await
}

/// Stores the notice of a change that is tried next, so that no change is without one (MAIL-7). The row is leased to the
/// request: [`send`] it after the change, [`withdraw`] it if the change was refused. After a crash the lease ends, and it is
/// sent.
///
/// # Errors
/// `EmailError` if the outbox cannot store the mail job.
pub async fn announce(app: &App, origin: &Origin, user: &User, job: MailJob) -> Result<OutboxRow> {
    let due_at = origin.now + outbox::lease(app);
    let notice = OutboxRow {
        due_at,
        ..notice_of(app, origin, user, job)
    };
    outbox::insert(app, &notice).await?;
    Ok(notice)
}

/// Ends the lease of a notice that was [announced](announce). If that fails, it ends by itself.
pub async fn send(app: &App, notice: &OutboxRow) {
    let rows = app.store.outbox();
    match rows.retry(notice, notice.created_at).await {
        Ok(()) => app.mail_due.notify_one(),
        Err(error) => tracing::warn!(mail_id = %notice.id, %error, "a notice is sent later"),
    }
}

/// Deletes a notice that was [announced](announce): nothing changed. If that fails, it is sent.
pub async fn withdraw(app: &App, notice: &OutboxRow) {
    if let Err(error) = app.store.outbox().delete(notice).await {
        tracing::warn!(mail_id = %notice.id, %error, "a notice of no change could not be withdrawn");
    }
}

/// The row of a notice for the owner of `user`.
pub fn notice_of(app: &App, origin: &Origin, user: &User, job: MailJob) -> OutboxRow {
    let notice = outbox::notice(app, origin.into(), user.email(), job);
    let user_id = Some(user.user_id.clone());
    OutboxRow { user_id, ..notice }
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
    if !app.settings.debug {
        return enqueue(app, request, email, job, lifetime)
            .await
            .map(|()| None);
    }
    let row = OutboxRow {
        due_at: request.at + outbox::lease(app),
        ..outbox::row(app, request, email, job, lifetime)
    };
    outbox::insert(app, &row).await?;
    resolve(app, &row, request.at).await
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
pub(crate) async fn note_not_made(
    app: &App,
    registration: &UserId,
    reason: MailReason,
    now: Timestamp,
) -> Result<()> {
    let mail = CodeMail::not_made(now, reason);
    Ok(app.store.pending().begin_mail(registration, &mail).await?)
}

/// Turns a mail job into codes and the rows that mail them; the last of these rows replaces the job's row. If it is
/// repeated after a crash, new codes replace the old ones, so only the mails of the last run count. Returns the newest
/// code, if any.
async fn resolve(app: &App, row: &OutboxRow, now: Timestamp) -> Result<Option<Secret>> {
    let rows = app.store.outbox();
    let challenges = mail_jobs::challenges(app, row, now).await?;
    let Some((last, others)) = challenges.split_last() else {
        rows.delete(row).await?;
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
        rows.insert(&mail_of(row, challenge, id, now)).await?;
    }
    let mail = mail_of(row, last, row.id.clone(), now);
    rows.replace(row, &mail).await?;
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
