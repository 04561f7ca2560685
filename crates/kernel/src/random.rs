//! Randomness. Everything random comes from here, so that tests can seed it.

use std::sync::{Arc, Mutex, PoisonError};

use rand::{Rng, SeedableRng, rngs::StdRng};

/// A cryptographically secure generator (`ChaCha`, seeded by the operating system) shared by the process.
#[derive(Debug, Clone)]
pub struct SharedRng(Arc<Mutex<StdRng>>);

impl SharedRng {
    /// A generator seeded by the operating system.
    pub fn from_system() -> Result<Self, rand::rngs::SysError> {
        let rng = StdRng::try_from_rng(&mut rand::rngs::SysRng)?;
        Ok(Self(Arc::new(Mutex::new(rng))))
    }

    /// A generator that gives the same sequence each time; for tests.
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fill_bytes(&mut bytes);
        bytes
    }

    /// A uniform number below `bound`, by rejection sampling.
    ///
    /// # Panics
    /// Never if `bound > 0`.
    pub fn below(&self, bound: u64) -> u64 {
        let zone = u64::MAX - u64::MAX % bound;
        loop {
            let value = u64::from_le_bytes(self.bytes());
            if value < zone {
                return value % bound;
            }
        }
    }

    /// A version 4 UUID (RFC 9562).
    pub fn uuid(&self) -> uuid::Uuid {
        uuid::Builder::from_random_bytes(self.bytes()).into_uuid()
    }
}
