//! The audit events: who did what to whom, when, from where, and with which outcome (AUD-1).

use serde::{Deserialize, Serialize};

use super::stored::{integer, optional_time, time};
use crate::clock::Timestamp;

macro_rules! actions {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal,)+) => {
        /// The action of an audit event.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Action { $($(#[doc = $doc])+ #[serde(rename = $word)] $name,)+ }

        impl Action {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its name in the database and in answers.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }
        }
    };
}

actions! {
    /// A registration was made.
    Register = "register",
    /// A code was sent.
    CodeSent = "code_sent",
    /// A wrong code was entered.
    CodeFailed = "code_failed",
    /// The code path was closed after too many wrong codes.
    CodeExhausted = "code_exhausted",
    /// An address was proven, an account made.
    Verify = "verify",
    /// A login.
    Login = "login",
    /// A lock after failed logins.
    Lock = "lock",
    /// New tokens by a refresh token.
    Refresh = "refresh",
    /// A refresh token was used twice.
    RefreshReplay = "refresh_replay",
    /// A session was ended by its owner.
    Logout = "logout",
    /// Every session was ended by its owner.
    LogoutAll = "logout_all",
    /// A password was reset.
    PasswordReset = "password_reset",
    /// A password was changed.
    PasswordChange = "password_change",
    /// A profile was changed.
    ProfileChange = "profile_change",
    /// An administrator, or staff, read or changed something; the detail says what.
    Admin = "admin",
    /// An administrator gave a person another role.
    RoleChange = "role_change",
    /// The service was started.
    Start = "start",
    /// A signing key was made or retired.
    Keys = "keys",
}

/// The outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The action was done.
    Success,
    /// The action was refused.
    Failure,
}

impl Outcome {
    /// Its name in the database and in answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}

/// A record. The struct is the document; `mac` covers everything else and the record before (AUD-2).
///
/// Each record states, under its MAC, when the retention of all records before it has ended. So the first record that
/// is left proves that the earlier ones could be removed. It does not matter who removed them, or how long the service
/// was down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// `<chain>:<sequence, twelve digits>`.
    #[serde(rename = "_id")]
    pub id: String,
    /// The run of the instance that wrote it.
    pub chain: String,
    /// Its place in the chain, from 1.
    #[serde(deserialize_with = "integer")]
    pub sequence: i64,
    /// The time.
    #[serde(with = "time")]
    pub at: Timestamp,
    /// The user id of the actor; `None` if the caller was not logged in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The action.
    pub action: Action,
    /// The user id of the subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The outcome.
    pub outcome: Outcome,
    /// One more word, such as the permission that was used or the error code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The client's address.
    pub ip: String,
    /// The client's program.
    pub user_agent: String,
    /// The request.
    pub request_id: String,
    /// Which key made `mac`.
    pub key_id: String,
    /// The MAC of the record before; empty for the first record.
    pub previous: String,
    /// When the retention of every record before it has ended; absent in the first record.
    #[serde(
        default,
        with = "optional_time",
        skip_serializing_if = "Option::is_none"
    )]
    pub previous_expires_at: Option<Timestamp>,
    /// The place that the chain's head named when this record was written. `None` if it was the record before. Records
    /// of one moment are written together, and then the head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_after: Option<i64>,
    /// HMAC-SHA-256 over all other fields, in hex.
    pub mac: String,
    /// When its retention ends; never earlier than the retention of the record before.
    #[serde(with = "time")]
    pub expires_at: Timestamp,
}

impl AuditRecord {
    /// The place that the chain's head named when this record was written. Since then the head names no earlier place.
    #[must_use]
    pub fn head_before(&self) -> i64 {
        self.written_after.unwrap_or(self.sequence - 1)
    }
}

/// The last record of a chain. It is stored apart from the chain, so that a check finds removed last records and a lost
/// chain (AUD-2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainHead {
    /// The chain.
    #[serde(rename = "_id")]
    pub chain: String,
    /// The last record's place; 0 before the first.
    #[serde(deserialize_with = "integer")]
    pub sequence: i64,
    /// The last record's MAC.
    pub last_mac: String,
    /// Which key made `mac`; the same for every record of the chain.
    pub key_id: String,
    /// HMAC-SHA-256 over all other fields, in hex.
    pub mac: String,
    /// When retention of the last record ends.
    #[serde(with = "time")]
    pub expires_at: Timestamp,
}

/// A record as administrators see it, without the fields that prove the chain. Its words are texts, so that a record of
/// a newer version of the service can be shown too.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AuditEntry {
    /// `<chain>:<sequence, twelve digits>`.
    #[serde(rename = "_id")]
    pub id: String,
    /// The time.
    #[serde(with = "time")]
    pub at: Timestamp,
    /// The user id of the actor.
    #[serde(default)]
    pub actor: Option<String>,
    /// The action.
    pub action: String,
    /// The user id of the subject.
    #[serde(default)]
    pub subject: Option<String>,
    /// The outcome.
    pub outcome: String,
    /// One more word.
    #[serde(default)]
    pub detail: Option<String>,
    /// The client's address.
    pub ip: String,
    /// The client's program.
    pub user_agent: String,
    /// The request.
    pub request_id: String,
}

impl AuditEntry {
    /// The fields of the document that are read (ADM-4).
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
