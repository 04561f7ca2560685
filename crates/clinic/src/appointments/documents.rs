//! The documents of appointments, schedules and calendar feeds.

use std::collections::BTreeMap;

use kernel::{
    clock::Timestamp,
    ids::UserId,
    stored::{integer, optional_time, time},
};
use serde::{Deserialize, Serialize};

use super::{
    AppointmentId, AppointmentKeys, Details, Reason, Title,
    exceptions::Exception,
    feed::FeedDetail,
    holds::hold_has_expired,
    interval::Interval,
    schedule::Schedule,
    slots::Availability,
    status::{AppointmentFacts, AppointmentStatus},
};
pub use crate::consultations::SessionType as VisitType;
use crate::{
    access::CLINIC,
    sealing::{self, Content, SealedGroup},
    zone::Zone,
};

/// What a patient is told of an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// It stands.
    Confirmed,
    /// It has another time or doctor.
    Moved,
    /// It does not take place.
    Cancelled,
}

impl NoticeKind {
    /// Its name in ids of mail jobs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Moved => "moved",
            Self::Cancelled => "cancelled",
        }
    }
}

/// The last change that the patient is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What he is told.
    pub kind: NoticeKind,
    /// The version that the change made.
    #[serde(deserialize_with = "integer")]
    pub version: i64,
}

/// The texts of an appointment: the group `text` of its patient. It has no `Debug` (CON-6).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppointmentText {
    /// The title.
    pub title: Title,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Details>,
    /// The desk's notes, which the patient does not see (ACC-5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<Details>,
    /// Why it stands beside another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overbook_reason: Option<Reason>,
    /// Why it was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_reason: Option<Reason>,
}

impl Content for AppointmentText {
    type Group = sealing::Text;
}

/// An appointment. The struct is the document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Appointment {
    /// The id.
    #[serde(rename = "_id")]
    pub id: AppointmentId,
    /// The clinic (TEN-2).
    pub clinic_id: String,
    /// The doctor; `None` until the desk has found one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doctor_id: Option<UserId>,
    /// The patient.
    pub patient_id: UserId,
    /// When it begins.
    #[serde(with = "time")]
    pub start: Timestamp,
    /// When it ends.
    #[serde(with = "time")]
    pub end: Timestamp,
    /// The zone of the place of the visit (APT-11).
    pub zone: Zone,
    /// The local time of the start; another text for the same instant shows that the zone's rules changed (APT-13).
    pub local: String,
    /// The state.
    pub status: AppointmentStatus,
    /// The kind of the visit.
    #[serde(rename = "type", default)]
    pub kind: VisitType,
    /// The cells of its time (E6); absent if it holds none, never empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<Vec<String>>,
    /// The keys of its lists.
    #[serde(flatten)]
    pub keys: AppointmentKeys,
    /// Its texts.
    pub text: SealedGroup<AppointmentText>,
    /// Grows with each change.
    #[serde(deserialize_with = "integer")]
    pub version: i64,
    /// The series that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series_id: Option<String>,
    /// Whether it stands beside another one on purpose (APT-7).
    #[serde(default)]
    pub overbooked: bool,
    /// Whether it was cancelled after the patients' time for it (APT-16).
    #[serde(default)]
    pub late_cancel: bool,
    /// Who booked it.
    pub made_by: UserId,
    /// The last change that the patient is told of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<Notice>,
    /// The id once more, while the mail jobs of `notice` are not written yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_notify: Option<AppointmentId>,
    /// The mail jobs that were sent, by their ids (APT-17).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sent: BTreeMap<String, bool>,
    /// When it was booked.
    #[serde(with = "time")]
    pub created_at: Timestamp,
    /// When it was last changed.
    #[serde(with = "time")]
    pub updated_at: Timestamp,
    /// When it was cancelled.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "optional_time"
    )]
    pub cancelled_at: Option<Timestamp>,
}

impl Appointment {
    /// What the rules of changes need.
    pub const fn facts(&self) -> AppointmentFacts {
        AppointmentFacts {
            status: self.status,
            start: self.start,
        }
    }

    /// Notes that the patient is to be told of this version.
    pub fn tell(&mut self, kind: NoticeKind) {
        self.notice = Some(Notice {
            kind,
            version: self.version,
        });
        self.to_notify = Some(self.id.clone());
    }
}

/// A time that its maker holds for some minutes (APT-8). It stands among the appointments, and becomes one when it is
/// booked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hold {
    /// The id that the appointment will have.
    #[serde(rename = "_id")]
    pub id: AppointmentId,
    /// The clinic (TEN-2).
    pub clinic_id: String,
    /// The doctor.
    pub doctor_id: UserId,
    /// Who holds it.
    pub made_by: UserId,
    /// When it begins.
    #[serde(with = "time")]
    pub start: Timestamp,
    /// When it ends.
    #[serde(with = "time")]
    pub end: Timestamp,
    /// Always `held`.
    pub status: AppointmentStatus,
    /// The doctor's cells, and one of the few places of its maker.
    pub holds: Vec<String>,
    /// The key of the doctor's appointments.
    pub by_doctor: String,
    /// When it ends; the database removes it some time later.
    #[serde(with = "time")]
    pub expires_at: Timestamp,
}

/// A part of an appointment or a hold: what takes a doctor's time.
#[derive(Debug, Clone, Deserialize)]
pub struct Busy {
    /// The id.
    #[serde(rename = "_id")]
    pub id: AppointmentId,
    /// When it begins.
    #[serde(with = "time")]
    pub start: Timestamp,
    /// When it ends.
    #[serde(with = "time")]
    pub end: Timestamp,
    /// The state.
    pub status: AppointmentStatus,
    /// When a hold ends.
    #[serde(default, with = "optional_time")]
    pub expires_at: Option<Timestamp>,
}

impl Busy {
    /// Its time, if it takes it at `now`.
    pub fn interval(&self, now: Timestamp) -> Option<Interval> {
        let over = self.expires_at.is_some_and(|at| hold_has_expired(at, now));
        let live = self.status.holds_time() && !over;
        live.then(|| Interval::new(self.start, self.end).ok())
            .flatten()
    }
}

/// A doctor's schedule with its exceptions. The struct is the document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ScheduleRow {
    /// `CLN…/DOC…`.
    #[serde(rename = "_id")]
    pub id: String,
    /// The doctor.
    pub doctor_id: UserId,
    /// The week.
    pub schedule: Schedule,
    /// The exceptions.
    #[serde(default)]
    pub exceptions: Vec<Exception>,
    /// Grows with each change.
    #[serde(deserialize_with = "integer")]
    pub version: i64,
}

impl ScheduleRow {
    /// The `_id` of a doctor's schedule.
    pub fn id_of(doctor: &UserId) -> String {
        format!("{CLINIC}/{doctor}")
    }

    /// When the doctor can be booked.
    pub fn availability(&self) -> Availability<'_> {
        Availability {
            schedule: &self.schedule,
            exceptions: &self.exceptions,
        }
    }
}

/// A calendar feed. The struct is the document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FeedRow {
    /// The digest of the token; the token itself is stored nowhere (APT-18).
    #[serde(rename = "_id")]
    pub digest: String,
    /// Whose feed it is.
    pub user_id: UserId,
    /// What it shows.
    pub detail: FeedDetail,
    /// When it was made.
    #[serde(with = "time")]
    pub created_at: Timestamp,
}
