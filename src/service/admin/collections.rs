//! How much there is of everything.

use chrono::Duration;

use super::noted;
use crate::{
    app::App,
    domain::{filter::PendingFilter, principal::Principal, request::Origin},
    error::Result,
    service::audit::Event,
    store::stats::Count,
};

/// Counts at one moment.
#[derive(Debug)]
pub struct Stats {
    /// Each collection.
    pub collections: Vec<Count>,
    /// Registrations that live.
    pub pending_active: u64,
    /// Registrations that have expired and are not collected yet.
    pub pending_expired: u64,
    /// Accounts whose address is proven.
    pub verified_users: u64,
    /// Sessions that live.
    pub active_sessions: u64,
    /// Log-ins that failed in the last hour.
    pub failed_logins: u64,
}

/// Counts everything.
///
/// # Errors
/// The database does not answer.
pub async fn status(app: &App, origin: &Origin, caller: &Principal) -> Result<Stats> {
    let now = origin.now;
    let all = PendingFilter {
        include_expired: true,
        ..PendingFilter::default()
    };
    let read = async {
        let store = &app.store;
        let (
            collections,
            (pending_active, pending_expired),
            verified_users,
            active_sessions,
            failed_logins,
        ) = tokio::try_join!(
            store.count_collections(),
            store.count_pending(&all, now),
            store.count_verified(),
            store.count_live_sessions(now),
            store.count_failed_logins(now - Duration::hours(1)),
        )?;
        Ok(Stats {
            collections,
            pending_active,
            pending_expired,
            verified_users,
            active_sessions,
            failed_logins,
        })
    };
    let event = Event::of_admin(&caller.user_id, "collections_status", None);
    noted(app, origin, event, read.await).await
}
