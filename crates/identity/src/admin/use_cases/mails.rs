//! The mails that do not arrive: which they are, and having one tried again (MAIL-8).

use crate::{
    actions,
    admin::{audited_read, refused},
    app::App,
    codes::documents::{OtpPurpose, purpose_of, subject_of},
    errors,
    mails::documents::MailJob,
};
use kernel::{
    clock::Timestamp,
    error::{Error, Result},
    page::{Listed, Page},
    principal::Principal,
    request::Origin,
};
use platform::{
    audit::{self, Event},
    outbox::{
        Slices,
        undelivered::{self, Undelivered},
    },
};

/// A page of the mails that were refused for good, or have waited for more than ten minutes, newest first.
pub async fn list(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    page: &Page,
) -> Result<Listed<Undelivered>> {
    let outbox = app.platform.store.outbox();
    let read = outbox.list_undelivered(page, origin.now).await;
    let event = Event::of_admin(&caller.user_id, actions::MAIL_LIST, None);
    audited_read(app, origin, event, read).await
}

const OUTDATED: &str = "This mail is out of date: its code has expired, or what it says is not true any more. \
    Send a new code or a new link instead";

/// Has a mail tried again:
///
/// 1. Find it.
/// 2. Refuse a mail that is out of date: a worker would drop it, and the administrator would wait for nothing.
/// 3. Write the audit event.
/// 4. If it has a code, its registration shows that the mail waits.
/// 5. Make it due: one conditional update, so that two clicks are one mail. A mail that waits is only brought forward,
///    and not while a worker may have it.
///
/// # Errors
/// `NotFound` if it was sent or given up meanwhile; `VersionConflict` if it is out of date.
pub async fn retry(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    slices: Slices<'_>,
    mail_id: &str,
) -> Result<()> {
    let now = origin.now;
    let event = Event::of_admin(&caller.user_id, actions::MAIL_RETRY, None);
    let Some(mail) = app.platform.store.outbox().find(mail_id).await? else {
        let error = Error::new(errors::NOT_FOUND).saying("This mail was sent or given up");
        return Err(refused(app, origin, event, error).await);
    };
    let event = Event {
        subject: mail.user_id.as_ref(),
        ..event
    };
    let refused_at = mail.refusal.as_ref().map(|refusal| refusal.at);
    if refused_at.is_some() && !undelivered::is_needed(slices, &mail.row(now), now).await? {
        let error = Error::new(errors::VERSION_CONFLICT).saying(OUTDATED);
        return Err(refused(app, origin, event, error).await);
    }
    audit::record(app, origin, event).await?;
    match refused_at {
        Some(refused_at) => retry_refused(app, &mail, refused_at, now).await,
        None => undelivered::hurry(app, mail_id, now).await,
    }
}

async fn retry_refused(
    app: &App,
    mail: &Undelivered,
    refused_at: Timestamp,
    now: Timestamp,
) -> Result<()> {
    if let Some(MailJob::Code { challenge, otp_id }) = job_of(mail)
        && purpose_of(&challenge) == Some(OtpPurpose::Verification)
        && let Some(registration) = subject_of(&challenge)
    {
        let pending = app.store.pending();
        pending.retry_mail(&registration, &otp_id).await?;
    }
    // If it was tried again meanwhile, that try counts.
    let again = undelivered::retry_refused(app, &mail.id, refused_at, now);
    again.await.map(drop)
}

/// The mail job of an account. `None` if it is another slice's.
fn job_of(mail: &Undelivered) -> Option<MailJob> {
    mail.row(mail.created_at).read().map(|row| row.job)
}

/// The kind of a mail, for people and programs: that of its job, or what its code is for.
#[must_use]
pub fn kind_of(mail: &Undelivered) -> String {
    let text = |name| mail.job.get_str(name).unwrap_or_default();
    match (text("kind"), purpose_of(text("challenge"))) {
        ("code", Some(purpose)) => purpose.name().to_owned(),
        (kind, _) => kind.to_owned(),
    }
}
