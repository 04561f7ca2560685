//! Tokens with a right signature that the ring must refuse: claims are missing, have the wrong type, the wrong value,
//! or the wrong time.

use chrono::Duration;
use serde_json::{Value, json};

use super::{forge::*, *};
use crate::settings::{Jwt, JwtAlgorithm};

#[test]
fn no_claim_may_be_missing_or_null() {
    let required = [
        "iss",
        "aud",
        "sub",
        "user_type",
        "session_id",
        "jti",
        "iat",
        "exp",
    ];
    for claim in required {
        let claims = without(good_claims(), claim);
        assert_eq!(
            verdict(&good_header(), &claims),
            Err(TokenError::Claims),
            "no {claim}"
        );
    }
    for claim in required.iter().chain(&["nbf"]) {
        let claims = with(good_claims(), claim, Value::Null);
        assert_eq!(
            verdict(&good_header(), &claims),
            Err(TokenError::Claims),
            "null {claim}"
        );
    }
}

#[test]
fn times_are_integers() {
    for claim in ["exp", "iat", "nbf"] {
        let text = json!((IAT + 60).to_string());
        for value in [text, json!(1.8e9), json!(true), json!([IAT]), json!(1e300)] {
            let claims = with(good_claims(), claim, value.clone());
            assert_eq!(
                verdict(&good_header(), &claims),
                Err(TokenError::Claims),
                "{claim} {value}"
            );
        }
    }
}

#[test]
fn issuer_and_audience_must_match_exactly() {
    for (claim, ours) in [("iss", "clinic-auth"), ("aud", "clinic-apps")] {
        for value in [
            json!("other"),
            json!(""),
            json!([ours]),
            json!([ours, "other"]),
        ] {
            let claims = with(good_claims(), claim, value.clone());
            assert_eq!(
                verdict(&good_header(), &claims),
                Err(TokenError::Claims),
                "{claim} {value}"
            );
        }
    }
}

#[test]
fn a_role_that_does_not_exist_is_refused() {
    let claims = with(good_claims(), "user_type", json!("superuser"));
    assert_eq!(verdict(&good_header(), &claims), Err(TokenError::Claims));
}

#[test]
fn a_claim_given_twice_is_refused() {
    let claims = good_claims()
        .to_string()
        .replacen('{', "{\"sub\":\"ADM00000000\",", 1);
    let token = signed_text(&good_header().to_string(), &claims);
    let ring = hs256(&config(JwtAlgorithm::HS256));
    assert_eq!(ring.verify(&token, at(IAT)), Err(TokenError::Claims));
}

#[test]
fn a_token_ends_with_its_last_second_of_leeway() {
    let ring = hs256(&config(JwtAlgorithm::HS256));
    let token = signed(&good_header(), &good_claims());
    let end = at(IAT + LIFETIME + LEEWAY);
    assert!(ring.verify(&token, end - Duration::milliseconds(1)).is_ok());
    assert_eq!(ring.verify(&token, end), Err(TokenError::Expired));
}

#[test]
fn the_leeway_is_between_zero_and_five_seconds() {
    let token = signed(&good_header(), &good_claims());
    for (configured, leeway) in [(0, 0), (3, 3), (3600, 5), (-60, 0)] {
        let ring = hs256(&Jwt {
            leeway_seconds: configured,
            ..config(JwtAlgorithm::HS256)
        });
        let end = at(IAT + LIFETIME + leeway);
        assert!(ring.verify(&token, end - Duration::seconds(1)).is_ok());
        assert_eq!(ring.verify(&token, end), Err(TokenError::Expired));
    }
}

#[test]
fn times_may_be_a_minute_ahead_and_no_more() {
    for claim in ["iat", "nbf"] {
        let ahead = |seconds| verdict(&good_header(), &with(good_claims(), claim, json!(seconds)));
        assert_eq!(ahead(IAT + 60), Ok(()));
        assert_eq!(ahead(IAT + 61), Err(TokenError::NotYet));
        assert_eq!(ahead(i64::MAX), Err(TokenError::NotYet));
    }
    let ages = |exp: i64| verdict(&good_header(), &with(good_claims(), "exp", json!(exp)));
    assert_eq!([i64::MAX, 0].map(ages), [Ok(()), Err(TokenError::Expired)]);
}

#[test]
fn legacy_tokens_have_their_own_type_and_no_audience() {
    let ring = hs256(&Jwt {
        legacy_claims: true,
        ..config(JwtAlgorithm::HS256)
    });
    let legacy = with(good_header(), "typ", json!("JWT"));
    let verify =
        |header: &Value, claims: &Value| ring.verify(&signed(header, claims), at(IAT)).map(|_| ());
    assert_eq!(verify(&legacy, &without(good_claims(), "aud")), Ok(()));
    assert_eq!(verify(&legacy, &good_claims()), Err(TokenError::Claims));
    assert_eq!(
        verify(&good_header(), &good_claims()),
        Err(TokenError::Type)
    );
}

#[test]
fn legacy_claims_exist_only_with_a_shared_secret() {
    let legacy = |algorithm| {
        JwtSettings::from(&Jwt {
            legacy_claims: true,
            ..config(algorithm)
        })
    };
    let typ = |algorithm| {
        let key = pair(JwtAlgorithm::ES256).1;
        legacy(algorithm).header(&key).typ.unwrap()
    };
    assert_eq!(typ(JwtAlgorithm::HS256), "JWT");
    assert_eq!(typ(JwtAlgorithm::ES256), "at+jwt");
}
