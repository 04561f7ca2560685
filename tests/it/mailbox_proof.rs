//! A code without a registration token proves the mailbox, not the password (REG-8).

use bson::doc;
use chrono::Duration;
use clinic_auth::config::{Settings, sections::Disclosure};
use futures_util::future::join;
use identity::{maintenance, verification::STEPS};
use serde_json::{Value, json};

use crate::harness::{Answer, PASSWORD, TestServer};

const JANE: &str = "jane@example.org";
const NEW: &str = "another good passphrase";
const STRANGERS: &str = "the password of mallory";

/// A stranger registers Jane's address by `/auth/signup`.
async fn register_stranger(server: &TestServer) -> Answer {
    let body = json!({ "full_name": "Mal Lory", "email": JANE, "password": STRANGERS });
    server.post("/auth/signup", body).await.expect(200)
}

/// Checks that the address is verified without a login, that no password works, and that the owner can set a password by
/// the mailed link.
async fn check_only_the_mailbox_gives_access(server: &TestServer, verified: &Answer) {
    assert_eq!(verified.text("status"), "verified");
    assert!(verified.text("message").contains("verified"));
    for field in [
        "access_token",
        "token_type",
        "expires_in",
        "refresh_token",
        "refresh_expires_in",
        "session_id",
    ] {
        assert_eq!(verified.body.get(field), None, "{field}");
    }
    assert!(server.stored("user_sessions").await.is_empty());
    check_no_password_works(server).await;
    let link = server.link_token_for(JANE).await;
    server.reset_by_link(&link, NEW).await.expect(200);
    let login = server.login(JANE, NEW).await.expect(200);
    assert_eq!(login.text("user_id"), verified.text("user_id"));
    assert_eq!(server.accounts_stored().await, 1);
}

async fn check_no_password_works(server: &TestServer) {
    for password in [PASSWORD, STRANGERS, ""] {
        let before = server.app.hasher.hashes_done();
        let refused = server.login(JANE, password).await;
        assert_eq!(refused.refused(401, "AUTH_FAILED"), "Invalid credentials");
        assert_eq!(server.app.hasher.hashes_done() - before, 1); // ENUM-2
    }
}

#[tokio::test]
async fn a_code_alone_does_not_activate_a_strangers_password() {
    for (stranger_first, newest) in [(true, true), (true, false), (false, true), (false, false)] {
        let server = TestServer::start().await;
        if stranger_first {
            register_stranger(&server).await;
        }
        server.register("jane").await.expect(200);
        if !stranger_first {
            register_stranger(&server).await;
        }
        let codes = server.codes_for(JANE).await;
        let verified = server.verify(JANE, &codes[usize::from(newest)]).await;
        check_only_the_mailbox_gives_access(&server, &verified.expect(200)).await;
    }
}

#[tokio::test]
async fn a_reset_works_for_an_account_without_a_password() {
    let server = TestServer::start().await;
    register_stranger(&server).await;
    server.register("jane").await.expect(200);
    server
        .verify(JANE, &server.code_for(JANE).await)
        .await
        .expect(200);
    server.deliver().await;
    server.advance(Duration::minutes(1)).await;
    server.forgot(JANE).await.expect(200);
    let otp = server.code_for(JANE).await;
    server.reset_by_code(JANE, &otp, NEW).await.expect(200);
    server.login("jane", NEW).await.expect(200);
}

#[tokio::test]
async fn a_registration_token_keeps_the_password_despite_rivals() {
    let server = TestServer::start().await;
    register_stranger(&server).await;
    let jane = server.register("jane").await.expect(200);
    register_stranger_again(&server).await;
    let token = jane.text("registration_token");
    let codes = server.codes_for(JANE).await;
    let verified = server.verify_with(&token, JANE, &codes[1]).await;
    assert!(!verified.expect(200).token().is_empty());
    server.login(JANE, PASSWORD).await.expect(200);
    server
        .login(JANE, STRANGERS)
        .await
        .refused(401, "AUTH_FAILED");
}

async fn register_stranger_again(server: &TestServer) {
    server.register_at(JANE, "mallory").await.expect(200);
}

#[tokio::test]
async fn a_registration_without_rivals_keeps_its_password() {
    let server = TestServer::start().await;
    server.register("jane").await.expect(200);
    server.register("jane").await.refused(409, "USER_EXISTS"); // A second registration of the same person is not a rival.
    let otp = server.code_for(JANE).await;
    let verified = server.verify(JANE, &otp).await.expect(200);
    assert!(!verified.token().is_empty());
    server.login("jane", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_rival_that_expired_meanwhile_counts() {
    let server = TestServer::start().await;
    register_stranger(&server).await;
    server.advance(Duration::minutes(25)).await;
    server.register("jane").await.expect(200);
    server.advance(Duration::minutes(6)).await; // The stranger's registration expires.
    let otp = server.code_for(JANE).await;
    let verified = server.verify(JANE, &otp).await.expect(200);
    check_only_the_mailbox_gives_access(&server, &verified).await;
}

#[tokio::test]
async fn a_rival_whose_document_was_removed_meanwhile_counts() {
    let server = TestServer::start().await;
    let strangers_id = register_stranger(&server).await.text("user_id");
    server.register("jane").await.expect(200);
    let codes = server.codes_for(JANE).await;
    let rows = server.app.store.raw("pending_users");
    rows.delete_one(doc! { "_id": &strangers_id })
        .await
        .unwrap();
    let codes_of = server.app.store.raw("otp_codes");
    codes_of
        .delete_one(doc! { "subject": &strangers_id })
        .await
        .unwrap();
    let verified = server.verify(JANE, &codes[1]).await.expect(200);
    check_only_the_mailbox_gives_access(&server, &verified).await;
}

#[tokio::test]
async fn a_rival_that_was_deleted_meanwhile_counts() {
    for stranger_first in [true, false] {
        let server = TestServer::start().await;
        let admin = server.admin("boss").await;
        let mut strangers_id = String::new();
        if stranger_first {
            strangers_id = register_stranger(&server).await.text("user_id");
        }
        server.register("jane").await.expect(200);
        if !stranger_first {
            strangers_id = register_stranger(&server).await.text("user_id");
        }
        let path = format!("/admin/pending-users/{strangers_id}");
        let otp = server.codes_for(JANE).await[usize::from(stranger_first)].clone();
        server.delete_as(&admin.token, &path).await.expect(200);
        let verified = server.verify(JANE, &otp).await.expect(200);
        assert_eq!(verified.body.get("access_token"), None, "{stranger_first}");
        check_no_password_works(&server).await;
    }
}

#[tokio::test]
async fn a_rival_that_ended_before_the_registration_does_not_count() {
    for expires in [true, false] {
        let server = TestServer::start().await;
        let admin = server.admin("boss").await;
        let strangers_id = register_stranger(&server).await.text("user_id");
        server.deliver().await;
        if expires {
            server.advance(Duration::minutes(30)).await;
        } else {
            let path = format!("/admin/pending-users/{strangers_id}");
            server.delete_as(&admin.token, &path).await.expect(200);
        }
        server.register("jane").await.expect(200);
        let otp = server.code_for(JANE).await;
        let verified = server.verify(JANE, &otp).await.expect(200);
        assert!(!verified.token().is_empty(), "{expires}");
        server.login("jane", PASSWORD).await.expect(200);
    }
}

#[tokio::test]
async fn an_interrupted_verification_always_ends_in_one_account() {
    for step in &STEPS[1..] {
        for again in [false, true] {
            let server = TestServer::start().await;
            register_stranger(&server).await;
            server.register("jane").await.expect(200);
            let otp = server.code_for(JANE).await;
            server.fail_point.arm(step);
            server.verify(JANE, &otp).await.expect(500);
            if again {
                let again = server.verify(JANE, &otp).await.expect(200);
                assert_eq!(again.body.get("access_token"), None, "{step}");
            } else {
                server.advance(Duration::seconds(36)).await;
                maintenance::tick(&server.app).await.unwrap();
            }
            assert_eq!(server.accounts_stored().await, 1, "{step} {again}");
            check_no_password_works(&server).await;
            let link = server.link_token_for(JANE).await;
            server.reset_by_link(&link, NEW).await.expect(200);
            server.login("jane", NEW).await.expect(200);
        }
    }
}

#[tokio::test]
async fn strict_registrations_follow_the_same_rule() {
    let strict = |settings: &mut Settings| {
        settings.config.registration.disclosure = Disclosure::Strict;
    };
    let server = TestServer::start_with(strict).await;
    register_stranger(&server).await;
    server.register("jane").await.expect(200);
    let codes = server.codes_for(JANE).await;
    let verified = server.verify(JANE, &codes[0]).await.expect(200);
    check_only_the_mailbox_gives_access(&server, &verified).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_simultaneous_registrations_are_rivals() {
    let one = TestServer::start().await;
    let other = one.another().await;
    for round in 0..10 {
        let email = format!("jane{round}@example.org");
        let body = |name: &str| {
            let mut body = crate::harness::registration(&format!("{name}{round}"));
            body["email"] = json!(email);
            body
        };
        let (first, second) = join(
            one.post("/auth/register", body("first")),
            other.post("/auth/register", body("second")),
        )
        .await;
        let ids = [first.expect(200), second.expect(200)].map(|answer| answer.text("user_id"));
        let codes = one.codes_for(&email).await;
        // The document of one registration does not exist any more when the other registration is verified.
        assert_eq!(remove_document(&one, &ids[round % 2]).await, 1);
        for code in codes {
            let verified = other.verify(&email, &code).await;
            if verified.status == 200 {
                assert_eq!(verified.body.get("access_token"), None, "{round}");
            }
        }
        one.login(&email, PASSWORD)
            .await
            .refused(401, "AUTH_FAILED");
        assert_eq!(one.accounts_stored().await, round + 1);
    }
}

/// Removes a registration like the TTL index.
async fn remove_document(server: &TestServer, user_id: &str) -> u64 {
    let rows = server.app.store.raw("pending_users");
    let deleted = rows.delete_one(doc! { "_id": user_id }).await;
    deleted.unwrap().deleted_count
}

#[tokio::test]
async fn the_link_is_mailed_in_the_language_of_the_registration() {
    let server = TestServer::start().await;
    register_stranger(&server).await;
    let body = crate::harness::registration_with("jane", "language", Value::from("de"));
    server.post("/auth/register", body).await.expect(200);
    let otp = server.code_for(JANE).await;
    server.verify(JANE, &otp).await.expect(200);
    let mail = server.mail_to(JANE).await;
    assert_eq!(mail.subject, "Wählen Sie Ihr Passwort");
    assert!(mail.text.contains("jane"), "{}", mail.text);
}

#[tokio::test]
async fn rivals_count_although_their_throttle_row_is_lost() {
    let server = TestServer::start().await;
    server.register("jane").await.expect(200);
    // After a change of the master secret the row is not found, because its id is derived from the secret.
    let throttles = server.app.store.raw("throttles");
    throttles.delete_many(doc! {}).await.unwrap();
    register_stranger(&server).await;
    let otp = server.code_for(JANE).await;
    let verified = server.verify(JANE, &otp).await.expect(200);
    check_only_the_mailbox_gives_access(&server, &verified).await;
}

#[tokio::test]
async fn a_rival_that_used_up_the_limit_of_the_address_counts() {
    let server = TestServer::start().await;
    let mut token = String::new();
    for _ in 0..5 {
        let mut body = json!({ "first_name": "Mal", "email": JANE, "password": STRANGERS });
        body["registration_token"] = json!(token);
        let answer = server.post("/auth/register", body).await.expect(200);
        token = answer.text("registration_token");
    }
    let refused = server.register("jane").await;
    refused.refused(429, "RATE_LIMIT");
    server.advance(Duration::minutes(2)).await;
    server.send_otp(JANE).await.expect(200);
    let otp = server.code_for(JANE).await;
    let verified = server.verify(JANE, &otp).await.expect(200);
    check_only_the_mailbox_gives_access(&server, &verified).await;
}
