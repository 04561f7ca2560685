//! `registration.disclosure=strict`: a taken address answers like a free one (D1, ENUM-6).

use std::collections::BTreeMap;

use bson::doc;
use chrono::Duration;
use clinic_auth::config::{Settings, sections::Disclosure};
use serde_json::json;

use crate::harness::{Answer, PASSWORD, TestServer, collections, registration_with};

const JANE: &str = "jane@example.org";

fn strict(settings: &mut Settings) {
    settings.config.registration.disclosure = Disclosure::Strict;
}

#[tokio::test]
async fn a_taken_address_answers_like_a_free_one() {
    let server = TestServer::start_with(strict).await;
    let jane = server.patient("jane").await.text("user_id");
    let free = server
        .register_at("free@example.org", "free")
        .await
        .expect(200);
    let taken = server.register_at(JANE, "takn").await.expect(200);
    assert_ne!(taken.text("user_id"), jane);
    assert_eq!(shape(&free), shape(&taken));
    assert_eq!(free.raw.len(), taken.raw.len());
    for field in ["message", "user_type", "status"] {
        assert_eq!(free.text(field), taken.text(field));
    }
}

#[tokio::test]
async fn a_taken_address_costs_the_same_work_as_a_free_one() {
    let server = TestServer::start_with(strict).await;
    server.patient("jane").await;
    // The counters of her own registration have expired.
    let throttles = server.app.store.raw("throttles");
    throttles.delete_many(doc! {}).await.unwrap();
    server.register("warm").await.expect(200);
    let free = cost(&server, "free@example.org", "free").await;
    let taken = cost(&server, JANE, "taken").await;
    assert_eq!(free, taken);
    assert_eq!(
        (free.0, free.1["pending_users"], free.1["mail_outbox"]),
        (1, 1, 1)
    );
}

#[tokio::test]
async fn the_owner_of_a_taken_address_is_notified_once_a_day() {
    let server = TestServer::start_with(strict).await;
    server.patient("jane").await;
    let before = server.mails_to(JANE).await;
    server.register_at(JANE, "one").await.expect(200);
    let mail = server.mail_to(JANE).await;
    assert!(mail.text.contains("already"), "{}", mail.text);
    server.register_at(JANE, "two").await.expect(200);
    server.advance(Duration::hours(23)).await;
    server.register_at(JANE, "three").await.expect(200);
    assert_eq!(server.mails_to(JANE).await, before + 1);
    server.advance(Duration::hours(1)).await;
    server.register_at(JANE, "four").await.expect(200);
    assert_eq!(server.mails_to(JANE).await, before + 2);
}

#[tokio::test]
async fn a_registration_of_a_taken_address_has_no_effect() {
    let server = TestServer::start_with(strict).await;
    server.patient("jane").await;
    let mut body = registration_with("mallory", "email", json!(JANE));
    body["password"] = json!("the password of mallory");
    let token = server
        .post("/auth/register", body)
        .await
        .expect(200)
        .text("registration_token");
    let codes = server.codes_for(JANE).await;
    server.advance(Duration::minutes(2)).await;
    server.send_otp(JANE).await.expect(200);
    assert_eq!(server.codes_for(JANE).await, codes);
    server
        .verify_with(&token, JANE, "000000")
        .await
        .refused(400, "OTP_ERROR");
    server
        .login(JANE, "the password of mallory")
        .await
        .refused(401, "AUTH_FAILED");
    server.login(JANE, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_taken_username_is_still_reported() {
    let server = TestServer::start_with(strict).await;
    server.patient("jane").await;
    server
        .register_at("free@example.org", "JANE")
        .await
        .refused(409, "USER_EXISTS");
    server
        .register_at(JANE, "jane")
        .await
        .refused(409, "USER_EXISTS");
    assert!(server.stored("pending_users").await.is_empty());
}

#[tokio::test]
async fn a_repeated_registration_answers_like_the_first() {
    let server = TestServer::start_with(strict).await;
    let first = server.register("jane").await.expect(200);
    let again = server.register("jane").await.expect(200);
    assert_eq!(shape(&first), shape(&again));
    assert_eq!(server.mails_to(JANE).await, 1);
    let stranger = registration_with("jane", "password", json!("not the same password"));
    server
        .post("/auth/register", stranger)
        .await
        .refused(409, "USER_EXISTS");
    let otp = server.code_for(JANE).await;
    let verified = server
        .verify_with(&first.text("registration_token"), JANE, &otp)
        .await
        .expect(200);
    assert_eq!(verified.text("user_id"), first.text("user_id"));
}

#[tokio::test]
async fn a_fourth_registration_is_answered_and_dropped() {
    let server = TestServer::start_with(strict).await; // D2
    let first = server.register_at(JANE, "one").await.expect(200);
    server.register_at(JANE, "two").await.expect(200);
    server.register_at(JANE, "three").await.expect(200);
    let fourth = server.register_at(JANE, "four").await.expect(200);
    assert_eq!(shape(&first), shape(&fourth));
    assert_eq!(server.stored("pending_users").await.len(), 3);
    assert_eq!(server.mails_to(JANE).await, 3);
    server
        .register_at("john@example.org", "four")
        .await
        .expect(200);
}

/// The names of the answer's fields and headers, in their order.
fn shape(answer: &Answer) -> (Vec<String>, Vec<String>) {
    let fields = answer.body.as_object().unwrap().keys().cloned().collect();
    (
        fields,
        answer.headers.keys().map(ToString::to_string).collect(),
    )
}

/// The number of hashes of a registration, and the number of documents that it adds to each collection.
async fn cost(server: &TestServer, email: &str, name: &str) -> (u64, BTreeMap<String, usize>) {
    let (hashes, before) = (server.app.hasher.hashes_done(), counts(server).await);
    server.register_at(email, name).await.expect(200);
    let mut added = counts(server).await;
    for (name, count) in &mut added {
        *count -= before[name];
    }
    (server.app.hasher.hashes_done() - hashes, added)
}

async fn counts(server: &TestServer) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for name in collections(&server.app.store) {
        let count = server.stored(&name).await.len();
        counts.insert(name, count);
    }
    counts
}
