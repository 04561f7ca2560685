//! Tests of instances with clocks that differ by half a minute, and of a clock that is set back (TIME-1).

use std::sync::Arc;

use chrono::Duration;
use kernel::clock::Clock;
use serde_json::json;

use crate::harness::{PASSWORD, TestServer, registration};

/// Two instances on one database. The clock of the second is `seconds` ahead of the first.
pub(crate) async fn instances_apart(seconds: i64) -> (TestServer, TestServer) {
    let one = TestServer::start().await;
    let clock = Clock::manual();
    clock.advance(one.clock.now() - clock.now() + Duration::seconds(seconds));
    let (database, mails) = (Arc::clone(&one.database), one.mails.clone());
    let other = TestServer::start_on(database, clock, mails, |_| {}).await;
    (one, other)
}

/// Goes through the main journey, and changes between the two instances.
async fn check_main_journey(one: &TestServer, other: &TestServer) {
    one.register("jane").await.expect(200);
    let otp = one.code_for("jane@example.org").await;
    let proof = json!({ "email": "jane@example.org", "otp": otp });
    let verified = other.post("/auth/verify-otp", proof).await.expect(200);
    one.get_as(&verified.token(), "/users/me").await.expect(200);
    let login = one.login("jane", PASSWORD).await.expect(200);
    other.get_as(&login.token(), "/users/me").await.expect(200);
    let body = json!({ "refresh_token": login.refresh_token() });
    let refreshed = other.post("/auth/refresh", body).await.expect(200);
    let body = json!({ "refresh_token": refreshed.refresh_token() });
    let refreshed = one.post("/auth/refresh", body).await.expect(200);
    other
        .get_as(&refreshed.token(), "/users/me")
        .await
        .expect(200);
    one.call_as(&refreshed.token(), "/auth/logout")
        .await
        .expect(200);
    other.read_revocations().await;
    other
        .get_as(&refreshed.token(), "/users/me")
        .await
        .refused(401, "SESSION_ERROR");
}

#[tokio::test]
async fn the_main_journey_works_when_one_clock_is_ahead() {
    let (one, ahead) = instances_apart(30).await;
    check_main_journey(&one, &ahead).await;
}

#[tokio::test]
async fn the_main_journey_works_when_one_clock_is_behind() {
    let (one, behind) = instances_apart(-30).await;
    check_main_journey(&one, &behind).await;
}

#[tokio::test]
async fn a_reset_works_between_instances_with_different_clocks() {
    let (one, ahead) = instances_apart(30).await;
    one.patient("jane").await;
    one.post(
        "/auth/forgot-password",
        json!({ "email": "jane@example.org" }),
    )
    .await
    .expect(200);
    let otp = one.code_for("jane@example.org").await;
    let new = "another long password";
    let body = json!({ "email": "jane@example.org", "otp": otp, "new_password": new });
    ahead.post("/auth/reset-password", body).await.expect(200);
    one.login("jane", new).await.expect(200);
}

#[tokio::test]
async fn clocks_that_differ_extend_a_code_by_the_difference_at_most() {
    let (one, behind) = instances_apart(-30).await;
    one.register("jane").await.expect(200);
    let otp = one.code_for("jane@example.org").await;
    behind
        .clock
        .advance(Duration::minutes(10) + Duration::seconds(30));
    let proof = json!({ "email": "jane@example.org", "otp": otp });
    behind
        .post("/auth/verify-otp", proof)
        .await
        .refused(400, "OTP_ERROR");
}

#[tokio::test]
async fn a_clock_that_is_set_back_does_not_revive_a_code() {
    let server = TestServer::start().await;
    let body = registration("jane");
    server.post("/auth/register", body).await.expect(200);
    let otp = server.code_for("jane@example.org").await;
    let proof = json!({ "email": "jane@example.org", "otp": otp });
    server
        .post("/auth/verify-otp", proof.clone())
        .await
        .expect(200);
    server.clock.advance(-Duration::hours(1));
    server
        .post("/auth/verify-otp", proof)
        .await
        .refused(400, "OTP_ERROR");
}

// The age of the revocations is measured by elapsed time, because an operator can set the clock (D10).
#[tokio::test]
async fn a_clock_that_is_set_back_does_not_revive_a_session() {
    let server = TestServer::start().await;
    let other = server.another().await;
    let token = server.patient("jane").await.token();
    other.get_as(&token, "/users/me").await.expect(200);
    server.call_as(&token, "/auth/logout").await.expect(200);
    // Two seconds pass without reading the revocations; then an operator sets the clock back.
    server.clock.advance(Duration::seconds(2));
    server.clock.advance(-Duration::seconds(2));
    other
        .get_as(&token, "/users/me")
        .await
        .refused(401, "SESSION_ERROR");
}
