//! The full hashing queue counts no failure (HASH-3), and the limits are high enough for a clinic (RL-6).

use clinic_auth::config::Settings;
use futures_util::future::join_all;
use serde_json::json;

use crate::harness::{Answer, PASSWORD, TestServer, registration};

/// Fails unless the answer is a refusal for exactly `seconds`.
#[track_caller]
pub(super) fn throttled(answer: &Answer, seconds: u64) {
    answer.refused(429, "RATE_LIMIT");
    assert_eq!(answer.body["error"]["details"]["retry_after"], seconds);
    assert_eq!(answer.headers["retry-after"], seconds.to_string());
}

// RL-5
#[tokio::test]
async fn a_login_leaves_only_counters_that_expire() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    for password in ["wrong", PASSWORD, PASSWORD] {
        server.login("jane", password).await;
    }
    let throttles = &server
        .program
        .settings
        .config
        .database
        .collections
        .platform
        .throttles;
    let now = server.clock.now();
    for row in server.stored(throttles).await {
        let id = row.get_str("_id").unwrap();
        let ends_at = row.get_datetime("expires_at").unwrap().to_chrono();
        assert!(ends_at > now && !id.starts_with("lock:"), "{row}");
    }
}

/// One hash at a time. A hash takes long, and other callers do not wait for it.
fn slow_hashing(settings: &mut Settings) {
    let password = &mut settings.config.password;
    password.hash_threads = Some(1);
    password.hash_queue_ms = 1;
    password.argon2.memory_kib = 65_536;
    password.argon2.iterations = 32;
}

fn twelve_names(settings: &mut Settings) {
    settings.config.throttle.identity.failed_names_per_ip.limit = 12;
}

// HASH-3, RL-4
#[tokio::test]
async fn a_full_hashing_queue_gets_503_and_counts_no_names() {
    let server = TestServer::start_with(twelve_names).await;
    let change = |settings: &mut Settings| {
        slow_hashing(settings);
        twelve_names(settings);
    };
    let busy = server.another_with(change).await;
    let names: Vec<_> = (0..12).map(|n| format!("nobody{n}")).collect();
    let answers = join_all(names.iter().map(|name| busy.login(name, "wrong"))).await;
    let (tried, told): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 401);
    assert!(!told.is_empty());
    for answer in &told {
        answer.refused(503, "SERVICE_BUSY");
        assert_eq!(answer.headers["retry-after"], "1");
    }
    for n in tried.len()..12 {
        server.login(&format!("more{n}"), "wrong").await.expect(401);
    }
    throttled(&server.login("one-more", "wrong").await, 60);
}

// HASH-3, LCK-1
#[tokio::test]
async fn a_login_refused_by_the_hashing_queue_is_no_failure() {
    let one = |settings: &mut Settings| settings.config.lockout.max_failures = 1;
    let server = TestServer::start_with(one).await;
    server.patient("jane").await;
    let change = |settings: &mut Settings| {
        slow_hashing(settings);
        one(settings);
    };
    let busy = server.another_with(change).await;
    let jane = async {
        while busy.app.hasher.hashes_done() == 0 {
            tokio::task::yield_now().await;
        }
        busy.login("jane", "wrong").await
    };
    let (nobody, jane) = tokio::join!(busy.login("nobody", "wrong"), jane);
    nobody.expect(401);
    jane.refused(503, "SERVICE_BUSY");
    server.login("jane", "wrong").await.expect(401);
    throttled(&server.login("jane", PASSWORD).await, 60);
}

// RL-6
#[tokio::test]
async fn two_hundred_accounts_log_in_from_one_address_at_once() {
    let server = TestServer::start().await;
    let id = server.patient("jane").await.text("user_id");
    let people = insert_accounts_like(&server, &id, 200).await;
    let answers = join_all(people.iter().map(|name| server.login(name, PASSWORD))).await;
    for answer in answers {
        answer.expect(200);
    }
}

/// Copies the account `id` in the database, because the number of registrations is limited. Returns the usernames.
async fn insert_accounts_like(server: &TestServer, id: &str, count: usize) -> Vec<String> {
    let names = &server.program.settings.config.database.collections;
    let template = server.stored_account(id).await;
    let (mut accounts, mut identifiers, mut people) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..count {
        let (user_id, name) = (format!("PAT9{n:07}"), format!("person{n}"));
        let mut account = template.clone();
        account.insert("_id", user_id.as_str());
        account.insert("user_id", user_id.as_str());
        account.insert("username", name.as_str());
        account.insert("email", format!("{name}@example.org"));
        accounts.push(account);
        identifiers.push(bson::doc! {
            "_id": format!("username:{name}"), "owner": user_id, "state": "active",
        });
        people.push(name);
    }
    let store = &server.app.store;
    store
        .raw(&names.identity.patients)
        .insert_many(accounts)
        .await
        .unwrap();
    store
        .raw(&names.identity.identifiers)
        .insert_many(identifiers)
        .await
        .unwrap();
    people
}

// RL-6
#[tokio::test]
async fn one_address_registers_thirty_patients_in_an_hour() {
    let server = TestServer::start().await;
    for n in 0..30 {
        let body = registration(&format!("patient{n}"));
        server.post("/auth/register", body).await.expect(200);
        let email = format!("patient{n}@example.org");
        let otp = server.code_for(&email).await;
        let proof = json!({ "email": email, "otp": otp });
        server.post("/auth/verify-otp", proof).await.expect(200);
    }
}

// D1
#[tokio::test]
async fn registrations_from_one_address_are_limited_to_sixty_an_hour() {
    let server = TestServer::start().await;
    let invalid = json!({});
    for n in 0..60 {
        let body = registration(&format!("patient{n}"));
        server.post("/auth/register", body).await.expect(200);
        server
            .post("/auth/register", invalid.clone())
            .await
            .expect(422);
    }
    let more = server.post("/auth/register", registration("more")).await;
    throttled(&more, 3600);
}
