//! Registrations whose address is not proven yet.

use chrono::Duration;

use super::{noted, refused, users::sees_private};
use crate::{
    app::App,
    domain::{
        filter::PendingFilter,
        ids::UserId,
        mail_state::CodeMail,
        outbox::MailJob,
        page::{Listed, Page},
        principal::Principal,
        registration::{PendingSummary, PendingUser},
        request::Origin,
    },
    error::{ErrorCode, Result},
    service::{
        audit::{self, Event},
        outbox, registration,
    },
};

/// A page of registrations.
#[derive(Debug)]
pub struct PendingPage {
    /// The registrations.
    pub listed: Listed<PendingSummary>,
    /// `is_pregnant` may be shown.
    pub private: bool,
    /// How many of the whole list live.
    pub active: u64,
    /// How many of the whole list have expired; none, unless the filter includes them.
    pub expired: u64,
}

/// A page of the registrations that `filter` lets through, newest first. The trail names each of them, since all have
/// private fields (ADM-5).
///
/// # Errors
/// The database does not answer.
pub async fn list(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    filter: &PendingFilter,
    page: &Page,
) -> Result<PendingPage> {
    let private = sees_private(caller);
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
    let mut what = "list_pending".to_owned();
    for row in read.iter().flat_map(|page| &page.listed.rows) {
        what = format!("{what} {}", row.user_id);
    }
    let event = Event::of_admin(&caller.user_id, &what, None);
    noted(app, origin, event, read).await
}

/// Removes a registration, and frees its address's place, its username and its code at once.
///
/// 1 find it; 2 audit; 3 remove it, unless it is just becoming an account; 4 free what it held, which otherwise
/// expires.
///
/// # Errors
/// `UserNotFound`; the database does not answer.
pub async fn delete(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    user_id: &UserId,
) -> Result<()> {
    let event = Event::of_admin(&caller.user_id, "delete_pending", None);
    let Some(pending) = app.store.pending().find(user_id).await? else {
        return Err(refused(app, origin, event, ErrorCode::UserNotFound.into()).await);
    };
    let event = Event {
        subject: Some(&pending.user_id),
        ..event
    };
    audit::record(app, origin, event).await?;
    if !app.store.pending().delete_idle(user_id).await? {
        return Err(refused(app, origin, event, ErrorCode::UserNotFound.into()).await);
    }
    registration::undo(app, &pending).await
}

/// Mails a new code for a live registration, which it gives back; without the cooldown, which is there against
/// strangers, but within the limits per hour and day (OTP-7).
///
/// # Errors
/// `UserNotFound`: it is none, or has expired; `EmailError`; the database does not answer.
pub async fn resend_code(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    user_id: &UserId,
) -> Result<PendingUser> {
    let event = Event::of_admin(&caller.user_id, "resend_code", None);
    let live = app.store.pending().find_live(user_id, origin.now).await?;
    let Some(pending) = live else {
        return Err(refused(app, origin, event, ErrorCode::UserNotFound.into()).await);
    };
    let event = Event {
        subject: Some(&pending.user_id),
        ..event
    };
    audit::record(app, origin, event).await?;
    // Before the worker can come to it, so that the desk never sees what became of the mail before (MAIL-8).
    let mail = CodeMail::asked_for(origin.now);
    app.store.pending().begin_mail(user_id, &mail).await?;
    let intent = MailJob::RenewCode {
        registration: pending.user_id.clone(),
    };
    let lifetime = Duration::minutes(app.settings.config.registration.pending_minutes);
    outbox::enqueue(app, origin.into(), &pending.email, intent, lifetime).await?;
    Ok(pending)
}
