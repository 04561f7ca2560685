//! The types of the audit trail. A record says who did what to whom, when, from where, and how it ended (AUD-1).

use serde::{Deserialize, Serialize};

use crate::activity::Counted;
use kernel::{
    clock::Timestamp,
    stored::{integer, optional_time, time},
};

/// The action that a record is about. Each slice declares its own with [`actions!`](crate::actions).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Action {
    name: &'static str,
    strangers: Strangers,
    counted: (Option<Counted>, Option<Counted>),
}

/// What is done with the refusals of an action that strangers can cause in any number (AUD-5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Strangers {
    /// Strangers cannot cause it in any number: each refusal is a record.
    Cannot,
    /// The first refusals of an address are records, the others are counted.
    AreCounted,
    /// The same, and the first refusal of each subject is a record of the main trail.
    AreCountedAfterTheFirst,
}

impl Action {
    /// An action that strangers cannot cause in any number. `name` is its name in the database and in answers.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            strangers: Strangers::Cannot,
            counted: (None, None),
        }
    }

    /// The same action, counted by day: what was done as the one, what was refused as the other.
    #[must_use]
    pub const fn counted_as(self, done: Option<Counted>, refused: Option<Counted>) -> Self {
        Self {
            counted: (done, refused),
            ..self
        }
    }

    /// What it is counted as by day when it was done, and when it was refused.
    pub const fn counted(self) -> (Option<Counted>, Option<Counted>) {
        self.counted
    }

    /// The same action, of which strangers can cause refusals.
    #[must_use]
    pub const fn open_to(self, strangers: Strangers) -> Self {
        Self { strangers, ..self }
    }

    /// The action's name in the database and in answers.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// What is done with refusals of strangers.
    pub const fn strangers(self) -> Strangers {
        self.strangers
    }
}

/// Declares the actions of a slice as constants, and `ALL` with each of them.
#[macro_export]
macro_rules! actions {
    ($($(#[doc = $doc:literal])+ $name:ident = $action:expr;)+) => {
        $($(#[doc = $doc])+ pub const $name: $crate::audit::record::Action = $action;)+

        /// Every action of this table.
        pub const ALL: &[$crate::audit::record::Action] = &[$($name),+];
    };
}

/// The filter of audit events.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// The actor.
    pub actor: Option<String>,
    /// The subject.
    pub subject: Option<String>,
    /// The action.
    pub action: Option<Action>,
    /// The earliest time.
    pub from: Option<Timestamp>,
    /// The latest time.
    pub to: Option<Timestamp>,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The action was done.
    Success,
    /// The action was refused.
    Failure,
}

impl Outcome {
    /// The outcome's name in the database and in answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}

/// The two trails, whose records are kept for different times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trail {
    /// The trail of actions.
    Main,
    /// The trail of refusals of strangers (AUD-5).
    Refusals,
}

impl Trail {
    /// Both trails.
    pub const ALL: [Self; 2] = [Self::Main, Self::Refusals];

    /// The chain of the trail's records whose MAC the key `key_id` makes. The key of a chain never changes, so that
    /// another key id cannot hide an edit.
    #[must_use]
    pub fn chain(self, key_id: &str) -> String {
        let name = match self {
            Self::Main => "main",
            Self::Refusals => "refusals",
        };
        format!("{name}-{key_id}")
    }
}

/// A record. The struct is the document. `mac` covers everything else in it, so that each edit is found (AUD-2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// `<milliseconds, fifteen digits>-<number in its process>-<random>`. It sorts by time, and no two instances make
    /// the same id.
    #[serde(rename = "_id")]
    pub id: String,
    /// The chain whose seals cover the record; see [`Trail::chain`].
    pub chain: String,
    /// The `_id` again. Chained records of an earlier version need the unique index over `chain` and `sequence`, so
    /// each record needs a value of its own here.
    pub sequence: String,
    /// When it happened.
    #[serde(with = "time")]
    pub at: Timestamp,
    /// The user id of the caller. `None` if the caller was not logged in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The action.
    pub action: String,
    /// The user id of the account that the action was about. `None` if it was about no account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// A detail, such as the permission used or the error code. `None` if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The patients whose data the record is about; empty if it is about none (AUDX-1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<String>,
    /// Why the caller could see the data of the patients, such as `care`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    /// What the caller needed the data for, such as `treatment`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The part of the patients' data, such as `clinical`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// The number of events that the record stands for (AUD-5), or of patients whom a list showed (AUDX-2). `None` if it
    /// is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
    /// The client's IP address.
    pub ip: String,
    /// The client's user agent.
    pub user_agent: String,
    /// The id of the request.
    pub request_id: String,
    /// The id of the key that made `mac`.
    pub key_id: String,
    /// HMAC-SHA-256 over the whole record, in hex.
    pub mac: String,
    /// When the retention of the record ends.
    #[serde(with = "time")]
    pub expires_at: Timestamp,
}

/// A seal over records of one chain. Seals are chained: each seal has the MAC of the previous seal, and its own MAC
/// covers that MAC and the records that it lists. So verification finds a removed record, and a removed or reordered
/// seal (AUD-2).
///
/// Each seal says, under its MAC, when the retention of everything before it ends. So the first seal that is left
/// proves that retention removed the earlier ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// `<chain>:<sequence, twelve digits>`.
    #[serde(rename = "_id")]
    pub id: String,
    /// The chain.
    pub chain: String,
    /// The seal's place in the chain, from 1.
    #[serde(deserialize_with = "integer")]
    pub sequence: i64,
    /// This seal or an earlier one covers the records up to this moment, except late ones.
    #[serde(with = "time")]
    pub at: Timestamp,
    /// The records that the seal covers, in the order of their time.
    pub records: Vec<Covered>,
    /// The id of the key that made `mac`.
    pub key_id: String,
    /// The MAC of the previous seal. It is empty in the first seal.
    pub previous: String,
    /// When the retention of everything before the seal ends. `None` in the first seal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "optional_time")]
    pub previous_expires_at: Option<Timestamp>,
    /// HMAC-SHA-256 over the whole seal, in hex.
    pub mac: String,
    /// When the retention of the seal ends. It never ends before that of the previous seal or of a covered record.
    #[serde(with = "time")]
    pub expires_at: Timestamp,
}

/// A record that a seal covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covered {
    /// The `_id` of the record.
    pub id: String,
    /// The MAC of the record.
    pub mac: String,
    /// When the retention of the record ends.
    #[serde(with = "time")]
    pub expires_at: Timestamp,
}

/// The end of a chain. It is stored apart from the chain, so that a cut tail and a removed chain are found (AUD-2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainHead {
    /// The chain.
    #[serde(rename = "_id")]
    pub chain: String,
    /// The place of the last seal, or of the last record in an earlier version's chain. It is 0 before the first one.
    #[serde(deserialize_with = "integer")]
    pub sequence: i64,
    /// The MAC of the last seal or record.
    pub last_mac: String,
    /// The `at` of the last seal. `None` in an earlier version's chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "optional_time")]
    pub at: Option<Timestamp>,
    /// The id of the key that made `mac`. It is the same for the whole chain.
    pub key_id: String,
    /// HMAC-SHA-256 over the whole head, in hex.
    pub mac: String,
    /// When the retention of the last seal or record ends.
    #[serde(with = "time")]
    pub expires_at: Timestamp,
}

/// The `_id` of the seal, or of the earlier version's record, at a place of a chain.
#[must_use]
pub fn place(chain: &str, sequence: i64) -> String {
    format!("{chain}:{sequence:012}")
}

/// The count of refusals of one kind from one address in one window. They are counted because they are too many to be
/// recorded one by one (AUD-5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusalCount {
    /// `<end of the window, milliseconds>-<action>-<address>`. The record that replaces the row has the same id.
    #[serde(rename = "_id")]
    pub id: String,
    /// The refused action.
    pub action: String,
    /// The IP address, or the network of an IPv6 address.
    pub ip: String,
    /// The number of refusals.
    #[serde(deserialize_with = "integer")]
    pub count: i64,
    /// The end of the window.
    #[serde(with = "time")]
    pub ends_at: Timestamp,
}

/// A record as it is shown, without the MAC and the other fields that prove it. Action and outcome are texts, so that a
/// record of another version of the service can be shown too.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AuditEntry {
    /// The `_id` of the record.
    #[serde(rename = "_id")]
    pub id: String,
    /// When it happened.
    #[serde(with = "time")]
    pub at: Timestamp,
    /// The user id of the caller. `None` if the caller was not logged in.
    #[serde(default)]
    pub actor: Option<String>,
    /// The action.
    pub action: String,
    /// The user id of the account that the action was about. `None` if it was about no account.
    #[serde(default)]
    pub subject: Option<String>,
    /// How it ended.
    pub outcome: String,
    /// A detail. `None` if there is none.
    #[serde(default)]
    pub detail: Option<String>,
    /// The client's IP address.
    pub ip: String,
    /// The client's user agent.
    pub user_agent: String,
    /// The id of the request.
    pub request_id: String,
}

impl AuditEntry {
    /// The fields that are read from the document (ADM-4).
    pub const FIELDS: &'static [&'static str] = &[
        "_id",
        "at",
        "actor",
        "action",
        "subject",
        "outcome",
        "detail",
        "ip",
        "user_agent",
        "request_id",
    ];
}

/// An access to a patient's data, as the patient may see it: without the IP address (AUDX-4).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AccessEntry {
    /// The `_id` of the record, which sorts by time.
    #[serde(rename = "_id")]
    pub id: String,
    /// When it happened.
    #[serde(with = "time")]
    pub at: Timestamp,
    /// The user id of the caller. `None` if the service did it.
    #[serde(default)]
    pub actor: Option<String>,
    /// The part of the data.
    #[serde(default)]
    pub part: Option<String>,
    /// Why the caller could see it.
    #[serde(default)]
    pub basis: Option<String>,
    /// What the caller needed it for.
    #[serde(default)]
    pub purpose: Option<String>,
}

impl AccessEntry {
    /// The fields that are read from the document.
    pub const FIELDS: &'static [&'static str] = &["_id", "at", "actor", "part", "basis", "purpose"];
}

#[cfg(test)]
mod tests {
    use bson::doc;

    use super::*;

    // ADM-4
    #[test]
    fn what_proves_a_record_is_not_among_its_shown_fields() {
        let at = bson::DateTime::from_millis(0);
        let stored = doc! {
            "_id": "1", "chain": "main-k", "sequence": "1", "at": at, "actor": "ADM1", "action": "login",
            "subject": "PAT1", "outcome": "success", "detail": "x", "count": 2_i64, "ip": "::1",
            "user_agent": "x", "request_id": "x", "key_id": "k", "mac": "00", "expires_at": at,
        };
        let record: AuditRecord = bson::deserialize_from_document(stored).unwrap();
        let mut hidden = bson::serialize_to_document(&record).unwrap();
        for field in AuditEntry::FIELDS {
            assert!(hidden.remove(field).is_some(), "{field}");
        }
        let hidden: Vec<&str> = hidden.keys().map(String::as_str).collect();
        assert_eq!(
            hidden,
            ["chain", "sequence", "count", "key_id", "mac", "expires_at"]
        );
    }
}
