//! Many at once, on two instances of one database: wrong passwords, right ones, and changes of the password.

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

// LCK-1, LCK-2: verified are those that are told "wrong"; all others were refused before the password was looked at.
#[tokio::test]
async fn of_a_hundred_wrong_passwords_at_once_five_are_looked_at() {
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
async fn of_a_hundred_tries_at_once_on_a_name_of_nobody_five_are_looked_at() {
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
async fn twenty_right_logins_at_once_all_succeed_and_leave_no_failure() {
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

// LCK-6: failures before do not shut the right ones out, which are one at a time on an instance, wherever they come from.
#[tokio::test]
async fn three_failures_do_not_make_twenty_right_logins_at_once_fail() {
    let server = TestServer::start_with(|settings| {
        settings.config.throttle.trusted_proxies = vec!["127.0.0.1".to_owned()];
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

/// Logs jane in, and puts a hash of `other` in the place of her password's while that is looked at.
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

// HASH-2: another instance's new hash of the same password is no change of the password.
#[tokio::test]
async fn a_login_survives_a_new_hash_of_the_same_password() {
    let (server, answer) = login_during_a_change_to(PASSWORD).await;
    let token = answer.expect(200).token();
    server.get_as(&token, "/auth/me").await.expect(200);
}

// PW-7
#[tokio::test]
async fn a_login_does_not_survive_a_change_of_the_password() {
    let (server, answer) = login_during_a_change_to(NEW).await;
    answer.refused(401, "AUTH_FAILED");
    let token = server.login("jane", NEW).await.expect(200).token();
    let live = server.get_as(&token, "/auth/sessions").await.expect(200);
    assert_eq!(live.body["count"], 2); // the session of verify-otp, and this one
}

// PW-7: a login that proved the old password while it was changed has no session afterwards.
#[tokio::test]
async fn no_session_of_the_old_password_outlives_its_change() {
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
        // Wrong by then, some of the old ones may have locked the account.
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
async fn no_session_of_the_old_password_outlives_a_reset() {
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
async fn logins_at_once_do_not_pass_the_cap() {
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
