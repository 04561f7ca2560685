//! An operator creates a unique index while the service runs. A write that it refuses is 503 and logged, and never
//! reported as a wrong code (LEG-2).

use bson::{Document, doc};
use chrono::Duration;
use identity::verification;
use mongodb::{IndexModel, options::IndexOptions};
use serde_json::json;

use crate::harness::{PASSWORD, TestServer, ThreadLog, invitation, registration};

async fn create_unique_index(server: &TestServer, collection: &str, name: &str, keys: Document) {
    let options = IndexOptions::builder().name(name.to_owned()).unique(true);
    let model = IndexModel::builder().keys(keys).options(options.build());
    let rows = server.app.store.raw(collection);
    rows.create_index(model.build()).await.unwrap();
}

#[tokio::test]
async fn a_foreign_index_that_refuses_an_account_is_503() {
    for (name, key) in [("mobile_1", "mobile"), ("insurance_no_1", "insurance_no")] {
        let server = TestServer::start().await;
        server.patient("first").await;
        create_unique_index(&server, "patients_v2", name, doc! { key: 1 }).await;
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
        // The same code continues at the step that the index stopped (REG-5).
        let again = server.verify_with(&token, "jane@example.org", &otp).await;
        again.expect(200);
        server.login("jane", PASSWORD).await.expect(200);
    }
}

#[tokio::test]
async fn the_sweeper_finishes_what_a_foreign_index_stopped() {
    let server = TestServer::start().await;
    server.patient("first").await;
    let index = doc! { "insurance_no": 1 };
    create_unique_index(&server, "patients_v2", "insurance_no_1", index).await;
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
async fn an_account_change_refused_by_a_foreign_index_is_503() {
    let server = TestServer::start().await;
    let admin = server.admin("boss").await;
    let token = server.patient("jane").await.token();
    let mut other = registration("other");
    other["mobile"] = json!("+41 79 000 00 01");
    server.account("other", other).await;
    create_unique_index(&server, "patients_v2", "mobile_1", doc! { "mobile": 1 }).await;
    create_unique_index(&server, "staff_v2", "badge_1", doc! { "badge": 1 }).await;
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
async fn a_refusal_by_an_index_of_another_collection_is_503() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    create_unique_index(&server, "user_sessions", "ip_1", doc! { "ip_address": 1 }).await;
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
    create_unique_index(&server, "pending_users", "mobile_1", doc! { "mobile": 1 }).await;
    server.register("mia").await.expect(200);
    server.register("lea").await.refused(503, "DATABASE_ERROR");
    let pending = server.app.store.raw("pending_users");
    pending.drop_index("mobile_1").await.unwrap();
    // The refused registration reserves neither the name nor a slot of the address.
    server.register("lea").await.expect(200);
    let server = TestServer::start().await;
    create_unique_index(&server, "identifiers", "shard_1", doc! { "shard": 1 }).await;
    // A free name is not reported as taken.
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
