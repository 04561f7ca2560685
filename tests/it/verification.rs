//! Verification of an address: the registration that a code belongs to, and the end of the others (D2, REG-1, REG-5).

use bson::doc;
use chrono::Duration;
use serde_json::json;

use crate::harness::{PASSWORD, TestServer, registration_with, wrong_code};

const JANE: &str = "jane@example.org";

#[tokio::test]
async fn a_verification_answers_like_a_login() {
    let server = TestServer::start().await;
    let user_id = server.register("jane").await.expect(200).text("user_id");
    let answer = server
        .verify(JANE, &server.code_for(JANE).await)
        .await
        .expect(200);
    assert!(answer.text("message").contains("verified"));
    assert_eq!(
        (answer.text("status"), answer.text("user_type")),
        ("verified".into(), "patient".into())
    );
    assert_eq!(
        (answer.text("user_id"), answer.text("full_name")),
        (user_id, "Jane Doe".into())
    );
    assert_eq!(
        (answer.text("token_type"), answer.body["expires_in"].clone()),
        ("bearer".into(), json!(1800))
    );
    let refresh = json!({ "refresh_token": answer.refresh_token() });
    server.post("/auth/refresh", refresh).await.expect(200);
    let sessions = server
        .get_as(&answer.token(), "/auth/sessions")
        .await
        .expect(200);
    assert_eq!(
        sessions.body["sessions"][0]["session_id"],
        answer.text("session_id")
    );
}

#[tokio::test]
async fn unknown_fields_are_refused_after_the_registration() {
    let server = TestServer::start().await;
    let paths = [
        "/auth/verify-otp",
        "/auth/send-otp",
        "/auth/generate-otp",
        "/auth/forgot-password",
        "/auth/reset-password",
    ];
    for path in paths {
        let body = json!({ "email": JANE, "otp": "123456", "new_password": "another good passphrase", "admin": true });
        let answer = server.post(path, body).await;
        answer.refused(422, "VALIDATION_ERROR");
        assert!(
            answer
                .validation_errors()
                .contains(&"admin unknown".to_owned()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_code_makes_only_the_account_it_was_issued_for() {
    let server = TestServer::start().await; // Mallory registers first, with his own password (REG-1)
    let mut mallory = registration_with("mallory", "email", json!(JANE));
    mallory["password"] = json!("the password of mallory");
    server.post("/auth/register", mallory).await.expect(200);
    let jane = server.register("jane").await.expect(200);
    let codes = server.codes_for(JANE).await;
    let token = jane.text("registration_token");
    let verified = server
        .verify_with(&token, JANE, &codes[1])
        .await
        .expect(200);
    assert_eq!(
        (verified.text("user_id"), verified.text("username")),
        (jane.text("user_id"), "jane".into())
    );
    server
        .verify(JANE, &codes[0])
        .await
        .refused(400, "OTP_ERROR");
    server
        .login(JANE, "the password of mallory")
        .await
        .refused(401, "AUTH_FAILED");
    server
        .login("mallory", "the password of mallory")
        .await
        .refused(401, "AUTH_FAILED");
    server.login(JANE, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_verified_address_ends_its_other_registrations() {
    let server = TestServer::start().await;
    for name in ["one", "two", "three"] {
        server.register_at(JANE, name).await.expect(200);
    }
    let codes = server.codes_for(JANE).await;
    server.verify(JANE, &codes[1]).await.expect(200);
    assert!(server.stored("pending_users").await.is_empty());
    assert_eq!(server.stored("otp_codes").await.len(), 1); // The used code may be repeated (REG-5).
    assert_eq!(server.stored("identifiers").await.len(), 3);
    assert_eq!(server.accounts_stored().await, 1);
    server
        .register_at("other@example.org", "three")
        .await
        .expect(200);
}

#[tokio::test]
async fn each_mail_names_the_username_of_its_code() {
    let server = TestServer::start().await;
    server.register_at(JANE, "first-one").await.expect(200);
    assert!(server.mail_to(JANE).await.text.contains("first-one"));
    server.register_at(JANE, "second-one").await.expect(200);
    let mail = server.mail_to(JANE).await;
    assert!(mail.text.contains("second-one") && !mail.text.contains("first-one"));
    assert!(mail.html.contains("second-one"));
}

// RST-3
#[tokio::test]
async fn the_link_of_a_code_has_it_in_its_fragment_alone() {
    for require_token in [false, true] {
        let server = TestServer::start_with(|settings| {
            settings.config.registration.require_token = require_token;
        })
        .await;
        let email = "jane+clinic@example.org";
        let registered = server.register_at(email, "jane").await.expect(200);
        let mail = server.mail_to(email).await;
        let code = server.code_for(email).await;
        assert!(!mail.text.contains(&registered.text("registration_token")));
        let link = format!("/static/otp.html#email=jane%2Bclinic%40example.org&otp={code}\n");
        // Where the code alone proves nothing, the page could not use it (D2).
        assert_eq!(mail.text.contains(&link), !require_token, "{}", mail.text);
        assert_eq!(mail.html.contains("otp.html#"), !require_token);
    }
}

#[tokio::test]
async fn an_address_has_at_most_three_registrations() {
    let server = TestServer::start().await;
    for name in ["one", "two", "three"] {
        server.register_at(JANE, name).await.expect(200);
    }
    server
        .register_at("JANE@example.org", "four")
        .await
        .refused(409, "USER_EXISTS");
    assert_eq!(server.mails_to(JANE).await, 3);
    server
        .register_at("john@example.org", "four")
        .await
        .expect(200);
}

#[tokio::test]
async fn a_repeated_registration_is_refused() {
    let server = TestServer::start().await;
    server.register("jane").await.expect(200);
    server.register("jane").await.refused(409, "USER_EXISTS");
    let signup = json!({ "full_name": "Jo", "email": "jo@example.org", "password": PASSWORD });
    server
        .post("/auth/signup", signup.clone())
        .await
        .expect(200);
    server
        .post("/auth/signup", signup)
        .await
        .refused(409, "USER_EXISTS");
    assert_eq!(server.stored("pending_users").await.len(), 2);
    server
        .verify(JANE, &server.code_for(JANE).await)
        .await
        .expect(200);
}

#[tokio::test]
async fn a_registration_token_is_valid_for_one_registration() {
    let server = TestServer::start().await;
    let first = server
        .register_at(JANE, "one")
        .await
        .expect(200)
        .text("registration_token");
    let second = server
        .register_at(JANE, "two")
        .await
        .expect(200)
        .text("registration_token");
    let codes = server.codes_for(JANE).await;
    server
        .verify_with(&first, JANE, &codes[1])
        .await
        .refused(400, "OTP_ERROR");
    server
        .verify_with(&second, "other@example.org", &codes[1])
        .await
        .refused(400, "OTP_ERROR");
    server
        .verify_with("A", JANE, &codes[0])
        .await
        .refused(400, "OTP_ERROR");
    let attempts: Vec<_> = tries(&server).await;
    assert_eq!(attempts, [("one".into(), 1), ("two".into(), 0)]);
    let verified = server
        .verify_with(&first, JANE, &codes[0])
        .await
        .expect(200);
    assert_eq!(verified.text("username"), "one");
}

#[tokio::test]
async fn a_try_without_a_token_counts_for_all_codes_of_the_address() {
    let server = TestServer::start().await;
    server.register_at(JANE, "one").await.expect(200);
    server.register_at(JANE, "two").await.expect(200);
    server.register("john").await.expect(200);
    let codes = server.codes_for(JANE).await;
    let neither = (0..3)
        .map(|n| wrong_code(&codes[0], n))
        .find(|code| *code != codes[1]);
    server
        .verify(JANE, &neither.unwrap())
        .await
        .refused(400, "OTP_ERROR");
    assert_eq!(
        tries(&server).await,
        [("john".into(), 0), ("one".into(), 1), ("two".into(), 1)]
    );
}

#[tokio::test]
async fn the_registration_token_can_be_required() {
    let server =
        TestServer::start_with(|settings| settings.config.registration.require_token = true).await;
    let token = server
        .register("jane")
        .await
        .expect(200)
        .text("registration_token");
    let otp = server.code_for(JANE).await;
    let refused = server.verify(JANE, &otp).await;
    refused.refused(422, "VALIDATION_ERROR");
    assert_eq!(refused.validation_errors(), ["registration_token missing"]);
    server.verify_with(&token, JANE, &otp).await.expect(200);
}

#[tokio::test]
async fn new_codes_do_not_extend_their_registrations() {
    let server = TestServer::start().await;
    server.register_at(JANE, "one").await.expect(200);
    server.register_at(JANE, "two").await.expect(200);
    let old = server.codes_for(JANE).await;
    server.advance(Duration::minutes(25)).await;
    server.send_otp(JANE).await.expect(200);
    let codes = server.codes_for(JANE).await;
    assert_eq!(codes.len(), 4);
    server.verify(JANE, &old[0]).await.refused(400, "OTP_ERROR");
    assert!(server.mail_to(JANE).await.text.contains("5 minutes"));
    server.advance(Duration::minutes(5)).await;
    server
        .verify(JANE, &codes[3])
        .await
        .refused(400, "OTP_ERROR");
}

#[tokio::test]
async fn the_first_code_has_no_cooldown_but_an_hourly_limit() {
    let server = TestServer::start_with(|settings| {
        settings.config.otp.max_per_hour = 2;
    })
    .await;
    server.register_at(JANE, "one").await.expect(200);
    server.register_at(JANE, "two").await.expect(200);
    assert_eq!(server.mails_to(JANE).await, 2);
    server.register_at(JANE, "three").await.expect(200);
    assert_eq!(server.mails_to(JANE).await, 2);
}

#[tokio::test]
async fn a_repeated_verify_makes_no_second_account() {
    let server = TestServer::start().await; // REG-5
    let token = server
        .register("jane")
        .await
        .expect(200)
        .text("registration_token");
    let otp = server.code_for(JANE).await;
    server.verify(JANE, &otp).await.expect(200);
    for again in [
        server.verify(JANE, &otp).await,
        server.verify_with(&token, JANE, &otp).await,
    ] {
        again.expect(200);
    }
    assert_eq!(server.accounts_stored().await, 1);
    server.login("jane", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn an_account_without_identifiers_is_not_duplicated() {
    let server = TestServer::start().await; // The unique indexes prevent it (REG-2).
    let token = server
        .register("jane")
        .await
        .expect(200)
        .text("registration_token");
    let otp = server.code_for(JANE).await;
    let legacy =
        doc! { "user_id": "PAT00000001", "email": JANE, "username": "jane", "password_hash": "x" };
    server
        .app
        .store
        .raw("patients_v2")
        .insert_one(legacy)
        .await
        .unwrap();
    server
        .verify_with(&token, JANE, &otp)
        .await
        .refused(400, "OTP_ERROR");
    assert_eq!(server.accounts_stored().await, 1);
}

#[tokio::test]
async fn an_older_pending_row_does_not_block_a_registration() {
    let server = TestServer::start().await; // DB-6
    let soon = bson::DateTime::from_chrono(server.clock.now() + Duration::minutes(20));
    let legacy = doc! { "user_id": "PAT00000001", "email": JANE, "username": "jane", "otp": "1", "expires_at": soon };
    server
        .app
        .store
        .raw("pending_users")
        .insert_one(legacy)
        .await
        .unwrap();
    server.register("jane").await.expect(200);
    server.send_otp(JANE).await.expect(200);
    server
        .verify(JANE, &server.code_for(JANE).await)
        .await
        .expect(200);
}

#[tokio::test]
async fn in_debug_mode_the_code_is_in_the_answer_and_the_mail() {
    let server = TestServer::start_with(|settings| settings.config.service.debug = true).await;
    let registered = server.register("jane").await.expect(200).text("debug_otp");
    assert_eq!(registered, server.code_for(JANE).await);
    server.advance(Duration::minutes(1)).await;
    let renewed = server
        .post("/auth/generate-otp", json!({ "email": JANE }))
        .await
        .expect(200)
        .text("debug_otp");
    assert_eq!(renewed, server.code_for(JANE).await);
    server.verify(JANE, &renewed).await.expect(200);
    let reset = server.forgot(JANE).await.expect(200).text("debug_otp");
    assert_eq!(reset, server.code_for(JANE).await);
    for unknown in [
        server.send_otp("no@example.org").await,
        server.forgot("no@example.org").await,
    ] {
        assert!(unknown.expect(200).body.get("debug_otp").is_none());
    }
    let signup = json!({ "full_name": "Jo", "email": "jo@example.org", "password": PASSWORD });
    assert_eq!(
        server
            .post("/auth/signup", signup)
            .await
            .expect(200)
            .text("debug_otp")
            .len(),
        6
    );
}

/// The number of tries of each registration's code, with its username.
async fn tries(server: &TestServer) -> Vec<(String, i32)> {
    let mut tries = Vec::new();
    for pending in server.stored("pending_users").await {
        let id = format!("verification:{}", pending.get_str("user_id").unwrap());
        let codes = server.stored("otp_codes").await;
        let code = codes.iter().find(|code| code.get_str("_id").unwrap() == id);
        let count = code.map_or(0, |code| code.get_i32("attempts").unwrap());
        tries.push((pending.get_str("username").unwrap().to_owned(), count));
    }
    tries.sort();
    tries
}
