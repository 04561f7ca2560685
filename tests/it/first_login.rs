//! Proving an address is the first login, unless the account waits for an administrator's approval (D7).

use clinic_auth::{clock::rfc3339, config::Settings};
use serde_json::{Value, json};

use crate::harness::{Answer, PASSWORD, TestServer, registration_with};

fn approval(settings: &mut Settings) {
    settings.config.auth.doctor_approval_required = true;
}

/// Registers the doctor `house` and types the mailed code in.
async fn verified_doctor(server: &TestServer) -> Answer {
    let body = registration_with("house", "user_type", json!("doctor"));
    server.post("/auth/register", body).await.expect(200);
    let otp = server.code_for("house@example.org").await;
    server.verify("house@example.org", &otp).await.expect(200)
}

#[tokio::test]
async fn proving_an_address_is_noted_as_a_login() {
    let server = TestServer::start().await;
    let token = server.patient("jane").await.token();
    let profile = server.get_as(&token, "/auth/me").await.expect(200);
    assert_eq!(
        profile.text("last_login_at"),
        rfc3339(server.clock.now()),
        "{}",
        profile.body
    );
}

#[tokio::test]
async fn a_doctor_who_waits_for_approval_is_verified_and_gets_no_tokens() {
    let server = TestServer::start_with(approval).await;
    let answer = verified_doctor(&server).await;
    let mut fields: Vec<&str> = answer
        .body
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            "full_name",
            "message",
            "role",
            "status",
            "success",
            "user_id",
            "user_type",
            "username"
        ]
    );
    assert_eq!(
        (answer.text("status"), answer.text("user_type")),
        ("verified".into(), "doctor".into())
    );
    assert!(answer.text("message").contains("approved"));
    assert!(server.stored("user_sessions").await.is_empty());
    server
        .login("house", PASSWORD)
        .await
        .refused(403, "ACCESS_DENIED");
}

#[tokio::test]
async fn an_approved_doctor_logs_in_and_only_that_is_noted_as_a_login() {
    let server = TestServer::start_with(approval).await;
    let admin = server.admin("boss").await.token;
    let path = format!(
        "/admin/users/{}",
        verified_doctor(&server).await.text("user_id")
    );
    let before = server.get_as(&admin, &path).await.expect(200);
    assert_eq!(before.body["last_login_at"], Value::Null);
    let approved = json!({ "approved": true });
    server.patch_as(&admin, &path, approved).await.expect(200);
    server.login("house", PASSWORD).await.expect(200);
    let after = server.get_as(&admin, &path).await.expect(200);
    assert_eq!(after.text("last_login_at"), rfc3339(server.clock.now()));
}

#[tokio::test]
async fn a_doctor_is_logged_in_by_the_code_where_no_approval_is_asked_for() {
    let server = TestServer::start().await;
    let token = verified_doctor(&server).await.token();
    server.get_as(&token, "/users/me").await.expect(200);
}
