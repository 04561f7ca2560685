//! What crashes left of changes to one's own account, and deletions that are due.

use crate::{
    app::App,
    errors,
    maintenance::SWEPT_AFTER,
    own_account::{deletion, email, email_undo},
};
use kernel::{
    error::{Error, Result},
    ids::UserId,
};
use platform::outbox::MailRequest;

/// Finishes the work that crashes interrupted, and deletes the accounts whose deletion is due. Several instances may run
/// it at once.
pub async fn sweep(app: &App) -> Result<()> {
    let now = app.clock.now();
    let before = now - SWEPT_AFTER;
    let request = MailRequest {
        at: now,
        language: None,
    };
    for change in app.store.email_changes().list_begun(before).await? {
        let done = email::finish(app, request, &change).await;
        note("change of the address", &change.user_id, done);
    }
    for undo in app.store.email_undos().list_begun(before).await? {
        let done = email_undo::finish(app, request, &undo).await;
        note("undo of a change of the address", &undo.user_id, done);
    }
    let deletions = app.store.account_deletions();
    for deletion in deletions.list_begun(before).await? {
        let due_at = deletion.due_at.unwrap_or(now);
        let done = deletion::finish(app, request, &deletion, due_at).await;
        note("confirmation of a deletion", &deletion.id, done);
    }
    for due in deletions.list_due(now).await? {
        if let Err(error) = deletion::delete_due(app, &due, now).await {
            tracing::error!(user_id = %due.id, %error, "an account whose deletion is due cannot be deleted");
        }
    }
    Ok(())
}

/// One that cannot be finished must not stop the others. One that was lost to another change is finished.
fn note(work: &str, user_id: &UserId, done: Result<()>) {
    let is_lost = |error: &Error| {
        let lost = [
            errors::OTP_ERROR,
            errors::USER_EXISTS,
            errors::ACCESS_DENIED,
        ];
        lost.contains(&error.code)
    };
    match done {
        Ok(()) => {
            tracing::info!(%user_id, work, "work on an account that its owner asked for is finished");
        }
        Err(error) if is_lost(&error) => {
            tracing::info!(%user_id, work, "work on an account was lost to another change of it");
        }
        Err(error) => {
            tracing::error!(%user_id, work, %error, "work on an account cannot be finished");
        }
    }
}

/// Deletes what is stored about changes of an account that is being removed. A change or an undo that is being made
/// stays: its own end finds that the account is gone, and releases the address.
pub async fn forget(app: &App, user_id: &UserId) -> Result<()> {
    app.store.email_changes().call_off(user_id).await?;
    app.store.email_undos().delete_unused(user_id).await?;
    let deletions = app.store.account_deletions();
    Ok(deletions.remove(user_id.as_str()).await?)
}
