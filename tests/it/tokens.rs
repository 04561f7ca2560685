//! Access tokens: their claims, their lifetime, and the forgeries that are refused (JWT-1 to JWT-6).

mod forge;
mod validate;

use chrono::Duration;
use clinic_auth::config::{Settings, sections::JwtAlgorithm};
use crypto::SigningKey;
use jsonwebtoken::{Algorithm, EncodingKey};
use kernel::secret::Secret;
use serde_json::{Value, json};

use self::forge::{ALL, Forge, pair, read, sign, unsigned};
use crate::harness::{Answer, PASSWORD, TestServer};

// Proves the tests below: a token that this module signs is accepted if its content is right.
#[tokio::test]
async fn a_correctly_signed_token_is_accepted() {
    for algorithm in ALL {
        let forge = Forge::new(algorithm).await;
        forge.show(&forge.tokens.token()).await.expect(200);
        forge.show(&forge.signed(|_, _| {})).await.expect(200);
        assert_eq!(forge.header["alg"], format!("{algorithm:?}"));
        assert_eq!(forge.header["typ"], "at+jwt");
    }
}

// JWT-2, JWT-6
#[tokio::test]
async fn a_token_has_exactly_the_expected_claims() {
    for algorithm in ALL {
        let forge = Forge::new(algorithm).await;
        let Value::Object(claims) = &forge.claims else {
            panic!()
        };
        let mut names: Vec<_> = claims.keys().map(String::as_str).collect();
        names.sort_unstable();
        let expected = "acr amr aud auth_time exp iat iss jti nbf session_id sub user_type";
        assert_eq!(names.join(" "), expected);
        assert_eq!(
            (&claims["iss"], &claims["aud"]),
            (&json!("clinic-auth"), &json!("clinic-apps"))
        );
        assert_eq!(claims["sub"], forge.tokens.text("user_id"));
        let iat = claims["iat"].as_i64().unwrap();
        assert_eq!(iat, forge.server.clock.now().timestamp());
        assert_eq!(claims["exp"].as_i64().unwrap() - iat, 1800);
        assert!(forge.tokens.token().len() <= 1024);
    }
}

// JWT-1
#[tokio::test]
async fn an_unsigned_token_is_refused() {
    for algorithm in ALL {
        let forge = Forge::new(algorithm).await;
        let genuine = forge.tokens.token();
        let (_, signature) = genuine.rsplit_once('.').unwrap();
        for none in ["none", "None", "NONE", "nOnE", ""] {
            let mut header = forge.header.clone();
            header["alg"] = json!(none);
            let message = unsigned(&header, &forge.claims);
            forge.refused(&format!("{message}."), none).await;
            forge.refused(&format!("{message}.{signature}"), none).await;
        }
        let message = unsigned(&forge.header, &forge.claims);
        forge.refused(&format!("{message}."), "no signature").await;
        forge.refused(&message, "two parts").await;
    }
}

// JWT-1
#[tokio::test]
async fn a_token_signed_by_another_key_is_refused() {
    for algorithm in ALL {
        let forge = Forge::new(algorithm).await;
        let (key, by) = match SigningKey::generate(algorithm) {
            Ok(other) => pair(algorithm, &other.private_bytes().unwrap()),
            Err(_) => pair(algorithm, &[7; 40]),
        };
        let forged = sign(&forge.header, &forge.claims, &key, by);
        forge.refused(&forged, "another key").await;
        let changed = forge.signed(|_, claims| claims["sub"] = json!("PAT00000000"));
        let (_, signature) = changed.rsplit_once('.').unwrap();
        let message = unsigned(&forge.header, &forge.claims);
        forge
            .refused(&format!("{message}.{signature}"), "another token's")
            .await;
    }
}

// JWT-1
#[tokio::test]
async fn a_public_key_is_not_accepted_as_shared_secret() {
    for algorithm in [
        JwtAlgorithm::ES256,
        JwtAlgorithm::EdDSA,
        JwtAlgorithm::RS256,
    ] {
        let forge = Forge::new(algorithm).await;
        let set = forge.server.get("/.well-known/jwks.json").await;
        let jwk = &set.body["keys"][0];
        let mut header = forge.header.clone();
        header["alg"] = json!("HS256");
        for secret in public_bytes(jwk) {
            let key = EncodingKey::from_secret(&secret);
            let forged = sign(&header, &forge.claims, &key, Algorithm::HS256);
            forge.refused(&forged, "HS256 with a public key").await;
        }
    }
}

/// The forms in which a careless verifier could use a public key as an HMAC secret.
fn public_bytes(jwk: &Value) -> Vec<Vec<u8>> {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
    let parts = ["x", "y", "n", "e"].map(|name| jwk[name].as_str().unwrap_or_default());
    let raw = parts.map(|part| BASE64.decode(part).unwrap());
    let point = [&[4][..], &raw[0], &raw[1]].concat();
    let text = parts.map(|part| part.as_bytes().to_vec());
    let complete = vec![point, jwk.to_string().into_bytes(), Vec::new()];
    raw.into_iter().chain(text).chain(complete).collect()
}

// JWT-1
#[tokio::test]
async fn an_algorithm_of_the_same_family_is_refused() {
    let forge = Forge::new(JwtAlgorithm::HS256).await;
    let mut header = forge.header.clone();
    header["alg"] = json!("HS512");
    let forged = sign(&header, &forge.claims, &forge.key, Algorithm::HS512);
    forge.refused(&forged, "HS512").await;
    let forge = Forge::new(JwtAlgorithm::RS256).await;
    let mut header = forge.header.clone();
    header["alg"] = json!("PS256");
    let forged = sign(&header, &forge.claims, &forge.key, Algorithm::PS256);
    forge.refused(&forged, "PS256").await;
}

// JWT-3, JWT-4
#[tokio::test]
async fn a_token_with_a_foreign_header_is_refused() {
    for algorithm in ALL {
        let forge = Forge::new(algorithm).await;
        for (field, value) in [
            ("kid", json!("unknown")),
            ("kid", json!("../../etc/passwd")),
            ("kid", json!(null)),
            ("typ", json!("JWT")),
            ("typ", json!("rt+jwt")),
            ("typ", json!(null)),
            ("jku", json!("https://attacker.example/jwks.json")),
            ("x5u", json!("https://attacker.example/cert.pem")),
            ("x5c", json!(["MIIB"])),
            ("crit", json!(["exp"])),
        ] {
            let forged = forge.signed(|header, _| header[field] = value);
            forge.refused(&forged, field).await;
        }
    }
}

// JWT-2
#[tokio::test]
async fn missing_or_wrong_claims_are_refused() {
    for algorithm in ALL {
        let forge = Forge::new(algorithm).await;
        for field in [
            "exp",
            "iat",
            "iss",
            "aud",
            "sub",
            "jti",
            "session_id",
            "user_type",
        ] {
            let missing =
                forge.signed(|_, claims| drop(claims.as_object_mut().unwrap().remove(field)));
            forge.refused(&missing, field).await;
            let null = forge.signed(|_, claims| claims[field] = Value::Null);
            forge.refused(&null, field).await;
        }
        let now = forge.server.clock.now().timestamp();
        for (field, value) in [
            ("iss", json!("somebody-else")),
            ("aud", json!("other-apps")),
            ("exp", json!((now + 1800).to_string())),
            ("nbf", json!("0")),
            ("iat", json!(now.to_string())),
            ("session_id", json!("no-uuid")),
        ] {
            let forged = forge.signed(|_, claims| claims[field] = value);
            forge.refused(&forged, field).await;
        }
    }
}

// A claim that names another user or role than the session's is refused too (JWT-2).
#[tokio::test]
async fn a_token_cannot_name_another_user_or_role_than_its_session() {
    let forge = Forge::new(JwtAlgorithm::ES256).await;
    let june = forge.server.patient("june").await.text("user_id");
    let other = forge.signed(|_, claims| claims["sub"] = json!(june));
    forge.show(&other).await.refused(401, "SESSION_ERROR");
    let raised = forge.signed(|_, claims| claims["user_type"] = json!("admin"));
    forge.show(&raised).await.refused(401, "SESSION_ERROR");
    let unknown = json!("6f0f5c1e-3ad1-4d8e-9a53-6a4f0d1c7b11");
    let nowhere = forge.signed(|_, claims| claims["session_id"] = unknown);
    forge.show(&nowhere).await.refused(401, "SESSION_ERROR");
}

// JWT-5
#[tokio::test]
async fn a_token_is_valid_for_its_time_and_five_seconds() {
    let forge = Forge::new(JwtAlgorithm::ES256).await;
    let milliseconds = forge.server.clock.now().timestamp_subsec_millis();
    forge
        .server
        .advance(-Duration::milliseconds(milliseconds.into()))
        .await;
    forge
        .server
        .advance(Duration::milliseconds(1_804_999))
        .await;
    forge.show(&forge.tokens.token()).await.expect(200);
    forge.server.advance(Duration::milliseconds(1)).await;
    forge.refused(&forge.tokens.token(), "expired").await;
}

// JWT-5
#[tokio::test]
async fn a_token_from_a_clock_a_minute_ahead_is_accepted() {
    let forge = Forge::new(JwtAlgorithm::ES256).await;
    let now = forge.server.clock.now().timestamp();
    for field in ["nbf", "iat"] {
        let ahead = |by: i64| forge.signed(|_, claims| claims[field] = json!(now + by));
        forge.show(&ahead(60)).await.expect(200);
        forge.refused(&ahead(61), field).await;
    }
}

// JWT-6
#[tokio::test]
async fn a_token_of_more_than_a_kibibyte_is_refused() {
    let forge = Forge::new(JwtAlgorithm::ES256).await;
    let long = forge.signed(|_, claims| claims["more"] = json!("x".repeat(600)));
    assert!(long.len() > 1024);
    forge.refused(&long, "too long").await;
}

// JWT-3
#[tokio::test]
async fn a_refresh_token_is_not_accepted_as_access_token() {
    let forge = Forge::new(JwtAlgorithm::ES256).await;
    forge
        .refused(&forge.tokens.refresh_token(), "refresh token")
        .await;
}

#[tokio::test]
async fn a_header_that_is_not_one_bearer_token_is_refused() {
    let server = TestServer::start().await;
    let token = server.patient("jane").await.token();
    let me = || server.http.get(server.url("/auth/me"));
    for value in [
        "",
        "Bearer",
        "Bearer ",
        "Basic x",
        &token,
        &format!("Bearer {token} x"),
    ] {
        let answer = Answer::of(me().header("Authorization", value)).await;
        answer.refused(401, "AUTH_FAILED");
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
    let bearer = format!("Bearer {token}");
    let twice = me()
        .header("Authorization", &bearer)
        .header("Authorization", &bearer);
    Answer::of(twice).await.refused(401, "AUTH_FAILED");
    let cookie = me().header("Cookie", format!("access_token={token}"));
    Answer::of(cookie).await.refused(401, "AUTH_FAILED");
    let lower = me().header("Authorization", format!("bearer {token}"));
    Answer::of(lower).await.expect(200);
}

fn legacy(settings: &mut Settings) {
    settings.config.jwt.legacy_claims = true;
}

#[tokio::test]
async fn legacy_tokens_have_older_claims_and_use_the_raw_secret() {
    let forge = Forge::with(JwtAlgorithm::HS256, legacy).await;
    assert_eq!(forge.header["typ"], "JWT");
    assert!(forge.claims.get("aud").is_none());
    assert_eq!(forge.claims["user_id"], forge.claims["sub"]);
    forge.show(&forge.tokens.token()).await.expect(200);
    let secret = "m".repeat(40);
    let key = jsonwebtoken::DecodingKey::from_secret(secret.as_bytes());
    let rules = jsonwebtoken::Validation::new(Algorithm::HS256);
    jsonwebtoken::decode::<Value>(&forge.tokens.token(), &key, &rules).unwrap();
}

// JWT-3
#[tokio::test]
async fn legacy_and_current_tokens_are_not_interchangeable() {
    let forge = Forge::new(JwtAlgorithm::HS256).await;
    let hs256 = |settings: &mut Settings| settings.config.jwt.algorithm = JwtAlgorithm::HS256;
    let old = forge.server.another_with(|settings| {
        hs256(settings);
        legacy(settings);
    });
    let old = old.await;
    let new_token = old.get_as(&forge.tokens.token(), "/auth/me").await;
    new_token.refused(401, "AUTH_FAILED");
    let legacy_token = old.login("jane", PASSWORD).await.expect(200).token();
    old.get_as(&legacy_token, "/auth/me").await.expect(200);
    forge.refused(&legacy_token, "legacy").await;
}

// KEY-2
#[tokio::test]
async fn tokens_of_the_previous_secret_are_valid_while_it_is_set() {
    let forge = Forge::new(JwtAlgorithm::HS256).await;
    let secrets = |previous: Option<&str>| {
        let previous = previous.map(|p| Secret::new(p.repeat(40)));
        move |settings: &mut Settings| {
            settings.config.jwt.algorithm = JwtAlgorithm::HS256;
            settings.secrets.master.current = Secret::new("n".repeat(40));
            settings.secrets.master.previous = previous;
        }
    };
    let old = forge.tokens.token();
    let both = forge.server.another_with(secrets(Some("m"))).await;
    both.get_as(&old, "/auth/me").await.expect(200);
    let new = both.login("jane", PASSWORD).await.expect(200).token();
    assert_ne!(read(&new)[0]["kid"], forge.header["kid"]);
    let after = forge.server.another_with(secrets(None)).await;
    after.get_as(&new, "/auth/me").await.expect(200);
    after
        .get_as(&old, "/auth/me")
        .await
        .refused(401, "AUTH_FAILED");
}
