//! How many refusals there were, in the memory of this process.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use moka::sync::Cache;

/// Keys that are remembered; beyond that those that are seldom seen are forgotten.
const KEYS: u64 = 50_000;

/// A count for each key.
pub struct SeenRefusals(Cache<String, Arc<AtomicU32>>);

impl Default for SeenRefusals {
    fn default() -> Self {
        Self(Cache::new(KEYS))
    }
}

impl SeenRefusals {
    /// Counts one more of `key`; how many there are with it.
    #[must_use]
    pub fn count(&self, key: String) -> u32 {
        let counter = self.0.get_with(key, Arc::default);
        counter.fetch_add(1, Ordering::Relaxed).saturating_add(1)
    }
}
