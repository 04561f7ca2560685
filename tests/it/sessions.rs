//! When a session ends, on which instances, and what its owner sees of it (SES-1 to SES-6, D10).

use bson::doc;
use chrono::Duration;
use clinic_auth::config::Settings;
use identity::maintenance;
use kernel::clock::rfc3339;
use serde_json::Value;

use crate::harness::{Answer, PASSWORD, TestServer};

/// Two instances, and the tokens of a user whose session is in the cache of both.
pub(super) async fn on_two_instances(
    change: impl Fn(&mut Settings),
) -> (TestServer, TestServer, Answer) {
    let server = TestServer::start_with(&change).await;
    let other = server.another_with(&change).await;
    let tokens = server.patient("jane").await;
    for instance in [&server, &other] {
        assert_live(instance, &tokens).await;
    }
    (server, other, tokens)
}

pub(super) async fn assert_live(server: &TestServer, tokens: &Answer) {
    let me = server.get_as(&tokens.token(), "/auth/me").await;
    me.expect(200);
}

pub(super) async fn assert_ended(server: &TestServer, tokens: &Answer) {
    let me = server.get_as(&tokens.token(), "/auth/me").await;
    me.refused(401, "SESSION_ERROR");
    assert_eq!(me.headers["www-authenticate"], "Bearer");
}

// SES-1, D10
#[tokio::test]
async fn a_logout_reaches_other_instances_by_the_feed() {
    let (server, other, tokens) = on_two_instances(|_| {}).await;
    let done = server.call_as(&tokens.token(), "/auth/logout").await;
    let done = done.expect(200);
    assert!(done.headers.contains_key("clear-site-data"));
    assert_ended(&server, &tokens).await;
    other.read_revocations().await;
    assert_ended(&other, &tokens).await;
    server
        .refresh(&tokens.refresh_token())
        .await
        .refused(401, "SESSION_ERROR");
}

// SES-1, D10
#[tokio::test]
async fn without_a_lag_each_request_reads_the_session() {
    let (server, other, tokens) =
        on_two_instances(|settings| settings.config.sessions.revocation_lag_ms = 0).await;
    server
        .call_as(&tokens.token(), "/auth/logout")
        .await
        .expect(200);
    assert_ended(&other, &tokens).await;
}

// D10
#[tokio::test]
async fn the_cache_does_not_answer_if_the_feed_is_older_than_the_lag() {
    let (server, other, tokens) = on_two_instances(|_| {}).await;
    server
        .call_as(&tokens.token(), "/auth/logout")
        .await
        .expect(200);
    server.clock.advance(Duration::milliseconds(1501));
    assert_ended(&other, &tokens).await;
}

// The other tests prove something only if the cache answers within the lag (D10).
#[tokio::test]
async fn the_cache_answers_within_the_lag() {
    let (server, other, tokens) = on_two_instances(|_| {}).await;
    server
        .call_as(&tokens.token(), "/auth/logout")
        .await
        .expect(200);
    server.clock.advance(Duration::milliseconds(500));
    assert_live(&other, &tokens).await;
}

// D10, TIME-1
#[tokio::test]
async fn a_logout_by_an_instance_with_a_slow_clock_is_read() {
    let (server, other, tokens) = on_two_instances(|_| {}).await;
    other.advance(Duration::seconds(30)).await;
    server.clock.advance(Duration::seconds(-30));
    server
        .call_as(&tokens.token(), "/auth/logout")
        .await
        .expect(200);
    other.advance(Duration::seconds(30)).await;
    assert_ended(&other, &tokens).await;
}

// SES-1
#[tokio::test]
async fn logout_all_ends_all_sessions_and_counts_them() {
    let (server, other, tokens) = on_two_instances(|_| {}).await;
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
        assert_ended(&server, tokens).await;
        assert_ended(&other, tokens).await;
        server.refresh(&tokens.refresh_token()).await.expect(401);
    }
}

// SES-1
#[tokio::test]
async fn a_disabled_users_session_ends_when_it_is_read_again() {
    let (server, other, tokens) = on_two_instances(|_| {}).await;
    let disabled = doc! { "status": "disabled" };
    server
        .set_stored_account(&tokens.text("user_id"), disabled)
        .await;
    server.clock.advance(Duration::milliseconds(1501));
    assert_ended(&other, &tokens).await;
    server
        .refresh(&tokens.refresh_token())
        .await
        .refused(401, "SESSION_ERROR");
}

// SES-5
#[tokio::test]
async fn a_caller_sees_and_ends_only_own_sessions() {
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
    assert_live(&server, &theo).await;
    let path = format!("/auth/sessions/{mine}");
    server.delete_as(&jane.token(), &path).await.expect(200);
    assert_ended(&server, &jane).await;
}

fn views(list: &Answer) -> impl Iterator<Item = &Value> {
    list.body["sessions"].as_array().unwrap().iter()
}

#[tokio::test]
async fn the_session_list_shows_its_fields_and_the_current_session() {
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
async fn every_login_creates_a_new_session_id() {
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
async fn a_doctors_session_ends_after_an_hour_without_a_request() {
    let server = TestServer::start_with(long_tokens).await;
    let tokens = server.doctor("house").await;
    for _ in 0..3 {
        server.advance(Duration::seconds(60 * 60 - 1)).await;
        assert_live(&server, &tokens).await;
    }
    server.advance(Duration::seconds(60 * 60)).await;
    assert_ended(&server, &tokens).await;
    server
        .refresh(&tokens.refresh_token())
        .await
        .refused(401, "SESSION_ERROR");
}

/// Access tokens that expire after every session, so that a refusal can only come from the session.
fn long_tokens(settings: &mut Settings) {
    settings.config.jwt.expire_minutes = 43_200 * 2;
}

// SES-3
#[tokio::test]
async fn a_doctors_session_ends_twelve_hours_after_login() {
    let server = TestServer::start_with(long_tokens).await;
    let mut tokens = server.doctor("house").await;
    for _ in 0..12 * 3 - 1 {
        server.advance(Duration::minutes(20)).await;
        tokens = server.refresh(&tokens.refresh_token()).await.expect(200);
    }
    server.advance(Duration::seconds(20 * 60 - 1)).await;
    assert_live(&server, &tokens).await;
    server.advance(Duration::seconds(1)).await;
    assert_ended(&server, &tokens).await;
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
    assert_live(&server, &tokens).await;
    server.advance(Duration::seconds(1)).await;
    assert_ended(&server, &tokens).await;
    server
        .refresh(&tokens.refresh_token())
        .await
        .refused(401, "SESSION_ERROR");
}

// SES-3
#[tokio::test]
async fn a_patients_session_ends_thirty_days_after_login() {
    let server = TestServer::start_with(long_tokens).await;
    let mut tokens = server.patient("jane").await;
    for _ in 0..5 {
        server
            .advance(Duration::days(6) - Duration::milliseconds(1))
            .await;
        tokens = server.refresh(&tokens.refresh_token()).await.expect(200);
    }
    assert_live(&server, &tokens).await;
    server.advance(Duration::milliseconds(5)).await;
    assert_ended(&server, &tokens).await;
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
        assert_live(&server, &tokens).await;
        maintenance::tick(&server.app).await.unwrap();
    }
    assert_eq!(written().await, began);
    server.advance(Duration::seconds(10)).await;
    assert_live(&server, &tokens).await;
    assert_eq!(written().await, server.clock.now());
}

// The last requests before a pause are only in memory, until maintenance writes them for the other instances (SES-3).
#[tokio::test]
async fn the_idle_time_is_exact_on_every_instance() {
    let server = TestServer::start_with(long_tokens).await;
    let other = server.another_with(long_tokens).await;
    let tokens = server.doctor("house").await;
    server.advance(Duration::seconds(50)).await;
    assert_live(&server, &tokens).await;
    server.advance(Duration::seconds(15)).await;
    maintenance::tick(&server.app).await.unwrap();
    other.advance(Duration::seconds(60 * 60 - 16)).await;
    assert_live(&other, &tokens).await;
    other.advance(Duration::seconds(60 * 60)).await;
    assert_ended(&other, &tokens).await;
}

// An instance may have cached the session before another instance refreshed it (SES-3).
#[tokio::test]
async fn a_cached_session_does_not_undo_a_refresh_elsewhere() {
    let (server, other, tokens) = on_two_instances(long_tokens).await;
    other.advance(Duration::days(6)).await;
    assert_live(&other, &tokens).await;
    let next = server.refresh(&tokens.refresh_token()).await.expect(200);
    other.advance(Duration::minutes(2)).await;
    assert_live(&other, &next).await;
    other.advance(Duration::days(5)).await;
    server.refresh(&next.refresh_token()).await.expect(200);
}

// A session that has expired by the clock of one instance may still be live by the clock of another (TIME-1).
#[tokio::test]
async fn logout_all_also_ends_sessions_that_just_expired() {
    let server = TestServer::start_with(long_tokens).await;
    let old = server.doctor("house").await;
    server.advance(Duration::minutes(60)).await;
    let new = server.login("house", PASSWORD).await.expect(200);
    let done = server.call_as(&new.token(), "/auth/logout-all").await;
    assert_eq!(done.expect(200).body["count"], 1);
    server.advance(Duration::seconds(-30)).await;
    assert_ended(&server, &old).await;
}

#[tokio::test]
async fn ending_a_session_of_another_user_writes_no_revocation() {
    // A try to end a session of another user must not make the feed longer (D10).
    let (server, _, jane) = on_two_instances(|_| {}).await;
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
