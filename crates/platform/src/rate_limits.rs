//! Request limits of one instance. They are in memory, so that a request costs no round trip (RL-1); a restart resets
//! them.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use governor::state::NotKeyed;
use governor::{Quota, RateLimiter, clock, middleware::NoOpMiddleware, state::InMemoryState};
use moka::{policy::EvictionPolicy, sync::Cache};

use crate::settings::Limit;
use kernel::clock::Clock;

/// At most this many keys are remembered (RL-5). The least recently used key is forgotten first.
const CAPACITY: u64 = 50_000;

/// The clock of governor. It never goes back, and tests can move it.
#[derive(Clone)]
struct Elapsed(Clock);

impl clock::Clock for Elapsed {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed().to_std().unwrap_or_default()
    }
}

type Limiter = RateLimiter<NotKeyed, InMemoryState, Elapsed, NoOpMiddleware<Duration>>;

/// The limits of this instance, by key.
pub struct RateLimits {
    clock: Elapsed,
    limiters: Cache<String, Arc<Limiter>>,
}

impl RateLimits {
    /// Limits without any counted request.
    pub fn new(clock: Clock) -> Self {
        let limiters = Cache::builder().max_capacity(CAPACITY);
        Self {
            clock: Elapsed(clock),
            limiters: limiters.eviction_policy(EvictionPolicy::lru()).build(),
        }
    }

    /// Counts one request against `key`. A burst of `limit` requests passes, and then one more request after each
    /// `per_seconds / limit` seconds.
    ///
    /// # Errors
    /// The time until the next request passes.
    pub fn take(&self, key: &str, limit: Limit) -> Result<(), Duration> {
        let fresh = || Arc::new(Limiter::direct_with_clock(quota(limit), self.clock.clone()));
        let limiter = self.limiters.get_with_by_ref(key, fresh);
        let refused = limiter.check();
        refused.map_err(|refused| refused.wait_time_from(clock::Clock::now(&self.clock)))
    }
}

fn quota(limit: Limit) -> Quota {
    let burst = NonZeroU32::new(limit.limit).unwrap_or(NonZeroU32::MIN);
    let refill = Duration::from_secs(limit.per_seconds.into()) / burst.get();
    // The refill is zero only for a limit of more than a thousand million requests per second.
    let quota = Quota::with_period(refill).unwrap_or(Quota::per_second(burst));
    quota.allow_burst(burst)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn limit(limit: u32, per_seconds: u32) -> Limit {
        Limit { limit, per_seconds }
    }

    #[test]
    fn a_burst_up_to_the_limit_passes_and_refills_one_by_one() {
        let clock = Clock::manual();
        let limits = RateLimits::new(clock.clone());
        let take = || limits.take("a", limit(3, 60));
        assert_eq!([take(), take(), take()], [Ok(()); 3]);
        assert_eq!(take(), Err(Duration::from_secs(20)));
        clock.advance(chrono::Duration::seconds(20));
        assert_eq!(take(), Ok(()));
        assert_eq!(take(), Err(Duration::from_secs(20)));
        clock.advance(chrono::Duration::hours(1));
        assert_eq!([take(), take(), take()], [Ok(()); 3]);
        assert!(take().is_err());
    }

    #[test]
    fn a_clock_that_is_set_back_changes_no_limit() {
        let clock = Clock::manual();
        let limits = RateLimits::new(clock.clone());
        assert!(limits.take("a", limit(1, 60)).is_ok());
        clock.advance(-chrono::Duration::hours(1));
        assert_eq!(limits.take("a", limit(1, 60)), Err(Duration::from_secs(60)));
    }

    #[test]
    fn every_configurable_limit_can_be_counted() {
        for (count, seconds) in [
            (1, 1),
            (u32::MAX, 1),
            (1, 31 * 86_400),
            (u32::MAX, 31 * 86_400),
        ] {
            let limits = RateLimits::new(Clock::manual());
            assert!(limits.take("a", limit(count, seconds)).is_ok(), "{count}");
            assert_eq!(limits.take("a", limit(count, seconds)).is_ok(), count > 1);
        }
    }

    // RL-5
    #[test]
    fn the_number_of_keys_is_bounded_and_busy_keys_stay() {
        let limits = RateLimits::new(Clock::manual());
        for number in 0..2 * CAPACITY {
            let _ = limits.take("busy", limit(1, 60));
            assert!(limits.take(&number.to_string(), limit(1, 60)).is_ok());
        }
        limits.limiters.run_pending_tasks();
        assert!(limits.limiters.entry_count() <= CAPACITY);
        assert!(limits.take("busy", limit(1, 60)).is_err());
    }
}
