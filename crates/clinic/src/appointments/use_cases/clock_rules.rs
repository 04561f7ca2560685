//! What a change of the rules of time zones did to appointments (APT-13).

use kernel::{clock::Timestamp, error::Result};

use crate::{app::App, appointments::AppointmentId};

/// The appointments from `now` on whose local time of the booking is another one than that of their instant today: the
/// rules of the zone have changed since. Nothing moves by itself; the clinic asks the patients.
pub async fn shifted(app: &App, now: Timestamp) -> Result<Vec<AppointmentId>> {
    let rows = app.store.appointments();
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = rows.of_clinic(now, after.as_deref()).await?;
        let Some(last) = page.last() else {
            return Ok(found);
        };
        after = Some(last.keys.by_clinic.clone());
        let shifted = page
            .into_iter()
            .filter(|row| row.status.holds_time() && row.zone.local_text(row.start) != row.local);
        found.extend(shifted.map(|row| row.id));
    }
}
