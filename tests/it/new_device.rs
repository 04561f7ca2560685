//! The mail about a login from a device and network that the account has not used lately.

use chrono::Duration;
use identity::sessions::BEGIN_STEPS;
use serde_json::json;

use crate::harness::{Answer, PASSWORD, TestServer, mfa_token_in};

const JANE: &str = "jane@example.org";
const FIREFOX: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0";
const NEWER: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";

async fn post_with(
    server: &TestServer,
    agent: &str,
    path: &str,
    body: serde_json::Value,
) -> Answer {
    let request = server.http.post(server.url(path)).json(&body);
    Answer::of(request.header("user-agent", agent)).await
}

async fn login_with(server: &TestServer, agent: &str) -> Answer {
    let body = json!({ "username": "jane", "password": PASSWORD });
    post_with(server, agent, "/auth/login", body).await
}

/// How many mails told Jane of a new device.
async fn told(server: &TestServer) -> usize {
    server.deliver().await;
    let sent = server.mails.sent();
    let about = |subject: &str| subject == "Login from a new device";
    let to_jane = sent
        .iter()
        .filter(|(mail, _)| mail.to == JANE && about(&mail.subject));
    to_jane.count()
}

#[tokio::test]
async fn a_login_from_a_new_device_is_mailed_once() {
    let server = TestServer::start().await;
    let id = server.patient("jane").await.text("user_id");
    server.login("jane", PASSWORD).await.expect(200);
    assert_eq!(told(&server).await, 0); // The device of the registration.
    login_with(&server, FIREFOX).await.expect(200);
    assert_eq!(told(&server).await, 1);
    let mail = server.mail_to(JANE).await.text;
    assert!(
        mail.contains("(Firefox,") && mail.contains("127.0.0.1"),
        "{mail}"
    );
    for agent in [FIREFOX, NEWER] {
        login_with(&server, agent).await.expect(200);
    }
    assert_eq!(told(&server).await, 1);
    let stored = server.stored_account(&id).await.to_string();
    assert!(
        !stored.contains("Firefox") && !stored.contains("127.0.0"),
        "{stored}"
    );
    server.advance(Duration::days(90)).await;
    login_with(&server, FIREFOX).await.expect(200);
    assert_eq!(told(&server).await, 2);
}

#[tokio::test]
async fn a_wrong_password_from_a_new_device_is_not_mailed() {
    let server = TestServer::start_with(|settings| {
        settings.config.email.new_device_notice = false;
    })
    .await;
    server.patient("jane").await;
    login_with(&server, FIREFOX).await.expect(200);
    assert_eq!(told(&server).await, 0); // It is switched off.
    let on = server.another().await;
    let wrong = json!({ "username": "jane", "password": "wrong" });
    post_with(&on, "Clinic/1", "/auth/login", wrong)
        .await
        .expect(401);
    login_with(&on, FIREFOX).await.expect(200);
    assert_eq!(told(&on).await, 0); // It was remembered meanwhile.
    login_with(&on, "Clinic/1").await.expect(200);
    assert_eq!(told(&on).await, 1);
}

#[tokio::test]
async fn with_a_second_factor_the_mail_follows_the_second_step() {
    let server = TestServer::start().await;
    let jane = server.secured("jane").await;
    let waits = login_with(&server, FIREFOX).await;
    assert_eq!(told(&server).await, 0);
    let code = server.totp(&jane);
    let body = json!({ "mfa_token": mfa_token_in(&waits), "totp_code": code });
    post_with(&server, FIREFOX, "/auth/login/mfa", body)
        .await
        .expect(200);
    assert_eq!(told(&server).await, 1);
}

// LIFE-2
#[tokio::test]
async fn a_crash_loses_neither_the_login_nor_its_mail() {
    for step in BEGIN_STEPS {
        let server = TestServer::start().await;
        server.patient("jane").await;
        server.fail_point.arm(step);
        login_with(&server, FIREFOX)
            .await
            .refused(500, "INTERNAL_ERROR");
        login_with(&server, FIREFOX).await.expect(200);
        login_with(&server, FIREFOX).await.expect(200);
        assert_eq!(told(&server).await, 1, "{step}");
    }
}
