//! What the audit trail records of second factors.

use std::collections::BTreeSet;

use chrono::Duration;
use serde_json::json;

use crate::harness::{PASSWORD, TestServer, wrong_code};

// AUD-1
#[tokio::test]
async fn every_action_on_factors_is_recorded() {
    let server = TestServer::start_with(|settings| settings.config.mfa.lock_failures = 1).await;
    let boss = server.admin("boss").await;
    let jane = server.secured("jane").await;
    let waits = server.mfa_token("jane").await;
    let fields = json!({ "totp_code": server.totp(&jane), "remember_device": true });
    let done = server.second_step_with(&waits, fields).await.expect(200);
    let token = done.token();
    server
        .delete_as(&token, "/auth/mfa/devices")
        .await
        .expect(200);
    let proof = json!({ "password": PASSWORD, "recovery_code": jane.recovery_codes[0] });
    server.reauthenticate(&token, proof).await.expect(200);
    server
        .call_as(&token, "/auth/mfa/recovery-codes")
        .await
        .expect(200);
    server.advance(Duration::seconds(30)).await;
    let waits = server.mfa_token("jane").await;
    let wrong = wrong_code(&server.totp(&jane), 1);
    server.second_step(&waits, &wrong).await.expect(400);
    server.second_step(&waits, &wrong).await.expect(429);
    server.delete_as(&token, "/auth/mfa/totp").await.expect(200);
    let reset = format!("/admin/users/{}/reset-factors", jane.user_id);
    server.call_as(&boss.token, &reset).await.expect(200);
    let trail = server.stored("audit_log").await;
    let of_jane = |row: &&bson::Document| row.get_str("subject").ok() == Some(&jane.user_id);
    let seen = trail
        .iter()
        .filter(of_jane)
        .filter_map(|row| row.get_str("action").ok());
    let seen: BTreeSet<_> = seen.collect();
    for action in super::ACTIONS {
        assert!(seen.contains(action), "{action} in {seen:?}");
    }
}
