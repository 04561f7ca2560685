//! What ends a login that waits for its second step (MFA-9).

use bson::doc;
use chrono::Duration;
use serde_json::json;

use crate::harness::{PASSWORD, TestServer};

// MFA-9
#[tokio::test]
async fn a_waiting_login_ends_after_five_minutes_and_after_its_use() {
    let server = TestServer::start().await;
    let jane = server.secured("jane").await;
    let (late, used) = (
        server.mfa_token("jane").await,
        server.mfa_token("jane").await,
    );
    server
        .second_step(&used, &server.totp(&jane))
        .await
        .expect(200);
    server.advance(Duration::seconds(30)).await;
    let again = server.second_step(&used, &server.totp(&jane)).await;
    assert_eq!(again.refused(401, "AUTH_FAILED"), "Log in again");
    server.advance(Duration::seconds(270)).await;
    server
        .second_step(&late, &server.totp(&jane))
        .await
        .refused(401, "AUTH_FAILED");
    for junk in ["", "x", &"A".repeat(43), &jane.token] {
        let refused = server.second_step(junk, &server.totp(&jane)).await;
        assert!([401, 422].contains(&refused.status), "{}", refused.raw);
    }
    server.log_in_with_totp(&jane).await.expect(200);
}

// MFA-9, MFA-19
#[tokio::test]
async fn a_change_of_the_account_ends_a_waiting_login() {
    const NEW: &str = "another good passphrase";
    let server = TestServer::start().await;
    let jane = server.secured("jane").await;
    for change in ["password", "factors", "status"] {
        let token = server.mfa_token("jane").await;
        match change {
            "password" => {
                server
                    .change_password(&jane.token, PASSWORD, NEW)
                    .await
                    .expect(200);
                server
                    .change_password(&jane.token, NEW, PASSWORD)
                    .await
                    .expect(200);
            }
            "factors" => {
                let codes = server
                    .call_as(&jane.token, "/auth/mfa/recovery-codes")
                    .await;
                codes.expect(200);
            }
            _ => {
                server
                    .set_stored_account(&jane.user_id, doc! { "status": "disabled" })
                    .await;
            }
        }
        server.advance(Duration::seconds(30)).await;
        let refused = server.second_step(&token, &server.totp(&jane)).await;
        assert_eq!(
            refused.refused(401, "AUTH_FAILED"),
            "Log in again",
            "{change}"
        );
        server
            .set_stored_account(&jane.user_id, doc! { "status": "active" })
            .await;
    }
    // A reset of the password leaves the factors alone.
    server.forgot("jane@example.org").await.expect(200);
    let otp = server.code_for("jane@example.org").await;
    server
        .reset_by_code("jane@example.org", &otp, NEW)
        .await
        .expect(200);
    server.login("jane", NEW).await.refused(403, "MFA_REQUIRED");
}

// MFA-9, MFA-17: a token of one purpose is nothing for the other.
#[tokio::test]
async fn a_waiting_login_opens_no_enrolment() {
    let server = TestServer::start().await;
    let jane = server.secured("jane").await;
    let token = server.mfa_token("jane").await;
    let begin = json!({ "mfa_token": token });
    let refused = server.post("/auth/mfa/totp/begin", begin.clone()).await;
    refused.refused(401, "AUTH_FAILED");
    // The token counts, and not the session beside it.
    let refused = server
        .post_as(&jane.token, "/auth/mfa/totp/begin", begin)
        .await;
    refused.refused(401, "AUTH_FAILED");
    let confirm = json!({ "mfa_token": token, "totp_code": server.totp(&jane) });
    let refused = server.post("/auth/mfa/totp/confirm", confirm).await;
    refused.refused(401, "AUTH_FAILED");
    server
        .second_step(&token, &server.totp(&jane))
        .await
        .expect(200);
}
