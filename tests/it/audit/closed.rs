//! While the trail cannot be written, changes are refused, and failed logins are answered as usual (AUD-4).

use bson::doc;
use chrono::Duration;
use mongodb::{IndexModel, options::IndexOptions};
use serde_json::{Value, json};

use super::{all, audit_log, verified};
use crate::harness::{PASSWORD, TestServer};

const INDEX: &str = "nothing_goes_in";

/// Makes the collection refuse every record, by a unique index that the service did not make.
pub(crate) async fn close(server: &TestServer) {
    let key = server.app.master.current_id().as_str();
    audit_log(server).delete_many(doc! {}).await.unwrap();
    audit_log(server)
        .insert_one(doc! { "_id": INDEX, "key_id": key })
        .await
        .unwrap();
    let options = IndexOptions::builder()
        .name(INDEX.to_owned())
        .unique(true)
        .build();
    let index = IndexModel::builder()
        .keys(doc! { "key_id": 1 })
        .options(options)
        .build();
    audit_log(server).create_index(index).await.unwrap();
}

/// Makes the collection accept records again.
async fn open(server: &TestServer) {
    audit_log(server).drop_index(INDEX).await.unwrap();
    audit_log(server)
        .delete_one(doc! { "_id": INDEX })
        .await
        .unwrap();
}

async fn post_while_closed(server: &TestServer, path: &str, body: &Value) {
    close(server).await;
    let refused = server.post(path, body.clone()).await;
    refused.refused(503, "DATABASE_ERROR");
    assert_eq!(refused.headers["retry-after"], "5");
    open(server).await;
}

#[tokio::test]
async fn without_the_trail_a_registration_fails_and_names_stay_free() {
    // AUD-4
    let server = TestServer::start().await;
    let jane = crate::harness::registration("jane");
    post_while_closed(&server, "/auth/register", &jane).await;
    assert_eq!(server.mails_to("jane@example.org").await, 0);
    server.patient("jane").await;
}

#[tokio::test]
async fn without_the_trail_a_correction_fails_and_works_later() {
    // AUD-4
    let server = TestServer::start().await;
    let old = server.register_at("jnae@example.org", "jane").await;
    let old = old.expect(200).text("registration_token");
    let mut jane = crate::harness::registration("jane");
    jane["registration_token"] = json!(old);
    post_while_closed(&server, "/auth/register", &jane).await;
    let corrected = server.post("/auth/register", jane).await.expect(200);
    let token = corrected.text("registration_token");
    let otp = server.code_for("jane@example.org").await;
    let verified = server.verify_with(&token, "jane@example.org", &otp).await;
    assert_eq!(verified.expect(200).text("username"), "jane");
}

#[tokio::test]
async fn without_the_trail_a_verification_fails_and_keeps_its_code() {
    // AUD-4
    let server = TestServer::start_with(|settings| settings.config.otp.max_attempts = 1).await;
    server.register("jane").await.expect(200);
    let otp = server.code_for("jane@example.org").await;
    let proof = json!({ "email": "jane@example.org", "otp": otp });
    post_while_closed(&server, "/auth/verify-otp", &proof).await;
    server
        .login("jane", PASSWORD)
        .await
        .refused(401, "AUTH_FAILED");
    server.post("/auth/verify-otp", proof).await.expect(200);
}

#[tokio::test]
async fn without_the_trail_logins_get_503_and_wrong_ones_get_401() {
    // AUD-4
    let server = TestServer::start().await;
    let token = server.patient("jane").await.token();
    let right = json!({ "username": "jane", "password": PASSWORD });
    post_while_closed(&server, "/auth/login", &right).await;
    let sessions = server.get_as(&token, "/auth/sessions").await.expect(200);
    assert_eq!(sessions.body["count"], 1);
    close(&server).await;
    server
        .login("jane", "not the password")
        .await
        .refused(401, "AUTH_FAILED");
    server
        .login("nobody", PASSWORD)
        .await
        .refused(401, "AUTH_FAILED");
    open(&server).await;
    server.login("jane", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn without_the_trail_a_refresh_fails_and_keeps_the_token() {
    // AUD-4
    let server =
        TestServer::start_with(|settings| settings.config.sessions.reuse_grace_seconds = 0).await;
    let token = server.patient("jane").await.refresh_token();
    let body = json!({ "refresh_token": token });
    post_while_closed(&server, "/auth/refresh", &body).await;
    server.post("/auth/refresh", body).await.expect(200);
}

#[tokio::test]
async fn without_the_trail_a_reset_fails_and_keeps_its_code() {
    // AUD-4
    let server = TestServer::start_with(|settings| settings.config.otp.max_attempts = 1).await;
    server.patient("jane").await;
    server.advance(Duration::minutes(2)).await;
    let email = json!({ "email": "jane@example.org" });
    server
        .post("/auth/forgot-password", email)
        .await
        .expect(200);
    let otp = server.code_for("jane@example.org").await;
    let reset =
        json!({ "email": "jane@example.org", "otp": otp, "new_password": "battery staple horse" });
    post_while_closed(&server, "/auth/reset-password", &reset).await;
    server.login("jane", PASSWORD).await.expect(200);
    server.post("/auth/reset-password", reset).await.expect(200);
    server
        .login("jane", "battery staple horse")
        .await
        .expect(200);
}

#[tokio::test]
async fn without_the_trail_neither_password_nor_profile_changes() {
    // AUD-4
    let server = TestServer::start().await;
    let token = server.patient("jane").await.token();
    close(&server).await;
    let change = json!({ "current_password": PASSWORD, "new_password": "battery staple horse" });
    let changed = server
        .post_as(&token, "/auth/change-password", change)
        .await;
    changed.refused(503, "DATABASE_ERROR");
    let profile = server
        .patch_as(&token, "/users/me", json!({ "first_name": "Eve" }))
        .await;
    profile.refused(503, "DATABASE_ERROR");
    open(&server).await;
    server.login("jane", PASSWORD).await.expect(200);
    let profile = server.get_as(&token, "/users/me").await.expect(200);
    assert_eq!(profile.text("first_name"), "Jane");
}

#[tokio::test]
async fn without_the_trail_an_invitation_fails_and_names_stay_free() {
    // AUD-4
    let server = TestServer::start().await;
    let admin = server.admin("boss").await;
    let mut dana = crate::harness::invitation("dana", "staff");
    dana["username"] = json!("dana");
    let invite = async || {
        let dana = dana.clone();
        server.post_as(&admin.token, "/admin/users", dana).await
    };
    close(&server).await;
    invite().await.refused(503, "DATABASE_ERROR");
    open(&server).await;
    invite().await.expect(200);
}

#[tokio::test]
async fn without_the_trail_a_logout_gets_503_and_ends_the_session() {
    // The session ends, because a refused logout must not leave it open (AUD-4).
    let server = TestServer::start().await;
    let token = server.patient("jane").await.token();
    close(&server).await;
    server
        .call_as(&token, "/auth/logout")
        .await
        .refused(503, "DATABASE_ERROR");
    open(&server).await;
    server
        .get_as(&token, "/users/me")
        .await
        .refused(401, "SESSION_ERROR");
}

#[tokio::test]
async fn refused_records_leave_no_gaps() {
    // AUD-2, AUD-4
    let server = TestServer::start().await;
    server.patient("jane").await;
    let before = all(&audit_log(&server)).await;
    close(&server).await;
    for _ in 0..3 {
        server.login("jane", "not the password").await.expect(401);
    }
    open(&server).await;
    audit_log(&server).insert_many(before).await.unwrap();
    server.login("jane", PASSWORD).await.expect(200);
    assert!(verified(&server).await.findings.is_empty());
}
