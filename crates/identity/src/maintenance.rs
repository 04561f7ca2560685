//! Background work: functions that a loop calls, and that tests call directly. Several instances may run each at once.

use chrono::Duration;

use crate::{
    accounts::{
        self,
        store::unfinished::{Note, Work},
    },
    admin,
    app::App,
    keys, own_account,
    sessions::authentication,
    verification,
};
use kernel::error::Result;
use platform::{activity, audit};

/// Finishes work that crashes interrupted, writes activity, seals the audit trail, measures the mail queue, and refreshes
/// the keys. A failed part does not stop the others.
///
/// # Errors
/// The first error of a part. The next tick tries again.
pub async fn tick(app: &App) -> Result<()> {
    let now = app.clock.now();
    let done = [
        verification::sweep(app).await.map(drop),
        finish_accounts(app).await,
        own_account::sweep(app).await,
        authentication::write_activities(app, now).await,
        audit::seal::tick(app, now).await,
        activity::write(app).await,
        platform::outbox::watch(app).await,
        keys::refresh(app).await,
    ];
    done.into_iter().collect()
}

/// How old interrupted work must be before the sweeper touches it, because its request may still run.
pub(crate) const SWEPT_AFTER: Duration = Duration::seconds(35);

/// Finishes accounts whose creation or deletion was interrupted.
async fn finish_accounts(app: &App) -> Result<()> {
    let now = app.clock.now();
    for Note { work, user_id, .. } in app.store.unfinished().list(now - SWEPT_AFTER).await? {
        let finished = match work {
            Work::Creation => accounts::finish(app, &user_id, now).await,
            Work::Deletion => admin::account_status::finish_deletion(app, &user_id, now).await,
        };
        // One that cannot be finished must not stop the others.
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
