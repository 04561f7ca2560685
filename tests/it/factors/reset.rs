//! The way back for a person who has lost every factor (MFA-19).

use chrono::Duration;
use kernel::role::Role;
use serde_json::json;

use crate::{
    harness::{Installation, PASSWORD, TestServer},
    passkeys::honest,
};

// MFA-19, MFA-26
#[tokio::test]
async fn another_administrator_resets_the_factors_of_an_account() {
    let server = TestServer::start().await;
    let boss = server.admin("boss").await;
    let staff = server.staff(&boss, "dana").await;
    let jane = server.secured("jane").await;
    server.add_passkey(&jane.token, &honest()).await;
    let path = |id: &str| format!("/admin/users/{id}/reset-factors");
    for token in [&jane.token, &staff.token] {
        server
            .call_as(token, &path(&jane.user_id))
            .await
            .refused(403, "ACCESS_DENIED");
    }
    server
        .call_as(&boss.token, &path(&boss.user_id))
        .await
        .refused(403, "ACCESS_DENIED");
    server
        .call_as(&boss.token, &path("PAT00000000"))
        .await
        .refused(404, "USER_NOT_FOUND");
    let waits = server.mfa_token("jane").await;
    let code = server.totp(&jane);
    server
        .call_as(&boss.token, &path(&jane.user_id))
        .await
        .expect(200);
    server
        .second_step(&waits, &code)
        .await
        .refused(401, "AUTH_FAILED");
    server
        .get_as(&jane.token, "/auth/me")
        .await
        .refused(401, "SESSION_ERROR");
    let mail = server.mail_to("jane@example.org").await;
    assert_eq!(mail.subject, "Your second factors were reset");
    server.login("jane", PASSWORD).await.expect(200);
    for collection in [
        "second_factors",
        "recovery_codes",
        "passkeys",
        "known_devices",
    ] {
        assert!(server.stored(collection).await.is_empty(), "{collection}");
    }
    server.advance(Duration::minutes(5)).await;
    let stale = server.call_as(&boss.token, &path(&jane.user_id)).await;
    stale.refused(403, "REAUTH_REQUIRED");
    let trail = server
        .get_as(&boss.token, "/admin/audit-log?action=factors_reset")
        .await;
    let entries = trail.expect(200).body["entries"].clone();
    // One was done; one was refused as the caller's own, one as unknown.
    assert_eq!(entries.as_array().unwrap().len(), 3, "{entries}");
}

// MFA-19, ADM-5
#[tokio::test]
async fn details_count_the_factors_for_administrators_only() {
    let server = TestServer::start().await;
    let boss = server.admin("boss").await;
    let staff = server.staff(&boss, "dana").await;
    let jane = server.secured("jane").await;
    server.add_passkey(&jane.token, &honest()).await;
    let path = format!("/admin/users/{}", jane.user_id);
    let seen = server.get_as(&boss.token, &path).await.expect(200);
    let all = json!({
        "enabled": true, "required": false, "totp": true, "passkeys": 1, "recovery_codes_left": 10,
    });
    assert_eq!(seen.body["factors"], all);
    let changed = json!({ "status": "disabled" });
    let changed = server.patch_as(&boss.token, &path, changed).await;
    assert_eq!(changed.expect(200).body["factors"], all);
    for (token, path) in [(&staff.token, path.as_str()), (&boss.token, "/admin/users")] {
        let answer = server.get_as(token, path).await.expect(200);
        assert!(!answer.raw.contains("factors"), "{}", answer.raw);
    }
    let reset = format!("{path}/reset-factors");
    server.call_as(&boss.token, &reset).await.expect(200);
    let strict = server
        .another_with(|settings| settings.config.mfa.required_roles = Some(vec![Role::Patient]))
        .await;
    let seen = strict.get_as(&boss.token, &path).await.expect(200);
    let none = json!({
        "enabled": false, "required": true, "totp": false, "passkeys": 0, "recovery_codes_left": 0,
    });
    assert_eq!(seen.body["factors"], none);
}

// MFA-19: the last administrator's way back; the trail has it.
#[tokio::test]
async fn the_command_resets_factors_beside_the_service() {
    let home = Installation::new();
    let printed = home
        .run(&["create-admin", "--email", "boss@example.org"])
        .await
        .success();
    let id = printed
        .split_whitespace()
        .find(|word| word.starts_with("ADM"))
        .unwrap();
    let done = home.run(&["factors", "reset", id]).await.success();
    assert!(done.contains(id) && done.contains("audit trail"), "{done}");
    let unknown = home
        .run(&["factors", "reset", "ADM00000000"])
        .await
        .failure();
    assert!(
        unknown.contains("there is no account ADM00000000"),
        "{unknown}"
    );
    let trail = home.run(&["audit", "export"]).await.success();
    let event = trail
        .lines()
        .find(|line| line.contains("factors_reset"))
        .unwrap();
    let event: serde_json::Value = serde_json::from_str(event).unwrap();
    assert_eq!(
        (&event["subject"], &event["detail"]),
        (&json!(id), &json!("by command"))
    );
}
