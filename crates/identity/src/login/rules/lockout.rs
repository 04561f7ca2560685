//! When wrong passwords lock an account, and for how long (LCK-1, LCK-7).

use bson::Bson;
use chrono::Duration;
use serde::{Deserialize, Deserializer, Serialize};

use kernel::{
    clock::Timestamp,
    ids::UserId,
    stored::{integer, optional_date, optional_time, time},
};

/// The rule that the configuration sets.
#[derive(Debug, Clone, Copy)]
pub struct LockoutRule {
    /// This many consecutive failures lock an account.
    pub max_failures: i32,
    /// A failure counts for this time.
    pub window: Duration,
    /// The length of the first lock.
    pub first_lock: Duration,
    /// The length of the longest lock.
    pub max_lock: Duration,
    /// After this many consecutive failures, only a password reset opens the password path.
    pub hard_limit: i32,
}

impl LockoutRule {
    /// The length of the lock after `locks` earlier locks. Each lock is twice as long as the previous one, up to the
    /// longest.
    pub fn lock_for(&self, locks: i32) -> Duration {
        let factor = 1_i32
            .checked_shl(locks.clamp(0, 30).unsigned_abs())
            .unwrap_or(i32::MAX);
        self.first_lock
            .checked_mul(factor)
            .map_or(self.max_lock, |lock| lock.min(self.max_lock))
    }
}

/// The account or name whose failures are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockoutSubject {
    /// An account. All its identifiers share the counter, which is in the account's document (LCK-2).
    Account(UserId),
    /// A pseudonymized name without an account. The counter is a row of `throttles`.
    Name(String),
}

impl LockoutSubject {
    /// The user id, or the pseudonymized name.
    pub fn name(&self) -> &str {
        match self {
            Self::Account(user_id) => user_id.as_str(),
            Self::Name(name) => name,
        }
    }

    /// The key of the subject's row in `throttles`. An earlier version counted the failures of accounts there as well.
    pub fn key(&self) -> String {
        format!("lock:{}", self.name())
    }

    /// The account. `None` if the name has no account.
    pub const fn account(&self) -> Option<&UserId> {
        match self {
            Self::Account(user_id) => Some(user_id),
            Self::Name(_) => None,
        }
    }
}

/// The failures of one account, or of one name without an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockoutCounter {
    /// Consecutive failures in this window, with the tries that have not ended yet.
    #[serde(deserialize_with = "integer")]
    pub failures: i32,
    /// Consecutive failures since the last success or reset.
    #[serde(deserialize_with = "integer")]
    pub total: i32,
    /// Locks since the last success or reset.
    #[serde(deserialize_with = "integer")]
    pub locks: i32,
    /// When this window ends.
    #[serde(with = "time")]
    pub window_ends_at: Timestamp,
    /// When the lock ends. `None` if there is no lock.
    #[serde(
        default,
        serialize_with = "optional_time::serialize",
        deserialize_with = "optional_date",
        skip_serializing_if = "Option::is_none"
    )]
    pub locked_until: Option<Timestamp>,
    /// When the counter is not needed any more.
    #[serde(with = "time")]
    pub expires_at: Timestamp,
}

impl LockoutCounter {
    /// Reads the counter of an account. `None` if the counter has another shape; the next try replaces it (DB-7).
    pub fn of_account<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Self>, D::Error> {
        let stored = Bson::deserialize(deserializer)?;
        Ok(bson::deserialize_from_bson(stored).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_double_from_one_minute_up_to_fifteen() {
        let rule = LockoutRule {
            max_failures: 5,
            window: Duration::minutes(15),
            first_lock: Duration::seconds(60),
            max_lock: Duration::seconds(900),
            hard_limit: 100,
        };
        let seconds: Vec<i64> = (0..6).map(|n| rule.lock_for(n).num_seconds()).collect();
        assert_eq!(seconds, [60, 120, 240, 480, 900, 900]);
        assert_eq!(rule.lock_for(i32::MAX).num_seconds(), 900);
    }
}
