//! Password hashing: argon2id, bcrypt of the older service, and the bounded pool in which both run.

use std::{
    panic,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use argon2::{Argon2, Params, PasswordHash as Phc, PasswordHasher};
use tokio::{sync::Semaphore, task, time};
use zeroize::Zeroizing;

use super::{
    CryptoError,
    stored_hash::{Argon2Hash, SALT, Stored, TAG, bcrypt_matches, is_bearable},
};
use crate::{
    config::sections,
    domain::secret_hash::PasswordHash,
    error::{Error, ErrorCode},
    random::SharedRng,
};

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
    permits: Arc<Semaphore>,
    wait: Duration,
}

/// What runs in the pool.
struct Work {
    params: Params,
    rng: SharedRng,
    dummy: Argon2Hash,
    runs: AtomicU64,
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
    pub fn new(config: &sections::Password, rng: SharedRng) -> Result<Self, CryptoError> {
        let cost = &config.argon2;
        let params = Params::new(
            cost.memory_kib,
            cost.iterations,
            cost.parallelism,
            Some(TAG),
        )
        .ok()
        .filter(is_bearable)
        .ok_or(CryptoError("hash at the configured argon2 cost"))?;
        let dummy = Argon2Hash::of_nobody(&params, &rng);
        let threads = config
            .hash_threads
            .or_else(|| std::thread::available_parallelism().ok().map(Into::into))
            .unwrap_or(1)
            .clamp(1, Semaphore::MAX_PERMITS);
        Ok(Self {
            work: Arc::new(Work {
                params,
                rng,
                dummy,
                runs: AtomicU64::new(0),
            }),
            permits: Arc::new(Semaphore::new(threads)),
            wait: Duration::from_millis(config.hash_queue_ms),
        })
    }

    /// Hashes with argon2id, the configured cost and a fresh salt.
    ///
    /// # Errors
    /// [`Busy`].
    pub async fn hash(&self, password: &[u8]) -> Result<PasswordHash, Busy> {
        let password = Zeroizing::new(password.to_vec());
        self.run(move |work| work.hash(&password)).await
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
        self.run(move |work| work.verify(&password, stored.as_ref()))
            .await
    }

    /// How many argon2 runs were done since the start; what "the same work" is counted by.
    #[must_use]
    pub fn hashes_done(&self) -> u64 {
        self.work.runs.load(Ordering::Relaxed)
    }

    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Work) -> Result<T, Busy> + Send + 'static,
    ) -> Result<T, Busy> {
        let permit = time::timeout(self.wait, Arc::clone(&self.permits).acquire_owned())
            .await
            .map_err(|_| Busy)?
            .map_err(|_| Busy)?;
        let work = Arc::clone(&self.work);
        // The permit goes with the job: a caller that hangs up leaves the job running, and the
        // bound must hold for jobs, not for callers.
        let job = task::spawn_blocking(move || {
            let _permit = permit;
            job(&work)
        });
        match job.await {
            Ok(done) => done,
            Err(failed) => match failed.try_into_panic() {
                Ok(bug) => panic::resume_unwind(bug),
                // The runtime shuts down.
                Err(_) => Err(Busy),
            },
        }
    }
}

impl Work {
    fn hash(&self, password: &[u8]) -> Result<PasswordHash, Busy> {
        self.runs.fetch_add(1, Ordering::Relaxed);
        let salt: [u8; SALT] = self.rng.bytes();
        let hash: Phc = Argon2::from(&self.params)
            .hash_password_with_salt(password, &salt)
            .map_err(|_| Busy)?;
        Ok(PasswordHash::new(hash.to_string()))
    }

    fn verify(&self, password: &[u8], stored: Option<&PasswordHash>) -> Result<Verdict, Busy> {
        let stored = stored.map_or(Stored::Nothing, |hash| Stored::read(hash.expose()));
        let found = match &stored {
            Stored::Argon2(hash) => self.tag_matches(password, hash)?,
            Stored::Bcrypt(hash) => bcrypt_matches(password, hash),
            Stored::Nothing => false,
        };
        let matches = found && !password.is_empty();
        let current = matches!(&stored, Stored::Argon2(hash) if hash.is_current(&self.params));
        if !matches && !current {
            self.tag_matches(password, &self.dummy)?;
        }
        Ok(Verdict {
            matches,
            outdated: matches && !current,
        })
    }

    fn tag_matches(&self, password: &[u8], hash: &Argon2Hash) -> Result<bool, Busy> {
        self.runs.fetch_add(1, Ordering::Relaxed);
        // Cost and lengths were checked when it was read; what is left to fail is the memory.
        hash.matches(password).map_err(|_| Busy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: sections::Argon2 = sections::Argon2 {
        memory_kib: 8,
        iterations: 1,
        parallelism: 1,
    };

    fn config() -> sections::Password {
        sections::Password {
            argon2: CHEAP,
            ..sections::Password::default()
        }
    }

    fn hasher() -> Hasher {
        Hasher::new(&config(), SharedRng::seeded(1)).unwrap()
    }

    fn bcrypt_of(password: &str) -> PasswordHash {
        let parts = bcrypt::hash_with_salt(password, 4, [1; 16]).unwrap();
        PasswordHash::new(parts.format_for_version(bcrypt::Version::TwoB))
    }

    /// The verdict, and how many argon2 runs it took.
    async fn verify(password: &str, stored: Option<&PasswordHash>) -> (Verdict, u64) {
        let hasher = hasher();
        let verdict = hasher.verify(password.as_bytes(), stored).await.unwrap();
        (verdict, hasher.hashes_done())
    }

    const NO: Verdict = Verdict {
        matches: false,
        outdated: false,
    };
    const YES: Verdict = Verdict {
        matches: true,
        outdated: false,
    };
    const OLD: Verdict = Verdict {
        matches: true,
        outdated: true,
    };

    #[tokio::test]
    async fn a_new_hash_is_argon2id_of_the_configured_cost_and_verifies() {
        let hash = hasher().hash(b"correct horse").await.unwrap();
        assert!(hash.expose().starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
        // 16 and 32 bytes in base64 without padding.
        let lengths: Vec<_> = hash.expose().split('$').skip(4).map(str::len).collect();
        assert_eq!(lengths, [22, 43]);
        assert_eq!(verify("correct horse", Some(&hash)).await, (YES, 1));
        assert_eq!(verify("correct horsf", Some(&hash)).await, (NO, 1));
    }

    #[tokio::test]
    async fn equal_passwords_have_different_hashes() {
        let hasher = hasher();
        assert_ne!(
            hasher.hash(b"correct horse").await,
            hasher.hash(b"correct horse").await
        );
    }

    #[tokio::test]
    async fn nothing_is_cut_off_a_long_password() {
        let long = "a".repeat(128);
        let hash = hasher().hash(format!("{long}x").as_bytes()).await.unwrap();
        assert_eq!(verify(&format!("{long}x"), Some(&hash)).await.0, YES);
        assert_eq!(verify(&format!("{long}y"), Some(&hash)).await.0, NO);
    }

    #[tokio::test]
    async fn every_no_costs_one_run_at_the_current_cost() {
        let empty = hasher().hash(b"").await.unwrap();
        let bcrypt = bcrypt_of("correct horse");
        let broken = PasswordHash::new("$argon2id$nonsense");
        let greedy = PasswordHash::new(
            "$argon2id$v=19$m=1048577,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        );
        let slow = PasswordHash::new(bcrypt.expose().replacen("$04$", "$31$", 1));
        let stored = [
            None,
            Some(&bcrypt),
            Some(&broken),
            Some(&greedy),
            Some(&slow),
        ];
        for hash in stored {
            assert_eq!(verify("wrong horse", hash).await, (NO, 1), "{hash:?}");
        }
        assert_eq!(verify("", Some(&empty)).await, (NO, 1));
    }

    #[tokio::test]
    async fn a_hash_of_the_reference_implementation_verifies_and_is_outdated() {
        // phc-winner-argon2, test.c.
        let reference = PasswordHash::new(
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        );
        assert_eq!(verify("password", Some(&reference)).await, (OLD, 1));
        assert_eq!(verify("passwort", Some(&reference)).await, (NO, 2));
    }

    #[tokio::test]
    async fn bcrypt_hashes_of_the_older_service_verify_and_are_outdated() {
        // crypt_blowfish, wrapper.c; its $2a$ and $2y$ agree for ASCII.
        for kind in ["$2a$", "$2b$", "$2y$"] {
            let hash = PasswordHash::new(format!(
                "{kind}05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
            ));
            assert_eq!(verify("U*U", Some(&hash)).await, (OLD, 0));
        }
    }

    #[tokio::test]
    async fn bcrypt_reads_72_bytes_and_no_nul() {
        let long = "a".repeat(72);
        let hash = bcrypt_of(&format!("{long}x"));
        assert_eq!(verify(&format!("{long}y"), Some(&hash)).await.0, OLD);
        assert_eq!(verify(&"a".repeat(71), Some(&hash)).await.0, NO);
        let short = bcrypt_of("ab");
        assert_eq!(verify("ab\0ab", Some(&short)).await.0, NO);
        assert_eq!(verify("ab", Some(&short)).await.0, OLD);
    }

    #[tokio::test]
    async fn who_waits_too_long_for_a_thread_is_told_busy() {
        let config = sections::Password {
            hash_threads: Some(1),
            hash_queue_ms: 1,
            ..config()
        };
        let hasher = Hasher::new(&config, SharedRng::seeded(1)).unwrap();
        let taken = Arc::clone(&hasher.permits).acquire_owned().await.unwrap();
        assert_eq!(hasher.verify(b"x", None).await, Err(Busy));
        drop(taken);
        assert_eq!(hasher.verify(b"x", None).await, Ok(NO));
    }

    #[tokio::test]
    async fn a_caller_that_hangs_up_does_not_free_its_thread() {
        let config = sections::Password {
            hash_threads: Some(1),
            hash_queue_ms: 1,
            ..config()
        };
        let hasher = Hasher::new(&config, SharedRng::seeded(1)).unwrap();
        let (release, held) = std::sync::mpsc::channel::<()>();
        let mut hung_up = Box::pin(hasher.run(move |_| held.recv().map_err(|_| Busy)));
        assert!(futures_util::poll!(&mut hung_up).is_pending());
        drop(hung_up);
        assert_eq!(hasher.verify(b"x", None).await, Err(Busy));
        release.send(()).unwrap();
    }

    #[test]
    fn a_cost_that_would_not_be_verified_is_not_configured() {
        let with = |argon2| {
            let config = sections::Password { argon2, ..config() };
            Hasher::new(&config, SharedRng::seeded(1)).is_ok()
        };
        assert!(with(CHEAP));
        assert!(!with(sections::Argon2 {
            iterations: 0,
            ..CHEAP
        }));
        assert!(!with(sections::Argon2 {
            iterations: 65,
            ..CHEAP
        }));
        assert!(!with(sections::Argon2 {
            memory_kib: (1 << 20) + 1,
            ..CHEAP
        }));
    }
}
