//! `/patients`, `/patients/{id}`, its symptoms, and the invitation.

use std::sync::Arc;

use kernel::{error::Error, ids::UserId, principal::Principal, request::Origin, role::Needs};
use poem_openapi::{ApiResponse, OpenApi, param::Path, payload::Json, types::ToJSON};
use web::{Body, Problem, RequestOrigin, caller::Caller, problem::error_set, text::Text};

use super::{
    record_requests::{InvitePatientRequest, Moment, NewPatientRequest, PatientChangeRequest},
    record_views::{PatientInvitedResponse, PatientRecordResponse, SymptomView, SymptomsResponse},
    requests::{SymptomChangeRequest, SymptomRequest},
    views::DuplicateCandidate,
};
use crate::{
    app::App,
    errors,
    http::{IdempotencyKey, Tag, once},
    patients::{
        birth::local_date,
        clinical::SymptomId,
        use_cases::{
            change,
            create::{self, NewPatient, Refused},
            duplicates::Candidates,
            invite, read,
            symptoms::{self, Step},
        },
    },
    permissions::{ClinicalWrite, PatientsWrite, RecordRead},
};

/// The operations of a record.
#[derive(Debug, Clone)]
pub struct RecordsApi(pub Arc<App>);
/// The operations of its symptoms.
#[derive(Debug, Clone)]
pub struct SymptomsApi(pub Arc<App>);

error_set!(
    /// Making a patient.
    CreateErrors = [CREDENTIAL_REQUIRED, POSSIBLE_DUPLICATE, IDEMPOTENCY_CONFLICT, RECORD_NOT_FOUND] + BODY + BEARER
);
error_set!(
    /// Reading a record.
    ReadErrors = [RECORD_NOT_FOUND, CREDENTIAL_REQUIRED] + BEARER + ID
);
error_set!(
    /// Changing a record.
    ChangeErrors = [RECORD_NOT_FOUND, CREDENTIAL_REQUIRED, VERSION_CONFLICT] + BODY + BEARER + ID
);
error_set!(
    /// Removing a symptom.
    RemoveErrors = [RECORD_NOT_FOUND, CREDENTIAL_REQUIRED, VERSION_CONFLICT] + BEARER + ID
);
error_set!(
    /// Inviting a patient.
    InviteErrors = [RECORD_NOT_FOUND, CREDENTIAL_REQUIRED, STATE_CONFLICT] + BODY + BEARER + ID
);

type Create = Result<CreatedPatient, Problem<CreateErrors>>;
type Read = Result<Json<PatientRecordResponse>, Problem<ReadErrors>>;
type ChangeRecord = Result<Json<PatientRecordResponse>, Problem<ChangeErrors>>;
type ChangeSymptoms = Result<Json<SymptomsResponse>, Problem<ChangeErrors>>;
type RemoveSymptom = Result<Json<SymptomsResponse>, Problem<RemoveErrors>>;
type Invite = Result<Json<PatientInvitedResponse>, Problem<InviteErrors>>;

/// The answer to a creation.
#[derive(ApiResponse)]
enum CreatedPatient {
    /// The record
    #[oai(status = 201)]
    Created(Json<PatientRecordResponse>),
}

fn moment(app: &App, origin: &Origin, caller: &Principal) -> Result<Moment, Error> {
    let today = local_date(&app.zone, origin.now);
    Ok(Moment {
        now: origin.now,
        today: today.ok_or_else(|| Error::internal("the clock has no date"))?,
        is_clinical: caller.role.allows(ClinicalWrite::PERMISSION),
    })
}

/// Who may be the same person, in `error.details`.
fn duplicates(found: &Candidates) -> Error {
    let candidates = found.visible.iter().map(DuplicateCandidate::from);
    let candidates: Vec<_> = candidates.collect();
    let candidates = candidates.to_json().unwrap_or_default();
    Error::new(errors::POSSIBLE_DUPLICATE)
        .adding("candidates", candidates)
        .adding("hidden", found.hidden)
}

async fn create(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    new: &NewPatient,
) -> Result<PatientRecordResponse, Error> {
    match create::create(app, origin, caller, new).await {
        Ok(shown) => Ok(PatientRecordResponse::new(
            app,
            "Patient created",
            &shown,
            origin.now,
        )),
        Err(Refused::Duplicates(found)) => Err(duplicates(&found)),
        Err(Refused::Error(error)) => Err(error),
    }
}

#[OpenApi(tag = "Tag::Patients")]
impl RecordsApi {
    /// Make a patient
    ///
    /// 409 `POSSIBLE_DUPLICATE` has in `details` the `candidates` whom the caller may see (`patient_id`, `name`,
    /// `date_of_birth`, `sex`, `phone`, `reason`) and the number of the others, `hidden`.
    #[oai(path = "/patients", method = "post", operation_id = "create_patient")]
    async fn create(
        &self,
        caller: Caller<PatientsWrite>,
        origin: RequestOrigin<'_>,
        /// 8 to 200 visible ASCII characters; a repeated request is answered as the first time, for 24 hours
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        body: Body<NewPatientRequest>,
    ) -> Create {
        let moment = moment(&self.0, &origin, &caller)?;
        let (key, new) = body.read_as(|fields, errors| {
            let key = key.value(errors);
            Some((key, fields.command(errors, moment)?))
        })?;
        let value = serde_json::to_value(&new).map_err(Error::internal)?;
        let mut is_first = false;
        let work = async {
            is_first = true;
            Box::pin(create(&self.0, &origin, &caller, &new)).await
        };
        let request = (key, "/patients", &value);
        let created = once(&self.0, &origin, &caller, request, work).await?;
        if !is_first {
            read::repeated(&self.0, &origin, &caller, &created.patient_id()).await?;
        }
        Ok(CreatedPatient::Created(Json(created)))
    }

    /// One patient's record
    ///
    /// The clinical fields are there only for the patient and for doctors who treat the patient.
    #[oai(
        path = "/patients/:patient_id",
        method = "get",
        operation_id = "get_patient"
    )]
    async fn read(
        &self,
        caller: Caller<RecordRead>,
        origin: RequestOrigin<'_>,
        /// The patient
        patient_id: Path<String>,
    ) -> Read {
        let patient_id = UserId::from_stored(patient_id.0);
        let shown = read::read(&self.0, &origin, &caller, &patient_id).await?;
        let answer = PatientRecordResponse::new(&self.0, "Patient", &shown, origin.now);
        Ok(Json(answer))
    }

    /// Change a patient's record
    ///
    /// Names and telephone number change on the patient's account as well; the address of an account is changed by its
    /// owner.
    #[oai(
        path = "/patients/:patient_id",
        method = "patch",
        operation_id = "change_patient"
    )]
    async fn change(
        &self,
        caller: Caller<PatientsWrite>,
        origin: RequestOrigin<'_>,
        /// The patient
        patient_id: Path<String>,
        body: Body<PatientChangeRequest>,
    ) -> ChangeRecord {
        let moment = moment(&self.0, &origin, &caller)?;
        let wanted = body.read_as(|fields, errors| Some(fields.command(errors, moment)))?;
        let patient_id = UserId::from_stored(patient_id.0);
        let shown = change::change(&self.0, &origin, &caller, &patient_id, &wanted).await?;
        let answer = PatientRecordResponse::new(&self.0, "Patient changed", &shown, origin.now);
        Ok(Json(answer))
    }

    /// Invite a patient to have an account
    ///
    /// The account gets the id of the record.
    #[oai(
        path = "/patients/:patient_id/invite",
        method = "post",
        operation_id = "invite_patient"
    )]
    async fn invite(
        &self,
        caller: Caller<PatientsWrite>,
        origin: RequestOrigin<'_>,
        /// The patient
        patient_id: Path<String>,
        body: Body<InvitePatientRequest>,
    ) -> Invite {
        let email = body.checked()?.email.and_then(Text::value);
        let patient_id = UserId::from_stored(patient_id.0);
        invite::invite(&self.0, &origin, &caller, &patient_id, email.as_ref()).await?;
        Ok(Json(PatientInvitedResponse {
            success: true,
            message: "The patient was invited".to_owned(),
            status: "invited".to_owned(),
        }))
    }
}

#[OpenApi(tag = "Tag::Patients")]
impl SymptomsApi {
    /// Record a symptom
    #[oai(
        path = "/patients/:patient_id/symptoms",
        method = "post",
        operation_id = "add_symptom"
    )]
    async fn add(
        &self,
        caller: Caller<ClinicalWrite>,
        origin: RequestOrigin<'_>,
        /// The patient
        patient_id: Path<String>,
        body: Body<SymptomRequest>,
    ) -> ChangeSymptoms {
        let new = body.read_as(SymptomRequest::command)?;
        let step = Step::Add(new);
        Ok(self.take(&origin, &caller, patient_id.0, &step).await?)
    }

    /// Change a symptom
    #[oai(
        path = "/patients/:patient_id/symptoms/:symptom_id",
        method = "patch",
        operation_id = "change_symptom"
    )]
    async fn change(
        &self,
        caller: Caller<ClinicalWrite>,
        origin: RequestOrigin<'_>,
        /// The patient
        patient_id: Path<String>,
        /// The symptom
        symptom_id: Path<String>,
        body: Body<SymptomChangeRequest>,
    ) -> ChangeSymptoms {
        let change = body.read_as(|fields, errors| Some(fields.command(errors)))?;
        let step = Step::Change(SymptomId::from_path(symptom_id.0), change);
        Ok(self.take(&origin, &caller, patient_id.0, &step).await?)
    }

    /// Remove a symptom
    #[oai(
        path = "/patients/:patient_id/symptoms/:symptom_id",
        method = "delete",
        operation_id = "remove_symptom"
    )]
    async fn remove(
        &self,
        caller: Caller<ClinicalWrite>,
        origin: RequestOrigin<'_>,
        /// The patient
        patient_id: Path<String>,
        /// The symptom
        symptom_id: Path<String>,
    ) -> RemoveSymptom {
        let step = Step::Remove(SymptomId::from_path(symptom_id.0));
        Ok(self.take(&origin, &caller, patient_id.0, &step).await?)
    }
}

impl SymptomsApi {
    async fn take(
        &self,
        origin: &Origin,
        caller: &Principal,
        patient_id: String,
        step: &Step,
    ) -> Result<Json<SymptomsResponse>, Error> {
        let patient_id = UserId::from_stored(patient_id);
        let symptoms = symptoms::change(&self.0, origin, caller, &patient_id, step).await?;
        Ok(Json(SymptomsResponse {
            success: true,
            message: "Symptoms".to_owned(),
            symptoms: symptoms.iter().map(SymptomView::from).collect(),
        }))
    }
}
