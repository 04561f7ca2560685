//! A code without a registration token proves the mailbox, not the password (REG-8).

use bson::doc;
use chrono::Duration;
use clinic_auth::{
    config::{Settings, sections::Disclosure},
    service::{maintenance, verification::STEPS},
};
use futures_util::future::join;
use serde_json::{Value, json};

use crate::harness::{Answer, PASSWORD, TestServer};

const JANE: &str = "jane@example.org";
const NEW: &str = "another good passphrase";
const HIS: &str = "the password of mallory";

/// A stranger registers the address of jane by the small form.
async fn stranger(server: &TestServer) -> Answer {
    let body = json!({ "full_name": "Mal Lory", "email": JANE, "password": HIS });
    server.post("/auth/signup", body).await.expect(200)
}

/// The address is verified, nobody is logged in, no password holds, and the owner sets one by the mailed link.
async fn only_the_mailbox_opens_it(server: &TestServer, verified: &Answer) {
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
    no_password_holds(server).await;
    let link = server.link_token_for(JANE).await;
    server.reset_by_link(&link, NEW).await.expect(200);
    let login = server.login(JANE, NEW).await.expect(200);
    assert_eq!(login.text("user_id"), verified.text("user_id"));
    assert_eq!(server.accounts_stored().await, 1);
}

async fn no_password_holds(server: &TestServer) {
    for password in [PASSWORD, HIS, ""] {
        let before = server.app.hasher.hashes_done();
        let refused = server.login(JANE, password).await;
        assert_eq!(refused.refused(401, "AUTH_FAILED"), "Invalid credentials");
        assert_eq!(server.app.hasher.hashes_done() - before, 1); // ENUM-2
    }
}

#[tokio::test]
async fn a_code_alone_opens_no_account_with_a_strangers_password() {
    for (stranger_first, newest) in [(true, true), (true, false), (false, true), (false, false)] {
        let server = TestServer::start().await;
        if stranger_first {
            stranger(&server).await;
        }
        server.register("jane").await.expect(200);
        if !stranger_first {
            stranger(&server).await;
        }
        let codes = server.codes_for(JANE).await;
        let verified = server.verify(JANE, &codes[usize::from(newest)]).await;
        only_the_mailbox_opens_it(&server, &verified.expect(200)).await;
    }
}

#[tokio::test]
async fn a_forgotten_password_works_for_an_account_that_has_none_yet() {
    let server = TestServer::start().await;
    stranger(&server).await;
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
async fn with_its_token_a_registration_keeps_its_password_beside_others() {
    let server = TestServer::start().await;
    stranger(&server).await;
    let jane = server.register("jane").await.expect(200);
    stranger_again(&server).await;
    let token = jane.text("registration_token");
    let codes = server.codes_for(JANE).await;
    let verified = server.verify_with(&token, JANE, &codes[1]).await;
    assert!(!verified.expect(200).token().is_empty());
    server.login(JANE, PASSWORD).await.expect(200);
    server.login(JANE, HIS).await.refused(401, "AUTH_FAILED");
}

async fn stranger_again(server: &TestServer) {
    server.register_at(JANE, "mallory").await.expect(200);
}

#[tokio::test]
async fn a_registration_alone_keeps_its_password_without_a_token() {
    let server = TestServer::start().await;
    server.register("jane").await.expect(200);
    server.register("jane").await.refused(409, "USER_EXISTS"); // the same person, not another registration
    let otp = server.code_for(JANE).await;
    let verified = server.verify(JANE, &otp).await.expect(200);
    assert!(!verified.token().is_empty());
    server.login("jane", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn another_registration_that_expired_meanwhile_counts() {
    let server = TestServer::start().await;
    stranger(&server).await;
    server.advance(Duration::minutes(25)).await;
    server.register("jane").await.expect(200);
    server.advance(Duration::minutes(6)).await; // The stranger's has ended.
    let otp = server.code_for(JANE).await;
    let verified = server.verify(JANE, &otp).await.expect(200);
    only_the_mailbox_opens_it(&server, &verified).await;
}

#[tokio::test]
async fn a_registration_whose_row_was_collected_meanwhile_counts() {
    let server = TestServer::start().await;
    let his = stranger(&server).await.text("user_id");
    server.register("jane").await.expect(200);
    let codes = server.codes_for(JANE).await;
    let rows = server.app.store.raw("pending_users");
    rows.delete_one(doc! { "_id": &his }).await.unwrap();
    let codes_of = server.app.store.raw("otp_codes");
    codes_of.delete_one(doc! { "subject": &his }).await.unwrap();
    let verified = server.verify(JANE, &codes[1]).await.expect(200);
    only_the_mailbox_opens_it(&server, &verified).await;
}

#[tokio::test]
async fn another_registration_that_was_undone_meanwhile_counts() {
    for stranger_first in [true, false] {
        let server = TestServer::start().await;
        let admin = server.admin("boss").await;
        let mut his = String::new();
        if stranger_first {
            his = stranger(&server).await.text("user_id");
        }
        server.register("jane").await.expect(200);
        if !stranger_first {
            his = stranger(&server).await.text("user_id");
        }
        let path = format!("/admin/pending-users/{his}");
        let otp = server.codes_for(JANE).await[usize::from(stranger_first)].clone();
        server.delete_as(&admin.token, &path).await.expect(200);
        let verified = server.verify(JANE, &otp).await.expect(200);
        assert_eq!(verified.body.get("access_token"), None, "{stranger_first}");
        no_password_holds(&server).await;
    }
}

#[tokio::test]
async fn what_ended_before_a_registration_began_does_not_count() {
    for expires in [true, false] {
        let server = TestServer::start().await;
        let admin = server.admin("boss").await;
        let his = stranger(&server).await.text("user_id");
        server.deliver().await;
        if expires {
            server.advance(Duration::minutes(30)).await;
        } else {
            let path = format!("/admin/pending-users/{his}");
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
async fn whoever_finishes_a_verification_comes_to_the_same_account() {
    for step in &STEPS[1..] {
        for again in [false, true] {
            let server = TestServer::start().await;
            stranger(&server).await;
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
            no_password_holds(&server).await;
            let link = server.link_token_for(JANE).await;
            server.reset_by_link(&link, NEW).await.expect(200);
            server.login("jane", NEW).await.expect(200);
        }
    }
}

#[tokio::test]
async fn strict_registrations_obey_the_same_rule() {
    let strict = |settings: &mut Settings| {
        settings.config.registration.disclosure = Disclosure::Strict;
    };
    let server = TestServer::start_with(strict).await;
    stranger(&server).await;
    server.register("jane").await.expect(200);
    let codes = server.codes_for(JANE).await;
    let verified = server.verify(JANE, &codes[0]).await.expect(200);
    only_the_mailbox_opens_it(&server, &verified).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_registrations_at_the_same_moment_know_of_each_other() {
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
        // Nothing is left of the one when the other is proven.
        assert_eq!(collect(&one, &ids[round % 2]).await, 1);
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

/// Removes a registration as the TTL index does.
async fn collect(server: &TestServer, user_id: &str) -> u64 {
    let rows = server.app.store.raw("pending_users");
    let deleted = rows.delete_one(doc! { "_id": user_id }).await;
    deleted.unwrap().deleted_count
}

#[tokio::test]
async fn the_mail_with_the_link_is_in_the_language_of_the_registration() {
    let server = TestServer::start().await;
    stranger(&server).await;
    let body = crate::harness::registration_with("jane", "language", Value::from("de"));
    server.post("/auth/register", body).await.expect(200);
    let otp = server.code_for(JANE).await;
    server.verify(JANE, &otp).await.expect(200);
    let mail = server.mail_to(JANE).await;
    assert_eq!(mail.subject, "Wählen Sie Ihr Passwort");
    assert!(mail.text.contains("jane"), "{}", mail.text);
}

#[tokio::test]
async fn rivals_are_seen_although_the_row_of_places_is_lost() {
    let server = TestServer::start().await;
    server.register("jane").await.expect(200);
    // As after a change of the master secret: the row has another name then.
    let throttles = server.app.store.raw("throttles");
    throttles.delete_many(doc! {}).await.unwrap();
    stranger(&server).await;
    let otp = server.code_for(JANE).await;
    let verified = server.verify(JANE, &otp).await.expect(200);
    only_the_mailbox_opens_it(&server, &verified).await;
}

#[tokio::test]
async fn a_stranger_who_uses_up_the_limit_of_the_address_is_no_less_a_rival() {
    let server = TestServer::start().await;
    let mut token = String::new();
    for _ in 0..5 {
        let mut body = json!({ "first_name": "Mal", "email": JANE, "password": HIS });
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
    only_the_mailbox_opens_it(&server, &verified).await;
}
