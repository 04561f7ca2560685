//! Sessions: what their rows say, and what is written into them (SES-1, SES-3, D10).

use bson::doc;
use chrono::Duration;
use clinic_auth::service::authentication;

use super::sessions::{alive, ended, on_two};
use crate::harness::TestServer;

// SES-1, SES-7, D10: the first try may have got no further than the row.
#[tokio::test]
async fn a_logout_that_is_repeated_reaches_the_other_instances() {
    let (server, other, tokens) = on_two(|_| {}).await;
    let now = bson::DateTime::from_chrono(server.clock.now());
    let ended_row = doc! { "is_active": false, "ended_at": now };
    server
        .change_stored("user_sessions", doc! {}, ended_row)
        .await;
    server
        .call_as(&tokens.token(), "/auth/logout")
        .await
        .expect(200);
    other.read_revocations().await;
    ended(&other, &tokens).await;
}

// SES-1: correctness never waits for a collection.
#[tokio::test]
async fn the_stored_end_of_a_session_counts() {
    let server =
        TestServer::start_with(|settings| settings.config.sessions.revocation_lag_ms = 0).await;
    let tokens = server.patient("jane").await;
    alive(&server, &tokens).await;
    server.expire_stored("user_sessions", "expires_at").await;
    ended(&server, &tokens).await;
    server
        .refresh(&tokens.refresh_token())
        .await
        .refused(401, "SESSION_ERROR");
    ended(&server, &tokens).await;
}

// SES-3
#[tokio::test]
async fn the_last_activity_is_written_down_at_the_end() {
    let server = TestServer::start().await;
    let tokens = server.patient("jane").await;
    server.advance(Duration::seconds(3)).await;
    alive(&server, &tokens).await;
    let seen = server.clock.now();
    authentication::write_last_activities(&server.app, seen)
        .await
        .unwrap();
    let row = server.stored_session(&tokens.text("session_id")).await;
    assert_eq!(row.get_datetime("last_activity").unwrap().to_chrono(), seen);
}
