//! A doctor's approval is valid only for the license and the person that the administrator saw (ADM-6).

use bson::doc;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::clinic;
use crate::harness::{Answer, Person, TestServer};

/// Approves `user_id`, for the license that the administrator saw.
async fn approve(server: &TestServer, admin: &Person, user_id: &str, seen: Value) -> Answer {
    let path = format!("/admin/users/{user_id}");
    let body = json!({ "approved": true, "license_number": seen });
    server.patch_as(&admin.token, &path, body).await
}

/// Creates and approves a doctor. Returns the answer of the next login.
async fn approved(server: &TestServer, admin: &Person) -> Answer {
    let path = format!(
        "/admin/users/{}",
        server.doctor("house").await.text("user_id")
    );
    server
        .patch_as(&admin.token, &path, json!({ "approved": true }))
        .await
        .expect(200);
    server
        .login("house", crate::harness::PASSWORD)
        .await
        .expect(200)
}

/// The claim `approved` of an access token.
fn claim(token: &str) -> Value {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let claims = URL_SAFE_NO_PAD
        .decode(token.split('.').nth(1).unwrap())
        .unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    claims["approved"].clone()
}

async fn is_approved(server: &TestServer, admin: &Person, user_id: &str) -> bool {
    let path = format!("/admin/users/{user_id}");
    let answer = server.get_as(&admin.token, &path).await.expect(200);
    answer.body["approved"] == true
}

/// `outcome detail` of each audit event about `user_id`, newest first.
async fn trail(server: &TestServer, admin: &Person, user_id: &str) -> Vec<String> {
    let path = format!("/admin/audit-log?subject={user_id}&limit=100");
    let answer = server.get_as(&admin.token, &path).await.expect(200);
    let entries = answer.body["entries"].as_array().unwrap();
    let show = |entry: &Value| {
        format!(
            "{} {}",
            entry["outcome"].as_str().unwrap(),
            entry["detail"].as_str().unwrap_or("-")
        )
    };
    entries.iter().map(show).collect()
}

#[tokio::test]
async fn an_approval_of_a_license_that_changed_is_409() {
    let (server, admin) = clinic().await;
    let house = server.doctor("house").await;
    let id = house.text("user_id");
    let other = json!({ "license_number": "MD-99999" });
    server
        .patch_as(&house.token(), "/auth/me", other)
        .await
        .expect(200);
    for seen in [
        json!("MD-12345"),
        json!("md-99999"),
        json!("MD-9999"),
        json!(null),
        json!(""),
    ] {
        approve(&server, &admin, &id, seen)
            .await
            .refused(409, "VERSION_CONFLICT");
    }
    assert!(!is_approved(&server, &admin, &id).await);
    assert_eq!(
        trail(&server, &admin, &id).await[1],
        "failure VERSION_CONFLICT"
    );
    let done = approve(&server, &admin, &id, json!(" MD-99999 "))
        .await
        .expect(200);
    assert_eq!(
        (&done.body["approved"], done.text("license_number")),
        (&json!(true), "MD-99999".into())
    );
    assert_eq!(trail(&server, &admin, &id).await[0], "success -");
}

#[tokio::test]
async fn a_doctor_without_a_license_is_approved_with_null() {
    let (server, admin) = clinic().await;
    let mut body = crate::harness::registration("house");
    body["user_type"] = json!("doctor");
    let id = server.account("house", body).await.text("user_id");
    approve(&server, &admin, &id, json!("MD-1"))
        .await
        .refused(409, "VERSION_CONFLICT");
    approve(&server, &admin, &id, json!(null)).await.expect(200);
    // The older service stored some licenses as numbers.
    server
        .set_stored_account(&id, doc! { "license_number": 12_345, "approved": false })
        .await;
    approve(&server, &admin, &id, json!("12346"))
        .await
        .refused(409, "VERSION_CONFLICT");
    approve(&server, &admin, &id, json!("12345"))
        .await
        .expect(200);
    // Without the field, as older clients send it.
    let path = format!("/admin/users/{id}");
    server
        .set_stored_account(&id, doc! { "approved": false })
        .await;
    server
        .patch_as(&admin.token, &path, json!({ "approved": true }))
        .await
        .expect(200);
}

#[tokio::test]
async fn a_seen_license_is_accepted_only_with_an_approval() {
    let (server, admin) = clinic().await;
    let id = server.doctor("house").await.text("user_id");
    let jane = server.patient("jane").await.text("user_id");
    for (user_id, body, error) in [
        (
            &id,
            json!({ "license_number": "MD-12345" }),
            "license_number not_applicable",
        ),
        (
            &id,
            json!({ "approved": false, "license_number": "MD-12345" }),
            "license_number not_applicable",
        ),
        (
            &id,
            json!({ "approved": true, "license_number": 7 }),
            "license_number type",
        ),
        (
            &jane,
            json!({ "approved": true, "license_number": "MD-12345" }),
            "approved not_applicable",
        ),
    ] {
        let path = format!("/admin/users/{user_id}");
        let answer = server.patch_as(&admin.token, &path, body).await;
        assert_eq!(
            (answer.status, answer.validation_errors()),
            (422, vec![error.to_owned()])
        );
    }
}

#[tokio::test]
async fn a_new_name_specialization_or_license_revokes_the_approval() {
    let (server, admin) = clinic().await;
    let elsewhere = server.another().await;
    let mut house = approved(&server, &admin).await;
    let id = house.text("user_id");
    for change in [
        json!({ "first_name": "Gregory" }),
        json!({ "last_name": "Wilson" }),
        json!({ "full_name": "James Wilson-Adler" }),
        json!({ "specialization": "Oncology" }),
        json!({ "specialization": null }),
        json!({ "license_number": "MD-777" }),
        json!({ "license_number": null }),
    ] {
        assert_eq!(claim(&house.token()), true);
        elsewhere
            .get_as(&house.token(), "/auth/me")
            .await
            .expect(200);
        let changed = server
            .patch_as(&house.token(), "/auth/me", change.clone())
            .await
            .expect(200);
        assert_eq!(changed.body["approved"], false, "{change}");
        assert_eq!(
            trail(&server, &admin, &id).await[0],
            "success approval_withdrawn"
        );
        elsewhere.read_revocations().await;
        for instance in [&server, &elsewhere] {
            // The approval in the token is no longer true, but the session continues.
            instance
                .get_as(&house.token(), "/auth/me")
                .await
                .refused(401, "AUTH_FAILED");
            let token = json!({ "token": house.token() });
            instance
                .post("/auth/validate-token", token)
                .await
                .refused(401, "AUTH_FAILED");
        }
        let fresh = elsewhere.refresh(&house.refresh_token()).await.expect(200);
        assert_eq!(
            (claim(&fresh.token()), fresh.text("session_id")),
            (json!(false), house.text("session_id"))
        );
        server.get_as(&fresh.token(), "/auth/me").await.expect(200);
        let path = format!("/admin/users/{id}");
        server
            .patch_as(&admin.token, &path, json!({ "approved": true }))
            .await
            .expect(200);
        // A token without the approval stays valid, because it claims less than is true.
        server.get_as(&fresh.token(), "/auth/me").await.expect(200);
        house = server
            .login("house", crate::harness::PASSWORD)
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn an_older_doctor_loses_the_approval_as_well() {
    let backup = crate::legacy_data::BACKUP.replace("DOC00000201", "USR00000201");
    let server = crate::legacy_data::prepared(&backup).await;
    let admin = server.admin("boss").await;
    let approved = approve(&server, &admin, "USR00000201", json!("MD-201")).await;
    approved.expect(200);
    let house = server
        .login("dr_house", "Autumn-River-77")
        .await
        .expect(200);
    let change = json!({ "license_number": "MD-999" });
    let changed = server.patch_as(&house.token(), "/auth/me", change).await;
    assert_eq!(changed.expect(200).body["approved"], false);
    assert!(!is_approved(&server, &admin, "USR00000201").await);
}

#[tokio::test]
async fn other_changes_keep_the_approval() {
    let (server, admin) = clinic().await;
    let house = approved(&server, &admin).await;
    for change in [
        json!({ "mobile": "+1 555 0100" }),
        json!({ "language": "fr" }),
        json!({ "first_name": "Jane", "last_name": "Doe", "specialization": "Cardiology", "license_number": "MD-12345" }),
    ] {
        let changed = server
            .patch_as(&house.token(), "/auth/me", change.clone())
            .await
            .expect(200);
        assert_eq!(changed.body["approved"], true, "{change}");
        server.get_as(&house.token(), "/auth/me").await.expect(200);
    }
    let id = house.text("user_id");
    assert!(
        !trail(&server, &admin, &id)
            .await
            .contains(&"success approval_withdrawn".to_owned())
    );
}

#[tokio::test]
async fn a_concurrent_license_change_is_never_approved_unseen() {
    let (server, admin) = clinic().await;
    let other = server.another().await;
    let house = server.doctor("house").await;
    let id = house.text("user_id");
    for round in 0..6 {
        let seen = server
            .get_as(&house.token(), "/auth/me")
            .await
            .expect(200)
            .text("license_number");
        let swap = json!({ "license_number": format!("MD-new-{round}") });
        let approvals = (0..4).map(|number| {
            let at = if number % 2 == 0 { &server } else { &other };
            approve(at, &admin, &id, json!(seen))
        });
        let token = house.token();
        let swap = other.patch_as(&token, "/auth/me", swap);
        let (answers, swapped) = tokio::join!(join_all(approvals), swap);
        swapped.expect(200);
        for answer in answers {
            assert!(
                answer.status == 200 || answer.code() == "VERSION_CONFLICT",
                "{}",
                answer.raw
            );
        }
        assert!(!is_approved(&server, &admin, &id).await, "{round}");
    }
}

#[tokio::test]
async fn an_unapproved_doctor_is_refused_where_approval_is_required() {
    let server =
        TestServer::start_with(|settings| settings.config.auth.doctor_approval_required = true)
            .await;
    let admin = server.admin("boss").await;
    let mut body = crate::harness::registration("house");
    body["user_type"] = json!("doctor");
    body["license_number"] = json!("MD-12345");
    server.post("/auth/register", body).await.expect(200);
    let otp = server.code_for("house@example.org").await;
    let id = server
        .verify("house@example.org", &otp)
        .await
        .expect(200)
        .text("user_id");
    let path = format!("/admin/users/{id}");
    server
        .patch_as(&admin.token, &path, json!({ "approved": true }))
        .await
        .expect(200);
    let house = server
        .login("house", crate::harness::PASSWORD)
        .await
        .expect(200);
    let change = json!({ "last_name": "Wilson" });
    server
        .patch_as(&house.token(), "/auth/me", change)
        .await
        .expect(200);
    server
        .get_as(&house.token(), "/auth/me")
        .await
        .refused(401, "SESSION_ERROR");
    server
        .refresh(&house.refresh_token())
        .await
        .refused(401, "SESSION_ERROR");
    server
        .login("house", crate::harness::PASSWORD)
        .await
        .refused(403, "ACCESS_DENIED");
}
