//! Tabs of one app that refresh at once, and lost answers: all tabs share one chain of tokens (D6, RT-1 to RT-3).

use std::collections::BTreeSet;

use bson::{Document, doc};
use chrono::Duration;
use clinic_auth::config::Settings;
use futures_util::future::join_all;
use kernel::secret::Secret;

use crate::harness::{Answer, TestServer};

/// Refreshes one token from `tabs` tabs at once, alternately at the two instances.
async fn refresh_at_once(instances: [&TestServer; 2], token: &str, tabs: usize) -> Vec<Answer> {
    let tabs = (0..tabs).map(|tab| instances[tab % 2].refresh(token));
    join_all(tabs).await
}

/// The refresh token that all the answers share.
fn shared_token(answers: Vec<Answer>) -> String {
    let count = answers.len();
    let answers: Vec<_> = answers
        .into_iter()
        .map(|answer| answer.expect(200))
        .collect();
    let refresh: BTreeSet<_> = answers.iter().map(Answer::refresh_token).collect();
    let access: BTreeSet<_> = answers.iter().map(Answer::token).collect();
    assert_eq!((refresh.len(), access.len()), (1, count));
    refresh.into_iter().next().unwrap()
}

// D6, RT-3
#[tokio::test]
async fn tabs_that_refresh_at_once_get_the_same_token() {
    let server = TestServer::start().await;
    let other = server.another().await;
    let jane = server.patient("jane").await;
    let mails = server.mails_to("jane@example.org").await;
    let mut token = jane.refresh_token();
    for _ in 0..3 {
        let next = shared_token(refresh_at_once([&server, &other], &token, 6).await);
        assert_ne!(next, token);
        token = next;
        server.advance(Duration::minutes(25)).await;
        other.read_revocations().await;
    }
    let last = server.refresh(&token).await.expect(200);
    other.get_as(&last.token(), "/auth/me").await.expect(200);
    assert_eq!(server.mails_to("jane@example.org").await, mails);
}

// D6
#[tokio::test]
async fn tabs_that_refresh_within_the_grace_period_all_continue() {
    let server = TestServer::start().await;
    let other = server.another().await;
    let first = server.patient("jane").await.refresh_token();
    let mut tabs = Vec::new();
    for wait in [0, 3_000, 6_999] {
        server.advance(Duration::milliseconds(wait)).await;
        tabs.push(other.refresh(&first).await);
    }
    let second = shared_token(tabs);
    // All tabs have the same token now, so the next refresh of any tab gives the same successor.
    server.advance(Duration::minutes(25)).await;
    let third = shared_token(refresh_at_once([&other, &server], &second, 3).await);
    server.advance(Duration::seconds(9)).await;
    assert_eq!(
        server.refresh(&second).await.expect(200).refresh_token(),
        third
    );
    server.refresh(&third).await.expect(200);
}

// A thief who refreshes within the grace period shares the chain. The first token that is used after its grace period
// ends the session for both (D6).
#[tokio::test]
async fn a_stolen_token_used_after_the_grace_period_ends_the_session() {
    let server = TestServer::start().await;
    let stolen = server.patient("jane").await.refresh_token();
    let owners = server.refresh(&stolen).await.expect(200).refresh_token();
    let thieves = server.refresh(&stolen).await.expect(200).refresh_token();
    assert_eq!(owners, thieves);
    let last = server.refresh(&owners).await.expect(200);
    server.advance(Duration::seconds(10)).await;
    server.refresh(&thieves).await.refused(401, "SESSION_ERROR");
    let over = server.refresh(&last.refresh_token()).await;
    over.refused(401, "SESSION_ERROR");
}

// Only digests are stored. The id of the key says which secret made the successor (D6).
#[tokio::test]
async fn only_digests_of_refresh_tokens_are_stored() {
    let server = TestServer::start().await;
    let mut token = server.patient("jane").await.refresh_token();
    for generation in 1..4_i64 {
        let answer = server.refresh(&token).await.expect(200);
        token = answer.refresh_token();
        let row = server.stored_session(&answer.text("session_id")).await;
        let state = row.get_document("refresh").unwrap();
        assert_eq!(state.get_i64("generation").unwrap(), generation);
        assert_eq!(
            state.get_str("key_id").unwrap(),
            server.app.master.current_id().as_str()
        );
        for digest in ["current", "previous"] {
            assert_eq!(state.get_str(digest).unwrap().len(), 64);
        }
    }
}

fn secret(current: &str, previous: Option<&str>) -> impl FnOnce(&mut Settings) {
    let secret = |letter: &str| Secret::new(letter.repeat(40));
    let (current, previous) = (secret(current), previous.map(secret));
    move |settings| {
        settings.secrets.master.current = current;
        settings.secrets.master.previous = previous;
    }
}

// D6, KEY-2
#[tokio::test]
async fn the_next_token_is_the_same_after_a_change_of_the_secret() {
    let server = TestServer::start().await;
    let first = server.patient("jane").await.refresh_token();
    let second = server.refresh(&first).await.expect(200).refresh_token();
    let changed = server.another_with(secret("n", Some("m"))).await;
    let again = changed.refresh(&first).await.expect(200);
    assert_eq!(again.refresh_token(), second);
    let third = changed.refresh(&second).await.expect(200).refresh_token();
    let again = changed.refresh(&second).await.expect(200);
    assert_eq!(again.refresh_token(), third);
    let gone = server.another_with(secret("n", None)).await;
    gone.refresh(&third).await.expect(200);
}

// The secret is changed at one instance after the other (D6, KEY-2).
#[tokio::test]
async fn an_instance_without_the_new_secret_refuses_but_ends_nothing() {
    let server = TestServer::start().await;
    let changed = server.another_with(secret("n", Some("m"))).await;
    let first = server.patient("jane").await.refresh_token();
    let second = changed.refresh(&first).await.expect(200).refresh_token();
    server.refresh(&first).await.refused(401, "SESSION_ERROR");
    server.refresh(&second).await.refused(401, "SESSION_ERROR");
    changed.refresh(&second).await.expect(200);
}

/// Changes the row to the form of the previous version, which made each successor at random.
async fn set_to_previous_version(server: &TestServer, session_id: &str, mut set: Document) {
    let names = &server.program.settings.config.database.collections;
    let rows = server.app.store.raw(&names.identity.user_sessions);
    let mut update = doc! { "$unset": { "refresh.generation": "", "refresh.key_id": "" } };
    set.insert("device_name", "of before");
    update.insert("$set", set);
    let update = rows.update_one(doc! { "_id": session_id }, update);
    assert_eq!(update.await.unwrap().matched_count, 1);
}

// D6
#[tokio::test]
async fn a_session_of_the_previous_version_continues() {
    let server = TestServer::start().await;
    let other = server.another().await;
    let jane = server.patient("jane").await;
    let id = jane.text("session_id");
    set_to_previous_version(&server, &id, doc! {}).await;
    let second = shared_token(refresh_at_once([&server, &other], &jane.refresh_token(), 4).await);
    // The last answer of the previous version was lost, and its random successor cannot be derived.
    set_to_previous_version(&server, &id, doc! { "refresh.current": "0".repeat(64) }).await;
    let tabs = refresh_at_once([&server, &other], &jane.refresh_token(), 4).await;
    let again = shared_token(tabs);
    assert_ne!(again, second);
    let next = server.refresh(&again).await.expect(200);
    other.get_as(&next.token(), "/auth/me").await.expect(200);
}
