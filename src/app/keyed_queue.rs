//! Tries on one account wait for each other on this instance, so that twenty right log-ins at once all succeed (LCK-6).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// One short queue per key; a key that nobody waits for costs nothing.
#[derive(Debug, Default)]
pub struct KeyedQueue(Mutex<HashMap<String, Arc<AsyncMutex<()>>>>);

/// The turn of whoever holds it.
#[derive(Debug)]
pub struct Turn(#[expect(dead_code, reason = "held for its drop")] OwnedMutexGuard<()>);

impl KeyedQueue {
    /// Waits for the turn of `key`.
    pub async fn turn(&self, key: &str) -> Turn {
        let lane = {
            let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if lanes.len() > 1024 {
                lanes.retain(|_, lane| Arc::strong_count(lane) > 1);
            }
            Arc::clone(lanes.entry(key.to_owned()).or_default())
        };
        Turn(lane.lock_owned().await)
    }
}
