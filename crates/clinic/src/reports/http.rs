//! `/reports`: lists, numbers, reading, writing, signing, amending, printing.

use std::sync::Arc;

use kernel::{
    secret::Secret,
    text::{parse_line, text_type},
};
use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};
use web::{
    Body, Problem, RequestBody, RequestOrigin, ValidationErrors,
    caller::Caller,
    problem::error_set,
    static_response::StaticResponse,
    text::{Text, any, texts, words},
};

use super::{
    ReportId, ReportType,
    content::Confidence,
    filter::{REPORT_TYPE_INVALID, ReportFilter, STATUS_INVALID, TypedFilter},
    listing,
    print::{self, PrintedPage},
    status::ReportStatus,
    use_cases::{self, ReportChange},
    view::{
        DiagnosisView, FiltersView, MedicationView, RecommendationView, ReportPageResponse,
        ReportResponse, StatisticsResponse,
    },
};
use crate::{
    actions::{RECORD_EXPORT, RECORD_READ},
    app::App,
    consultations::ConsultationId,
    errors,
    http::{Listing, Tag},
    permissions::{ClinicalRead, ClinicalWrite, ReportsList, ReportsSign, ReportsStats},
};

/// The operations.
#[derive(Debug, Clone)]
pub struct ReportsApi(pub Arc<App>);

error_set!(
    /// Listing, and the numbers.
    ListErrors = [RECORD_NOT_FOUND, CREDENTIAL_REQUIRED] + BEARER
);
error_set!(
    /// Reading.
    ReadErrors = [RECORD_NOT_FOUND, CREDENTIAL_REQUIRED] + ID + BEARER
);
error_set!(
    /// Making.
    CreateErrors = [RECORD_NOT_FOUND, CREDENTIAL_REQUIRED] + BODY + BEARER
);
error_set!(
    /// Changing, signing, amending.
    ChangeErrors = [RECORD_NOT_FOUND, CREDENTIAL_REQUIRED, STATE_CONFLICT, VERSION_CONFLICT] + BODY + ID + BEARER
        + HASHING
);

text_type! {
    /// The program that made a text: a line of up to 100 code points.
    AiModel
}

texts! {
    ReportType => Self, words(Self::ALL.iter().map(|kind| kind.name())),
        |typed| Self::parse(typed).ok_or(REPORT_TYPE_INVALID);
    ReportStatus => Self, words(Self::ALL.iter().map(|status| status.name())),
        |typed| Self::parse(typed).ok_or(STATUS_INVALID);
    AiModel => String, any(), |typed| parse_line(typed);
}

type Changed = Result<Json<ReportResponse>, Problem<ChangeErrors>>;

#[OpenApi(tag = "Tag::Reports")]
impl ReportsApi {
    /// Reports, newest first
    ///
    /// A doctor sees the reports that he wrote, a patient his signed ones, an administrator all of them without any text.
    #[oai(path = "/reports/list", method = "get", operation_id = "list_reports")]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a parameter of the query"
    )]
    async fn list(
        &self,
        caller: Caller<ReportsList>,
        origin: RequestOrigin<'_>,
        /// A patient
        patient_id: Query<Option<String>>,
        /// `pending`, `generating`, `completed`, `failed` or `signed`
        status: Query<Option<String>>,
        /// `consultation`, `new_patient`, `followup` or `emergency`
        session_type: Query<Option<String>>,
        /// `consultation`, `new_patient`, `followup`, `emergency`, `referral` or `summary`
        report_type: Query<Option<String>>,
        /// Made at this time or later; a day is one of the clinic
        date_from: Query<Option<String>>,
        /// Made before this time; a day is one of the clinic, and part of the range
        date_to: Query<Option<String>>,
        /// A doctor; for administrators
        doctor_id: Query<Option<String>>,
        /// Rows of a page
        #[oai(default = "web::listing::default_limit")]
        limit: Query<u32>,
        /// Rows before the page; not together with `cursor`
        offset: Query<Option<u32>>,
        /// The `next_cursor` of the page before
        cursor: Query<Option<String>>,
    ) -> Result<Json<ReportPageResponse>, Problem<ListErrors>> {
        let filters = FiltersView {
            patient_id: given(patient_id.0),
            doctor_id: given(doctor_id.0),
            status: given(status.0),
            session_type: given(session_type.0),
            report_type: given(report_type.0),
            date_from: given(date_from.0),
            date_to: given(date_to.0),
        };
        let mut errors = ValidationErrors::new();
        let listing = Listing::read(&mut errors, limit.0, offset.0, cursor.0.as_deref());
        let filter = self.read_filter(&mut errors, &filters);
        let (filter, listing) = errors.finish(filter.zip(listing))?;
        let page = listing::list(&self.0, &origin, &caller, filter, &listing).await?;
        Ok(Json(ReportPageResponse::new(
            page, filters, &caller, origin.now,
        )))
    }

    /// The numbers of reports
    ///
    /// Those of the calling doctor, of one of his patients, or for administrators of the clinic or of one doctor.
    #[oai(path = "/reports/stats", method = "get", operation_id = "report_stats")]
    async fn stats(
        &self,
        caller: Caller<ReportsStats>,
        origin: RequestOrigin<'_>,
        /// A patient
        patient_id: Query<Option<String>>,
        /// A doctor; for administrators
        doctor_id: Query<Option<String>>,
    ) -> Result<Json<StatisticsResponse>, Problem<ListErrors>> {
        let filters = FiltersView {
            patient_id: given(patient_id.0),
            doctor_id: given(doctor_id.0),
            ..FiltersView::default()
        };
        let mut errors = ValidationErrors::new();
        let filter = self.read_filter(&mut errors, &filters);
        let filter = errors.finish(filter)?;
        let numbers = listing::statistics(&self.0, &origin, &caller, filter).await?;
        Ok(Json(StatisticsResponse::new(&numbers, origin.now)))
    }

    /// Make a report of a consultation
    ///
    /// With a content it begins as `completed`, without as `pending`. Only the consultation's doctor makes one.
    #[oai(path = "/reports", method = "post", operation_id = "create_report")]
    async fn create(
        &self,
        caller: Caller<ClinicalWrite>,
        origin: RequestOrigin<'_>,
        body: Body<CreateReportRequest>,
    ) -> Result<Json<ReportResponse>, Problem<CreateErrors>> {
        let (id, change) = body.read_as(|mut fields, errors| {
            let id = ConsultationId::parse(&fields.session_id).unwrap_or_default();
            Some((id, fields.take(errors)))
        })?;
        let seen = use_cases::create(&self.0, &origin, &caller, &id, change).await?;
        Ok(Json(ReportResponse::new(
            "Report created",
            seen,
            true,
            &caller,
            origin.now,
        )))
    }

    /// One report
    ///
    /// An administrator sees no text: `content_withheld` is true.
    #[oai(
        path = "/reports/:report_id",
        method = "get",
        operation_id = "get_report"
    )]
    async fn find(
        &self,
        caller: Caller<ReportsList>,
        origin: RequestOrigin<'_>,
        /// The report
        report_id: Path<String>,
        /// Whether to show what was said
        include_transcription: Query<Option<bool>>,
        /// An earlier signed version
        version: Query<Option<u32>>,
    ) -> Result<Json<ReportResponse>, Problem<ReadErrors>> {
        let id = (&ReportId::from_stored(report_id.0), version.0);
        let seen = use_cases::read(&self.0, &origin, &caller, id, RECORD_READ).await?;
        let all = include_transcription.0.unwrap_or_default();
        Ok(Json(ReportResponse::new(
            "Report", seen, all, &caller, origin.now,
        )))
    }

    /// Change a report that is not signed
    ///
    /// What is absent stays; an empty text or list clears.
    #[oai(
        path = "/reports/:report_id",
        method = "patch",
        operation_id = "change_report"
    )]
    async fn change(
        &self,
        caller: Caller<ClinicalWrite>,
        origin: RequestOrigin<'_>,
        /// The report
        report_id: Path<String>,
        body: Body<ChangeReportRequest>,
    ) -> Changed {
        let (version, change) =
            body.read_as(|mut fields, errors| Some((fields.version, fields.take(errors))))?;
        let id = (&ReportId::from_stored(report_id.0), version);
        let seen = use_cases::change(&self.0, &origin, &caller, id, change).await?;
        Ok(Json(ReportResponse::new(
            "Report updated",
            seen,
            true,
            &caller,
            origin.now,
        )))
    }

    /// Sign a report
    ///
    /// With the author's password, and the version that the author saw. A wrong password is 401.
    #[oai(
        path = "/reports/:report_id/sign",
        method = "post",
        operation_id = "sign_report"
    )]
    async fn sign(
        &self,
        caller: Caller<ReportsSign>,
        origin: RequestOrigin<'_>,
        /// The report
        report_id: Path<String>,
        body: Body<SignRequest>,
    ) -> Changed {
        let SignRequest { version, password } = body.checked()?;
        let (id, password) = (ReportId::from_stored(report_id.0), Secret::new(password));
        let id = (&id, version);
        let seen = use_cases::sign(&self.0, &origin, &caller, id, password).await?;
        Ok(Json(ReportResponse::new(
            "Report signed",
            seen,
            true,
            &caller,
            origin.now,
        )))
    }

    /// Amend a signed report
    ///
    /// The author signs the new text in the same step. The text before stays readable under its version.
    #[oai(
        path = "/reports/:report_id/amend",
        method = "post",
        operation_id = "amend_report"
    )]
    async fn amend(
        &self,
        caller: Caller<ReportsSign>,
        origin: RequestOrigin<'_>,
        /// The report
        report_id: Path<String>,
        body: Body<AmendReportRequest>,
    ) -> Changed {
        let (version, password, change) = body.read_as(|mut fields, errors| {
            let password = Secret::new(std::mem::take(&mut fields.password));
            Some((fields.version, password, fields.take(errors)))
        })?;
        let id = (&ReportId::from_stored(report_id.0), version);
        let seen = use_cases::amend(&self.0, &origin, &caller, id, change, password).await?;
        Ok(Json(ReportResponse::new(
            "Report amended",
            seen,
            true,
            &caller,
            origin.now,
        )))
    }

    /// A report to print
    ///
    /// A page of its own, which the audit trail records as an export.
    #[oai(
        path = "/reports/:report_id/print",
        method = "get",
        operation_id = "print_report"
    )]
    async fn print(
        &self,
        caller: Caller<ClinicalRead>,
        origin: RequestOrigin<'_>,
        /// The report
        report_id: Path<String>,
        /// An earlier signed version
        version: Query<Option<u32>>,
    ) -> Result<StaticResponse<PrintedPage>, Problem<ReadErrors>> {
        let id = (&ReportId::from_stored(report_id.0), version.0);
        let seen = use_cases::read(&self.0, &origin, &caller, id, RECORD_EXPORT).await?;
        Ok(print::page(&self.0.zone, &origin, &seen)?)
    }
}

impl ReportsApi {
    fn read_filter(
        &self,
        errors: &mut ValidationErrors,
        typed: &FiltersView,
    ) -> Option<ReportFilter> {
        let typed = TypedFilter {
            patient_id: typed.patient_id.as_deref(),
            doctor_id: typed.doctor_id.as_deref(),
            status: typed.status.as_deref(),
            session_type: typed.session_type.as_deref(),
            report_type: typed.report_type.as_deref(),
            date_from: typed.date_from.as_deref(),
            date_to: typed.date_to.as_deref(),
        };
        match ReportFilter::parse(typed, &self.0.zone) {
            Ok(filter) => Some(filter),
            Err(found) => {
                found.into_iter().for_each(|error| errors.add(error));
                None
            }
        }
    }
}

/// A parameter; an empty one is the same as absent.
fn given(typed: Option<String>) -> Option<String> {
    typed.filter(|typed| !typed.is_empty())
}

/// A request that writes a report: fields of its own, and those of the content.
macro_rules! content_request {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $note:literal])+ $field:ident: $type:ty,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Object)]
        struct $name {
            $($(#[doc = $note])+ $field: $type,)+
            /// `consultation`, `new_patient`, `followup`, `emergency`, `referral` or `summary`
            report_type: Option<Text<ReportType>>,
            /// How sure the program was that made the text, from 0 to 1
            confidence_score: Option<f64>,
            /// The program that made the text, up to 100 characters
            ai_model: Option<Text<AiModel>>,
            /// The text as a whole
            generated_content: Option<String>,
            /// What was found
            diagnoses: Option<Vec<DiagnosisView>>,
            /// What to take
            medication_plan: Option<Vec<MedicationView>>,
            /// What to do
            recommendations: Option<Vec<RecommendationView>>,
            /// How it goes on
            follow_up_plan: Option<String>,
            /// What else there is
            additional_notes: Option<String>,
            /// What was said, as a client wrote it down
            transcription_text: Option<String>,
        }

        impl RequestBody for $name {
            const BLANK_IS_NULL: bool = false;
        }

        impl $name {
            /// The change without its state.
            fn content(&mut self, errors: &mut ValidationErrors) -> ReportChange {
                let confidence = self.confidence_score.map(Confidence::parse).transpose();
                let confidence = confidence.map_err(|violation| violation.at("confidence_score"));
                ReportChange {
                    status: None,
                    report_type: self.report_type.take().and_then(Text::value),
                    confidence: errors.take(confidence).flatten(),
                    ai_model: self.ai_model.take().and_then(Text::value),
                    generated_content: self.generated_content.take(),
                    diagnoses: self.diagnoses.take().map(rows),
                    medication_plan: self.medication_plan.take().map(rows),
                    recommendations: self.recommendations.take().map(rows),
                    follow_up_plan: self.follow_up_plan.take(),
                    additional_notes: self.additional_notes.take(),
                    transcription_text: self.transcription_text.take(),
                }
            }
        }
    };
}

fn rows<V: Into<R>, R>(views: Vec<V>) -> Vec<R> {
    views.into_iter().map(Into::into).collect()
}

content_request! {
    /// A new report.
    CreateReportRequest {
        /// The consultation
        session_id: String,
        /// `pending`, `generating` or `completed`; absent: `completed` with a content, otherwise `pending`
        status: Option<Text<ReportStatus>>,
    }
}

content_request! {
    /// What is to be changed.
    ChangeReportRequest {
        /// The version that the caller saw
        version: u32,
        /// The new state
        status: Option<Text<ReportStatus>>,
    }
}

content_request! {
    /// What is to be amended.
    AmendReportRequest {
        /// The version that the caller saw
        version: u32,
        /// The author's password
        password: String,
    }
}

impl CreateReportRequest {
    fn take(&mut self, errors: &mut ValidationErrors) -> ReportChange {
        let status = self.status.take().and_then(Text::value);
        ReportChange {
            status,
            ..self.content(errors)
        }
    }
}

impl ChangeReportRequest {
    fn take(&mut self, errors: &mut ValidationErrors) -> ReportChange {
        let status = self.status.take().and_then(Text::value);
        ReportChange {
            status,
            ..self.content(errors)
        }
    }
}

impl AmendReportRequest {
    fn take(&mut self, errors: &mut ValidationErrors) -> ReportChange {
        self.content(errors)
    }
}

/// A signature.
#[derive(Debug, Object)]
struct SignRequest {
    /// The version that the author saw
    version: u32,
    /// The author's password
    password: String,
}

impl RequestBody for SignRequest {
    const BLANK_IS_NULL: bool = false;
}
