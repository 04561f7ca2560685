//! The document of a consultation.

use std::fmt;

use kernel::{
    clock::Timestamp,
    ids::UserId,
    random::SharedRng,
    stored::{integer, time},
};
use serde::{Deserialize, Serialize};

use super::{
    ChiefComplaint, ConsultationId, ConsultationNotes, SessionType,
    course::{ConsultationStatus, Course},
};
use crate::{
    access::PatientScope,
    appointments::AppointmentId,
    list_keys::list_key,
    sealing::{self, Collection, Content, GroupKey, SealedGroup, SealingError, Text},
};

/// The texts of a consultation, which are sealed as one group. `Debug` shows none of it (CON-6).
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsultationText {
    /// What the patient complains of.
    #[serde(default)]
    pub chief_complaint: ChiefComplaint,
    /// The doctor's notes.
    #[serde(default)]
    pub notes: ConsultationNotes,
}

impl fmt::Debug for ConsultationText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConsultationText(…)")
    }
}

impl Content for ConsultationText {
    type Group = sealing::Text;
}

/// A consultation. The struct is the document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Consultation {
    /// The id.
    #[serde(rename = "_id")]
    pub session_id: ConsultationId,
    /// The clinic (TEN-2).
    pub clinic_id: String,
    /// The patient.
    pub patient_id: UserId,
    /// Its doctor.
    pub doctor_id: UserId,
    /// Its kind.
    pub session_type: SessionType,
    /// Its state and its times.
    pub course: Course,
    /// Its texts.
    pub text: SealedGroup<ConsultationText>,
    /// Of an open consultation: unique for a doctor and a patient (CON-2). It is unset by the update that ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_key: Option<String>,
    /// Whether its start ended another one that was open, or would have.
    #[serde(default)]
    pub forced: bool,
    /// The appointment that it was started from (CON-7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appointment_id: Option<AppointmentId>,
    /// The key of the patient's list (E5).
    pub by_patient: String,
    /// The key of the doctor's list (E5).
    pub by_doctor: String,
    /// Grows with each change.
    #[serde(deserialize_with = "integer")]
    pub version: i64,
    /// When it was last changed.
    #[serde(with = "time")]
    pub updated_at: Timestamp,
}

/// What a new consultation begins with.
pub struct Beginning<'a> {
    /// The patient, decided.
    pub scope: &'a PatientScope,
    /// The doctor.
    pub doctor_id: &'a UserId,
    /// Its kind.
    pub session_type: SessionType,
    /// Its texts.
    pub text: &'a ConsultationText,
    /// Whether it ends an open one.
    pub forced: bool,
    /// The appointment that it is started from.
    pub appointment_id: Option<&'a AppointmentId>,
}

impl Consultation {
    /// A consultation that starts now, under a new id.
    pub fn start(
        beginning: &Beginning<'_>,
        session_id: ConsultationId,
        key: &GroupKey<Text>,
        rng: &SharedRng,
        now: Timestamp,
    ) -> Result<Self, SealingError> {
        let (scope, doctor) = (beginning.scope, beginning.doctor_id);
        let (clinic, patient) = (scope.clinic_id(), scope.patient_id());
        let id = session_id.as_str();
        let place = Collection::Consultations.place(id);
        Ok(Self {
            clinic_id: clinic.to_owned(),
            patient_id: patient.clone(),
            doctor_id: doctor.clone(),
            session_type: beginning.session_type,
            course: Course::start(now),
            text: key.seal(place, beginning.text, rng)?,
            open_key: Some(Self::open_key_of(scope, doctor)),
            forced: beginning.forced,
            appointment_id: beginning.appointment_id.cloned(),
            by_patient: list_key(&[clinic, patient.as_str()], now, id),
            by_doctor: list_key(&[clinic, doctor.as_str()], now, id),
            version: 1,
            updated_at: now,
            session_id,
        })
    }

    /// The key that an open consultation of a doctor and a patient has.
    pub fn open_key_of(scope: &PatientScope, doctor: &UserId) -> String {
        format!("{}/{doctor}/{}", scope.clinic_id(), scope.patient_id())
    }

    /// Opens the texts.
    pub fn open_text(&self, key: &GroupKey<Text>) -> Result<ConsultationText, SealingError> {
        key.open(
            Collection::Consultations.place(self.session_id.as_str()),
            &self.text,
        )
    }

    /// Its state.
    pub const fn status(&self) -> ConsultationStatus {
        self.course.status
    }
}
