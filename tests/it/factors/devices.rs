//! Remembered devices (MFA-20).

use chrono::Duration;
use clinic_auth::config::Settings;
use serde_json::json;

use crate::harness::{Answer, PASSWORD, Secured, TestServer};

const NEW: &str = "another good passphrase";

async fn remembered(server: &TestServer, person: &Secured) -> Answer {
    let token = server.mfa_token(&person.name).await;
    let fields = json!({
        "totp_code": server.totp(person), "remember_device": true, "device_name": "Desk",
    });
    server.second_step_with(&token, fields).await.expect(200)
}

async fn login_from(server: &TestServer, name: &str, device: &str) -> Answer {
    let body = json!({ "username": name, "password": PASSWORD, "device_token": device });
    server.post("/auth/login", body).await
}

// MFA-20, MFA-21
#[tokio::test]
async fn a_remembered_device_replaces_the_second_factor_alone() {
    let server = TestServer::start().await;
    let jane = server.secured("jane").await;
    let ben = server.secured("ben").await;
    let device = remembered(&server, &jane).await.text("device_token");
    let mail = server.mail_to("jane@example.org").await;
    assert_eq!(mail.subject, "A device is remembered");
    let body = json!({ "username": "jane", "password": "wrong", "device_token": device });
    server
        .post("/auth/login", body)
        .await
        .refused(401, "AUTH_FAILED");
    let login = login_from(&server, "jane", &device).await.expect(200);
    // It gives no `mfa`, and no fresh proof.
    assert_eq!(server.amr(&login.token()).await, "pwd");
    server
        .call_as(&login.token(), "/auth/mfa/totp/begin")
        .await
        .refused(403, "REAUTH_REQUIRED");
    let session = server.stored_session(&login.text("session_id")).await;
    assert!(!session.contains_key("fresh_at"), "{session}");
    // Another account's token is ignored, and so is junk.
    login_from(&server, "ben", &device)
        .await
        .refused(403, "MFA_REQUIRED");
    login_from(&server, "jane", "junk")
        .await
        .refused(403, "MFA_REQUIRED");
    let mfa = server.get_as(&login.token(), "/auth/mfa").await.expect(200);
    let listed = &mfa.body["devices"][0];
    assert_eq!(
        (&listed["name"], &listed["current"]),
        (&json!("Desk"), &json!(true))
    );
    assert_eq!(mfa.body["devices"].as_array().unwrap().len(), 1);
    let path = format!(
        "/auth/mfa/devices/{}",
        listed["device_id"].as_str().unwrap()
    );
    server
        .delete_as(&ben.token, &path)
        .await
        .refused(404, "NOT_FOUND");
    let forgotten = server.delete_as(&login.token(), &path).await.expect(200);
    assert_eq!(forgotten.body["count"], 1);
    login_from(&server, "jane", &device)
        .await
        .refused(403, "MFA_REQUIRED");
    server
        .delete_as(&login.token(), "/auth/mfa/devices")
        .await
        .expect(200);
}

// MFA-20
#[tokio::test]
async fn a_remembered_device_ends_with_what_it_stood_on() {
    let server = TestServer::start_with(|settings: &mut Settings| {
        settings.config.sessions.absolute_hours.patient = 24 * 60;
    })
    .await;
    let admin = server.admin("boss").await;
    let jane = server.secured("jane").await;
    for end in ["password", "codes", "logout-all", "administrator", "days"] {
        server.advance(Duration::seconds(30)).await;
        let login = remembered(&server, &jane).await;
        let (token, device) = (login.token(), login.text("device_token"));
        login_from(&server, "jane", &device).await.expect(200);
        match end {
            "password" => {
                server
                    .change_password(&token, PASSWORD, NEW)
                    .await
                    .expect(200);
                server
                    .change_password(&token, NEW, PASSWORD)
                    .await
                    .expect(200);
            }
            "codes" => {
                server
                    .call_as(&token, "/auth/mfa/recovery-codes")
                    .await
                    .expect(200);
            }
            "logout-all" => {
                server.call_as(&token, "/auth/logout-all").await.expect(200);
            }
            "administrator" => {
                let path = format!("/admin/users/{}/logout-all", jane.user_id);
                server.call_as(&admin.token, &path).await.expect(200);
            }
            _ => server.advance(Duration::days(30)).await,
        }
        let ended = login_from(&server, "jane", &device).await;
        ended.refused(403, "MFA_REQUIRED");
    }
    // The role's devices are not remembered any more.
    let device = remembered(&server, &jane).await.text("device_token");
    let never = |settings: &mut Settings| settings.config.mfa.remember_days.patient = 0;
    let other = server.another_with(never).await;
    login_from(&other, "jane", &device)
        .await
        .refused(403, "MFA_REQUIRED");
}

// MFA-20: administrators are never remembered.
#[tokio::test]
async fn a_role_with_no_days_is_not_remembered() {
    let server = TestServer::start().await;
    server.admin("boss").await;
    let boss = server.secure("boss@example.org").await;
    server.advance(Duration::seconds(30)).await;
    let waits = server.login("boss@example.org", PASSWORD).await;
    let details = &waits.body["error"]["details"];
    assert_eq!(
        (&details["may_remember"], &details["remember_days"]),
        (&json!(false), &json!(0))
    );
    let done = remembered(&server, &boss).await;
    assert!(done.body.get("device_token").is_none(), "{}", done.raw);
    assert!(server.stored("known_devices").await.is_empty());
}
