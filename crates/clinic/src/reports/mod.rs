//! Reports: from draft to signature, and their numbers.
//!
//! In reading order: [`content`] (what a report says), [`status`] (what may become of it, who signs it, when its patient
//! reads it), [`filter`] and [`statistics`] (lists and numbers), [`documents`] and [`store`], [`use_cases`] (writing),
//! [`reading`], [`listing`], [`print`], [`http`].

pub mod content;
pub mod documents;
pub mod filter;
pub mod http;
pub mod listing;
pub mod reading;
pub mod statistics;
pub mod status;
pub mod store;
pub mod use_cases;

use kernel::{ids::UserId, random::SharedRng, text::text_type};
use serde::{Deserialize, Serialize};

use crate::list_keys::list_key;
use kernel::clock::Timestamp;
use status::ReportStatus;

text_type! {
    /// A report's id: `REP` and 16 hexadecimal digits.
    ReportId
}

/// The kind of a report.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum ReportType {
    /// Of a consultation; an import takes every kind that it does not know as this one.
    #[default]
    Consultation,
    /// Of a patient's first consultation.
    NewPatient,
    /// Of a consultation that follows another.
    Followup,
    /// Of an emergency.
    Emergency,
    /// For another doctor.
    Referral,
    /// Of several consultations.
    Summary,
}

/// The keys of a report in its lists, by the time of its creation (E4, E5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportKeys {
    /// Of its doctor's reports.
    pub by_doctor: String,
    /// Of its doctor's reports in its state; it changes with the state, in the same update.
    pub by_doctor_status: String,
    /// Of its patient's reports.
    pub by_patient: String,
    /// Of the clinic's reports.
    pub by_clinic: String,
}

impl ReportId {
    /// A new id.
    pub fn generate(rng: &SharedRng) -> Self {
        Self(format!("REP{:016X}", u64::from_be_bytes(rng.bytes())))
    }

    /// An id from a document or a path; nothing is checked.
    pub fn from_stored(id: impl Into<String>) -> Self {
        Self(id.into())
    }
}

impl ReportType {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Consultation,
        Self::NewPatient,
        Self::Followup,
        Self::Emergency,
        Self::Referral,
        Self::Summary,
    ];

    /// Its name in the API and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Consultation => "consultation",
            Self::NewPatient => "new_patient",
            Self::Followup => "followup",
            Self::Emergency => "emergency",
            Self::Referral => "referral",
            Self::Summary => "summary",
        }
    }

    /// The kind of a name; `None` for every other text.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl ReportKeys {
    /// The keys of a report.
    pub fn new(
        clinic_id: &str,
        doctor: &UserId,
        patient: &UserId,
        status: ReportStatus,
        created_at: Timestamp,
        id: &ReportId,
    ) -> Self {
        let (doctor, patient, id) = (doctor.as_str(), patient.as_str(), id.as_str());
        Self {
            by_doctor: list_key(&[clinic_id, doctor], created_at, id),
            by_doctor_status: list_key(&[clinic_id, doctor, status.name()], created_at, id),
            by_patient: list_key(&[clinic_id, patient], created_at, id),
            by_clinic: list_key(&[clinic_id], created_at, id),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn a_reports_keys_begin_with_the_clinic() {
        let keys = ReportKeys::new(
            "CLN00000001",
            &UserId::from_stored("DOC1"),
            &UserId::from_stored("PAT1"),
            ReportStatus::Pending,
            DateTime::from_timestamp(1, 0).unwrap(),
            &ReportId::from_stored("REP1"),
        );
        let expected = ReportKeys {
            by_doctor: "CLN00000001/DOC1/000000000001000/REP1".to_owned(),
            by_doctor_status: "CLN00000001/DOC1/pending/000000000001000/REP1".to_owned(),
            by_patient: "CLN00000001/PAT1/000000000001000/REP1".to_owned(),
            by_clinic: "CLN00000001/000000000001000/REP1".to_owned(),
        };
        assert_eq!(keys, expected);
    }

    #[test]
    fn kinds_and_ids_have_their_spelling() {
        for kind in ReportType::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
            assert_eq!(ReportType::parse(kind.name()), Some(kind));
        }
        assert_eq!(ReportType::parse("Consultation"), None);
        let id = ReportId::generate(&SharedRng::seeded(1));
        assert_eq!((id.as_str().len(), id.as_str().get(..3)), (19, Some("REP")));
    }
}
