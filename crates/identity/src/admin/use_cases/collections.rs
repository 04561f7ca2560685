//! Counts of everything that is stored.

use chrono::Duration;

use crate::{
    actions,
    admin::{audited_read, rules::filter::PendingFilter, store::stats::Count},
    app::App,
};
use kernel::{error::Result, principal::Principal, request::Origin};
use platform::audit::Event;

/// The counts at one moment.
#[derive(Debug)]
pub struct Stats {
    /// Each collection.
    pub collections: Vec<Count>,
    /// Live registrations.
    pub pending_active: u64,
    /// Registrations that have expired and are not deleted yet.
    pub pending_expired: u64,
    /// Accounts whose address is proven.
    pub verified_users: u64,
    /// Live sessions.
    pub active_sessions: u64,
    /// Failed logins of the last hour.
    pub failed_logins: u64,
}

/// Counts everything.
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
    let event = Event::of_admin(&caller.user_id, actions::STATS_READ, None);
    audited_read(app, origin, event, read.await).await
}
