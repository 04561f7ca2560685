//! Relationships between doctors and patients as they stand in the database: made and changed step by step.

use kernel::{clock::Timestamp, error::Result, ids::UserId};

use super::{
    care::Care,
    clinical::Clinical,
    record::{CareRelation, PatientRecord},
    who::Who,
};
use crate::{
    access::CLINIC,
    app::App,
    list_keys::list_key,
    records::{self, new_record},
    tokens::tokens_of_doctor,
};

/// Makes the record of a new patient, and the relationship of the doctor for whom it is made. A crash between the two
/// leaves a record with `created_for`, from which a tick makes the relationship.
pub async fn insert_patient(
    app: &App,
    patient_id: &UserId,
    (who, clinical): (&Who, &Clinical),
    doctor: Option<&UserId>,
    now: Timestamp,
) -> Result<PatientRecord> {
    let mut record = new_record(app, patient_id, who, clinical, now)?;
    record.created_for = doctor.cloned();
    app.store.patients().insert(&record).await?;
    if let Some(doctor) = doctor {
        let relation = relation(app, doctor, &record, who, Care::created(now))?;
        app.store.relations().insert(&relation).await?;
    }
    Ok(record)
}

/// The relationship of a doctor to the patient of a record.
pub fn relation(
    app: &App,
    doctor: &UserId,
    record: &PatientRecord,
    who: &Who,
    care: Care,
) -> Result<CareRelation> {
    let patient = &record.patient_id;
    Ok(CareRelation {
        id: CareRelation::id_of(doctor, patient),
        doctor_id: doctor.clone(),
        patient_id: patient.clone(),
        kind: care.kind,
        since: care.since,
        until: care.until,
        reason: care.reason,
        by_doctor: list_key(
            &[CLINIC, doctor.as_str()],
            record.created_at,
            patient.as_str(),
        ),
        tokens: tokens_of_doctor(app, doctor, patient, who)?,
        tokens_version: record.version,
    })
}

/// Lets the doctor of a confirmed appointment see the record, until some days after its start. It may be repeated.
pub async fn begin_visit(
    app: &App,
    doctor: &UserId,
    record: &PatientRecord,
    start: Timestamp,
    now: Timestamp,
) -> Result<()> {
    let days = app.settings.care.after_visit_days;
    let rows = app.store.relations();
    loop {
        let known = rows.find(doctor, &record.patient_id).await?;
        let before = known.as_ref().map(CareRelation::care);
        let Some(care) = Care::visit(before.as_ref(), start, days, now) else {
            return Ok(());
        };
        let done = if let Some(known) = known {
            rows.replace(&known, &care).await?
        } else {
            let who = records::who(app, record).await?;
            let relation = relation(app, doctor, record, &who, care)?;
            rows.insert(&relation).await?
        };
        if done {
            return Ok(());
        }
    }
}

/// Takes back what a cancelled appointment, or one that went to another doctor, gave its doctor. It may be repeated.
pub async fn end_visit(
    app: &App,
    doctor: &UserId,
    record: &PatientRecord,
    now: Timestamp,
) -> Result<()> {
    let days = app.settings.care.after_visit_days;
    let (rows, patient) = (app.store.relations(), &record.patient_id);
    let last_visit = async || app.store.appointments().last_visit(doctor, patient).await;
    loop {
        let Some(known) = rows.find(doctor, patient).await? else {
            return Ok(());
        };
        let last = last_visit().await?;
        let Some(care) = known.care().without_visit(last, days, now) else {
            return Ok(());
        };
        if !rows.replace(&known, &care).await? {
            continue;
        }
        // One that was booked meanwhile found the longer relationship, and changed nothing.
        return match last_visit().await? {
            Some(start) if Some(start) > last => begin_visit(app, doctor, record, start, now).await,
            _ => Ok(()),
        };
    }
}
