//! The canary: a sealed key that only the right secret opens (ENC-5).

use crypto::{
    CryptoError, OpenError,
    field_keys::{DataKey, FieldKeys, Place},
};
use kernel::{random::SharedRng, sealed::KeyId};
use serde::{Deserialize, Serialize};

use super::{BlindIndex, Collection, WrappedKey};

const PLACE: Place<'static> = Collection::FieldKeys.place(Canary::ID);

/// Why the records cannot be opened with the secret that is set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanaryError {
    /// A secret that sealed records is not set. Both fingerprints may stand in the log and in an answer.
    #[error(
        "this is not the key that sealed the records, fingerprint {current} expected {expected}"
    )]
    WrongKey {
        /// The fingerprint of the current secret.
        current: KeyId,
        /// The fingerprint of the secret that is missing.
        expected: KeyId,
    },
    /// The canary was changed, cut or emptied.
    #[error("the canary of the sealed records was changed")]
    Tampered,
    /// The backend refused.
    #[error(transparent)]
    Backend(#[from] CryptoError),
}

/// The document that is read at the start, before anything is opened or sealed.
///
/// It holds the key of the blind indexes, which is random and stays as long as the tokens do, wrapped once by each secret
/// that records may be wrapped with. So a missing secret is told at the start, also in the middle of a change: after
/// [`Canary::with_current`] the older secret alone does not start a service any more, and until
/// [`Canary::without_previous`] the newer one alone does not.
///
/// The first instance inserts it with its fixed `_id`; an instance whose insert meets a duplicate reads the stored one.
/// A change of it is one update whose filter has the older `keys`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Canary {
    keys: Vec<WrappedKey>,
}

impl Canary {
    /// The `_id` of the only document.
    pub const ID: &'static str = "canary";

    /// The canary of a database without sealed records. Records without a canary are a fault that stops the start: with
    /// a new one, no stored token would find them any more.
    pub fn create(keys: &FieldKeys, rng: &SharedRng) -> Result<Self, CryptoError> {
        let wrapped = keys.wrap_key(PLACE, &DataKey::generate(rng), rng)?;
        Ok(Self {
            keys: vec![WrappedKey(wrapped)],
        })
    }

    /// Checks the secrets that are set, and gives the key of the blind indexes.
    pub fn open(&self, keys: &FieldKeys) -> Result<BlindIndex, CanaryError> {
        Ok(BlindIndex::new(self.key(keys)?.index_key()))
    }

    /// The canary that the current secret opens too, to be stored before the current secret wraps anything. `None` if
    /// this one is it already.
    pub fn with_current(
        &self,
        keys: &FieldKeys,
        rng: &SharedRng,
    ) -> Result<Option<Self>, CanaryError> {
        if self.keys.iter().any(|key| keys.is_current(&key.0)) {
            return Ok(None);
        }
        let wrapped = keys.wrap_key(PLACE, &self.key(keys)?, rng)?;
        let mut with_current = self.clone();
        with_current.keys.push(WrappedKey(wrapped));
        Ok(Some(with_current))
    }

    /// Whether the current secret alone opens it, so that the previous one may be removed (ENC-4).
    pub fn is_only_current(&self, keys: &FieldKeys) -> bool {
        !self.keys.is_empty() && self.keys.iter().all(|key| keys.is_current(&key.0))
    }

    /// The canary that the current secret alone opens, to be stored when no other one wraps a key any more, and every
    /// instance has the current one. `None` if there is nothing to remove, or if the current secret is not in it.
    pub fn without_previous(&self, keys: &FieldKeys) -> Option<Self> {
        let is_current = |key: &&WrappedKey| keys.is_current(&key.0);
        let current: Vec<_> = self.keys.iter().filter(is_current).cloned().collect();
        let changes = !current.is_empty() && current.len() < self.keys.len();
        changes.then_some(Self { keys: current })
    }

    /// The one key that all wrappings hold. Each of them must open.
    fn key(&self, keys: &FieldKeys) -> Result<DataKey, CanaryError> {
        let mut found = None;
        for wrapped in &self.keys {
            found = Some(keys.unwrap_key(PLACE, &wrapped.0).map_err(|error| {
                match (error, FieldKeys::wrapped_by(&wrapped.0)) {
                    (OpenError::UnknownKey, Some(expected)) => CanaryError::WrongKey {
                        current: keys.current_id().clone(),
                        expected,
                    },
                    _ => CanaryError::Tampered,
                }
            })?);
        }
        found.ok_or(CanaryError::Tampered)
    }
}
