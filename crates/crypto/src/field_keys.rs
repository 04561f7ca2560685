//! The keys of sealed records (ENC-2): a data key per record, wrapped by a secret that the database does not have, and
//! the keys that are derived from the data key.

use std::{fmt, sync::Arc};

use aws_lc_rs::aead;

use super::{CryptoError, OpenError, primitives};
use crate::settings::FieldSecret;
use kernel::{random::SharedRng, sealed::KeyId, secret::Secret};

mod data_key;
mod form;
mod index_key;

pub use data_key::{DataKey, GroupKey};
pub use form::Place;
pub use index_key::IndexKey;

/// Binds every derived key to this service and this scheme. It differs from the master secret's, so that the two secrets
/// give different keys even if an operator sets the same text twice (ENC-3).
const SALT: &[u8] = b"clinic-auth field encryption key, derivation 1";

/// The keys of `FIELD_ENCRYPTION_KEY` and, while it is set, of its predecessor. They wrap data keys and nothing else, so
/// that a change of the secret leaves all that is sealed with the data keys as it is.
///
/// A wrapped key is `1 ‖ fingerprint of the secret ‖ key version ‖ nonce ‖ ciphertext ‖ tag`, under AES-256-GCM with
/// everything before the nonce, and the place, as associated data.
///
/// Several instances change the secret in two rounds: first each one gets the new secret as the previous one, so that it
/// opens what the others will wrap, and then as the current one.
///
/// Clones are cheap; `Debug` shows only fingerprints.
#[derive(Clone)]
pub struct FieldKeys(Arc<Generations>);

struct Generations {
    current: Generation,
    previous: Option<Generation>,
}

struct Generation {
    fingerprint: primitives::Fingerprint,
    id: KeyId,
    wrapping: aead::LessSafeKey,
}

impl FieldKeys {
    /// Derives the keys from `FIELD_ENCRYPTION_KEY` and `FIELD_ENCRYPTION_KEY_PREVIOUS`, whose length the configuration
    /// has checked.
    pub fn new(secret: &FieldSecret) -> Self {
        Self(Arc::new(Generations {
            current: Generation::new(&secret.current),
            previous: secret.previous.as_ref().map(Generation::new),
        }))
    }

    /// The fingerprint of the current secret.
    pub fn current_id(&self) -> &KeyId {
        &self.0.current.id
    }

    /// The fingerprints of the secrets that are set, the current one first.
    pub fn ids(&self) -> impl Iterator<Item = &KeyId> {
        self.generations().map(|generation| &generation.id)
    }

    /// The fingerprint of the secret that wrapped a key, as the wrapped key says it. `None` if it has not the form of a
    /// wrapped key.
    pub fn wrapped_by(wrapped: &[u8]) -> Option<KeyId> {
        let (fingerprint, _, _) = form::read_wrapped(wrapped)?;
        Some(primitives::key_id(fingerprint))
    }

    /// Whether the current secret wrapped a key, so that it needs no new wrapping.
    pub fn is_current(&self, wrapped: &[u8]) -> bool {
        form::read_wrapped(wrapped)
            .is_some_and(|(fingerprint, _, _)| fingerprint == self.0.current.fingerprint)
    }

    /// Wraps a data key with the current secret, for the document at `place`.
    pub fn wrap_key(
        &self,
        place: Place<'_>,
        key: &DataKey,
        rng: &SharedRng,
    ) -> Result<Vec<u8>, CryptoError> {
        let current = &self.0.current;
        let header = form::wrapped_header(current.fingerprint, key.version());
        let aad = form::associated_data(&header, &["data key", place.collection, place.id]);
        let body = primitives::seal(&current.wrapping, &aad, key.secret(), rng)?;
        Ok([header.as_slice(), &body].concat())
    }

    /// Opens what [`FieldKeys::wrap_key`] made for the same place, with the current or the previous secret.
    ///
    /// # Errors
    /// `UnknownKey` if another secret wrapped it; `Tampered` if it was changed, or made for another place.
    pub fn unwrap_key(&self, place: Place<'_>, wrapped: &[u8]) -> Result<DataKey, OpenError> {
        let parts = form::read_wrapped(wrapped).ok_or(OpenError::Tampered)?;
        let (fingerprint, version, body) = parts;
        let generation = self
            .generations()
            .find(|generation| generation.fingerprint == fingerprint)
            .ok_or(OpenError::UnknownKey)?;
        let header = form::wrapped_header(fingerprint, version);
        let aad = form::associated_data(&header, &["data key", place.collection, place.id]);
        let secret = primitives::open(&generation.wrapping, &aad, body)?;
        DataKey::from_parts(version, &secret).ok_or(OpenError::Tampered)
    }

    fn generations(&self) -> impl Iterator<Item = &Generation> {
        std::iter::once(&self.0.current).chain(&self.0.previous)
    }
}

impl Generation {
    fn new(secret: &Secret) -> Self {
        let prk = primitives::extract(SALT, secret);
        let fingerprint = primitives::fingerprint(&prk);
        let wrapping = primitives::derive(&prk, &[b"wrap"], &aead::AES_256_GCM);
        Self {
            fingerprint,
            id: primitives::key_id(fingerprint),
            wrapping: aead::LessSafeKey::new(wrapping.into()),
        }
    }
}

impl fmt::Debug for FieldKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ids()).finish()
    }
}

#[cfg(test)]
mod tests;
