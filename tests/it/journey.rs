//! The main journey: register, read the mail, verify, log in, use the session, log out.

use serde_json::json;

use crate::harness::{PASSWORD, TestServer};

#[tokio::test]
async fn a_patient_registers_verifies_logs_in_and_logs_out() {
    let server = TestServer::start().await;
    let registered = server.register("jane").await.expect(200);
    assert_eq!(registered.text("status"), "pending_verification");
    let otp = server.code_for("jane@example.org").await;
    let proof = json!({ "email": "jane@example.org", "otp": otp });
    let verified = server.post("/auth/verify-otp", proof).await.expect(200);
    assert_eq!(verified.text("user_id"), registered.text("user_id"));
    let token = server.login("JANE", PASSWORD).await.expect(200).token();
    assert_eq!(
        server
            .get_as(&token, "/users/me")
            .await
            .expect(200)
            .text("username"),
        "jane"
    );
    server.call_as(&token, "/auth/logout").await.expect(200);
    server
        .get_as(&token, "/users/me")
        .await
        .refused(401, "SESSION_ERROR");
}

#[tokio::test]
async fn a_doctor_registers_and_is_not_approved_at_first() {
    let server = TestServer::start().await;
    let token = server.doctor("house").await.token();
    let profile = server.get_as(&token, "/auth/me").await.expect(200);
    assert_eq!(profile.text("specialization"), "Cardiology");
    assert_eq!(profile.body["approved"], false);
}
