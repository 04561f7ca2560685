//! Replaces the older service's own indexes (LEG-2).

use super::LEASE;
use crate::app::App;
use kernel::error::Result;
use store::indexes::IndexReport;

const LEASE_NAME: &str = "indexes";

/// Replaces unique indexes that are not sparse but must be, and drops those on keys that are not written any more, once
/// the service's own indexes exist. It reads the indexes again under the lease, because another instance may have
/// changed them. After a crash between drop and create, the next start makes the index. `None` if another instance does
/// it.
pub async fn replace(app: &App) -> Result<Option<IndexReport>> {
    let now = app.clock.now();
    if !app
        .store
        .lease(LEASE_NAME, &app.instance, LEASE, now)
        .await?
    {
        return Ok(None);
    }
    let before = app.store.ensure_indexes().await?;
    for found in &before.replaceable {
        app.store.drop_found(found).await?;
        tracing::warn!(
            index = %found,
            "an index of the older service let only one document be without a username: it is replaced"
        );
    }
    app.fail_point.pass("indexes:replace")?;
    let mut after = app.store.ensure_indexes().await?;
    if after.is_safe() && after.replaceable.is_empty() {
        for found in std::mem::take(&mut after.left_over) {
            app.store.drop_found(&found).await?;
            tracing::warn!(
                index = %found,
                "an index of the older service on a key that is not written any more was dropped"
            );
        }
    }
    app.store.end_lease(LEASE_NAME, &app.instance).await?;
    Ok(Some(after))
}
