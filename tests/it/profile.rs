//! The caller's own profile: what it shows, and what its owner may change.

use bson::doc;
use chrono::Duration;
use kernel::clock::rfc3339;
use serde_json::{Value, json};

use crate::harness::{PASSWORD, TestServer, registration_with};

const PATHS: [&str; 4] = [
    "/auth/me",
    "/users/me",
    "/user/profile",
    "/auth/user/profile",
];

#[tokio::test]
async fn a_patients_profile_is_the_same_under_its_four_paths() {
    let server = TestServer::start().await;
    let patient = server.patient("jane").await;
    let profile = server
        .get_as(&patient.token(), "/auth/me")
        .await
        .expect(200);
    for path in PATHS {
        let same = server
            .get_as(&patient.token(), &format!("/api/v1{path}"))
            .await
            .expect(200);
        assert_eq!(same.body, profile.body);
    }
    assert_eq!(
        (profile.text("user_id"), profile.text("id")),
        (patient.text("user_id"), patient.text("user_id"))
    );
    let expected = json!({ "username": "jane", "email": "jane@example.org", "full_name": "Jane Doe",
        "first_name": "Jane", "last_name": "Doe", "mobile": "+41 79 000 00 00", "user_type": "patient",
        "status": "active", "is_verified": true, "is_pregnant": false, "date_of_birth": null });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(profile.body.get(field), Some(value), "{field}");
    }
    assert!(profile.text("created_at").ends_with('Z'));
    for absent in [
        "specialization",
        "license_number",
        "approved",
        "password_hash",
        "_id",
    ] {
        assert_eq!(profile.body.get(absent), None, "{absent}");
    }
}

#[tokio::test]
async fn a_doctors_profile_has_a_doctors_fields() {
    let server = TestServer::start().await;
    let token = server.doctor("house").await.token();
    let profile = server.get_as(&token, "/users/me").await.expect(200);
    assert_eq!(
        (
            profile.text("specialization"),
            profile.text("license_number")
        ),
        ("Cardiology".into(), "MD-12345".into())
    );
    assert_eq!(
        (
            profile.body["approved"].clone(),
            profile.body.get("is_pregnant")
        ),
        (json!(false), None)
    );
}

#[tokio::test]
async fn a_doctors_empty_field_is_null_and_a_patients_field_absent() {
    let server = TestServer::start().await;
    let mut body = registration_with("wilson", "user_type", json!("doctor"));
    body["license_number"] = json!("MD-9");
    server.post("/auth/register", body).await.expect(200);
    let otp = server.code_for("wilson@example.org").await;
    let token = server.verify("wilson@example.org", &otp).await.token();
    let profile = server.get_as(&token, "/users/me").await.expect(200).body;
    assert_eq!(profile.get("specialization"), Some(&Value::Null));
    assert_eq!(profile.get("license_number"), Some(&json!("MD-9")));
    assert_eq!(profile.get("date_of_birth"), None);
}

#[tokio::test]
async fn every_field_of_a_patient_can_be_changed_under_every_path() {
    let server = TestServer::start().await;
    let token = server.patient("jane").await.token();
    let changes = json!({ "first_name": "Zo\u{eb}", "last_name": "O'Neill", "mobile": "(079) 111-22",
        "language": "de-CH", "is_pregnant": true, "date_of_birth": "1990-05-17" });
    for (n, (field, value)) in changes.as_object().unwrap().iter().enumerate() {
        let answer = server
            .patch_as(&token, PATHS[n % 4], json!({ field: value }))
            .await
            .expect(200);
        assert_eq!(answer.body[field], *value);
    }
    let profile = server.get_as(&token, "/auth/me").await.expect(200);
    assert_eq!(profile.text("full_name"), "Zo\u{eb} O'Neill");
    for (field, value) in changes.as_object().unwrap() {
        assert_eq!(profile.body[field], *value, "{field}");
    }
}

#[tokio::test]
async fn a_full_name_is_split_and_excludes_its_parts() {
    let server = TestServer::start().await;
    let token = server.patient("jane").await.token();
    let changed = server
        .patch_as(
            &token,
            "/auth/me",
            json!({ "full_name": " Anna Maria Meier " }),
        )
        .await
        .expect(200);
    assert_eq!(
        (changed.text("first_name"), changed.text("last_name")),
        ("Anna".into(), "Maria Meier".into())
    );
    let changed = server
        .patch_as(&token, "/auth/me", json!({ "full_name": "Cher" }))
        .await
        .expect(200);
    assert_eq!(
        (changed.text("full_name"), changed.text("last_name")),
        ("Cher".into(), String::new())
    );
    let both = json!({ "full_name": "A B", "last_name": "C" });
    assert_eq!(
        server
            .patch_as(&token, "/auth/me", both)
            .await
            .validation_errors(),
        ["full_name one_of"]
    );
}

#[tokio::test]
async fn null_clears_optional_fields_and_is_refused_for_names() {
    let server = TestServer::start().await;
    let patient = server.patient("jane").await.token();
    let doctor = server.doctor("house").await.token();
    server
        .patch_as(
            &patient,
            "/auth/me",
            json!({ "date_of_birth": "1990-05-17" }),
        )
        .await
        .expect(200);
    let cleared = json!({ "mobile": null, "date_of_birth": null });
    let patient_after = server
        .patch_as(&patient, "/auth/me", cleared)
        .await
        .expect(200);
    assert_eq!(
        (
            &patient_after.body["mobile"],
            &patient_after.body["date_of_birth"]
        ),
        (&Value::Null, &Value::Null)
    );
    let cleared = json!({ "specialization": null, "license_number": null });
    let doctor_after = server
        .patch_as(&doctor, "/auth/me", cleared)
        .await
        .expect(200);
    assert_eq!(
        (
            &doctor_after.body["specialization"],
            &doctor_after.body["license_number"]
        ),
        (&Value::Null, &Value::Null)
    );
    for name in ["first_name", "full_name"] {
        assert_eq!(
            server
                .patch_as(&patient, "/auth/me", json!({ name: null }))
                .await
                .validation_errors(),
            [format!("{name} null")]
        );
    }
}

#[tokio::test]
async fn fields_of_the_other_user_type_are_refused() {
    let server = TestServer::start().await;
    let patient = server.patient("jane").await.token();
    let doctor = server.doctor("house").await.token();
    for (token, field, value) in [
        (&patient, "specialization", json!("Surgery")),
        (&patient, "license_number", Value::Null),
        (&doctor, "is_pregnant", json!(true)),
        (&doctor, "date_of_birth", json!("1990-05-17")),
    ] {
        let answer = server
            .patch_as(token, "/auth/me", json!({ field: value }))
            .await;
        answer.refused(422, "VALIDATION_ERROR");
        assert_eq!(
            answer.validation_errors(),
            [format!("{field} not_applicable")]
        );
    }
}

#[tokio::test]
async fn an_unchangeable_field_refuses_the_complete_change() {
    let server = TestServer::start().await; // INJ-4
    let token = server.doctor("house").await.token();
    let before = server.stored("doctor_v2").await;
    for field in [
        "approved",
        "status",
        "is_verified",
        "user_id",
        "id",
        "user_type",
        "email",
        "username",
        "password",
        "password_hash",
        "created_at",
        "last_login_at",
        "$set",
    ] {
        let body = json!({ "first_name": "Gregory", field: "x" });
        let answer = server.patch_as(&token, "/auth/me", body).await;
        answer.refused(422, "VALIDATION_ERROR");
        assert!(
            answer.validation_errors()[0].ends_with(" unknown"),
            "{field}"
        );
    }
    assert_eq!(server.stored("doctor_v2").await, before);
}

#[tokio::test]
async fn profile_changes_follow_the_rules_of_registration() {
    let server = TestServer::start().await; // ID-4
    let token = server.patient("jane").await.token();
    let body = json!({ "first_name": "a\u{202e}b", "last_name": "a\nb", "mobile": "phone", "date_of_birth": "3000-01-01",
        "language": "german!", "is_pregnant": "yes" });
    let typed = server.patch_as(&token, "/auth/me", body).await;
    let mut errors = typed.validation_errors();
    errors.sort();
    assert_eq!(
        errors,
        [
            "date_of_birth date_in_future",
            "first_name forbidden_character",
            "is_pregnant type",
            "last_name forbidden_character",
            "mobile mobile_invalid"
        ]
    );
}

#[tokio::test]
async fn a_new_license_number_or_specialization_revokes_the_approval() {
    let server = TestServer::start().await;
    let token = server.doctor("house").await.token(); // The token is issued before the approval and stays valid.
    for (change, approved) in [
        (json!({ "specialization": "Surgery" }), false), // ADM-6
        (
            json!({ "license_number": "MD-12345", "mobile": "0791112233" }),
            true,
        ),
        (json!({ "license_number": "MD-99999" }), false),
        (json!({ "license_number": null }), false),
        (json!({ "license_number": null }), true),
    ] {
        server
            .change_stored("doctor_v2", doc! {}, doc! { "approved": true })
            .await;
        let changed = server
            .patch_as(&token, "/auth/me", change.clone())
            .await
            .expect(200);
        assert_eq!(changed.body["approved"], approved, "{change}");
    }
}

#[tokio::test]
async fn a_revoked_approval_ends_the_doctors_session() {
    let server =
        TestServer::start_with(|settings| settings.config.auth.doctor_approval_required = true)
            .await;
    let body = registration_with("house", "user_type", json!("doctor"));
    server.post("/auth/register", body).await.expect(200);
    let otp = server.code_for("house@example.org").await;
    server.verify("house@example.org", &otp).await.expect(200);
    server
        .change_stored("doctor_v2", doc! {}, doc! { "approved": true })
        .await;
    let token = server.login("house", PASSWORD).await.expect(200).token();
    server
        .patch_as(&token, "/auth/me", json!({ "license_number": "MD-1" }))
        .await
        .expect(200);
    server
        .get_as(&token, "/auth/me")
        .await
        .refused(401, "SESSION_ERROR");
}

#[tokio::test]
async fn a_profile_needs_a_session() {
    let server = TestServer::start().await; // ENUM-7
    server.patient("jane").await;
    for path in PATHS {
        server.get(path).await.refused(401, "AUTH_FAILED");
        server
            .patch_as("x", path, json!({ "first_name": "Eve" }))
            .await
            .refused(401, "AUTH_FAILED");
    }
}

// D10
#[tokio::test]
async fn another_instance_sees_a_change_with_the_revocations() {
    let server = TestServer::start().await;
    let other = server.another().await;
    let token = server.patient("jane").await.token();
    for instance in [&server, &other] {
        instance.read_revocations().await; // From now on the profile comes from memory.
        instance.get_as(&token, "/users/me").await.expect(200);
    }
    let change = json!({ "first_name": "Joan" });
    server
        .patch_as(&token, "/users/me", change)
        .await
        .expect(200);
    let name = async |instance: &TestServer| {
        let me = instance.get_as(&token, "/users/me").await.expect(200);
        me.body["first_name"].as_str().unwrap().to_owned()
    };
    assert_eq!(name(&server).await, "Joan");
    other.read_revocations().await;
    assert_eq!(name(&other).await, "Joan");
}

#[tokio::test]
async fn a_cached_profile_shows_a_later_login() {
    let server = TestServer::start().await;
    let token = server.patient("jane").await.token();
    server.read_revocations().await;
    server.get_as(&token, "/users/me").await.expect(200);
    server.advance(Duration::seconds(1)).await;
    server.read_revocations().await;
    server.login("jane", PASSWORD).await.expect(200);
    let me = server.get_as(&token, "/users/me").await.expect(200);
    assert_eq!(me.body["last_login_at"], json!(rfc3339(server.clock.now())));
}

#[tokio::test]
async fn an_unknown_language_does_not_change_the_profile() {
    let server = TestServer::start().await;
    let token = server.patient("jane").await.token();
    let set = json!({ "language": "de-CH" });
    server.patch_as(&token, "/auth/me", set).await.expect(200);
    for language in ["en_US", "xx-!!", "tlh", "", "  "] {
        let body = json!({ "language": language, "first_name": "Janet" });
        let profile = server.patch_as(&token, "/auth/me", body).await.expect(200);
        assert_eq!(profile.text("language"), "de-CH", "{language:?}");
        assert_eq!(profile.text("first_name"), "Janet");
    }
}
