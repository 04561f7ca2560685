//! Administrators change accounts: disable, enable, roles, approval, unlock, log out, reset.

use identity::accounts::documents::User;
use kernel::ids::UserId;
use serde_json::json;

use super::clinic;
use crate::harness::{PASSWORD, Person, TestServer};

async fn change(
    server: &TestServer,
    admin: &Person,
    user_id: &str,
    change: serde_json::Value,
) -> crate::harness::Answer {
    let path = format!("/admin/users/{user_id}");
    server.patch_as(&admin.token, &path, change).await
}

#[tokio::test]
async fn a_disabled_account_has_no_access_until_it_is_enabled() {
    let (server, admin) = clinic().await;
    let other = server.another().await;
    let jane = server.patient("jane").await;
    other.get_as(&jane.token(), "/users/me").await.expect(200);
    let answer = change(
        &server,
        &admin,
        &jane.text("user_id"),
        json!({ "status": "disabled" }),
    )
    .await;
    assert_eq!(answer.expect(200).text("status"), "disabled");
    server
        .get_as(&jane.token(), "/users/me")
        .await
        .refused(401, "SESSION_ERROR");
    other.read_revocations().await; // D10
    other
        .get_as(&jane.token(), "/users/me")
        .await
        .refused(401, "SESSION_ERROR");
    let refresh = json!({ "refresh_token": jane.refresh_token() });
    server
        .post("/auth/refresh", refresh)
        .await
        .refused(401, "SESSION_ERROR");
    server
        .login("jane", PASSWORD)
        .await
        .refused(403, "ACCESS_DENIED");
    change(
        &server,
        &admin,
        &jane.text("user_id"),
        json!({ "status": "active" }),
    )
    .await
    .expect(200);
    server
        .get_as(&jane.token(), "/users/me")
        .await
        .refused(401, "SESSION_ERROR");
    server.login("jane", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_pending_reset_does_not_reopen_a_disabled_account() {
    let (server, admin) = clinic().await;
    let jane = server.patient("jane").await.text("user_id");
    let forgot = json!({ "email": "jane@example.org" });
    server
        .post("/auth/forgot-password", forgot)
        .await
        .expect(200);
    let link = server.link_token_for("jane@example.org").await;
    change(&server, &admin, &jane, json!({ "status": "disabled" }))
        .await
        .expect(200);
    change(&server, &admin, &jane, json!({ "status": "active" }))
        .await
        .expect(200);
    let body = json!({ "token": link, "new_password": "another good passphrase", "confirm_password": "another good passphrase" });
    server
        .post("/auth/reset-password", body)
        .await
        .refused(400, "OTP_ERROR");
    server.login("jane", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn enabling_sends_a_withdrawn_invitation_again() {
    let (server, admin) = clinic().await;
    let invitation = crate::harness::invitation("dana", "admin");
    let dana = server
        .post_as(&admin.token, "/admin/users", invitation)
        .await
        .text("user_id");
    let link = server.link_token_for("dana@example.org").await;
    change(&server, &admin, &dana, json!({ "status": "disabled" }))
        .await
        .expect(200);
    let body = json!({ "token": link, "new_password": PASSWORD, "confirm_password": PASSWORD });
    server
        .post("/auth/reset-password", body)
        .await
        .refused(400, "OTP_ERROR");
    let enabled = change(&server, &admin, &dana, json!({ "status": "active" })).await;
    assert_eq!(enabled.expect(200).text("status"), "invited");
    server
        .login("dana@example.org", PASSWORD)
        .await
        .refused(401, "AUTH_FAILED");
    super::invitations::accept(&server, "dana@example.org").await;
}

#[tokio::test]
async fn promoted_staff_becomes_admin_at_the_next_login() {
    let (server, admin) = clinic().await;
    let dana = server.staff(&admin, "dana").await;
    let answer = change(
        &server,
        &admin,
        &dana.user_id,
        json!({ "user_type": "admin" }),
    )
    .await;
    assert_eq!(answer.expect(200).text("user_type"), "admin");
    server
        .get_as(&dana.token, "/users/me")
        .await
        .refused(401, "SESSION_ERROR"); // ADM-3
    let again = server.logged_in(&dana.email).await;
    assert_eq!(again.user_id, dana.user_id);
    server
        .get_as(&again.token, "/admin/audit-log")
        .await
        .expect(200);
}

#[tokio::test]
async fn administrators_cannot_change_or_delete_themselves() {
    let (server, admin) = clinic().await;
    server.admin("other").await;
    for body in [
        json!({ "user_type": "staff" }),
        json!({ "status": "disabled" }),
        json!({ "status": "active" }),
    ] {
        change(&server, &admin, &admin.user_id, body)
            .await
            .refused(403, "ACCESS_DENIED");
    }
    let path = format!("/admin/users/{}", admin.user_id);
    server
        .delete_as(&admin.token, &path)
        .await
        .refused(403, "ACCESS_DENIED");
    assert_eq!(server.logged_in(&admin.email).await.user_id, admin.user_id);
}

#[tokio::test]
async fn an_approved_doctor_logs_in_where_approval_is_required() {
    let server =
        TestServer::start_with(|settings| settings.config.auth.doctor_approval_required = true)
            .await;
    let admin = server.admin("boss").await;
    let house = server
        .post("/auth/register", doctor("house"))
        .await
        .expect(200)
        .text("user_id");
    let otp = server.code_for("house@example.org").await;
    let proof = json!({ "email": "house@example.org", "otp": otp });
    server.post("/auth/verify-otp", proof).await;
    server
        .login("house", PASSWORD)
        .await
        .refused(403, "ACCESS_DENIED"); // D7
    change(&server, &admin, &house, json!({ "approved": true }))
        .await
        .expect(200);
    let token = server.login("house", PASSWORD).await.expect(200).token();
    let taken_back = change(&server, &admin, &house, json!({ "approved": false })).await;
    assert_eq!(taken_back.expect(200).body["approved"], false);
    server
        .get_as(&token, "/users/me")
        .await
        .refused(401, "SESSION_ERROR");
    server
        .login("house", PASSWORD)
        .await
        .refused(403, "ACCESS_DENIED");
}

fn doctor(name: &str) -> serde_json::Value {
    let mut body = crate::harness::registration(name);
    body["user_type"] = json!("doctor");
    body
}

#[tokio::test]
async fn fields_that_the_account_cannot_have_are_refused() {
    let (server, admin) = clinic().await;
    let jane = server.patient("jane").await.text("user_id");
    let body = json!({ "user_type": "admin", "approved": true });
    let answer = change(&server, &admin, &jane, body).await;
    assert_eq!(
        answer.validation_errors(),
        ["user_type not_applicable", "approved not_applicable"]
    );
    for (body, error) in [
        (
            json!({ "user_type": "patient" }),
            "user_type user_type_invalid",
        ),
        (json!({ "status": "invited" }), "status choice"),
        (json!({ "status": null }), "status null"),
        (json!({ "approved": "yes" }), "approved type"),
        (json!({ "email": "x@example.org" }), "email unknown"), // INJ-4
        (json!({ "password_hash": "x" }), "password_hash unknown"),
        (json!({ "is_verified": true }), "is_verified unknown"),
        (json!({}), "body missing"),
    ] {
        let answer = change(&server, &admin, &jane, body).await;
        assert_eq!(
            (answer.status, answer.validation_errors()),
            (422, vec![error.to_owned()])
        );
    }
    let me = server.login("jane", PASSWORD).await.expect(200);
    assert_eq!(me.text("user_type"), "patient");
}

#[tokio::test]
async fn an_unlocked_account_can_log_in_at_once() {
    let (server, admin) = clinic().await;
    let jane = server.patient("jane").await.text("user_id");
    for _ in 0..5 {
        server
            .login("jane", "a wrong password")
            .await
            .refused(401, "AUTH_FAILED");
    }
    server
        .login("jane", PASSWORD)
        .await
        .refused(429, "RATE_LIMIT");
    let path = format!("/admin/users/{jane}/unlock");
    server.call_as(&admin.token, &path).await.expect(200);
    server.login("jane", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn an_administrator_ends_a_users_sessions_on_every_instance() {
    let (server, admin) = clinic().await;
    let other = server.another().await;
    let one = server.patient("jane").await;
    let two = other.login("jane", PASSWORD).await.token();
    other.get_as(&two, "/users/me").await.expect(200);
    let path = format!("/admin/users/{}/logout-all", one.text("user_id"));
    let answer = server.call_as(&admin.token, &path).await.expect(200);
    assert_eq!(
        (answer.text("message"), &answer.body["count"]),
        ("Logged out 2 sessions".into(), &json!(2))
    );
    server
        .get_as(&one.token(), "/users/me")
        .await
        .refused(401, "SESSION_ERROR");
    other.read_revocations().await;
    other
        .get_as(&two, "/users/me")
        .await
        .refused(401, "SESSION_ERROR"); // SES-6
    server.login("jane", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn the_old_password_works_until_an_admin_reset_completes() {
    let (server, admin) = clinic().await;
    let jane = server.patient("jane").await.text("user_id");
    let path = format!("/admin/users/{jane}/reset-password");
    server.call_as(&admin.token, &path).await.expect(200);
    let link = server.link_token_for("jane@example.org").await;
    server.login("jane", PASSWORD).await.expect(200); // RST-6, RST-7
    let new = "another good passphrase";
    let body = json!({ "token": link, "new_password": new, "confirm_password": new });
    server.post("/auth/reset-password", body).await.expect(200);
    server
        .login("jane", PASSWORD)
        .await
        .refused(401, "AUTH_FAILED");
    server.login("jane", new).await.expect(200);
}

#[tokio::test]
async fn a_disabled_account_gets_no_reset_mail() {
    let (server, admin) = clinic().await;
    let jane = server.patient("jane").await.text("user_id");
    change(&server, &admin, &jane, json!({ "status": "disabled" }))
        .await
        .expect(200);
    let before = server.mails_to("jane@example.org").await;
    let path = format!("/admin/users/{jane}/reset-password");
    server
        .call_as(&admin.token, &path)
        .await
        .refused(403, "ACCESS_DENIED");
    assert_eq!(server.mails_to("jane@example.org").await, before);
}

#[tokio::test]
async fn operations_on_an_unknown_user_are_not_found() {
    let (server, admin) = clinic().await;
    change(
        &server,
        &admin,
        "STF00000000",
        json!({ "status": "disabled" }),
    )
    .await
    .refused(404, "USER_NOT_FOUND");
    for action in ["unlock", "logout-all", "reset-password"] {
        let path = format!("/admin/users/STF00000000/{action}");
        server
            .call_as(&admin.token, &path)
            .await
            .refused(404, "USER_NOT_FOUND");
    }
    server
        .delete_as(&admin.token, "/admin/users/STF00000000")
        .await
        .refused(404, "USER_NOT_FOUND");
}

/// The account in the database.
async fn stored_user(server: &TestServer, user_id: &str) -> User {
    let user_id = UserId::from_stored(user_id);
    let found = server.app.store.accounts().find_by_user_id(&user_id).await;
    found.unwrap().unwrap()
}

#[tokio::test]
async fn a_reset_during_disabling_does_not_reopen_the_account() {
    let (server, admin) = clinic().await;
    let invitation = crate::harness::invitation("dana", "admin");
    let dana = server
        .post_as(&admin.token, "/admin/users", invitation)
        .await
        .text("user_id");
    let before = stored_user(&server, &dana).await;
    change(&server, &admin, &dana, json!({ "status": "disabled" }))
        .await
        .expect(200);
    let hash = stored_user(&server, &admin.user_id)
        .await
        .password_hash
        .unwrap();
    let set = server
        .app
        .store
        .accounts()
        .set_password(&before, &hash, server.clock.now())
        .await;
    assert!(!set.unwrap());
    server
        .login("dana@example.org", PASSWORD)
        .await
        .refused(401, "AUTH_FAILED");
}

#[tokio::test]
async fn a_login_during_a_change_does_not_overwrite_it() {
    let (server, admin) = clinic().await;
    let other = server.admin("other").await;
    for body in [
        json!({ "user_type": "staff" }),
        json!({ "status": "disabled" }),
    ] {
        let mut before = stored_user(&server, &other.user_id).await;
        // The older service wrote addresses like this.
        let older = serde_json::from_value(json!({ "email": "Other@Example.org" }));
        before.person.contact.email = older.unwrap();
        change(&server, &admin, &other.user_id, body)
            .await
            .expect(200);
        let changed = stored_user(&server, &other.user_id).await;
        let (accounts, now) = (server.app.store.accounts(), server.clock.now());
        accounts
            .note_login(&before, ("address", "device"), 20, now)
            .await
            .unwrap();
        let after = stored_user(&server, &other.user_id).await;
        assert_eq!(
            (after.user_type, after.status),
            (changed.user_type, changed.status)
        );
    }
}
