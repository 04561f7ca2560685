//! What the service is made of: everything that a use case needs, put together once at start.

mod keyed_queue;
mod readiness;
mod session_cache;

use std::sync::{Arc, Mutex};

use tokio::sync::{Mutex as AsyncMutex, Notify};

pub use keyed_queue::{KeyedQueue, Turn};
pub use readiness::{Phase, Readiness};
pub use session_cache::{Entry, Generation, SessionCache};

use crate::{
    clock::{Clock, Timestamp},
    config::{Settings, StoreAddress},
    crypto::{hasher::Hasher, keys::KeyRing, master::MasterKeys},
    domain::password::{BreachList, PasswordPolicy},
    embedded::Embedded,
    fail_point::FailPoint,
    mail::Mailer,
    random::SharedRng,
    store::Store,
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
    /// Mail.
    pub mailer: Mailer,
    /// Password hashing.
    pub hasher: Hasher,
    /// What a password must be.
    pub policy: PasswordPolicy,
    /// Passwords that were seen in breaches.
    pub breaches: BreachList,
    /// Keys derived from the master secret.
    pub master: MasterKeys,
    /// Keys of access tokens.
    pub keys: KeyRing,
    /// Live sessions.
    pub sessions: SessionCache,
    /// Tries on one account wait for each other.
    pub queue: KeyedQueue,
    /// Whether the database may be used.
    pub readiness: Readiness,
    /// Wakes the mail worker.
    pub mail_due: Notify,
    /// The audit chain of this run.
    pub audit: AsyncMutex<AuditChain>,
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
    pub async fn build(settings: Settings, overrides: Overrides) -> anyhow::Result<Arc<Self>> {
        todo!()
    }
}
