//! Tokens that the ring must refuse: made by others, changed, or with their own rules for verifying.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{EncodingKey, Header};
use proptest::prelude::*;
use serde_json::json;

use super::{forge::*, *};
use crate::settings::JwtAlgorithm;

#[test]
fn the_base_token_of_these_tests_is_valid() {
    assert_eq!(verdict(&good_header(), &good_claims()), Ok(()));
    assert_eq!(
        verdict(&good_header(), &without(good_claims(), "nbf")),
        Ok(())
    );
}

#[test]
fn the_algorithm_none_is_refused_in_every_spelling() {
    for alg in ["none", "None", "NONE", "nOnE", "", "hs256", "HS256 "] {
        let header = encode(&with(good_header(), "alg", json!(alg)));
        let ring = hs256(&config(JwtAlgorithm::HS256));
        for signature in ["", "AAAA"] {
            let token = format!("{header}.{}.{signature}", encode(&good_claims()));
            assert_eq!(
                ring.verify(&token, at(IAT)),
                Err(TokenError::Malformed),
                "{alg}"
            );
        }
    }
}

#[test]
fn the_key_decides_the_algorithm_not_the_header() {
    for alg in ["HS384", "HS512", "RS256", "ES256", "EdDSA", "PS256"] {
        let header = with(good_header(), "alg", json!(alg));
        assert_eq!(
            verdict(&header, &good_claims()),
            Err(TokenError::Algorithm),
            "{alg}"
        );
    }
}

#[test]
fn a_public_key_is_not_a_shared_secret() {
    for algorithm in [
        JwtAlgorithm::RS256,
        JwtAlgorithm::ES256,
        JwtAlgorithm::EdDSA,
    ] {
        let (ring, key) = pair(algorithm);
        let jwk = key.public_jwk().unwrap();
        let raw = URL_SAFE_NO_PAD.decode(jwk["n"].as_str().or(jwk["x"].as_str()).unwrap());
        for secret in [jwk.to_string().into_bytes(), raw.unwrap()] {
            let mut header = Header::new(jsonwebtoken::Algorithm::HS256);
            header.typ = Some("at+jwt".to_owned());
            header.kid = Some(key.kid().to_owned());
            let key = EncodingKey::from_secret(&secret);
            let token = jsonwebtoken::encode(&header, &good_claims(), &key).unwrap();
            assert_eq!(ring.verify(&token, at(IAT)), Err(TokenError::Algorithm));
        }
    }
}

#[test]
fn a_token_of_another_key_with_a_known_kid_is_refused() {
    for algorithm in [
        JwtAlgorithm::RS256,
        JwtAlgorithm::ES256,
        JwtAlgorithm::EdDSA,
    ] {
        let (ring, ours) = pair(algorithm);
        let (_, theirs) = pair(algorithm);
        let header = ring.settings().header(&ours);
        let token = jsonwebtoken::encode(&header, &good_claims(), &theirs.encoding).unwrap();
        assert_eq!(ring.verify(&token, at(IAT)), Err(TokenError::Signature));
    }
}

#[test]
fn changed_claims_are_refused() {
    let token = signed(&good_header(), &good_claims());
    let admin = encode(&with(good_claims(), "user_type", json!("admin")));
    let mut parts: Vec<_> = token.split('.').collect();
    parts[1] = &admin;
    let ring = hs256(&config(JwtAlgorithm::HS256));
    assert_eq!(
        ring.verify(&parts.join("."), at(IAT)),
        Err(TokenError::Signature)
    );
}

#[test]
fn a_token_with_a_missing_or_unknown_kid_is_refused() {
    let refused = Err(TokenError::UnknownKey);
    assert_eq!(
        verdict(&without(good_header(), "kid"), &good_claims()),
        refused
    );
    for name in ["", "other", "../../etc/passwd", "' OR 1=1"] {
        let header = with(good_header(), "kid", json!(name));
        assert_eq!(verdict(&header, &good_claims()), refused, "{name}");
    }
}

#[test]
fn a_header_with_its_own_key_or_rules_is_refused() {
    let jwk = json!({ "kty": "oct", "k": "AAAA" });
    for (field, value) in [
        ("jku", json!("https://example.org/jwks.json")),
        ("jwk", jwk),
        ("x5u", json!("https://example.org/cert.pem")),
        ("x5c", json!(["AAAA"])),
        ("crit", json!(["exp"])),
        ("zip", json!("DEF")),
        ("enc", json!("A128GCM")),
    ] {
        let header = with(good_header(), field, value);
        assert_eq!(
            verdict(&header, &good_claims()),
            Err(TokenError::Header),
            "{field}"
        );
    }
}

#[test]
fn only_the_type_of_an_access_token_is_accepted() {
    for typ in [
        json!("JWT"),
        json!("AT+JWT"),
        json!("refresh+jwt"),
        json!("id+jwt"),
        json!(""),
    ] {
        let header = with(good_header(), "typ", typ);
        assert_eq!(verdict(&header, &good_claims()), Err(TokenError::Type));
    }
    assert_eq!(
        verdict(&without(good_header(), "typ"), &good_claims()),
        Err(TokenError::Type)
    );
}

#[test]
fn a_token_above_a_kibibyte_is_not_read() {
    let long = with(good_claims(), "jti", json!("x".repeat(1024)));
    assert_eq!(verdict(&good_header(), &long), Err(TokenError::TooLong));
}

#[test]
fn garbage_is_refused() {
    let token = signed(&good_header(), &good_claims());
    let ring = hs256(&config(JwtAlgorithm::HS256));
    let (head, tail) = token.split_once('.').unwrap();
    for garbage in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "a.b.c".to_owned(),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.{token}"),
        format!("{head}..{tail}"),
        format!("{head}=.{tail}"),
        format!("{token}="),
        format!("{token} "),
        format!("Bearer {token}"),
        tail.to_owned(),
    ] {
        assert_eq!(
            ring.verify(&garbage, at(IAT)),
            Err(TokenError::Malformed),
            "{garbage}"
        );
    }
}

proptest! {
    #[test]
    fn no_text_is_a_token(text in ".*") {
        let ring = hs256(&config(JwtAlgorithm::HS256));
        prop_assert!(ring.verify(&text, at(IAT)).is_err());
    }

    #[test]
    fn any_bytes_in_the_parts_are_refused(
        header in proptest::collection::vec(any::<u8>(), 0..200),
        claims in proptest::collection::vec(any::<u8>(), 0..200),
        signature in proptest::collection::vec(any::<u8>(), 0..100),
    ) {
        let token = [header, claims, signature].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        let ring = hs256(&config(JwtAlgorithm::HS256));
        prop_assert!(ring.verify(&token, at(IAT)).is_err());
    }

    #[test]
    fn a_changed_character_is_always_refused(place in any::<prop::sample::Index>(), to in "[A-Za-z0-9_.-]") {
        let token = signed(&good_header(), &good_claims());
        let at_byte = place.index(token.len());
        let mut changed = token.clone();
        changed.replace_range(at_byte..=at_byte, &to);
        prop_assume!(changed != token);
        let ring = hs256(&config(JwtAlgorithm::HS256));
        prop_assert!(ring.verify(&changed, at(IAT)).is_err());
    }
}
