//! Password hashing: argon2id, bcrypt of the older service, and the bounded pool in which both run.

use std::{sync::Arc, time::Duration};

use argon2::{KeyId, Params, ParamsBuilder};
use tokio::time;
use zeroize::Zeroizing;

pub use super::hash_pool::HashSlot;
use super::{
    CryptoError,
    hash_pool::{Memory, Pool},
    pepper::Peppers,
    stored_hash::{self, Argon2Hash, Stored, TAG, bcrypt_matches, is_affordable},
};
use crate::{
    config::{self, sections},
    domain::secret_hash::PasswordHash,
    error::{Error, ErrorCode},
    metrics::Metrics,
    random::SharedRng,
};

/// Whoever is refused a place is told so after this long. Callers that try again at once would otherwise take the processor
/// from the hashes, which come last in the scheduler's eyes: fewer would be done, so that more would be refused.
const PAUSE: Duration = Duration::from_millis(250);

/// No hashing thread came free in time, or the memory for a hash was not there. Try again shortly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the password hashing queue is full")]
pub struct Busy;

impl From<Busy> for Error {
    fn from(busy: Busy) -> Self {
        Self::new(ErrorCode::ServiceBusy)
            .retry_after(1)
            .because(busy)
    }
}

/// What a verification found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// The password is right.
    pub matches: bool,
    /// It is, but the stored hash has another algorithm or cost than a new one would: hash anew
    /// (HASH-2).
    pub outdated: bool,
}

/// Hashes and verifies passwords off the async threads, a bounded number at a time (HASH-3).
///
/// Memory is bounded by the number of threads times `memory_kib`, or what an older stored hash asks
/// for (1 GiB at most). Cheap to clone. It takes any
/// cost that argon2 knows; whether it is strong enough is the configuration's to check.
#[derive(Clone)]
pub struct Hasher {
    work: Arc<Work>,
    pool: Arc<Pool>,
}

/// What runs in the pool.
struct Work {
    /// Of a new hash, the pepper's id included.
    params: Params,
    peppers: Peppers,
    rng: SharedRng,
    dummy: Argon2Hash,
    metrics: Metrics,
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hasher")
    }
}

impl Hasher {
    /// A hasher with the configured cost and as many threads as configured, or as there are cores.
    ///
    /// # Errors
    /// argon2 does not know such a cost, or it is above what [`Hasher::verify`] accepts.
    pub fn new(
        config: &sections::Password,
        peppers: &config::Peppers,
        rng: SharedRng,
        metrics: Metrics,
    ) -> Result<Self, CryptoError> {
        let peppers = Peppers::new(peppers);
        let params = params(&config.argon2, &peppers)
            .ok()
            .filter(is_affordable)
            .ok_or(CryptoError("hash at the configured argon2 cost"))?;
        let dummy = Argon2Hash::unmatchable(&params, &rng);
        let threads = config
            .hash_threads
            .or_else(|| std::thread::available_parallelism().ok().map(Into::into))
            .unwrap_or(1);
        let wait = Duration::from_millis(config.hash_queue_ms);
        let pool = Pool::new(threads, wait, metrics.clone())
            .map_err(|_| CryptoError("start the hashing threads"))?;
        Ok(Self {
            pool: Arc::new(pool),
            work: Arc::new(Work {
                params,
                peppers,
                rng,
                dummy,
                metrics,
            }),
        })
    }

    /// A place on the way to a hash, for a use case that does other work first: of more requests than can be hashed in
    /// time, those beyond are refused before they cost anything.
    ///
    /// # Errors
    /// [`Busy`], after a pause.
    pub async fn place(&self) -> Result<HashSlot, Busy> {
        let place = self.pool.slot();
        if place.is_err() {
            time::sleep(PAUSE).await;
        }
        place
    }

    /// Hashes with argon2id, the configured cost and a fresh salt.
    ///
    /// # Errors
    /// [`Busy`].
    pub async fn hash(&self, password: &[u8]) -> Result<PasswordHash, Busy> {
        let password = Zeroizing::new(password.to_vec());
        self.run(move |work, memory| work.hash(&password, memory))
            .await
    }

    /// Verifies a password against a stored hash, or against a dummy where there is none; an empty
    /// password and an unreadable hash never match.
    ///
    /// Whatever the reason of a "no", it costs exactly one argon2 run at the current cost
    /// (ENUM-2); one against a hash of an older kind costs that hash's verification as well. A
    /// "yes" of an older kind skips the run, since the caller then spends it on the new hash.
    ///
    /// # Errors
    /// [`Busy`].
    pub async fn verify(
        &self,
        password: &[u8],
        stored: Option<&PasswordHash>,
    ) -> Result<Verdict, Busy> {
        let password = Zeroizing::new(password.to_vec());
        let stored = stored.cloned();
        self.run(move |work, memory| work.verify(&password, stored.as_ref(), memory))
            .await
    }

    /// How many argon2 runs were done since the start; what "the same work" is counted by.
    #[must_use]
    pub fn hashes_done(&self) -> u64 {
        self.work.metrics.hashes.get()
    }

    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Work, &mut Memory) -> Result<T, Busy> + Send + 'static,
    ) -> Result<T, Busy> {
        let work = Arc::clone(&self.work);
        self.pool.run(move |memory| job(&work, memory)).await
    }
}

fn params(cost: &sections::Argon2, peppers: &Peppers) -> argon2::Result<Params> {
    ParamsBuilder::new()
        .m_cost(cost.memory_kib)
        .t_cost(cost.iterations)
        .p_cost(cost.parallelism)
        .output_len(TAG)
        .keyid(KeyId::new(peppers.current_id())?)
        .build()
}

impl Work {
    fn hash(&self, password: &[u8], memory: &mut Memory) -> Result<PasswordHash, Busy> {
        self.metrics.hashes.inc();
        let input = self.peppers.apply(password);
        let hash = stored_hash::make(&input, &self.params, &self.rng.bytes(), memory);
        Ok(PasswordHash::new(hash.ok_or(Busy)?))
    }

    fn verify(
        &self,
        password: &[u8],
        stored: Option<&PasswordHash>,
        memory: &mut Memory,
    ) -> Result<Verdict, Busy> {
        let stored = stored.map_or(Stored::Nothing, |hash| Stored::read(hash.expose()));
        let found = match &stored {
            Stored::Argon2(hash) => self.argon2_matches(password, hash, memory)?,
            Stored::Bcrypt(hash) => bcrypt_matches(password, hash),
            Stored::Nothing => false,
        };
        let matches = found && !password.is_empty();
        let current = matches!(&stored, Stored::Argon2(hash) if hash.is_current(&self.params));
        if !matches && !current {
            self.tag_matches(password, &self.dummy, memory)?;
        }
        Ok(Verdict {
            matches,
            outdated: matches && !current,
        })
    }

    fn argon2_matches(
        &self,
        password: &[u8],
        hash: &Argon2Hash,
        memory: &mut Memory,
    ) -> Result<bool, Busy> {
        let Some(input) = self.peppers.apply_of(hash.pepper_id(), password) else {
            tracing::error!("a password hash was made with a pepper that is not set");
            return Ok(false);
        };
        self.tag_matches(&input, hash, memory)
    }

    fn tag_matches(
        &self,
        input: &[u8],
        hash: &Argon2Hash,
        memory: &mut Memory,
    ) -> Result<bool, Busy> {
        self.metrics.hashes.inc();
        // Cost and lengths were checked when it was read; what is left to fail is the memory.
        let matches = hash.matches(input, memory).ok_or(Busy);
        if memory.len() > self.params.block_count() {
            *memory = Memory::new(); // An older hash that asked for more leaves nothing behind.
        }
        matches
    }
}

#[cfg(test)]
mod tests;
