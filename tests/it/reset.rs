//! Forgotten passwords, by code and by link (RST-1 to RST-8).

use bson::doc;
use chrono::Duration;
use serde_json::json;

use crate::harness::{Answer, PASSWORD, TestServer, wrong_code};

pub(super) const JANE: &str = "jane@example.org";
pub(super) const NEW: &str = "another good passphrase";

/// Makes a patient and requests a reset. Returns the code and the token of the link.
pub(super) async fn request_reset(server: &TestServer) -> (String, String) {
    server.patient("jane").await;
    let answer = server.forgot(JANE).await.expect(200);
    assert!(answer.text("message").contains("Password reset OTP sent"));
    (
        server.code_for(JANE).await,
        server.link_token_for(JANE).await,
    )
}

#[tokio::test]
async fn a_code_or_a_link_sets_a_new_password_and_does_not_log_in() {
    for by_link in [false, true] {
        let server = TestServer::start().await; // RST-4
        let (otp, link) = request_reset(&server).await;
        let answer = if by_link {
            server.reset_by_link(&link, NEW).await
        } else {
            server.reset_by_code(JANE, &otp, NEW).await
        };
        assert!(answer.text("message").contains("reset successfully"));
        assert_eq!(
            (answer.status, answer.body.get("access_token")),
            (200, None)
        );
        server
            .login("jane", PASSWORD)
            .await
            .refused(401, "AUTH_FAILED");
        server.login("jane", NEW).await.expect(200);
    }
}

#[tokio::test]
async fn a_used_code_or_link_also_consumes_the_other() {
    for by_link in [false, true] {
        let server = TestServer::start().await; // RST-1
        let (otp, link) = request_reset(&server).await;
        let first = if by_link {
            server.reset_by_link(&link, NEW).await
        } else {
            server.reset_by_code(JANE, &otp, NEW).await
        };
        first.expect(200);
        server
            .reset_by_link(&link, PASSWORD)
            .await
            .refused(400, "OTP_ERROR");
        server
            .reset_by_code(JANE, &otp, PASSWORD)
            .await
            .refused(400, "OTP_ERROR");
        server.login("jane", NEW).await.expect(200);
    }
}

#[tokio::test]
async fn a_new_reset_request_revokes_the_older_code_and_link() {
    let server = TestServer::start().await; // RST-1
    let (otp, link) = request_reset(&server).await;
    server.advance(Duration::seconds(60)).await;
    server.forgot(JANE).await.expect(200);
    let newest = server.link_token_for(JANE).await;
    server
        .reset_by_link(&link, NEW)
        .await
        .refused(400, "OTP_ERROR");
    server
        .reset_by_code(JANE, &otp, NEW)
        .await
        .refused(400, "OTP_ERROR");
    server.reset_by_link(&newest, NEW).await.expect(200);
}

#[tokio::test]
async fn the_reset_link_is_valid_five_minutes_longer_than_the_code() {
    let server = TestServer::start().await; // RST-1
    let (otp, link) = request_reset(&server).await;
    server.advance(Duration::minutes(10)).await;
    server
        .reset_by_code(JANE, &otp, NEW)
        .await
        .refused(400, "OTP_ERROR");
    server.advance(Duration::milliseconds(299_999)).await;
    server.reset_by_link(&link, NEW).await.expect(200);

    server.forgot(JANE).await.expect(200);
    let link = server.link_token_for(JANE).await;
    server.advance(Duration::minutes(15)).await;
    server
        .reset_by_link(&link, PASSWORD)
        .await
        .refused(400, "OTP_ERROR");
}

#[tokio::test]
async fn a_link_has_256_bits_and_each_character_counts() {
    let server = TestServer::start().await; // RST-1
    let (_, link) = request_reset(&server).await;
    assert!(link.len() >= 43);
    for position in [0, link.len() / 2, link.len() - 1] {
        let mut other = link.clone().into_bytes();
        other[position] = if other[position] == b'A' { b'B' } else { b'A' };
        let other = String::from_utf8(other).unwrap();
        server
            .reset_by_link(&other, NEW)
            .await
            .refused(400, "OTP_ERROR");
    }
    server.reset_by_link(&link, NEW).await.expect(200);
}

#[tokio::test]
async fn the_link_is_built_only_from_the_configuration() {
    let server = TestServer::start_with(|settings| {
        settings.config.service.public_base_url = "https://clinic.example/id".to_owned();
    })
    .await; // RST-2
    server.patient("jane").await;
    let mut request = server
        .http
        .post(server.url("/auth/forgot-password"))
        .json(&json!({ "email": JANE }));
    for name in [
        "host",
        "x-forwarded-host",
        "x-forwarded-server",
        "x-original-url",
        "origin",
        "referer",
    ] {
        request = request.header(name, "evil.example");
    }
    let request = request
        .header("forwarded", "host=evil.example;proto=http")
        .header("x-forwarded-proto", "gopher");
    Answer::of(request).await.expect(200);
    let mail = server.mail_to(JANE).await;
    assert!(
        mail.text
            .contains("https://clinic.example/id/static/reset.html#token=")
    );
    assert!(!mail.text.contains("evil") && !mail.html.contains("evil"));
}

#[tokio::test]
async fn the_link_can_lead_to_the_clinics_own_page() {
    let server = TestServer::start_with(|settings| {
        settings.config.reset.page_url = Some("https://app.clinic.example/new-password".to_owned());
    })
    .await;
    request_reset(&server).await;
    let mail = server.mail_to(JANE).await;
    let (_, fragment) = mail
        .text
        .split_once("https://app.clinic.example/new-password#token=")
        .unwrap();
    assert!(!fragment.contains('&'), "{fragment}"); // Ours alone is told the address.
}

#[tokio::test]
async fn a_get_of_the_link_changes_nothing() {
    let server = TestServer::start().await; // Mail scanners follow links (RST-3).
    let (_, link) = request_reset(&server).await;
    let before = server.stored("otp_codes").await;
    for path in [
        format!("/static/reset.html?token={link}"),
        format!("/auth/reset-password?token={link}"),
    ] {
        server.get(&path).await;
    }
    assert_eq!(server.stored("otp_codes").await, before);
    server.reset_by_link(&link, NEW).await.expect(200);
}

#[tokio::test]
async fn a_reset_ends_every_session_on_every_instance() {
    let server = TestServer::start().await; // RST-4
    let (otp, _) = request_reset(&server).await;
    let one = server.login("jane", PASSWORD).await.expect(200);
    let two = server.login("jane", PASSWORD).await.expect(200);
    let elsewhere = server.another().await;
    elsewhere.get_as(&two.token(), "/auth/me").await.expect(200);
    server.reset_by_code(JANE, &otp, NEW).await.expect(200);
    elsewhere.read_revocations().await;
    server
        .get_as(&one.token(), "/auth/me")
        .await
        .refused(401, "SESSION_ERROR");
    elsewhere
        .get_as(&two.token(), "/auth/me")
        .await
        .refused(401, "SESSION_ERROR");
    for tokens in [one, two] {
        let body = json!({ "refresh_token": tokens.refresh_token() });
        server
            .post("/auth/refresh", body)
            .await
            .refused(401, "SESSION_ERROR");
    }
}

#[tokio::test]
async fn a_reset_clears_the_lockout_and_notifies_the_owner() {
    let server = TestServer::start().await; // RST-4, RST-6
    server.patient("jane").await;
    for _ in 0..5 {
        server
            .login("jane", "wrong password")
            .await
            .refused(401, "AUTH_FAILED");
    }
    server
        .login("jane", PASSWORD)
        .await
        .refused(429, "RATE_LIMIT");
    server.forgot(JANE).await.expect(200);
    let otp = server.code_for(JANE).await;
    server.reset_by_code(JANE, &otp, NEW).await.expect(200);
    server.login("jane", NEW).await.expect(200);
    assert_eq!(
        server
            .mails_with_subject(JANE, "Your password was reset")
            .await,
        1
    );
}

#[tokio::test]
async fn a_reset_request_does_not_change_the_account() {
    let server = TestServer::start().await; // RST-6
    let token = server.patient("jane").await.token();
    let before = server.stored("patients_v2").await;
    server.forgot("JANE@Example.org").await.expect(200);
    server.deliver().await;
    assert_eq!(server.stored("patients_v2").await, before);
    server.get_as(&token, "/auth/me").await.expect(200);
    server.login("jane", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn the_link_still_works_after_too_many_wrong_codes() {
    let server = TestServer::start().await; // RST-6
    let (otp, link) = request_reset(&server).await;
    for n in 0..5 {
        server
            .reset_by_code(JANE, &wrong_code(&otp, n), NEW)
            .await
            .refused(400, "OTP_ERROR");
    }
    server
        .reset_by_code(JANE, &otp, NEW)
        .await
        .refused(400, "OTP_ERROR");
    server.reset_by_link(&link, NEW).await.expect(200);
}

#[tokio::test]
async fn a_refused_password_consumes_neither_code_nor_link() {
    let server = TestServer::start().await; // RST-8
    let (otp, link) = request_reset(&server).await;
    for bad in ["short", "password123", "jane@example.org", "jane1234"] {
        for _ in 0..2 {
            let by_code = server.reset_by_code(JANE, &otp, bad).await;
            let by_link = server.reset_by_link(&link, bad).await;
            assert_eq!(
                by_code.refused(422, "VALIDATION_ERROR"),
                by_link.refused(422, "VALIDATION_ERROR")
            );
        }
    }
    let mismatch =
        json!({ "token": link, "new_password": NEW, "confirm_password": "something else" });
    let refused = server.post("/auth/reset-password", mismatch).await;
    assert_eq!(
        refused.validation_errors(),
        ["confirm_password password_mismatch"]
    );
    let codes = server.stored("otp_codes").await;
    let is_reset = |code: &&bson::Document| {
        code.get_str("type")
            .is_ok_and(|kind| kind == "password_reset")
    };
    let reset = codes.iter().find(is_reset).unwrap();
    assert_eq!(reset.get_i32("attempts").unwrap(), 0);
    server.reset_by_code(JANE, &otp, NEW).await.expect(200);
}

#[tokio::test]
async fn a_reset_takes_the_fields_of_exactly_one_form() {
    let server = TestServer::start().await;
    for (body, expected) in [
        (
            json!({ "new_password": NEW }),
            vec!["email missing", "otp missing"],
        ),
        (
            json!({ "email": JANE, "new_password": NEW }),
            vec!["otp missing"],
        ),
        (
            json!({ "token": "x", "new_password": NEW }),
            vec!["confirm_password missing"],
        ),
        (
            json!({ "token": "x", "email": JANE, "otp": "123456", "new_password": NEW }),
            vec!["token one_of"],
        ),
        (
            json!({ "token": { "$ne": "" }, "new_password": NEW, "confirm_password": NEW }),
            vec!["token type"],
        ),
        (
            json!({ "email": [JANE], "otp": "123456", "new_password": NEW }),
            vec!["email type"],
        ),
    ] {
        let answer = server.post("/auth/reset-password", body).await;
        answer.refused(422, "VALIDATION_ERROR");
        assert_eq!(answer.validation_errors(), expected);
    }
}

#[tokio::test]
async fn a_disabled_account_gets_no_reset_and_the_same_answer() {
    let server = TestServer::start().await; // ENUM-3
    let (otp, link) = request_reset(&server).await;
    server
        .change_stored("patients_v2", doc! {}, doc! { "status": "disabled" })
        .await;
    server
        .reset_by_code(JANE, &otp, NEW)
        .await
        .refused(400, "OTP_ERROR");
    server
        .reset_by_link(&link, NEW)
        .await
        .refused(400, "OTP_ERROR");
    let mails = server.mails_to(JANE).await;
    server.advance(Duration::minutes(2)).await;
    let disabled = server.forgot(JANE).await.expect(200);
    let unknown = server.forgot("nobody@example.org").await.expect(200);
    assert_eq!(
        (disabled.raw, server.mails_to(JANE).await),
        (unknown.raw, mails)
    );
}

#[tokio::test]
async fn a_reset_request_costs_the_same_writes_for_any_address() {
    let server = TestServer::start().await; // The one mail job is stored before an account is looked up (ENUM-3, D11).
    server.patient("jane").await;
    server.register("john").await.expect(200);
    server.deliver().await;
    for (n, email) in [JANE, "john@example.org", "nobody@example.org"]
        .into_iter()
        .enumerate()
    {
        server.forgot(email).await.expect(200);
        server.send_otp(email).await.expect(200);
        assert_eq!(server.stored("mail_outbox").await.len(), 2 * (n + 1));
    }
}

#[tokio::test]
async fn a_reset_request_does_not_shorten_an_invitation() {
    let server = TestServer::start().await;
    let (otp, _) = request_reset(&server).await;
    server
        .change_stored("patients_v2", doc! {}, doc! { "status": "invited" })
        .await;
    server.advance(Duration::minutes(2)).await;
    server.forgot(JANE).await.expect(200);
    let invitation = server.link_token_for(JANE).await;
    server
        .reset_by_code(JANE, &otp, NEW)
        .await
        .refused(400, "OTP_ERROR");
    server.advance(Duration::hours(71)).await;
    server.reset_by_link(&invitation, NEW).await.expect(200);
    server.login("jane", NEW).await.expect(200);
}
