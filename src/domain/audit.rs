//! The audit trail's words: who did what to whom, when, from where, and how it ended (AUD-1).

use serde::{Deserialize, Serialize};

use super::stored::{integer, optional_time, time};
use crate::clock::Timestamp;

macro_rules! actions {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal,)+) => {
        /// What was done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// A log-in.
    Login = "login",
    /// A lock after failed log-ins.
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
    /// An administrator gave an account another role.
    RoleChange = "role_change",
    /// The service was started.
    Start = "start",
    /// A signing key was made or retired.
    Keys = "keys",
}

impl Action {
    /// Whether strangers can be refused it as often as they like, so that refusals are counted (AUD-5).
    #[must_use]
    pub const fn is_open_to_strangers(self) -> bool {
        matches!(self, Self::CodeFailed | Self::Login | Self::Lock)
    }
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Done.
    Success,
    /// Refused.
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

/// The two trails, whose records are kept for different times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trail {
    /// What was done.
    Main,
    /// Refusals of strangers (AUD-5).
    Refusals,
}

impl Trail {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Main, Self::Refusals];

    /// The chain of the trail's records whose MAC is made with the key `key_id`. The key of a chain never changes, so
    /// that another key id cannot hide an edit.
    #[must_use]
    pub fn chain(self, key_id: &str) -> String {
        let name = match self {
            Self::Main => "main",
            Self::Refusals => "refusals",
        };
        format!("{name}-{key_id}")
    }
}

/// A record. The struct is the document; `mac` covers everything else in it, so that an edit shows at once (AUD-2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// `<milliseconds, fifteen digits>-<number in its process>-<random>`: sorts by time, and no two instances make the
    /// same.
    #[serde(rename = "_id")]
    pub id: String,
    /// The chain whose seals cover it; see [`Trail::chain`].
    pub chain: String,
    /// The `_id` again: the unique index over `chain` and `sequence`, which chained records of an earlier version need,
    /// asks each record for a value of its own.
    pub sequence: String,
    /// When.
    #[serde(with = "time")]
    pub at: Timestamp,
    /// The user id of who did it; absent if the caller was not logged in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// What.
    pub action: Action,
    /// The user id that it was done to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// One word more, such as the permission used or the error code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// How many events of this kind the record stands for; absent if it is one (AUD-5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
    /// The client's address.
    pub ip: String,
    /// The client's program.
    pub user_agent: String,
    /// The request.
    pub request_id: String,
    /// Which key made `mac`.
    pub key_id: String,
    /// HMAC-SHA-256 over all of it, in hex.
    pub mac: String,
    /// When retention ends.
    #[serde(with = "time")]
    pub expires_at: Timestamp,
}

/// A seal over records of one chain. Seals are chained: each holds the MAC of the one before, and its own covers that and
/// the records that it lists, so that a removed record shows, and so does a removed or reordered seal (AUD-2).
///
/// Retention needs no mark of its own: each seal says, under its MAC, when retention of everything before it ends. So
/// the first seal that is left is the cut mark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// `<chain>:<sequence, twelve digits>`.
    #[serde(rename = "_id")]
    pub id: String,
    /// The chain.
    pub chain: String,
    /// Its place in the chain, from 1.
    #[serde(deserialize_with = "integer")]
    pub sequence: i64,
    /// Records up to this moment are covered by this seal or an earlier one, but those that came late.
    #[serde(with = "time")]
    pub at: Timestamp,
    /// The records that it covers, in the order of their time.
    pub records: Vec<Covered>,
    /// Which key made `mac`.
    pub key_id: String,
    /// The MAC of the seal before; empty in the first one.
    pub previous: String,
    /// When retention of everything before it has ended; absent in the first one.
    #[serde(
        default,
        with = "optional_time",
        skip_serializing_if = "Option::is_none"
    )]
    pub previous_expires_at: Option<Timestamp>,
    /// HMAC-SHA-256 over all of it, in hex.
    pub mac: String,
    /// When retention ends; never before that of the seal before, nor before that of a record that it covers.
    #[serde(with = "time")]
    pub expires_at: Timestamp,
}

/// A record that a seal covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covered {
    /// Its `_id`.
    pub id: String,
    /// Its MAC.
    pub mac: String,
    /// When its retention ends.
    #[serde(with = "time")]
    pub expires_at: Timestamp,
}

/// How far a chain has come, written down apart from it, so that a cut tail and a lost chain show (AUD-2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainHead {
    /// The chain.
    #[serde(rename = "_id")]
    pub chain: String,
    /// The place of the last seal (in an earlier version's chain: of the last record); 0 before the first.
    #[serde(deserialize_with = "integer")]
    pub sequence: i64,
    /// The MAC of the last one.
    pub last_mac: String,
    /// The `at` of the last seal; absent in an earlier version's chain.
    #[serde(
        default,
        with = "optional_time",
        skip_serializing_if = "Option::is_none"
    )]
    pub at: Option<Timestamp>,
    /// Which key made `mac`; the same for the whole chain.
    pub key_id: String,
    /// HMAC-SHA-256 over all of it, in hex.
    pub mac: String,
    /// When retention of the last one ends.
    #[serde(with = "time")]
    pub expires_at: Timestamp,
}

/// The `_id` of what stands at a place of a chain.
#[must_use]
pub fn place(chain: &str, sequence: i64) -> String {
    format!("{chain}:{sequence:012}")
}

/// Refusals of one kind that came from one address in one window: counted, since they are too many to be recorded one by
/// one (AUD-5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusalCount {
    /// `<end of the window, milliseconds>-<action>-<address>`; the record that is made of the row gets it as well.
    #[serde(rename = "_id")]
    pub id: String,
    /// What was refused.
    pub action: Action,
    /// The address, or the network of an IPv6 address.
    pub ip: String,
    /// How many there were.
    #[serde(deserialize_with = "integer")]
    pub count: i64,
    /// The end of the window.
    #[serde(with = "time")]
    pub ends_at: Timestamp,
}

/// A record as it is shown: what happened, without what proves it. Its words are texts, so that a record of another
/// version of the service can be shown too.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AuditEntry {
    /// Its `_id`.
    #[serde(rename = "_id")]
    pub id: String,
    /// When.
    #[serde(with = "time")]
    pub at: Timestamp,
    /// Who did it.
    #[serde(default)]
    pub actor: Option<String>,
    /// What.
    pub action: String,
    /// To whom.
    #[serde(default)]
    pub subject: Option<String>,
    /// How it ended.
    pub outcome: String,
    /// One word more.
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
    /// Its fields in the document: what is read of it (ADM-4).
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
