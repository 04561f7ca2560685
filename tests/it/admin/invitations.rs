//! Colleagues are invited, and set their own password.

use chrono::Duration;
use serde_json::json;

use super::clinic;
use crate::harness::{PASSWORD, TestServer, invitation};

#[tokio::test]
async fn an_invited_person_sets_the_password_by_the_mailed_link() {
    let (server, admin) = clinic().await;
    let mut body = invitation("dana", "staff");
    body["username"] = json!("Dana.Desk");
    let created = server
        .post_as(&admin.token, "/admin/users", body)
        .await
        .expect(200);
    assert_eq!(created.text("status"), "invited");
    assert!(created.text("user_id").starts_with("STF"));
    let link = server.link_token_for("dana@example.org").await;
    let dana = server.accept("dana@example.org", &link).await;
    assert_eq!(dana.user_id, created.text("user_id"));
    server.login("dana.desk", PASSWORD).await.expect(200);
    let again = json!({ "token": link, "new_password": PASSWORD, "confirm_password": PASSWORD });
    server
        .post("/auth/reset-password", again)
        .await
        .refused(400, "OTP_ERROR");
}

#[tokio::test]
async fn an_account_with_an_open_invitation_cannot_log_in() {
    let (server, admin) = clinic().await;
    let created = server
        .post_as(&admin.token, "/admin/users", invitation("dana", "admin"))
        .await;
    let user_id = created.expect(200).text("user_id");
    server
        .login("dana@example.org", PASSWORD)
        .await
        .refused(401, "AUTH_FAILED");
    let path = format!("/admin/users/{user_id}");
    let account = server.get_as(&admin.token, &path).await.expect(200);
    assert_eq!(
        (account.text("status"), &account.body["is_verified"]),
        ("invited".into(), &json!(false))
    );
}

#[tokio::test]
async fn an_invitation_expires_after_exactly_72_hours() {
    for (age, status) in [
        (Duration::seconds(72 * 3600 - 1), 200),
        (Duration::hours(72), 400),
    ] {
        let (server, admin) = clinic().await;
        let invitation = invitation("dana", "staff");
        server
            .post_as(&admin.token, "/admin/users", invitation)
            .await
            .expect(200);
        let link = server.link_token_for("dana@example.org").await;
        server.advance(age).await;
        let body = json!({ "token": link, "new_password": PASSWORD, "confirm_password": PASSWORD });
        server
            .post("/auth/reset-password", body)
            .await
            .expect(status);
    }
}

#[tokio::test]
async fn only_the_newest_invitation_is_valid() {
    let (server, admin) = clinic().await;
    let created = server
        .post_as(&admin.token, "/admin/users", invitation("dana", "staff"))
        .await;
    let path = format!(
        "/admin/users/{}/reset-password",
        created.expect(200).text("user_id")
    );
    let old = server.link_token_for("dana@example.org").await;
    server.advance(Duration::hours(80)).await;
    let admin = server.logged_in(&admin.email).await;
    server.call_as(&admin.token, &path).await.expect(200);
    let new = server.link_token_for("dana@example.org").await;
    let body = json!({ "token": old, "new_password": PASSWORD, "confirm_password": PASSWORD });
    server
        .post("/auth/reset-password", body)
        .await
        .refused(400, "OTP_ERROR");
    server.accept("dana@example.org", &new).await;
}

#[tokio::test]
async fn a_reset_request_does_not_end_an_invitation() {
    let (server, admin) = clinic().await;
    let invitation = invitation("dana", "staff");
    server
        .post_as(&admin.token, "/admin/users", invitation)
        .await
        .expect(200);
    server.advance(Duration::hours(1)).await;
    let forgot = json!({ "email": "dana@example.org" });
    server
        .post("/auth/forgot-password", forgot)
        .await
        .expect(200);
    let link = server.link_token_for("dana@example.org").await;
    server.advance(Duration::hours(71)).await; // This is longer than the lifetime of a reset.
    server.accept("dana@example.org", &link).await;
}

#[tokio::test]
async fn an_invitation_with_a_taken_name_leaves_nothing_behind() {
    let (server, admin) = clinic().await;
    server.patient("jane").await;
    let mut body = invitation("dana", "staff");
    body["username"] = json!("JANE");
    let refused = server.post_as(&admin.token, "/admin/users", body).await;
    refused.refused(409, "USER_EXISTS");
    let body = invitation("JANE", "staff");
    server
        .post_as(&admin.token, "/admin/users", body)
        .await
        .refused(409, "USER_EXISTS");
    server
        .post_as(&admin.token, "/admin/users", invitation("dana", "staff"))
        .await
        .expect(200);
}

#[tokio::test]
async fn one_of_many_parallel_invitations_to_an_address_wins() {
    let (server, admin) = clinic().await;
    let other = server.another().await;
    let invite = |number: usize| {
        let at = if number.is_multiple_of(2) {
            &server
        } else {
            &other
        };
        at.post_as(&admin.token, "/admin/users", invitation("dana", "staff"))
    };
    let answers = futures_util::future::join_all((0..10).map(invite)).await;
    let won = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(won, 1);
    assert!(
        answers
            .iter()
            .all(|answer| matches!(answer.status, 200 | 409))
    );
    let link = server.link_token_for("dana@example.org").await;
    server.accept("dana@example.org", &link).await;
}

#[tokio::test]
async fn an_invitation_reports_every_invalid_field() {
    let (server, admin) = clinic().await;
    let body = json!({ "email": "no", "user_type": "patient", "first_name": "", "last_name": "D\u{0}", "username": "admin", "mobile": "x" });
    let answer = server.post_as(&admin.token, "/admin/users", body).await;
    answer.refused(422, "VALIDATION_ERROR");
    let errors = answer.validation_errors().join(", ");
    assert_eq!(
        errors,
        "user_type user_type_invalid, email email_invalid, first_name empty, last_name forbidden_character, username username_reserved, mobile mobile_invalid"
    );
    for (field, value) in [
        ("password", json!(PASSWORD)),
        ("status", json!("active")),
        ("user_id", json!("ADM1")),
    ] {
        let mut body = invitation("dana", "staff");
        body[field] = value; // INJ-4
        let answer = server.post_as(&admin.token, "/admin/users", body).await;
        assert_eq!(answer.validation_errors(), [format!("{field} unknown")]);
    }
}

/// Follows the newest link that was mailed to `address`, and logs in.
pub(super) async fn accept(server: &TestServer, address: &str) {
    let link = server.link_token_for(address).await;
    let body = json!({ "token": link, "new_password": PASSWORD, "confirm_password": PASSWORD });
    server.post("/auth/reset-password", body).await.expect(200);
    server.login(address, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn another_role_of_an_invited_colleague_sends_the_invitation_again() {
    let (server, admin) = clinic().await;
    let colleague = invitation("dana", "staff");
    let dana = server
        .post_as(&admin.token, "/admin/users", colleague)
        .await
        .text("user_id");
    let address = "dana@example.org";
    assert_eq!(server.mails_to(address).await, 1);
    let role = json!({ "user_type": "admin" });
    let path = format!("/admin/users/{dana}");
    let changed = server.patch_as(&admin.token, &path, role).await;
    let changed = changed.expect(200);
    assert_eq!(changed.text("status"), "invited");
    assert_eq!(server.mails_to(address).await, 2);
    accept(&server, address).await;
}
