//! Remembers addresses from which too many different names failed to log in, so that a login does not read the database
//! for them (RL-7).

use std::sync::{Arc, Mutex};

use chrono::Duration;
use moka::{policy::EvictionPolicy, sync::Cache};

use crate::login::store::sprayed_names::SprayedNames;
use kernel::{clock::Timestamp, helpers::lock};

/// At most this many addresses are remembered.
const CAPACITY: u64 = 10_000;
/// The window of an address is read again after this time.
const FRESH: Duration = Duration::seconds(1);
/// One more name may be tried after this time.
const PAUSE: Duration = Duration::seconds(60);

/// The addresses, by the key of their row.
pub struct FullAddresses(Cache<String, Arc<Mutex<Full>>>);

struct Full {
    window: SprayedNames,
    /// When the window was read, by [`kernel::clock::Clock::elapsed`].
    read_at: Duration,
    /// When one more name may be tried.
    next_at: Timestamp,
}

/// Whether a full address admits a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FullAddress {
    /// The name may be tried, because it is counted already.
    Counted,
    /// The name may not be tried before this moment, unless its account knows the address.
    NotBefore(Timestamp),
}

impl Default for FullAddresses {
    fn default() -> Self {
        // The one that was used longest ago is forgotten first: a full address that is asked about stays known.
        let addresses = Cache::builder().max_capacity(CAPACITY);
        let addresses = addresses.eviction_policy(EvictionPolicy::lru());
        Self(addresses.build())
    }
}

impl FullAddresses {
    /// Remembers a full window that was read at `elapsed`.
    pub fn put(&self, key: &str, window: SprayedNames, elapsed: Duration, now: Timestamp) {
        let fresh = || {
            let full = Full {
                window: window.clone(),
                read_at: elapsed,
                next_at: now + PAUSE,
            };
            Arc::new(Mutex::new(full))
        };
        let entry = self.0.entry_by_ref(key).or_insert_with(fresh);
        if !entry.is_fresh() {
            let mut full = lock(entry.value());
            if full.window.ends_at != window.ends_at {
                full.next_at = now + PAUSE;
            }
            full.window = window;
            full.read_at = elapsed;
        }
    }

    /// Forgets an address that is not full any more.
    pub fn remove(&self, key: &str) {
        self.0.invalidate(key);
    }

    /// Whether the caller must read the window of a full address again. True for one caller per second.
    #[must_use]
    pub fn is_due(&self, key: &str, elapsed: Duration) -> bool {
        self.full(key, |full| {
            let is_due = elapsed - full.read_at >= FRESH;
            if is_due {
                full.read_at = elapsed;
            }
            is_due
        })
        .unwrap_or(false)
    }

    /// Whether `name` may be tried. `None` if the address is not known to be full.
    #[must_use]
    pub fn ask(&self, key: &str, name: &str, now: Timestamp) -> Option<FullAddress> {
        self.full(key, |full| {
            if full.window.ends_at <= now {
                return None;
            }
            if full.window.has(name) {
                return Some(FullAddress::Counted);
            }
            let next_at = full.next_at.max(now + FRESH);
            Some(FullAddress::NotBefore(next_at.min(full.window.ends_at)))
        })?
    }

    /// Takes the one try of a new name that a full address has each minute. False if another name has taken it.
    #[must_use]
    pub fn take_turn(&self, key: &str, now: Timestamp) -> bool {
        self.full(key, |full| {
            let is_free = full.next_at <= now;
            if is_free {
                full.next_at = now + PAUSE;
            }
            is_free
        })
        .unwrap_or(true)
    }

    fn full<T>(&self, key: &str, look: impl FnOnce(&mut Full) -> T) -> Option<T> {
        let full = self.0.get(key)?;
        Some(look(&mut lock(&full)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn full_for(minutes: i64) -> FullAddresses {
        let addresses = FullAddresses::default();
        let window = SprayedNames {
            names: vec!["counted".to_owned()],
            ends_at: NOW + Duration::minutes(minutes),
        };
        addresses.put("names:a", window, Duration::zero(), NOW);
        addresses
    }

    #[test]
    fn a_full_address_admits_one_new_name_per_minute() {
        let full = full_for(15);
        let ask = |name, seconds| full.ask("names:a", name, NOW + Duration::seconds(seconds));
        let turn = |seconds| full.take_turn("names:a", NOW + Duration::seconds(seconds));
        let not_before = |seconds| Some(FullAddress::NotBefore(NOW + Duration::seconds(seconds)));
        assert_eq!(ask("counted", 0), Some(FullAddress::Counted));
        assert_eq!(ask("first", 59), not_before(60));
        assert_eq!(
            [59, 60, 60, 119, 120].map(turn),
            [false, true, false, false, true]
        );
        assert_eq!(ask("second", 120), not_before(180));
        assert_eq!(ask("second", 15 * 60), None);
        assert_eq!(full.ask("names:b", "first", NOW), None);
    }

    #[test]
    fn a_full_address_is_reread_each_second_and_keeps_its_pause() {
        let full = full_for(15);
        let due = |millis| full.is_due("names:a", Duration::milliseconds(millis));
        assert_eq!([999, 1000, 1001].map(due), [false, true, false]);
        let again = SprayedNames {
            names: vec!["other".to_owned()],
            ends_at: NOW + Duration::minutes(15),
        };
        let later = NOW + Duration::seconds(30);
        full.put("names:a", again, Duration::seconds(5), later);
        assert!(!due(5999));
        assert_eq!(
            full.ask("names:a", "other", later),
            Some(FullAddress::Counted)
        );
        assert!(full.take_turn("names:a", NOW + Duration::seconds(60)));
    }
}
