//! What a consultation does to the appointment that it was started from: its patient arrives at the start, and it is
//! completed at the end, once (CON-7).
//!
//! Each step is one conditional update, so repeating it changes nothing.

use kernel::{clock::Timestamp, error::Result, ids::UserId};

use crate::{
    access::PatientScope,
    app::App,
    appointments::{AppointmentId, documents::Appointment, status::AppointmentStatus},
    errors,
};

/// Refuses an appointment of another patient or doctor, and one from which no consultation can be started.
///
/// # Errors
/// `RECORD_NOT_FOUND`, or `STATE_CONFLICT` if it is neither confirmed nor arrived.
pub async fn check_consultation(
    app: &App,
    both: (&UserId, &PatientScope),
    id: &AppointmentId,
) -> Result<()> {
    let found = find(app, both, id).await?;
    match found.ok_or(errors::RECORD_NOT_FOUND)?.status {
        AppointmentStatus::Confirmed | AppointmentStatus::Arrived => Ok(()),
        _ => Err(errors::STATE_CONFLICT.into()),
    }
}

/// The patient is here: a confirmed appointment becomes `arrived`. In every other state it stays.
pub async fn consultation_started(
    app: &App,
    both: (&UserId, &PatientScope),
    id: &AppointmentId,
    now: Timestamp,
) -> Result<()> {
    let next = AppointmentStatus::when_consultation_starts;
    follow(app, both, id, next, now).await
}

/// The consultation is over: the appointment becomes `completed` and frees its time (APT-3), also if a crash had kept its
/// start from being noted.
pub async fn consultation_ended(
    app: &App,
    both: (&UserId, &PatientScope),
    id: &AppointmentId,
    now: Timestamp,
) -> Result<()> {
    consultation_started(app, both, id, now).await?;
    let next = AppointmentStatus::when_consultation_ends;
    follow(app, both, id, next, now).await
}

async fn follow(
    app: &App,
    both: (&UserId, &PatientScope),
    id: &AppointmentId,
    next: impl Fn(AppointmentStatus) -> Option<AppointmentStatus>,
    now: Timestamp,
) -> Result<()> {
    while let Some(known) = find(app, both, id).await? {
        let Some(status) = next(known.status) else {
            break;
        };
        let changed = Appointment {
            status,
            holds: known.holds.clone().filter(|_| status.holds_time()),
            version: known.version + 1,
            updated_at: now,
            ..known.clone()
        };
        if app.store.appointments().change(&known, &changed).await? {
            break;
        }
    }
    Ok(())
}

/// The appointment, if it is of this doctor and this patient (ACC-7).
async fn find(
    app: &App,
    (doctor, scope): (&UserId, &PatientScope),
    id: &AppointmentId,
) -> Result<Option<Appointment>> {
    let found = app.store.appointments().find(id).await?;
    Ok(found
        .filter(|it| it.doctor_id.as_ref() == Some(doctor) && &it.patient_id == scope.patient_id()))
}
