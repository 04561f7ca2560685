//! What is derived from the master secret survives its change (KEY-2).

use chrono::Duration;
use clinic_auth::{
    config::{Secret, Settings},
    service::keys,
};

use crate::harness::{PASSWORD, TestServer};

/// Another secret than that of the harness.
fn change_secret(settings: &mut Settings) -> Secret {
    std::mem::replace(
        &mut settings.secrets.master.current,
        Secret::new("n".repeat(40)),
    )
}

async fn kids(server: &TestServer) -> Vec<String> {
    let keys = server.get("/.well-known/jwks.json").await.expect(200);
    let kid = |key: &serde_json::Value| key["kid"].as_str().unwrap().to_owned();
    keys.body["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(kid)
        .collect()
}

#[tokio::test]
async fn after_a_change_without_the_previous_secret_people_can_log_in_again() {
    let server = TestServer::start().await;
    let old = server.patient("jane").await.token();
    let changed = server
        .another_with(|settings| drop(change_secret(settings)))
        .await;
    changed
        .get_as(&old, "/users/me")
        .await
        .refused(401, "AUTH_FAILED");
    let new = changed.login("jane", PASSWORD).await.expect(200).token();
    changed.get_as(&new, "/users/me").await.expect(200);
}

#[tokio::test]
async fn an_instance_with_the_old_secret_goes_on_signing_with_its_own_key() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    server
        .another_with(|settings| drop(change_secret(settings)))
        .await;
    let before = kids(&server).await;
    keys::refresh(&server.app).await.unwrap();
    assert_eq!(kids(&server).await, before);
    let token = server.login("jane", PASSWORD).await.expect(200).token();
    server.get_as(&token, "/users/me").await.expect(200);
}

#[tokio::test]
async fn once_the_successor_of_the_key_signs_the_previous_secret_can_be_removed() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    let both = |settings: &mut Settings| {
        settings.secrets.master.previous = Some(change_secret(settings));
    };
    let between = server.another_with(both).await;
    assert_eq!(
        kids(&between).await.len(),
        2,
        "the successor is published first"
    );
    between.advance(Duration::hours(25)).await;
    keys::refresh(&between.app).await.unwrap();
    let token = between.login("jane", PASSWORD).await.expect(200).token();
    let after = server
        .another_with(|settings| drop(change_secret(settings)))
        .await;
    after.get_as(&token, "/users/me").await.expect(200);
    assert_eq!(kids(&after).await.len(), 1, "nothing was made anew");
}
