//! Entering the code is the first login, unless an administrator must approve the account (D7).

use clinic_auth::config::Settings;
use kernel::clock::rfc3339;
use serde_json::{Value, json};

use crate::harness::{Answer, PASSWORD, TestServer, registration_with};

fn approval(settings: &mut Settings) {
    settings.config.auth.doctor_approval_required = true;
}

/// Registers the doctor `house` and enters the mailed code.
async fn verified_doctor(server: &TestServer) -> Answer {
    let body = registration_with("house", "user_type", json!("doctor"));
    server.post("/auth/register", body).await.expect(200);
    let otp = server.code_for("house@example.org").await;
    server.verify("house@example.org", &otp).await.expect(200)
}

#[tokio::test]
async fn verifying_an_address_is_recorded_as_a_login() {
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
async fn an_unapproved_doctor_is_verified_without_tokens() {
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
async fn only_the_login_of_an_approved_doctor_is_recorded() {
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
async fn without_required_approval_the_code_logs_a_doctor_in() {
    let server = TestServer::start().await;
    let token = verified_doctor(&server).await.token();
    server.get_as(&token, "/users/me").await.expect(200);
}
