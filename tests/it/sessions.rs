//! Sessions: where they end, when they end, and how many there are (SES-1 to SES-6, D10).

use bson::doc;
use chrono::Duration;
use clinic_auth::{clock::rfc3339, config::Settings, service::maintenance};
use serde_json::Value;

use crate::harness::{Answer, PASSWORD, TestServer};

/// Somebody with a session, known to both instances' memories.
pub(super) async fn on_two(change: impl Fn(&mut Settings)) -> (TestServer, TestServer, Answer) {
    let server = TestServer::start_with(&change).await;
    let other = server.another_with(&change).await;
    let tokens = server.patient("jane").await;
    for instance in [&server, &other] {
        alive(instance, &tokens).await;
    }
    (server, other, tokens)
}

pub(super) async fn alive(server: &TestServer, tokens: &Answer) {
    let me = server.get_as(&tokens.token(), "/auth/me").await;
    me.expect(200);
}

pub(super) async fn ended(server: &TestServer, tokens: &Answer) {
    let me = server.get_as(&tokens.token(), "/auth/me").await;
    me.refused(401, "SESSION_ERROR");
    assert_eq!(me.headers["www-authenticate"], "Bearer");
}

// SES-1, D10
#[tokio::test]
async fn a_logout_holds_here_at_once_and_elsewhere_after_the_feed() {
    let (server, other, tokens) = on_two(|_| {}).await;
    let done = server.call_as(&tokens.token(), "/auth/logout").await;
    let done = done.expect(200);
    assert!(done.headers.contains_key("clear-site-data"));
    ended(&server, &tokens).await;
    other.read_revocations().await;
    ended(&other, &tokens).await;
    server
        .refresh(&tokens.refresh_token())
        .await
        .refused(401, "SESSION_ERROR");
}

// SES-1, D10
#[tokio::test]
async fn without_a_lag_each_request_reads_the_session() {
    let (server, other, tokens) =
        on_two(|settings| settings.config.sessions.revocation_lag_ms = 0).await;
    server
        .call_as(&tokens.token(), "/auth/logout")
        .await
        .expect(200);
    ended(&other, &tokens).await;
}

// D10
#[tokio::test]
async fn memory_does_not_answer_when_the_feed_was_not_read_for_longer_than_the_lag() {
    let (server, other, tokens) = on_two(|_| {}).await;
    server
        .call_as(&tokens.token(), "/auth/logout")
        .await
        .expect(200);
    server.clock.advance(Duration::milliseconds(1501));
    ended(&other, &tokens).await;
}

// D10: that memory answers at all within the lag is what makes the other tests worth something.
#[tokio::test]
async fn memory_answers_within_the_lag() {
    let (server, other, tokens) = on_two(|_| {}).await;
    server
        .call_as(&tokens.token(), "/auth/logout")
        .await
        .expect(200);
    server.clock.advance(Duration::milliseconds(500));
    alive(&other, &tokens).await;
}

// D10, TIME-1
#[tokio::test]
async fn what_an_instance_with_a_slow_clock_ends_is_heard_of() {
    let (server, other, tokens) = on_two(|_| {}).await;
    other.advance(Duration::seconds(30)).await;
    server.clock.advance(Duration::seconds(-30));
    server
        .call_as(&tokens.token(), "/auth/logout")
        .await
        .expect(200);
    other.advance(Duration::seconds(30)).await;
    ended(&other, &tokens).await;
}

// SES-1
#[tokio::test]
async fn logout_everywhere_ends_all_sessions_and_counts_them() {
    let (server, other, tokens) = on_two(|_| {}).await;
    let second = other.login("jane", PASSWORD).await.expect(200);
    let done = server
        .call_as(&second.token(), "/auth/logout-all")
        .await
        .expect(200);
    assert_eq!(done.text("message"), "Logged out 2 sessions");
    assert_eq!(done.body["count"], 2);
    assert!(done.headers.contains_key("clear-site-data")); // WEB-4
    other.read_revocations().await;
    for tokens in [&tokens, &second] {
        ended(&server, tokens).await;
        ended(&other, tokens).await;
        server.refresh(&tokens.refresh_token()).await.expect(401);
    }
}

// SES-1
#[tokio::test]
async fn a_disabled_user_is_out_once_the_session_is_read_anew() {
    let (server, other, tokens) = on_two(|_| {}).await;
    let disabled = doc! { "status": "disabled" };
    server
        .set_stored_account(&tokens.text("user_id"), disabled)
        .await;
    server.clock.advance(Duration::milliseconds(1501));
    ended(&other, &tokens).await;
    server
        .refresh(&tokens.refresh_token())
        .await
        .refused(401, "SESSION_ERROR");
}

// SES-5
#[tokio::test]
async fn one_sees_and_ends_ones_own_sessions_only() {
    let server = TestServer::start().await;
    let (jane, theo) = (server.patient("jane").await, server.patient("theo").await);
    let (mine, theirs) = (jane.text("session_id"), theo.text("session_id"));
    let list = server
        .get_as(&jane.token(), "/auth/sessions")
        .await
        .expect(200);
    let ids: Vec<_> = views(&list)
        .map(|s| s["session_id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, [&mine]);
    for id in [theirs.as_str(), "no-such-session", &theirs.to_uppercase()] {
        let path = format!("/auth/sessions/{id}");
        server
            .delete_as(&jane.token(), &path)
            .await
            .refused(404, "SESSION_ERROR");
    }
    alive(&server, &theo).await;
    let path = format!("/auth/sessions/{mine}");
    server.delete_as(&jane.token(), &path).await.expect(200);
    ended(&server, &jane).await;
}

fn views(list: &Answer) -> impl Iterator<Item = &Value> {
    list.body["sessions"].as_array().unwrap().iter()
}

#[tokio::test]
async fn the_list_tells_what_a_person_needs_and_which_one_is_current() {
    let server = TestServer::start().await;
    let first = server.patient("jane").await;
    let began = server.clock.now();
    server.advance(Duration::minutes(5)).await;
    let second = server.login("jane", PASSWORD).await.expect(200);
    let list = server
        .get_as(&first.token(), "/auth/sessions")
        .await
        .expect(200);
    assert_eq!(list.body["count"], 2);
    let current: Vec<_> = views(&list).map(|s| s["current"] == true).collect();
    assert_eq!(current, [false, true]);
    let (new, old) = (&list.body["sessions"][0], &list.body["sessions"][1]);
    assert_eq!(new["session_id"], second.text("session_id"));
    assert_eq!(old["login_time"], rfc3339(began));
    assert_eq!(old["last_activity"], rfc3339(server.clock.now()));
    // The refresh token, issued at login, ends first.
    assert_eq!(old["expires_at"], rfc3339(began + Duration::days(7)));
    assert_eq!(
        (&old["is_active"], &old["ip_address"]),
        (&true.into(), &"127.0.0.1".into())
    );
    assert!(!list.raw.contains("refresh") && !list.raw.contains("end_reason"));
}

// SES-2
#[tokio::test]
async fn every_login_has_a_new_session_whatever_the_client_sends() {
    let server = TestServer::start().await;
    let first = server.patient("jane").await;
    let old = first.text("session_id");
    let form = [
        ("username", "jane"),
        ("password", PASSWORD),
        ("session_id", old.as_str()),
    ];
    let request = server.http.post(server.url("/auth/login")).form(&form);
    let second = Answer::of(request.header("Cookie", format!("session_id={old}"))).await;
    assert_ne!(second.expect(200).text("session_id"), old);
}

// SES-3
#[tokio::test]
async fn a_doctors_session_ends_after_an_hour_without_a_request_to_the_second() {
    let server = TestServer::start_with(long_tokens).await;
    let tokens = server.doctor("house").await;
    for _ in 0..3 {
        server.advance(Duration::seconds(60 * 60 - 1)).await;
        alive(&server, &tokens).await;
    }
    server.advance(Duration::seconds(60 * 60)).await;
    ended(&server, &tokens).await;
    server
        .refresh(&tokens.refresh_token())
        .await
        .refused(401, "SESSION_ERROR");
}

/// Access tokens that outlive every session, so that the session decides.
fn long_tokens(settings: &mut Settings) {
    settings.config.jwt.expire_minutes = 43_200 * 2;
}

// SES-3
#[tokio::test]
async fn a_doctors_session_ends_twelve_hours_after_login_whatever_happens() {
    let server = TestServer::start_with(long_tokens).await;
    let mut tokens = server.doctor("house").await;
    for _ in 0..12 * 3 - 1 {
        server.advance(Duration::minutes(20)).await;
        tokens = server.refresh(&tokens.refresh_token()).await.expect(200);
    }
    server.advance(Duration::seconds(20 * 60 - 1)).await;
    alive(&server, &tokens).await;
    server.advance(Duration::seconds(1)).await;
    ended(&server, &tokens).await;
    server
        .refresh(&tokens.refresh_token())
        .await
        .refused(401, "SESSION_ERROR");
}

// SES-3
#[tokio::test]
async fn a_patients_session_ends_after_a_week_without_a_refresh() {
    let server = TestServer::start_with(long_tokens).await;
    let tokens = server.patient("jane").await;
    server.advance(Duration::seconds(7 * 86_400 - 1)).await;
    alive(&server, &tokens).await;
    server.advance(Duration::seconds(1)).await;
    ended(&server, &tokens).await;
    server
        .refresh(&tokens.refresh_token())
        .await
        .refused(401, "SESSION_ERROR");
}

// SES-3
#[tokio::test]
async fn a_patients_session_ends_after_thirty_days_whatever_happens() {
    let server = TestServer::start_with(long_tokens).await;
    let mut tokens = server.patient("jane").await;
    for _ in 0..5 {
        server
            .advance(Duration::days(6) - Duration::milliseconds(1))
            .await;
        tokens = server.refresh(&tokens.refresh_token()).await.expect(200);
    }
    alive(&server, &tokens).await;
    server.advance(Duration::milliseconds(5)).await;
    ended(&server, &tokens).await;
    server
        .refresh(&tokens.refresh_token())
        .await
        .refused(401, "SESSION_ERROR");
}

// SES-3
#[tokio::test]
async fn activity_is_written_at_most_once_a_minute() {
    let server = TestServer::start().await;
    let tokens = server.doctor("house").await;
    let id = tokens.text("session_id");
    let written = || async {
        server
            .stored_session(&id)
            .await
            .get_datetime("last_activity")
            .unwrap()
            .to_chrono()
    };
    let began = written().await;
    for _ in 0..5 {
        server.advance(Duration::seconds(10)).await;
        alive(&server, &tokens).await;
        maintenance::tick(&server.app).await.unwrap();
    }
    assert_eq!(written().await, began);
    server.advance(Duration::seconds(10)).await;
    alive(&server, &tokens).await;
    assert_eq!(written().await, server.clock.now());
}

// SES-3: the last requests before a pause are only in memory; maintenance writes them for the other instances.
#[tokio::test]
async fn idle_is_exact_on_every_instance_after_maintenance() {
    let server = TestServer::start_with(long_tokens).await;
    let other = server.another_with(long_tokens).await;
    let tokens = server.doctor("house").await;
    server.advance(Duration::seconds(50)).await;
    alive(&server, &tokens).await;
    server.advance(Duration::seconds(15)).await;
    maintenance::tick(&server.app).await.unwrap();
    other.advance(Duration::seconds(60 * 60 - 16)).await;
    alive(&other, &tokens).await;
    other.advance(Duration::seconds(60 * 60)).await;
    ended(&other, &tokens).await;
}

// SES-3: on an instance that remembers the session from before its refresh elsewhere.
#[tokio::test]
async fn a_refresh_elsewhere_is_not_undone_by_an_older_memory() {
    let (server, other, tokens) = on_two(long_tokens).await;
    other.advance(Duration::days(6)).await;
    alive(&other, &tokens).await;
    let next = server.refresh(&tokens.refresh_token()).await.expect(200);
    other.advance(Duration::minutes(2)).await;
    alive(&other, &next).await;
    other.advance(Duration::days(5)).await;
    server.refresh(&next.refresh_token()).await.expect(200);
}

// TIME-1: what is over by the clock of the instance that ends it may have seconds left by another's.
#[tokio::test]
async fn ending_all_sessions_ends_those_too_that_only_just_ran_out() {
    let server = TestServer::start_with(long_tokens).await;
    let old = server.doctor("house").await;
    server.advance(Duration::minutes(60)).await;
    let new = server.login("house", PASSWORD).await.expect(200);
    let done = server.call_as(&new.token(), "/auth/logout-all").await;
    assert_eq!(done.expect(200).body["count"], 1);
    server.advance(Duration::seconds(-30)).await;
    ended(&server, &old).await;
}

#[tokio::test]
async fn ending_what_is_not_ones_own_tells_other_instances_nothing() {
    // D10: the feed grows with one's own sessions, not with tries to end others.
    let (server, _, jane) = on_two(|_| {}).await;
    let theirs = server.patient("june").await.text("session_id");
    let told = server.stored("revocations").await.len();
    for id in [theirs.as_str(), "7f1f6b0e-6d6f-4c55-9a0c-0d8a3c1f2b4e"] {
        let path = format!("/auth/sessions/{id}");
        server
            .delete_as(&jane.token(), &path)
            .await
            .refused(404, "SESSION_ERROR");
    }
    assert_eq!(server.stored("revocations").await.len(), told);
}
