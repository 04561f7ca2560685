//! Changing what somebody may do: disable, enable, roles, approval, unlock, log out, reset.

use clinic_auth::domain::{ids::UserId, user::User};
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
async fn a_disabled_account_is_out_at_once_and_in_again_when_enabled() {
    let (server, admin) = clinic().await;
    let elsewhere = server.another().await;
    let jane = server.patient("jane").await;
    elsewhere
        .get_as(&jane.token(), "/users/me")
        .await
        .expect(200);
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
    elsewhere.follow().await; // D10
    elsewhere
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
async fn a_disabled_account_cannot_be_opened_by_a_reset_that_was_under_way() {
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
async fn an_invitation_that_was_withdrawn_opens_nothing_and_enabling_invites_again() {
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
}

#[tokio::test]
async fn staff_becomes_admin_by_logging_in_again_and_keeps_the_user_id() {
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
async fn nobody_changes_or_deletes_their_own_account() {
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
async fn an_approved_doctor_comes_in_where_approval_is_required() {
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
async fn what_does_not_belong_to_the_account_is_a_fault() {
    let (server, admin) = clinic().await;
    let jane = server.patient("jane").await.text("user_id");
    let body = json!({ "user_type": "admin", "approved": true });
    let answer = change(&server, &admin, &jane, body).await;
    assert_eq!(
        answer.faults(),
        ["user_type not_applicable", "approved not_applicable"]
    );
    for (body, fault) in [
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
            (answer.status, answer.faults()),
            (422, vec![fault.to_owned()])
        );
    }
    let me = server.login("jane", PASSWORD).await.expect(200);
    assert_eq!(me.text("user_type"), "patient");
}

#[tokio::test]
async fn an_unlocked_account_takes_the_right_password_at_once() {
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
async fn an_administrator_ends_every_session_of_somebody_on_every_instance() {
    let (server, admin) = clinic().await;
    let elsewhere = server.another().await;
    let one = server.patient("jane").await;
    let two = elsewhere.login("jane", PASSWORD).await.token();
    elsewhere.get_as(&two, "/users/me").await.expect(200);
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
    elsewhere.follow().await;
    elsewhere
        .get_as(&two, "/users/me")
        .await
        .refused(401, "SESSION_ERROR"); // SES-6
    server.login("jane", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn an_administrator_starts_a_reset_and_the_old_password_holds_until_its_end() {
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
async fn a_disabled_account_is_mailed_no_reset() {
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
async fn nothing_is_done_to_somebody_who_does_not_exist() {
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

/// The account as the database has it.
async fn account_in_the_store(server: &TestServer, user_id: &str) -> User {
    let user_id = UserId::from_stored(user_id);
    let found = server.app.store.accounts().find_by_user_id(&user_id).await;
    found.unwrap().unwrap()
}

#[tokio::test]
async fn a_reset_that_read_the_account_before_it_was_disabled_does_not_open_it() {
    let (server, admin) = clinic().await;
    let invitation = crate::harness::invitation("dana", "admin");
    let dana = server
        .post_as(&admin.token, "/admin/users", invitation)
        .await
        .text("user_id");
    let before = account_in_the_store(&server, &dana).await;
    change(&server, &admin, &dana, json!({ "status": "disabled" }))
        .await
        .expect(200);
    let hash = account_in_the_store(&server, &admin.user_id)
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
async fn a_login_that_read_the_account_before_it_was_changed_writes_nothing_back() {
    let (server, admin) = clinic().await;
    let other = server.admin("other").await;
    for body in [
        json!({ "user_type": "staff" }),
        json!({ "status": "disabled" }),
    ] {
        let mut before = account_in_the_store(&server, &other.user_id).await;
        before.email = "Other@Example.org".to_owned(); // as the older service wrote it
        change(&server, &admin, &other.user_id, body)
            .await
            .expect(200);
        let changed = account_in_the_store(&server, &other.user_id).await;
        let (accounts, now) = (server.app.store.accounts(), server.clock.now());
        accounts
            .note_login(&before, "address", 20, now)
            .await
            .unwrap();
        let after = account_in_the_store(&server, &other.user_id).await;
        assert_eq!(
            (after.user_type, after.status),
            (changed.user_type, changed.status)
        );
    }
}
