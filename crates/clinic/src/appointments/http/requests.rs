//! The bodies of `/appointments`.

use kernel::{clock::Timestamp, error::RuleViolation, ids::UserId};
use poem_openapi::{Object, types::MaybeUndefined};
use serde_json::{Value, json};
use web::{RequestBody, ValidationErrors, text::Text};

use crate::{
    appointments::{
        AppointmentId, Details, Reason, Title,
        documents::VisitType,
        interval::Interval,
        status::AppointmentStatus,
        use_cases::{booking::Booking, changes::Change},
    },
    texts::NOTHING_TO_CHANGE,
    zone::Zone,
};

const END_OR_DURATION: RuleViolation =
    RuleViolation::new("one_of", "Either end_time or duration_minutes");
const REASON_MISSING: RuleViolation =
    RuleViolation::new("missing", "Say why it stands beside another one");

/// What a key for repetitions is bound to.
pub(super) fn printed(booking: &Booking) -> Value {
    let interval = booking.interval;
    json!({
        "title": &booking.title, "description": &booking.description, "kind": booking.kind,
        "start": interval.start().timestamp_millis(), "end": interval.end().timestamp_millis(),
        "doctor_id": &booking.doctor_id, "patient_id": &booking.patient_id,
        "hold_id": &booking.hold_id, "overbook": &booking.overbook,
    })
}

/// What is to be booked
#[derive(Debug, Object)]
pub(super) struct BookRequest {
    /// 1 to 200 characters
    title: Text<Title>,
    /// Up to 2,000 characters
    description: Option<Text<Details>>,
    /// RFC 3339; without an offset, the clinic's local time
    start_time: Text<String>,
    /// The same; not together with `duration_minutes`
    end_time: Option<Text<String>>,
    /// The length instead of `end_time`
    duration_minutes: Option<i64>,
    /// The doctor
    doctor_id: Option<Text<UserId>>,
    /// The patient, for the desk and doctors
    patient_id: Option<Text<UserId>>,
    /// `consultation` if absent
    #[oai(rename = "type")]
    kind: Option<Text<VisitType>>,
    /// The hold that has the time
    hold_id: Option<String>,
    /// The desk and doctors: beside another appointment, as far as the schedule's capacity goes
    overbook: Option<bool>,
    /// Why; with `overbook`
    overbook_reason: Option<Text<Reason>>,
}

impl RequestBody for BookRequest {}

impl BookRequest {
    pub(super) fn command(self, errors: &mut ValidationErrors, zone: &Zone) -> Option<Booking> {
        let start = errors.check(&self.start_time, |typed| zone.read_instant(typed));
        let end = self.end_time.as_ref();
        let end = errors.check(end, |typed| zone.read_instant(typed));
        let has_both_or_none = self.end_time.is_some() == self.duration_minutes.is_some();
        if has_both_or_none && !errors.contains("end_time") && !errors.contains("duration_minutes")
        {
            errors.add(END_OR_DURATION.at("end_time"));
        }
        if self.overbook == Some(true) && self.overbook_reason.is_none() {
            errors.add(REASON_MISSING.at("overbook_reason"));
        }
        let interval = match (start, end, self.duration_minutes) {
            (Some(start), Some(end), _) => Some(("end_time", Interval::new(start, end))),
            (start, None, Some(minutes)) => {
                // A length is checked without a start too, so that all faults are told at once.
                let start = start.unwrap_or(Timestamp::UNIX_EPOCH);
                Some(("duration_minutes", Interval::lasting(start, minutes)))
            }
            _ => None,
        };
        let interval = interval.and_then(|(field, interval)| {
            errors.take(interval.map_err(|violation| violation.at(field)))
        });
        let reason = self.overbook_reason.and_then(Text::value);
        Some(Booking {
            title: self.title.value()?,
            description: self.description.and_then(Text::value),
            interval: start.and(interval)?,
            doctor_id: self
                .doctor_id
                .and_then(Text::value)
                .map(UserId::from_stored),
            patient_id: self
                .patient_id
                .and_then(Text::value)
                .map(UserId::from_stored),
            kind: self.kind.and_then(Text::value).unwrap_or_default(),
            hold_id: self.hold_id.map(AppointmentId::from_stored),
            overbook: reason.filter(|_| self.overbook == Some(true)),
        })
    }
}

/// What is to be changed; what is absent stays
#[derive(Debug, Object)]
pub(super) struct AppointmentChangeRequest {
    /// 1 to 200 characters
    title: Option<Text<Title>>,
    /// Up to 2,000 characters; null and an empty text clear it
    #[oai(nullable)]
    description: MaybeUndefined<Text<Details>>,
    /// The desk and doctors: up to 2,000 characters; null and an empty text clear them
    #[oai(nullable)]
    notes: MaybeUndefined<Text<Details>>,
    /// RFC 3339; without an offset, the clinic's local time. The length stays unless `end_time` is there as well
    start_time: Option<Text<String>>,
    /// The same
    end_time: Option<Text<String>>,
    /// The doctor
    doctor_id: Option<Text<UserId>>,
    /// The state
    status: Option<Text<AppointmentStatus>>,
    /// The version that was seen
    version: Option<i64>,
}

impl RequestBody for AppointmentChangeRequest {
    const BLANK_IS_NULL: bool = false;
}

impl AppointmentChangeRequest {
    pub(super) fn command(self, errors: &mut ValidationErrors, zone: &Zone) -> Change {
        let start = self.start_time.as_ref();
        let start = errors.check(start, |typed| zone.read_instant(typed));
        let end = self.end_time.as_ref();
        let end = errors.check(end, |typed| zone.read_instant(typed));
        let is_empty = self.title.is_none()
            && self.description.is_undefined()
            && self.notes.is_undefined()
            && self.start_time.is_none()
            && self.end_time.is_none()
            && self.doctor_id.is_none()
            && self.status.is_none();
        if is_empty && !errors.is_faulty_beside(&["version"]) {
            errors.add(NOTHING_TO_CHANGE.at("body"));
        }
        Change {
            title: self.title.and_then(Text::value),
            description: cleared(self.description),
            notes: cleared(self.notes),
            start,
            end,
            doctor_id: self
                .doctor_id
                .and_then(Text::value)
                .map(UserId::from_stored),
            status: self.status.and_then(Text::value),
            cancel_reason: None,
            version: self.version,
        }
    }
}

/// The new text; an empty one clears.
fn cleared(text: MaybeUndefined<Text<Details>>) -> Option<Details> {
    match text {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(Details::default()),
        MaybeUndefined::Value(text) => text.value(),
    }
}

/// Why it is cancelled
#[derive(Debug, Object)]
pub(super) struct CancelRequest {
    /// Up to 500 characters
    pub(super) reason: Option<Text<Reason>>,
}

impl RequestBody for CancelRequest {
    const OPTIONAL: bool = true;
}
