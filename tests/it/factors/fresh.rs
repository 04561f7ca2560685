//! The fresh proof that changes of an account need (MFA-16), and what a session says it has proven (MFA-21).

use chrono::Duration;
use reqwest::Method;
use serde_json::json;

use crate::{
    harness::{Answer, PASSWORD, TestServer},
    passkeys::honest,
};

const NEW: &str = "another good passphrase";

// MFA-16, D15
#[tokio::test]
async fn changes_of_factors_need_a_fresh_proof_of_this_session() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    let token = server.login("jane", PASSWORD).await.expect(200).token();
    server.advance(Duration::minutes(5)).await;
    let stale = server.call_as(&token, "/auth/mfa/totp/begin").await;
    stale.refused(403, "REAUTH_REQUIRED");
    let details = &stale.body["error"]["details"];
    assert_eq!(
        details,
        &json!({ "methods": ["password"], "max_age_seconds": 300 })
    );
    assert!(server.stored("second_factors").await.is_empty());
    let wrong = server.reauthenticate(&token, json!({ "password": "wrong" }));
    wrong.await.refused(401, "AUTH_FAILED");
    let proven = server
        .reauthenticate(&token, json!({ "password": PASSWORD }))
        .await;
    let until = proven.expect(200).text("fresh_until");
    let jane = server.secure("jane").await;
    // Another session was raised, and this one ended.
    server
        .get_as(&token, "/auth/mfa")
        .await
        .refused(401, "SESSION_ERROR");
    let mfa = server.get_as(&jane.token, "/auth/mfa").await.expect(200);
    assert_eq!(mfa.text("fresh_until"), until);
    server.advance(Duration::minutes(5)).await;
    let other = server.log_in_with_totp(&jane).await.expect(200).token();
    server.advance(Duration::minutes(5)).await;
    // With a factor, every change needs one.
    let stale = server.delete_as(&jane.token, "/auth/mfa/totp").await;
    stale.refused(403, "REAUTH_REQUIRED");
    assert_eq!(
        stale.body["error"]["details"]["methods"],
        json!(["totp", "recovery_code"])
    );
    server
        .call_as(&jane.token, "/auth/mfa/recovery-codes")
        .await
        .refused(403, "REAUTH_REQUIRED");
    let change = server.change_password(&jane.token, PASSWORD, NEW).await;
    change.refused(403, "REAUTH_REQUIRED");
    let alone = server
        .reauthenticate(&jane.token, json!({ "password": PASSWORD }))
        .await;
    alone.refused(403, "REAUTH_REQUIRED");
    let both = json!({ "password": PASSWORD, "totp_code": server.totp(&jane) });
    server.reauthenticate(&jane.token, both).await.expect(200);
    // MFA-21: only this session.
    let stale = server.delete_as(&other, "/auth/mfa/totp").await;
    stale.refused(403, "REAUTH_REQUIRED");
    server
        .change_password(&jane.token, PASSWORD, NEW)
        .await
        .expect(200);
    server.login("jane", NEW).await.refused(403, "MFA_REQUIRED");
}

// MFA-16: the operations of the contract, with a proof that is too old.
#[tokio::test]
async fn what_changes_an_account_asks_for_a_fresh_proof() {
    let server = TestServer::start().await;
    let boss = server.admin("boss").await;
    server.patient("jane").await;
    let jane = server.login("jane", PASSWORD).await.expect(200).token();
    let passkey = server.add_passkey(&jane, &honest()).await;
    let (_, app) = server.add_totp(&jane).await;
    app.expect(200);
    server.advance(Duration::minutes(5)).await;
    let own = format!("/auth/passkeys/{}", passkey.id());
    let reset = format!("/admin/users/{}/reset-factors", boss.user_id);
    let new = json!({ "current_password": PASSWORD, "new_password": NEW });
    for (token, method, path, body) in [
        (&jane, Method::POST, "/auth/mfa/totp/begin", json!({})),
        (&jane, Method::DELETE, "/auth/mfa/totp", json!({})),
        (&jane, Method::POST, "/auth/mfa/recovery-codes", json!({})),
        (&jane, Method::POST, "/auth/passkeys/begin", json!({})),
        (&jane, Method::PATCH, &own, json!({ "name": "Mine" })),
        (&jane, Method::DELETE, &own, json!({})),
        (&jane, Method::POST, "/auth/change-password", new),
        (
            &jane,
            Method::POST,
            "/auth/email/change",
            json!({ "new_email": "new@example.org" }),
        ),
        (&jane, Method::POST, "/auth/account/delete", json!({})),
        (&jane, Method::POST, "/auth/export", json!({})),
        (&boss.token, Method::POST, &reset, json!({})),
    ] {
        let request = server
            .http
            .request(method, server.url(path))
            .bearer_auth(token);
        let refused = Answer::of(request.json(&body)).await;
        assert_eq!(
            (refused.status, refused.code()),
            (403, "REAUTH_REQUIRED"),
            "{path}"
        );
    }
    let mfa = server.get_as(&jane, "/auth/mfa").await.expect(200);
    assert_eq!(mfa.body["passkeys"][0]["name"], "Passkey 1");
    assert!(!mfa.body["totp"].is_null() && mfa.body["recovery_codes_left"] == 10);
    assert!(server.stored("account_deletions").await.is_empty());
    assert!(server.stored("email_changes").await.is_empty());
}

// MFA-16: a factor was added, and a crash left the other sessions: their proofs are not fresh any more.
#[tokio::test]
async fn a_proof_without_the_factor_is_not_fresh() {
    let server = TestServer::start().await;
    let jane = server.jane().await;
    let token = jane.token();
    let begin = || server.call_as(&token, "/auth/mfa/totp/begin");
    begin().await.expect(200);
    let factors = bson::doc! { "factors": ["totp"], "factors_epoch": 1_i64 };
    server
        .set_stored_account(&jane.text("user_id"), factors)
        .await;
    begin().await.refused(403, "REAUTH_REQUIRED");
}

// MFA-10, LCK-5: a thief of a session cannot guess.
#[tokio::test]
async fn fresh_proofs_count_like_logins() {
    let server = TestServer::start().await;
    let jane = server.secured("jane").await;
    let wrong = crate::harness::wrong_code(&server.totp(&jane), 1);
    for _ in 0..10 {
        let guess = json!({ "password": PASSWORD, "totp_code": wrong });
        server
            .reauthenticate(&jane.token, guess)
            .await
            .refused(400, "OTP_ERROR");
    }
    let right = json!({ "password": PASSWORD, "totp_code": server.totp(&jane) });
    let locked = server.reauthenticate(&jane.token, right.clone()).await;
    locked.refused(429, "RATE_LIMIT");
    let waits = server.mfa_token("jane").await;
    let locked = server.second_step(&waits, &server.totp(&jane)).await;
    locked.refused(429, "RATE_LIMIT");
    for _ in 0..5 {
        let guess = json!({ "password": "wrong", "recovery_code": jane.recovery_codes[0] });
        server
            .reauthenticate(&jane.token, guess)
            .await
            .refused(401, "AUTH_FAILED");
    }
    let locked = server.reauthenticate(&jane.token, right).await;
    locked.refused(429, "RATE_LIMIT");
    let empty = server
        .reauthenticate(&jane.token, json!({}))
        .await
        .expect(422);
    assert_eq!(empty.validation_errors(), ["password one_of"]);
}

// MFA-21; sessions of the version before
#[tokio::test]
async fn a_refresh_raises_nothing_and_older_sessions_are_never_fresh() {
    let server = TestServer::start().await;
    let other = server.another().await;
    server.patient("jane").await;
    let login = server.login("jane", PASSWORD).await.expect(200);
    assert_eq!(server.amr(&login.token()).await, "pwd");
    let rows = server.app.store.raw("user_sessions");
    let new = bson::doc! { "$unset": { "amr": "", "auth_time": "", "fresh_at": "" } };
    rows.update_many(bson::doc! {}, new).await.unwrap();
    let refreshed = other.refresh(&login.refresh_token()).await.expect(200);
    assert_eq!(other.amr(&refreshed.token()).await, "pwd");
    let stale = other
        .call_as(&refreshed.token(), "/auth/mfa/totp/begin")
        .await;
    stale.refused(403, "REAUTH_REQUIRED");
    let claims = refreshed.token();
    let claims = claims.split('.').nth(1).unwrap();
    let claims = base64_json(claims);
    assert_eq!(claims["amr"], json!(["pwd"]));
    assert_eq!(claims["acr"], "urn:clinic-auth:acr:pwd");
    assert_eq!(claims["auth_time"], claims["iat"]);
    server.advance(Duration::seconds(60)).await;
    let proof = json!({ "password": PASSWORD });
    server
        .reauthenticate(&refreshed.token(), proof)
        .await
        .expect(200);
    let raised = other.refresh(&refreshed.refresh_token()).await.expect(200);
    let claims = raised.token();
    let claims = base64_json(claims.split('.').nth(1).unwrap());
    assert_eq!(
        (&claims["amr"], &claims["auth_time"]),
        (&json!(["pwd"]), &claims["iat"])
    );
    let (_, enrolled) = other.add_totp(&raised.token()).await;
    enrolled.expect(200);
    let raised = other.refresh(&raised.refresh_token()).await.expect(200);
    let claims = raised.token();
    let claims = base64_json(claims.split('.').nth(1).unwrap());
    assert_eq!(claims["acr"], "urn:clinic-auth:acr:mfa");
}

fn base64_json(part: &str) -> serde_json::Value {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
