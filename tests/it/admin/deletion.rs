//! Deleting an account. Its password, sessions and links do not work any more, its names are free, and its user id is
//! never used again.

use bson::doc;
use serde_json::json;

use super::{clinic, column};
use crate::harness::{PASSWORD, Person, TestServer};

async fn delete(server: &TestServer, admin: &Person, user_id: &str) -> crate::harness::Answer {
    let path = format!("/admin/users/{user_id}");
    server.delete_as(&admin.token, &path).await
}

#[tokio::test]
async fn a_deleted_account_loses_its_sessions_and_links() {
    let (server, admin) = clinic().await;
    let other = server.another().await;
    let jane = server.patient("jane").await;
    other.get_as(&jane.token(), "/users/me").await.expect(200);
    server
        .post(
            "/auth/forgot-password",
            json!({ "email": "jane@example.org" }),
        )
        .await
        .expect(200);
    let link = server.link_token_for("jane@example.org").await;
    delete(&server, &admin, &jane.text("user_id"))
        .await
        .expect(200);
    server
        .get_as(&jane.token(), "/users/me")
        .await
        .refused(401, "SESSION_ERROR");
    other.read_revocations().await;
    other
        .get_as(&jane.token(), "/users/me")
        .await
        .refused(401, "SESSION_ERROR");
    for name in ["jane", "jane@example.org", &jane.text("user_id")] {
        server
            .login(name, PASSWORD)
            .await
            .refused(401, "AUTH_FAILED");
    }
    let body = json!({ "token": link, "new_password": PASSWORD, "confirm_password": PASSWORD });
    server
        .post("/auth/reset-password", body)
        .await
        .refused(400, "OTP_ERROR");
    delete(&server, &admin, &jane.text("user_id"))
        .await
        .refused(404, "USER_NOT_FOUND");
}

#[tokio::test]
async fn a_deleted_accounts_names_are_free_but_not_its_user_id() {
    let (server, admin) = clinic().await;
    let old = server.patient("jane").await.text("user_id");
    delete(&server, &admin, &old).await.expect(200);
    let new = server.patient("jane").await;
    assert_ne!(new.text("user_id"), old);
    server.login("jane", PASSWORD).await.expect(200);
    let id = identity::accounts::rules::identifier::user_id_key(&old);
    let row = server
        .app
        .store
        .identifiers()
        .find(&id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        row.state,
        identity::accounts::store::identifiers::State::Retired
    ); // UID-1
    let (later, owner) = (server.clock.now() + chrono::Duration::days(3650), row.owner);
    let taken = server
        .app
        .store
        .identifiers()
        .reserve(&id, &owner, later, later)
        .await;
    assert!(!taken.unwrap());
}

#[tokio::test]
async fn an_interrupted_deletion_is_finished_by_a_second_call() {
    let (server, admin) = clinic().await;
    let jane = server.patient("jane").await;
    let id = kernel::ids::UserId::from_stored(jane.text("user_id"));
    let closed = server
        .app
        .store
        .accounts()
        .close(&id, false, server.clock.now())
        .await;
    assert!(closed.unwrap());
    server
        .login("jane", PASSWORD)
        .await
        .refused(401, "AUTH_FAILED");
    let path = format!("/admin/users/{id}");
    let revive = json!({ "status": "active" });
    server
        .patch_as(&admin.token, &path, revive)
        .await
        .refused(404, "USER_NOT_FOUND");
    let restarted = server.another().await;
    restarted
        .login("jane", PASSWORD)
        .await
        .refused(401, "AUTH_FAILED");
    delete(&restarted, &admin, id.as_str()).await.expect(200);
    restarted.patient("jane").await;
}

#[tokio::test]
async fn an_account_of_the_older_service_can_be_deleted() {
    let (server, admin) = clinic().await;
    let row =
        doc! { "user_id": "PAT00000007", "email": "Old.Jane@Example.org", "username": "OldJane" };
    server
        .app
        .store
        .raw("patients_v2")
        .insert_one(row)
        .await
        .unwrap();
    let restarted = server.another().await; // Its start writes the identifiers of the account.
    delete(&restarted, &admin, "PAT00000007").await.expect(200);
    let found = restarted
        .get_as(&admin.token, "/admin/users?user_type=patient")
        .await;
    assert!(column(&found, "users", "user_id").is_empty());
    let mut body = crate::harness::registration("oldjane");
    body["email"] = json!("old.jane@example.org");
    restarted.post("/auth/register", body).await.expect(200);
}

#[tokio::test]
async fn a_login_during_a_deletion_leaves_no_session() {
    let (server, admin) = clinic().await;
    let other = server.another().await;
    let jane = server.patient("jane").await.text("user_id");
    let logins = (0..8).map(|_| other.login("jane", PASSWORD));
    let (logins, deleted) = tokio::join!(
        futures_util::future::join_all(logins),
        delete(&server, &admin, &jane)
    );
    deleted.expect(200);
    other.read_revocations().await;
    for login in logins.iter().filter(|login| login.status == 200) {
        other
            .get_as(&login.token(), "/users/me")
            .await
            .refused(401, "SESSION_ERROR");
    }
    server
        .login("jane", PASSWORD)
        .await
        .refused(401, "AUTH_FAILED");
}
