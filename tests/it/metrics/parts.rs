//! The metrics of logins, limits, hashes, sessions, mails, the database, keys and the audit trail.

use chrono::Duration;
use identity::maintenance;

use super::sample;
use crate::harness::{PASSWORD, TestServer};

#[tokio::test]
async fn logins_are_counted_by_their_outcome() {
    let server = TestServer::start_with(|settings| settings.config.lockout.max_failures = 2).await;
    server.patient("jane").await;
    server.login("jane", PASSWORD).await.expect(200);
    server.login("jane", "wrong").await.expect(401);
    server.login("jane", "wrong").await.expect(401);
    server.login("jane", PASSWORD).await.expect(429);
    server.login("nobody", PASSWORD).await.expect(401);
    for (outcome, count) in [("success", 1), ("wrong", 3), ("limited", 1), ("busy", 0)] {
        let name = format!("clinic_auth_logins_total{{outcome=\"{outcome}\"}}");
        assert_eq!(sample(&server, &name).await, count, "{outcome}");
    }
    assert_eq!(sample(&server, "clinic_auth_locked_total").await, 1);
}

#[tokio::test]
async fn a_throttled_request_is_counted_with_its_setting() {
    let server = TestServer::start_with(|settings| {
        settings.config.throttle.identity.login_per_ip.limit = 1;
        settings
            .config
            .throttle
            .identity
            .change_password_per_account
            .limit = 1;
    })
    .await;
    let token = server.patient("jane").await.token();
    server.login("nobody", PASSWORD).await.expect(401);
    server.login("nobody", PASSWORD).await.expect(429);
    server
        .change_password(&token, "wrong", "another horse")
        .await
        .expect(401);
    server
        .change_password(&token, "wrong", "another horse")
        .await
        .expect(429);
    for setting in ["login_per_ip", "change_password_per_account"] {
        let name = format!("clinic_auth_throttled_total{{limit=\"{setting}\"}}");
        assert_eq!(sample(&server, &name).await, 1, "{setting}");
    }
}

#[tokio::test]
async fn session_lookups_are_counted_as_hit_or_miss() {
    let server = TestServer::start().await;
    let token = server.patient("jane").await.token();
    server.read_revocations().await; // a cached session counts only while the revocations were read recently
    for _ in 0..3 {
        server.get_as(&token, "/auth/me").await.expect(200);
    }
    for (result, count) in [("hit", 2), ("miss", 1)] {
        let name = format!("clinic_auth_session_lookups_total{{result=\"{result}\"}}");
        assert_eq!(sample(&server, &name).await, count, "{result}");
    }
    assert_eq!(sample(&server, "clinic_auth_sessions_cached").await, 1);
}

#[tokio::test]
async fn mails_and_their_queue_are_counted() {
    let server = TestServer::start().await;
    let sent = "clinic_auth_mails_total{outcome=\"sent\"}";
    server.register("jane").await.expect(200);
    server.advance(Duration::seconds(30)).await;
    maintenance::tick(&server.app).await.unwrap();
    assert_eq!(sample(&server, "clinic_auth_mails_waiting").await, 1);
    assert_eq!(sample(&server, "clinic_auth_mail_oldest_seconds").await, 30);
    assert_eq!(sample(&server, sent).await, 0);
    server.deliver().await;
    maintenance::tick(&server.app).await.unwrap();
    assert_eq!(sample(&server, "clinic_auth_mails_waiting").await, 0);
    assert_eq!(sample(&server, "clinic_auth_mail_oldest_seconds").await, 0);
    assert_eq!(sample(&server, sent).await, 1);
}

#[tokio::test]
async fn hashes_and_their_queue_are_counted() {
    let server = TestServer::start().await;
    server.login("nobody", PASSWORD).await.expect(401);
    assert_eq!(
        sample(&server, "clinic_auth_hash_wait_seconds_count").await,
        1
    );
    assert_eq!(sample(&server, "clinic_auth_hash_queue_length").await, 0);
    assert_eq!(sample(&server, "clinic_auth_hash_refused_total").await, 0);
}

#[tokio::test]
async fn key_age_and_audit_records_are_counted() {
    let server = TestServer::start().await;
    let age = sample(&server, "clinic_auth_signing_key_age_seconds").await;
    let records = sample(&server, "clinic_auth_audit_records").await;
    server.advance(Duration::hours(1)).await;
    maintenance::tick(&server.app).await.unwrap();
    server.login("nobody", PASSWORD).await.expect(401);
    let older = sample(&server, "clinic_auth_signing_key_age_seconds").await;
    assert_eq!(older, age + 3600);
    let longer = sample(&server, "clinic_auth_audit_records").await;
    assert_eq!(longer, records + 1);
}

#[tokio::test]
async fn database_calls_connections_and_errors_are_counted() {
    let server = TestServer::start().await;
    server.get("/health/db").await.expect(200);
    assert!(sample(&server, "clinic_auth_database_duration_seconds_count").await > 0);
    assert!(sample(&server, "clinic_auth_database_connections{state=\"open\"}").await > 0);
    let in_use = "clinic_auth_database_connections{state=\"in_use\"}";
    assert_eq!(sample(&server, in_use).await, 0);
    server.app.store.close().await;
    server.get("/health/db").await.expect(503);
    let errors = "clinic_auth_database_errors_total{kind=\"unavailable\"}";
    assert!(sample(&server, errors).await > 0);
}
