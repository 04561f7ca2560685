//! Which events are recorded, which fields they have, and what a record never contains (AUD-1).

use clinic_auth::slices::WITHOUT_CLINIC;
use platform::{audit::record::Action, slice};
use std::collections::BTreeSet;

use bson::Document;
use chrono::Duration;
use serde_json::json;

use super::{records, verified};
use crate::harness::{PASSWORD, TestServer};

const NEW_PASSWORD: &str = "battery staple horse";

/// Makes each request that a user can make about their own account. Returns the secrets that it used.
async fn do_every_account_action(server: &TestServer) -> Vec<String> {
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

fn find_record<'a>(records: &'a [Document], action: &str, outcome: &str) -> &'a Document {
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
async fn every_account_action_is_recorded() {
    // AUD-1
    let server = TestServer::start().await;
    do_every_account_action(&server).await;
    let records = records(&server).await;
    let seen: BTreeSet<&str> = records
        .iter()
        .map(|record| record.get_str("action").unwrap())
        .collect();
    // Other tests check the actions of administrators, used-up codes, factors and one's own account.
    let mut elsewhere = vec!["code_exhausted"];
    elsewhere.extend(crate::admin::ACTIONS);
    elsewhere.extend(crate::factors::ACTIONS);
    elsewhere.extend(crate::passkeys::ACTIONS);
    elsewhere.extend(crate::own_account::ACTIONS);
    let all: BTreeSet<&str> = slice::actions(WITHOUT_CLINIC).map(Action::name).collect();
    let missing: Vec<_> = all
        .difference(&seen)
        .filter(|action| !elsewhere.contains(*action))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(verified(&server).await.findings.is_empty());
}

#[tokio::test]
async fn a_record_holds_actor_action_subject_origin_and_outcome() {
    // AUD-1
    let server = TestServer::start().await;
    let user_id = server.patient("jane").await.text("user_id");
    server.login("jane", "not the password").await.expect(401);
    let answer = server.login("jane", PASSWORD).await.expect(200);
    let records = records(&server).await;
    let login = find_record(&records, "login", "success");
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
    let failed = find_record(&records, "login", "failure");
    assert_eq!(failed.get_str("subject").unwrap(), user_id.as_str());
    assert!(!failed.contains_key("actor"));
    assert_eq!(
        find_record(&records, "code_sent", "success")
            .get_str("subject")
            .unwrap(),
        user_id.as_str()
    );
}

#[tokio::test]
async fn a_used_up_code_is_recorded_with_its_owner() {
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
    let exhausted = find_record(&records, "code_exhausted", "failure");
    assert_eq!(exhausted.get_str("subject").unwrap(), user_id.as_str());
    assert_eq!(
        find_record(&records, "code_failed", "failure")
            .get_str("detail")
            .unwrap(),
        "verification"
    );
}

#[tokio::test]
async fn no_record_holds_a_secret_or_an_address() {
    // AUD-1
    let server = TestServer::start().await;
    let secrets = do_every_account_action(&server).await;
    let text = format!("{:?}", records(&server).await);
    assert!(text.contains("password_reset"));
    for secret in secrets {
        // A MAC may contain the same six digits by chance, so a short secret must be a whole value.
        let found =
            text.contains(&format!("\"{secret}\"")) || (secret.len() > 6 && text.contains(&secret));
        assert!(!found, "{secret}");
    }
}
