//! Whether the service may answer from the database: the indexes exist, the identifiers are complete, and the keys are
//! loaded (DB-1).

use std::sync::Mutex;

use kernel::helpers::lock;

/// The phase of the start.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub enum Phase {
    /// The database was not reached yet, or its preparation is not finished.
    #[default]
    Starting,
    /// The database is prepared.
    Ready,
    /// The data prevents the start. The text names the data that an administrator must correct.
    Blocked(String),
    /// The service is stopping.
    Stopping,
}

/// The phase, shared by all parts of the process.
#[derive(Debug, Default)]
pub struct Readiness(Mutex<Phase>);

impl Readiness {
    /// The current phase.
    pub fn phase(&self) -> Phase {
        lock(&self.0).clone()
    }

    /// Whether requests may use the database; they may do so while the service is stopping.
    pub fn serves(&self) -> bool {
        matches!(self.phase(), Phase::Ready | Phase::Stopping)
    }

    /// Enters a phase; `Stopping` is final. `true` if the phase is new.
    pub fn enter(&self, phase: Phase) -> bool {
        let mut current = lock(&self.0);
        if *current == Phase::Stopping || *current == phase {
            return false;
        }
        *current = phase;
        true
    }
}
