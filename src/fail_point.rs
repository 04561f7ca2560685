//! Floor 0: a place where a test can make the process stop half-way, as a crash would, or hold it up.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use crate::error::{Error, Result};

/// The place where the next pass fails. `None` outside of tests.
#[derive(Debug, Clone, Default)]
pub struct FailPoint {
    armed: Arc<Mutex<Option<String>>>,
    held: Arc<AsyncMutex<()>>,
}

impl FailPoint {
    /// The next pass of `place` fails; nothing happens after it.
    pub fn arm(&self, place: &str) {
        *self.armed.lock().unwrap_or_else(PoisonError::into_inner) = Some(place.to_owned());
    }

    /// Passes `place`.
    ///
    /// # Errors
    /// A test has armed it.
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
