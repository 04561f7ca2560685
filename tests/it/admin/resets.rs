//! Resets that an administrator starts.

use chrono::Duration;
use serde_json::json;

use super::clinic;

const NEW: &str = "another good passphrase";

#[tokio::test]
async fn strangers_do_not_use_up_an_administrators_resets() {
    let (server, admin) = clinic().await; // RST-6, OTP-7
    let jane = server.patient("jane").await.text("user_id");
    let email = "jane@example.org";
    for _ in 0..6 {
        server.advance(Duration::seconds(60)).await;
        server.forgot(email).await.expect(200);
        server.deliver().await;
    }
    let used_up = server.mails_to(email).await;
    server.advance(Duration::seconds(60)).await;
    server.forgot(email).await.expect(200);
    assert_eq!(server.mails_to(email).await, used_up);
    let path = format!("/admin/users/{jane}/reset-password");
    server.call_as(&admin.token, &path).await.expect(200);
    assert_eq!(server.mails_to(email).await, used_up + 1);
    let token = server.link_token_for(email).await;
    let body = json!({ "token": token, "new_password": NEW, "confirm_password": NEW });
    server.post("/auth/reset-password", body).await.expect(200);
    server.login("jane", NEW).await.expect(200);
}
