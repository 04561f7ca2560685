//! What was done on each of the last days.

use crate::{actions, admin::audited_read, app::App};
use kernel::{error::Result, principal::Principal, request::Origin};
use platform::{
    activity::{self, DayCounts},
    audit::Event,
};

/// The counts of the last 30 days, oldest first.
pub async fn last_days(app: &App, origin: &Origin, caller: &Principal) -> Result<Vec<DayCounts>> {
    let read = activity::last_days(app, origin.now).await;
    let event = Event::of_admin(&caller.user_id, actions::STATS_READ, None);
    audited_read(app, origin, event, read).await
}
