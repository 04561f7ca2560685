//! Reports in answers.

use kernel::{clock::Timestamp, principal::Principal, role::Role};
use poem_openapi::Object;
use web::Time;

use super::super::{
    content::{Diagnosis, Medication, Recommendation, ReportContent},
    listing::ReportPage,
    reading::SeenReport,
    statistics::ReportStatistics,
};
use crate::http::Pagination;

/// A row of a content, as requests and answers have it; what is absent is empty.
macro_rules! row {
    ($(#[doc = $doc:literal])+ $view:ident of $row:ident { $($(#[doc = $note:literal])+ $field:ident,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Object)]
        pub(super) struct $view {
            $($(#[doc = $note])+ #[oai(default)] $field: String,)+
        }

        impl From<$view> for $row {
            fn from(view: $view) -> Self {
                let $view { $($field),+ } = view;
                Self { $($field),+ }
            }
        }

        impl From<$row> for $view {
            fn from(row: $row) -> Self {
                let $row { $($field),+ } = row;
                Self { $($field),+ }
            }
        }
    };
}

row! {
    /// A diagnosis.
    DiagnosisView of Diagnosis {
        /// Its words
        diagnosis,
        /// Its code
        icd_code,
        /// How severe it is
        severity,
        /// Remarks
        notes,
    }
}

row! {
    /// A medication.
    MedicationView of Medication {
        /// The drug
        drug_name,
        /// How much
        dosage,
        /// How often
        frequency,
        /// For how long
        duration,
        /// How to take it
        instructions,
    }
}

row! {
    /// A recommendation.
    RecommendationView of Recommendation {
        /// Its kind
        category,
        /// Its words
        recommendation,
        /// How much it matters
        priority,
    }
}

/// A report without its content.
#[derive(Debug, Object)]
pub(super) struct ReportView {
    /// The report
    report_id: String,
    /// The same
    id: String,
    /// The consultation
    session_id: String,
    /// The same
    session_identifier: String,
    /// The patient
    patient_id: String,
    /// The patient's name
    #[oai(nullable)]
    patient_name: Option<String>,
    /// The patient's age
    #[oai(nullable)]
    patient_age: Option<u16>,
    /// The patient's sex
    #[oai(nullable)]
    patient_sex: Option<String>,
    /// The author
    doctor_id: String,
    /// `pending`, `generating`, `completed`, `failed` or `signed`
    status: String,
    /// `consultation`, `new_patient`, `followup`, `emergency`, `referral` or `summary`
    report_type: String,
    /// `consultation`, `new_patient`, `followup` or `emergency`
    session_type: String,
    /// What the patient complained of; null for administrators
    #[oai(nullable)]
    chief_complaint: Option<String>,
    /// When the consultation started
    #[oai(nullable)]
    session_started_at: Option<Time>,
    /// When it ended; null while it is open
    #[oai(nullable)]
    session_ended_at: Option<Time>,
    /// Its whole minutes without the pauses
    #[oai(nullable)]
    session_duration: Option<i64>,
    /// How sure the program was that made the text
    #[oai(nullable)]
    confidence_score: Option<f64>,
    /// The program that made the text
    #[oai(nullable)]
    ai_model: Option<String>,
    /// The version of the text
    version: u32,
    /// Whether it is signed
    has_been_signed: bool,
    /// When this version was signed
    #[oai(nullable)]
    signed_at: Option<Time>,
    /// Whether texts are withheld from the caller
    content_withheld: bool,
    /// When it was made
    created_at: Time,
    /// When it was last changed
    updated_at: Time,
}

impl ReportView {
    fn new(seen: SeenReport, caller: &Principal, now: Timestamp) -> Self {
        let SeenReport {
            report,
            version,
            content: _,
            patient,
            consultation,
            chief_complaint,
            signer: _,
        } = seen;
        let course = consultation.map(|it| it.course);
        let signature = report.signature_of(version);
        Self {
            report_id: report.report_id.to_string(),
            id: report.report_id.to_string(),
            session_id: report.session_id.to_string(),
            session_identifier: report.session_id.to_string(),
            patient_id: report.patient_id.to_string(),
            patient_age: patient.as_ref().and_then(|it| it.age),
            patient_sex: patient.as_ref().map(|it| it.sex.name().to_owned()),
            patient_name: patient.map(|it| it.name),
            doctor_id: report.doctor_id.to_string(),
            status: report.status.name().to_owned(),
            report_type: report.report_type.name().to_owned(),
            session_type: report.session_type.name().to_owned(),
            chief_complaint,
            session_started_at: course.as_ref().map(|it| it.started_at.into()),
            session_ended_at: course.as_ref().and_then(|it| it.ended_at).map(Time),
            session_duration: course.as_ref().map(|it| it.duration_minutes(now)),
            confidence_score: report
                .confidence
                .map(crate::reports::content::Confidence::get),
            ai_model: report.ai_model.clone(),
            version,
            has_been_signed: signature.is_some(),
            signed_at: signature.map(|it| it.signed_at.into()),
            content_withheld: caller.role == Role::Admin,
            created_at: report.created_at.into(),
            updated_at: report.updated_at.into(),
        }
    }
}

/// One report.
#[derive(Debug, Object)]
pub(super) struct ReportResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    #[oai(flatten)]
    report: ReportView,
    /// The text as a whole
    #[oai(nullable)]
    generated_content: Option<String>,
    /// What was found
    diagnoses: Vec<DiagnosisView>,
    /// What to take
    medication_plan: Vec<MedicationView>,
    /// What to do
    recommendations: Vec<RecommendationView>,
    /// How it goes on
    #[oai(nullable)]
    follow_up_plan: Option<String>,
    /// What else there is
    #[oai(nullable)]
    additional_notes: Option<String>,
    /// The name of the doctor who signed this version
    #[oai(nullable)]
    signed_by: Option<String>,
    /// What was said; null unless `include_transcription` asks for it
    #[oai(nullable)]
    transcription_text: Option<String>,
}

impl ReportResponse {
    pub(super) fn new(
        message: &str,
        mut seen: SeenReport,
        with_transcription: bool,
        caller: &Principal,
        now: Timestamp,
    ) -> Self {
        let shown = seen.content.is_some();
        let ReportContent {
            generated_content,
            diagnoses,
            medication_plan,
            recommendations,
            follow_up_plan,
            additional_notes,
            transcription_text,
        } = seen.content.take().unwrap_or_default();
        let text = |text: String| Some(text).filter(|text| shown && !text.is_empty());
        Self {
            success: true,
            message: message.to_owned(),
            generated_content: text(generated_content),
            diagnoses: diagnoses.into_iter().map(Into::into).collect(),
            medication_plan: medication_plan.into_iter().map(Into::into).collect(),
            recommendations: recommendations.into_iter().map(Into::into).collect(),
            follow_up_plan: text(follow_up_plan),
            additional_notes: text(additional_notes),
            signed_by: seen.signer.take(),
            transcription_text: text(transcription_text).filter(|_| with_transcription),
            report: ReportView::new(seen, caller, now),
        }
    }
}

/// The filters of a list, as they were asked for.
#[derive(Debug, Default, Object)]
#[oai(skip_serializing_if_is_none, rename = "ReportFilters")]
pub(super) struct FiltersView {
    /// The patient
    pub(super) patient_id: Option<String>,
    /// The doctor
    pub(super) doctor_id: Option<String>,
    /// The state
    pub(super) status: Option<String>,
    /// The kind of the consultation
    pub(super) session_type: Option<String>,
    /// The kind
    pub(super) report_type: Option<String>,
    /// The begin of the range
    pub(super) date_from: Option<String>,
    /// The end of the range
    pub(super) date_to: Option<String>,
}

/// A page of reports.
#[derive(Debug, Object)]
pub(super) struct ReportPageResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// Newest first
    reports: Vec<ReportView>,
    /// Where the page stands
    pagination: Pagination,
    /// The filters of the request
    filters_applied: FiltersView,
}

impl ReportPageResponse {
    pub(super) fn new(
        page: ReportPage,
        filters_applied: FiltersView,
        caller: &Principal,
        now: Timestamp,
    ) -> Self {
        let rows = page.rows.into_iter();
        Self {
            success: true,
            message: "Reports".to_owned(),
            reports: rows.map(|row| ReportView::new(row, caller, now)).collect(),
            pagination: page.pagination.into(),
            filters_applied,
        }
    }
}

/// How many reports are in each state.
#[derive(Debug, Default, Object)]
#[oai(rename = "ReportsByStatus")]
struct ByStatus {
    /// They have no text yet
    pending: u64,
    /// A client makes their text
    generating: u64,
    /// They can be signed
    completed: u64,
    /// Their text could not be made
    failed: u64,
    /// They are signed
    signed: u64,
}

/// The reports of one day.
#[derive(Debug, Object)]
#[oai(rename = "ReportsOfDay")]
struct DayView {
    /// The clinic's day
    date: String,
    /// How many were made on it
    count: u64,
}

/// The numbers of reports.
#[derive(Debug, Object)]
pub(super) struct ReportStatisticsResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// All reports: the sum of `by_status`
    total_reports: u64,
    /// The same
    total: u64,
    /// By state
    by_status: ByStatus,
    /// The reports of the last 7 × 24 hours
    recent_reports: u64,
    /// The same
    recent_7_days: u64,
    /// The average confidence of completed and signed reports; 0.0 if none has one
    average_confidence: f64,
    /// The same; null if none has one
    #[oai(nullable)]
    avg_confidence: Option<f64>,
    /// The last 30 days of the clinic, the oldest first
    by_day: Vec<DayView>,
    /// When it was counted
    as_of: Time,
}

impl ReportStatisticsResponse {
    pub(super) fn new(numbers: &ReportStatistics, now: Timestamp) -> Self {
        let [pending, generating, completed, failed, signed] =
            numbers.by_status.map(|(_, count)| count);
        let days = numbers.by_day.iter();
        Self {
            success: true,
            message: "Report statistics".to_owned(),
            total_reports: numbers.total,
            total: numbers.total,
            by_status: ByStatus {
                pending,
                generating,
                completed,
                failed,
                signed,
            },
            recent_reports: numbers.recent,
            recent_7_days: numbers.recent,
            average_confidence: numbers.average_or_zero(),
            avg_confidence: numbers.average_confidence,
            by_day: days
                .map(|(date, count)| DayView {
                    date: date.to_string(),
                    count: *count,
                })
                .collect(),
            as_of: now.into(),
        }
    }
}
