//! The keys in use: which one signs, which ones verify, which ones are published (KEY-2).

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use moka::sync::Cache;
use serde_json::{Value, json};

use super::{
    jwt::{AccessClaims, JwtSettings, MAX_TOKEN, TokenError},
    master::MasterKeys,
    signing_key::SigningKey,
    tokens::sha256,
};
use kernel::{clock::Timestamp, helpers::lock, secret::Secret};

#[cfg(test)]
mod forge;
#[cfg(test)]
mod hostile_claims;
#[cfg(test)]
mod hostile_tokens;
#[cfg(test)]
mod verified_before;

/// A signing key and its times. It is published as long as it is in the ring. It verifies from the start, because
/// another instance, whose clock is ahead, may sign with it a little earlier.
#[derive(Debug, Clone)]
pub struct RingKey {
    /// The key.
    pub key: SigningKey,
    /// When it starts to sign.
    pub sign_from: Timestamp,
    /// When it stops signing.
    pub sign_until: Timestamp,
    /// When it stops verifying: [`JwtSettings::verify_for`] after its last signature.
    pub verify_until: Timestamp,
}

impl RingKey {
    /// The HS256 keys: the current master secret signs, and the previous one verifies while it is set.
    pub fn from_master(master: &MasterKeys) -> Vec<Self> {
        let (first, last) = (Timestamp::MIN_UTC, Timestamp::MAX_UTC);
        master
            .raw()
            .enumerate()
            .map(|(age, (id, secret))| Self {
                key: SigningKey::hs256(id, secret),
                sign_from: first,
                sign_until: if age == 0 { last } else { first },
                verify_until: last,
            })
            .collect()
    }

    fn signs_at(&self, now: Timestamp) -> bool {
        self.sign_from <= now && now < self.sign_until
    }
}

/// Why no token could be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// No key of the ring signs at this time.
    #[error("no signing key is in use")]
    NoKey,
    /// `jwt.issuer` and `jwt.audience` make the token longer than 1 KiB (JWT-6).
    #[error("the token would be longer than 1 KiB")]
    TooLong,
    /// The backend refused.
    #[error("the token could not be signed")]
    Backend,
}

/// The keys in memory, the only place where a `kid` is looked up (JWT-4). Clones share them.
#[derive(Debug, Clone)]
pub struct KeyRing(Arc<Ring>);

#[derive(Debug)]
struct Ring {
    settings: JwtSettings,
    /// Two or three keys, which are always replaced together.
    keys: Mutex<Arc<[RingKey]>>,
    /// The ids of the keys that could not be opened.
    unopened: Mutex<BTreeSet<String>>,
    /// Valid tokens by their SHA-256, because verifying a signature takes longer than the rest of a request.
    /// The claims never change; the key, which the `kid` names, and the times are checked again each time.
    verified: Cache<[u8; 32], (Arc<str>, Arc<AccessClaims>)>,
}

/// The largest number of remembered tokens; one takes about half a kilobyte.
const MAX_VERIFIED: u64 = 20_000;

impl KeyRing {
    /// A ring without keys.
    pub fn new(settings: JwtSettings) -> Self {
        let kept = settings.verify_for().to_std().unwrap_or_default();
        Self(Arc::new(Ring {
            settings,
            keys: Mutex::new(Arc::new([])),
            unopened: Mutex::default(),
            verified: Cache::builder()
                .max_capacity(MAX_VERIFIED)
                .time_to_live(kept)
                .build(),
        }))
    }

    /// The settings of tokens.
    pub fn settings(&self) -> &JwtSettings {
        &self.0.settings
    }

    /// Replaces all keys at once. From now on, every other key is refused.
    pub fn replace(&self, keys: Vec<RingKey>) {
        *lock(&self.0.keys) = keys.into();
    }

    /// Notes that the key `kid` could not be opened. `true` the first time in this process, when it is logged.
    #[must_use]
    pub fn note_unopened(&self, kid: &str) -> bool {
        lock(&self.0.unopened).insert(kid.to_owned())
    }

    /// Signs with the key that is in use at `now`; of several, the newest.
    pub fn sign(&self, claims: &AccessClaims, now: Timestamp) -> Result<Secret, SignError> {
        let keys = self.keys();
        let RingKey { key, .. } = keys
            .iter()
            .filter(|key| key.signs_at(now))
            .max_by_key(|key| key.sign_from)
            .ok_or(SignError::NoKey)?;
        let token = jsonwebtoken::encode(&self.settings().header(key), claims, &key.encoding)
            .map_err(|_| SignError::Backend)?;
        if token.len() > MAX_TOKEN {
            return Err(SignError::TooLong);
        }
        Ok(Secret::new(token))
    }

    /// Verifies an access token by itself, without its session.
    ///
    /// # Errors
    /// Callers give the same answer to every error.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Arc<AccessClaims>, TokenError> {
        if token.len() > MAX_TOKEN {
            return Err(TokenError::TooLong);
        }
        let digest = sha256(token.as_bytes());
        let keys = self.keys();
        if let Some((kid, claims)) = self.0.verified.get(&digest) {
            verifying(&keys, &kid, now)?;
            self.settings().check_times(&claims, now)?;
            return Ok(claims);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Malformed)?;
        let key = verifying(&keys, self.settings().read_header(&header)?, now)?;
        let claims = Arc::new(self.settings().verify(token, key, now)?);
        let verified = (key.kid().into(), Arc::clone(&claims));
        self.0.verified.insert(digest, verified);
        Ok(claims)
    }

    /// Whether a token could be signed.
    pub fn can_sign(&self, now: Timestamp) -> bool {
        self.keys().iter().any(|key| key.signs_at(now))
    }

    /// The JSON Web Key Set (RFC 7517): the public keys of all keys that verify, the next key included. It is empty for
    /// HS256.
    pub fn jwks(&self, now: Timestamp) -> Value {
        let keys = self.keys();
        let public: Vec<_> = keys
            .iter()
            .filter(|key| now < key.verify_until)
            .filter_map(|key| key.key.public_jwk())
            .collect();
        json!({ "keys": public })
    }

    /// The key with this id, if it is in the ring.
    pub fn find(&self, kid: &str) -> Option<SigningKey> {
        let keys = self.keys();
        let named = keys.iter().find(|key| key.key.kid() == kid)?;
        Some(named.key.clone())
    }

    fn keys(&self) -> Arc<[RingKey]> {
        Arc::clone(&lock(&self.0.keys))
    }
}

/// The key with this id, if its tokens are valid at this time.
fn verifying<'a>(
    keys: &'a [RingKey],
    kid: &str,
    now: Timestamp,
) -> Result<&'a SigningKey, TokenError> {
    let mut keys = keys.iter();
    keys.find(|key| key.key.kid() == kid && now < key.verify_until)
        .map(|key| &key.key)
        .ok_or(TokenError::UnknownKey)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration};

    use super::{super::master::keys as master, *};
    use crate::{
        Subject,
        settings::{Jwt, JwtAlgorithm},
    };
    use kernel::{methods::Methods, random::SharedRng, role::Role};

    const PAIRS: [JwtAlgorithm; 3] = [
        JwtAlgorithm::ES256,
        JwtAlgorithm::EdDSA,
        JwtAlgorithm::RS256,
    ];

    pub(super) fn hour(hour: i64) -> Timestamp {
        DateTime::UNIX_EPOCH + Duration::hours(hour)
    }

    pub(super) fn claims(settings: &JwtSettings, now: Timestamp) -> AccessClaims {
        let subject = Subject {
            user_id: "DOC12345678",
            role: Role::Doctor,
            session_id: "6f0f5c1e-3ad1-4d8e-9a53-6a4f0d1c7b11",
            approved: Some(true),
            methods: Methods::PASSWORD,
            auth_time: now,
        };
        settings.claims(subject, now, &SharedRng::seeded(1))
    }

    pub(super) fn ring_key(algorithm: JwtAlgorithm, sign_from: i64, sign_until: i64) -> RingKey {
        RingKey {
            key: SigningKey::generate(algorithm).unwrap(),
            sign_from: hour(sign_from),
            sign_until: hour(sign_until),
            verify_until: hour(sign_until + 1),
        }
    }

    pub(super) fn ring(keys: Vec<RingKey>) -> KeyRing {
        let ring = KeyRing::new(JwtSettings::from(&Jwt::default()));
        ring.replace(keys);
        ring
    }

    /// The id of the key that signs at this time.
    fn signer(ring: &KeyRing, at: Timestamp) -> Option<String> {
        let token = ring.sign(&claims(ring.settings(), at), at).ok()?;
        jsonwebtoken::decode_header(token.expose()).unwrap().kid
    }

    #[test]
    fn a_signed_token_verifies_and_says_what_was_signed() {
        for algorithm in PAIRS {
            let ring = ring(vec![ring_key(algorithm, 0, 10)]);
            let claims = claims(ring.settings(), hour(1));
            let token = ring.sign(&claims, hour(1)).unwrap();
            assert_eq!(claims.expires_at(), hour(1) + Duration::minutes(30));
            // The second time, the token is found in the cache.
            for _ in 0..2 {
                assert_eq!(ring.verify(token.expose(), hour(1)).as_deref(), Ok(&claims));
            }
        }
    }

    #[test]
    fn the_next_key_signs_and_the_previous_one_still_verifies() {
        let (first, second) = (
            ring_key(JwtAlgorithm::ES256, 0, 10),
            ring_key(JwtAlgorithm::ES256, 10, 20),
        );
        let kids = [&first, &second].map(|key| Some(key.key.kid().to_owned()));
        let ring = ring(vec![first, second]);
        assert_eq!([hour(9), hour(10)].map(|at| signer(&ring, at)), kids);
        let just_before = hour(10) - Duration::seconds(1);
        let old = ring
            .sign(&claims(ring.settings(), just_before), just_before)
            .unwrap();
        assert!(ring.verify(old.expose(), hour(10)).is_ok());
        assert_eq!(
            ring.verify(old.expose(), hour(11)),
            Err(TokenError::UnknownKey)
        );
    }

    #[test]
    fn a_removed_key_fails_at_once() {
        let ring = ring(vec![ring_key(JwtAlgorithm::ES256, 0, 10)]);
        let token = ring
            .sign(&claims(ring.settings(), hour(1)), hour(1))
            .unwrap();
        ring.replace(vec![ring_key(JwtAlgorithm::ES256, 0, 10)]);
        assert_eq!(
            ring.verify(token.expose(), hour(1)),
            Err(TokenError::UnknownKey)
        );
    }

    #[test]
    fn no_key_signs_outside_its_time() {
        let ring = ring(vec![ring_key(JwtAlgorithm::ES256, 5, 10)]);
        let sign = |at| ring.sign(&claims(ring.settings(), at), at).map(|_| ());
        assert_eq!(
            [hour(4), hour(5), hour(10)].map(sign),
            [Err(SignError::NoKey), Ok(()), Err(SignError::NoKey)]
        );
    }

    #[test]
    fn the_key_set_has_the_next_and_previous_key_until_they_end() {
        let ring = ring(vec![
            ring_key(JwtAlgorithm::ES256, 0, 10),
            ring_key(JwtAlgorithm::EdDSA, 10, 20),
        ]);
        let shown = |at| ring.jwks(at)["keys"].as_array().unwrap().len();
        assert_eq!([hour(1), hour(10), hour(11)].map(shown), [2, 2, 1]);
    }

    #[test]
    fn a_shared_secret_is_not_published_and_survives_one_change() {
        let settings = JwtSettings::from(&Jwt {
            algorithm: JwtAlgorithm::HS256,
            ..Jwt::default()
        });
        let with = |current, previous| {
            let ring = KeyRing::new(settings.clone());
            ring.replace(RingKey::from_master(&master(current, previous)));
            ring
        };
        let old = with("old", None);
        let token = old.sign(&claims(&settings, hour(1)), hour(1)).unwrap();
        assert_eq!(old.jwks(hour(1)), json!({ "keys": [] }));
        let new = with("new", Some("old"));
        assert!(new.verify(token.expose(), hour(1)).is_ok());
        assert_ne!(signer(&new, hour(1)), signer(&old, hour(1)));
        let forgotten = with("new", None).verify(token.expose(), hour(1));
        assert_eq!(forgotten, Err(TokenError::UnknownKey));
    }

    #[test]
    fn a_token_is_at_most_a_kibibyte_with_any_configuration() {
        let named = |issuer: usize| {
            let ring = KeyRing::new(JwtSettings::from(&Jwt {
                issuer: "i".repeat(issuer),
                ..Jwt::default()
            }));
            ring.replace(vec![ring_key(JwtAlgorithm::RS256, 0, 10)]);
            ring.sign(&claims(ring.settings(), hour(1)), hour(1))
                .map(|_| ())
        };
        assert_eq!(named(20), Ok(()));
        assert_eq!(named(500), Err(SignError::TooLong));
    }

    #[test]
    fn debug_shows_no_key() {
        let ring = KeyRing::new(JwtSettings::from(&Jwt::default()));
        ring.replace(RingKey::from_master(&master("the secret", None)));
        assert!(!format!("{ring:?}").contains("the secret"));
    }
}
