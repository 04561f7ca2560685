//! `/consultation`: starting, stopping and reading consultations.

mod view;

use std::sync::Arc;

use kernel::{ids::UserId, principal::Principal, request::Origin};
use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
    payload::Json,
    types::MaybeUndefined,
};
use web::{
    Body, Problem, RequestBody, RequestOrigin, ValidationErrors,
    caller::Caller,
    listing::Asked,
    problem::error_set,
    text::{FromText, Text, any, texts, words},
};

use self::view::{
    ConsultationChangedResponse, ConsultationHistoryResponse, ConsultationResponse,
    ConsultationStartedResponse,
};
use super::{
    ChiefComplaint, ConsultationId, ConsultationNotes, SessionType,
    course::Course,
    reading,
    use_cases::{self, Start, TextChange},
};
use crate::{
    app::App,
    appointments::AppointmentId,
    errors,
    http::{PageRows, Tag},
    listing::Listing,
    permissions::{ClinicalRead, ClinicalWrite},
    reports::filter::SESSION_TYPE_INVALID,
    texts::NOTHING_TO_CHANGE,
};

/// The operations.
#[derive(Debug, Clone)]
pub struct ConsultationsApi(pub Arc<App>);

error_set!(
    /// Starting.
    StartErrors = [RECORD_NOT_FOUND, CREDENTIAL_REQUIRED, CONSULTATION_ACTIVE, STATE_CONFLICT] + BODY + BEARER
);
error_set!(
    /// Changing.
    ChangeErrors = [RECORD_NOT_FOUND, CREDENTIAL_REQUIRED, STATE_CONFLICT] + BODY + ID + BEARER
);
error_set!(
    /// Reading.
    ReadErrors = [RECORD_NOT_FOUND, CREDENTIAL_REQUIRED] + ID + BEARER
);

texts! {
    ChiefComplaint => Self, any(), |typed| Self::parse(typed);
    ConsultationNotes => Self, any(), |typed| Self::parse(typed);
    SessionType => Self, words(Self::ALL.iter().map(|kind| kind.name())),
        |typed| Self::parse(typed).ok_or(SESSION_TYPE_INVALID);
    AppointmentId => Self, any(), |typed| Ok(Self::from_stored(typed));
}

type Started = Result<Json<ConsultationStartedResponse>, Problem<StartErrors>>;
type Changed = Result<Json<ConsultationChangedResponse>, Problem<ChangeErrors>>;
type Read = Result<Json<ConsultationResponse>, Problem<ReadErrors>>;

#[OpenApi(tag = "Tag::Consultations")]
impl ConsultationsApi {
    /// Start a consultation
    ///
    /// A doctor has one open consultation with a patient. Another start is refused with the open one's id in
    /// `error.details.session_id`; with `force`, it ends the open one.
    #[oai(
        path = "/consultation/start",
        method = "post",
        operation_id = "start_consultation"
    )]
    async fn start(
        &self,
        caller: Caller<ClinicalWrite>,
        origin: RequestOrigin<'_>,
        /// Whether to end an open consultation with this patient; the body can say it, too
        force: Query<Option<bool>>,
        body: Body<StartConsultationRequest>,
    ) -> Started {
        let force = force.0.unwrap_or_default();
        let start = body.read_as(|fields, _| fields.command(force))?;
        let seen = use_cases::start(&self.0, &origin, &caller, &start).await?;
        Ok(Json(seen.into()))
    }

    /// Stop a consultation
    ///
    /// Stopping again answers the first end.
    #[oai(
        path = "/consultation/:session_id/stop",
        method = "post",
        operation_id = "stop_consultation"
    )]
    async fn stop(
        &self,
        caller: Caller<ClinicalWrite>,
        origin: RequestOrigin<'_>,
        /// The consultation
        session_id: Path<String>,
        body: Body<ConsultationTextsRequest>,
    ) -> Changed {
        let texts = body.checked()?.command();
        let step = ("stop", Course::stop as use_cases::Step);
        let what = (session_id.0.as_str(), step, &texts);
        self.take(&origin, &caller, what, "Consultation stopped")
            .await
    }

    /// Pause a consultation
    #[oai(
        path = "/consultation/:session_id/pause",
        method = "post",
        operation_id = "pause_consultation"
    )]
    async fn pause(
        &self,
        caller: Caller<ClinicalWrite>,
        origin: RequestOrigin<'_>,
        /// The consultation
        session_id: Path<String>,
        body: Body<ConsultationTextsRequest>,
    ) -> Changed {
        let texts = body.checked()?.command();
        let step = ("pause", Course::pause as use_cases::Step);
        let what = (session_id.0.as_str(), step, &texts);
        self.take(&origin, &caller, what, "Consultation paused")
            .await
    }

    /// Go on after a pause
    #[oai(
        path = "/consultation/:session_id/resume",
        method = "post",
        operation_id = "resume_consultation"
    )]
    async fn resume(
        &self,
        caller: Caller<ClinicalWrite>,
        origin: RequestOrigin<'_>,
        /// The consultation
        session_id: Path<String>,
        body: Body<ConsultationTextsRequest>,
    ) -> Changed {
        let texts = body.checked()?.command();
        let step = ("resume", Course::resume as use_cases::Step);
        let what = (session_id.0.as_str(), step, &texts);
        self.take(&origin, &caller, what, "Consultation resumed")
            .await
    }

    /// Change complaint and notes
    ///
    /// Also after the consultation has ended. What is absent stays; an empty text clears.
    #[oai(
        path = "/consultation/:session_id",
        method = "patch",
        operation_id = "change_consultation"
    )]
    async fn change(
        &self,
        caller: Caller<ClinicalWrite>,
        origin: RequestOrigin<'_>,
        /// The consultation
        session_id: Path<String>,
        body: Body<ConsultationChangeRequest>,
    ) -> Changed {
        let texts = body.read_as(|fields, errors| Some(fields.command(errors)))?;
        let step = ("change", Course::stay as use_cases::Step);
        let what = (session_id.0.as_str(), step, &texts);
        self.take(&origin, &caller, what, "Consultation updated")
            .await
    }

    /// The state of a consultation
    #[oai(
        path = "/consultation/:session_id/status",
        method = "get",
        operation_id = "consultation_status"
    )]
    async fn status(
        &self,
        caller: Caller<ClinicalRead>,
        origin: RequestOrigin<'_>,
        /// The consultation
        session_id: Path<String>,
    ) -> Read {
        let id = read_id(&session_id.0);
        let seen = reading::read(&self.0, &origin, &caller, &id).await?;
        Ok(Json(ConsultationResponse::new(seen, origin.now)))
    }

    /// One consultation
    ///
    /// `notes` are there for doctors only.
    #[oai(
        path = "/consultation/detail/:consultation_id",
        method = "get",
        operation_id = "get_consultation"
    )]
    async fn detail(
        &self,
        caller: Caller<ClinicalRead>,
        origin: RequestOrigin<'_>,
        /// The consultation
        consultation_id: Path<String>,
    ) -> Read {
        let id = read_id(&consultation_id.0);
        let seen = reading::read(&self.0, &origin, &caller, &id).await?;
        Ok(Json(ConsultationResponse::new(seen, origin.now)))
    }

    /// A patient's consultations, newest first
    #[oai(
        path = "/consultation/history/:patient_id",
        method = "get",
        operation_id = "list_consultations"
    )]
    async fn history(
        &self,
        caller: Caller<ClinicalRead>,
        origin: RequestOrigin<'_>,
        /// The patient
        patient_id: Path<String>,
        /// Rows of a page
        limit: Asked<PageRows>,
        /// Rows before the page; not together with `cursor`
        offset: Query<Option<u32>>,
        /// The `next_cursor` of the page before
        cursor: Query<Option<String>>,
    ) -> Result<Json<ConsultationHistoryResponse>, Problem<ReadErrors>> {
        let mut errors = ValidationErrors::new();
        let limit = limit.value(&mut errors);
        let listing = Listing::read(&mut errors, limit, offset.0, cursor.0.as_deref());
        let (listing, id) = (errors.finish(listing)?, UserId::from_stored(patient_id.0));
        let history = reading::history(&self.0, &origin, &caller, &id, &listing).await?;
        Ok(Json(ConsultationHistoryResponse::new(history, origin.now)))
    }
}

impl ConsultationsApi {
    /// Takes a step of a consultation's course, with new texts.
    async fn take(
        &self,
        origin: &Origin,
        caller: &Principal,
        (id, step, texts): (&str, (&str, use_cases::Step), &TextChange),
        said: &str,
    ) -> Changed {
        let seen = use_cases::change(&self.0, origin, caller, &read_id(id), step, texts).await?;
        Ok(Json(ConsultationChangedResponse::new(
            said, &seen, origin.now,
        )))
    }
}

/// An id that the service never issues belongs to no consultation. It takes the way of an unknown one (ACC-3).
fn read_id(typed: &str) -> ConsultationId {
    ConsultationId::parse(typed).unwrap_or_default()
}

/// What to start.
#[derive(Debug, Object)]
struct StartConsultationRequest {
    /// The patient
    patient_id: Text<UserId>,
    /// The doctor: absent, or the caller
    doctor_id: Option<Text<UserId>>,
    /// What the patient complains of, up to 500 characters
    chief_complaint: Option<Text<ChiefComplaint>>,
    /// `consultation`, `new_patient`, `followup` or `emergency`
    session_type: Option<Text<SessionType>>,
    /// The appointment that it is started from; it becomes `arrived`, and `completed` when the consultation ends
    appointment_id: Option<Text<AppointmentId>>,
    /// Whether to end an open consultation with this patient
    force: Option<bool>,
}

impl RequestBody for StartConsultationRequest {}

impl StartConsultationRequest {
    fn command(self, force: bool) -> Option<Start> {
        Some(Start {
            patient_id: UserId::from_stored(self.patient_id.value()?),
            doctor_id: self
                .doctor_id
                .and_then(Text::value)
                .map(UserId::from_stored),
            session_type: self.session_type.and_then(Text::value).unwrap_or_default(),
            chief_complaint: self
                .chief_complaint
                .and_then(Text::value)
                .unwrap_or_default(),
            appointment_id: self.appointment_id.and_then(Text::value),
            force: force || self.force.unwrap_or_default(),
        })
    }
}

/// New texts; what is absent stays.
#[derive(Debug, Object)]
struct ConsultationTextsRequest {
    /// What the patient complains of, up to 500 characters
    chief_complaint: Option<Text<ChiefComplaint>>,
    /// The doctor's notes, up to 2,000 characters
    notes: Option<Text<ConsultationNotes>>,
}

impl RequestBody for ConsultationTextsRequest {
    const OPTIONAL: bool = true;
    const BLANK_IS_NULL: bool = false;
}

impl ConsultationTextsRequest {
    fn command(self) -> TextChange {
        TextChange {
            chief_complaint: self.chief_complaint.and_then(Text::value),
            notes: self.notes.and_then(Text::value),
        }
    }
}

/// New texts of a change, at least one; what is absent stays, `null` and an empty text clear.
#[derive(Debug, Object)]
struct ConsultationChangeRequest {
    /// What the patient complains of, up to 500 characters
    #[oai(nullable)]
    chief_complaint: MaybeUndefined<Text<ChiefComplaint>>,
    /// The doctor's notes, up to 2,000 characters
    #[oai(nullable)]
    notes: MaybeUndefined<Text<ConsultationNotes>>,
}

impl RequestBody for ConsultationChangeRequest {
    const BLANK_IS_NULL: bool = false;
}

impl ConsultationChangeRequest {
    fn command(self, errors: &mut ValidationErrors) -> TextChange {
        let is_empty = self.chief_complaint.is_undefined() && self.notes.is_undefined();
        if is_empty && errors.is_empty() {
            errors.add(NOTHING_TO_CHANGE.at("body"));
        }
        TextChange {
            chief_complaint: or_cleared(self.chief_complaint),
            notes: or_cleared(self.notes),
        }
    }
}

/// The new text; `null` is the empty one.
fn or_cleared<T: FromText<Value = T> + Default>(text: MaybeUndefined<Text<T>>) -> Option<T> {
    match text {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(T::default()),
        MaybeUndefined::Value(text) => text.value(),
    }
}
