//! Floor 0: the time. Everything reads it from here, so that tests can move it.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Duration, DurationRound, Utc};

/// A moment in UTC, truncated to milliseconds as BSON keeps it.
pub type Timestamp = DateTime<Utc>;

/// Where the time comes from.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The system's clock.
    #[default]
    System,
    /// A clock that only tests move.
    Manual(Arc<Mutex<Timestamp>>),
}

impl Clock {
    /// A clock that stands still at the real now until [`Clock::advance`].
    #[must_use]
    pub fn manual() -> Self {
        Self::Manual(Arc::new(Mutex::new(Self::System.now())))
    }

    /// The current moment, truncated to milliseconds.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => {
                #[expect(
                    clippy::disallowed_methods,
                    reason = "the one place that reads the system clock"
                )]
                let now = Utc::now();
                now.duration_trunc(Duration::milliseconds(1)).unwrap_or(now)
            }
            Self::Manual(now) => *now.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Moves a manual clock; the system's clock stays as it is.
    pub fn advance(&self, by: Duration) {
        if let Self::Manual(now) = self {
            *now.lock().unwrap_or_else(PoisonError::into_inner) += by;
        }
    }
}

/// `at` as the service writes times in answers: RFC 3339, UTC, `Z`, milliseconds.
#[must_use]
pub fn rfc3339(at: Timestamp) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// Whole seconds from `now` until `then`, rounded up, never negative.
#[must_use]
pub fn seconds_until(then: Timestamp, now: Timestamp) -> u64 {
    let millis = (then - now).num_milliseconds().max(0);
    u64::try_from(millis).unwrap_or(0).div_ceil(1000)
}
