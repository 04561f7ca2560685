//! When wrong passwords lock an account, and for how long (LCK-1, LCK-7).

use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::stored::{integer, optional_date, optional_time, time};
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

/// The failures of one account, or of one name without an account. The struct is the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// `lock:…`.
    #[serde(rename = "_id")]
    pub id: String,
    /// Consecutive failures in this window, with tries that have not finished.
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
