//! Floor 0: a place where a test can make the process stop half-way, as a crash would.

use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Error, Result};

/// The place where the next pass fails; none outside of tests.
#[derive(Debug, Clone, Default)]
pub struct FailPoint(Arc<Mutex<Option<String>>>);

impl FailPoint {
    /// The next pass of `place` fails; nothing happens after it.
    pub fn arm(&self, place: &str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(place.to_owned());
    }

    /// Passes `place`.
    ///
    /// # Errors
    /// A test has armed it.
    pub fn pass(&self, place: &str) -> Result<()> {
        let mut armed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if armed.as_deref() == Some(place) {
            *armed = None;
            return Err(Error::internal(format!("fail point {place}")));
        }
        Ok(())
    }
}
