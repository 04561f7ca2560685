//! A new patient, made by a doctor or at the desk.

use kernel::{
    error::{Error, Result, RuleViolation},
    ids::UserId,
    principal::Principal,
    request::Origin,
};
use serde::Serialize;

use super::{
    duplicates::{Candidates, candidates},
    read::{Shown, show, widest_part},
    symptoms::NewSymptom,
};
use crate::{
    access::{Action, ListScope, Part, Whose},
    actions,
    app::App,
    errors,
    patients::{clinical::Clinical, relations::insert_patient, search::Findable, who::Who},
    records,
};

pub(super) const DOCTOR_UNKNOWN: RuleViolation =
    RuleViolation::new("doctor_unknown", "There is no such approved doctor");
const DOCTOR_MISSING: RuleViolation =
    RuleViolation::new("missing", "The desk must name the patient's doctor");

/// What the caller knows of the new patient.
#[derive(Serialize)]
pub struct NewPatient {
    /// Who the patient is.
    pub who: Who,
    /// The history, without symptoms.
    pub clinical: Clinical,
    /// The symptoms.
    pub symptoms: Vec<NewSymptom>,
    /// The patient's doctor; `None` for the calling doctor.
    pub doctor_id: Option<String>,
    /// Whether the caller has seen the candidates, and means another person.
    pub confirm_duplicate: bool,
}

/// Why there is no new patient.
pub enum Refused {
    /// Records that may be of the same person (PAT-11).
    Duplicates(Candidates),
    /// Any other error.
    Error(Error),
}

impl<E: Into<Error>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

/// `POST /patients`.
///
/// 1. Decide whether the caller has patients at all, and whose the new one is. 2. Look for the same person. 3. Reserve the
///    id. 4. Record the creation. 5. Insert the record, then the relationship; a crash between the two leaves
///    `created_for`, from which the tick makes the relationship. 6. Show the record.
///
/// # Errors
/// `Duplicates`; `ACCESS_DENIED` if a doctor names another doctor; `CREDENTIAL_REQUIRED`.
pub async fn create(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    new: &NewPatient,
) -> Result<Shown, Refused> {
    let scope = records::allow_list(app, caller, Part::Who).await?;
    let doctor = doctor_of_new(app, &scope, new.doctor_id.as_deref()).await?;
    let clinical = with_symptoms(app, origin, new)?;
    if !new.confirm_duplicate {
        let findable = Findable::of(&UserId::from_stored(""), &new.who, &app.phone_rules);
        let found = candidates(app, origin, caller, &scope, &findable).await?;
        if !found.is_empty() {
            return Err(Refused::Duplicates(found));
        }
    }
    let id = app.people.new_patient_id(origin).await?;
    let part = widest_part(caller);
    let (access, done) = ((part, scope.basis()), (actions::RECORD_CREATE, None));
    let ids = std::slice::from_ref(&id);
    records::note_many(app, origin, caller, access, ids, done).await?;
    let data = (&new.who, &clinical);
    let record = insert_patient(app, &id, data, Some(&doctor), origin.now).await?;
    let allowed = records::allow(app, origin, caller, &id, part, Action::Read).await?;
    Ok(show(app, origin, caller, &allowed, record).await?)
}

/// The doctor of a new patient.
async fn doctor_of_new(app: &App, scope: &ListScope, named: Option<&str>) -> Result<UserId> {
    match scope.whose() {
        Whose::Doctor(own) => match named {
            Some(other) if other != own.as_str() => Err(errors::ACCESS_DENIED.into()),
            _ => Ok(own.clone()),
        },
        Whose::Clinic => {
            let named = named.ok_or_else(|| DOCTOR_MISSING.at("doctor_id"))?;
            approved_doctor(app, &UserId::from_stored(named)).await
        }
        Whose::Patient(_) => Err(errors::ACCESS_DENIED.into()),
    }
}

/// The id of a doctor who may treat patients.
///
/// # Errors
/// `doctor_unknown` at `doctor_id`.
pub(super) async fn approved_doctor(app: &App, id: &UserId) -> Result<UserId> {
    let doctor = app.people.doctor(id).await?;
    let approved = doctor.filter(|doctor| doctor.is_approved);
    let approved = approved.ok_or_else(|| DOCTOR_UNKNOWN.at("doctor_id"))?;
    Ok(approved.doctor_id)
}

fn with_symptoms(app: &App, origin: &Origin, new: &NewPatient) -> Result<Clinical> {
    let mut clinical = new.clinical.clone();
    for symptom in &new.symptoms {
        let added = clinical.add_symptom(symptom.recorded(&app.rng, origin.now));
        added.map_err(|violation| violation.at("symptoms"))?;
    }
    Ok(clinical)
}
