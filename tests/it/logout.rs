//! A user logs out by an access token or a refresh token, and may repeat it (SES-1, SES-5).

use bson::doc;
use chrono::Duration;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::sessions::{assert_ended, assert_live, on_two_instances};
use crate::harness::{Answer, PASSWORD, TestServer};

fn refresh_body(tokens: &Answer) -> Value {
    json!({ "refresh_token": tokens.refresh_token() })
}

async fn log_out(server: &TestServer, bearer: Option<&str>, body: Value) -> Answer {
    let request = server.http.post(server.url("/auth/logout")).json(&body);
    Answer::of(match bearer {
        Some(bearer) => request.bearer_auth(bearer),
        None => request,
    })
    .await
}

/// The number of logouts in the audit trail.
async fn logouts(server: &TestServer) -> usize {
    let records = server.stored("audit_log").await;
    let actions = records
        .iter()
        .map(|record| record.get_str("action").unwrap());
    actions.filter(|action| *action == "logout").count()
}

// SES-1, D10
#[tokio::test]
async fn a_refresh_token_alone_logs_its_session_out() {
    let (server, other, tokens) = on_two_instances(|_| {}).await;
    let done = log_out(&server, None, refresh_body(&tokens))
        .await
        .expect(200);
    assert!(done.headers.contains_key("clear-site-data"));
    assert_ended(&server, &tokens).await;
    other.read_revocations().await;
    assert_ended(&other, &tokens).await;
    let again = other.refresh(&tokens.refresh_token()).await;
    again.refused(401, "SESSION_ERROR");
    assert_eq!(logouts(&server).await, 1);
}

// SES-1, SES-5
#[tokio::test]
async fn a_refresh_token_logs_out_with_any_access_token() {
    let server = TestServer::start().await;
    let theo = server.patient("theo").await;
    server.patient("jane").await;
    let expired = server.login("jane", PASSWORD).await.expect(200).token();
    server.advance(Duration::minutes(31)).await;
    let theo = server.refresh(&theo.refresh_token()).await.expect(200);
    for bearer in [expired, theo.token(), "garbage".to_owned()] {
        let tokens = server.login("jane", PASSWORD).await.expect(200);
        let done = log_out(&server, Some(&bearer), refresh_body(&tokens)).await;
        done.expect(200);
        assert_ended(&server, &tokens).await;
    }
    assert_live(&server, &theo).await;
}

// SES-1
#[tokio::test]
async fn a_repeated_logout_succeeds() {
    let (server, other, tokens) = on_two_instances(|_| {}).await;
    for instance in [&server, &other, &server] {
        let done = instance.call_as(&tokens.token(), "/auth/logout").await;
        done.expect(200);
        log_out(instance, None, refresh_body(&tokens))
            .await
            .expect(200);
        let both = log_out(instance, Some(&tokens.token()), refresh_body(&tokens)).await;
        both.expect(200);
    }
    assert_ended(&server, &tokens).await;
}

// SES-1
#[tokio::test]
async fn twenty_parallel_logouts_succeed_and_end_the_session() {
    let (server, other, tokens) = on_two_instances(|_| {}).await;
    let uses = (0..20).map(|n| log_out([&server, &other][n % 2], None, refresh_body(&tokens)));
    for done in join_all(uses).await {
        done.expect(200);
    }
    for instance in [&server, &other] {
        instance.read_revocations().await;
        assert_ended(instance, &tokens).await;
    }
}

// An app may have kept an old refresh token, and must be able to log out with it (SES-1).
#[tokio::test]
async fn an_older_refresh_token_still_logs_its_session_out() {
    let server = TestServer::start().await;
    for refreshes in [1, 3] {
        let first = server.patient(&format!("jane{refreshes}")).await;
        let mut last = first.clone();
        for _ in 0..refreshes {
            last = server.refresh(&last.refresh_token()).await.expect(200);
        }
        log_out(&server, None, refresh_body(&first))
            .await
            .expect(200);
        assert_ended(&server, &last).await;
    }
}

// The database deletes the row of an expired session (SES-1).
#[tokio::test]
async fn logging_out_of_a_deleted_session_succeeds() {
    let server = TestServer::start().await;
    let tokens = server.patient("jane").await;
    let names = &server.program.settings.config.database.collections;
    let rows = server.app.store.raw(&names.identity.user_sessions);
    rows.delete_many(doc! {}).await.unwrap();
    log_out(&server, None, refresh_body(&tokens))
        .await
        .expect(200);
    let done = server.call_as(&tokens.token(), "/auth/logout").await;
    done.expect(200);
}

// SES-1, JWT-2
#[tokio::test]
async fn a_logout_without_a_valid_token_is_refused() {
    let server = TestServer::start().await;
    let tokens = server.patient("jane").await;
    let bearer = tokens.token();
    let none = server.http.post(server.url("/auth/logout"));
    Answer::of(none).await.refused(401, "AUTH_FAILED");
    for body in [
        json!({}),
        json!({ "refresh_token": "" }),
        json!({ "refresh_token": null }),
    ] {
        let answer = log_out(&server, None, body.clone()).await;
        answer.refused(401, "AUTH_FAILED");
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
        log_out(&server, Some("garbage"), body)
            .await
            .refused(401, "AUTH_FAILED");
    }
    let forged = json!({ "refresh_token": "A".repeat(86) });
    for bearer in [None, Some(bearer.as_str())] {
        log_out(&server, bearer, forged.clone())
            .await
            .refused(401, "SESSION_ERROR");
        let unknown = json!({ "session_id": tokens.text("session_id") });
        log_out(&server, bearer, unknown)
            .await
            .refused(422, "VALIDATION_ERROR");
        let number = json!({ "refresh_token": 7 });
        log_out(&server, bearer, number)
            .await
            .refused(422, "VALIDATION_ERROR");
    }
    assert_live(&server, &tokens).await;
    server.advance(Duration::minutes(31)).await;
    let expired = server.call_as(&bearer, "/auth/logout").await;
    expired.refused(401, "AUTH_FAILED");
    server.refresh(&tokens.refresh_token()).await.expect(200);
}

// SES-5
#[tokio::test]
async fn an_access_token_with_an_empty_body_ends_its_session() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    for body in [json!({}), json!({ "refresh_token": null })] {
        let tokens = server.login("jane", PASSWORD).await.expect(200);
        log_out(&server, Some(&tokens.token()), body)
            .await
            .expect(200);
        assert_ended(&server, &tokens).await;
    }
}

// SES-5
#[tokio::test]
async fn an_owner_can_end_a_session_again_and_others_get_404() {
    let server = TestServer::start().await;
    let (jane, theo) = (server.patient("jane").await, server.patient("theo").await);
    let (gone, over) = (
        server.login("jane", PASSWORD).await.expect(200),
        server.login("theo", PASSWORD).await.expect(200),
    );
    let path = |tokens: &Answer| format!("/auth/sessions/{}", tokens.text("session_id"));
    for _ in 0..3 {
        let done = server.delete_as(&jane.token(), &path(&gone)).await;
        done.expect(200);
    }
    log_out(&server, None, refresh_body(&over))
        .await
        .expect(200);
    for theirs in [&theo, &over] {
        let refused = server.delete_as(&jane.token(), &path(theirs)).await;
        refused.refused(404, "SESSION_ERROR");
    }
    assert_live(&server, &theo).await;
}

// The first try may have written the row only, so the second one must tell the other instances (SES-1, SES-7, D10).
#[tokio::test]
async fn ending_a_session_again_reaches_the_other_instances() {
    let (server, other, tokens) = on_two_instances(|_| {}).await;
    let second = server.login("jane", PASSWORD).await.expect(200);
    let now = bson::DateTime::from_chrono(server.clock.now());
    let row = doc! { "is_active": false, "ended_at": now };
    let ids = doc! { "_id": tokens.text("session_id") };
    server.change_stored("user_sessions", ids, row).await;
    let path = format!("/auth/sessions/{}", tokens.text("session_id"));
    server.delete_as(&second.token(), &path).await.expect(200);
    other.read_revocations().await;
    assert_ended(&other, &tokens).await;
    assert_live(&other, &second).await;
}
