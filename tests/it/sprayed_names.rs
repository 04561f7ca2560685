//! Names that fail to log in from one address: a sprayer is stopped (RL-4), the people of the address are not (RL-7).

use chrono::Duration;
use clinic_auth::config::Settings;
use serde_json::json;

use crate::harness::{Answer, PASSWORD, TestServer};

/// Fails unless the answer says to come back after exactly `seconds`.
#[track_caller]
fn throttled(answer: &Answer, seconds: u64) {
    answer.refused(429, "RATE_LIMIT");
    assert_eq!(answer.body["error"]["details"]["retry_after"], seconds);
    assert_eq!(answer.headers["retry-after"], seconds.to_string());
}

fn three_names(settings: &mut Settings) {
    settings.config.throttle.failed_names_per_ip.limit = 3;
}

// RL-4
#[tokio::test]
async fn different_names_that_failed_are_counted_once_each() {
    let server = TestServer::start_with(three_names).await;
    let other = server.another_with(three_names).await;
    for name in ["PAT00000001", "pat00000001", "a@example.org", "nobody"] {
        other.login(name, "wrong").await.expect(401);
    }
    throttled(&server.login("PAT00000002", "wrong").await, 60);
    server.login("nobody", "wrong").await.expect(401);
    server.advance(Duration::minutes(15)).await;
    server.login("PAT00000002", "wrong").await.expect(401);
}

// RL-4
#[tokio::test]
async fn a_name_that_logs_in_is_taken_off_the_count() {
    let server = TestServer::start_with(three_names).await;
    server.patient("jane").await;
    for name in ["jane", "nobody1", "nobody2"] {
        server.login(name, "wrong").await.expect(401);
    }
    server.login("jane@example.org", PASSWORD).await.expect(200);
    server.login("nobody3", "wrong").await.expect(401);
    throttled(&server.login("nobody4", "wrong").await, 60);
}

// RL-4: names of an earlier window that log in during a later one make no room in it.
#[tokio::test]
async fn successes_never_leave_more_room_than_an_empty_window_has() {
    let server = TestServer::start_with(three_names).await;
    server.patient("jane").await;
    server.patient("theo").await;
    server.login("nobody1", "wrong").await.expect(401);
    server.advance(Duration::minutes(10)).await;
    server.login("jane", "wrong").await.expect(401);
    server.login("theo", "wrong").await.expect(401);
    server.advance(Duration::minutes(5)).await;
    server.login("nobody2", "wrong").await.expect(401);
    server.login("jane", PASSWORD).await.expect(200);
    server.login("theo", PASSWORD).await.expect(200);
    for name in ["nobody3", "nobody4"] {
        server.login(name, "wrong").await.expect(401);
    }
    throttled(&server.login("nobody5", "wrong").await, 60);
}

fn three_names_by_proxy(settings: &mut Settings) {
    three_names(settings);
    settings.config.throttle.trusted_proxies = vec!["127.0.0.1".to_owned()];
}

async fn login_from(server: &TestServer, address: &str, name: &str, password: &str) -> Answer {
    let body = json!({ "username": name, "password": password });
    let request = server.http.post(server.url("/auth/login")).json(&body);
    Answer::of(request.header("X-Forwarded-For", address)).await
}

// RL-6: locked names tell a sprayer nothing, and must not shut out the others of a clinic.
#[tokio::test]
async fn tries_on_locked_accounts_are_no_spraying() {
    let server = TestServer::start_with(three_names_by_proxy).await;
    server.patient("jane").await;
    for n in 1..=4_u8 {
        let (name, elsewhere) = (format!("victim{n}"), format!("192.0.2.{n}"));
        for _ in 0..5 {
            login_from(&server, &elsewhere, &name, "wrong")
                .await
                .expect(401);
        }
        throttled(&server.login(&name, "wrong").await, 60);
    }
    server.login("jane", PASSWORD).await.expect(200);
}

// RL-4, LCK-4: what is refused for its address is no try of the account.
#[tokio::test]
async fn an_address_that_is_full_locks_nobody() {
    let server = TestServer::start_with(three_names_by_proxy).await;
    server.patient("jane").await;
    for name in ["nobody1", "nobody2", "nobody3"] {
        login_from(&server, CLINIC, name, "wrong").await.expect(401);
    }
    for _ in 0..6 {
        throttled(&login_from(&server, CLINIC, "jane", "wrong").await, 60);
    }
    for _ in 0..4 {
        login_from(&server, HOME, "jane", "wrong").await.expect(401);
    }
    login_from(&server, HOME, "jane", PASSWORD)
        .await
        .expect(200);
}

/// Callers name their address themselves.
fn by_proxy(settings: &mut Settings) {
    settings.config.throttle.trusted_proxies = vec!["127.0.0.1".to_owned()];
}

const CLINIC: &str = "192.0.2.1";
const HOME: &str = "198.51.100.7";

/// Two instances with jane, who logged in from the clinic, and june, who did not, while sixty made-up names failed there.
async fn sprayed() -> [TestServer; 2] {
    let server = TestServer::start_with(by_proxy).await;
    let other = server.another_with(by_proxy).await;
    server.patient("jane").await;
    server.patient("june").await;
    let jane = login_from(&server, CLINIC, "jane", PASSWORD).await;
    jane.expect(200);
    for n in 0..60 {
        let name = format!("nobody{n}");
        login_from(&server, CLINIC, &name, "wrong")
            .await
            .expect(401);
    }
    [server, other]
}

// RL-7
#[tokio::test]
async fn a_full_address_keeps_its_own_people_in_and_strangers_out() {
    let [server, other] = sprayed().await;
    // An instance that has seen no failure there learns it from the first one.
    throttled(&login_from(&other, CLINIC, "nobody", "wrong").await, 60);
    for instance in [&server, &other] {
        let wrong = login_from(instance, CLINIC, "jane", "wrong").await;
        wrong.refused(401, "AUTH_FAILED");
        login_from(instance, CLINIC, "jane", PASSWORD)
            .await
            .expect(200);
        throttled(&login_from(instance, CLINIC, "june", PASSWORD).await, 60);
        throttled(&login_from(instance, CLINIC, "nobody", "wrong").await, 60);
        login_from(instance, HOME, "june", "wrong")
            .await
            .expect(401);
        login_from(instance, HOME, "june", PASSWORD)
            .await
            .expect(200);
    }
}

// RL-7, LCK-4
#[tokio::test]
async fn a_stranger_of_a_full_address_waits_a_minute() {
    let [server, _] = sprayed().await;
    server.advance(Duration::seconds(59)).await;
    throttled(&login_from(&server, CLINIC, "june", PASSWORD).await, 1);
    server.advance(Duration::seconds(1)).await;
    login_from(&server, CLINIC, "june", PASSWORD)
        .await
        .expect(200);
    throttled(&login_from(&server, CLINIC, "nobody", "wrong").await, 60);
    // She is known there from now on.
    login_from(&server, CLINIC, "june", PASSWORD)
        .await
        .expect(200);
    server.advance(Duration::seconds(840)).await;
    login_from(&server, CLINIC, "nobody", "wrong")
        .await
        .expect(401);
}

// RL-7
#[tokio::test]
async fn an_address_is_known_for_thirty_days() {
    let server = TestServer::start_with(|settings| {
        by_proxy(settings);
        three_names(settings);
    })
    .await;
    server.patient("jane").await;
    login_from(&server, CLINIC, "jane", PASSWORD)
        .await
        .expect(200);
    for (days, seconds) in [(29, None), (2, Some(60))] {
        server.advance(Duration::days(days)).await;
        for name in ["nobody1", "nobody2", "nobody3"] {
            login_from(&server, CLINIC, name, "wrong").await.expect(401);
        }
        // Elsewhere, so that the clinic is not renewed.
        let wrong = login_from(&server, CLINIC, "jane", "wrong").await;
        match seconds {
            None => drop(wrong.expect(401)),
            Some(seconds) => throttled(&wrong, seconds),
        }
    }
}

// RL-7
#[tokio::test]
async fn an_account_remembers_its_last_eight_addresses_unreadably() {
    let server = TestServer::start_with(by_proxy).await;
    let id = server.patient("jane").await.text("user_id");
    for n in 0..10 {
        login_from(&server, &format!("192.0.2.{n}"), "jane", PASSWORD)
            .await
            .expect(200);
    }
    let account = server.stored_account(&id).await;
    let known = account.get_array("login_addresses").unwrap();
    assert_eq!(known.len(), 8);
    assert!(!account.to_string().contains("192.0.2."), "{account}");
    let me = server.login("jane", PASSWORD).await.token();
    let me = server.get_as(&me, "/users/me").await.expect(200);
    assert!(!me.raw.contains("lockout") && !me.raw.contains("login_addresses"));
}

// RL-7, ENUM-2: a name that may not be tried costs the same round trips, whoever it belongs to.
#[tokio::test]
async fn a_full_address_costs_the_same_for_known_and_unknown_names() {
    let [server, _] = sprayed().await;
    let mut costs = Vec::new();
    for name in ["june", "nobody"] {
        let before = trips(&server).await;
        throttled(&login_from(&server, CLINIC, name, "wrong").await, 60);
        costs.push(trips(&server).await - before);
    }
    assert_eq!(costs[0], costs[1]);
}

async fn trips(server: &TestServer) -> u64 {
    let name = "clinic_auth_database_operations_total{operation=\"login\"}";
    crate::metrics::sample(server, name).await
}
