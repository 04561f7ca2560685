//! A session: one login on one device. The struct is the document.

use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::{
    ids::{SessionId, UserId},
    role::Role,
    sealed::KeyId,
    stored::{optional_time, time},
};
use crate::clock::Timestamp;

/// How long a session may live; from the configuration, by role (SES-3).
#[derive(Debug, Clone, Copy)]
pub struct SessionLimits {
    /// Without a request.
    pub idle: Duration,
    /// Since the login, whatever happens.
    pub absolute: Duration,
    /// Since the last refresh.
    pub refresh: Duration,
}

/// The refresh token's digests: the current one and its immediate predecessor, and what the current one is derived again
/// from when that predecessor is shown (D6).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RefreshState {
    /// SHA-256 of the token that rotates next.
    pub current: String,
    /// SHA-256 of the token that was rotated last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// When it was rotated.
    #[serde(
        default,
        with = "optional_time",
        skip_serializing_if = "Option::is_none"
    )]
    pub rotated_at: Option<Timestamp>,
    /// How many rotations led to the current token; absent, as in a session of an earlier version, is 0.
    #[serde(default)]
    pub generation: i64,
    /// The generation of the master secret that derived the current token; absent if it is the session's first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<KeyId>,
    /// When the current token ends.
    #[serde(with = "time")]
    pub expires_at: Timestamp,
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// Its owner logged out.
    Logout,
    /// A refresh token was replayed.
    Replay,
    /// The password was changed or reset.
    Password,
    /// The owner has too many sessions.
    Cap,
    /// An administrator ended it, or took something away from its owner.
    Administration,
}

impl EndReason {
    /// Its name in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Logout => "logout",
            Self::Replay => "replay",
            Self::Password => "password",
            Self::Cap => "cap",
            Self::Administration => "administration",
        }
    }
}

/// A session.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Session {
    /// The session id.
    #[serde(rename = "_id")]
    pub id: SessionId,
    /// The same, under the name that the collection's readers know.
    pub session_id: SessionId,
    /// Whose.
    pub user_id: UserId,
    /// The owner's role at login.
    pub user_type: Role,
    /// What the client called itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_name: Option<String>,
    /// `User-Agent` at login.
    #[serde(default)]
    pub user_agent: String,
    /// The client's address at login.
    #[serde(default)]
    pub ip_address: String,
    /// When it began.
    #[serde(with = "time")]
    pub login_time: Timestamp,
    /// The last request that was written down; at most a minute behind.
    #[serde(with = "time")]
    pub last_activity: Timestamp,
    /// The first of idle limit, absolute limit and refresh expiry.
    #[serde(with = "time")]
    pub expires_at: Timestamp,
    /// The absolute limit.
    #[serde(with = "time")]
    pub absolute_expires_at: Timestamp,
    /// False once it was revoked.
    pub is_active: bool,
    /// When it was revoked.
    #[serde(
        default,
        with = "optional_time",
        skip_serializing_if = "Option::is_none"
    )]
    pub ended_at: Option<Timestamp>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<EndReason>,
    /// The refresh token's state.
    pub refresh: RefreshState,
}

impl Session {
    /// When the session ends if the last request was at `seen`.
    #[must_use]
    pub fn end(&self, seen: Timestamp, limits: &SessionLimits) -> Timestamp {
        (seen + limits.idle)
            .min(self.absolute_expires_at)
            .min(self.refresh.expires_at)
    }

    /// Whether it lives at `now` when the last request was at `seen`, exact to the millisecond. The end that was written
    /// down counts as well; it moves with the requests that were not.
    #[must_use]
    pub fn is_live(&self, seen: Timestamp, now: Timestamp, limits: &SessionLimits) -> bool {
        let written = self.expires_at + (seen - self.last_activity).max(Duration::zero());
        self.is_active && now < self.end(seen, limits).min(written)
    }
}
