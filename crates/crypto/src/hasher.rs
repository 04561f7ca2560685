//! Hashes passwords with argon2id, and verifies them against argon2id and the older service's bcrypt, in a bounded
//! pool.

use kernel::{
    error::Error, errors, metrics::Metrics, random::SharedRng, secret_hash::PasswordHash,
};
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
use crate::settings;

/// A refused caller gets the refusal after this time. Callers that try again at once would otherwise take the processor
/// from the hashing threads, which have a lower priority. Then fewer hashes would be done, and more callers refused.
const REFUSAL_DELAY: Duration = Duration::from_millis(250);

/// No hashing thread became free in time, or there was no memory for a hash. The caller may try again shortly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the password hashing queue is full")]
pub struct Busy;

impl From<Busy> for Error {
    fn from(busy: Busy) -> Self {
        Self::new(errors::SERVICE_BUSY).retry_after(1).because(busy)
    }
}

/// The result of a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// The password is right.
    pub matches: bool,
    /// The password is right, but the stored hash does not have the algorithm, cost or pepper of a new one. So the
    /// caller stores a new hash (HASH-2).
    pub outdated: bool,
}

/// Hashes and verifies passwords off the async threads, a bounded number at a time (HASH-3).
///
/// Each thread uses at most `memory_kib`, or what an older stored hash needs (at most 1 GiB). A clone is cheap. The
/// hasher takes any cost that argon2 accepts; the configuration checks whether the cost is strong enough.
#[derive(Clone)]
pub struct Hasher {
    work: Arc<Work>,
    pool: Arc<Pool>,
}

/// The state that jobs in the pool use.
struct Work {
    /// The parameters of a new hash, with the pepper's id.
    params: Params,
    peppers: Peppers,
    rng: SharedRng,
    dummy: Argon2Hash,
    metrics: Metrics,
}

impl Hasher {
    /// A hasher with the configured cost and as many threads as configured, or as there are cores.
    ///
    /// # Errors
    /// An error if argon2 does not accept the cost, if the cost is above what [`Hasher::verify`] accepts, or if the
    /// threads cannot be started.
    pub fn new(
        config: &settings::Password,
        peppers: &settings::Peppers,
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

    /// Reserves a slot in the queue of hashes, for a use case that does other work first. So requests that cannot be
    /// hashed in time are refused before they do that work.
    ///
    /// # Errors
    /// [`Busy`], after a pause.
    pub async fn slot(&self) -> Result<HashSlot, Busy> {
        let slot = self.pool.slot();
        if slot.is_err() {
            time::sleep(REFUSAL_DELAY).await;
        }
        slot
    }

    /// Hashes with argon2id, the configured cost and a fresh salt.
    pub async fn hash(&self, password: &[u8]) -> Result<PasswordHash, Busy> {
        let password = Zeroizing::new(password.to_vec());
        self.run(move |work, memory| work.hash(&password, memory))
            .await
    }

    /// Verifies a password against a stored hash, or against a dummy if `stored` is `None`. An empty password and an
    /// unreadable hash never match.
    ///
    /// Each refusal costs exactly one argon2 run at the current cost, so that its time does not tell the reason
    /// (ENUM-2). A refusal by an outdated hash costs that hash's verification as well. A match with an outdated hash
    /// skips the run, because the caller then makes a new hash.
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

    /// The number of argon2 runs since the start. Tests compare the work of requests by it.
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

fn params(cost: &settings::Argon2, peppers: &Peppers) -> argon2::Result<Params> {
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
        // Cost and lengths were checked when the hash was read, so only the allocation of memory can fail.
        let matches = hash.matches(input, memory).ok_or(Busy);
        if memory.len() > self.params.block_count() {
            *memory = Memory::new(); // The larger memory of an older hash is freed.
        }
        matches
    }
}

#[cfg(test)]
mod tests;
