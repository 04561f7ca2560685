//! Tests of the login: by each identifier, as JSON and as a form, and with unusual passwords.

use bson::doc;
use clinic_auth::config::Settings;
use serde_json::{Value, json};

use crate::harness::{Answer, PASSWORD, TestServer, registration};

async fn post_form(server: &TestServer, path: &str, form: &[(&str, &str)]) -> Answer {
    Answer::of(server.http.post(server.url(path)).form(form)).await
}

/// A server with the patient `jane`, whose password is `password`.
async fn with_password(password: &str) -> TestServer {
    let server = TestServer::start().await;
    let mut body = registration("jane");
    body["password"] = json!(password);
    let registered = server.post("/auth/register", body).await.expect(200);
    let proof = json!({
        "email": "jane@example.org",
        "otp": server.code_for("jane@example.org").await,
        "registration_token": registered.text("registration_token"),
    });
    server.post("/auth/verify-otp", proof).await.expect(200);
    server
}

// ID-3
#[tokio::test]
async fn every_spelling_of_an_identifier_logs_in_by_both_fields() {
    let server = TestServer::start().await;
    let id = server.patient("jane").await.text("user_id");
    let spellings = [
        id.clone(),
        id.to_lowercase(),
        "jane".to_owned(),
        " JANE ".to_owned(),
        "jane@example.org".to_owned(),
        "Jane@EXAMPLE.org".to_owned(),
    ];
    for name in spellings {
        for field in ["username", "email"] {
            let body = json!({ field: name, "password": PASSWORD });
            let answer = server.post("/auth/login", body).await.expect(200);
            assert_eq!(answer.text("user_id"), id, "{field} {name}");
        }
    }
}

#[tokio::test]
async fn the_login_response_has_every_field_that_clients_read() {
    let server = TestServer::start().await;
    let id = server.patient("jane").await.text("user_id");
    let body = server.login("jane", PASSWORD).await.expect(200).body;
    assert_eq!(body["success"], true);
    assert_eq!(body["token_type"], "bearer");
    assert_eq!(body["expires_in"], 1800);
    assert_eq!(body["refresh_expires_in"], 7 * 86_400);
    assert_eq!(body["user_id"], id);
    assert_eq!(body["user_type"], "patient");
    assert_eq!(body["username"], "jane");
    assert_eq!(body["full_name"], "Jane Doe");
    assert!(body["session_id"].is_string() && body["refresh_token"].is_string());
}

#[tokio::test]
async fn login_needs_exactly_one_of_username_and_email() {
    let server = TestServer::start().await;
    let both = json!({ "username": "jane", "email": "jane@example.org", "password": "x" });
    for body in [both, json!({ "password": "x" })] {
        let answer = server.post("/auth/login", body).await;
        answer.refused(422, "VALIDATION_ERROR");
        assert_eq!(answer.validation_errors(), ["username one_of"]);
    }
}

#[tokio::test]
async fn a_json_login_accepts_null_and_refuses_unknown_fields() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    let null = json!({ "username": "jane", "email": null, "password": PASSWORD });
    server.post("/auth/login", null).await.expect(200);
    let more = json!({ "username": "jane", "password": PASSWORD, "scope": "x" });
    let answer = server.post("/auth/login", more).await.expect(422);
    assert_eq!(answer.validation_errors(), ["scope unknown"]);
}

// INJ-1
#[tokio::test]
async fn a_value_that_is_no_text_is_refused_and_not_repeated() {
    let server = TestServer::start().await;
    for value in [
        json!({ "$ne": "zzz" }),
        json!(["zzz"]),
        json!(1),
        json!(true),
    ] {
        for field in ["username", "password", "device_name"] {
            let mut body = json!({ "username": "jane", "password": PASSWORD });
            body[field] = value.clone();
            let answer = server.post("/auth/login", body).await;
            answer.refused(422, "VALIDATION_ERROR");
            assert!(!answer.raw.contains("zzz"), "{}", answer.raw);
        }
    }
}

#[tokio::test]
async fn an_oauth2_form_logs_in_and_its_other_fields_are_ignored() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    let form = [
        ("grant_type", "password"),
        ("username", "jane"),
        ("password", PASSWORD),
        ("scope", "openid"),
        ("client_id", "app"),
    ];
    let answer = post_form(&server, "/auth/login", &form).await.expect(200);
    server.get_as(&answer.token(), "/auth/me").await.expect(200);
    let wrong = [("username", "jane"), ("password", "wrong")];
    let answer = post_form(&server, "/auth/login", &wrong).await;
    answer.refused(401, "AUTH_FAILED");
}

#[tokio::test]
async fn the_json_alias_refuses_forms() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    let form = [("username", "jane"), ("password", PASSWORD)];
    let refused = post_form(&server, "/auth/login/json", &form).await;
    refused.refused(415, "UNSUPPORTED_MEDIA_TYPE");
    let body = json!({ "username": "jane", "password": PASSWORD });
    server.post("/auth/login/json", body).await.expect(200);
}

#[tokio::test]
async fn login_works_under_api_v1() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    let body = json!({ "email": "jane@example.org", "password": PASSWORD });
    server.post("/api/v1/auth/login", body).await.expect(200);
}

#[tokio::test]
async fn the_session_list_shows_the_given_device_name() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    let body = json!({ "username": "jane", "password": PASSWORD, "device_name": "Front desk" });
    let token = server.post("/auth/login", body).await.expect(200).token();
    let sessions = server.get_as(&token, "/auth/sessions").await.expect(200);
    let current = |s: &&Value| s["current"] == true;
    let list = sessions.body["sessions"].as_array().unwrap();
    let mine = list.iter().find(current).unwrap();
    assert_eq!(mine["device_name"], "Front desk");
}

#[tokio::test]
async fn the_profile_shows_the_last_login() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    server.advance(chrono::Duration::minutes(3)).await;
    let token = server.login("jane", PASSWORD).await.expect(200).token();
    let profile = server.get_as(&token, "/auth/me").await.expect(200);
    let now = kernel::clock::rfc3339(server.clock.now());
    assert_eq!(profile.text("last_login_at"), now);
}

// PW-3
#[tokio::test]
async fn passwords_with_a_long_common_prefix_are_different() {
    for length in [72, 127] {
        let common = "a1 ".repeat(length)[..length].to_owned();
        let server = with_password(&format!("{common}x")).await;
        server
            .login("jane", &format!("{common}x"))
            .await
            .expect(200);
        let other = server.login("jane", &format!("{common}y")).await;
        other.refused(401, "AUTH_FAILED");
        server
            .login("jane", &common)
            .await
            .refused(401, "AUTH_FAILED");
    }
}

// PW-3
#[tokio::test]
async fn a_nul_byte_does_not_end_a_password() {
    let server = with_password("before\0after the nul").await;
    server.login("jane", "before").await.expect(401);
    server.login("jane", "before\0other").await.expect(401);
    server
        .login("jane", "before\0after the nul")
        .await
        .expect(200);
}

// PW-4, D4
#[tokio::test]
async fn passwords_are_unicode_normalized_and_not_trimmed() {
    let server = with_password(" caf\u{e9} au lait ").await;
    let decomposed = " cafe\u{301} au lait ";
    server.login("jane", decomposed).await.expect(200);
    server.login("jane", decomposed.trim()).await.expect(401);
    server
        .login("jane", " CAF\u{c9} AU LAIT ")
        .await
        .expect(401);
}

#[tokio::test]
async fn only_the_right_password_reveals_a_disabled_account() {
    let server = TestServer::start().await;
    let id = server.patient("jane").await.text("user_id");
    server
        .set_stored_account(&id, doc! { "status": "disabled" })
        .await;
    server
        .login("jane", "wrong")
        .await
        .refused(401, "AUTH_FAILED");
    let told = server.login("jane", PASSWORD).await;
    told.refused(403, "ACCESS_DENIED");
    let sessions = server.get_as(&told.code().to_lowercase(), "/auth/me").await;
    sessions.refused(401, "AUTH_FAILED");
}

// D7
#[tokio::test]
async fn only_the_right_password_reveals_a_missing_approval() {
    let wait = |settings: &mut Settings| settings.config.auth.doctor_approval_required = true;
    let server = TestServer::start().await;
    let id = server.doctor("house").await.text("user_id");
    let strict = server.another_with(wait).await;
    strict
        .login("house", "wrong")
        .await
        .refused(401, "AUTH_FAILED");
    strict
        .login("house", PASSWORD)
        .await
        .refused(403, "ACCESS_DENIED");
    server
        .set_stored_account(&id, doc! { "approved": true })
        .await;
    strict.login("house", PASSWORD).await.expect(200);
}

// HASH-1
#[tokio::test]
async fn equal_passwords_are_stored_as_different_argon2id_hashes() {
    let server = TestServer::start().await;
    let mut stored = Vec::new();
    for name in ["jane", "june"] {
        let id = server.patient(name).await.text("user_id");
        let account = server.stored_account(&id).await;
        stored.push(account.get_str("password_hash").unwrap().to_owned());
    }
    let cost = |hash: &String| hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$");
    assert!(stored.iter().all(cost), "{stored:?}");
    assert_ne!(stored[0], stored[1]);
}

// REG-7
#[tokio::test]
async fn a_pending_user_cannot_log_in() {
    let server = TestServer::start().await;
    server.register("jane").await.expect(200);
    server
        .login("jane", PASSWORD)
        .await
        .refused(401, "AUTH_FAILED");
    let by_mail = server.login("jane@example.org", PASSWORD).await;
    by_mail.refused(401, "AUTH_FAILED");
}

// ENUM-2, REG-2
#[tokio::test]
async fn a_reused_username_logs_its_new_owner_in() {
    let server = TestServer::start().await;
    let admin = server.admin("root1").await;
    let before = server.patient("jane").await.text("user_id");
    server.login("jane", PASSWORD).await.expect(200);
    let path = format!("/admin/users/{before}");
    server.delete_as(&admin.token, &path).await.expect(200);
    server
        .login("jane", PASSWORD)
        .await
        .refused(401, "AUTH_FAILED");
    let after = server.patient("jane").await.text("user_id");
    let again = server.login("jane", PASSWORD).await.expect(200);
    assert_eq!(again.text("user_id"), after);
    assert_ne!(before, after);
}

// ID-3
#[tokio::test]
async fn a_released_username_logs_no_account_in() {
    let server = TestServer::start().await;
    let id = server.patient("jane").await.text("user_id");
    server.login("jane", PASSWORD).await.expect(200);
    let renamed = doc! { "username": "nora" };
    server.set_stored_account(&id, renamed).await;
    let identifiers = server.app.store.raw("identifiers");
    let freed = identifiers.delete_one(doc! { "_id": "username:jane" });
    assert_eq!(freed.await.unwrap().deleted_count, 1);
    server
        .login("jane", PASSWORD)
        .await
        .refused(401, "AUTH_FAILED");
}
