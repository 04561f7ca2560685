//! `POST /auth/validate-token`: the three ways to send a token, and the answers.

use chrono::{DateTime, Duration};
use kernel::clock::rfc3339;
use serde_json::json;

use crate::harness::{Answer, TestServer};

const PATH: &str = "/auth/validate-token";

#[tokio::test]
async fn a_good_token_is_described() {
    let server = TestServer::start().await;
    let tokens = server.patient("jane").await;
    let answer = server.post(PATH, json!({ "token": tokens.token() })).await;
    let answer = answer.expect(200);
    assert_eq!(
        (&answer.body["valid"], &answer.body["success"]),
        (&true.into(), &true.into())
    );
    assert_eq!(answer.text("message"), "Token is valid");
    assert_eq!(answer.text("user_id"), tokens.text("user_id"));
    assert_eq!(answer.text("user_type"), "patient");
    assert_eq!(answer.text("session_id"), tokens.text("session_id"));
    let whole_second = server.clock.now().timestamp();
    let end = DateTime::from_timestamp(whole_second, 0).unwrap() + Duration::minutes(30);
    assert_eq!(answer.text("expires_at"), rfc3339(end));
    let permissions = answer.body["permissions"].as_array().unwrap();
    assert!(permissions.contains(&json!("profile:self")));
    assert!(!permissions.contains(&json!("users:read")));
    assert_eq!(answer.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn the_token_may_come_in_the_header_or_the_query() {
    let server = TestServer::start().await;
    let token = server.patient("jane").await.token();
    server.call_as(&token, PATH).await.expect(200);
    let query = server.url(&format!("{PATH}?token={token}"));
    Answer::of(server.http.post(query)).await.expect(200);
    let null = json!({ "token": null });
    server.post_as(&token, PATH, null).await.expect(200);
    server.post_as(&token, PATH, json!({})).await.expect(200);
}

#[tokio::test]
async fn the_first_present_token_counts() {
    let server = TestServer::start().await;
    let good = server.patient("jane").await.token();
    let in_body = server.post_as("bad", PATH, json!({ "token": good })).await;
    in_body.expect(200);
    for bad in ["bad", ""] {
        let body = json!({ "token": bad });
        server
            .post_as(&good, PATH, body)
            .await
            .refused(401, "AUTH_FAILED");
    }
    let in_query = format!("{PATH}?token={good}");
    server
        .call_as("bad", &in_query)
        .await
        .refused(401, "AUTH_FAILED");
    server
        .call_as(&good, &format!("{PATH}?token=bad"))
        .await
        .expect(200);
}

#[tokio::test]
async fn the_query_can_be_switched_off() {
    let server =
        TestServer::start_with(|settings| settings.config.auth.allow_token_in_query = false).await;
    let token = server.patient("jane").await.token();
    let query = server.url(&format!("{PATH}?token={token}"));
    let answer = Answer::of(server.http.post(query)).await;
    answer.refused(401, "AUTH_FAILED");
    server.call_as(&token, PATH).await.expect(200);
}

#[tokio::test]
async fn refused_tokens_are_answered_like_in_other_operations() {
    let server = TestServer::start().await;
    let token = server.patient("jane").await.token();
    let absent = Answer::of(server.http.post(server.url(PATH))).await;
    absent.refused(401, "AUTH_FAILED");
    assert_eq!(absent.headers["www-authenticate"], "Bearer");
    server.call_as(&token, "/auth/logout").await.expect(200);
    let ended = server.post(PATH, json!({ "token": token })).await;
    ended.refused(401, "SESSION_ERROR");
    assert_eq!(ended.headers["www-authenticate"], "Bearer");
    let no_text = server.post(PATH, json!({ "token": { "$gt": "" } })).await;
    no_text.refused(422, "VALIDATION_ERROR");
}
