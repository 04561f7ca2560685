//! The stored rows of sessions: how they are read, and when they are written (SES-1, SES-3, D10).

use bson::doc;
use chrono::Duration;
use identity::sessions::authentication;

use super::sessions::{assert_ended, assert_live, on_two_instances};
use crate::harness::TestServer;

// The first try may have written the row only, so the second one must tell the other instances (SES-1, SES-7, D10).
#[tokio::test]
async fn a_repeated_logout_reaches_the_other_instances() {
    let (server, other, tokens) = on_two_instances(|_| {}).await;
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
    assert_ended(&other, &tokens).await;
}

// An expired session ends even if the database has not deleted its row yet (SES-1).
#[tokio::test]
async fn a_session_ends_at_its_stored_end() {
    let server =
        TestServer::start_with(|settings| settings.config.sessions.revocation_lag_ms = 0).await;
    let tokens = server.patient("jane").await;
    assert_live(&server, &tokens).await;
    server.expire_stored("user_sessions", "expires_at").await;
    assert_ended(&server, &tokens).await;
    server
        .refresh(&tokens.refresh_token())
        .await
        .refused(401, "SESSION_ERROR");
    assert_ended(&server, &tokens).await;
}

// SES-3
#[tokio::test]
async fn the_last_activity_is_written_at_shutdown() {
    let server = TestServer::start().await;
    let tokens = server.patient("jane").await;
    server.advance(Duration::seconds(3)).await;
    assert_live(&server, &tokens).await;
    let seen = server.clock.now();
    authentication::write_last_activities(&server.app, seen)
        .await
        .unwrap();
    let row = server.stored_session(&tokens.text("session_id")).await;
    assert_eq!(row.get_datetime("last_activity").unwrap().to_chrono(), seen);
}
