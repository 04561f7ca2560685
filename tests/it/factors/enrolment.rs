//! Setting up and removing an authenticator app, in a session and at a login that needs a first factor.

use chrono::Duration;
use clinic_auth::config::Settings;
use kernel::role::Role;
use serde_json::json;

use crate::harness::{Authenticator, PASSWORD, TestServer, mfa_token_in, registration, wrong_code};

fn doctors_must(settings: &mut Settings) {
    settings.config.mfa.required_roles = Some(vec![Role::Doctor]);
}

// MFA-2, MFA-5, MFA-13, MFA-26
#[tokio::test]
async fn an_app_counts_after_its_first_code_and_ends_other_sessions() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    let other = server.login("jane", PASSWORD).await.expect(200).token();
    let token = server.login("jane", PASSWORD).await.expect(200).token();
    let begun = server
        .call_as(&token, "/auth/mfa/totp/begin")
        .await
        .expect(200);
    let secret = begun.text("secret");
    assert_eq!(
        (secret.len(), begun.body["expires_in"].as_u64()),
        (32, Some(600))
    );
    let uri = begun.text("otpauth_uri");
    assert!(uri.starts_with("otpauth://totp/localhost:jane?"), "{uri}");
    assert!(uri.contains(&secret) && begun.body["qr"]["path"].as_str().unwrap().starts_with('M'));
    // It does not count yet.
    server.login("jane", PASSWORD).await.expect(200);
    let (app, confirmed) = server.add_totp(&token).await;
    let codes = confirmed.expect(200).body["recovery_codes"]
        .as_array()
        .unwrap()
        .len();
    assert_eq!(codes, 10);
    server
        .get_as(&other, "/auth/me")
        .await
        .refused(401, "SESSION_ERROR");
    assert_eq!(server.amr(&token).await, "pwd otp mfa");
    let mail = server.mail_to("jane@example.org").await;
    assert_eq!(mail.subject, "A second factor was added to your account");
    // Another one takes its place; there are no new recovery codes.
    server.advance(Duration::seconds(30)).await;
    let (replaced, confirmed) = server.add_totp(&token).await;
    assert!(confirmed.expect(200).body.get("recovery_codes").is_none());
    server.advance(Duration::seconds(30)).await;
    let waits = server.mfa_token("jane").await;
    let old = app.code(server.clock.now());
    server
        .second_step(&waits, &old)
        .await
        .refused(400, "OTP_ERROR");
    let new = replaced.code(server.clock.now());
    let done = server.second_step(&waits, &new).await.expect(200);
    let mfa = server.get_as(&done.token(), "/auth/mfa").await.expect(200);
    assert_eq!(
        (&mfa.body["required"], &mfa.body["recovery_codes_left"]),
        (&json!(false), &json!(10))
    );
    assert_eq!(mfa.body["totp"].as_object().unwrap().len(), 2);
    server
        .delete_as(&done.token(), "/auth/mfa/totp")
        .await
        .expect(200);
    server
        .delete_as(&done.token(), "/auth/mfa/totp")
        .await
        .expect(404);
    assert!(server.stored("second_factors").await.is_empty());
    assert!(server.stored("recovery_codes").await.is_empty());
    server.login("jane", PASSWORD).await.expect(200);
    let mail = server.mail_to("jane@example.org").await;
    assert_eq!(
        mail.subject,
        "A second factor was removed from your account"
    );
}

// MFA-13; two tabs
#[tokio::test]
async fn only_the_last_begun_app_is_confirmed_by_who_began_it() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    let token = server.login("jane", PASSWORD).await.expect(200).token();
    let other = server.login("jane", PASSWORD).await.expect(200).token();
    let begin = async || {
        let begun = server
            .call_as(&token, "/auth/mfa/totp/begin")
            .await
            .expect(200);
        Authenticator::new(&begun.text("secret"))
    };
    let confirm = async |token: &str, code: String| {
        let body = json!({ "totp_code": code });
        server.post_as(token, "/auth/mfa/totp/confirm", body).await
    };
    let code = |app: &Authenticator| app.code(server.clock.now());
    let (first, second) = (begin().await, begin().await);
    confirm(&token, code(&first))
        .await
        .refused(400, "OTP_ERROR");
    confirm(&other, code(&second))
        .await
        .refused(400, "OTP_ERROR");
    for _ in 0..4 {
        let wrong = wrong_code(&code(&second), 1);
        confirm(&token, wrong).await.refused(400, "OTP_ERROR");
    }
    // Its five tries are spent.
    confirm(&token, code(&second))
        .await
        .refused(400, "OTP_ERROR");
    let late = begin().await;
    server.advance(Duration::minutes(10)).await;
    confirm(&token, code(&late)).await.refused(400, "OTP_ERROR");
    confirm(&token, "000000".to_owned())
        .await
        .refused(400, "OTP_ERROR");
    server.login("jane", PASSWORD).await.expect(200);
}

// OTP-10, MFA-10: in a session, and at a login that must have a first factor.
#[tokio::test]
async fn a_text_that_cannot_be_a_code_ends_no_enrolment() {
    let before = TestServer::start().await;
    before.patient("jane").await;
    before.patient("ben").await;
    let jane = before.login("jane", PASSWORD).await.expect(200).token();
    let must = |settings: &mut Settings| {
        settings.config.mfa.required_roles = Some(vec![Role::Patient]);
    };
    let server = before.another_with(must).await;
    let waits = mfa_token_in(&server.login("ben", PASSWORD).await);
    for who in [json!({}), json!({ "mfa_token": waits })] {
        let begun = server.post_as(&jane, "/auth/mfa/totp/begin", who.clone());
        let app = Authenticator::new(&begun.await.expect(200).text("secret"));
        let confirm = |code: String| {
            let mut body = who.clone();
            body["totp_code"] = json!(code);
            server.post_as(&jane, "/auth/mfa/totp/confirm", body)
        };
        for odd in ["12345", "abcdef", "1234567"].repeat(4) {
            let refused = confirm(odd.to_owned()).await;
            refused.refused(400, "OTP_ERROR");
        }
        let code = app.code(server.clock.now());
        // All tries are left, and four wrong codes use up four.
        for _ in 0..4 {
            let refused = confirm(wrong_code(&code, 1)).await;
            refused.refused(400, "OTP_ERROR");
        }
        confirm(code).await.expect(200);
    }
    let body = json!({ "mfa_token": waits, "totp_code": "12345" });
    let over = server.post("/auth/mfa/totp/confirm", body).await;
    assert_eq!(over.refused(401, "AUTH_FAILED"), "Log in again");
}

// MFA-17
#[tokio::test]
async fn a_role_that_must_have_a_factor_sets_one_up_at_its_login() {
    let server = TestServer::start_with(doctors_must).await;
    server.patient("jane").await;
    let demo = identity::accounts::create_demo(&server.app, Role::Doctor)
        .await
        .unwrap();
    let password = demo.password.expose();
    // A mailed code is no way around it.
    let mut zoe = registration("zoe");
    zoe["user_type"] = json!("doctor");
    let registered = server.post("/auth/register", zoe).await.expect(200);
    let otp = server.code_for("zoe@example.org").await;
    let registration_token = registered.text("registration_token");
    let verified = server.verify_with(&registration_token, "zoe@example.org", &otp);
    verified.await.refused(403, "MFA_ENROLMENT_REQUIRED");
    let waits = server.login(&demo.email, password).await;
    waits.refused(403, "MFA_ENROLMENT_REQUIRED");
    let details = &waits.body["error"]["details"];
    assert_eq!(details["methods"], json!(["totp", "passkey"]));
    assert_eq!(details["expires_in"], 600);
    let token = mfa_token_in(&waits);
    // It opens nothing else.
    let code = json!({ "mfa_token": token, "totp_code": "000000" });
    server
        .post("/auth/mfa/totp/confirm", code.clone())
        .await
        .refused(400, "OTP_ERROR");
    server
        .post("/auth/login/mfa", code)
        .await
        .refused(401, "AUTH_FAILED");
    server.get_as(&token, "/auth/mfa").await.expect(401);
    server
        .post("/auth/mfa/totp/begin", json!({}))
        .await
        .expect(401);
    assert!(
        server.stored("user_sessions").await.len() == 1,
        "jane's alone"
    );
    let body = json!({ "mfa_token": token });
    let begun = server.post("/auth/mfa/totp/begin", body).await.expect(200);
    let app = Authenticator::new(&begun.text("secret"));
    let code = app.code(server.clock.now());
    let code = json!({ "mfa_token": token, "totp_code": code });
    let done = server
        .post("/auth/mfa/totp/confirm", code.clone())
        .await
        .expect(200);
    assert_eq!(done.body["recovery_codes"].as_array().unwrap().len(), 10);
    assert_eq!(server.amr(&done.token()).await, "pwd otp mfa");
    server
        .post("/auth/mfa/totp/confirm", code)
        .await
        .refused(401, "AUTH_FAILED");
    server
        .login(&demo.email, password)
        .await
        .refused(403, "MFA_REQUIRED");
    let mfa = server.get_as(&done.token(), "/auth/mfa").await.expect(200);
    assert_eq!(mfa.body["required"], true);
    // MFA-24
    let last = server.delete_as(&done.token(), "/auth/mfa/totp").await;
    last.refused(409, "FACTOR_REQUIRED");
}

// MFA-17: two logins that wait; the first factor ends the other.
#[tokio::test]
async fn an_enrolment_ends_the_others_that_wait() {
    let server = TestServer::start_with(doctors_must).await;
    let demo = identity::accounts::create_demo(&server.app, Role::Doctor)
        .await
        .unwrap();
    let login = async || {
        let waits = server.login(&demo.email, demo.password.expose()).await;
        mfa_token_in(&waits)
    };
    let (first, second) = (login().await, login().await);
    let begin = async |token: &str| {
        let body = json!({ "mfa_token": token });
        let begun = server.post("/auth/mfa/totp/begin", body).await.expect(200);
        Authenticator::new(&begun.text("secret"))
    };
    let confirm = async |token: &str, app: &Authenticator| {
        let code = app.code(server.clock.now());
        let body = json!({ "mfa_token": token, "totp_code": code });
        server.post("/auth/mfa/totp/confirm", body).await
    };
    let app = begin(&first).await;
    confirm(&first, &app).await.expect(200);
    server.advance(Duration::seconds(30)).await;
    confirm(&second, &app).await.refused(400, "OTP_ERROR");
    let body = json!({ "mfa_token": second });
    server
        .post("/auth/mfa/totp/begin", body)
        .await
        .refused(401, "AUTH_FAILED");
}
