//! What a consultation does to the appointment that it was started from (CON-7).

use kernel::{clock::Timestamp, error::Result, ids::UserId};

use crate::{
    app::App,
    appointments::{AppointmentId, documents::Appointment, status::AppointmentStatus},
    errors,
};

/// The patient is here: a confirmed appointment becomes `arrived`. In every other state it stays, so this may be
/// repeated.
///
/// # Errors
/// `RECORD_NOT_FOUND` if there is no such appointment of this doctor and this patient.
pub async fn consultation_started(
    app: &App,
    id: &AppointmentId,
    (doctor, patient): (&UserId, &UserId),
    now: Timestamp,
) -> Result<()> {
    let next = AppointmentStatus::when_consultation_starts;
    follow(app, id, (doctor, patient), next, now).await
}

/// The consultation is over: an arrived appointment becomes `completed` and frees its time (APT-3). In every other state
/// it stays, so this may be repeated.
///
/// # Errors
/// As [`consultation_started`].
pub async fn consultation_ended(
    app: &App,
    id: &AppointmentId,
    (doctor, patient): (&UserId, &UserId),
    now: Timestamp,
) -> Result<()> {
    let next = AppointmentStatus::when_consultation_ends;
    follow(app, id, (doctor, patient), next, now).await
}

async fn follow(
    app: &App,
    id: &AppointmentId,
    (doctor, patient): (&UserId, &UserId),
    next: impl Fn(AppointmentStatus) -> Option<AppointmentStatus>,
    now: Timestamp,
) -> Result<()> {
    let rows = app.store.appointments();
    loop {
        let known = rows.find(id).await?;
        let of_both =
            |it: &Appointment| it.doctor_id.as_ref() == Some(doctor) && &it.patient_id == patient;
        let known = known.filter(of_both).ok_or(errors::RECORD_NOT_FOUND)?;
        let Some(status) = next(known.status) else {
            return Ok(());
        };
        let changed = Appointment {
            status,
            holds: known.holds.clone().filter(|_| status.holds_time()),
            version: known.version + 1,
            updated_at: now,
            ..known.clone()
        };
        if rows.change(&known, &changed).await? {
            return Ok(());
        }
    }
}
