//! Points where a test can interrupt an operation, as a crash would, or make it wait.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use crate::error::{Error, Result};

/// The point that fails at the next pass; no point fails outside of tests.
#[derive(Debug, Clone, Default)]
pub struct FailPoint {
    armed: Arc<Mutex<Option<String>>>,
    held: Arc<AsyncMutex<()>>,
}

impl FailPoint {
    /// Makes the next pass of `place` fail; nothing happens after it.
    pub fn arm(&self, place: &str) {
        *self.armed.lock().unwrap_or_else(PoisonError::into_inner) = Some(place.to_owned());
    }

    /// Passes `place`, or fails there if a test has armed it.
    pub fn pass(&self, place: &str) -> Result<()> {
        let mut armed = self.armed.lock().unwrap_or_else(PoisonError::into_inner);
        if armed.as_deref() == Some(place) {
            *armed = None;
            return Err(Error::internal(format!("fail point {place}")));
        }
        Ok(())
    }

    /// Holds up what comes to [`Self::wait`], until the guard is dropped.
    pub async fn hold(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.held).lock_owned().await
    }

    /// Waits while a test holds this up.
    pub async fn wait(&self) {
        drop(self.held.lock().await);
    }
}
