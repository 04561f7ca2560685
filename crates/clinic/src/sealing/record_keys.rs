//! The data keys of the records: made, opened, kept for a while, wrapped anew.

use std::{sync::Arc, time::Duration};

use crypto::field_keys::{DataKey, FieldKeys, Place};
use kernel::random::SharedRng;
use moka::{policy::EvictionPolicy, sync::Cache};

use super::{Group, GroupKey, SealingError, WrappedKey};

/// After this time, a key is unwrapped again (ENC-10).
const TIME_TO_LIVE: Duration = Duration::from_secs(300);

/// Gives the keys of groups. The data keys that they are derived from never leave it.
///
/// Clones are cheap and share the cache.
#[derive(Clone)]
pub struct RecordKeys {
    keys: FieldKeys,
    opened: Cache<String, Arc<Opened>>,
}

struct Opened {
    wrapped: WrappedKey,
    key: DataKey,
}

impl RecordKeys {
    /// Keeps at most `capacity` data keys (`records.key_cache`).
    pub fn new(keys: FieldKeys, capacity: u64) -> Self {
        let opened = Cache::builder()
            .max_capacity(capacity)
            .time_to_live(TIME_TO_LIVE)
            // The record that was read longest ago is the first to go, so that a new one always has room.
            .eviction_policy(EvictionPolicy::lru())
            .build();
        Self { keys, opened }
    }

    /// A new data key, wrapped for the row at `owner`: the patient's record. What is sealed with it stands in that row or
    /// in others.
    pub fn create(&self, owner: Place<'_>, rng: &SharedRng) -> Result<WrappedKey, SealingError> {
        let wrapped = self
            .keys
            .wrap_key(owner, &DataKey::generate(rng), rng)
            .map(WrappedKey)?;
        Ok(wrapped)
    }

    /// The key of one group, from the wrapped key in the row at `owner`.
    ///
    /// # Errors
    /// `UnknownKey` if a secret wrapped it that is not set; `Tampered` if it was changed or taken from another row.
    pub fn group_key<G: Group>(
        &self,
        owner: Place<'_>,
        wrapped: &WrappedKey,
    ) -> Result<GroupKey<G>, SealingError> {
        let name = cache_name(owner);
        // A key that was wrapped anew, or replaced, does not count as the one in memory.
        let kept = self.opened.get(&name);
        if let Some(opened) = kept.filter(|opened| opened.wrapped == *wrapped) {
            return Ok(GroupKey::of(&opened.key));
        }
        let key = self.keys.unwrap_key(owner, &wrapped.0)?;
        let group_key = GroupKey::of(&key);
        let wrapped = wrapped.clone();
        self.opened.insert(name, Arc::new(Opened { wrapped, key }));
        Ok(group_key)
    }

    /// The same data key, wrapped with the current secret, for one update whose filter has the older `key` (ENC-4). All
    /// that is sealed with it stays as it is. `None` if the current secret wrapped it already.
    pub fn rewrap(
        &self,
        owner: Place<'_>,
        wrapped: &WrappedKey,
        rng: &SharedRng,
    ) -> Result<Option<WrappedKey>, SealingError> {
        if self.keys.is_current(&wrapped.0) {
            return Ok(None);
        }
        let key = self.keys.unwrap_key(owner, &wrapped.0)?;
        Ok(Some(WrappedKey(self.keys.wrap_key(owner, &key, rng)?)))
    }

    /// Drops a key from memory, as when the revocation feed names its record.
    pub fn forget(&self, owner: Place<'_>) {
        self.opened.invalidate(&cache_name(owner));
    }

    /// Wipes expired and forgotten keys. The cache does so only while it is in use, so an idle service calls this every
    /// minute.
    pub fn sweep(&self) {
        self.opened.run_pending_tasks();
    }
}

fn cache_name(owner: Place<'_>) -> String {
    format!("{}/{}", owner.collection, owner.id)
}

#[cfg(test)]
mod tests {
    use crypto::settings::FieldSecret;
    use kernel::secret::Secret;

    use super::*;
    use crate::sealing::{Collection, Who};

    const OWNER: Place<'static> = Collection::PatientRecords.place("PAT00000001");

    fn keys(current: &str, previous: Option<&str>, capacity: u64) -> RecordKeys {
        let secret = FieldSecret {
            current: Secret::new(current),
            previous: previous.map(Secret::new),
        };
        RecordKeys::new(FieldKeys::new(&secret), capacity)
    }

    // ENC-10
    #[test]
    fn a_forgotten_key_leaves_memory() {
        let keys = keys("one", None, 10);
        let wrapped = keys.create(OWNER, &SharedRng::seeded(1)).unwrap();
        keys.group_key::<Who>(OWNER, &wrapped).unwrap();
        let kept = Arc::downgrade(&keys.opened.get(&cache_name(OWNER)).unwrap());
        keys.forget(OWNER);
        keys.sweep();
        assert!(kept.upgrade().is_none());
    }

    // ENC-10
    #[test]
    fn the_cache_is_bounded() {
        let (keys, rng) = (keys("one", None, 10), SharedRng::seeded(1));
        for number in 0..50 {
            let id = format!("PAT{number:08}");
            let owner = Collection::PatientRecords.place(&id);
            let wrapped = keys.create(owner, &rng).unwrap();
            keys.group_key::<Who>(owner, &wrapped).unwrap();
        }
        keys.sweep();
        assert_eq!(keys.opened.entry_count(), 10);
        assert_eq!(
            keys.opened.policy().time_to_live(),
            Some(Duration::from_secs(300))
        );
    }

    #[test]
    fn a_key_in_memory_serves_only_the_same_wrapped_key() {
        let (keys, rng) = (keys("one", None, 10), SharedRng::seeded(1));
        let wrapped = keys.create(OWNER, &rng).unwrap();
        keys.group_key::<Who>(OWNER, &wrapped).unwrap();
        let mut changed = wrapped.clone();
        changed.0[70] ^= 1;
        let refused = keys.group_key::<Who>(OWNER, &changed).err();
        assert_eq!(refused, Some(SealingError::Tampered));
    }

    // ENC-4
    #[test]
    fn a_rewrap_tells_whether_it_was_needed() {
        let rng = SharedRng::seeded(1);
        let wrapped = keys("old", None, 10).create(OWNER, &rng).unwrap();
        let rotated = keys("new", Some("old"), 10);
        let again = rotated.rewrap(OWNER, &wrapped, &rng).unwrap().unwrap();
        assert_eq!(rotated.rewrap(OWNER, &again, &rng), Ok(None));
        let new = keys("new", None, 10);
        assert!(new.group_key::<Who>(OWNER, &again).is_ok());
        assert_eq!(
            new.rewrap(OWNER, &wrapped, &rng),
            Err(SealingError::UnknownKey)
        );
    }
}
