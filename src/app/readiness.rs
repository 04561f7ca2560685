//! Whether the service may answer from the database: indexes stand, identifiers are complete, keys are loaded (DB-1).

use std::sync::{Mutex, PoisonError};

/// Where the start is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// The database was not reached yet, or the work on it is not finished.
    Starting,
    /// Everything stands.
    Ready,
    /// The data itself forbids it; the text says what an administrator has to look at.
    Blocked(String),
    /// Going down.
    Stopping,
}

/// The phase, shared.
#[derive(Debug)]
pub struct Readiness(Mutex<Phase>);

impl Default for Readiness {
    fn default() -> Self {
        Self(Mutex::new(Phase::Starting))
    }
}

impl Readiness {
    /// The phase now.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Whether requests may use the database; they still may while the service goes down.
    #[must_use]
    pub fn serves(&self) -> bool {
        matches!(self.phase(), Phase::Ready | Phase::Stopping)
    }

    /// Enters a phase; going down is final. True: the phase is new.
    pub fn enter(&self, phase: Phase) -> bool {
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if *current == Phase::Stopping || *current == phase {
            return false;
        }
        *current = phase;
        true
    }
}
