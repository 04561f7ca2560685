//! Wrong passwords lock an account for a time, and the owner can always unlock it by a reset (LCK-1 to LCK-7).

use chrono::Duration;
use clinic_auth::config::Settings;
use serde_json::json;

use crate::harness::{Answer, PASSWORD, TestServer};

async fn fail(server: &TestServer, name: &str, times: usize) {
    for _ in 0..times {
        server
            .login(name, "wrong")
            .await
            .refused(401, "AUTH_FAILED");
    }
}

/// The seconds to wait in a refusal. The header and the body must say the same.
#[track_caller]
fn locked_for(answer: &Answer) -> u64 {
    answer.refused(429, "RATE_LIMIT");
    let seconds = answer.body["error"]["details"]["retry_after"]
        .as_u64()
        .unwrap();
    assert_eq!(answer.headers["retry-after"], seconds.to_string());
    seconds
}

// LCK-1, LCK-3, D5
#[tokio::test]
async fn five_failures_refuse_even_the_right_password_for_a_minute() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    fail(&server, "jane", 5).await;
    assert_eq!(locked_for(&server.login("jane", PASSWORD).await), 60);
    server.advance(Duration::milliseconds(59_001)).await;
    assert_eq!(locked_for(&server.login("jane", PASSWORD).await), 1);
    server.advance(Duration::milliseconds(999)).await;
    server.login("jane", PASSWORD).await.expect(200);
}

// LCK-1
#[tokio::test]
async fn locks_double_up_to_fifteen_minutes_for_any_name() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    for name in ["jane", "nobody"] {
        for seconds in [60, 120, 240, 480, 900, 900] {
            fail(&server, name, 5).await;
            assert_eq!(locked_for(&server.login(name, "wrong").await), seconds);
            let end = i64::try_from(seconds).unwrap();
            server.advance(Duration::seconds(end)).await;
        }
    }
    server.login("jane", PASSWORD).await.expect(200);
}

// LCK-1
#[tokio::test]
async fn a_successful_login_resets_failures_and_locks() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    fail(&server, "jane", 5).await;
    server.advance(Duration::seconds(60)).await;
    fail(&server, "jane", 4).await;
    server.login("jane", PASSWORD).await.expect(200);
    fail(&server, "jane", 5).await;
    assert_eq!(locked_for(&server.login("jane", "wrong").await), 60);
}

// LCK-1
#[tokio::test]
async fn failures_expire_with_their_window() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    fail(&server, "jane", 4).await;
    server.advance(Duration::minutes(15)).await;
    fail(&server, "jane", 4).await;
    server.login("jane", PASSWORD).await.expect(200);
}

// LCK-2
#[tokio::test]
async fn all_identifiers_share_one_count_on_every_instance() {
    let server = TestServer::start().await;
    let other = server.another().await;
    let id = server.patient("jane").await.text("user_id");
    for (instance, name) in [
        (&server, "jane"),
        (&other, "JANE"),
        (&server, "jane@example.org"),
        (&other, " Jane@Example.ORG"),
        (&server, &id.to_lowercase()),
    ] {
        fail(instance, name, 1).await;
    }
    for name in ["jane", "jane@example.org", &id] {
        locked_for(&other.login(name, PASSWORD).await);
    }
}

// LCK-2
#[tokio::test]
async fn a_lock_does_not_affect_other_accounts() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    server.patient("june").await;
    fail(&server, "jane", 5).await;
    server.login("june", PASSWORD).await.expect(200);
}

// LCK-4
#[tokio::test]
async fn a_lock_leaves_the_owners_sessions_live() {
    let server = TestServer::start().await;
    let tokens = server.patient("jane").await;
    fail(&server, "jane", 5).await;
    locked_for(&server.login("jane", PASSWORD).await);
    server.get_as(&tokens.token(), "/auth/me").await.expect(200);
    server.refresh(&tokens.refresh_token()).await.expect(200);
}

// LCK-4, RST-4
#[tokio::test]
async fn a_password_reset_unlocks_the_account() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    fail(&server, "jane", 5).await;
    reset(&server, "jane", "another long secret").await;
    server
        .login("jane", "another long secret")
        .await
        .expect(200);
    fail(&server, "jane", 5).await;
    assert_eq!(locked_for(&server.login("jane", "wrong").await), 60);
}

async fn reset(server: &TestServer, name: &str, new: &str) {
    let email = format!("{name}@example.org");
    let asked = server.post("/auth/forgot-password", json!({ "email": email }));
    asked.await.expect(200);
    let token = server.link_token_for(&email).await;
    let body = json!({ "token": token, "new_password": new, "confirm_password": new });
    server.post("/auth/reset-password", body).await.expect(200);
}

// LCK-5
#[tokio::test]
async fn wrong_current_passwords_lock_the_account_too() {
    let server = TestServer::start().await;
    let token = server.patient("jane").await.token();
    let wrong = json!({ "current_password": "wrong", "new_password": "another long secret" });
    for _ in 0..5 {
        let refused = server.post_as(&token, "/auth/change-password", wrong.clone());
        refused.await.refused(401, "AUTH_FAILED");
    }
    let right = json!({ "current_password": PASSWORD, "new_password": "another long secret" });
    locked_for(&server.post_as(&token, "/auth/change-password", right).await);
    locked_for(&server.login("jane", PASSWORD).await);
}

fn hard_limit_of_7(settings: &mut Settings) {
    settings.config.lockout.hard_limit = 7;
}

// LCK-7
#[tokio::test]
async fn the_hard_limit_lock_lasts_until_a_password_reset() {
    let server = TestServer::start_with(hard_limit_of_7).await;
    server.patient("jane").await;
    fail(&server, "jane", 5).await;
    server.advance(Duration::seconds(60)).await;
    fail(&server, "jane", 2).await;
    for days in [0, 1, 60] {
        server.advance(Duration::days(days)).await;
        assert_eq!(locked_for(&server.login("jane", PASSWORD).await), 900);
    }
    reset(&server, "jane", "another long secret").await;
    server
        .login("jane", "another long secret")
        .await
        .expect(200);
}

// LCK-7
#[tokio::test]
async fn failures_over_days_add_up_to_the_hard_limit() {
    let server = TestServer::start_with(hard_limit_of_7).await;
    for name in ["jane", "nobody"] {
        server
            .patient(if name == "jane" { name } else { "june" })
            .await;
        fail(&server, name, 5).await;
        server.advance(Duration::days(2)).await;
        fail(&server, name, 2).await;
        server.advance(Duration::days(2)).await;
        assert_eq!(locked_for(&server.login(name, "wrong").await), 900);
    }
}

// An expired counter does not count even if the database has not deleted it yet (RL-5).
#[tokio::test]
async fn a_few_failures_are_forgotten_after_a_day() {
    let server = TestServer::start_with(|settings| settings.config.lockout.hard_limit = 5).await;
    server.patient("jane").await;
    fail(&server, "jane", 4).await;
    server.advance(Duration::hours(24)).await;
    fail(&server, "jane", 4).await;
    server.login("jane", PASSWORD).await.expect(200);
}

// MAIL-7
#[tokio::test]
async fn a_login_after_failures_sends_the_owner_a_mail() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    fail(&server, "jane", 2).await;
    server.login("jane", PASSWORD).await.expect(200);
    let before = server.mails_to("jane@example.org").await;
    fail(&server, "jane", 3).await;
    server.login("jane", PASSWORD).await.expect(200);
    assert_eq!(server.mails_to("jane@example.org").await, before + 1);
    let mail = server.mail_to("jane@example.org").await;
    assert_eq!(mail.subject, "New login after failed attempts");
}
