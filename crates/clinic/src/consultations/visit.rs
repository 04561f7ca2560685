//! The appointment of a consultation: its patient arrives at the start, and it is completed at the end, once (CON-7).
//!
//! Each step is one conditional update, so repeating it changes nothing.

use bson::{Document, doc};
use kernel::{
    clock::Timestamp,
    error::{Error, Result},
    ids::UserId,
    stored::date,
};

use super::store::of_patient;
use crate::{
    access::PatientScope,
    app::App,
    appointments::{AppointmentId, status::AppointmentStatus},
    errors,
};

/// Refuses an appointment of another patient or doctor, and one that no consultation can be started from.
///
/// # Errors
/// `RECORD_NOT_FOUND`, or `STATE_CONFLICT` if it is neither confirmed nor arrived.
pub(super) async fn check(
    app: &App,
    scope: &PatientScope,
    doctor: &UserId,
    id: &AppointmentId,
) -> Result<()> {
    let rows = app.store.rows::<Document>(&app.store.names().appointments);
    let found = app
        .store
        .run(rows.find_one(filter(scope, doctor, id)))
        .await?;
    let found = found.ok_or(errors::RECORD_NOT_FOUND)?;
    let status = found.get_str("status").ok();
    match status.and_then(AppointmentStatus::parse) {
        Some(AppointmentStatus::Confirmed | AppointmentStatus::Arrived) => Ok(()),
        _ => Err(Error::from(errors::STATE_CONFLICT)),
    }
}

/// The patient is here.
pub(super) async fn begin(
    app: &App,
    scope: &PatientScope,
    doctor: &UserId,
    id: &AppointmentId,
    now: Timestamp,
) -> Result<()> {
    let from = AppointmentStatus::Confirmed;
    match from.when_consultation_starts() {
        Some(to) => change(app, filter(scope, doctor, id), from, to, now).await,
        None => Ok(()),
    }
}

/// The visit is over, also if a crash had kept the start from being noted.
pub(super) async fn end(
    app: &App,
    scope: &PatientScope,
    doctor: &UserId,
    id: &AppointmentId,
    now: Timestamp,
) -> Result<()> {
    begin(app, scope, doctor, id, now).await?;
    let from = AppointmentStatus::Arrived;
    match from.when_consultation_ends() {
        Some(to) => change(app, filter(scope, doctor, id), from, to, now).await,
        None => Ok(()),
    }
}

fn filter(scope: &PatientScope, doctor: &UserId, id: &AppointmentId) -> Document {
    let mut filter = of_patient(scope, id.as_str());
    filter.insert("doctor_id", doctor.as_str());
    filter
}

async fn change(
    app: &App,
    mut filter: Document,
    from: AppointmentStatus,
    to: AppointmentStatus,
    now: Timestamp,
) -> Result<()> {
    filter.insert("status", from.name());
    let mut update = doc! {
        "$set": { "status": to.name(), "updated_at": date(now) }, "$inc": { "version": 1 },
    };
    if !to.holds_time() {
        update.insert("$unset", doc! { "holds": "" });
    }
    let rows = app.store.rows::<Document>(&app.store.names().appointments);
    Ok(app.store.change(&rows, filter, update).await?)
}
