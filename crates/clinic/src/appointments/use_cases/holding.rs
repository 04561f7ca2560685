//! Holding a time for some minutes, to book it (APT-8).

use kernel::{
    clock::Timestamp, error::Result, ids::UserId, principal::Principal, request::Origin, role::Role,
};

use super::{bookable, check_time, limit_booking};
use crate::{
    access::CLINIC,
    app::App,
    appointments::{
        AppointmentId,
        documents::Hold,
        holds::{cells, hold_expires_at},
        interval::Interval,
        status::AppointmentStatus,
    },
    errors,
    list_keys::list_key,
};

/// Holds a time of a doctor:
/// 1. the time is one that the caller may ask for;
/// 2. one insertion, in one of the few places that its maker has: cells and place are unique.
///
/// # Errors
/// `SLOT_TAKEN` if the time is taken, `STATE_CONFLICT` if the caller has as many holds as anybody may have.
pub async fn hold(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    (doctor, interval): (&UserId, Interval),
) -> Result<Hold> {
    limit_booking(app, principal)?;
    let now = origin.now;
    if principal.role == Role::Doctor && doctor != &principal.user_id {
        return Err(errors::ACCESS_DENIED.into());
    }
    bookable(app, doctor).await?;
    let schedule = app.store.schedules().find(doctor).await?;
    let with = (doctor, schedule.as_ref());
    check_time(app, principal.role, with, interval, (None, now)).await?;
    let id = AppointmentId::generate(&app.rng);
    let minutes = app.settings.appointments.hold_minutes;
    let mut hold = Hold {
        by_doctor: list_key(&[CLINIC, doctor.as_str()], interval.start(), id.as_str()),
        id,
        clinic_id: CLINIC.to_owned(),
        doctor_id: doctor.clone(),
        made_by: principal.user_id.clone(),
        start: interval.start(),
        end: interval.end(),
        status: AppointmentStatus::Held,
        holds: Vec::new(),
        expires_at: hold_expires_at(now, minutes),
    };
    let maker = &principal.user_id;
    app.store
        .appointments()
        .remove_expired(doctor, interval, now)
        .await?;
    for place in 1..=app.settings.appointments.max_holds {
        let place = format!("hold/{maker}/{place}");
        let of_doctor = cells(interval).map(|cell| format!("{doctor}/{cell}"));
        hold.holds = of_doctor.chain([place.clone()]).collect();
        if insert(app, &hold, &place, now).await? {
            return Ok(hold);
        }
        let busy = app
            .store
            .appointments()
            .busy(doctor, hold.start, hold.end)
            .await?;
        let mut live = busy.iter().filter_map(|busy| busy.interval(now));
        if live.any(|busy| share_a_cell(busy, interval)) {
            return Err(errors::SLOT_TAKEN.into());
        }
    }
    Err(kernel::error::Error::new(errors::STATE_CONFLICT)
        .saying("You hold as many times as anybody may hold at once"))
}

fn share_a_cell(a: Interval, b: Interval) -> bool {
    let (a, b) = (cells(a), cells(b));
    a.start() <= b.end() && b.start() <= a.end()
}

/// Inserts a hold; an expired hold in its maker's place gives way.
async fn insert(app: &App, hold: &Hold, place: &str, now: Timestamp) -> Result<bool> {
    let rows = app.store.appointments();
    if rows.insert_hold(hold).await? {
        return Ok(true);
    }
    Ok(rows.remove_expired_at(place, now).await? && rows.insert_hold(hold).await?)
}

/// Gives a held time back.
///
/// # Errors
/// `RECORD_NOT_FOUND` if the caller has no such hold.
pub async fn release(app: &App, principal: &Principal, id: &AppointmentId) -> Result<()> {
    let rows = app.store.appointments();
    if rows.remove_hold(id, &principal.user_id).await? {
        return Ok(());
    }
    Err(errors::RECORD_NOT_FOUND.into())
}
