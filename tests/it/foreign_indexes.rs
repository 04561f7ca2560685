//! A unique index that somebody makes while the service runs: what it refuses is 503 and named, never a wrong code (LEG-2).

use bson::{Document, doc};
use chrono::Duration;
use clinic_auth::service::verification;
use mongodb::{IndexModel, options::IndexOptions};
use serde_json::json;

use crate::harness::{PASSWORD, TestServer, ThreadLog, invitation, registration};

async fn unique(server: &TestServer, home: &str, name: &str, keys: Document) {
    let options = IndexOptions::builder().name(name.to_owned()).unique(true);
    let model = IndexModel::builder().keys(keys).options(options.build());
    let rows = server.app.store.raw(home);
    rows.create_index(model.build()).await.unwrap();
}

#[tokio::test]
async fn a_right_code_is_503_while_a_foreign_index_refuses_the_account() {
    for (name, key) in [("mobile_1", "mobile"), ("insurance_no_1", "insurance_no")] {
        let server = TestServer::start().await;
        server.patient("first").await;
        unique(&server, "patients_v2", name, doc! { key: 1 }).await;
        let registered = server.register("jane").await.expect(200);
        let otp = server.code_for("jane@example.org").await;
        let token = registered.text("registration_token");
        let log = ThreadLog::start();
        let refused = server.verify_with(&token, "jane@example.org", &otp).await;
        refused.refused(503, "DATABASE_ERROR");
        assert!(refused.headers.contains_key("retry-after"));
        assert!(
            log.text().contains(&format!("patients_v2.{name}")),
            "{}",
            log.text()
        );
        assert_eq!(server.stored("pending_users").await.len(), 1);
        server
            .app
            .store
            .raw("patients_v2")
            .drop_index(name)
            .await
            .unwrap();
        // The same code goes on where the index stopped it (REG-5).
        let again = server.verify_with(&token, "jane@example.org", &otp).await;
        again.expect(200);
        server.login("jane", PASSWORD).await.expect(200);
    }
}

#[tokio::test]
async fn the_sweeper_finishes_what_a_foreign_index_has_stopped() {
    let server = TestServer::start().await;
    server.patient("first").await;
    let index = doc! { "insurance_no": 1 };
    unique(&server, "patients_v2", "insurance_no_1", index).await;
    let registered = server.register("jane").await.expect(200);
    let token = registered.text("registration_token");
    let otp = server.code_for("jane@example.org").await;
    let refused = server.verify_with(&token, "jane@example.org", &otp).await;
    refused.refused(503, "DATABASE_ERROR");
    let accounts = server.app.store.raw("patients_v2");
    accounts.drop_index("insurance_no_1").await.unwrap();
    server.advance(Duration::minutes(2)).await;
    assert_eq!(verification::sweep(&server.app).await.unwrap(), 1);
    server.login("jane", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn what_a_foreign_index_refuses_of_an_account_is_503() {
    let server = TestServer::start().await;
    let admin = server.admin("boss").await;
    let token = server.patient("jane").await.token();
    let mut other = registration("other");
    other["mobile"] = json!("+41 79 000 00 01");
    server.account("other", other).await;
    unique(&server, "patients_v2", "mobile_1", doc! { "mobile": 1 }).await;
    unique(&server, "staff_v2", "badge_1", doc! { "badge": 1 }).await;
    let body = invitation("dana", "staff");
    let invited = server
        .post_as(&admin.token, "/admin/users", body.clone())
        .await;
    invited.refused(503, "DATABASE_ERROR");
    let change = json!({ "mobile": "+41 79 000 00 01" });
    let changed = server.patch_as(&token, "/users/me", change.clone()).await;
    changed.refused(503, "DATABASE_ERROR");
    for (home, name) in [("staff_v2", "badge_1"), ("patients_v2", "mobile_1")] {
        server.app.store.raw(home).drop_index(name).await.unwrap();
    }
    server
        .patch_as(&token, "/users/me", change)
        .await
        .expect(200);
    server.advance(Duration::minutes(6)).await;
    let admin = server.logged_in(&admin.email).await;
    let invited = server.post_as(&admin.token, "/admin/users", body).await;
    invited.expect(200);
}

#[tokio::test]
async fn what_a_foreign_index_of_another_collection_refuses_is_503() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    unique(&server, "user_sessions", "ip_1", doc! { "ip_address": 1 }).await;
    server
        .login("jane", PASSWORD)
        .await
        .refused(503, "DATABASE_ERROR");
    server
        .app
        .store
        .raw("user_sessions")
        .drop_index("ip_1")
        .await
        .unwrap();
    server.login("jane", PASSWORD).await.expect(200);
    unique(&server, "pending_users", "mobile_1", doc! { "mobile": 1 }).await;
    server.register("mia").await.expect(200);
    server.register("lea").await.refused(503, "DATABASE_ERROR");
    let pending = server.app.store.raw("pending_users");
    pending.drop_index("mobile_1").await.unwrap();
    // What was refused holds neither the name nor a place.
    server.register("lea").await.expect(200);
    let server = TestServer::start().await;
    unique(&server, "identifiers", "shard_1", doc! { "shard": 1 }).await;
    // A name that is free is not told to be taken.
    server.register("noa").await.refused(503, "DATABASE_ERROR");
    server
        .app
        .store
        .raw("identifiers")
        .drop_index("shard_1")
        .await
        .unwrap();
    server.register("noa").await.expect(200);
}
