//! What the use cases of accounts need: the platform, and what accounts add to it. It is built once at the start.

use std::{ops::Deref, sync::Arc};

use crypto::{Hasher, JwtSettings, KeyRing};
use platform::Platform;

use crate::{
    factors::passkeys::rules::RelyingParty,
    login::{account_locks::AccountLocks, full_addresses::FullAddresses},
    password::rules::PasswordPolicy,
    sessions::cache::SessionCache,
    settings::Settings,
    store::Store,
};

/// The context of a use case.
pub struct App {
    /// What every slice is given.
    pub platform: Arc<Platform>,
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
    /// The site that passkeys are bound to. `None` if there are no passkeys here (PK-16).
    pub relying_party: Option<RelyingParty>,
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

impl App {
    /// The context with empty caches, and without keys until the database is prepared.
    #[must_use]
    pub fn new(
        platform: Arc<Platform>,
        settings: Settings,
        store: Store,
        hasher: Hasher,
        policy: PasswordPolicy,
    ) -> Self {
        Self {
            keys: KeyRing::new(JwtSettings::from(&settings.jwt)),
            sessions: SessionCache::new(settings.sessions.cache_capacity),
            account_locks: AccountLocks::default(),
            full_addresses: FullAddresses::default(),
            relying_party: RelyingParty::new(&settings.public_base_url, &settings.passkeys).ok(),
            platform,
            settings,
            store,
            hasher,
            policy,
        }
    }
}
