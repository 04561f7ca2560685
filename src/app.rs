//! The parts of the service that a use case needs. They are built once at the start.

mod account_locks;
mod full_addresses;
mod session_cache;

use std::{
    ops::Deref,
    sync::{Arc, Mutex},
};

use platform::{audit::seen::SeenRefusals, rate_limits::RateLimits};

use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

pub use account_locks::{AccountLock, AccountLocks};
pub use full_addresses::{FullAddress, FullAddresses};
pub use platform::{
    Platform,
    readiness::{Phase, Readiness},
};
pub use session_cache::{Entry, Generation, SessionCache};

use crate::{
    config::{Settings, StoreAddress},
    domain::password::{BreachList, PasswordPolicy},
    slices::SLICES,
    store::Store,
};
use crypto::{Hasher, JwtSettings, KeyRing, MasterKeys};
use kernel::{
    clock::{Clock, Timestamp},
    error::Cause,
    fail_point::FailPoint,
    helpers::lock,
    metrics::Metrics,
    random::SharedRng,
};
use mail::{Mailer, Sender};
use store::embedded::{self, Embedded};

/// The service.
pub struct App {
    /// What every slice is given.
    pub platform: Platform,
    /// The settings.
    pub settings: Settings,
    /// The database.
    pub store: Store,
    /// Password hashing.
    pub hasher: Hasher,
    /// The rules for passwords.
    pub policy: PasswordPolicy,
    /// Keys of access tokens.
    pub keys: KeyRing,
    /// Live sessions.
    pub sessions: SessionCache,
    /// Makes the tries on one account wait for each other.
    pub account_locks: AccountLocks,
    /// The addresses from which too many names failed to log in.
    pub full_addresses: FullAddresses,
    /// Tasks that run beside the connections: the operations, which finish even if the client has disconnected, and the
    /// background work.
    pub running: TaskTracker,
    /// When the instance was started.
    pub started_at: Timestamp,
    /// The embedded store; it is closed when the service ends.
    embedded: Mutex<Option<Embedded>>,
}

impl Deref for App {
    type Target = Platform;

    fn deref(&self) -> &Platform {
        &self.platform
    }
}

// Its parts hold secrets and data of people (LOG-2).
impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("App")
    }
}

/// The parts that a test replaces by its own.
#[derive(Default)]
pub struct Overrides {
    /// The time.
    pub clock: Option<Clock>,
    /// Randomness.
    pub rng: Option<SharedRng>,
    /// Mail.
    pub mailer: Option<Mailer>,
    /// The point that fails.
    pub fail_point: FailPoint,
}

impl App {
    /// Builds the service. It does not need the database.
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
                let (address, embedded) =
                    embedded::open(path, &config.database.limits.database_name)
                        .map_err(BuildError::new("store"))?;
                (address, Some(embedded))
            }
        };
        let store = Store::connect(&address, &config.database, metrics.clone())
            .await
            .map_err(BuildError::new("database"))?;
        let mailer = match overrides.mailer {
            Some(mailer) => mailer,
            None => Mailer::from_settings(settings.mail()).map_err(BuildError::new("mail"))?,
        };
        let sender = Sender::from_settings(settings.mail()).map_err(BuildError::new("mail"))?;
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
        let platform = Platform {
            settings: platform::settings::Settings {
                audit: config.audit.clone(),
                email: config.email.clone(),
            },
            mail_due: Notify::new(),
            mailer,
            sender,
            store: store.platform().clone(),
            master: MasterKeys::new(&settings.secrets.master),
            rate_limits: RateLimits::new(clock.clone()),
            readiness: Readiness::default(),
            refusals: SeenRefusals::default(),
            instance: rng.uuid().to_string(),
            fail_point: overrides.fail_point,
            slices: SLICES,
            metrics,
            clock,
            rng,
        };
        Ok(Arc::new(Self {
            policy: PasswordPolicy::new(&config.password, breaches),
            keys: KeyRing::new(JwtSettings::from(&config.jwt)),
            sessions: SessionCache::new(config.sessions.cache_capacity),
            account_locks: AccountLocks::default(),
            full_addresses: FullAddresses::default(),
            running: TaskTracker::new(),
            started_at: platform.clock.now(),
            embedded: Mutex::new(embedded),
            platform,
            store,
            hasher,
            settings,
        }))
    }

    /// Lets other commands use the embedded store while this process runs.
    pub fn share_store(&self) -> std::io::Result<()> {
        let embedded = lock(&self.embedded);
        embedded.as_ref().map_or(Ok(()), Embedded::share)
    }

    /// Closes the parts that outlive the requests: first the connections, then the embedded store.
    pub async fn close(&self) {
        self.store.close().await;
        drop(lock(&self.embedded).take());
    }
}

/// Why the service could not be built.
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
