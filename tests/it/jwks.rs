//! The published keys, and how a rotation keeps live tokens valid (KEY-2).

use std::collections::BTreeSet;

use bson::doc;
use chrono::Duration;
use clinic_auth::config::{Settings, sections::JwtAlgorithm};
use identity::{keys, maintenance};
use kernel::secret::Secret;
use serde_json::Value;

use crate::harness::{Answer, PASSWORD, TestServer};

fn with(algorithm: JwtAlgorithm) -> impl Fn(&mut Settings) {
    move |settings| settings.config.jwt.algorithm = algorithm
}

async fn published(server: &TestServer) -> Vec<String> {
    let set = server.get("/.well-known/jwks.json").await.expect(200);
    let keys = set.body["keys"].as_array().unwrap();
    keys.iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

fn kid(tokens: &Answer) -> String {
    jsonwebtoken::decode_header(tokens.token())
        .unwrap()
        .kid
        .unwrap()
}

// KEY-2
#[tokio::test]
async fn the_key_set_is_cacheable_and_has_only_public_parts() {
    for (algorithm, fields) in [
        (JwtAlgorithm::ES256, "alg crv kid kty use x y"),
        (JwtAlgorithm::EdDSA, "alg crv kid kty use x"),
        (JwtAlgorithm::RS256, "alg e kid kty n use"),
    ] {
        let server = TestServer::start_with(with(algorithm)).await;
        let set = server.get("/.well-known/jwks.json").await.expect(200);
        assert_eq!(set.headers["cache-control"], "public, max-age=300");
        let key = set.body["keys"][0].as_object().unwrap();
        let names: BTreeSet<_> = key.keys().map(String::as_str).collect();
        assert_eq!(names.into_iter().collect::<Vec<_>>().join(" "), fields);
        assert_eq!(key["kid"], kid(&server.patient("jane").await));
        assert_eq!(
            server.get("/api/v1/.well-known/jwks.json").await.raw,
            set.raw
        );
    }
}

// KEY-2
#[tokio::test]
async fn a_shared_secret_is_not_published() {
    let server = TestServer::start_with(with(JwtAlgorithm::HS256)).await;
    let set = server.get("/.well-known/jwks.json").await.expect(200);
    assert_eq!(set.body, serde_json::json!({ "keys": [] }));
}

#[tokio::test]
async fn a_token_verifies_with_the_published_key_alone() {
    for algorithm in [
        JwtAlgorithm::ES256,
        JwtAlgorithm::EdDSA,
        JwtAlgorithm::RS256,
    ] {
        let server = TestServer::start_with(with(algorithm)).await;
        let token = server.patient("jane").await.token();
        let set = server.get("/.well-known/jwks.json").await.raw;
        let set: jsonwebtoken::jwk::JwkSet = serde_json::from_str(&set).unwrap();
        let header = jsonwebtoken::decode_header(&token).unwrap();
        let key = set.find(&header.kid.unwrap()).unwrap().try_into().unwrap();
        let mut rules = jsonwebtoken::Validation::new(header.alg);
        rules.set_audience(&["clinic-apps"]);
        jsonwebtoken::decode::<Value>(&token, &key, &rules).unwrap();
    }
}

// KEY-2
#[tokio::test]
async fn the_next_key_is_published_at_first_start_and_signs_later() {
    let server = TestServer::start().await;
    let other = server.another().await;
    let first = published(&server).await;
    assert_eq!((first.len(), published(&other).await), (2, first.clone()));
    assert_eq!(kid(&server.patient("jane").await), first[0]);
    server.advance(Duration::days(90)).await;
    for instance in [&server, &other] {
        maintenance::tick(&instance.app).await.unwrap();
    }
    let three = published(&server).await;
    assert_eq!((three.len(), &three[..2]), (3, &first[..]));
    assert_eq!(published(&other).await, three);
    assert_eq!(
        kid(&server.login("jane", PASSWORD).await.expect(200)),
        first[1]
    );
}

// KEY-2
#[tokio::test]
async fn tokens_of_the_previous_key_are_valid_until_they_expire() {
    let server = TestServer::start().await;
    let other = server.another().await;
    server.patient("jane").await;
    server.advance(Duration::days(89)).await;
    for instance in [&server, &other] {
        maintenance::tick(&instance.app).await.unwrap();
    }
    server
        .advance(Duration::days(1) - Duration::seconds(1))
        .await;
    let old = server.login("jane", PASSWORD).await.expect(200);
    server.advance(Duration::seconds(1)).await;
    let new = server.login("jane", PASSWORD).await.expect(200);
    assert_ne!(kid(&old), kid(&new));
    server.advance(Duration::minutes(30)).await;
    for instance in [&server, &other] {
        maintenance::tick(&instance.app).await.unwrap();
        for tokens in [&old, &new] {
            instance
                .get_as(&tokens.token(), "/auth/me")
                .await
                .expect(200);
        }
    }
    server.advance(Duration::minutes(5)).await;
    server
        .get_as(&old.token(), "/auth/me")
        .await
        .refused(401, "AUTH_FAILED");
    assert_eq!(published(&server).await.first(), Some(&kid(&new)));
}

// KEY-2
#[tokio::test]
async fn instances_that_rotate_at_once_make_one_key() {
    let server = TestServer::start().await;
    let other = server.another().await;
    server.advance(Duration::days(90)).await;
    let (one, two) = tokio::join!(keys::refresh(&server.app), keys::refresh(&other.app));
    one.unwrap();
    two.unwrap();
    assert_eq!(published(&server).await.len(), 3);
    assert_eq!(published(&server).await, published(&other).await);
}

// KEY-2
#[tokio::test]
async fn a_late_rotation_signs_with_the_published_key() {
    let server = TestServer::start().await;
    let first = kid(&server.patient("jane").await);
    server.advance(Duration::days(400)).await;
    maintenance::tick(&server.app).await.unwrap();
    let signed = kid(&server.login("jane", PASSWORD).await.expect(200));
    let published = published(&server).await;
    assert_ne!(signed, first);
    assert!(published.contains(&signed));
    assert_ne!(published.last(), Some(&signed));
}

// KEY-2
#[tokio::test]
async fn tokens_of_a_removed_key_fail_at_once() {
    let server = TestServer::start().await;
    let tokens = server.patient("jane").await;
    let names = &server.program.settings.config.database.collections;
    let keys = server.app.store.raw(&names.identity.signing_keys);
    keys.delete_one(doc! { "kid": kid(&tokens) }).await.unwrap();
    maintenance::tick(&server.app).await.unwrap();
    let me = server.get_as(&tokens.token(), "/auth/me").await;
    me.refused(401, "AUTH_FAILED");
    let next = server.refresh(&tokens.refresh_token()).await.expect(200);
    server.get_as(&next.token(), "/auth/me").await.expect(200);
}

// TIME-1
#[tokio::test]
async fn an_instance_whose_clock_is_behind_signs_with_a_new_key() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    server.clock.advance(Duration::seconds(-30));
    let tokens = server.login("jane", PASSWORD).await.expect(200);
    server.get_as(&tokens.token(), "/auth/me").await.expect(200);
}

// Without the previous secret the old tokens fail, but the service continues (KEY-1, KEY-2).
#[tokio::test]
async fn a_new_secret_makes_a_new_key_and_logins_continue() {
    let server = TestServer::start().await;
    let old = server.patient("jane").await;
    let changed = server
        .another_with(|settings| settings.secrets.master.current = Secret::new("n".repeat(40)))
        .await;
    changed
        .get_as(&old.token(), "/auth/me")
        .await
        .refused(401, "AUTH_FAILED");
    let new = changed.login("jane", PASSWORD).await.expect(200);
    changed.get_as(&new.token(), "/auth/me").await.expect(200);
    // An instance that still has the old secret continues, and does not replace the keys of the others.
    for instance in [&server, &changed, &server, &changed] {
        maintenance::tick(&instance.app).await.unwrap();
    }
    server.login("jane", PASSWORD).await.expect(200);
    assert_eq!(published(&changed).await[0], kid(&new));
}

// KEY-2
#[tokio::test]
async fn a_new_secret_with_the_previous_one_keeps_keys_and_tokens() {
    let server = TestServer::start().await;
    let tokens = server.patient("jane").await;
    let changed = server
        .another_with(|settings| {
            let master = &mut settings.secrets.master;
            master.previous = Some(master.current.clone());
            master.current = Secret::new("n".repeat(40));
        })
        .await;
    changed
        .get_as(&tokens.token(), "/auth/me")
        .await
        .expect(200);
    assert_eq!(
        kid(&changed.login("jane", PASSWORD).await.expect(200)),
        kid(&tokens)
    );
}
