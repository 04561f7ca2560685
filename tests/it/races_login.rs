//! Parallel requests on two instances of one database: wrong passwords, right passwords, and changes of the password.

use chrono::Duration;
use futures_util::future::{join, join_all};
use serde_json::json;

use crate::harness::{Answer, PASSWORD, TestServer};

const NEW: &str = "another long secret";

fn count(answers: &[Answer], status: u16) -> usize {
    answers
        .iter()
        .filter(|answer| answer.status == status)
        .count()
}

// The service verified the five passwords that it answers with 401. It refused the others before that (LCK-1, LCK-2).
#[tokio::test]
async fn five_of_a_hundred_parallel_wrong_passwords_are_verified() {
    let server = TestServer::start().await;
    let other = server.another().await;
    let id = server.patient("jane").await.text("user_id");
    let names = ["jane", "JANE", "jane@example.org", "Jane@Example.ORG", &id];
    let hashes = || server.app.hasher.hashes_done() + other.app.hasher.hashes_done();
    let before = hashes();
    let tries = (0..100).map(|n| [&server, &other][n % 2].login(names[n % 5], "wrong"));
    let answers = join_all(tries).await;
    assert_eq!((count(&answers, 401), count(&answers, 429)), (5, 95));
    assert_eq!(hashes() - before, 5);
    other
        .login("jane", PASSWORD)
        .await
        .refused(429, "RATE_LIMIT");
    server.advance(Duration::seconds(60)).await;
    other.login("jane", PASSWORD).await.expect(200);
}

// LCK-1
#[tokio::test]
async fn five_of_many_parallel_tries_on_an_unknown_name_are_verified() {
    let server = TestServer::start().await;
    let other = server.another().await;
    let tries = (0..100).map(|n| [&server, &other][n % 2].login("nobody", "wrong"));
    let answers = join_all(tries).await;
    assert_eq!((count(&answers, 401), count(&answers, 429)), (5, 95));
    other
        .login("nobody", "wrong")
        .await
        .refused(429, "RATE_LIMIT");
}

// LCK-6
#[tokio::test]
async fn twenty_parallel_logins_succeed_and_leave_no_failure() {
    let server = TestServer::start().await;
    let other = server.another().await;
    server.patient("jane").await;
    server.advance(Duration::seconds(1)).await;
    let logins = (0..20).map(|n| [&server, &other][n % 2].login("jane", PASSWORD));
    let answers = join_all(logins).await;
    assert_eq!(count(&answers, 200), 20);
    for _ in 0..4 {
        other.login("jane", "wrong").await.expect(401);
    }
    server.login("jane", PASSWORD).await.expect(200);
}

// The logins of one account wait for each other on an instance, also from different addresses. So earlier failures do
// not make right ones fail (LCK-6).
#[tokio::test]
async fn twenty_parallel_logins_succeed_after_three_failures() {
    let server = TestServer::start_with(|settings| {
        settings.config.throttle.identity.trusted_proxies = vec!["127.0.0.1".to_owned()];
    })
    .await;
    server.patient("jane").await;
    for _ in 0..3 {
        server.login("jane", "wrong").await.expect(401);
    }
    let logins = (0..20).map(|n| {
        let request = server.http.post(server.url("/auth/login"));
        let from = request.header("X-Forwarded-For", format!("192.0.2.{n}"));
        Answer::of(from.json(&json!({ "username": "jane", "password": PASSWORD })))
    });
    assert_eq!(count(&join_all(logins).await, 200), 20);
}

/// Logs jane in. While the service verifies her password, the test replaces the stored hash by a hash of `other`.
async fn login_during_a_change_to(other: &str) -> (TestServer, Answer) {
    let server = TestServer::start_with(|settings| {
        settings.config.password.argon2.memory_kib = 65_536;
        settings.config.password.argon2.iterations = 8;
    })
    .await;
    let id = server.patient("jane").await.text("user_id");
    let hash = server.app.hasher.hash(other.as_bytes()).await.unwrap();
    let before = server.app.hasher.hashes_done();
    let change = async {
        while server.app.hasher.hashes_done() == before {
            tokio::task::yield_now().await;
        }
        let fields = bson::doc! { "password_hash": hash.expose() };
        server.set_stored_account(&id, fields).await;
    };
    let (answer, ()) = join(server.login("jane", PASSWORD), change).await;
    (server, answer)
}

// A new hash of the same password by another instance is not a change of the password (HASH-2).
#[tokio::test]
async fn a_login_succeeds_during_a_rehash_of_its_password() {
    let (server, answer) = login_during_a_change_to(PASSWORD).await;
    let token = answer.expect(200).token();
    server.get_as(&token, "/auth/me").await.expect(200);
}

// PW-7
#[tokio::test]
async fn a_login_fails_when_the_password_changes_meanwhile() {
    let (server, answer) = login_during_a_change_to(NEW).await;
    answer.refused(401, "AUTH_FAILED");
    let token = server.login("jane", NEW).await.expect(200).token();
    let live = server.get_as(&token, "/auth/sessions").await.expect(200);
    assert_eq!(live.body["count"], 2); // The other one is the session of verify-otp.
}

// A login that proved the old password during the change has no session afterwards (PW-7).
#[tokio::test]
async fn a_password_change_ends_sessions_of_parallel_logins() {
    for round in 0..5 {
        let server = TestServer::start().await;
        let other = server.another().await;
        let token = server.patient("jane").await.token();
        let change = json!({ "current_password": PASSWORD, "new_password": NEW });
        let logins = (0..12).map(|n| [&server, &other][n % 2].login("jane", PASSWORD));
        let changed = server.post_as(&token, "/auth/change-password", change);
        let (answers, changed) = join(join_all(logins), changed).await;
        changed.expect(200);
        other.read_revocations().await;
        server.read_revocations().await;
        for answer in answers.iter().filter(|answer| answer.status == 200) {
            for instance in [&server, &other] {
                let ended = instance.get_as(&answer.token(), "/auth/me").await;
                ended.refused(401, "SESSION_ERROR");
            }
            server.refresh(&answer.refresh_token()).await.expect(401);
        }
        server.get_as(&token, "/auth/me").await.expect(200);
        let live = server.get_as(&token, "/auth/sessions").await.expect(200);
        assert_eq!(live.body["count"], 1, "round {round}");
        // Logins after the change had a wrong password, and may have locked the account.
        server.advance(Duration::seconds(60)).await;
        server.login("jane", NEW).await.expect(200);
        server
            .login("jane", PASSWORD)
            .await
            .refused(401, "AUTH_FAILED");
    }
}

// RST-4
#[tokio::test]
async fn a_password_reset_ends_sessions_of_parallel_logins() {
    let server = TestServer::start().await;
    let other = server.another().await;
    server.patient("jane").await;
    let asked = json!({ "email": "jane@example.org" });
    server
        .post("/auth/forgot-password", asked)
        .await
        .expect(200);
    let link = server.link_token_for("jane@example.org").await;
    let reset = json!({ "token": link, "new_password": NEW, "confirm_password": NEW });
    let logins = (0..12).map(|n| [&server, &other][n % 2].login("jane", PASSWORD));
    let reset = other.post("/auth/reset-password", reset);
    let (answers, reset) = join(join_all(logins), reset).await;
    reset.expect(200);
    for answer in answers.iter().filter(|answer| answer.status == 200) {
        server.refresh(&answer.refresh_token()).await.expect(401);
    }
    server.advance(Duration::seconds(60)).await;
    let token = server.login("jane", NEW).await.expect(200).token();
    let live = server.get_as(&token, "/auth/sessions").await.expect(200);
    assert_eq!(live.body["count"], 1);
}

// SES-4
#[tokio::test]
async fn parallel_logins_do_not_exceed_the_session_cap() {
    let cap =
        |settings: &mut clinic_auth::config::Settings| settings.config.sessions.max_per_user = 3;
    let server = TestServer::start_with(cap).await;
    let other = server.another_with(cap).await;
    server.patient("jane").await;
    let logins = (0..10).map(|n| [&server, &other][n % 2].login("jane", PASSWORD));
    assert_eq!(count(&join_all(logins).await, 200), 10);
    let token = server.login("jane", PASSWORD).await.expect(200).token();
    let live = server.get_as(&token, "/auth/sessions").await.expect(200);
    assert_eq!(live.body["count"], 3);
}
