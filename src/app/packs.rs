//! Counts that this instance took in advance: of a large limit up to a hundredth at once, so that nearly every request is
//! counted in memory and the limit holds all the same over all instances (RL-1).

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::{clock::Timestamp, config::sections::Limit};

/// The windows that are known to be running, and what is left of each one's pack.
#[derive(Debug, Default)]
pub struct Packs(Mutex<HashMap<String, Pack>>);

#[derive(Debug, Clone, Copy)]
struct Pack {
    left: i64,
    /// The end of the window that they were taken in.
    ends_at: Timestamp,
}

/// So many windows are known at once (RL-5); when there are more, what was taken in advance is lost.
const MOST: usize = 10_000;

/// No more counts are taken at once, however large the limit: a crash loses them.
const LARGEST: u32 = 50;

/// How many counts of `limit` are taken at once: what an instance has not used at the end of a window is lost to the
/// others.
#[must_use]
pub fn size(limit: Limit) -> u32 {
    (limit.limit / 100).clamp(1, LARGEST)
}

impl Packs {
    /// Takes one that is left of `key`; false: none is.
    pub fn take(&self, key: &str, now: Timestamp) -> bool {
        let mut packs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pack = packs.get_mut(key);
        pack.filter(|pack| pack.left > 0 && now < pack.ends_at)
            .map(|pack| pack.left -= 1)
            .is_some()
    }

    /// Whether a window of `key` is known to be running.
    pub fn know(&self, key: &str, now: Timestamp) -> bool {
        let packs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        packs.get(key).is_some_and(|pack| now < pack.ends_at)
    }

    /// Puts `more`, if that is any, of a window beside what is left of it.
    pub fn put(&self, key: &str, more: i64, ends_at: Timestamp, now: Timestamp) {
        let mut packs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if packs.len() >= MOST {
            packs.retain(|_, pack| pack.left > 0 && now < pack.ends_at);
        }
        if packs.len() >= MOST {
            packs.clear();
        }
        let none = Pack { left: 0, ends_at };
        let pack = packs.entry(key.to_owned()).or_insert(none);
        if pack.ends_at != ends_at {
            *pack = none;
        }
        pack.left += more.max(0);
    }
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;

    const fn limit(limit: u32) -> Limit {
        Limit {
            limit,
            per_seconds: 60,
        }
    }

    #[test]
    fn a_small_limit_is_counted_one_by_one() {
        assert_eq!(size(limit(1)), 1);
        assert_eq!(size(limit(199)), 1);
        assert_eq!(size(limit(600)), 6);
        assert_eq!(size(limit(1_000_000)), 50);
    }

    #[test]
    fn what_was_put_is_taken_once() {
        let (packs, now) = (Packs::default(), Timestamp::UNIX_EPOCH);
        assert!(!packs.take("a", now));
        packs.put("a", 2, now + Duration::seconds(1), now);
        assert!(!packs.take("b", now));
        assert!(packs.take("a", now));
        assert!(packs.take("a", now));
        assert!(!packs.take("a", now));
    }

    #[test]
    fn a_window_that_is_over_leaves_nothing_for_the_next() {
        let (packs, now) = (Packs::default(), Timestamp::UNIX_EPOCH);
        let end = now + Duration::seconds(1);
        packs.put("a", 5, end, now);
        assert!(!packs.take("a", end));
        packs.put("a", 1, end + Duration::seconds(1), end);
        assert!(packs.take("a", end));
        assert!(!packs.take("a", end));
    }

    #[test]
    fn a_window_is_known_until_it_ends_even_if_nothing_is_left_of_it() {
        let (packs, now) = (Packs::default(), Timestamp::UNIX_EPOCH);
        let end = now + Duration::seconds(1);
        assert!(!packs.know("a", now));
        packs.put("a", -1, end, now);
        assert!(packs.know("a", now));
        assert!(!packs.take("a", now));
        assert!(!packs.know("a", end));
    }

    #[test]
    fn memory_is_bounded() {
        let (packs, now) = (Packs::default(), Timestamp::UNIX_EPOCH);
        for number in 0..=2 * MOST {
            packs.put(&number.to_string(), 1, now + Duration::seconds(1), now);
        }
        assert!(packs.0.lock().unwrap().len() <= MOST);
    }
}
