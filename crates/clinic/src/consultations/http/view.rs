//! Consultations in answers.

use kernel::clock::Timestamp;
use poem_openapi::Object;
use web::Time;

use super::super::{reading::History, use_cases::SeenConsultation};
use crate::http::Pagination;

/// A consultation of a list.
#[derive(Debug, Object)]
pub(super) struct ConsultationView {
    /// The consultation
    id: String,
    /// The same
    session_id: String,
    /// The patient
    patient_id: String,
    /// The doctor
    doctor_id: String,
    /// The doctor's name; null if the account is gone
    #[oai(nullable)]
    doctor_name: Option<String>,
    /// What the patient complains of
    chief_complaint: String,
    /// `consultation`, `new_patient`, `followup` or `emergency`
    session_type: String,
    /// `in_progress`, `paused`, `completed` or `cancelled`
    status: String,
    /// When it was made: its start
    created_at: Time,
    /// When it started
    started_at: Time,
    /// When it ended; null while it is open
    #[oai(nullable)]
    ended_at: Option<Time>,
    /// Whole minutes without the pauses, until now while it is open
    duration_minutes: i64,
    /// Whether its report has a transcription
    has_transcription: bool,
    /// Whether there is a report that the caller may see
    has_report: bool,
    /// The newest of them; null if there is none
    #[oai(nullable)]
    report_id: Option<String>,
}

impl ConsultationView {
    fn new(seen: SeenConsultation, now: Timestamp) -> Self {
        let (consultation, report) = (seen.consultation, seen.report);
        let course = &consultation.course;
        let has_transcription = report.as_ref().is_some_and(|it| it.has_transcription);
        Self {
            id: consultation.session_id.to_string(),
            session_id: consultation.session_id.to_string(),
            patient_id: consultation.patient_id.to_string(),
            doctor_id: consultation.doctor_id.to_string(),
            doctor_name: seen.doctor_name,
            chief_complaint: seen.chief_complaint.into(),
            session_type: consultation.session_type.name().to_owned(),
            status: course.status.name().to_owned(),
            created_at: course.started_at.into(),
            started_at: course.started_at.into(),
            ended_at: course.ended_at.map(Time),
            duration_minutes: course.duration_minutes(now),
            has_transcription,
            has_report: report.is_some(),
            report_id: report.map(|it| it.report_id.into()),
        }
    }
}

/// One consultation.
#[derive(Debug, Object)]
pub(super) struct ConsultationResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// The same as `session_id`
    consultation_id: String,
    /// The patient's name
    patient_name: String,
    /// The doctor's notes; absent for patients
    #[oai(skip_serializing_if_is_none)]
    notes: Option<String>,
    /// The appointment that it was started from; null if there is none
    #[oai(nullable)]
    appointment_id: Option<String>,
    #[oai(flatten)]
    consultation: ConsultationView,
}

impl ConsultationResponse {
    pub(super) fn new(mut seen: SeenConsultation, now: Timestamp) -> Self {
        let consultation = &seen.consultation;
        Self {
            success: true,
            message: "Consultation".to_owned(),
            consultation_id: consultation.session_id.to_string(),
            patient_name: seen.patient_name.clone(),
            notes: seen.notes.take().map(String::from),
            appointment_id: consultation.appointment_id.clone().map(String::from),
            consultation: ConsultationView::new(seen, now),
        }
    }
}

/// A page of a patient's consultations.
#[derive(Debug, Object)]
pub(super) struct ConsultationHistoryResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// The patient
    patient_id: String,
    /// The patient's name
    patient_name: String,
    /// Newest first
    consultations: Vec<ConsultationView>,
    /// How many the whole list has
    total_consultations: u64,
    /// Where the page stands
    pagination: Pagination,
}

impl ConsultationHistoryResponse {
    pub(super) fn new(history: History, now: Timestamp) -> Self {
        let rows = history.rows.into_iter();
        let pagination = Pagination::from(history.pagination);
        Self {
            success: true,
            message: "Consultations".to_owned(),
            patient_id: history.patient_id.to_string(),
            patient_name: history.patient_name,
            consultations: rows.map(|row| ConsultationView::new(row, now)).collect(),
            total_consultations: pagination.total,
            pagination,
        }
    }
}

/// A consultation that has started.
#[derive(Debug, Object)]
pub(super) struct ConsultationStartedResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// The consultation
    session_id: String,
    /// The same
    consultation_id: String,
    /// The patient
    patient_id: String,
    /// The patient's name
    patient_name: String,
    /// The doctor
    doctor_id: String,
    /// Its kind
    session_type: String,
    /// `in_progress`
    status: String,
    /// When it started
    started_at: Time,
    /// Whether it was to end an open one
    forced: bool,
}

impl From<SeenConsultation> for ConsultationStartedResponse {
    fn from(seen: SeenConsultation) -> Self {
        let consultation = seen.consultation;
        Self {
            success: true,
            message: "Consultation started".to_owned(),
            session_id: consultation.session_id.to_string(),
            consultation_id: consultation.session_id.to_string(),
            patient_id: consultation.patient_id.to_string(),
            patient_name: seen.patient_name,
            doctor_id: consultation.doctor_id.to_string(),
            session_type: consultation.session_type.name().to_owned(),
            status: consultation.course.status.name().to_owned(),
            started_at: consultation.course.started_at.into(),
            forced: consultation.forced,
        }
    }
}

/// A consultation that was changed.
#[derive(Debug, Object)]
pub(super) struct ConsultationChangedResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// The consultation
    session_id: String,
    /// `in_progress`, `paused`, `completed` or `cancelled`
    status: String,
    /// When it ended; null while it is open
    #[oai(nullable)]
    ended_at: Option<Time>,
    /// Whole minutes without the pauses, until now while it is open
    duration_minutes: i64,
}

impl ConsultationChangedResponse {
    pub(super) fn new(message: &str, seen: &SeenConsultation, now: Timestamp) -> Self {
        let course = &seen.consultation.course;
        Self {
            success: true,
            message: message.to_owned(),
            session_id: seen.consultation.session_id.to_string(),
            status: course.status.name().to_owned(),
            ended_at: course.ended_at.map(Time),
            duration_minutes: course.duration_minutes(now),
        }
    }
}
