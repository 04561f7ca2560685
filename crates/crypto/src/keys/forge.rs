//! Test helpers: tokens with a right signature and any header and claims.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::DateTime;
use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};

use super::{super::master::keys as master, *};
use crate::settings::{Jwt, JwtAlgorithm};

pub(super) const SECRET: &str = "a master secret of enough bytes, and some";
/// Seconds since 1970 at which every token here was issued.
pub(super) const IAT: i64 = 1_800_000_000;
pub(super) const LIFETIME: i64 = 1800;
pub(super) const LEEWAY: i64 = 5;

pub(super) fn at(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

pub(super) fn config(algorithm: JwtAlgorithm) -> Jwt {
    Jwt {
        algorithm,
        ..Jwt::default()
    }
}

pub(super) fn hs256(config: &Jwt) -> KeyRing {
    let ring = KeyRing::new(JwtSettings::from(config));
    ring.replace(RingKey::from_master(&master(SECRET, None)));
    ring
}

pub(super) fn pair(algorithm: JwtAlgorithm) -> (KeyRing, SigningKey) {
    let ring = KeyRing::new(JwtSettings::from(&config(algorithm)));
    let key = SigningKey::generate(algorithm).unwrap();
    ring.replace(vec![RingKey {
        key: key.clone(),
        sign_from: Timestamp::MIN_UTC,
        sign_until: Timestamp::MAX_UTC,
        verify_until: Timestamp::MAX_UTC,
    }]);
    (ring, key)
}

pub(super) fn kid() -> String {
    master(SECRET, None).current_id().to_string()
}

pub(super) fn good_header() -> Value {
    json!({ "alg": "HS256", "typ": "at+jwt", "kid": kid() })
}

pub(super) fn good_claims() -> Value {
    json!({
        "iss": "clinic-auth", "aud": "clinic-apps", "sub": "PAT12345678", "user_type": "patient",
        "session_id": "6f0f5c1e-3ad1-4d8e-9a53-6a4f0d1c7b11", "jti": "1",
        "iat": IAT, "nbf": IAT, "exp": IAT + LIFETIME,
    })
}

/// `object` with `field` set.
pub(super) fn with(mut object: Value, field: &str, value: Value) -> Value {
    object[field] = value;
    object
}

pub(super) fn without(mut object: Value, field: &str) -> Value {
    object.as_object_mut().unwrap().remove(field);
    object
}

pub(super) fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// A token with the secret's signature and this header and these claims.
pub(super) fn signed(header: &Value, claims: &Value) -> String {
    signed_text(&header.to_string(), &claims.to_string())
}

pub(super) fn signed_text(header: &str, claims: &str) -> String {
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    let message = format!("{header}.{claims}");
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let signature =
        jsonwebtoken::crypto::sign(message.as_bytes(), &key, jsonwebtoken::Algorithm::HS256);
    format!("{message}.{}", signature.unwrap())
}

/// The result of an HS256 ring for such a token at the time of issue.
pub(super) fn verdict(header: &Value, claims: &Value) -> Result<(), TokenError> {
    let token = signed(header, claims);
    hs256(&config(JwtAlgorithm::HS256))
        .verify(&token, at(IAT))
        .map(|_| ())
}
