//! Registrations whose address is not proven yet.

use crate::{
    actions,
    admin::{audited_read, named, refused, rules::filter::PendingFilter, users::may_see_private},
    app::App,
    errors,
    mails::{documents::MailJob, outbox},
    registration::{
        self,
        documents::{PendingSummary, PendingUser},
    },
};
use chrono::Duration;

use kernel::{
    error::Result,
    ids::UserId,
    page::{Listed, Page},
    principal::Principal,
    request::Origin,
};
use mail::state::CodeMail;
use platform::audit::{self, Event};

/// A page of registrations.
#[derive(Debug)]
pub struct PendingPage {
    /// The registrations.
    pub listed: Listed<PendingSummary>,
    /// Whether the caller may see `is_pregnant`.
    pub private: bool,
    /// How many registrations of the whole list are live.
    pub active: u64,
    /// How many of the whole list have expired; 0 unless the filter includes them.
    pub expired: u64,
}

/// A page of the registrations that match `filter`, newest first. The audit event names each of them, because all have
/// private fields (ADM-5).
pub async fn list(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    filter: &PendingFilter,
    page: &Page,
) -> Result<PendingPage> {
    let private = may_see_private(caller);
    let registrations = app.store.pending();
    let read = async {
        let (listed, (active, expired)) = tokio::try_join!(
            registrations.list(filter, private, page, origin.now),
            app.store.count_pending(filter, origin.now),
        )?;
        Ok(PendingPage {
            listed,
            private,
            active,
            expired,
        })
    };
    let read: Result<PendingPage> = read.await;
    let shown = read.iter().flat_map(|page| &page.listed.rows);
    let shown = named(shown.map(|row| &row.user_id));
    let event = Event {
        detail: shown.as_deref(),
        ..Event::of_admin(&caller.user_id, actions::PENDING_LIST, None)
    };
    audited_read(app, origin, event, read).await
}

/// Deletes a registration, and frees its slot, its username and its code at once:
///
/// 1. Find the registration.
/// 2. Write the audit event.
/// 3. Delete it, unless its account is being made now.
/// 4. Free its slot, its username and its code. If this step fails, they expire.
///
/// # Errors
/// `UserNotFound` if the account does not exist.
pub async fn delete(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    user_id: &UserId,
) -> Result<()> {
    let event = Event::of_admin(&caller.user_id, actions::PENDING_DELETE, None);
    let Some(pending) = app.store.pending().find(user_id).await? else {
        return Err(refused(app, origin, event, errors::USER_NOT_FOUND.into()).await);
    };
    let event = Event {
        subject: Some(&pending.user_id),
        ..event
    };
    audit::record(app, origin, event).await?;
    if !app.store.pending().delete_idle(user_id).await? {
        return Err(refused(app, origin, event, errors::USER_NOT_FOUND.into()).await);
    }
    registration::undo(app, &pending).await
}

/// Mails a new code for a live registration, and returns the registration. The cooldown does not apply, because it is
/// against strangers; the limits per hour and day do (OTP-7).
///
/// # Errors
/// `UserNotFound` if the registration does not exist or has expired; `EmailError` if the outbox cannot store the mail
/// job.
pub async fn resend_code(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    user_id: &UserId,
) -> Result<PendingUser> {
    let event = Event::of_admin(&caller.user_id, actions::PENDING_RESEND, None);
    let live = app.store.pending().find_live(user_id, origin.now).await?;
    let Some(pending) = live else {
        return Err(refused(app, origin, event, errors::USER_NOT_FOUND.into()).await);
    };
    let event = Event {
        subject: Some(&pending.user_id),
        ..event
    };
    audit::record(app, origin, event).await?;
    // Stored before the worker can take the job, so an administrator never sees the state of the earlier mail (MAIL-8).
    let mail = CodeMail::asked_for(origin.now);
    app.store.pending().begin_mail(user_id, &mail).await?;
    let job = MailJob::RenewCode {
        registration: pending.user_id.clone(),
    };
    let lifetime = Duration::minutes(app.settings.registration.pending_minutes);
    outbox::enqueue(app, origin.into(), pending.email(), job, lifetime).await?;
    Ok(pending)
}
