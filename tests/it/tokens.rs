//! Access tokens: what they say, how long they hold, and every forgery that is refused (JWT-1 to JWT-6).

mod forge;
mod validate;

use chrono::Duration;
use clinic_auth::{
    config::{Secret, Settings, sections::JwtAlgorithm},
    crypto::SigningKey,
};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use self::forge::{ALL, Forge, pair, read, sign, unsigned};
use crate::harness::{Answer, PASSWORD, TestServer};

// The control of all tests below: what this module signs itself is taken when it says the right things.
#[tokio::test]
async fn a_rightly_signed_token_of_every_algorithm_is_taken() {
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
async fn a_token_says_who_and_when_and_nothing_else() {
    for algorithm in ALL {
        let forge = Forge::new(algorithm).await;
        let Value::Object(claims) = &forge.claims else {
            panic!()
        };
        let mut names: Vec<_> = claims.keys().map(String::as_str).collect();
        names.sort_unstable();
        let expected = "aud exp iat iss jti nbf session_id sub user_type";
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
async fn a_token_without_a_signature_is_refused_in_every_spelling_of_none() {
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
async fn a_token_of_another_key_is_refused_whatever_name_it_gives() {
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
async fn a_public_key_is_no_shared_secret() {
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

/// The forms in which a careless verifier would hand a public key to HMAC.
fn public_bytes(jwk: &Value) -> Vec<Vec<u8>> {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
    let parts = ["x", "y", "n", "e"].map(|name| jwk[name].as_str().unwrap_or_default());
    let raw = parts.map(|part| BASE64.decode(part).unwrap());
    let point = [&[4][..], &raw[0], &raw[1]].concat();
    let text = parts.map(|part| part.as_bytes().to_vec());
    let whole = vec![point, jwk.to_string().into_bytes(), Vec::new()];
    raw.into_iter().chain(text).chain(whole).collect()
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
async fn a_header_that_is_not_ours_is_refused() {
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
async fn claims_that_are_missing_or_wrong_are_refused() {
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

// JWT-2: a claim that names another user or role than the session's is not believed either.
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
async fn a_token_holds_for_its_time_and_five_seconds() {
    let forge = Forge::new(JwtAlgorithm::ES256).await;
    let whole = forge.server.clock.now().timestamp_subsec_millis();
    forge
        .server
        .advance(-Duration::milliseconds(whole.into()))
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
async fn a_token_from_up_to_a_minute_ahead_is_taken() {
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
async fn a_refresh_token_is_no_access_token() {
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
async fn legacy_tokens_have_the_claims_of_old_and_verify_with_the_secret_itself() {
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
async fn neither_kind_of_token_is_taken_for_the_other() {
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
async fn tokens_of_the_previous_shared_secret_hold_while_it_is_set() {
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
