//! On one instance, the tries on one account wait for each other, so that twenty right logins at once succeed (LCK-6).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time,
};

use kernel::helpers::lock;

/// One semaphore for each key that is locked or that a caller waits for.
#[derive(Default)]
pub struct AccountLocks(Mutex<HashMap<String, Arc<Semaphore>>>);

/// The lock of one key. Dropping it unlocks the key.
#[derive(Debug)]
pub struct AccountLock(#[expect(dead_code, reason = "held for its drop")] OwnedSemaphorePermit);

/// Above this number of keys, a new lock removes the free keys.
const CLEANUP_THRESHOLD: usize = 1024;

impl AccountLocks {
    /// Locks `key` in the order of the callers. `None` if the key did not become free within `wait`.
    pub async fn lock(&self, key: &str, wait: Duration) -> Option<AccountLock> {
        let queue = {
            let mut queues = lock(&self.0);
            if queues.len() > CLEANUP_THRESHOLD {
                queues.retain(|_, queue| Arc::strong_count(queue) > 1);
            }
            let queue = queues
                .entry(key.to_owned())
                .or_insert_with(|| Arc::new(Semaphore::new(1)));
            Arc::clone(queue)
        };
        let permit = time::timeout(wait, queue.acquire_owned()).await;
        permit.ok()?.ok().map(AccountLock)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(1);

    #[tokio::test]
    async fn a_key_is_locked_once_and_the_others_are_free() {
        let locks = AccountLocks::default();
        let held = locks.lock("a", SHORT).await;
        assert!(held.is_some());
        assert!(locks.lock("a", SHORT).await.is_none());
        assert!(locks.lock("b", SHORT).await.is_some());
        drop(held);
        assert!(locks.lock("a", SHORT).await.is_some());
    }

    #[tokio::test]
    async fn free_keys_are_forgotten_and_locked_ones_are_not() {
        let locks = AccountLocks::default();
        let held = locks.lock("held", SHORT).await;
        for number in 0..=CLEANUP_THRESHOLD {
            drop(locks.lock(&number.to_string(), SHORT).await);
        }
        assert!(locks.lock("held", SHORT).await.is_none());
        assert!(locks.0.lock().unwrap().len() < CLEANUP_THRESHOLD);
        drop(held);
    }
}
