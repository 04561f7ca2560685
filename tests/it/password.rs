//! The rules for new passwords, the same in every operation, and the change of the caller's own password (PW-1 to
//! PW-7).

use serde_json::{Value, json};

use crate::harness::{Answer, PASSWORD, TestServer, registration_with};

const EMAIL: &str = "margarethe@example.org";

/// The operations that set a password.
const WAYS: [&str; 4] = ["register", "code", "link", "change"];

/// A server with the patient Margarethe, who has requested a reset, and her access token.
async fn margarethe() -> (TestServer, String) {
    let server = TestServer::start_with(|settings| {
        let throttle = &mut settings.config.throttle.identity;
        throttle.change_password_per_account.limit = 100;
        throttle.register_per_email.limit = 100;
    })
    .await;
    let token = server.patient("margarethe").await.token();
    server.forgot(EMAIL).await.expect(200);
    server.deliver().await;
    (server, token)
}

/// Margarethe chooses the password `new` by one of the `WAYS`. She registers under a second username and address.
async fn choose(server: &TestServer, token: &str, way: &str, new: &str) -> Answer {
    match way {
        "register" => {
            let mut body = registration_with("margarethe-2", "password", json!(new));
            body["email"] = json!("margarethe@example.net");
            server.post("/auth/register", body).await
        }
        "code" => {
            server
                .reset_by_code(EMAIL, &server.code_for(EMAIL).await, new)
                .await
        }
        "link" => {
            server
                .reset_by_link(&server.link_token_for(EMAIL).await, new)
                .await
        }
        _ => server.change_password(token, PASSWORD, new).await,
    }
}

#[tokio::test]
async fn bad_passwords_are_refused_alike_in_every_operation() {
    let (server, token) = margarethe().await; // PW-1, PW-2, PW-5, PW-6
    let long = "\u{1fa7a}".repeat(129);
    for (bad, kind) in [
        ("zmxnqwv", "password_too_short"),
        (
            "e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}",
            "password_too_short",
        ),
        ("", "password_too_short"),
        (long.as_str(), "password_too_long"),
        ("password123", "password_common"),
        ("QwertyUiop", "password_common"),
        ("margarethe1", "password_contains_identity"),
        ("Margarethe", "password_contains_identity"),
        ("margarethe@example.org", "password_contains_identity"),
        ("JaneDoe1", "password_contains_identity"),
        ("41790000000", "password_contains_identity"),
        ("clinic-auth", "password_contains_identity"),
    ] {
        for way in WAYS
            .iter()
            .filter(|way| **way != "register" || bad != EMAIL)
        {
            let answer = choose(&server, &token, way, bad).await;
            answer.refused(422, "VALIDATION_ERROR");
            let field = if *way == "register" {
                "password"
            } else {
                "new_password"
            };
            assert_eq!(
                answer.validation_errors(),
                [format!("{field} {kind}")],
                "{way} {bad}"
            );
        }
    }
    server.login("margarethe", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn good_passwords_are_accepted_in_every_operation() {
    for (n, good) in [
        "zmxnqwvy".to_owned(),
        "\u{1fa7a}".repeat(8),
        "x y".repeat(21) + "z",
        "\u{1fa7a}\u{1f691}".repeat(64),
        "securepass123".to_owned(),
        "doctorpass123".to_owned(),
    ]
    .into_iter()
    .enumerate()
    {
        let (server, token) = margarethe().await; // PW-1, PW-2, PW-5
        let way = WAYS[n % 4];
        choose(&server, &token, way, &good).await.expect(200);
        if way != "register" {
            server.login("margarethe", &good).await.expect(200);
        }
    }
}

#[tokio::test]
async fn an_oversized_password_is_never_hashed() {
    let server = TestServer::start().await; // PW-2
    let before = server.app.hasher.hashes_done();
    for (length, status) in [(129, 422), (60_000, 422), (1_000_000, 413)] {
        let body = registration_with("jane", "password", json!("x".repeat(length)));
        assert_eq!(server.post("/auth/register", body).await.status, status);
    }
    assert_eq!(server.app.hasher.hashes_done(), before);
}

#[tokio::test]
async fn every_byte_of_a_password_counts() {
    let server = TestServer::start().await; // PW-3
    for (name, right, wrong) in [
        ("jane", "a".repeat(72) + "x", "a".repeat(72) + "y"),
        ("john", "a".repeat(127) + "x", "a".repeat(127) + "y"),
        ("jack", "passage\0one".to_owned(), "passage\0two".to_owned()),
        ("jill", "passage \0".to_owned(), "passage ".to_owned()),
    ] {
        with_password(&server, name, &right).await;
        server.login(name, &wrong).await.refused(401, "AUTH_FAILED");
        server.login(name, &right).await.expect(200);
    }
}

#[tokio::test]
async fn a_password_is_only_normalized_to_nfc() {
    let server = TestServer::start().await; // PW-4, D4
    with_password(&server, "jane", "  R\u{e9}sum\u{e9} \u{65e5}\u{672c}  ").await;
    server
        .login("jane", "  Re\u{301}sume\u{301} \u{65e5}\u{672c}  ")
        .await
        .expect(200);
    for wrong in [
        "R\u{e9}sum\u{e9} \u{65e5}\u{672c}",
        "  r\u{e9}sum\u{e9} \u{65e5}\u{672c}  ",
        "  Resume \u{65e5}\u{672c}  ",
    ] {
        server
            .login("jane", wrong)
            .await
            .refused(401, "AUTH_FAILED");
    }
}

#[tokio::test]
async fn equal_passwords_have_different_hashes_of_the_configured_cost() {
    let server = TestServer::start().await; // HASH-1
    server.patient("jane").await;
    server.patient("john").await;
    let rows = server.stored("patients_v2").await;
    let hashes: Vec<_> = rows
        .iter()
        .map(|row| row.get_str("password_hash").unwrap())
        .collect();
    assert!(
        hashes
            .iter()
            .all(|hash| hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"))
    );
    assert_ne!(hashes[0], hashes[1]);
}

#[tokio::test]
async fn a_password_can_require_an_upper_case_letter_and_a_digit() {
    let server =
        TestServer::start_with(|settings| settings.config.password.require_upper_and_digit = true)
            .await;
    let refused = server.register("jane").await;
    assert_eq!(
        refused.validation_errors(),
        ["password password_composition"]
    );
    let body = registration_with("jane", "password", json!("Correct horse battery 1"));
    server.post("/auth/register", body).await.expect(200);
}

#[tokio::test]
async fn a_change_needs_the_current_password_and_a_live_session() {
    let server = TestServer::start().await; // PW-7
    let token = server.patient("jane").await.token();
    let new = "another good passphrase";
    for wrong in ["not my password", "", "Correct horse battery"] {
        server
            .change_password(&token, wrong, new)
            .await
            .refused(401, "AUTH_FAILED");
    }
    for body in [
        json!({ "new_password": new }),
        json!({ "current_password": Value::Null, "new_password": new }),
    ] {
        server
            .post_as(&token, "/auth/change-password", body)
            .await
            .refused(422, "VALIDATION_ERROR");
    }
    server
        .change_password("no token", PASSWORD, new)
        .await
        .refused(401, "AUTH_FAILED");
    server.call_as(&token, "/auth/logout").await.expect(200);
    server
        .change_password(&token, PASSWORD, new)
        .await
        .refused(401, "SESSION_ERROR");
    server.login("jane", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_change_ends_other_sessions_and_notifies_the_owner() {
    let server = TestServer::start().await; // PW-7
    let email = "jane@example.org";
    let own = server.patient("jane").await.token();
    let other = server.login("jane", PASSWORD).await.expect(200);
    server
        .change_password(&own, PASSWORD, "another good passphrase")
        .await
        .expect(200);
    server.get_as(&own, "/auth/me").await.expect(200);
    server
        .get_as(&other.token(), "/auth/me")
        .await
        .refused(401, "SESSION_ERROR");
    let refresh = json!({ "refresh_token": other.refresh_token() });
    server
        .post("/auth/refresh", refresh)
        .await
        .refused(401, "SESSION_ERROR");
    assert_eq!(
        server
            .mails_with_subject(email, "Your password was changed")
            .await,
        1
    );
    server
        .login("jane", PASSWORD)
        .await
        .refused(401, "AUTH_FAILED");
    server
        .login("jane", "another good passphrase")
        .await
        .expect(200);
}

#[tokio::test]
async fn a_password_change_revokes_a_pending_reset() {
    let (server, token) = margarethe().await;
    let (otp, link) = (
        server.code_for(EMAIL).await,
        server.link_token_for(EMAIL).await,
    );
    server
        .change_password(&token, PASSWORD, "another good passphrase")
        .await
        .expect(200);
    server
        .reset_by_code(EMAIL, &otp, "a third good passphrase")
        .await
        .refused(400, "OTP_ERROR");
    server
        .reset_by_link(&link, "a third good passphrase")
        .await
        .refused(400, "OTP_ERROR");
}

#[tokio::test]
async fn wrong_current_passwords_lock_the_account_like_logins() {
    let server = TestServer::start().await; // LCK-5
    let token = server.patient("jane").await.token();
    for _ in 0..5 {
        server
            .change_password(&token, "not my password", "another good passphrase")
            .await
            .refused(401, "AUTH_FAILED");
    }
    let locked = server
        .change_password(&token, PASSWORD, "another good passphrase")
        .await;
    locked.refused(429, "RATE_LIMIT");
    assert_eq!(locked.headers["retry-after"], "60");
    server
        .login("jane", PASSWORD)
        .await
        .refused(429, "RATE_LIMIT");
    server.get_as(&token, "/auth/me").await.expect(200); // LCK-4
}

async fn with_password(server: &TestServer, name: &str, password: &str) {
    let body = registration_with(name, "password", json!(password));
    server.post("/auth/register", body).await.expect(200);
    let email = format!("{name}@example.org");
    let otp = server.code_for(&email).await;
    server.verify(&email, &otp).await.expect(200);
}
