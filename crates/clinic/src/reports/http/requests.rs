//! The requests of reports.

use std::mem::take;

use kernel::text::{is_blank, parse_line, text_type};
use poem_openapi::{Object, types::MaybeUndefined};
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
use crate::{patients::use_cases::change::Change, texts::NOTHING_TO_CHANGE};

text_type! {
    /// The program that made a text: a line of up to 100 code points.
    AiModel
}

texts! {
    ReportType => Self, words(Self::ALL.iter().map(|kind| kind.name())),
        |typed| Self::parse(typed).ok_or(REPORT_TYPE_INVALID);
    ReportStatus => Self, words(Self::ALL.iter().map(|status| status.name())),
        |typed| Self::parse(typed).ok_or(STATUS_INVALID);
    // A blank text is the same as null.
    AiModel => Option<String>, any(), |typed| if is_blank(typed) { Ok(None) } else { parse_line(typed).map(Some) };
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
            #[oai(nullable)]
            confidence_score: MaybeUndefined<f64>,
            /// The program that made the text, up to 100 characters
            #[oai(nullable)]
            ai_model: MaybeUndefined<Text<AiModel>>,
            /// The text as a whole
            #[oai(nullable)]
            generated_content: MaybeUndefined<String>,
            /// What was found
            #[oai(nullable)]
            diagnoses: MaybeUndefined<Vec<DiagnosisView>>,
            /// What to take
            #[oai(nullable)]
            medication_plan: MaybeUndefined<Vec<MedicationView>>,
            /// What to do
            #[oai(nullable)]
            recommendations: MaybeUndefined<Vec<RecommendationView>>,
            /// How it goes on
            #[oai(nullable)]
            follow_up_plan: MaybeUndefined<String>,
            /// What else there is
            #[oai(nullable)]
            additional_notes: MaybeUndefined<String>,
            /// What was said, as a client wrote it down
            #[oai(nullable)]
            transcription_text: MaybeUndefined<String>,
        }

        impl RequestBody for $name {
            const BLANK_IS_NULL: bool = false;
        }

        impl $name {
            /// The change without its state.
            fn content(&mut self, errors: &mut ValidationErrors, null: Null) -> ReportChange {
                let confidence = |typed: f64, errors: &mut ValidationErrors| {
                    let read = Confidence::parse(typed);
                    errors.take(read.map_err(|violation| violation.at("confidence_score")))
                };
                let confidence = match (take(&mut self.confidence_score), null) {
                    (MaybeUndefined::Value(typed), _) => {
                        confidence(typed, errors).map_or(Change::Stays, Change::Set)
                    }
                    (MaybeUndefined::Null, Null::Clears) => Change::Cleared,
                    (MaybeUndefined::Null | MaybeUndefined::Undefined, _) => Change::Stays,
                };
                let ai_model = match (take(&mut self.ai_model), null) {
                    // A text with a fault is an error of the body already.
                    (MaybeUndefined::Value(text), _) => text.value().map_or(Change::Stays, |name| {
                        name.map_or(Change::Cleared, Change::Set)
                    }),
                    (MaybeUndefined::Null, Null::Clears) => Change::Cleared,
                    (MaybeUndefined::Null | MaybeUndefined::Undefined, _) => Change::Stays,
                };
                ReportChange {
                    status: None,
                    report_type: self.report_type.take().and_then(Text::value),
                    confidence,
                    ai_model,
                    generated_content: part(&mut self.generated_content, null),
                    diagnoses: part(&mut self.diagnoses, null).map(rows),
                    medication_plan: part(&mut self.medication_plan, null).map(rows),
                    recommendations: part(&mut self.recommendations, null).map(rows),
                    follow_up_plan: part(&mut self.follow_up_plan, null),
                    additional_notes: part(&mut self.additional_notes, null),
                    transcription_text: part(&mut self.transcription_text, null),
                }
            }
        }
    };
}

/// What `null` means for a part of the content: only a PATCH clears by it.
#[derive(Clone, Copy)]
enum Null {
    Clears,
    Stays,
}

/// The new part; an empty one clears.
fn part<T: Default>(typed: &mut MaybeUndefined<T>, null: Null) -> Option<T> {
    match (take(typed), null) {
        (MaybeUndefined::Value(part), _) => Some(part),
        (MaybeUndefined::Null, Null::Clears) => Some(T::default()),
        (MaybeUndefined::Null | MaybeUndefined::Undefined, _) => None,
    }
}

fn rows<V: Into<R>, R>(views: Vec<V>) -> Vec<R> {
    views.into_iter().map(Into::into).collect()
}

/// Refuses a change without any field, since it would make a new version of the same text. If the only field has a fault, that
/// fault is the answer.
fn refuse_nothing(errors: &mut ValidationErrors, change: &ReportChange) {
    let stays = change.status.is_none()
        && change.report_type.is_none()
        && change.confidence.stays()
        && change.ai_model.stays()
        && change.generated_content.is_none()
        && change.diagnoses.is_none()
        && change.medication_plan.is_none()
        && change.recommendations.is_none()
        && change.follow_up_plan.is_none()
        && change.additional_notes.is_none()
        && change.transcription_text.is_none();
    if stays && !errors.is_faulty_beside(&["version", "password"]) {
        errors.add(NOTHING_TO_CHANGE.at("body"));
    }
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
            ..self.content(errors, Null::Stays)
        }
    }
}

impl ChangeReportRequest {
    pub(super) fn take(&mut self, errors: &mut ValidationErrors) -> ReportChange {
        let status = self.status.take().and_then(Text::value);
        let change = ReportChange {
            status,
            ..self.content(errors, Null::Clears)
        };
        refuse_nothing(errors, &change);
        change
    }
}

impl AmendReportRequest {
    pub(super) fn take(&mut self, errors: &mut ValidationErrors) -> ReportChange {
        let change = self.content(errors, Null::Stays);
        refuse_nothing(errors, &change);
        change
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
