//! Background work: each is a function that a loop calls and that tests call by hand; each is safe on several instances.

use chrono::Duration;

use super::{accounts, admin, audit, authentication, keys, outbox, verification};
use crate::{
    app::App,
    error::Result,
    store::unfinished::{Note, Work},
};

/// Finishes what crashes left, writes activity down, seals the audit trail, looks at the mails, and follows the keys. What
/// fails keeps nothing else waiting.
///
/// # Errors
/// The first one: the database does not answer, or a row cannot be read. The next tick goes on.
pub async fn tick(app: &App) -> Result<()> {
    let now = app.clock.now();
    let done = [
        verification::sweep(app).await.map(drop),
        finish_accounts(app).await,
        authentication::write_activities(app, now).await,
        audit::seal::tick(app, now).await,
        outbox::watch(app).await,
        keys::refresh(app).await,
    ];
    done.into_iter().collect()
}

/// A request that still runs is left alone for this long.
pub(super) const SWEPT_AFTER: Duration = Duration::seconds(35);

/// Finishes accounts whose making or deletion was cut off.
async fn finish_accounts(app: &App) -> Result<()> {
    let now = app.clock.now();
    for Note { work, user_id, .. } in app.store.unfinished().list(now - SWEPT_AFTER).await? {
        let finished = match work {
            Work::Creation => accounts::finish(app, &user_id, now).await,
            Work::Deletion => admin::account_status::finish_deletion(app, &user_id, now).await,
        };
        // One that cannot be finished must not keep the others waiting.
        match finished {
            Ok(()) => {
                tracing::info!(%user_id, ?work, "work on an account that was cut off is finished");
            }
            Err(error) => {
                tracing::error!(%user_id, ?work, %error, "work on an account cannot be finished");
            }
        }
    }
    Ok(())
}
