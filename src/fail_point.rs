//! Floor 0: points where a test can interrupt an operation, as a crash would.

use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Error, Result};

/// The point that fails at the next pass; no point fails outside of tests.
#[derive(Debug, Clone, Default)]
pub struct FailPoint(Arc<Mutex<Option<String>>>);

impl FailPoint {
    /// Makes the next pass of `place` fail; nothing happens after it.
    pub fn arm(&self, place: &str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(place.to_owned());
    }

    /// Passes `place`, or fails there if a test has armed it.
    pub fn pass(&self, place: &str) -> Result<()> {
        let mut armed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if armed.as_deref() == Some(place) {
            *armed = None;
            return Err(Error::internal(format!("fail point {place}")));
        }
        Ok(())
    }
}
