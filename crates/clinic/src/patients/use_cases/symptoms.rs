//! The symptoms of a record: added, changed, removed.

use kernel::{
    clock::Timestamp,
    error::{FieldError, Result},
    ids::UserId,
    principal::Principal,
    random::SharedRng,
    request::Origin,
};
use serde::Serialize;

use super::{
    change::Change,
    read::{clinical, clinical_key},
};
use crate::{
    access::{Action, Part},
    actions,
    app::App,
    errors,
    patients::{
        clinical::{Clinical, Details, Frequency, Severity, Symptom, SymptomId, SymptomName},
        store::RecordChange,
        values::Lasting,
    },
    records,
    sealing::Collection,
};

/// How often a change is tried again because another one was faster.
const TRIES: usize = 40;

/// A symptom before it is recorded.
#[derive(Clone, Serialize)]
pub struct NewSymptom {
    /// What it is.
    pub symptom_name: SymptomName,
    /// How strong it is.
    pub severity: Option<Severity>,
    /// How often it occurs.
    pub frequency: Option<Frequency>,
    /// How long it has lasted.
    pub duration: Option<Lasting>,
    /// Notes.
    pub notes: Option<Details>,
}

impl NewSymptom {
    pub(super) fn recorded(&self, rng: &SharedRng, now: Timestamp) -> Symptom {
        let new = self.clone();
        Symptom {
            symptom_id: SymptomId::generate(rng),
            symptom_name: new.symptom_name,
            severity: new.severity,
            frequency: new.frequency,
            duration: new.duration,
            notes: new.notes,
            recorded_at: now,
        }
    }
}

/// What changes of a symptom.
pub struct SymptomChange {
    /// What it is; `None` if it stays.
    pub symptom_name: Option<SymptomName>,
    /// How strong it is.
    pub severity: Change<Severity>,
    /// How often it occurs.
    pub frequency: Change<Frequency>,
    /// How long it has lasted.
    pub duration: Change<Lasting>,
    /// Notes.
    pub notes: Change<Details>,
}

/// What happens to the symptoms of a record.
pub enum Step {
    /// One more.
    Add(NewSymptom),
    /// One is changed.
    Change(SymptomId, SymptomChange),
    /// One is removed.
    Remove(SymptomId),
}

impl Step {
    /// Does the step. `false` if the record has no such symptom.
    fn take(&self, app: &App, to: &mut Clinical, now: Timestamp) -> Result<bool, FieldError> {
        match self {
            Self::Add(new) => {
                let added = to.add_symptom(new.recorded(&app.rng, now));
                added.map_err(|violation| violation.at("symptom_name"))?;
                Ok(true)
            }
            Self::Change(id, change) => {
                let Some(symptom) = to.symptom_mut(id) else {
                    return Ok(false);
                };
                if let Some(name) = &change.symptom_name {
                    symptom.symptom_name = name.clone();
                }
                change.severity.apply(&mut symptom.severity);
                change.frequency.apply(&mut symptom.frequency);
                change.duration.apply(&mut symptom.duration);
                change.notes.apply(&mut symptom.notes);
                Ok(true)
            }
            Self::Remove(id) => Ok(to.remove_symptom(id)),
        }
    }
}

/// `POST`, `PATCH` and `DELETE /patients/{id}/symptoms`.
///
/// 1. Decide. 2. Load and open the clinical group. 3. Take the step; an id that the record does not have is unknown,
///    whatever other record has it (ACC-7). 4. Record the change. 5. One update, if the record is still the same version;
///    otherwise from 2.
///
/// # Errors
/// `RECORD_NOT_FOUND`; `VERSION_CONFLICT` if too many others change the record.
pub async fn change(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    patient_id: &UserId,
    step: &Step,
) -> Result<Vec<Symptom>> {
    let (part, action) = (Part::Clinical, Action::Write);
    let allowed = records::allow(app, origin, caller, patient_id, part, action).await?;
    let place = Collection::PatientRecords.place(patient_id.as_str());
    for attempt in 0..TRIES {
        let record = records::load(app, origin, &allowed).await?;
        let mut changed = clinical(app, &record)?;
        if !step.take(app, &mut changed, origin.now)? {
            return Err(errors::RECORD_NOT_FOUND.into());
        }
        if attempt == 0 {
            let done = actions::RECORD_CHANGE;
            records::note(app, origin, caller, &allowed, done, Some("symptoms")).await?;
        }
        let sealed = clinical_key(app, &record)?.seal(place, &changed, &app.rng)?;
        let change = RecordChange {
            clinical: Some(sealed),
            ..RecordChange::default()
        };
        let (rows, scope) = (app.store.patients(), allowed.scope());
        if rows
            .change(&scope, record.version, &change, origin.now)
            .await?
        {
            return Ok(changed.symptoms().to_vec());
        }
    }
    Err(errors::VERSION_CONFLICT.into())
}
