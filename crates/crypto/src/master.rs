//! The keys derived from the master secret: one per purpose and generation.

use std::{fmt, sync::Arc};

use aws_lc_rs::{aead, hkdf, hmac};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::{CryptoError, primitives};
use crate::settings::MasterSecret;
use kernel::{
    random::SharedRng,
    sealed::{KeyId, Sealed},
    secret::Secret,
};

/// Binds every derived key to this service and this scheme (RFC 5869, section 3.1).
const SALT: &[u8] = b"clinic-auth master secret, derivation 1";

/// The purpose of a derived key; no key has two purposes (KEY-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// One-time codes.
    Codes,
    /// Links of password resets and invitations.
    ResetLinks,
    /// Links with which people change or delete their own account.
    AccountLinks,
    /// The tag of refresh tokens.
    RefreshTokens,
    /// The successors of refresh tokens.
    RefreshSuccessors,
    /// The encryption of stored private signing keys.
    KeyEncryption,
    /// The audit trail's chain.
    Audit,
    /// Names in throttle counters, so that the counters reveal no addresses.
    ThrottleKeys,
    /// Passwords of demonstration accounts.
    DemoPasswords,
    /// The digests of recovery codes.
    RecoveryCodes,
    /// The encryption of the seeds of authenticator apps.
    TotpSeeds,
    /// The encryption of the states of passkey ceremonies.
    PasskeyStates,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Codes => b"codes",
            Self::ResetLinks => b"reset-links",
            Self::AccountLinks => b"account-links",
            Self::RefreshTokens => b"refresh-tokens",
            Self::RefreshSuccessors => b"refresh-successors",
            Self::KeyEncryption => b"key-encryption",
            Self::Audit => b"audit",
            Self::ThrottleKeys => b"throttle-keys",
            Self::DemoPasswords => b"demo-passwords",
            Self::RecoveryCodes => b"recovery-codes",
            Self::TotpSeeds => b"totp-seeds",
            Self::PasskeyStates => b"passkey-states",
        }
    }
}

/// Why a ciphertext cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The secret that sealed it is neither the current nor the previous one.
    #[error("it was sealed with a secret that is no longer set")]
    UnknownKey,
    /// It was changed, cut, or belongs to another purpose or place.
    #[error("it was changed, or sealed for another purpose")]
    Tampered,
}

/// The keys of the current master secret and, while it is set, of the previous one (KEY-2).
///
/// Clones are cheap; `Debug` shows no secret.
#[derive(Clone)]
pub struct MasterKeys(Arc<Generations>);

struct Generations {
    current: Generation,
    previous: Option<Generation>,
}

struct Generation {
    id: KeyId,
    secret: Secret,
    prk: hkdf::Prk,
}

impl MasterKeys {
    /// Derives the keys from `JWT_SECRET` and `JWT_SECRET_PREVIOUS`.
    pub fn new(secret: &MasterSecret) -> Self {
        Self(Arc::new(Generations {
            current: Generation::new(&secret.current),
            previous: secret.previous.as_ref().map(Generation::new),
        }))
    }

    /// The id of the current generation, which everything new is made with. It is also the secret's fingerprint in the
    /// log of the start (KEY-1): 48 bits of a one-way function.
    pub fn current_id(&self) -> &KeyId {
        &self.0.current.id
    }

    /// Every generation that is still accepted, the current one first.
    pub fn ids(&self) -> impl Iterator<Item = &KeyId> {
        self.generations().map(|generation| &generation.id)
    }

    /// HMAC-SHA-256 over `parts` with the current key of `purpose`. The length precedes each part, so that different
    /// lists of parts never give the same input.
    pub fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> (KeyId, [u8; 32]) {
        let current = &self.0.current;
        (current.id.clone(), current.mac(purpose, parts))
    }

    /// [`MasterKeys::mac`] with the key of generation `id`; `None` if that one is no longer set.
    pub fn mac_with(&self, id: &KeyId, purpose: Purpose, parts: &[&[u8]]) -> Option<[u8; 32]> {
        Some(self.generation(id)?.mac(purpose, parts))
    }

    /// Encrypts with AES-256-GCM and the current key of `purpose`. `aad` names the place of the ciphertext (such as the
    /// document's id), and opening needs the same `aad`.
    ///
    /// The nonce is random, so at most 2^32 texts may be sealed per purpose and secret (NIST SP 800-38D, 8.3). A clinic
    /// does not reach that number.
    pub fn seal(
        &self,
        purpose: Purpose,
        aad: &[u8],
        plaintext: &[u8],
        rng: &SharedRng,
    ) -> Result<Sealed, CryptoError> {
        let current = &self.0.current;
        let bytes = primitives::seal(&current.sealing_key(purpose), aad, plaintext, rng)?;
        Ok(Sealed {
            key_id: current.id.clone(),
            text: URL_SAFE_NO_PAD.encode(bytes),
        })
    }

    /// Opens what [`MasterKeys::seal`] made, with the same `purpose` and `aad`.
    pub fn open(
        &self,
        purpose: Purpose,
        aad: &[u8],
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let generation = self.generation(&sealed.key_id);
        let generation = generation.ok_or(OpenError::UnknownKey)?;
        let bytes = URL_SAFE_NO_PAD.decode(&sealed.text);
        let bytes = bytes.map_err(|_| OpenError::Tampered)?;
        primitives::open(&generation.sealing_key(purpose), aad, &bytes)
    }

    /// The secrets themselves, with which HS256 signs and verifies; the current one first.
    pub(super) fn raw(&self) -> impl Iterator<Item = (&KeyId, &[u8])> {
        self.generations()
            .map(|generation| (&generation.id, generation.secret.expose().as_bytes()))
    }

    fn generations(&self) -> impl Iterator<Item = &Generation> {
        std::iter::once(&self.0.current).chain(&self.0.previous)
    }

    fn generation(&self, id: &KeyId) -> Option<&Generation> {
        self.generations().find(|generation| generation.id == *id)
    }
}

impl Generation {
    fn new(secret: &Secret) -> Self {
        let prk = primitives::extract(SALT, secret);
        let id = primitives::key_id(primitives::fingerprint(&prk));
        Self {
            id,
            secret: secret.clone(),
            prk,
        }
    }

    fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; 32] {
        let info = [b"mac/", purpose.label()];
        let key: hmac::Key = primitives::derive(&self.prk, &info, hmac::HMAC_SHA256).into();
        primitives::mac(&key, parts)
    }

    fn sealing_key(&self, purpose: Purpose) -> aead::LessSafeKey {
        let info = [b"seal/", purpose.label()];
        aead::LessSafeKey::new(primitives::derive(&self.prk, &info, &aead::AES_256_GCM).into())
    }
}

impl fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ids()).finish()
    }
}

/// The keys of two secrets, as after a change from `previous` to `current`.
#[cfg(test)]
pub(super) fn keys(current: &str, previous: Option<&str>) -> MasterKeys {
    MasterKeys::new(&MasterSecret {
        current: Secret::new(current),
        previous: previous.map(Secret::new),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_derivation_never_changes() {
        // Computed independently of this code with RFC 5869 and RFC 2104. With another value here, a running service
        // could no longer use what it has stored.
        let (id, mac) = keys("0123456789abcdef0123456789abcdef", None).mac(Purpose::Codes, &[b"x"]);
        assert_eq!(id.as_str(), "5PDxbkrb");
        assert_eq!(
            URL_SAFE_NO_PAD.encode(mac),
            "zKesI8wfP75ODAEWnHCEUOXasIAWJC9ElyD7j5Z5dqY"
        );
    }

    #[test]
    fn each_purpose_has_its_own_key() {
        let keys = keys("one", None);
        let codes = keys.mac(Purpose::Codes, &[b"x"]);
        let links = keys.mac(Purpose::ResetLinks, &[b"x"]);
        assert!(codes.0 == links.0 && codes.1 != links.1);
    }

    #[test]
    fn different_lists_of_parts_have_different_macs() {
        let mac = |parts: &[&[u8]]| keys("one", None).mac(Purpose::Codes, parts).1;
        assert_ne!(mac(&[b"ab", b"c"]), mac(&[b"a", b"bc"]));
        assert_ne!(mac(&[b"abc"]), mac(&[b"abc", b""]));
        assert_eq!(mac(&[b"ab", b"c"]), mac(&[b"ab", b"c"]));
    }

    #[test]
    fn the_previous_secret_verifies_and_an_older_one_does_not() {
        let (id, mac) = keys("old", None).mac(Purpose::Audit, &[b"x"]);
        let rotated = keys("new", Some("old"));
        assert_eq!(rotated.mac_with(&id, Purpose::Audit, &[b"x"]), Some(mac));
        assert_eq!(
            keys("new", None).mac_with(&id, Purpose::Audit, &[b"x"]),
            None
        );
    }

    #[test]
    fn a_new_secret_has_a_new_id_that_does_not_contain_it() {
        let keys = keys("new", Some("old"));
        let ids: Vec<_> = keys.ids().map(KeyId::as_str).collect();
        assert_eq!(ids.len(), 2);
        assert_ne!(ids[0], ids[1]);
        assert!(ids.iter().all(|id| id.len() == 8 && !id.contains("new")));
        assert!(!format!("{keys:?}").contains("old"));
    }

    #[test]
    fn a_ciphertext_opens_after_one_change_of_the_secret() {
        let rng = SharedRng::seeded(1);
        let sealed = keys("old", None)
            .seal(Purpose::KeyEncryption, b"key 1", b"hello", &rng)
            .unwrap();
        let opened = keys("new", Some("old")).open(Purpose::KeyEncryption, b"key 1", &sealed);
        assert_eq!(opened.unwrap().as_slice(), b"hello");
        let forgotten = keys("new", None).open(Purpose::KeyEncryption, b"key 1", &sealed);
        assert_eq!(forgotten.unwrap_err(), OpenError::UnknownKey);
    }

    #[test]
    fn a_ciphertext_opens_only_unchanged_in_its_place_and_purpose() {
        let (keys, rng) = (keys("one", None), SharedRng::seeded(1));
        let sealed = keys
            .seal(Purpose::KeyEncryption, b"a", b"hello", &rng)
            .unwrap();
        let changed = |text: &str| Sealed {
            text: text.to_owned(),
            ..sealed.clone()
        };
        let error = |purpose, aad, sealed: &Sealed| keys.open(purpose, aad, sealed).unwrap_err();
        assert_eq!(
            error(Purpose::KeyEncryption, b"b", &sealed),
            OpenError::Tampered
        );
        assert_eq!(error(Purpose::Audit, b"a", &sealed), OpenError::Tampered);
        for text in [
            "",
            "AAAA",
            "not base64!",
            &sealed.text.replacen(char::is_alphabetic, "0", 1),
        ] {
            assert_eq!(
                error(Purpose::KeyEncryption, b"a", &changed(text)),
                OpenError::Tampered
            );
        }
    }

    #[test]
    fn the_same_plaintext_is_sealed_differently_each_time() {
        let (keys, rng) = (keys("one", None), SharedRng::seeded(1));
        let seal = || {
            keys.seal(Purpose::KeyEncryption, b"", b"hello", &rng)
                .unwrap()
                .text
        };
        assert_ne!(seal(), seal());
    }
}
