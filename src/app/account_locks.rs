//! Tries on one account wait for each other on this instance, so that twenty right log-ins at once all succeed (LCK-6).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// One short queue per key; a key that nobody waits for costs nothing.
#[derive(Debug, Default)]
pub struct AccountLocks(Mutex<HashMap<String, Arc<Semaphore>>>);

/// The turn of whoever holds it; none only if the queue were closed, which nothing does.
#[derive(Debug)]
pub struct AccountLock(
    #[expect(dead_code, reason = "held for its drop")] Option<OwnedSemaphorePermit>,
);

/// Above so many keys those that nobody waits for are forgotten.
const MANY: usize = 1024;

impl AccountLocks {
    /// Waits for the turn of `key`.
    pub async fn turn(&self, key: &str) -> AccountLock {
        self.lane(key, 1).await
    }

    /// Waits for one of the `lanes` of `key`, first come first served. Their number is that of the first who came.
    pub async fn lane(&self, key: &str, lanes: usize) -> AccountLock {
        let queue = {
            let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if queues.len() > MANY {
                queues.retain(|_, queue| Arc::strong_count(queue) > 1);
            }
            let queue = queues
                .entry(key.to_owned())
                .or_insert_with(|| Arc::new(Semaphore::new(lanes)));
            Arc::clone(queue)
        };
        AccountLock(queue.acquire_owned().await.ok())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn a_key_has_as_many_lanes_as_it_was_given_and_a_turn_is_one() {
        let queue = AccountLocks::default();
        let first = queue.lane("a", 2).await;
        let second = queue.lane("a", 2).await;
        assert!(queue.lane("a", 2).now_or_never().is_none());
        assert!(queue.lane("b", 2).now_or_never().is_some());
        drop(first);
        assert!(queue.lane("a", 2).now_or_never().is_some());
        drop(second);
        let turn = queue.turn("c").await;
        assert!(queue.turn("c").now_or_never().is_none());
        drop(turn);
    }

    #[tokio::test]
    async fn what_nobody_holds_is_forgotten_and_what_is_held_is_not() {
        let queue = AccountLocks::default();
        let held = queue.turn("held").await;
        for number in 0..=MANY {
            drop(queue.turn(&number.to_string()).await);
        }
        assert!(queue.turn("held").now_or_never().is_none());
        assert!(queue.0.lock().unwrap().len() < MANY);
        drop(held);
    }
}
