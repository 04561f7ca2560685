//! A refresh token works once, a replay ends the session, and no refresh extends the absolute end (RT-1 to RT-5, D6).

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use bson::doc;
use chrono::Duration;
use clinic_auth::config::Settings;
use futures_util::future::join_all;
use kernel::secret::Secret;

use crate::harness::{Answer, PASSWORD, TestServer};

fn strict(settings: &mut Settings) {
    settings.config.sessions.reuse_grace_seconds = 0;
}

/// Fails unless the access token and the refresh token are refused because their session has ended.
async fn assert_session_ended(server: &TestServer, tokens: &Answer) {
    let me = server.get_as(&tokens.token(), "/auth/me").await;
    me.refused(401, "SESSION_ERROR");
    let again = server.refresh(&tokens.refresh_token()).await;
    again.refused(401, "SESSION_ERROR");
    assert_eq!(again.headers["www-authenticate"], "Bearer");
}

// RT-1
#[tokio::test]
async fn a_refresh_gives_new_tokens_of_the_same_session() {
    let server = TestServer::start().await;
    let old = server.patient("jane").await;
    let new = server.refresh(&old.refresh_token()).await.expect(200);
    assert_eq!(new.text("session_id"), old.text("session_id"));
    assert_ne!(new.refresh_token(), old.refresh_token());
    assert_ne!(new.token(), old.token());
    assert_eq!(new.text("user_id"), old.text("user_id"));
    server.get_as(&new.token(), "/auth/me").await.expect(200);
    server.refresh(&new.refresh_token()).await.expect(200);
}

// RT-1
#[tokio::test]
async fn the_database_holds_no_refresh_token() {
    let server = TestServer::start().await;
    let first = server.patient("jane").await;
    let second = server.refresh(&first.refresh_token()).await.expect(200);
    let row = server.stored_session(&first.text("session_id")).await;
    for token in [first.refresh_token(), second.refresh_token()] {
        assert_eq!(BASE64.decode(&token).unwrap().len(), 64);
        assert!(!row.to_string().contains(&token));
    }
}

// D6
#[tokio::test]
async fn a_repeated_refresh_returns_the_same_refresh_token() {
    let server = TestServer::start().await;
    let other = server.another().await;
    let first = server.patient("jane").await.refresh_token();
    let lost = server.refresh(&first).await.expect(200);
    server.advance(Duration::milliseconds(9999)).await;
    let again = other.refresh(&first).await.expect(200);
    assert_eq!(again.refresh_token(), lost.refresh_token());
    assert_ne!(again.token(), lost.token());
    assert_eq!(
        again.body["refresh_expires_in"],
        7 * 86_400 - 10,
        "the end of the session is that of the first answer"
    );
    for answer in [&lost, &again] {
        other.get_as(&answer.token(), "/auth/me").await.expect(200);
    }
    server.refresh(&again.refresh_token()).await.expect(200);
}

// D6
#[tokio::test]
async fn a_predecessor_is_a_replay_after_ten_seconds() {
    let server = TestServer::start().await;
    let first = server.patient("jane").await.refresh_token();
    let second = server.refresh(&first).await.expect(200);
    server.advance(Duration::seconds(10)).await;
    server.refresh(&first).await.refused(401, "SESSION_ERROR");
    assert_session_ended(&server, &second).await;
}

// Each repeated answer counts from the first use of the token (D6).
#[tokio::test]
async fn repeated_refreshes_do_not_extend_the_grace_time() {
    let server = TestServer::start().await;
    let first = server.patient("jane").await.refresh_token();
    server.refresh(&first).await.expect(200);
    for _ in 0..3 {
        server.advance(Duration::seconds(3)).await;
        server.refresh(&first).await.expect(200);
    }
    server.advance(Duration::seconds(1)).await;
    server.refresh(&first).await.refused(401, "SESSION_ERROR");
}

// D6
#[tokio::test]
async fn a_predecessor_whose_successor_was_used_is_a_replay_at_once() {
    let server = TestServer::start().await;
    let first = server.patient("jane").await.refresh_token();
    let second = server.refresh(&first).await.expect(200).refresh_token();
    let third = server.refresh(&second).await.expect(200);
    server.refresh(&first).await.refused(401, "SESSION_ERROR");
    assert_session_ended(&server, &third).await;
}

// RT-1, AUD-4
#[tokio::test]
async fn each_answer_of_a_refresh_is_one_record_in_the_trail() {
    let server = TestServer::start().await;
    let first = server.patient("jane").await;
    let names = &server.program.settings.config.database.collections;
    let audit_log = server.app.store.raw(&names.platform.audit_log);
    let records = async || {
        let refreshes = doc! { "action": "refresh", "subject": first.text("user_id") };
        audit_log.count_documents(refreshes).await.unwrap()
    };
    server.refresh(&first.refresh_token()).await.expect(200);
    assert_eq!(records().await, 1);
    // The same answer once more, within the grace.
    server.refresh(&first.refresh_token()).await.expect(200);
    assert_eq!(records().await, 2);
}

// SES-3
#[tokio::test]
async fn a_refresh_counts_from_the_last_request_that_only_memory_knows() {
    let server = TestServer::start().await;
    let tokens = server.doctor("house").await;
    server.advance(Duration::seconds(50)).await;
    server.get_as(&tokens.token(), "/auth/me").await.expect(200);
    // An hour after what the database knows, and ten seconds less than that after the request.
    server
        .advance(Duration::minutes(60) - Duration::seconds(10))
        .await;
    let next = server.refresh(&tokens.refresh_token()).await.expect(200);
    server.advance(Duration::minutes(60)).await;
    let late = server.refresh(&next.refresh_token()).await;
    late.refused(401, "SESSION_ERROR");
}

// D6
#[tokio::test]
async fn without_grace_the_second_use_ends_the_session() {
    let server = TestServer::start_with(strict).await;
    let first = server.patient("jane").await.refresh_token();
    let second = server.refresh(&first).await.expect(200);
    server.refresh(&first).await.refused(401, "SESSION_ERROR");
    assert_session_ended(&server, &second).await;
}

// D6, TIME-1
#[tokio::test]
async fn without_grace_a_clock_that_is_behind_gives_none() {
    let server = TestServer::start_with(strict).await;
    let first = server.patient("jane").await.refresh_token();
    server.refresh(&first).await.expect(200);
    // As on an instance whose clock is two seconds behind.
    server.clock.advance(Duration::seconds(-2));
    server.refresh(&first).await.refused(401, "SESSION_ERROR");
}

// RT-2
#[tokio::test]
async fn a_replay_is_audited_mailed_once_and_ends_one_session() {
    let server = TestServer::start_with(strict).await;
    let other_device = server.patient("jane").await;
    let tokens = server.login("jane", PASSWORD).await.expect(200);
    server.refresh(&tokens.refresh_token()).await.expect(200);
    let before = server.mails_to("jane@example.org").await;
    for _ in 0..3 {
        server.refresh(&tokens.refresh_token()).await.expect(401);
    }
    assert_eq!(server.mails_to("jane@example.org").await, before + 1);
    let mail = server.mail_to("jane@example.org").await;
    assert_eq!(mail.subject, "A session was ended to protect your account");
    let names = &server.program.settings.config.database.collections;
    let replays = doc! { "action": "refresh_replay", "subject": tokens.text("user_id") };
    let audit_log = server.app.store.raw(&names.platform.audit_log);
    assert_eq!(audit_log.count_documents(replays).await.unwrap(), 1);
    server
        .get_as(&other_device.token(), "/auth/me")
        .await
        .expect(200);
}

// RT-2, D10
#[tokio::test]
async fn a_replay_ends_the_session_on_every_instance() {
    let server = TestServer::start_with(strict).await;
    let other = server.another_with(strict).await;
    let first = server.patient("jane").await;
    let second = server.refresh(&first.refresh_token()).await.expect(200);
    other.get_as(&second.token(), "/auth/me").await.expect(200);
    server.refresh(&first.refresh_token()).await.expect(401);
    other.read_revocations().await;
    assert_session_ended(&other, &second).await;
}

// RT-3
#[tokio::test]
async fn twenty_parallel_refreshes_share_one_chain() {
    let server = TestServer::start().await;
    let other = server.another().await;
    let token = server.patient("jane").await.refresh_token();
    let uses = (0..20).map(|n| [&server, &other][n % 2].refresh(&token));
    let answers = join_all(uses).await;
    let mut live = BTreeSet::new();
    for answer in answers {
        let next = server.refresh(&answer.expect(200).refresh_token()).await;
        live.insert(next.expect(200).refresh_token());
    }
    assert_eq!(live.len(), 1, "one chain is shared");
    server.login("jane", PASSWORD).await.expect(200);
}

// RT-3
#[tokio::test]
async fn without_grace_one_of_twenty_parallel_refreshes_succeeds() {
    let server = TestServer::start_with(strict).await;
    let other = server.another_with(strict).await;
    let token = server.patient("jane").await.refresh_token();
    let uses = (0..20).map(|n| [&server, &other][n % 2].refresh(&token));
    let answers = join_all(uses).await;
    let won: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == 200)
        .collect();
    assert_eq!(won.len(), 1);
    server.read_revocations().await;
    assert_session_ended(&server, won[0]).await;
}

// RT-1
#[tokio::test]
async fn a_forged_refresh_token_does_not_end_the_session() {
    let server = TestServer::start_with(strict).await;
    let tokens = server.patient("jane").await;
    let theirs = server.patient("june").await;
    let bytes = |answer: &Answer| BASE64.decode(answer.refresh_token()).unwrap();
    let forged = [&bytes(&tokens)[..16], &[7; 48]].concat();
    let spliced = [&bytes(&tokens)[..16], &bytes(&theirs)[16..]].concat();
    let before = server.mails_to("jane@example.org").await;
    for made_up in [forged, spliced] {
        let answer = server.refresh(&BASE64.encode(made_up)).await;
        answer.refused(401, "SESSION_ERROR");
    }
    assert_eq!(server.mails_to("jane@example.org").await, before);
    server.refresh(&tokens.refresh_token()).await.expect(200);
}

// JWT-3
#[tokio::test]
async fn an_invalid_refresh_token_is_refused() {
    let server = TestServer::start().await;
    let tokens = server.patient("jane").await;
    let padded = format!("{}=", tokens.refresh_token());
    for text in [
        tokens.token(),
        tokens.text("session_id"),
        String::new(),
        padded,
    ] {
        server.refresh(&text).await.refused(401, "SESSION_ERROR");
    }
    let no_text = serde_json::json!({ "refresh_token": { "$ne": "" } });
    server
        .post("/auth/refresh", no_text)
        .await
        .refused(422, "VALIDATION_ERROR");
    server.refresh(&tokens.refresh_token()).await.expect(200);
}

// RT-4
#[tokio::test]
async fn refresh_expires_in_never_passes_the_end_of_the_session() {
    let server = TestServer::start().await;
    let mut tokens = server.doctor("house").await;
    assert_eq!(tokens.body["refresh_expires_in"], 60 * 60);
    for minutes in (20..12 * 60).step_by(20) {
        server.advance(Duration::minutes(20)).await;
        tokens = server.refresh(&tokens.refresh_token()).await.expect(200);
        let left = (12 * 60 - minutes).min(60) * 60;
        assert_eq!(tokens.body["refresh_expires_in"], left);
        let row = server.stored_session(&tokens.text("session_id")).await;
        let end = row.get_datetime("expires_at").unwrap().to_chrono();
        assert_eq!(end, server.clock.now() + Duration::seconds(left));
    }
}

// RT-4
#[tokio::test]
async fn a_refresh_never_extends_the_absolute_end() {
    let server = TestServer::start().await;
    let mut tokens = server.patient("jane").await;
    let id = tokens.text("session_id");
    let absolute = server
        .stored_session(&id)
        .await
        .get("absolute_expires_at")
        .cloned();
    for _ in 0..4 {
        server.advance(Duration::days(6)).await;
        tokens = server.refresh(&tokens.refresh_token()).await.expect(200);
    }
    server.advance(Duration::days(5)).await;
    let last = server.refresh(&tokens.refresh_token()).await.expect(200);
    assert_eq!(last.body["refresh_expires_in"], 86_400);
    let row = server.stored_session(&id).await;
    assert_eq!(row.get("absolute_expires_at").cloned(), absolute);
    assert_eq!(row.get("expires_at").cloned(), absolute);
}

// KEY-2
#[tokio::test]
async fn refresh_tokens_stay_valid_after_one_secret_change() {
    let server = TestServer::start().await;
    let tokens = server.patient("jane").await;
    let secret = |current: &str, previous: Option<&str>| {
        let (current, previous) = (
            Secret::new(current.repeat(40)),
            previous.map(|p| Secret::new(p.repeat(40))),
        );
        move |settings: &mut Settings| {
            settings.secrets.master.current = current;
            settings.secrets.master.previous = previous;
        }
    };
    let gone = server.another_with(secret("n", None)).await;
    gone.refresh(&tokens.refresh_token())
        .await
        .refused(401, "SESSION_ERROR");
    let changed = server.another_with(secret("n", Some("m"))).await;
    let next = changed.refresh(&tokens.refresh_token()).await.expect(200);
    let next = gone.refresh(&next.refresh_token()).await.expect(200);
    gone.get_as(&next.token(), "/auth/me").await.expect(200);
}
