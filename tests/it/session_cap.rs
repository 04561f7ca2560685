//! The cap on the sessions of an account (SES-4).

use bson::doc;
use chrono::Duration;
use clinic_auth::config::Settings;

use crate::{
    harness::{PASSWORD, TestServer},
    sessions::{assert_ended, assert_live},
};

// SES-4
#[tokio::test]
async fn a_login_beyond_the_cap_ends_the_oldest_session() {
    let server = TestServer::start_with(|settings| settings.config.sessions.max_per_user = 2).await;
    let first = server.patient("jane").await;
    server.advance(Duration::seconds(1)).await;
    let second = server.login("jane", PASSWORD).await.expect(200);
    assert_live(&server, &first).await;
    server.advance(Duration::seconds(1)).await;
    let third = server.login("jane", PASSWORD).await.expect(200);
    assert_ended(&server, &first).await;
    assert_live(&server, &second).await;
    assert_live(&server, &third).await;
    server
        .refresh(&first.refresh_token())
        .await
        .refused(401, "SESSION_ERROR");
}

// Of sessions that began in the same millisecond, the new one stays (SES-4).
#[tokio::test]
async fn a_login_never_ends_its_own_session() {
    let server = TestServer::start_with(|settings| settings.config.sessions.max_per_user = 1).await;
    server.patient("jane").await;
    for _ in 0..6 {
        let tokens = server.login("jane", PASSWORD).await.expect(200);
        assert_live(&server, &tokens).await;
    }
}

fn two_sessions(settings: &mut Settings) {
    settings.config.sessions.max_per_user = 2;
}

// An earlier version of the service did not count sessions (SES-4).
#[tokio::test]
async fn uncounted_sessions_are_held_to_the_cap() {
    let server = TestServer::start_with(two_sessions).await;
    let first = server.patient("jane").await;
    let user_id = first.text("user_id");
    server.advance(Duration::seconds(1)).await;
    let second = server.login("jane", PASSWORD).await.expect(200);
    let accounts = &server
        .program
        .settings
        .config
        .database
        .collections
        .identity
        .patients;
    let uncounted = doc! { "$unset": { "sessions_at_most": "" } };
    let accounts = server.app.store.raw(accounts);
    accounts.update_one(doc! {}, uncounted).await.unwrap();
    server.advance(Duration::seconds(1)).await;
    let third = server.login("jane", PASSWORD).await.expect(200);
    assert_ended(&server, &first).await;
    assert_live(&server, &second).await;
    assert_live(&server, &third).await;
    let account = server.stored_account(&user_id).await;
    assert_eq!(account.get_i64("sessions_at_most").unwrap(), 2);
}

// SES-4
#[tokio::test]
async fn sessions_that_were_logged_out_do_not_count() {
    let server = TestServer::start_with(two_sessions).await;
    let kept = server.patient("jane").await;
    for _ in 0..5 {
        server.advance(Duration::seconds(1)).await;
        let other = server.login("jane", PASSWORD).await.expect(200);
        let done = server.call_as(&other.token(), "/auth/logout").await;
        done.expect(200);
        assert_live(&server, &kept).await;
    }
}

// A smaller cap applies from the next login on (SES-4).
#[tokio::test]
async fn a_smaller_cap_ends_all_sessions_beyond_it() {
    let server = TestServer::start().await;
    let first = server.patient("jane").await;
    server.advance(Duration::seconds(1)).await;
    let second = server.login("jane", PASSWORD).await.expect(200);
    server.advance(Duration::seconds(1)).await;
    let third = server.login("jane", PASSWORD).await.expect(200);
    server.advance(Duration::seconds(1)).await;
    let strict = server.another_with(two_sessions).await;
    let fourth = strict.login("jane", PASSWORD).await.expect(200);
    for old in [&first, &second] {
        assert_ended(&strict, old).await;
    }
    for new in [&third, &fourth] {
        assert_live(&strict, new).await;
    }
}
