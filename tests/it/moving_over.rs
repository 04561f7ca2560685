//! Documents that the older service left in shared collections cause no problem (DB-6).

use bson::{Document, doc, oid::ObjectId};
use chrono::Duration;
use serde_json::json;

use crate::harness::{Installation, PASSWORD, TestServer};

/// Inserts a document like the older service: with an `ObjectId`, and without the newer fields.
async fn insert_older(server: &TestServer, collection: &str, mut row: Document) {
    let until = server.clock.now() + Duration::minutes(20);
    row.insert("_id", ObjectId::from_bytes([7; 12]));
    row.insert("expires_at", bson::DateTime::from_chrono(until));
    let rows = server.app.store.raw(collection);
    rows.insert_one(row).await.unwrap();
}

#[tokio::test]
async fn a_session_of_the_older_service_does_not_block_a_login() {
    let server = TestServer::start().await;
    let user_id = server.patient("jane").await.text("user_id");
    let row = doc! { "session_id": "old", "user_id": user_id, "is_active": true };
    insert_older(&server, "user_sessions", row).await;
    let token = server.login("jane", PASSWORD).await.expect(200).token();
    let sessions = server.get_as(&token, "/auth/sessions").await.expect(200);
    assert_eq!(sessions.body["count"], 2); // The sessions are that of verify-otp and this one.
}

#[tokio::test]
async fn an_older_registration_does_not_block_the_address() {
    let server = TestServer::start().await;
    let email = "jane@example.org";
    insert_older(
        &server,
        "pending_users",
        doc! { "email": email, "username": "jane" },
    )
    .await;
    let code = doc! { "email": email, "type": "verification", "otp": "123456" };
    insert_older(&server, "otp_codes", code).await;
    server.register("jane").await.expect(200);
    let proof = json!({ "email": email, "otp": server.code_for(email).await });
    server.post("/auth/verify-otp", proof).await.expect(200);
    server.login("jane", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn an_older_registration_is_neither_listed_nor_counted() {
    let server = TestServer::start().await;
    let admin = server.admin("boss").await;
    server.register("new").await.expect(200);
    let created = bson::DateTime::from_chrono(server.clock.now());
    let old = doc! {
        "user_id": "PAT00000007", "email": "jane@example.org", "username": "jane", "user_type": "patient",
        "password_hash": "$2b$", "created_at": created,
    };
    insert_older(&server, "pending_users", old).await;
    let get = async |path| server.get_as(&admin.token, path).await.expect(200).body;
    for path in [
        "/admin/pending-users",
        "/admin/pending-users?include_expired=true",
    ] {
        let list = get(path).await;
        assert_eq!(list["total_count"], 1, "{list}");
        assert_eq!(list["pending_users"].as_array().unwrap().len(), 1);
    }
    let counted = get("/admin/collections-status").await;
    assert_eq!(counted["collections"]["pending_users"]["total_count"], 1);
    let path = "/admin/pending-users/PAT00000007";
    let deleted = server.delete_as(&admin.token, path).await;
    deleted.refused(404, "USER_NOT_FOUND");
    let path = "/admin/pending-users/PAT00000007/resend-otp";
    let sent = server.call_as(&admin.token, path).await;
    sent.refused(404, "USER_NOT_FOUND");
}

#[tokio::test]
async fn check_reports_registrations_of_the_older_service() {
    let installation = Installation::new();
    let direct = installation.open().await;
    let old = doc! { "email": "jane@example.org", "username": "jane" };
    let rows = direct.store.raw("pending_users");
    rows.insert_one(old).await.unwrap();
    let printed = installation.run(&["check"]).await.success();
    assert!(
        printed.contains("warn   registrations: 1 of the older service")
            && printed.contains("do: db.pending_users."),
        "{printed}"
    );
    assert!(!printed.contains("jane"), "{printed}");
}
