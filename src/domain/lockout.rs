//! When wrong passwords lock an account, and for how long (LCK-1, LCK-7).

use bson::Bson;
use chrono::Duration;
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    ids::UserId,
    stored::{integer, optional_date, optional_time, time},
};
use crate::clock::Timestamp;

/// The rule; from the configuration.
#[derive(Debug, Clone, Copy)]
pub struct LockoutRule {
    /// How many consecutive failures lock an account.
    pub max_failures: i32,
    /// How long failures count.
    pub window: Duration,
    /// The first lock.
    pub first_lock: Duration,
    /// The longest lock.
    pub max_lock: Duration,
    /// Consecutive failures after which only a reset opens the password path.
    pub hard_limit: i32,
}

impl LockoutRule {
    /// How long the lock after `locks` earlier locks lasts: each is twice as long as the one before, up to the longest.
    #[must_use]
    pub fn lock_for(&self, locks: i32) -> Duration {
        let factor = 1_i32
            .checked_shl(locks.clamp(0, 30).unsigned_abs())
            .unwrap_or(i32::MAX);
        self.first_lock
            .checked_mul(factor)
            .map_or(self.max_lock, |lock| lock.min(self.max_lock))
    }
}

/// Whose failures are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockoutSubject {
    /// An account, whatever name was typed (LCK-2). Its document holds the counter.
    Account(UserId),
    /// A pseudonymized name without an account. A row of `throttles` holds the counter.
    Name(String),
}

impl LockoutSubject {
    /// The user id, or the pseudonymized name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Account(user_id) => user_id.as_str(),
            Self::Name(name) => name,
        }
    }

    /// The key of its row in `throttles`, where the version before counted the failures of accounts as well.
    #[must_use]
    pub fn key(&self) -> String {
        format!("lock:{}", self.name())
    }

    /// The account, if it is one.
    #[must_use]
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
    /// Consecutive failures in this window, tries under way included.
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
    /// When the lock ends.
    #[serde(
        default,
        serialize_with = "optional_time::serialize",
        deserialize_with = "optional_date",
        skip_serializing_if = "Option::is_none"
    )]
    pub locked_until: Option<Timestamp>,
    /// When the row is not needed any more.
    #[serde(with = "time")]
    pub expires_at: Timestamp,
}

impl LockoutCounter {
    /// The counter of an account. One of another shape is none: the next try replaces it (DB-7).
    ///
    /// # Errors
    /// Those of the deserializer.
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
    fn locks_double_from_a_minute_to_a_quarter_of_an_hour_and_no_further() {
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
