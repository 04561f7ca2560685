//! What the service is made of: everything that a use case needs, put together once at start.

mod account_locks;
mod full_addresses;
pub mod packs;
mod readiness;
mod session_cache;

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Mutex as AsyncMutex, Notify};
use tokio_util::task::TaskTracker;

pub use account_locks::{AccountLock, AccountLocks};
pub use full_addresses::{FullAddress, FullAddresses};
pub use packs::Packs;
pub use readiness::{Phase, Readiness};
pub use session_cache::{Entry, Generation, SessionCache};

use crate::{
    clock::{Clock, Timestamp},
    config::{Settings, StoreAddress},
    crypto::{Hasher, JwtSettings, KeyRing, MasterKeys},
    domain::{
        audit::AuditRecord,
        password::{BreachList, PasswordPolicy},
    },
    embedded::{self, Embedded},
    error::Cause,
    fail_point::FailPoint,
    mail::{Mailer, Sender},
    metrics::Metrics,
    random::SharedRng,
    store::{Gather, Store},
};

/// The service.
#[derive(Debug)]
pub struct App {
    /// What it was told from outside.
    pub settings: Settings,
    /// The time.
    pub clock: Clock,
    /// Chance.
    pub rng: SharedRng,
    /// The database.
    pub store: Store,
    /// How mail leaves.
    pub mailer: Mailer,
    /// Who mail is from.
    pub sender: Sender,
    /// Password hashing.
    pub hasher: Hasher,
    /// What a password must be.
    pub policy: PasswordPolicy,
    /// Keys derived from the master secret.
    pub master: MasterKeys,
    /// Keys of access tokens.
    pub keys: KeyRing,
    /// Live sessions.
    pub sessions: SessionCache,
    /// Tries on one account wait for each other.
    pub account_locks: AccountLocks,
    /// Addresses from which too many names failed to log in.
    pub full_addresses: FullAddresses,
    /// Counts taken in advance.
    pub packs: Packs,
    /// Whether the database may be used.
    pub readiness: Readiness,
    /// Wakes the mail worker.
    pub mail_due: Notify,
    /// What runs beside the connections: operations, which are finished whether or not anybody waits for them, and the
    /// background work.
    pub running: TaskTracker,
    /// The audit chain of this run.
    pub audit: AsyncMutex<AuditChain>,
    /// Records that are appended to it at this moment.
    pub appends: Gather<AuditRecord, ()>,
    /// What is counted.
    pub metrics: Metrics,
    /// Names this instance in leases.
    pub instance: String,
    /// When it was started.
    pub started_at: Timestamp,
    /// For tests.
    pub fail_point: FailPoint,
    /// Ends with the service.
    embedded: Mutex<Option<Embedded>>,
}

/// Where the audit chain of this run is.
#[derive(Debug, Clone)]
pub struct AuditChain {
    /// Its name.
    pub name: String,
    /// The last record's place; 0 before the first.
    pub sequence: i64,
    /// The last record's MAC, in hex.
    pub last_mac: String,
    /// When retention of the last record ends.
    pub last_expires_at: Option<Timestamp>,
    /// What is known of the database.
    pub state: ChainState,
    /// When its head was last written to the log.
    pub logged_at: Option<Timestamp>,
}

/// What is known of a chain in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChainState {
    /// Nothing of it is there.
    Fresh,
    /// Its records and its head are as in memory.
    Sure,
    /// A write was cut off: the next record, or the head, may or may not be there.
    Unsure,
}

/// What a test puts in the place of the real thing.
#[derive(Debug, Default)]
pub struct Overrides {
    /// The time.
    pub clock: Option<Clock>,
    /// Chance.
    pub rng: Option<SharedRng>,
    /// Mail.
    pub mailer: Option<Mailer>,
    /// The place that fails.
    pub fail_point: FailPoint,
}

impl App {
    /// Puts the service together. The database is not needed for it.
    ///
    /// # Errors
    /// The settings ask for something that cannot be made: an unreadable file, an embedded store that does not open.
    pub async fn build(settings: Settings, overrides: Overrides) -> Result<Arc<Self>, BuildError> {
        let config = &settings.config;
        let clock = overrides.clock.unwrap_or_default();
        let rng = match overrides.rng {
            Some(rng) => rng,
            None => SharedRng::from_system().map_err(BuildError::new("randomness"))?,
        };
        let metrics = Metrics::new().map_err(BuildError::new("metrics"))?;
        let (address, embedded) = match &settings.store {
            StoreAddress::Uri(address) => (address.clone(), None),
            StoreAddress::Embedded(path) => {
                let (address, embedded) = embedded::open(path, &config.database.database_name)
                    .map_err(BuildError::new("store"))?;
                (address, Some(embedded))
            }
        };
        let store = Store::connect(&address, &config.database, metrics.clone())
            .await
            .map_err(BuildError::new("database"))?;
        let mailer = match overrides.mailer {
            Some(mailer) => mailer,
            None => Mailer::from_settings(&settings).map_err(BuildError::new("mail"))?,
        };
        let sender = Sender::from_settings(&settings).map_err(BuildError::new("mail"))?;
        let hasher = Hasher::new(
            &config.password,
            &settings.secrets.peppers,
            rng.clone(),
            metrics.clone(),
        )
        .map_err(BuildError::new("password"))?;
        let breaches = match &config.password.breach_list {
            Some(file) => {
                let text = std::fs::read_to_string(file)
                    .map_err(BuildError::new("password.breach_list"))?;
                BreachList::load(&text).map_err(BuildError::new("password.breach_list"))?
            }
            None => BreachList::default(),
        };
        let instance = rng.uuid().to_string();
        Ok(Arc::new(Self {
            policy: PasswordPolicy::new(&config.password, breaches),
            master: MasterKeys::new(&settings.secrets.master),
            keys: KeyRing::new(JwtSettings::from(&config.jwt)),
            sessions: SessionCache::new(config.sessions.cache_capacity),
            account_locks: AccountLocks::default(),
            full_addresses: FullAddresses::default(),
            packs: Packs::default(),
            readiness: Readiness::default(),
            mail_due: Notify::new(),
            running: TaskTracker::new(),
            metrics,
            appends: Gather::default(),
            audit: AsyncMutex::new(AuditChain::named(instance.clone())),
            started_at: clock.now(),
            fail_point: overrides.fail_point,
            embedded: Mutex::new(embedded),
            instance,
            store,
            mailer,
            sender,
            hasher,
            clock,
            rng,
            settings,
        }))
    }

    /// Lets commands use the embedded store beside this process.
    ///
    /// # Errors
    /// The lock file cannot be written.
    pub fn share_store(&self) -> std::io::Result<()> {
        let embedded = self.embedded.lock();
        let embedded = embedded.unwrap_or_else(PoisonError::into_inner);
        embedded.as_ref().map_or(Ok(()), Embedded::share)
    }

    /// Ends what outlives requests: the connections, then the embedded store.
    pub async fn close(&self) {
        self.store.close().await;
        drop(
            self.embedded
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
    }
}

impl AuditChain {
    /// A chain that has no records yet.
    #[must_use]
    pub const fn named(name: String) -> Self {
        Self {
            name,
            sequence: 0,
            last_mac: String::new(),
            last_expires_at: None,
            state: ChainState::Fresh,
            logged_at: None,
        }
    }

    /// Goes on to a record that stands in the database.
    pub fn take(&mut self, record: AuditRecord) {
        self.sequence = record.sequence;
        self.last_mac = record.mac;
        self.last_expires_at = Some(record.expires_at);
    }
}

/// Why the service could not be put together.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {cause}")]
pub struct BuildError {
    what: &'static str,
    cause: Cause,
}

impl BuildError {
    fn new<E: Into<Cause>>(what: &'static str) -> impl FnOnce(E) -> Self {
        move |cause| Self {
            what,
            cause: cause.into(),
        }
    }
}
