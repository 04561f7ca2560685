//! The moment of a request is that of its last byte, so that nobody wins time by sending slowly (TIME-2).

use chrono::Duration;
use clinic_auth::{clock::rfc3339, config::Settings};
use serde_json::json;

use crate::harness::{PASSWORD, TestServer};

/// What a client can withhold a byte for, within the time limit of a request.
const SLOW: Duration = Duration::seconds(28);

async fn slowly(server: &TestServer) {
    server.advance(SLOW).await;
}

// TIME-2, LCK-1
#[tokio::test]
async fn a_lock_is_not_shorter_when_the_last_failure_was_sent_slowly() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    for _ in 0..4 {
        server.login("jane", "wrong").await.expect(401);
    }
    let wrong = json!({ "username": "jane", "password": "wrong" });
    let fifth = server.withhold("/auth/login", &wrong).await;
    slowly(&server).await;
    assert_eq!(fifth.finish().await.code(), "AUTH_FAILED");
    let locked = server.login("jane", PASSWORD).await.expect(429);
    assert_eq!(locked.body["error"]["details"]["retry_after"], 60);
    server.advance(Duration::seconds(59)).await;
    server.login("jane", PASSWORD).await.expect(429);
    server.advance(Duration::seconds(1)).await;
    server.login("jane", PASSWORD).await.expect(200);
}

/// Access tokens that outlive every session, so that the session decides.
fn an_hour(settings: &mut Settings) {
    settings.config.sessions.idle_minutes.doctor = 60;
    settings.config.jwt.expire_minutes = 43_200;
}

// TIME-2, SES-3
#[tokio::test]
async fn a_request_that_is_sent_slowly_does_not_revive_an_idle_session() {
    let server = TestServer::start_with(an_hour).await;
    let tokens = server.doctor("house").await;
    server
        .advance(Duration::minutes(60) - Duration::seconds(1))
        .await;
    let name = json!({ "first_name": "Greg" });
    let request = server
        .withhold_as(&tokens.token(), "PATCH", "/auth/me", &name)
        .await;
    let body = json!({ "refresh_token": tokens.refresh_token() });
    let refresh = server.withhold("/auth/refresh", &body).await;
    slowly(&server).await;
    assert_eq!(request.finish().await.code(), "SESSION_ERROR");
    assert_eq!(refresh.finish().await.code(), "SESSION_ERROR");
    let me = server.get_as(&tokens.token(), "/auth/me").await;
    me.refused(401, "SESSION_ERROR");
}

// TIME-2, JWT-5
#[tokio::test]
async fn an_access_token_does_not_outlive_its_end_by_a_slow_body() {
    let server = TestServer::start().await;
    let tokens = server.patient("jane").await;
    server.advance(Duration::minutes(30)).await;
    let body = json!({ "token": tokens.token() });
    let request = server.withhold("/auth/validate-token", &body).await;
    slowly(&server).await;
    assert_eq!(request.finish().await.code(), "AUTH_FAILED");
}

// TIME-2, OTP-9
#[tokio::test]
async fn a_code_is_not_accepted_past_its_life_however_slowly_it_is_sent() {
    let server = TestServer::start().await;
    let registered = server.register("jane").await.expect(200);
    let otp = server.code_for("jane@example.org").await;
    server
        .advance(Duration::minutes(10) - Duration::seconds(1))
        .await;
    let token = registered.text("registration_token");
    let proof = json!({ "email": "jane@example.org", "otp": otp, "registration_token": token });
    let request = server.withhold("/auth/verify-otp", &proof).await;
    slowly(&server).await;
    assert_eq!(request.finish().await.code(), "OTP_ERROR");
}

// TIME-2, AUD-1
#[tokio::test]
async fn records_and_answers_bear_the_time_of_the_last_byte() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    let began = server.clock.now();
    let right = json!({ "username": "jane", "password": PASSWORD });
    let wrong = json!({ "username": "jane", "password": "wrong" });
    let (right, wrong) = (
        server.withhold("/auth/login", &right).await,
        server.withhold("/auth/login", &wrong).await,
    );
    slowly(&server).await;
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

// TIME-2, D10: memory may answer only while the feed was read a moment ago, by a clock that nobody holds up.
#[tokio::test]
async fn a_slow_body_does_not_carry_a_revoked_session_through_an_outage() {
    let server = TestServer::start().await;
    let other = server.another().await;
    let tokens = server.patient("jane").await;
    other.get_as(&tokens.token(), "/auth/me").await.expect(200);
    let body = json!({ "token": tokens.token() });
    let request = other.withhold("/auth/validate-token", &body).await;
    server
        .call_as(&tokens.token(), "/auth/logout")
        .await
        .expect(200);
    server.clock.advance(Duration::seconds(22)); // In which the other instance reads no feed.
    assert_eq!(request.finish().await.code(), "SESSION_ERROR");
}

// TIME-2: an answer without a whole request has the time at which it was given.
#[tokio::test]
async fn a_body_that_never_ends_is_refused_with_the_time_of_the_refusal() {
    let server = TestServer::start_with(|settings| {
        settings.config.service.request_timeout_seconds = 1;
    })
    .await;
    let body = json!({ "username": "jane" });
    let request = server.withhold("/auth/login", &body).await;
    slowly(&server).await;
    let refused = request.given_up().await;
    assert_eq!(refused.code(), "REQUEST_TIMEOUT");
    assert_eq!(
        refused.json()["error"]["timestamp"],
        rfc3339(server.clock.now())
    );
}
