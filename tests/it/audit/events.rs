//! What is recorded, with which fields, and what never is (AUD-1).

use std::collections::BTreeSet;

use bson::Document;
use chrono::Duration;
use clinic_auth::domain::audit::Action;
use serde_json::json;

use super::{records, verified};
use crate::harness::{PASSWORD, TestServer};

const NEW_PASSWORD: &str = "battery staple horse";

/// Does whatever can be done to one's own account; the secrets that were used.
async fn whatever_can_be_done(server: &TestServer) -> Vec<String> {
    let mut secrets = vec![
        PASSWORD.to_owned(),
        NEW_PASSWORD.to_owned(),
        "jane@".to_owned(),
    ];
    let registered = server.register("jane").await.expect(200);
    let otp = server.code_for("jane@example.org").await;
    let wrong = json!({ "email": "jane@example.org", "otp": "000000" });
    server.post("/auth/verify-otp", wrong).await.expect(400);
    let proof = json!({ "email": "jane@example.org", "otp": otp });
    let first = server.post("/auth/verify-otp", proof).await.expect(200);
    server.login("jane", "not the password").await.expect(401);
    let login = server.login("jane", PASSWORD).await.expect(200);
    let used = json!({ "refresh_token": login.refresh_token() });
    let next = server.post("/auth/refresh", used.clone()).await.expect(200);
    let last = json!({ "refresh_token": next.refresh_token() });
    server.post("/auth/refresh", last).await.expect(200);
    server.post("/auth/refresh", used).await.expect(401);
    let token = first.token();
    let profile = json!({ "first_name": "Joan" });
    server
        .patch_as(&token, "/users/me", profile)
        .await
        .expect(200);
    let change = json!({ "current_password": PASSWORD, "new_password": NEW_PASSWORD });
    server
        .post_as(&token, "/auth/change-password", change)
        .await
        .expect(200);
    server.call_as(&token, "/auth/logout").await.expect(200);
    let token = server.login("jane", NEW_PASSWORD).await.expect(200).token();
    server.call_as(&token, "/auth/logout-all").await.expect(200);
    secrets.extend(reset(server).await);
    for _ in 0..6 {
        server.login("jane", "not the password").await;
    }
    secrets.extend([
        registered.text("registration_token"),
        login.token(),
        login.refresh_token(),
        otp,
    ]);
    secrets
}

async fn reset(server: &TestServer) -> Vec<String> {
    server.advance(Duration::minutes(2)).await;
    let email = json!({ "email": "jane@example.org" });
    server
        .post("/auth/forgot-password", email)
        .await
        .expect(200);
    let otp = server.code_for("jane@example.org").await;
    let link = server.link_token_for("jane@example.org").await;
    let reset = json!({ "email": "jane@example.org", "otp": otp, "new_password": PASSWORD });
    server.post("/auth/reset-password", reset).await.expect(200);
    vec![otp, link]
}

fn of<'a>(records: &'a [Document], action: &str, outcome: &str) -> &'a Document {
    let wanted = |record: &&Document| {
        record.get_str("action").unwrap_or_default() == action
            && record.get_str("outcome").unwrap_or_default() == outcome
    };
    records
        .iter()
        .find(wanted)
        .unwrap_or_else(|| panic!("no {action}, {outcome}"))
}

#[tokio::test]
async fn everything_that_happens_to_an_account_is_recorded() {
    // AUD-1
    let server = TestServer::start().await;
    whatever_can_be_done(&server).await;
    let records = records(&server).await;
    let seen: BTreeSet<&str> = records
        .iter()
        .map(|record| record.get_str("action").unwrap())
        .collect();
    // Administrators and used-up codes have tests of their own.
    let elsewhere = ["admin", "role_change", "code_exhausted"];
    let all: BTreeSet<&str> = Action::ALL.iter().map(|action| action.name()).collect();
    let missing: Vec<_> = all
        .difference(&seen)
        .filter(|action| !elsewhere.contains(*action))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(verified(&server).await.findings.is_empty());
}

#[tokio::test]
async fn a_record_says_who_did_what_to_whom_from_where_and_how_it_ended() {
    // AUD-1
    let server = TestServer::start().await;
    let user_id = server.patient("jane").await.text("user_id");
    server.login("jane", "not the password").await.expect(401);
    let answer = server.login("jane", PASSWORD).await.expect(200);
    let records = records(&server).await;
    let login = of(&records, "login", "success");
    assert_eq!(login.get_str("actor").unwrap(), user_id.as_str());
    assert_eq!(login.get_str("subject").unwrap(), user_id.as_str());
    assert_eq!(login.get_str("ip").unwrap(), "127.0.0.1");
    assert_eq!(
        login.get_str("request_id").unwrap(),
        answer.headers["x-request-id"]
    );
    assert_eq!(
        login.get_datetime("at").unwrap().to_chrono(),
        server.clock.now()
    );
    assert!(login.get_str("user_agent").is_ok());
    let failed = of(&records, "login", "failure");
    assert_eq!(failed.get_str("subject").unwrap(), user_id.as_str());
    assert!(!failed.contains_key("actor"));
    assert_eq!(
        of(&records, "code_sent", "success")
            .get_str("subject")
            .unwrap(),
        user_id.as_str()
    );
}

#[tokio::test]
async fn used_up_codes_are_recorded_with_their_owner() {
    // AUD-1
    let server =
        TestServer::start_with(|settings| settings.config.otp.max_failures_per_day = 2).await;
    let user_id = server.register("jane").await.expect(200).text("user_id");
    server.deliver().await;
    for _ in 0..3 {
        let wrong = json!({ "email": "jane@example.org", "otp": "000000" });
        server.post("/auth/verify-otp", wrong).await.expect(400);
    }
    let records = records(&server).await;
    let exhausted = of(&records, "code_exhausted", "failure");
    assert_eq!(exhausted.get_str("subject").unwrap(), user_id.as_str());
    assert_eq!(
        of(&records, "code_failed", "failure")
            .get_str("detail")
            .unwrap(),
        "verification"
    );
}

#[tokio::test]
async fn no_record_holds_a_secret_or_an_address() {
    // AUD-1
    let server = TestServer::start().await;
    let secrets = whatever_can_be_done(&server).await;
    let text = format!("{:?}", records(&server).await);
    assert!(text.contains("password_reset"));
    for secret in secrets {
        // Six digits may be part of a MAC by chance.
        let found =
            text.contains(&format!("\"{secret}\"")) || (secret.len() > 6 && text.contains(&secret));
        assert!(!found, "{secret}");
    }
}
