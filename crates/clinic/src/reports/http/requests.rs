//! The requests of reports.

use kernel::text::{parse_line, text_type};
use poem_openapi::Object;
use web::{
    RequestBody, ValidationErrors,
    text::{Text, any, texts, words},
};

use super::super::{
    ReportType,
    content::Confidence,
    filter::{REPORT_TYPE_INVALID, STATUS_INVALID},
    status::ReportStatus,
    use_cases::ReportChange,
};
use super::view::{DiagnosisView, MedicationView, RecommendationView};

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

/// A request that writes a report: fields of its own, and those of the content.
macro_rules! content_request {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $note:literal])+ $field:ident: $type:ty,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Object)]
        pub(super) struct $name {
            $($(#[doc = $note])+ pub(super) $field: $type,)+
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
    pub(super) fn take(&mut self, errors: &mut ValidationErrors) -> ReportChange {
        let status = self.status.take().and_then(Text::value);
        ReportChange {
            status,
            ..self.content(errors)
        }
    }
}

impl ChangeReportRequest {
    pub(super) fn take(&mut self, errors: &mut ValidationErrors) -> ReportChange {
        let status = self.status.take().and_then(Text::value);
        ReportChange {
            status,
            ..self.content(errors)
        }
    }
}

impl AmendReportRequest {
    pub(super) fn take(&mut self, errors: &mut ValidationErrors) -> ReportChange {
        self.content(errors)
    }
}

/// A signature.
#[derive(Debug, Object)]
pub(super) struct SignReportRequest {
    /// The version that the author saw
    pub(super) version: u32,
    /// The author's password
    pub(super) password: String,
}

impl RequestBody for SignReportRequest {
    const BLANK_IS_NULL: bool = false;
}
