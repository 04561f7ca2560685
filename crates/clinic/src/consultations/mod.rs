//! Consultations: from start to stop, one open at a time for a doctor and a patient.
//!
//! In reading order: [`course`] (states and times), [`documents`] and [`store`], [`use_cases`] (starting and changing),
//! [`reading`], [`http`].

pub mod course;
pub mod documents;
pub mod http;
pub mod reading;
pub mod store;
pub mod use_cases;

use chrono::{Datelike, NaiveDate};
use kernel::{error::RuleViolation, profile::read_date, random::SharedRng, text::text_type};
use serde::{Deserialize, Serialize};

use crate::texts::parse_text;

const COMPLAINT_TOO_LONG: RuleViolation =
    RuleViolation::new("too_long", "Must have at most 500 characters");
const NOTES_TOO_LONG: RuleViolation =
    RuleViolation::new("too_long", "Must have at most 2000 characters");

text_type! {
    /// A consultation's id, `CS-YYYYMMDD-8HEX`: the clinic's day of the start, and 32 random bits. The answers call it
    /// `session_id` and `consultation_id`; it has nothing to do with the sessions of logins.
    ConsultationId
}

text_type! {
    /// What the patient complains of: at most 500 code points (CON-6).
    ChiefComplaint
}

text_type! {
    /// The doctor's notes: at most 2,000 code points (CON-6).
    ConsultationNotes
}

/// The kind of a consultation.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum SessionType {
    /// An ordinary one.
    #[default]
    Consultation,
    /// The first one of a patient.
    NewPatient,
    /// One that follows another.
    Followup,
    /// An emergency.
    Emergency,
}

impl ConsultationId {
    /// A new id for a consultation that starts on this local day of the clinic. Ids of one day can be equal by chance;
    /// the insertion shows it.
    pub fn generate(today: NaiveDate, rng: &SharedRng) -> Self {
        let (year, month, day) = (today.year(), today.month(), today.day());
        let random = u32::from_be_bytes(rng.bytes());
        Self(format!("CS-{year:04}{month:02}{day:02}-{random:08X}"))
    }

    /// Reads an id in the one spelling that the service issues; `None` for every other text.
    pub fn parse(typed: &str) -> Option<Self> {
        let (date, random) = typed.strip_prefix("CS-")?.split_once('-')?;
        let (year, rest) = date.split_at_checked(4)?;
        let (month, day) = rest.split_at_checked(2)?;
        read_date(&format!("{year}-{month}-{day}"))?;
        let hex = |b: u8| b.is_ascii_digit() || (b'A'..=b'F').contains(&b);
        let issued = random.len() == 8 && random.bytes().all(hex);
        issued.then(|| Self(typed.to_owned()))
    }
}

impl ChiefComplaint {
    /// Reads a complaint, which may be empty.
    pub fn parse(typed: &str) -> Result<Self, RuleViolation> {
        parse_text(500, COMPLAINT_TOO_LONG, typed).map(Self)
    }
}

impl ConsultationNotes {
    /// Reads notes, which may be empty.
    pub fn parse(typed: &str) -> Result<Self, RuleViolation> {
        parse_text(2000, NOTES_TOO_LONG, typed).map(Self)
    }
}

impl SessionType {
    /// Every kind.
    pub const ALL: [Self; 4] = [
        Self::Consultation,
        Self::NewPatient,
        Self::Followup,
        Self::Emergency,
    ];

    /// Its name in the API and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Consultation => "consultation",
            Self::NewPatient => "new_patient",
            Self::Followup => "followup",
            Self::Emergency => "emergency",
        }
    }

    /// The kind of a name; `None` for every other text.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn an_id_has_the_day_of_its_start_and_eight_hex_digits() {
        let rng = SharedRng::seeded(1);
        let id = ConsultationId::generate(day("2028-02-29"), &rng);
        assert_eq!(id.as_str().len(), 20);
        assert!(id.as_str().starts_with("CS-20280229-"), "{id}");
        assert_eq!(ConsultationId::parse(id.as_str()), Some(id.clone()));
        assert_ne!(ConsultationId::generate(day("2028-02-29"), &rng), id);
    }

    #[test]
    fn only_issued_spellings_are_ids() {
        assert!(ConsultationId::parse("CS-20280229-0123ABCD").is_some());
        for bad in [
            "",
            "CS-20270229-0123ABCD",
            "CS-20280229-0123abcd",
            "CS-20280229-0123ABC",
            "CS-20280229-0123ABCDE",
            "cs-20280229-0123ABCD",
            "CS-2028é29-0123ABCD",
            "CS-20280229-0123ABC\u{e9}",
            "20280229-0123ABCD",
        ] {
            assert_eq!(ConsultationId::parse(bad), None, "{bad:?}");
        }
    }

    // CON-6
    #[test]
    fn complaint_and_notes_have_their_limits() {
        assert!(
            ChiefComplaint::parse(&"é".repeat(500)).is_ok() && ChiefComplaint::parse("").is_ok()
        );
        assert!(ChiefComplaint::parse(&"é".repeat(501)).is_err());
        assert!(ConsultationNotes::parse(&"é\n".repeat(1000)).is_ok());
        assert!(ConsultationNotes::parse(&"é".repeat(2001)).is_err());
        assert!(ConsultationNotes::parse(&"x".repeat(10_000)).is_err());
    }

    #[test]
    fn a_kind_is_stored_by_its_name() {
        for kind in SessionType::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
            assert_eq!(SessionType::parse(kind.name()), Some(kind));
        }
        assert_eq!(SessionType::parse("new patient"), None);
    }
}
