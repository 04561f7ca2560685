//! Names that fail to log in from one address. The limit stops a sprayer (RL-4), but not the accounts that are known at
//! the address (RL-7).

use chrono::Duration;
use clinic_auth::config::Settings;
use serde_json::json;

use crate::harness::{Answer, PASSWORD, TestServer};

/// Fails unless the answer is a refusal for exactly `seconds`.
#[track_caller]
fn throttled(answer: &Answer, seconds: u64) {
    answer.refused(429, "RATE_LIMIT");
    assert_eq!(answer.body["error"]["details"]["retry_after"], seconds);
    assert_eq!(answer.headers["retry-after"], seconds.to_string());
}

fn three_names(settings: &mut Settings) {
    settings.config.throttle.identity.failed_names_per_ip.limit = 3;
}

// RL-4
#[tokio::test]
async fn each_failed_name_is_counted_once() {
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
async fn a_successful_login_removes_its_name_from_the_count() {
    let server = TestServer::start_with(three_names).await;
    server.patient("jane").await;
    for name in ["jane", "nobody1", "nobody2"] {
        server.login(name, "wrong").await.expect(401);
    }
    server.login("jane@example.org", PASSWORD).await.expect(200);
    server.login("nobody3", "wrong").await.expect(401);
    throttled(&server.login("nobody4", "wrong").await, 60);
}

// A name that failed in an earlier window and logs in during this window makes no room in this window (RL-4).
#[tokio::test]
async fn successful_logins_do_not_raise_the_limit_of_names() {
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

fn three_names_behind_proxy(settings: &mut Settings) {
    three_names(settings);
    settings.config.throttle.identity.trusted_proxies = vec!["127.0.0.1".to_owned()];
}

async fn login_from(server: &TestServer, address: &str, name: &str, password: &str) -> Answer {
    let body = json!({ "username": name, "password": password });
    let request = server.http.post(server.url("/auth/login")).json(&body);
    Answer::of(request.header("X-Forwarded-For", address)).await
}

// A try on a locked name tells a sprayer nothing, so it must not use up the limit of a clinic (RL-6).
#[tokio::test]
async fn tries_on_locked_names_are_not_counted_as_spraying() {
    let server = TestServer::start_with(three_names_behind_proxy).await;
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

// A request that is refused because of its address does not count as a try on the account (RL-4, LCK-4).
#[tokio::test]
async fn tries_from_a_full_address_do_not_lock_an_account() {
    let server = TestServer::start_with(three_names_behind_proxy).await;
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

/// Trusts a proxy on loopback, so that a request can name the caller's address.
fn trust_proxy(settings: &mut Settings) {
    settings.config.throttle.identity.trusted_proxies = vec!["127.0.0.1".to_owned()];
}

const CLINIC: &str = "192.0.2.1";
const HOME: &str = "198.51.100.7";

/// Two instances, and a full address: sixty unknown names failed at the clinic. Jane logged in from there, and june did
/// not.
async fn with_full_address() -> [TestServer; 2] {
    let server = TestServer::start_with(trust_proxy).await;
    let other = server.another_with(trust_proxy).await;
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
async fn a_full_address_admits_only_accounts_known_there() {
    let [server, other] = with_full_address().await;
    // The other instance has seen no failure there. It reads from the database that the address is full.
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
async fn an_unknown_name_at_a_full_address_waits_a_minute() {
    let [server, _] = with_full_address().await;
    server.advance(Duration::seconds(59)).await;
    throttled(&login_from(&server, CLINIC, "june", PASSWORD).await, 1);
    server.advance(Duration::seconds(1)).await;
    // A person whom the address knows does not use up the one try of a new name.
    login_from(&server, CLINIC, "jane", PASSWORD)
        .await
        .expect(200);
    login_from(&server, CLINIC, "june", PASSWORD)
        .await
        .expect(200);
    throttled(&login_from(&server, CLINIC, "nobody", "wrong").await, 60);
    // From now on, june is known at this address.
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
async fn an_account_keeps_a_login_address_for_thirty_days() {
    let server = TestServer::start_with(|settings| {
        trust_proxy(settings);
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
        // The password is wrong, so that the login does not renew the address.
        let wrong = login_from(&server, CLINIC, "jane", "wrong").await;
        match seconds {
            None => drop(wrong.expect(401)),
            Some(seconds) => throttled(&wrong, seconds),
        }
    }
}

// RL-7
#[tokio::test]
async fn an_account_keeps_its_last_eight_addresses_pseudonymized() {
    let server = TestServer::start_with(trust_proxy).await;
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

// A refused name costs the same number of round trips with and without an account (RL-7, ENUM-2).
#[tokio::test]
async fn a_full_address_costs_the_same_for_known_and_unknown_names() {
    let [server, _] = with_full_address().await;
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
