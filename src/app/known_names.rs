//! Whose the names are that people have logged in with: one look-up less for whoever comes again.

use moka::sync::Cache;

use crate::domain::{identifier::Identifier, ids::UserId};

/// So many are remembered.
const MOST: u64 = 20_000;

/// The names. What is remembered is a guess: an account may be gone, and its name another one's, so whoever asks looks
/// whether the account has the name.
#[derive(Debug)]
pub struct KnownNames(Cache<String, UserId>);

impl Default for KnownNames {
    fn default() -> Self {
        Self(Cache::new(MOST))
    }
}

impl KnownNames {
    /// Whose a name was.
    #[must_use]
    pub fn get(&self, name: &Identifier) -> Option<UserId> {
        self.0.get(&name.lockout_key())
    }

    /// The guess was wrong.
    pub fn forget(&self, name: &Identifier) {
        self.0.invalidate(&name.lockout_key());
    }

    /// Remembers whose a name is.
    pub fn put(&self, name: &Identifier, owner: &UserId) {
        self.0.insert(name.lockout_key(), owner.clone());
    }
}
