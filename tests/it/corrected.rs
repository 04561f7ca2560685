//! A person registers again with the token of a pending registration. The new registration replaces the old one, so
//! that a mistyped address can be corrected and the person keeps the username.

use chrono::Duration;
use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use crate::harness::{Answer, PASSWORD, TestServer, registration};

const JANE: &str = "jane@example.org";
const TYPO: &str = "jnae@example.org";

/// The body of jane's registration with another address and the token of an earlier registration.
fn registration_at(email: &str, token: &str) -> Value {
    let mut body = registration("jane");
    body["email"] = json!(email);
    body["registration_token"] = json!(token);
    body
}

async fn register(server: &TestServer, body: Value) -> Answer {
    server.post("/auth/register", body).await
}

async fn register_mistyped(server: &TestServer) -> String {
    let answer = server.register_at(TYPO, "jane").await.expect(200);
    answer.text("registration_token")
}

#[tokio::test]
async fn a_mistyped_address_is_corrected_and_the_username_stays() {
    let server = TestServer::start().await;
    let old = register_mistyped(&server).await;
    let dead = server.code_for(TYPO).await;
    let new = register(&server, registration_at(JANE, &old))
        .await
        .expect(200);
    let new = new.text("registration_token");
    assert_ne!(new, old);
    server
        .verify_with(&old, TYPO, &dead)
        .await
        .refused(400, "OTP_ERROR");
    server.verify(TYPO, &dead).await.refused(400, "OTP_ERROR");
    let otp = server.code_for(JANE).await;
    let verified = server.verify_with(&new, JANE, &otp).await.expect(200);
    assert_eq!(verified.text("username"), "jane");
    server.login("jane", PASSWORD).await.expect(200);
    assert!(server.stored("pending_users").await.is_empty());
    assert_eq!(server.stored("identifiers").await.len(), 3);
}

#[tokio::test]
async fn the_wrong_address_is_free_again_after_the_correction() {
    let server = TestServer::start().await;
    let old = register_mistyped(&server).await;
    register(&server, registration_at(JANE, &old))
        .await
        .expect(200);
    for name in ["one", "two", "three"] {
        server.register_at(TYPO, name).await.expect(200);
    }
    let fourth = server.register_at(TYPO, "four").await;
    fourth.refused(409, "USER_EXISTS");
}

#[tokio::test]
async fn a_correction_is_allowed_at_a_full_address() {
    let server = TestServer::start().await;
    for name in ["one", "two"] {
        server.register_at(JANE, name).await.expect(200);
    }
    let old = server.register("jane").await.expect(200);
    let again = registration_at(JANE, &old.text("registration_token"));
    register(&server, again).await.expect(200);
    assert_eq!(server.stored("pending_users").await.len(), 3);
}

#[tokio::test]
async fn every_field_of_a_registration_can_be_corrected() {
    let server = TestServer::start().await;
    let old = register_mistyped(&server).await;
    let mut body = registration_at(JANE, &old);
    body["username"] = json!("doctor-jane");
    body["user_type"] = json!("doctor");
    body["password"] = json!("another good passphrase");
    let new = register(&server, body).await.expect(200);
    assert!(new.text("user_id").starts_with("DOC"));
    server
        .register_at("john@example.org", "jane")
        .await
        .expect(200);
    let otp = server.code_for(JANE).await;
    let token = new.text("registration_token");
    server.verify_with(&token, JANE, &otp).await.expect(200);
    let login = server.login("doctor-jane", "another good passphrase").await;
    login.expect(200);
}

#[tokio::test]
async fn signup_corrects_a_registration_too() {
    let server = TestServer::start().await;
    let old = register_mistyped(&server).await;
    let body = json!({ "full_name": "Jane Doe", "email": JANE, "password": PASSWORD,
        "registration_token": old });
    server.post("/auth/signup", body).await.expect(200);
    assert_eq!(server.stored("pending_users").await.len(), 1);
    server
        .register_at("john@example.org", "jane")
        .await
        .expect(200);
}

#[tokio::test]
async fn an_unknown_token_is_ignored() {
    let server = TestServer::start_with(crate::harness::many_requests).await;
    register_mistyped(&server).await;
    let unknown = "x".repeat(43);
    for token in [
        unknown.as_str(),
        "",
        "no token!",
        "\u{0}",
        &"é".repeat(5000),
    ] {
        let taken = register(&server, registration_at("other@example.org", token)).await;
        taken.refused(409, "USER_EXISTS");
        let mut body = registration_at(&format!("a{}@example.org", token.len()), token);
        body["username"] = json!(format!("name-{}", token.len()));
        register(&server, body).await.expect(200);
        server.advance(Duration::seconds(1)).await;
    }
    for token in [json!(1), json!({ "$ne": "" }), json!(["x"]), json!(true)] {
        let mut body = registration_at("other@example.org", "");
        body["registration_token"] = token;
        let refused = register(&server, body).await;
        refused.refused(422, "VALIDATION_ERROR");
        assert_eq!(refused.validation_errors(), ["registration_token type"]);
    }
}

#[tokio::test]
async fn a_used_or_expired_token_is_ignored() {
    let server = TestServer::start().await;
    let token = server.register("jane").await.expect(200);
    let token = token.text("registration_token");
    let otp = server.code_for(JANE).await;
    server.verify_with(&token, JANE, &otp).await.expect(200);
    let by_account = register(&server, registration_at("other@example.org", &token)).await;
    by_account.refused(409, "USER_EXISTS");
    server.login("jane", PASSWORD).await.expect(200);
    let expired = server.register("john").await.expect(200);
    let expired = expired.text("registration_token");
    server.advance(Duration::minutes(30)).await;
    let mut body = registration_at("john2@example.org", &expired);
    body["username"] = json!("john");
    register(&server, body).await.expect(200);
}

// REG-8
#[tokio::test]
async fn a_replaced_registration_is_not_counted() {
    let server = TestServer::start().await;
    let first = server.register("jane").await.expect(200);
    let again = registration_at(JANE, &first.text("registration_token"));
    register(&server, again).await.expect(200);
    let otp = server.code_for(JANE).await;
    let verified = server.verify(JANE, &otp).await.expect(200);
    assert!(!verified.token().is_empty());
    server.login("jane", PASSWORD).await.expect(200);
}

// REG-8
#[tokio::test]
async fn a_correction_takes_nothing_from_the_owner_of_the_address() {
    for john_first in [true, false] {
        let server = TestServer::start().await;
        let mut john = String::new();
        if john_first {
            john = server
                .register_at(JANE, "john")
                .await
                .text("registration_token");
        }
        server.register("jane").await.expect(200);
        if !john_first {
            john = server
                .register_at(JANE, "john")
                .await
                .text("registration_token");
        }
        let codes = server.codes_for(JANE).await;
        let mut body = registration_at("john@example.org", &john);
        body["username"] = json!("john");
        register(&server, body).await.expect(200);
        let verified = server.verify(JANE, &codes[usize::from(john_first)]).await;
        assert!(!verified.expect(200).token().is_empty());
        server.login("jane", PASSWORD).await.expect(200);
    }
}

#[tokio::test]
async fn a_refused_correction_changes_nothing() {
    let server = TestServer::start().await;
    server.patient("taken").await;
    let old = register_mistyped(&server).await;
    let otp = server.code_for(TYPO).await;
    let mut body = registration_at(JANE, &old);
    body["username"] = json!("taken");
    register(&server, body).await.refused(409, "USER_EXISTS");
    let at_account = register(&server, registration_at("taken@example.org", &old)).await;
    at_account.refused(409, "USER_EXISTS");
    for name in ["one", "two", "three"] {
        server
            .register_at("full@example.org", name)
            .await
            .expect(200);
    }
    let full = register(&server, registration_at("full@example.org", &old)).await;
    full.refused(409, "USER_EXISTS");
    let verified = server.verify_with(&old, TYPO, &otp).await.expect(200);
    assert_eq!(verified.text("username"), "jane");
}

#[tokio::test]
async fn corrections_are_limited_like_registrations() {
    let server = TestServer::start().await;
    let mut token = server
        .register("jane")
        .await
        .expect(200)
        .text("registration_token");
    for _ in 1..5 {
        let again = register(&server, registration_at(JANE, &token))
            .await
            .expect(200);
        token = again.text("registration_token");
    }
    let sixth = register(&server, registration_at(JANE, &token)).await;
    sixth.refused(429, "RATE_LIMIT");
    assert!(server.mails_to(JANE).await <= 5); // OTP-7
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_corrections_with_one_token_wins() {
    let one = TestServer::start_with(crate::harness::many_requests).await;
    let other = one.another_with(crate::harness::many_requests).await;
    let token = register_mistyped(&one).await;
    let servers = [&one, &other];
    let correct = |n: usize| {
        register(
            servers[n % 2],
            registration_at(&format!("jane{n}@example.org"), &token),
        )
    };
    let answers = join_all((0..12).map(correct)).await;
    let winners: Vec<_> = (0..12).filter(|n| answers[*n].status == 200).collect();
    assert_eq!(winners.len(), 1, "{answers:?}");
    for answer in &answers {
        assert!([200, 409].contains(&answer.status), "{}", answer.raw);
    }
    assert_eq!(one.stored("pending_users").await.len(), 1);
    let email = format!("jane{}@example.org", winners[0]);
    let otp = one.code_for(&email).await;
    let verified = other.verify(&email, &otp).await.expect(200);
    assert_eq!(verified.text("username"), "jane");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_correction_during_a_verify_leaves_one_of_them() {
    let one = TestServer::start_with(crate::harness::many_requests).await;
    let other = one.another_with(crate::harness::many_requests).await;
    for round in 0..8 {
        let (typo, right) = (
            format!("typo{round}@example.org"),
            format!("jane{round}@example.org"),
        );
        let name = format!("jane{round}");
        let token = one.register_at(&typo, &name).await.expect(200);
        let token = token.text("registration_token");
        let otp = one.code_for(&typo).await;
        let mut body = registration_at(&right, &token);
        body["username"] = json!(name);
        let both = join(one.verify_with(&token, &typo, &otp), register(&other, body));
        let (verified, corrected) = both.await;
        assert!([200, 400].contains(&verified.status), "{}", verified.raw);
        assert!([200, 409].contains(&corrected.status), "{}", corrected.raw);
        assert!(verified.status == 200 || corrected.status == 200);
        let email = if verified.status == 200 {
            typo
        } else {
            let otp = one.code_for(&right).await;
            other.verify(&right, &otp).await.expect(200);
            right
        };
        let login = one.login(&email, PASSWORD).await.expect(200);
        assert_eq!(login.text("username"), name);
        assert_eq!(one.accounts_stored().await, round + 1);
    }
}
