//! The second step of a login: by the authenticator app, or by a recovery code.

use chrono::Duration;
use serde_json::json;

use crate::harness::{Answer, PASSWORD, TestServer, mfa_token_in, wrong_code};

// MFA-8
#[tokio::test]
async fn with_a_factor_no_proof_alone_gives_tokens() {
    let server = TestServer::start().await;
    let registered = server.register("jane").await.expect(200);
    let otp = server.code_for("jane@example.org").await;
    let proof = json!({
        "email": "jane@example.org", "otp": otp,
        "registration_token": registered.text("registration_token"),
    });
    server
        .post("/auth/verify-otp", proof.clone())
        .await
        .expect(200);
    let jane = server.secure("jane").await;
    server.deliver().await;
    let sessions = server.stored("user_sessions").await.len();
    let credentials = json!({ "username": "jane", "password": PASSWORD });
    let form = server
        .http
        .post(server.url("/auth/login"))
        .form(&credentials);
    // The code comes again: its account is there, and there are no tokens.
    let again = server.post("/auth/verify-otp", proof).await.expect(200);
    assert!(!again.raw.contains("access_token"), "{}", again.raw);
    for answer in [
        server.login("jane@example.org", PASSWORD).await,
        server.post("/auth/login/json", credentials.clone()).await,
        Answer::of(form).await,
    ] {
        answer.refused(403, "MFA_REQUIRED");
        assert!(!answer.raw.contains("access_token"), "{}", answer.raw);
        let token = mfa_token_in(&answer);
        let valid = server.post("/auth/validate-token", json!({ "token": token }));
        valid.await.refused(401, "AUTH_FAILED");
        server.refresh(&token).await.expect(401);
        server.get_as(&token, "/auth/me").await.expect(401);
        server
            .call_as(&token, "/auth/mfa/totp/begin")
            .await
            .expect(401);
    }
    assert_eq!(server.stored("user_sessions").await.len(), sessions);
    server.get_as(&jane.token, "/auth/me").await.expect(200);
}

// MFA-8, MFA-20, MFA-21; D12
#[tokio::test]
async fn the_refusal_says_how_to_continue_and_the_code_logs_in() {
    let server = TestServer::start().await;
    let jane = server.secured("jane").await;
    let waits = server.login("jane", PASSWORD).await;
    assert_eq!(
        waits.refused(403, "MFA_REQUIRED"),
        "A second factor is needed to log in"
    );
    let mut details = waits.body["error"]["details"].clone();
    let token = details["mfa_token"].take();
    assert_eq!(token.as_str().unwrap().len(), 43);
    assert_eq!(
        details,
        json!({
            "methods": ["totp", "recovery_code"], "may_remember": true, "remember_days": 30,
            "mfa_token": null, "expires_in": 300,
        })
    );
    let code = server.totp(&jane);
    let typed = format!(" {}-{} ", &code[..3], &code[3..]);
    let done = server
        .second_step(token.as_str().unwrap(), &typed)
        .await
        .expect(200);
    assert_eq!(server.amr(&done.token()).await, "pwd otp mfa");
    assert!(done.body.get("device_token").is_none());
    server.refresh(&done.refresh_token()).await.expect(200);
}

// MFA-11, RFC 6238 5.2
#[tokio::test]
async fn a_step_at_or_below_the_last_one_is_refused_everywhere() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    let jane = server.secure("jane").await;
    let enrolled = server.totp(&jane);
    let token = server.mfa_token("jane").await;
    server
        .second_step(&token, &enrolled)
        .await
        .refused(400, "OTP_ERROR");
    let proof = json!({ "password": PASSWORD, "totp_code": enrolled });
    server
        .reauthenticate(&jane.token, proof)
        .await
        .refused(400, "OTP_ERROR");
    server.advance(Duration::seconds(60)).await;
    let before = jane.app.code(server.clock.now() - Duration::seconds(30));
    server.log_in_with_totp(&jane).await.expect(200);
    let token = server.mfa_token("jane").await;
    for spent in [before, server.totp(&jane)] {
        server
            .second_step(&token, &spent)
            .await
            .refused(400, "OTP_ERROR");
    }
    // MFA-25: a clock that was set back revives no step.
    server.advance(Duration::seconds(-60)).await;
    let again = server.totp(&jane);
    server
        .second_step(&token, &again)
        .await
        .refused(400, "OTP_ERROR");
    server.advance(Duration::seconds(120)).await;
    server
        .second_step(&token, &server.totp(&jane))
        .await
        .expect(200);
}

// MFA-10
#[tokio::test]
async fn five_wrong_codes_end_the_login_and_ten_lock_the_second_step() {
    let server = TestServer::start().await;
    let jane = server.secured("jane").await;
    let wrong = wrong_code(&server.totp(&jane), 1);
    for _ in 0..2 {
        let token = server.mfa_token("jane").await;
        for _ in 0..5 {
            server
                .second_step(&token, &wrong)
                .await
                .refused(400, "OTP_ERROR");
        }
        let dead = server.second_step(&token, &server.totp(&jane)).await;
        assert_eq!(dead.refused(401, "AUTH_FAILED"), "Log in again");
    }
    let token = server.mfa_token("jane").await;
    let locked = server.second_step(&token, &server.totp(&jane)).await;
    locked.refused(429, "RATE_LIMIT");
    assert_eq!(locked.headers["retry-after"], "900");
    let code = json!({ "recovery_code": jane.recovery_codes[0] });
    server
        .second_step_with(&token, code)
        .await
        .refused(429, "RATE_LIMIT");
    // The password is not locked, and nobody else is.
    server.get_as(&jane.token, "/auth/me").await.expect(200);
    server.advance(Duration::minutes(15)).await;
    server.log_in_with_totp(&jane).await.expect(200);
    for _ in 0..4 {
        server
            .login("jane", "wrong")
            .await
            .refused(401, "AUTH_FAILED");
    }
}

// OTP-10, MFA-10
#[tokio::test]
async fn a_text_that_cannot_be_a_code_costs_no_second_step() {
    let server = TestServer::start().await;
    let jane = server.secured("jane").await;
    let token = server.mfa_token("jane").await;
    let reauthenticate = |password: &str, code: &str| {
        let proof = json!({ "password": password, "totp_code": code });
        server.reauthenticate(&jane.token, proof)
    };
    for _ in 0..6 {
        for odd in ["12345", "abcdef", "1234567"] {
            for field in ["totp_code", "recovery_code"] {
                let refused = server.second_step_with(&token, json!({ field: odd })).await;
                let said = refused.refused(400, "OTP_ERROR");
                assert_eq!(said, "Invalid or expired OTP");
            }
            let refused = reauthenticate(PASSWORD, odd).await;
            refused.refused(400, "OTP_ERROR");
        }
    }
    // The password comes first, as with a code.
    let refused = reauthenticate("wrong", "12345").await;
    refused.refused(401, "AUTH_FAILED");
    // All tries are left, and four wrong codes use up four.
    let wrong = wrong_code(&server.totp(&jane), 1);
    for _ in 0..4 {
        let refused = server.second_step(&token, &wrong).await;
        refused.refused(400, "OTP_ERROR");
    }
    let code = server.totp(&jane);
    server.second_step(&token, &code).await.expect(200);
    // A login that is over, and one that never was, are no open ones for such a text either.
    let spent = server.mfa_token("jane").await;
    for _ in 0..5 {
        let refused = server.second_step(&spent, &wrong).await;
        refused.refused(400, "OTP_ERROR");
    }
    let changed = server.mfa_token("jane").await;
    server
        .call_as(&jane.token, "/auth/mfa/recovery-codes")
        .await
        .expect(200);
    for dead in [&token, &spent, &changed, &"A".repeat(43)] {
        let over = server.second_step(dead, "12345").await;
        assert_eq!(over.refused(401, "AUTH_FAILED"), "Log in again");
    }
}

// MFA-10: ten in a row lock, and a right one in between begins anew.
#[tokio::test]
async fn a_right_factor_forgets_the_wrong_ones() {
    let server = TestServer::start().await;
    let jane = server.secured("jane").await;
    for by_login in [true, false, true] {
        let wrong = wrong_code(&server.totp(&jane), 1);
        for tries in [5, 4] {
            let token = server.mfa_token("jane").await;
            for _ in 0..tries {
                let refused = server.second_step(&token, &wrong).await;
                refused.refused(400, "OTP_ERROR");
            }
        }
        if by_login {
            server.log_in_with_totp(&jane).await.expect(200);
        } else {
            let both = json!({ "password": PASSWORD, "totp_code": server.totp(&jane) });
            server.reauthenticate(&jane.token, both).await.expect(200);
        }
        server.advance(Duration::seconds(30)).await;
    }
}

// MFA-14, MFA-15
#[tokio::test]
async fn a_recovery_code_passes_once_and_is_mailed() {
    let server = TestServer::start().await;
    let jane = server.secured("jane").await;
    assert_eq!(jane.recovery_codes.len(), 10);
    let typed = jane.recovery_codes[3].to_lowercase().replace('-', " ");
    let code = json!({ "recovery_code": typed });
    let token = server.mfa_token("jane").await;
    let done = server
        .second_step_with(&token, code.clone())
        .await
        .expect(200);
    assert_eq!(done.body["recovery_codes_left"], 9);
    assert_eq!(server.amr(&done.token()).await, "pwd recovery mfa");
    let mail = server.mail_to("jane@example.org").await;
    assert_eq!(mail.subject, "A recovery code was used");
    assert!(mail.text.contains("Codes left: 9."), "{}", mail.text);
    assert!(!mail.text.contains(&jane.recovery_codes[3]));
    let token = server.mfa_token("jane").await;
    server
        .second_step_with(&token, code)
        .await
        .refused(400, "OTP_ERROR");
    // Its use removed no factor.
    server
        .second_step(&token, &server.totp(&jane))
        .await
        .expect(200);
    let stored = server.stored("recovery_codes").await;
    let new = server
        .call_as(&done.token(), "/auth/mfa/recovery-codes")
        .await
        .expect(200);
    let mail = server.mail_to("jane@example.org").await;
    assert_eq!(mail.subject, "You have new recovery codes");
    // A crash before they were deleted leaves the old ones, which do not count.
    let rows = server.app.store.raw("recovery_codes");
    rows.insert_many(&stored).await.unwrap();
    let new: Vec<String> = serde_json::from_value(new.body["recovery_codes"].clone()).unwrap();
    let token = server.mfa_token("jane").await;
    for old in &jane.recovery_codes[..2] {
        let old = server.second_step_with(&token, json!({ "recovery_code": old }));
        old.await.refused(400, "OTP_ERROR");
    }
    let code = json!({ "recovery_code": new[9] });
    server.second_step_with(&token, code).await.expect(200);
    server
        .call_as(&done.token(), "/auth/mfa/recovery-codes")
        .await
        .expect(200);
    assert_eq!(server.stored("recovery_codes").await.len(), 10);
}

// MFA-18: the request names no account and no parameter.
#[tokio::test]
async fn a_second_step_takes_a_token_and_one_factor_only() {
    let server = TestServer::start().await;
    let jane = server.secured("jane").await;
    let ben = server.secured("ben").await;
    let token = server.mfa_token("jane").await;
    let code = server.totp(&jane);
    for (fields, fault) in [
        (json!({}), "totp_code one_of"),
        (
            json!({ "totp_code": code, "recovery_code": "x" }),
            "totp_code one_of",
        ),
        (
            json!({ "totp_code": code, "user_id": ben.user_id }),
            "user_id unknown",
        ),
        (
            json!({ "totp_code": code, "email": "x@example.org" }),
            "email unknown",
        ),
        (json!({ "totp_code": 123_456 }), "totp_code type"),
    ] {
        let refused = server.second_step_with(&token, fields).await.expect(422);
        assert_eq!(refused.validation_errors(), [fault]);
    }
    server
        .second_step(&token, &server.totp(&ben))
        .await
        .refused(400, "OTP_ERROR");
    let theirs = json!({ "recovery_code": ben.recovery_codes[0] });
    server
        .second_step_with(&token, theirs)
        .await
        .refused(400, "OTP_ERROR");
    for odd in ["", "12345", "abcdef", "1234567", "１２３４５"] {
        let refused = server
            .second_step(&server.mfa_token("jane").await, odd)
            .await;
        assert!(
            [400, 422].contains(&refused.status),
            "{odd}: {}",
            refused.raw
        );
    }
    server.second_step(&token, &code).await.expect(200);
}
