//! Appointments: schedules, slots, holds, bookings, the calendar feed.
//!
//! In reading order: [`interval`] (from when to when), [`schedule`] and [`exceptions`] (when a doctor works), [`slots`]
//! (what can be booked), [`holds`] (how a time is held), [`status`] (what may become of an appointment), [`reminders`],
//! [`feed`]; then [`documents`] and [`store`] (what the database has), [`use_cases`] (what people do), [`letters`], and the
//! operations.

pub mod documents;
pub mod exceptions;
pub mod feed;
pub mod holds;
pub mod http;
pub mod interval;
pub mod letters;
pub mod reminders;
pub mod schedule;
pub mod slots;
pub mod status;
pub mod store;
pub mod use_cases;

pub use use_cases::visits::{check_consultation, consultation_ended, consultation_started};

use kernel::{
    clock::Timestamp,
    error::RuleViolation,
    ids::UserId,
    random::SharedRng,
    text::{parse_line_up_to, text_type},
};
use serde::{Deserialize, Serialize};

use crate::{list_keys::list_key, texts::parse_text};

const TITLE_TOO_LONG: RuleViolation =
    RuleViolation::new("too_long", "Must have at most 200 characters");
const TEXT_TOO_LONG: RuleViolation =
    RuleViolation::new("too_long", "Must have at most 2000 characters");
const REASON_TOO_LONG: RuleViolation =
    RuleViolation::new("too_long", "Must have at most 500 characters");

text_type! {
    /// An appointment's id: `APT` and 16 hexadecimal digits.
    AppointmentId
}

text_type! {
    /// The title: a line of 1 to 200 code points.
    Title
}

text_type! {
    /// The description or the desk's notes: at most 2,000 code points.
    Details
}

text_type! {
    /// Why an appointment is cancelled, or overbooked: at most 500 code points.
    Reason
}

/// The keys of an appointment in its lists, by its start; a move changes them in the same update (E5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppointmentKeys {
    /// Of its doctor's appointments; absent without a doctor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_doctor: Option<String>,
    /// Of its patient's appointments.
    pub by_patient: String,
    /// Of the clinic's appointments.
    pub by_clinic: String,
}

impl AppointmentKeys {
    /// The keys of an appointment.
    pub fn new(
        clinic_id: &str,
        doctor: Option<&UserId>,
        patient: &UserId,
        start: Timestamp,
        id: &AppointmentId,
    ) -> Self {
        let id = id.as_str();
        let of = |person: &UserId| list_key(&[clinic_id, person.as_str()], start, id);
        Self {
            by_doctor: doctor.map(of),
            by_patient: of(patient),
            by_clinic: list_key(&[clinic_id], start, id),
        }
    }
}

impl AppointmentId {
    /// A new id. 64 random bits, because 10 million rows would often draw one of eight digits twice.
    pub fn generate(rng: &SharedRng) -> Self {
        Self(format!("APT{:016X}", u64::from_be_bytes(rng.bytes())))
    }

    /// An id from a document or a path; nothing is checked.
    pub fn from_stored(id: impl Into<String>) -> Self {
        Self(id.into())
    }
}

impl Title {
    /// Reads a title.
    pub fn parse(typed: &str) -> Result<Self, RuleViolation> {
        parse_line_up_to(200, TITLE_TOO_LONG, typed).map(Self)
    }
}

impl Details {
    /// Reads a description or notes.
    pub fn parse(typed: &str) -> Result<Self, RuleViolation> {
        parse_text(2000, TEXT_TOO_LONG, typed).map(Self)
    }
}

impl Reason {
    /// Reads a reason; a blank one is refused (`empty`).
    pub fn parse(typed: &str) -> Result<Self, RuleViolation> {
        parse_line_up_to(500, REASON_TOO_LONG, typed).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_appointments_id_has_its_letters_and_16_digits() {
        let id = AppointmentId::generate(&SharedRng::seeded(1));
        let digits = id.as_str().strip_prefix("APT").unwrap();
        assert_eq!(digits.len(), 16);
        assert!(
            digits
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b))
        );
    }

    #[test]
    fn an_appointments_keys_begin_with_the_clinic() {
        let (doctor, patient) = (UserId::from_stored("DOC1"), UserId::from_stored("PAT1"));
        let start = chrono::DateTime::from_timestamp(1, 0).unwrap();
        let id = AppointmentId::from_stored("APT1");
        let keys = AppointmentKeys::new("CLN1", Some(&doctor), &patient, start, &id);
        let expected = AppointmentKeys {
            by_doctor: Some("CLN1/DOC1/000000000001000/APT1".to_owned()),
            by_patient: "CLN1/PAT1/000000000001000/APT1".to_owned(),
            by_clinic: "CLN1/000000000001000/APT1".to_owned(),
        };
        assert_eq!(keys, expected);
        let without = AppointmentKeys::new("CLN1", None, &patient, start, &id);
        let expected = AppointmentKeys {
            by_doctor: None,
            ..expected
        };
        assert_eq!(without, expected);
        assert!(
            serde_json::to_value(without)
                .unwrap()
                .get("by_doctor")
                .is_none()
        );
    }

    #[test]
    fn titles_details_and_reasons_have_their_limits() {
        assert!(Title::parse(&"é".repeat(200)).is_ok() && Title::parse("a").is_ok());
        assert!(Title::parse(&"é".repeat(201)).is_err() && Title::parse(" ").is_err());
        assert!(Details::parse(&"é\n".repeat(1000)).is_ok() && Details::parse("").is_ok());
        assert!(Details::parse(&"é".repeat(2001)).is_err());
        assert!(Reason::parse(&"é".repeat(500)).is_ok() && Reason::parse("").is_err());
        assert!(Reason::parse(&"é".repeat(501)).is_err());
    }
}
