//! The documents of patients: the record with its sealed groups, and the relationships to doctors.

use kernel::{
    clock::Timestamp,
    ids::UserId,
    stored::{integer, optional_time, time},
};
use serde::{Deserialize, Serialize};

use super::{
    care::{Care, CareKind, CareReason},
    clinical::Clinical,
    who::Who,
};
use crate::{
    access::CLINIC,
    sealing::{self, Content, SealedGroup, Token, WrappedKey},
};

impl Content for Who {
    type Group = sealing::Who;
}

impl Content for Clinical {
    type Group = sealing::Clinical;
}

/// A patient's record. The struct is the document. Everything about the person is in a sealed group; ids, times and
/// versions stay plain (ENC-1).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PatientRecord {
    /// The user id, whether or not there is an account (E1).
    #[serde(rename = "_id")]
    pub patient_id: UserId,
    /// The clinic (TEN-2).
    pub clinic_id: String,
    /// The wrapped data key.
    pub key: WrappedKey,
    /// Who the patient is.
    pub who: SealedGroup<Who>,
    /// Symptoms and history.
    pub clinical: SealedGroup<Clinical>,
    /// The tokens by which the desk finds the patient.
    #[serde(default)]
    pub tokens: Vec<Token>,
    /// The token of the e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_bidx: Option<Token>,
    /// The token of the telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_bidx: Option<Token>,
    /// The tokens of what the names sound like.
    #[serde(default)]
    pub sound: Vec<Token>,
    /// The key of the clinic's list (E5).
    pub by_clinic: String,
    /// Whether an account with this id exists or is invited. Its names, telephone number and address count (E13).
    #[serde(default)]
    pub has_account: bool,
    /// The doctor for whom the record was made, until the relationship stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_for: Option<UserId>,
    /// The last consultation.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "optional_time"
    )]
    pub last_visit: Option<Timestamp>,
    /// Grows with each change.
    #[serde(deserialize_with = "integer")]
    pub version: i64,
    /// When the record was made.
    #[serde(with = "time")]
    pub created_at: Timestamp,
    /// When it was last changed.
    #[serde(with = "time")]
    pub updated_at: Timestamp,
}

/// A doctor's relationship to a patient. The struct is the document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CareRelation {
    /// `CLN…/DOC…/PAT…`.
    #[serde(rename = "_id")]
    pub id: String,
    /// The doctor.
    pub doctor_id: UserId,
    /// The patient.
    pub patient_id: UserId,
    /// How the doctor treats the patient.
    pub kind: CareKind,
    /// Since when.
    #[serde(with = "time")]
    pub since: Timestamp,
    /// Until when; `None` if it has no end yet.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "optional_time"
    )]
    pub until: Option<Timestamp>,
    /// Why it began, or why it ended.
    pub reason: CareReason,
    /// The key of the doctor's list (E5): the creation time of the record, so that its order never changes.
    pub by_doctor: String,
    /// The tokens by which the doctor finds the patient (ENC-7).
    #[serde(default)]
    pub tokens: Vec<Token>,
    /// The version of the record that the tokens were made of: older tokens never replace newer ones.
    #[serde(default, deserialize_with = "integer")]
    pub tokens_version: i64,
}

impl CareRelation {
    /// The `_id` of a relationship.
    pub fn id_of(doctor: &UserId, patient: &UserId) -> String {
        format!("{CLINIC}/{doctor}/{patient}")
    }

    /// The relationship without its ids.
    pub fn care(&self) -> Care {
        Care {
            kind: self.kind,
            since: self.since,
            until: self.until,
            reason: self.reason.clone(),
        }
    }
}
