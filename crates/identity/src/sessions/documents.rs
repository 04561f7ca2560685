//! A session: one login on one device. The struct is the document.

use chrono::Duration;
use serde::{Deserialize, Serialize};

use crate::factors::rules::account_factors::AccountFactors;
use kernel::{
    clock::Timestamp,
    ids::{SessionId, UserId},
    methods::Methods,
    role::Role,
    sealed::KeyId,
    stored::{optional_time, time},
};

/// The largest difference between the clocks of two instances (TIME-1).
const MAX_CLOCK_DIFFERENCE: Duration = Duration::minutes(1);

/// How long a session may last, by role; from the configuration (SES-3).
#[derive(Debug, Clone, Copy)]
pub struct SessionLimits {
    /// The time without a request.
    pub idle: Duration,
    /// The time since the login.
    pub absolute: Duration,
    /// The time since the last refresh.
    pub refresh: Duration,
}

/// The digests of the refresh token: the current one and its predecessor, and the values that derive the current one
/// again if a client sends the predecessor (D6).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RefreshState {
    /// SHA-256 of the current token.
    pub current: String,
    /// SHA-256 of the token before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// When the token before it was rotated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "optional_time")]
    pub rotated_at: Option<Timestamp>,
    /// How many rotations led to the current token; 0 if absent, as in a session of an earlier version.
    #[serde(default)]
    pub generation: i64,
    /// The generation of the master secret that derived the current token; absent for a session's first token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<KeyId>,
    /// When the current token expires.
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
    /// A second factor was added or removed.
    Factors,
    /// The owner changed the e-mail address, or deletes the account.
    Account,
    /// The owner has too many sessions.
    Cap,
    /// An administrator ended it, or took a permission away from its owner.
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
            Self::Factors => "factors",
            Self::Account => "account",
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
    /// The same id, under the name that other readers of the collection know.
    pub session_id: SessionId,
    /// The owner.
    pub user_id: UserId,
    /// The owner's role at login.
    pub user_type: Role,
    /// The name that the client gave its device.
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
    /// The last request whose time was stored; at most a minute old.
    #[serde(with = "time")]
    pub last_activity: Timestamp,
    /// The earliest of idle limit, absolute limit and expiry of the refresh token.
    #[serde(with = "time")]
    pub expires_at: Timestamp,
    /// The absolute limit.
    #[serde(with = "time")]
    pub absolute_expires_at: Timestamp,
    /// False after it was revoked.
    pub is_active: bool,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "optional_time")]
    pub ended_at: Option<Timestamp>,
    /// Why it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<EndReason>,
    /// What was proven in it; the password in a session of an earlier version.
    #[serde(default = "password")]
    pub amr: Methods,
    /// When that was proven last. [`Session::auth_time`] knows those of an earlier version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "optional_time")]
    pub auth_time: Option<Timestamp>,
    /// The last full proof, as [`Session::fresh_until`] reads it. `None` if there was none, as with a remembered device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "optional_time")]
    pub fresh_at: Option<Timestamp>,
    /// The remembered device of the login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_id: Option<String>,
    /// The refresh token's state.
    pub refresh: RefreshState,
}

const fn password() -> Methods {
    Methods::PASSWORD
}

impl Session {
    /// When its owner last proved who they are.
    #[must_use]
    pub fn auth_time(&self) -> Timestamp {
        self.auth_time.unwrap_or(self.login_time)
    }

    /// Until when the last full proof counts for what changes the account (D15). `None` if it does not count at `now`, or
    /// if the account has a factor that the proof did not include. A proof of the future does not count (TIME-1).
    #[must_use]
    pub fn fresh_until(
        &self,
        factors: &AccountFactors,
        lifetime: Duration,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let proven = self
            .fresh_at
            .filter(|at| *at <= now + MAX_CLOCK_DIFFERENCE)?;
        let is_full = self.amr.are_multi_factor() || !factors.has_any();
        Some(proven + lifetime).filter(|until| is_full && *until > now)
    }

    /// When the session expires if the last request was at `seen`.
    #[must_use]
    pub fn end(&self, seen: Timestamp, limits: &SessionLimits) -> Timestamp {
        (seen + limits.idle)
            .min(self.absolute_expires_at)
            .min(self.refresh.expires_at)
    }

    /// Whether it is live at `now` if the last request was at `seen`, exact to the millisecond. The stored end counts
    /// as well; requests whose time is not stored yet move it.
    #[must_use]
    pub fn is_live(&self, seen: Timestamp, now: Timestamp, limits: &SessionLimits) -> bool {
        let written = self.expires_at + (seen - self.last_activity).max(Duration::zero());
        self.is_active && now < self.end(seen, limits).min(written)
    }
}
