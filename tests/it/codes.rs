//! One-time codes (OTP-3 to OTP-10): tries, limits and lifetimes. No answer reveals whether an address has a code.

use chrono::Duration;
use clinic_auth::config::Settings;
use serde_json::{Value, json};

use crate::harness::{PASSWORD, TestServer, wrong_code};

pub(super) const JANE: &str = "jane@example.org";
pub(super) const NEW: &str = "another good passphrase";

/// Removes the waiting time and the limits of code requests, for tests of the limits of tries.
pub(crate) fn without_request_limits(settings: &mut Settings) {
    let config = &mut settings.config;
    config.otp.cooldown_seconds = 0;
    config.otp.max_per_hour = 1000;
    config.otp.max_per_day = 1000;
    config.throttle.identity.otp_request_per_ip.limit = 1000;
    config.throttle.identity.register_per_email.limit = 1000;
}

#[tokio::test]
async fn the_sixth_try_is_refused_even_with_the_right_code() {
    let server = TestServer::start().await; // OTP-3
    let token = server
        .register("jane")
        .await
        .expect(200)
        .text("registration_token");
    let otp = server.code_for(JANE).await;
    for n in 0..5 {
        server
            .verify(JANE, &wrong_code(&otp, n))
            .await
            .refused(400, "OTP_ERROR");
    }
    server.verify(JANE, &otp).await.refused(400, "OTP_ERROR");
    server
        .verify_with(&token, JANE, &otp)
        .await
        .refused(400, "OTP_ERROR");
    assert_eq!(
        server.stored("otp_codes").await[0]
            .get_i32("attempts")
            .unwrap(),
        5
    );
}

#[tokio::test]
async fn the_fifth_try_can_still_succeed() {
    let server = TestServer::start().await; // OTP-3
    server.register("jane").await.expect(200);
    let otp = server.code_for(JANE).await;
    for n in 0..4 {
        server
            .verify(JANE, &wrong_code(&otp, n))
            .await
            .refused(400, "OTP_ERROR");
    }
    server.verify(JANE, &otp).await.expect(200);
}

#[tokio::test]
async fn the_code_path_opens_again_after_a_day() {
    let server = TestServer::start_with(without_request_limits).await; // OTP-4
    server.patient("jane").await;
    spend_the_day(&server).await;
    server.advance(Duration::hours(24)).await;
    server.forgot(JANE).await.expect(200);
    let otp = server.code_for(JANE).await;
    server.reset_by_code(JANE, &otp, NEW).await.expect(200);
}

#[tokio::test]
async fn wrong_codes_of_strangers_do_not_lock_a_registration_token() {
    let server = TestServer::start_with(without_request_limits).await; // OTP-4, D2
    let token = server
        .register("jane")
        .await
        .expect(200)
        .text("registration_token");
    for _ in 0..4 {
        server.send_otp(JANE).await.expect(200);
        let otp = server.code_for(JANE).await;
        for n in 0..5 {
            server
                .verify(JANE, &wrong_code(&otp, n))
                .await
                .refused(400, "OTP_ERROR");
        }
    }
    server.send_otp(JANE).await.expect(200);
    let otp = server.code_for(JANE).await;
    server.verify(JANE, &otp).await.refused(400, "OTP_ERROR");
    server.verify_with(&token, JANE, &otp).await.expect(200);
}

#[tokio::test]
async fn a_right_code_does_not_count_as_a_wrong_one() {
    let server = TestServer::start_with(|settings| {
        without_request_limits(settings);
        settings.config.otp.max_failures_per_day = 1;
    })
    .await; // OTP-4
    server.patient("jane").await;
    for password in [NEW, PASSWORD, NEW] {
        server.forgot(JANE).await.expect(200);
        let otp = server.code_for(JANE).await;
        server.reset_by_code(JANE, &otp, password).await.expect(200);
    }
}

#[tokio::test]
async fn a_new_code_makes_the_older_one_invalid() {
    let server = TestServer::start().await; // OTP-6
    server.register("jane").await.expect(200);
    let old = server.code_for(JANE).await;
    server.advance(Duration::seconds(60)).await;
    server.send_otp(JANE).await.expect(200);
    let new = server.code_for(JANE).await;
    server.verify(JANE, &old).await.refused(400, "OTP_ERROR");
    server.verify(JANE, &new).await.expect(200);
}

#[tokio::test]
async fn a_minute_must_pass_between_two_codes_of_an_address() {
    let server = TestServer::start().await; // OTP-7
    server.patient("jane").await;
    server.register("john").await.expect(200);
    server.forgot(JANE).await.expect(200);
    let sent = [
        server.mails_to(JANE).await,
        server.mails_to("john@example.org").await,
    ];
    server.advance(Duration::seconds(59)).await;
    let within = [
        server.send_otp("JOHN@example.org").await,
        server.forgot("JANE@example.org").await,
    ];
    assert_eq!(
        [
            server.mails_to(JANE).await,
            server.mails_to("john@example.org").await
        ],
        sent
    );
    server.advance(Duration::seconds(1)).await;
    let after = [
        server.send_otp("john@example.org").await,
        server.forgot(JANE).await,
    ];
    assert_eq!(
        [
            server.mails_to(JANE).await,
            server.mails_to("john@example.org").await
        ],
        sent.map(|n| n + 1)
    );
    assert_eq!(
        within.map(|answer| answer.expect(200).raw),
        after.map(|answer| answer.expect(200).raw)
    );
}

#[tokio::test]
async fn an_address_gets_five_codes_an_hour_and_twenty_a_day() {
    let server = TestServer::start().await; // OTP-7
    server.patient("jane").await;
    let verification = server.mails_to(JANE).await;
    let mut sent = Vec::new();
    for _ in 0..6 {
        for _ in 0..6 {
            server.forgot(JANE).await.expect(200);
            server.deliver().await;
            server.advance(Duration::seconds(60)).await;
        }
        sent.push(server.mails_to(JANE).await - verification);
        server.advance(Duration::hours(1)).await;
    }
    assert_eq!(sent, [5, 10, 15, 20, 20, 20]);
    server.advance(Duration::hours(24)).await;
    server.forgot(JANE).await.expect(200);
    assert_eq!(server.mails_to(JANE).await - verification, 21);
}

#[tokio::test]
async fn code_requests_are_limited_by_caller() {
    let server = TestServer::start_with(|settings| {
        settings.config.throttle.identity.otp_request_per_ip.limit = 2;
    })
    .await; // OTP-7, ENUM-5
    server.patient("jane").await;
    server.forgot(JANE).await.expect(200);
    server.send_otp("nobody@example.org").await.expect(200);
    for email in [JANE, "nobody@example.org"] {
        let answer = server.forgot(email).await;
        answer.refused(429, "RATE_LIMIT");
        assert_eq!(answer.headers["retry-after"], "3600");
    }
}

#[tokio::test]
async fn a_code_is_for_one_purpose_and_one_subject() {
    let server = TestServer::start().await; // OTP-8
    server.patient("jane").await;
    server.patient("jack").await;
    server.register("john").await.expect(200);
    let verification = server.code_for("john@example.org").await;
    server.forgot(JANE).await.expect(200);
    let reset = server.code_for(JANE).await;
    server.verify(JANE, &reset).await.refused(400, "OTP_ERROR");
    server
        .reset_by_code("john@example.org", &verification, NEW)
        .await
        .refused(400, "OTP_ERROR");
    server
        .reset_by_code("jack@example.org", &reset, NEW)
        .await
        .refused(400, "OTP_ERROR");
    server
        .verify("jack@example.org", &verification)
        .await
        .refused(400, "OTP_ERROR");
    server
        .verify("john@example.org", &verification)
        .await
        .expect(200);
    server.reset_by_code(JANE, &reset, NEW).await.expect(200);
}

#[tokio::test]
async fn a_code_expires_after_ten_minutes() {
    let server = TestServer::start().await; // OTP-9
    server.register("jane").await.expect(200);
    server.register("john").await.expect(200);
    let (jane, john) = (
        server.code_for(JANE).await,
        server.code_for("john@example.org").await,
    );
    server.advance(Duration::milliseconds(599_999)).await;
    server.verify(JANE, &jane).await.expect(200);
    server.advance(Duration::milliseconds(1)).await;
    server
        .verify("john@example.org", &john)
        .await
        .refused(400, "OTP_ERROR");
}

#[tokio::test]
async fn an_expired_code_is_refused_before_it_is_deleted() {
    for field in ["expires_at", "code_expires_at"] {
        let server = TestServer::start().await; // OTP-9
        server.patient("jane").await;
        server.register("john").await.expect(200);
        server.forgot(JANE).await.expect(200);
        let (reset, verification) = (
            server.code_for(JANE).await,
            server.code_for("john@example.org").await,
        );
        server.expire_stored("otp_codes", field).await;
        server
            .reset_by_code(JANE, &reset, NEW)
            .await
            .refused(400, "OTP_ERROR");
        server
            .verify("john@example.org", &verification)
            .await
            .refused(400, "OTP_ERROR");
    }
}

#[tokio::test]
async fn setting_the_clock_back_does_not_revive_a_used_code() {
    let server = TestServer::start().await; // TIME-1
    server.patient("jane").await;
    server.forgot(JANE).await.expect(200);
    let otp = server.code_for(JANE).await;
    server.reset_by_code(JANE, &otp, NEW).await.expect(200);
    server.advance(Duration::hours(-1)).await;
    server
        .reset_by_code(JANE, &otp, PASSWORD)
        .await
        .refused(400, "OTP_ERROR");
}

#[tokio::test]
async fn spaces_and_a_dash_in_a_code_are_accepted() {
    let server = TestServer::start().await; // OTP-10
    for (name, separator) in [("jane", "-"), ("john", " "), ("jack", " - ")] {
        server.register(name).await.expect(200);
        let email = format!("{name}@example.org");
        let otp = server.code_for(&email).await;
        let typed = format!(" {}{separator}{} ", &otp[..3], &otp[3..]);
        server.verify(&email, &typed).await.expect(200);
    }
}

#[tokio::test]
async fn a_code_is_a_text_of_ascii_digits() {
    let server = TestServer::start().await; // OTP-10, INJ-1
    server.register("jane").await.expect(200);
    let otp = server.code_for(JANE).await;
    let arabic: String = otp
        .bytes()
        .map(|b| char::from_u32(0x660 + u32::from(b - b'0')).unwrap())
        .collect();
    server.verify(JANE, &arabic).await.refused(400, "OTP_ERROR");
    let number: u32 = otp.parse().unwrap();
    for value in [
        json!(number),
        json!({ "$ne": "" }),
        json!([otp]),
        Value::Null,
        json!(true),
    ] {
        let answer = server
            .post("/auth/verify-otp", json!({ "email": JANE, "otp": value }))
            .await;
        answer.refused(422, "VALIDATION_ERROR");
    }
    server.verify(JANE, &otp).await.expect(200);
}

#[tokio::test]
async fn every_failure_gets_the_same_answer() {
    let server = TestServer::start().await; // ENUM-4
    server.patient("used").await;
    for name in ["wrong", "expired"] {
        server.register(name).await.expect(200);
    }
    let (wrong, expired) = (
        server.code_for("wrong@example.org").await,
        server.code_for("expired@example.org").await,
    );
    let mut answers = vec![
        server.verify("nobody@example.org", "123456").await,
        server.verify("used@example.org", "123456").await,
        server.verify("wrong@example.org", "12345").await,
        server.verify_with("x", "wrong@example.org", &wrong).await,
    ];
    for n in 0..6 {
        answers.push(
            server
                .verify("wrong@example.org", &wrong_code(&wrong, n))
                .await,
        );
        answers.push(
            server
                .reset_by_code("used@example.org", &wrong_code(&wrong, n), NEW)
                .await,
        );
    }
    server.advance(Duration::minutes(11)).await;
    answers.push(server.verify("expired@example.org", &expired).await);
    let without_account = server.reset_by_code("nobody@example.org", "123456", NEW);
    answers.push(without_account.await);
    answers.push(server.reset_by_link(&"A".repeat(58), NEW).await);
    for answer in &answers {
        assert_eq!(answer.refused(400, "OTP_ERROR"), "Invalid or expired OTP");
        assert_eq!(answer.raw.len(), answers[0].raw.len());
        assert!(answer.headers.keys().eq(answers[0].headers.keys()));
    }
}

/// Uses up the twenty wrong tries of a day at jane's reset, and makes one more.
pub(super) async fn spend_the_day(server: &TestServer) {
    for tries in [5, 5, 5, 5, 1] {
        server.forgot(JANE).await.expect(200);
        let otp = server.code_for(JANE).await;
        for n in 0..tries {
            server
                .reset_by_code(JANE, &wrong_code(&otp, n), NEW)
                .await
                .refused(400, "OTP_ERROR");
        }
    }
}
