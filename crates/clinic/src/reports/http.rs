//! `/reports`: lists, numbers, reading, writing, signing, amending, printing.

pub mod print;
mod requests;
mod view;

use std::sync::Arc;

use kernel::secret::Secret;
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
    payload::Json,
};
use web::{
    Body, Problem, RequestOrigin, ValidationErrors, caller::Caller, listing::Asked,
    problem::error_set, static_response::StaticResponse,
};

use self::{
    print::PrintedPage,
    requests::{AmendReportRequest, ChangeReportRequest, CreateReportRequest, SignReportRequest},
    view::{FiltersView, ReportPageResponse, ReportResponse, ReportStatisticsResponse},
};
use super::{
    ReportId,
    filter::{ReportFilter, TypedFilter},
    listing, reading, use_cases,
};
use crate::{
    actions::{RECORD_EXPORT, RECORD_READ},
    app::App,
    consultations::ConsultationId,
    errors,
    http::{PageRows, Tag},
    listing::Listing,
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
        limit: Asked<PageRows>,
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
        let limit = limit.value(&mut errors);
        let listing = Listing::read(&mut errors, limit, offset.0, cursor.0.as_deref());
        let filter = self.read_filter(&mut errors, &filters);
        let (filter, listing) = errors.finish(filter.zip(listing))?;
        let page = listing::list(&self.0, &origin, &caller, filter, &listing).await?;
        Ok(Json(ReportPageResponse::new(
            page, filters, &caller, origin.now,
        )))
    }

    /// The numbers of reports
    ///
    /// Those of the calling doctor or of one of his patients; for patients, of the own reports that they may read; for
    /// administrators, of the clinic or of one doctor.
    #[oai(path = "/reports/stats", method = "get", operation_id = "report_stats")]
    async fn stats(
        &self,
        caller: Caller<ReportsStats>,
        origin: RequestOrigin<'_>,
        /// A patient
        patient_id: Query<Option<String>>,
        /// A doctor; for administrators
        doctor_id: Query<Option<String>>,
    ) -> Result<Json<ReportStatisticsResponse>, Problem<ListErrors>> {
        let filters = FiltersView {
            patient_id: given(patient_id.0),
            doctor_id: given(doctor_id.0),
            ..FiltersView::default()
        };
        let mut errors = ValidationErrors::new();
        let filter = self.read_filter(&mut errors, &filters);
        let filter = errors.finish(filter)?;
        let numbers = listing::statistics(&self.0, &origin, &caller, filter).await?;
        Ok(Json(ReportStatisticsResponse::new(&numbers, origin.now)))
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
        let seen = reading::read(&self.0, &origin, &caller, id, RECORD_READ).await?;
        let all = include_transcription.0.unwrap_or_default();
        Ok(Json(ReportResponse::new(
            "Report", seen, all, &caller, origin.now,
        )))
    }

    /// Change a report that is not signed
    ///
    /// What is absent stays; `null` and an empty text or list clear.
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
        body: Body<SignReportRequest>,
    ) -> Changed {
        let SignReportRequest { version, password } = body.checked()?;
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
        let seen = reading::read(&self.0, &origin, &caller, id, RECORD_EXPORT).await?;
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
                for error in found {
                    errors.add(error);
                }
                None
            }
        }
    }
}

/// A parameter; an empty one is the same as absent.
fn given(typed: Option<String>) -> Option<String> {
    typed.filter(|typed| !typed.is_empty())
}
