//! The time. All code reads it from here, so that tests can move it.

use std::{
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use chrono::{DateTime, Duration, DurationRound, Utc};

/// A moment in UTC, truncated to milliseconds, because BSON stores no more.
pub type Timestamp = DateTime<Utc>;

/// The source of the time.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The system's clock.
    #[default]
    System,
    /// A clock that only tests move.
    Manual(Arc<Mutex<Manual>>),
}

/// The state of a manual clock.
#[derive(Debug)]
pub struct Manual {
    now: Timestamp,
    elapsed: Duration,
}

/// When [`Clock::elapsed`] began to count.
static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Clock {
    /// A clock that shows the current time and does not move until [`Clock::advance`].
    pub fn manual() -> Self {
        Self::Manual(Arc::new(Mutex::new(Manual {
            now: Self::System.now(),
            elapsed: Duration::zero(),
        })))
    }

    /// The current moment, truncated to milliseconds.
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
            Self::Manual(manual) => locked(manual).now,
        }
    }

    /// The time since this process began. It never goes back, even if the system's clock is set, so it measures ages.
    /// It is not a time of day.
    pub fn elapsed(&self) -> Duration {
        match self {
            Self::System => Duration::from_std(BEGAN.elapsed()).unwrap_or(Duration::MAX),
            Self::Manual(manual) => locked(manual).elapsed,
        }
    }

    /// Moves a manual clock: forward as time passes, or back as if the clock was set. The system's clock does not
    /// change.
    pub fn advance(&self, by: Duration) {
        if let Self::Manual(manual) = self {
            let mut manual = locked(manual);
            manual.now += by;
            manual.elapsed += by.max(Duration::zero());
        }
    }
}

fn locked(manual: &Mutex<Manual>) -> MutexGuard<'_, Manual> {
    manual.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `at` in the form of the answers: RFC 3339, UTC, `Z`, milliseconds.
pub fn rfc3339(at: Timestamp) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// `at` in the form of the header `Date`.
pub fn http_date(at: Timestamp) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The seconds from `now` until `then`, rounded up, never negative.
pub fn seconds_until(then: Timestamp, now: Timestamp) -> u64 {
    let millis = (then - now).num_milliseconds().max(0);
    u64::try_from(millis).unwrap_or(0).div_ceil(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_header_has_the_form_of_http() {
        let at = DateTime::from_timestamp(1_772_695_800, 0).unwrap();
        assert_eq!(http_date(at), "Thu, 05 Mar 2026 07:30:00 GMT");
    }
}
