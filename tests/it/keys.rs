//! The keys of access tokens: published before use, rotated without a refused token, removed at once (KEY-2).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bson::{Document, doc};
use chrono::Duration;
use clinic_auth::config::{Settings, sections::JwtAlgorithm};
use crypto::SigningKey;
use futures_util::TryStreamExt;
use identity::{keys, maintenance};
use kernel::secret::Secret;
use mongodb::Collection;
use serde_json::Value;

use crate::{
    binary,
    harness::{PASSWORD, TestServer, ThreadLog},
};

/// The `kid` in a token's header.
fn kid(token: &str) -> String {
    let header = URL_SAFE_NO_PAD
        .decode(token.split('.').next().unwrap())
        .unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

async fn published(server: &TestServer) -> Vec<String> {
    let set = server.get("/.well-known/jwks.json").await.expect(200);
    let keys = set.body["keys"].as_array().unwrap().clone();
    keys.iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

async fn token(server: &TestServer) -> String {
    server.login("jane", PASSWORD).await.expect(200).token()
}

fn rows(server: &TestServer) -> Collection<Document> {
    server.app.store.raw("signing_keys")
}

async fn follow(server: &TestServer) {
    maintenance::tick(&server.app).await.unwrap();
    server.read_revocations().await;
}

/// A server with a patient `jane`. Its next key was published long enough ago to sign.
async fn server() -> TestServer {
    let server = TestServer::start().await;
    server.patient("jane").await;
    server.advance(Duration::hours(1)).await;
    server
}

#[tokio::test]
async fn the_next_key_is_published_from_the_start() {
    // KEY-2
    let server = server().await;
    let keys = published(&server).await;
    assert_eq!(keys.len(), 2);
    assert_eq!(kid(&token(&server).await), keys[0]);
}

#[tokio::test]
async fn a_rotation_signs_with_the_next_key_and_publishes_another() {
    // KEY-2
    let server = server().await;
    let (before, old) = (published(&server).await, token(&server).await);
    keys::rotate(&server.app, false).await.unwrap();
    assert_eq!(kid(&token(&server).await), before[1]);
    let after = published(&server).await;
    assert_eq!((&after[..2], after.len()), (&before[..], 3));
    server.get_as(&old, "/users/me").await.expect(200);
}

#[tokio::test]
async fn every_instance_follows_a_rotation_without_a_restart() {
    // KEY-2
    let server = server().await;
    let other = server.another().await;
    let next = published(&other).await.remove(1);
    keys::rotate(&server.app, false).await.unwrap();
    other
        .get_as(&token(&server).await, "/users/me")
        .await
        .expect(200);
    follow(&other).await;
    let of_other = token(&other).await;
    assert_eq!(kid(&of_other), next);
    server.get_as(&of_other, "/users/me").await.expect(200);
}

#[tokio::test]
async fn a_rotation_by_command_reaches_the_running_service() {
    // KEY-2
    let secret = "7Qm2vXb9LwT4ZcYr1KpN8sHd6FgJ3eUa";
    let set = |settings: &mut Settings| settings.secrets.master.current = Secret::new(secret);
    let server = TestServer::start_with(set).await;
    let first = published(&server).await;
    let ran = binary::run(&server, &["keys", "rotate"]).await;
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains(&first[1]), "{}", ran.out);
    server.advance(Duration::minutes(6)).await;
    follow(&server).await;
    server.patient("jane").await;
    assert_eq!(kid(&token(&server).await), first[1]);
}

#[tokio::test]
async fn a_key_that_was_just_published_does_not_sign_yet() {
    // Clients that check tokens may cache the published keys for five minutes (KEY-2).
    let server = server().await;
    keys::rotate(&server.app, false).await.unwrap();
    let current = kid(&token(&server).await);
    let again = keys::rotate(&server.app, false).await.unwrap();
    assert_eq!(kid(&token(&server).await), current);
    server.advance(Duration::minutes(5)).await;
    assert_eq!(kid(&token(&server).await), again.kid);
}

#[tokio::test]
async fn the_previous_key_is_removed_after_its_last_token_expires() {
    // KEY-2
    let server = server().await;
    let old = token(&server).await;
    keys::rotate(&server.app, false).await.unwrap();
    server.advance(Duration::minutes(30)).await;
    follow(&server).await;
    server.get_as(&old, "/users/me").await.expect(200);
    assert!(published(&server).await.contains(&kid(&old)));
    server.advance(Duration::minutes(2)).await;
    follow(&server).await;
    assert!(!published(&server).await.contains(&kid(&old)));
    server
        .get_as(&old, "/users/me")
        .await
        .refused(401, "AUTH_FAILED");
}

#[tokio::test]
async fn after_the_removal_of_a_key_the_next_key_signs() {
    // KEY-2
    let server = server().await;
    let (old, next) = (token(&server).await, published(&server).await.remove(1));
    rows(&server)
        .delete_one(doc! { "kid": kid(&old) })
        .await
        .unwrap();
    follow(&server).await;
    server
        .get_as(&old, "/users/me")
        .await
        .refused(401, "AUTH_FAILED");
    assert_eq!(kid(&token(&server).await), next);
    assert_eq!(published(&server).await.len(), 2);
}

#[tokio::test]
async fn the_previous_key_does_not_sign_again() {
    // KEY-2
    let server = server().await;
    let first = kid(&token(&server).await);
    keys::rotate(&server.app, false).await.unwrap();
    let second = kid(&token(&server).await);
    rows(&server)
        .delete_one(doc! { "kid": &second })
        .await
        .unwrap();
    follow(&server).await;
    let third = kid(&token(&server).await);
    assert!(third != first && third != second);
}

#[tokio::test]
async fn tokens_of_a_compromised_key_fail_on_every_instance() {
    // KEY-2
    let server = server().await;
    let other = server.another().await;
    let old = token(&server).await;
    keys::rotate(&server.app, true).await.unwrap();
    follow(&other).await;
    for instance in [&server, &other] {
        instance
            .get_as(&old, "/users/me")
            .await
            .refused(401, "AUTH_FAILED");
        let new = token(instance).await;
        instance.get_as(&new, "/users/me").await.expect(200);
    }
}

#[tokio::test]
async fn a_rotation_under_load_refuses_no_valid_token() {
    // KEY-2
    let server = server().await;
    let other = server.another().await;
    let mut tokens = vec![token(&server).await];
    for _ in 0..4 {
        let rotate = async {
            keys::rotate(&server.app, false).await.unwrap();
            follow(&other).await;
        };
        let requests = tokens.iter().flat_map(|token| {
            [&server, &other]
                .repeat(8)
                .into_iter()
                .map(move |instance| instance.get_as(token, "/users/me"))
        });
        let (answers, fresh, ()) = tokio::join!(
            futures_util::future::join_all(requests),
            token(&other),
            rotate
        );
        assert!(answers.iter().all(|answer| answer.status == 200));
        tokens.push(fresh);
        server.advance(Duration::minutes(6)).await;
        other.read_revocations().await;
    }
    let signed_by: std::collections::BTreeSet<String> =
        tokens.iter().map(|token| kid(token)).collect();
    assert!(signed_by.len() >= 3, "{signed_by:?}");
}

#[tokio::test]
async fn keys_rotate_after_their_lifetime() {
    // KEY-2
    let server = server().await;
    let next = published(&server).await.remove(1);
    server.advance(Duration::days(90)).await;
    follow(&server).await;
    assert_eq!(kid(&token(&server).await), next);
    assert!(published(&server).await.len() >= 2);
}

#[tokio::test]
async fn two_instances_that_start_together_make_the_same_keys() {
    // KEY-2
    let server = TestServer::start().await;
    rows(&server).delete_many(doc! {}).await.unwrap();
    let other = server.another().await;
    rows(&server).delete_many(doc! {}).await.unwrap();
    let (one, two) = tokio::join!(keys::refresh(&server.app), keys::refresh(&other.app));
    one.and(two).unwrap();
    follow(&server).await;
    assert_eq!(published(&server).await, published(&other).await);
    assert_eq!(published(&server).await.len(), 2);
}

#[tokio::test]
async fn private_keys_are_encrypted_at_rest() {
    // KEY-2, KEY-3
    let server = server().await;
    let stored: Vec<Document> = rows(&server)
        .find(doc! {})
        .await
        .unwrap()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(stored.len(), 2);
    for row in stored {
        let text = row.get_document("sealed").unwrap().get_str("text").unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(text).unwrap();
        for start in 0..bytes.len() {
            assert!(SigningKey::from_private_bytes(JwtAlgorithm::ES256, &bytes[start..]).is_err());
        }
    }
    let set = server.get("/.well-known/jwks.json").await;
    assert!(!set.raw.contains("\"d\""));
}

#[tokio::test]
async fn tokens_survive_a_change_of_the_master_secret() {
    // KEY-2
    let server = server().await;
    let old = token(&server).await;
    let new = || Secret::new("n".repeat(40));
    let changed = server
        .another_with(|settings| {
            let master = &mut settings.secrets.master;
            master.previous = Some(std::mem::replace(&mut master.current, new()));
        })
        .await;
    changed.get_as(&old, "/users/me").await.expect(200);
    follow(&server).await;
    server.get_as(&old, "/users/me").await.expect(200);
    let without = server
        .another_with(|settings| settings.secrets.master.current = new())
        .await;
    without.get_as(&old, "/users/me").await.expect(200);
}

#[tokio::test]
async fn without_the_old_master_secret_a_new_key_signs() {
    // KEY-2
    let server = server().await;
    let old = token(&server).await;
    let lost =
        |settings: &mut Settings| settings.secrets.master.current = Secret::new("l".repeat(40));
    let stranger = server.another_with(lost).await;
    stranger
        .get_as(&old, "/users/me")
        .await
        .refused(401, "AUTH_FAILED");
    let new = token(&stranger).await;
    stranger.get_as(&new, "/users/me").await.expect(200);
    follow(&server).await;
    server.get_as(&old, "/users/me").await.expect(200);
}

#[tokio::test]
async fn hs256_has_no_key_to_rotate() {
    // KEY-2
    let server =
        TestServer::start_with(|settings| settings.config.jwt.algorithm = JwtAlgorithm::HS256)
            .await;
    assert!(keys::rotate(&server.app, false).await.is_err());
    assert!(published(&server).await.is_empty());
}

#[tokio::test]
async fn a_damaged_key_is_logged_once_and_another_key_signs() {
    // KEY-2
    let server = server().await;
    let signing = kid(&token(&server).await);
    server
        .change_stored(
            "signing_keys",
            doc! { "kid": &signing },
            doc! { "sealed.text": "AAAA" },
        )
        .await;
    let log = ThreadLog::start();
    for _ in 0..3 {
        follow(&server).await;
    }
    let log = log.text();
    assert_eq!(log.matches("cannot be opened").count(), 1, "{log}");
    assert!(log.contains(&signing), "{log}");
    let new = token(&server).await;
    assert_ne!(kid(&new), signing);
    server.get_as(&new, "/users/me").await.expect(200);
}
