//! The free times of a doctor (APT-10, APT-24).

use kernel::{error::Result, ids::UserId, request::Origin};

use super::bookable;
use crate::{
    app::App,
    appointments::{
        interval::Interval,
        slots::{SlotRange, Slots, slot_length},
    },
    zone::Zone,
};

/// Free times, and the zone of the place.
pub struct Offer {
    /// The times.
    pub slots: Slots,
    /// The zone.
    pub zone: Zone,
}

/// The free times of a doctor in a range: the schedule, and one query for what is taken.
///
/// # Errors
/// `RECORD_NOT_FOUND`, or a validation error of the length.
pub async fn offer(
    app: &App,
    origin: &Origin,
    doctor: &UserId,
    range: SlotRange,
    minutes: Option<i64>,
) -> Result<Offer> {
    bookable(app, doctor).await?;
    let Some(row) = app.store.schedules().find(doctor).await? else {
        return Ok(Offer {
            slots: Slots {
                slots: Vec::new(),
                next_from: None,
            },
            zone: app.zone.clone(),
        });
    };
    let length = slot_length(&row.schedule, minutes);
    let length = length.map_err(|violation| violation.at("duration_minutes"))?;
    let (from, to) = range.busy_range(&row.schedule);
    let busy = app.store.appointments().busy(doctor, from, to).await?;
    let busy: Vec<Interval> = busy
        .iter()
        .filter_map(|busy| busy.interval(origin.now))
        .collect();
    let slots = row.availability().slots(range, length, &busy, origin.now);
    Ok(Offer {
        slots,
        zone: row.schedule.time_zone,
    })
}
