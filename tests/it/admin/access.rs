//! The permissions of the roles (ADM-1). At each request the role in the database decides.

use crypto::AccessClaims;
use kernel::role::Role;
use serde_json::json;

use super::clinic;
use crate::harness::{Person, TestServer};

/// Each operation, and whether staff may use it. `USER` means a user id.
const OPERATIONS: [(&str, &str, bool); 18] = [
    ("GET", "/admin/pending-users", true),
    ("DELETE", "/admin/pending-users/USER", false),
    ("POST", "/admin/pending-users/USER/resend-otp", true),
    ("GET", "/admin/collections-status", true),
    ("GET", "/admin/activity", true),
    ("GET", "/admin/users", true),
    ("GET", "/users/", true),
    ("POST", "/admin/users", false),
    ("GET", "/admin/users/USER", true),
    ("GET", "/users/USER", true),
    ("PATCH", "/admin/users/USER", false),
    ("DELETE", "/admin/users/USER", false),
    ("POST", "/admin/users/USER/unlock", true),
    ("POST", "/admin/users/USER/logout-all", false),
    ("POST", "/admin/users/USER/reset-password", true),
    ("GET", "/admin/audit-log", false),
    ("GET", "/admin/mails", false),
    ("POST", "/admin/mails/USER/retry", false),
];

/// Calls an operation about `user_id`. Returns the status and the error code.
async fn call(
    server: &TestServer,
    caller: Option<&str>,
    (method, path): (&str, &str),
    user_id: &str,
) -> (u16, String) {
    let url = server.url(&path.replace("USER", user_id));
    let mut request = server.http.request(method.parse().unwrap(), url);
    if let Some(token) = caller {
        request = request.bearer_auth(token);
    }
    let answer = crate::harness::Answer::of(request).await;
    (answer.status, answer.code().to_owned())
}

#[tokio::test]
async fn without_a_token_every_operation_is_refused() {
    let (server, admin) = clinic().await;
    for (method, path, _) in OPERATIONS {
        let answer = call(&server, None, (method, path), &admin.user_id).await;
        assert_eq!(answer, (401, "AUTH_FAILED".to_owned()), "{method} {path}");
    }
}

#[tokio::test]
async fn patients_and_doctors_are_refused_everywhere() {
    let (server, admin) = clinic().await;
    let patient = server.patient("jane").await.token();
    let doctor = server.doctor("house").await.token();
    for (method, path, _) in OPERATIONS {
        for token in [&patient, &doctor] {
            let answer = call(&server, Some(token), (method, path), &admin.user_id).await;
            assert_eq!(answer, (403, "ACCESS_DENIED".to_owned()), "{method} {path}");
        }
    }
    assert_eq!(server.logged_in(&admin.email).await.user_id, admin.user_id);
}

#[tokio::test]
async fn staff_may_use_only_its_operations() {
    let (server, admin) = clinic().await;
    let staff = server.staff(&admin, "desk").await;
    for (method, path, allowed) in OPERATIONS {
        let (status, _) = call(&server, Some(&staff.token), (method, path), "PAT0").await;
        assert_eq!(status != 403, allowed, "{method} {path}: {status}");
    }
}

#[tokio::test]
async fn other_spellings_of_a_path_give_no_access() {
    let (server, _) = clinic().await;
    let patient = server.patient("jane").await.token();
    for path in [
        "//admin/users",
        "/ADMIN/users",
        "/admin//users",
        "/admin/%75sers",
    ] {
        server
            .get_as(&patient, path)
            .await
            .refused(404, "NOT_FOUND");
    }
    for path in ["/admin/users/", "/api/v1/admin/users", "/api/v1/users/"] {
        server
            .get_as(&patient, path)
            .await
            .refused(403, "ACCESS_DENIED");
    }
}

#[tokio::test]
async fn a_demoted_administrator_loses_access_on_every_instance() {
    let (server, admin) = clinic().await;
    let other = server.admin("other").await;
    let elsewhere = server.another().await;
    elsewhere
        .get_as(&other.token, "/admin/audit-log")
        .await
        .expect(200);
    demote(&server, &admin, &other).await;
    server
        .get_as(&other.token, "/admin/users")
        .await
        .refused(401, "SESSION_ERROR");
    elsewhere.read_revocations().await; // D10
    elsewhere
        .get_as(&other.token, "/admin/users")
        .await
        .refused(401, "SESSION_ERROR");
    let token = elsewhere.logged_in(&other.email).await.token;
    elsewhere
        .get_as(&token, "/admin/audit-log")
        .await
        .refused(403, "ACCESS_DENIED");
}

#[tokio::test]
async fn a_refresh_token_ends_with_the_role_change() {
    let (server, admin) = clinic().await;
    let other = server.admin("other").await;
    let session = server.login(&other.email, crate::harness::PASSWORD).await;
    demote(&server, &admin, &other).await;
    let body = json!({ "refresh_token": session.refresh_token() });
    server
        .post("/auth/refresh", body)
        .await
        .refused(401, "SESSION_ERROR");
}

#[tokio::test]
async fn the_role_in_the_database_overrides_the_token() {
    let (server, _) = clinic().await;
    let patient = server.patient("jane").await;
    let good = server
        .app
        .keys
        .verify(&patient.token(), server.clock.now())
        .unwrap();
    let mut claims = AccessClaims::clone(&good);
    claims.user_type = Role::Admin;
    let forged = server.app.keys.sign(&claims, server.clock.now()).unwrap();
    server
        .get_as(forged.expose(), "/admin/users")
        .await
        .refused(401, "SESSION_ERROR");
    server
        .get_as(&patient.token(), "/users/me")
        .await
        .expect(200);
}

async fn demote(server: &TestServer, admin: &Person, other: &Person) {
    let path = format!("/admin/users/{}", other.user_id);
    let change = json!({ "user_type": "staff" });
    server
        .patch_as(&admin.token, &path, change)
        .await
        .expect(200);
}
