//! The time of a request is the time of its last byte, so that a client gains nothing by sending slowly (TIME-2).

use chrono::Duration;
use clinic_auth::config::Settings;
use kernel::clock::rfc3339;
use serde_json::json;

use crate::harness::{PASSWORD, TestServer};

/// The time for which a client can withhold a byte, within the time limit of a request.
const SLOW: Duration = Duration::seconds(28);

async fn pass_slow_time(server: &TestServer) {
    server.advance(SLOW).await;
}

// TIME-2, LCK-1
#[tokio::test]
async fn a_slow_last_failure_does_not_shorten_a_lock() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    for _ in 0..4 {
        server.login("jane", "wrong").await.expect(401);
    }
    let wrong = json!({ "username": "jane", "password": "wrong" });
    let fifth = server.send_partially("/auth/login", &wrong).await;
    pass_slow_time(&server).await;
    assert_eq!(fifth.finish().await.code(), "AUTH_FAILED");
    let locked = server.login("jane", PASSWORD).await.expect(429);
    assert_eq!(locked.body["error"]["details"]["retry_after"], 60);
    server.advance(Duration::seconds(59)).await;
    server.login("jane", PASSWORD).await.expect(429);
    server.advance(Duration::seconds(1)).await;
    server.login("jane", PASSWORD).await.expect(200);
}

/// Access tokens that are valid longer than the session, so that the session decides.
fn long_access_tokens(settings: &mut Settings) {
    settings.config.sessions.idle_minutes.doctor = 60;
    settings.config.jwt.expire_minutes = 43_200;
}

// TIME-2, SES-3
#[tokio::test]
async fn a_slow_request_does_not_revive_an_idle_session() {
    let server = TestServer::start_with(long_access_tokens).await;
    let tokens = server.doctor("house").await;
    server
        .advance(Duration::minutes(60) - Duration::seconds(1))
        .await;
    let name = json!({ "first_name": "Greg" });
    let request = server
        .send_partially_as(&tokens.token(), "PATCH", "/auth/me", &name)
        .await;
    let body = json!({ "refresh_token": tokens.refresh_token() });
    let refresh = server.send_partially("/auth/refresh", &body).await;
    pass_slow_time(&server).await;
    assert_eq!(request.finish().await.code(), "SESSION_ERROR");
    assert_eq!(refresh.finish().await.code(), "SESSION_ERROR");
    let me = server.get_as(&tokens.token(), "/auth/me").await;
    me.refused(401, "SESSION_ERROR");
}

// TIME-2, JWT-5
#[tokio::test]
async fn a_slow_body_does_not_extend_an_access_token() {
    let server = TestServer::start().await;
    let tokens = server.patient("jane").await;
    server.advance(Duration::minutes(30)).await;
    let body = json!({ "token": tokens.token() });
    let request = server.send_partially("/auth/validate-token", &body).await;
    pass_slow_time(&server).await;
    assert_eq!(request.finish().await.code(), "AUTH_FAILED");
}

// TIME-2, OTP-9
#[tokio::test]
async fn a_slow_body_does_not_extend_a_code() {
    let server = TestServer::start().await;
    let registered = server.register("jane").await.expect(200);
    let otp = server.code_for("jane@example.org").await;
    server
        .advance(Duration::minutes(10) - Duration::seconds(1))
        .await;
    let token = registered.text("registration_token");
    let proof = json!({ "email": "jane@example.org", "otp": otp, "registration_token": token });
    let request = server.send_partially("/auth/verify-otp", &proof).await;
    pass_slow_time(&server).await;
    assert_eq!(request.finish().await.code(), "OTP_ERROR");
}

// TIME-2, AUD-1
#[tokio::test]
async fn records_and_answers_have_the_time_of_the_last_byte() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    let began = server.clock.now();
    let right = json!({ "username": "jane", "password": PASSWORD });
    let wrong = json!({ "username": "jane", "password": "wrong" });
    let (right, wrong) = (
        server.send_partially("/auth/login", &right).await,
        server.send_partially("/auth/login", &wrong).await,
    );
    pass_slow_time(&server).await;
    let wrong = wrong.finish().await;
    let session = right.finish().await.json()["session_id"].clone();
    let now = began + SLOW;
    assert_eq!(wrong.json()["error"]["timestamp"], rfc3339(now));
    let row = server.stored_session(session.as_str().unwrap()).await;
    assert_eq!(row.get_datetime("login_time").unwrap().to_chrono(), now);
    let records = server.stored("audit_log").await;
    let logins: Vec<_> = records
        .iter()
        .filter(|record| {
            record
                .get_str("action")
                .is_ok_and(|action| action == "login")
        })
        .map(|record| record.get_datetime("at").unwrap().to_chrono())
        .collect();
    assert_eq!(logins, [now, now]);
}

// A cached session may answer only if the revocations were read a moment before the last byte of the request, so a
// slow body gains nothing (TIME-2, D10).
#[tokio::test]
async fn a_slow_body_does_not_keep_a_revoked_session_alive() {
    let server = TestServer::start().await;
    let other = server.another().await;
    let tokens = server.patient("jane").await;
    other.get_as(&tokens.token(), "/auth/me").await.expect(200);
    let body = json!({ "token": tokens.token() });
    let request = other.send_partially("/auth/validate-token", &body).await;
    server
        .call_as(&tokens.token(), "/auth/logout")
        .await
        .expect(200);
    server.clock.advance(Duration::seconds(22)); // The other instance reads no revocations meanwhile.
    assert_eq!(request.finish().await.code(), "SESSION_ERROR");
}

// The answer to an incomplete request has the time of the answer (TIME-2).
#[tokio::test]
async fn a_request_timeout_has_the_time_of_the_refusal() {
    let server = TestServer::start_with(|settings| {
        settings.config.service.request_timeout_seconds = 1;
    })
    .await;
    let body = json!({ "username": "jane" });
    let request = server.send_partially("/auth/login", &body).await;
    pass_slow_time(&server).await;
    let refused = request.read_answer().await;
    assert_eq!(refused.code(), "REQUEST_TIMEOUT");
    assert_eq!(
        refused.json()["error"]["timestamp"],
        rfc3339(server.clock.now())
    );
}
