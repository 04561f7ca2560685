//! Limits on requests by IP address, by session and by account (RL-1, RL-3, RL-8 to RL-10).

use bson::doc;
use chrono::Duration;
use clinic_auth::config::Settings;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    harness::{Answer, PASSWORD, TestServer, registration},
    throttles::throttled,
};

fn three_logins(settings: &mut Settings) {
    settings.config.throttle.identity.login_per_ip.limit = 3;
    settings.config.throttle.identity.login_per_ip.per_seconds = 600;
}

fn three_codes(settings: &mut Settings) {
    settings.config.throttle.identity.otp_request_per_ip.limit = 3;
    settings
        .config
        .throttle
        .identity
        .otp_request_per_ip
        .per_seconds = 600;
}

/// Requests a code for an e-mail address that has no account.
async fn request_code(server: &TestServer, number: usize) -> Answer {
    let body = json!({ "email": format!("nobody{number}@example.org") });
    server.post("/auth/send-otp", body).await
}

/// The number of rows of a collection that match `filter`.
async fn stored(server: &TestServer, collection: &str, filter: bson::Document) -> u64 {
    let rows = server.app.store.raw(collection);
    rows.count_documents(filter).await.unwrap()
}

// RL-1
#[tokio::test]
async fn instances_share_one_count_and_tell_the_time_to_wait() {
    let server = TestServer::start_with(three_codes).await;
    let other = server.another_with(three_codes).await;
    request_code(&server, 1).await.expect(200);
    server.advance(Duration::seconds(100)).await;
    request_code(&other, 2).await.expect(200);
    request_code(&server, 3).await.expect(200);
    throttled(&request_code(&other, 4).await, 500);
    server.advance(Duration::milliseconds(499_001)).await;
    throttled(&request_code(&server, 4).await, 1);
    server.advance(Duration::milliseconds(999)).await;
    request_code(&other, 4).await.expect(200);
}

// RL-1
#[tokio::test]
async fn parallel_requests_on_two_instances_pass_up_to_the_limit() {
    let server = TestServer::start_with(three_codes).await;
    let other = server.another_with(three_codes).await;
    let asked = (0..30).map(|n| request_code([&server, &other][n % 2], n));
    let answers = join_all(asked).await;
    let passed = answers.iter().filter(|answer| answer.status == 200);
    assert_eq!(passed.count(), 3);
}

// RL-1
#[tokio::test]
async fn logins_pass_up_to_the_limit_and_refill_one_by_one() {
    let server = TestServer::start_with(three_logins).await;
    let tries = (0..30).map(|_| server.login("nobody", "wrong"));
    let answers = join_all(tries).await;
    let passed = answers.iter().filter(|answer| answer.status != 429);
    assert_eq!(passed.count(), 3);
    throttled(&server.login("a", "wrong").await, 200);
    server.advance(Duration::milliseconds(199_001)).await;
    throttled(&server.login("a", "wrong").await, 1);
    server.advance(Duration::milliseconds(999)).await;
    server.login("a", "wrong").await.expect(401);
    throttled(&server.login("b", "wrong").await, 200);
}

// RL-1
#[tokio::test]
async fn each_instance_counts_logins_by_itself() {
    let server = TestServer::start_with(three_logins).await;
    let other = server.another_with(three_logins).await;
    for name in ["a", "b", "c"] {
        server.login(name, "wrong").await.expect(401);
    }
    throttled(&server.login("d", "wrong").await, 200);
    for name in ["d", "e", "f"] {
        other.login(name, "wrong").await.expect(401);
    }
    throttled(&other.login("g", "wrong").await, 200);
}

/// Trusts a proxy on loopback, so that a request can name the caller's address.
fn trust_proxy(settings: &mut Settings) {
    settings.config.throttle.identity.trusted_proxies = vec!["127.0.0.1".to_owned()];
}

async fn post_from(server: &TestServer, address: &str, path: &str, body: Value) -> Answer {
    let request = server.http.post(server.url(path)).json(&body);
    Answer::of(request.header("X-Forwarded-For", address)).await
}

fn login_body(name: &str, password: &str) -> Value {
    json!({ "username": name, "password": password })
}

fn global_limit_of_one(settings: &mut Settings) {
    trust_proxy(settings);
    settings.config.throttle.identity.global.limit = 1;
    settings.config.throttle.identity.global.per_seconds = 60;
}

// RL-9
#[tokio::test]
async fn a_used_up_global_limit_leaves_other_operations_open() {
    let server = TestServer::start_with(global_limit_of_one).await;
    let email = || json!({ "email": "nobody@example.org" });
    let operations = [
        ("/auth/send-otp", email()),
        ("/auth/forgot-password", email()),
        ("/auth/register", registration("jane")),
    ];
    for (path, body) in &operations {
        let first = post_from(&server, "192.0.2.1", path, body.clone()).await;
        first.expect(200);
        let second = post_from(&server, "192.0.2.2", path, body.clone()).await;
        throttled(&second, 60);
    }
    server.advance(Duration::minutes(1)).await;
    post_from(&server, "192.0.2.3", "/auth/send-otp", email())
        .await
        .expect(200);
}

// RL-9
#[tokio::test]
async fn operations_that_need_a_proof_have_no_global_limit() {
    let server = TestServer::start_with(global_limit_of_one).await;
    let jane = server.patient("jane").await;
    for number in 1..=20 {
        let address = format!("192.0.2.{number}");
        let name = format!("nobody{number}");
        let wrong = post_from(&server, &address, "/auth/login", login_body(&name, "wrong"));
        wrong.await.expect(401);
    }
    let code = json!({ "email": "nobody@example.org", "otp": "123456" });
    for number in 1..=2 {
        let wrong = post_from(&server, "192.0.2.1", "/auth/verify-otp", code.clone());
        wrong.await.refused(400, "OTP_ERROR");
        let garbage = json!({ "refresh_token": format!("x{number}") });
        let garbage = post_from(&server, "192.0.2.1", "/auth/refresh", garbage);
        garbage.await.refused(401, "SESSION_ERROR");
    }
    server.login("jane", PASSWORD).await.expect(200);
    server.refresh(&jane.refresh_token()).await.expect(200);
}

// RL-9
#[tokio::test]
async fn an_address_over_its_limit_is_not_counted_globally() {
    let server = TestServer::start_with(|settings| {
        three_codes(settings);
        trust_proxy(settings);
        settings.config.throttle.identity.global.limit = 4;
    })
    .await;
    let body = || json!({ "email": "nobody@example.org" });
    for _ in 0..3 {
        let asked = post_from(&server, "192.0.2.1", "/auth/send-otp", body());
        asked.await.expect(200);
    }
    for _ in 0..10 {
        let asked = post_from(&server, "192.0.2.1", "/auth/send-otp", body());
        throttled(&asked.await, 600);
    }
    let asked = post_from(&server, "192.0.2.2", "/auth/send-otp", body());
    asked.await.expect(200);
}

// RL-3, RL-9
#[tokio::test]
async fn an_ipv6_48_has_four_times_the_limit_of_a_64() {
    let server = TestServer::start_with(|settings| {
        trust_proxy(settings);
        settings.config.throttle.identity.login_per_ip.limit = 2;
        settings.config.throttle.identity.otp_request_per_ip.limit = 2;
    })
    .await;
    for path in ["/auth/login", "/auth/send-otp"] {
        let send = async |address: &str| {
            let mut body = login_body(address, "wrong");
            if path == "/auth/send-otp" {
                body = json!({ "email": "nobody@example.org" });
            }
            post_from(&server, address, path, body).await.status
        };
        for network in 1..=4 {
            for host in 1..=2 {
                let address = format!("2001:db8:1:{network}::{host}");
                assert_ne!(send(&address).await, 429, "{path} {address}");
            }
            let third = format!("2001:db8:1:{network}::3");
            assert_eq!(send(&third).await, 429, "{path} {third}");
        }
        assert_eq!(send("2001:db8:1:5::1").await, 429, "{path}");
        assert_ne!(send("2001:db8:2:5::1").await, 429, "{path}");
    }
}

// RL-8
#[tokio::test]
async fn many_invalid_tokens_do_not_block_a_valid_one() {
    let server = TestServer::start().await;
    let token = server.patient("jane").await.refresh_token();
    let mut limited = 0;
    for _ in 0..31 {
        let garbage = join_all((0..100).map(|_| server.refresh("x"))).await;
        limited += garbage.iter().filter(|answer| answer.status == 429).count();
    }
    assert_eq!(limited, 100);
    server.refresh(&token).await.expect(200);
}

// RL-8
#[tokio::test]
async fn invalid_refresh_tokens_are_limited_by_address() {
    let limit =
        |settings: &mut Settings| settings.config.throttle.identity.refresh_per_ip.limit = 2;
    let server = TestServer::start_with(limit).await;
    let token = server.patient("jane").await.refresh_token();
    for _ in 0..2 {
        server.refresh("x").await.refused(401, "SESSION_ERROR");
    }
    throttled(&server.refresh("x").await, 300);
    for _ in 0..3 {
        server.refresh(&token).await.expect(200);
    }
    server.advance(Duration::minutes(5)).await;
    server.refresh("x").await.refused(401, "SESSION_ERROR");
}

// RL-8
#[tokio::test]
async fn refreshes_are_limited_by_session() {
    let limit =
        |settings: &mut Settings| settings.config.throttle.identity.refresh_per_session.limit = 2;
    let server = TestServer::start_with(limit).await;
    let mut token = server.patient("jane").await.refresh_token();
    let elsewhere = server.login("jane", PASSWORD).await.refresh_token();
    for _ in 0..2 {
        token = server.refresh(&token).await.expect(200).refresh_token();
    }
    throttled(&server.refresh(&token).await, 300);
    server.refresh(&elsewhere).await.expect(200);
    server.advance(Duration::minutes(5)).await;
    server.refresh(&token).await.expect(200);
}

fn three_writes(settings: &mut Settings) {
    settings.config.throttle.identity.writes_per_account.limit = 3;
}

async fn change_profile(server: &TestServer, token: &str) -> Answer {
    let body = json!({ "first_name": "Janet" });
    server.patch_as(token, "/users/me", body).await
}

// RL-10, RL-1
#[tokio::test]
async fn changes_of_one_account_are_limited_over_all_instances() {
    let server = TestServer::start_with(three_writes).await;
    let other = server.another_with(three_writes).await;
    let jane = server.patient("jane").await.token();
    let theo = server.patient("theo").await.token();
    let changes = (0..30).map(|n| change_profile([&server, &other][n % 2], &jane));
    let answers = join_all(changes).await;
    let passed = answers.iter().filter(|answer| answer.status == 200);
    assert_eq!(passed.count(), 3);
    throttled(&change_profile(&other, &jane).await, 60);
    let recorded = doc! { "action": "profile_change" };
    assert_eq!(stored(&server, "audit_log", recorded).await, 3);
    change_profile(&server, &theo).await.expect(200);
    server.advance(Duration::minutes(1)).await;
    change_profile(&server, &jane).await.expect(200);
}

// A thief who changes the profile all the time must not prevent the owner from ending the thief's session (RL-10).
#[tokio::test]
async fn ending_a_live_session_is_never_limited() {
    let server = TestServer::start_with(three_writes).await;
    let jane = server.patient("jane").await;
    let thief = server.login("jane", PASSWORD).await;
    for _ in 0..3 {
        change_profile(&server, &thief.token()).await.expect(200);
    }
    throttled(&change_profile(&server, &jane.token()).await, 60);
    let ended = format!("/auth/sessions/{}", thief.text("session_id"));
    server.delete_as(&jane.token(), &ended).await.expect(200);
    let all = server.call_as(&jane.token(), "/auth/logout-all").await;
    assert_eq!(all.expect(200).body["count"], 1);
}

// RL-10
#[tokio::test]
async fn ending_an_ended_session_again_is_limited() {
    let server = TestServer::start_with(three_writes).await;
    let jane = server.patient("jane").await;
    let ended = server.login("jane", PASSWORD).await;
    let token = json!({ "refresh_token": ended.refresh_token() });
    let log_out = async || server.post("/auth/logout", token.clone()).await;
    for _ in 0..3 {
        log_out().await.expect(200);
    }
    let path = format!("/auth/sessions/{}", ended.text("session_id"));
    server.delete_as(&jane.token(), &path).await.expect(200);
    let rows = async || {
        let records = stored(&server, "audit_log", doc! {}).await;
        records + stored(&server, "revocations", doc! {}).await
    };
    let before = rows().await;
    throttled(&log_out().await, 60);
    throttled(&server.delete_as(&jane.token(), &path).await, 60);
    assert_eq!(rows().await, before);
    server.advance(Duration::minutes(1)).await;
    log_out().await.expect(200);
}

// RL-10
#[tokio::test]
async fn an_ended_sessions_token_does_not_use_the_accounts_limit() {
    let server = TestServer::start_with(three_writes).await;
    let jane = server.patient("jane").await;
    let stolen = server.login("jane", PASSWORD).await.refresh_token();
    let token = json!({ "refresh_token": stolen });
    for _ in 0..10 {
        server.post("/auth/logout", token.clone()).await;
    }
    for _ in 0..3 {
        change_profile(&server, &jane.token()).await.expect(200);
    }
    let log_out = server.call_as(&jane.token(), "/auth/logout").await;
    log_out.expect(200);
}
