//! The feed: the end of a session is one write into its own row, which the other instances read (SES-7, D10).

use bson::{Document, doc};
use chrono::Duration;
use clinic_auth::config::{Settings, StoreAddress};
use identity::sessions::follow_revocations;
use kernel::{clock::Timestamp, secret::Secret};
use mongodb::Collection;
use serde_json::json;

use crate::{
    harness::{Alteration, AlteringProxy, Answer, Direct, PASSWORD, TestServer},
    sessions::{assert_ended, assert_live, on_two_instances},
};

const NEW: &str = "another good password";

/// The number of rows of the collection `revocations`.
async fn revocation_rows(server: &TestServer) -> usize {
    server.stored("revocations").await.len()
}

/// A new session of jane that is in the cache of both instances.
async fn cached_session(server: &TestServer, other: &TestServer) -> Answer {
    let tokens = server.login("jane", PASSWORD).await.expect(200);
    for instance in [server, other] {
        assert_live(instance, &tokens).await;
    }
    tokens
}

/// Fails unless the session is live on the other instance until that instance reads the feed, and has ended afterwards.
async fn assert_ends_elsewhere(server: &TestServer, other: &TestServer, tokens: &Answer) {
    assert_ended(server, tokens).await;
    assert_live(other, tokens).await;
    other.read_revocations().await;
    assert_ended(other, tokens).await;
}

fn path(tokens: &Answer) -> String {
    format!("/auth/sessions/{}", tokens.text("session_id"))
}

// SES-7, D10
#[tokio::test]
async fn ending_a_session_is_one_write_that_every_instance_reads() {
    let (server, other, first) = on_two_instances(|_| {}).await;
    let (user_id, before) = (first.text("user_id"), revocation_rows(&server).await);
    let admin = server.admin("boss").await;

    let out = server.call_as(&first.token(), "/auth/logout").await;
    out.expect(200);
    assert_ends_elsewhere(&server, &other, &first).await;

    let (gone, here) = (
        cached_session(&server, &other).await,
        cached_session(&server, &other).await,
    );
    let out = server.delete_as(&here.token(), &path(&gone)).await;
    out.expect(200);
    assert_ends_elsewhere(&server, &other, &gone).await;
    assert_live(&other, &here).await;

    let out = server.call_as(&here.token(), "/auth/logout-all").await;
    out.expect(200);
    assert_ends_elsewhere(&server, &other, &here).await;

    let tokens = cached_session(&server, &other).await;
    let out = format!("/admin/users/{user_id}/logout-all");
    server.call_as(&admin.token, &out).await.expect(200);
    assert_ends_elsewhere(&server, &other, &tokens).await;
    assert_eq!(revocation_rows(&server).await, before);
}

// SES-4, SES-7, D10
#[tokio::test]
async fn a_session_beyond_the_cap_ends_on_every_instance() {
    let cap = |settings: &mut Settings| {
        settings.config.sessions.max_per_user = 1;
    };
    let (server, other, first) = on_two_instances(cap).await;
    let before = revocation_rows(&server).await;
    server.login("jane", PASSWORD).await.expect(200);
    assert_ends_elsewhere(&server, &other, &first).await;
    assert_eq!(revocation_rows(&server).await, before);
}

// RT-4, SES-7, D10
#[tokio::test]
async fn a_replayed_refresh_token_ends_the_session_everywhere() {
    let (server, other, first) = on_two_instances(|_| {}).await;
    let before = revocation_rows(&server).await;
    let second = server.refresh(&first.refresh_token()).await.expect(200);
    server.refresh(&second.refresh_token()).await.expect(200);
    server.refresh(&first.refresh_token()).await.expect(401);
    assert_ends_elsewhere(&server, &other, &first).await;
    assert_eq!(revocation_rows(&server).await, before);
}

// RST-4, SES-7, D10
#[tokio::test]
async fn a_reset_ends_all_sessions_on_every_instance() {
    let (server, other, first) = on_two_instances(|_| {}).await;
    let before = revocation_rows(&server).await;
    server.forgot("jane@example.org").await.expect(200);
    let token = server.link_token_for("jane@example.org").await;
    server.reset_by_link(&token, NEW).await.expect(200);
    assert_ends_elsewhere(&server, &other, &first).await;
    assert_eq!(revocation_rows(&server).await, before);
}

// PW-7, SES-7, D10
#[tokio::test]
async fn a_new_password_ends_the_other_sessions_on_every_instance() {
    let (server, other, first) = on_two_instances(|_| {}).await;
    let (here, before) = (
        cached_session(&server, &other).await,
        revocation_rows(&server).await,
    );
    let changed = server.change_password(&here.token(), PASSWORD, NEW).await;
    changed.expect(200);
    assert_ends_elsewhere(&server, &other, &first).await;
    assert_live(&other, &here).await;
    assert_eq!(revocation_rows(&server).await, before);
}

// A change of the account needs a row in `revocations`, because the other instances cache the account (ADM-3, SES-7,
// D10).
#[tokio::test]
async fn disabling_and_deleting_an_account_reach_every_instance() {
    let (server, other, first) = on_two_instances(|_| {}).await;
    let admin = server.admin("boss").await;
    let account = format!("/admin/users/{}", first.text("user_id"));
    let before = revocation_rows(&server).await;
    let to = |status: &str| server.patch_as(&admin.token, &account, json!({ "status": status }));
    to("disabled").await.expect(200);
    assert_ends_elsewhere(&server, &other, &first).await;
    assert_eq!(revocation_rows(&server).await, before + 1);

    to("active").await.expect(200);
    let tokens = cached_session(&server, &other).await;
    let gone = server.delete_as(&admin.token, &account).await;
    gone.expect(200);
    assert_ends_elsewhere(&server, &other, &tokens).await;
}

// The feed must find the row even if the session would have expired a second later (SES-7).
#[tokio::test]
async fn the_row_of_an_ended_session_stays_for_the_feed() {
    let server = TestServer::start().await;
    let tokens = server.patient("jane").await;
    let soon = server.clock.now() + Duration::seconds(1);
    let soon = doc! { "expires_at": bson::DateTime::from_chrono(soon) };
    server.change_stored("user_sessions", doc! {}, soon).await;
    let out = server.call_as(&tokens.token(), "/auth/logout").await;
    out.expect(200);
    let row = server.stored_session(&tokens.text("session_id")).await;
    let kept = row.get_datetime("expires_at").unwrap().to_chrono() - server.clock.now();
    assert!(kept > Duration::minutes(10), "{kept}");
}

/// An instance whose database is behind a proxy, and another one without it. Jane's session is in the cache of both.
struct WithProxy {
    server: TestServer,
    other: TestServer,
    proxy: AlteringProxy,
    tokens: Answer,
    /// It keeps an embedded store running.
    _direct: Direct,
}

async fn with_proxy() -> WithProxy {
    let other = TestServer::start().await;
    let direct = other.database.open().await;
    let proxy = AlteringProxy::start(direct.server.clone(), Alteration::Nothing).await;
    let address = StoreAddress::Uri(Secret::new(proxy.uri()));
    let server = other.another_with(|settings| settings.store = address);
    let server = server.await;
    let tokens = server.patient("jane").await;
    for instance in [&server, &other] {
        assert_live(instance, &tokens).await;
    }
    WithProxy {
        server,
        other,
        proxy,
        tokens,
        _direct: direct,
    }
}

// The database did the write, but its answer was lost (SES-7).
#[tokio::test]
async fn a_logout_with_a_lost_answer_holds_and_can_be_repeated() {
    let with_proxy = with_proxy().await;
    let WithProxy {
        server,
        other,
        proxy,
        ..
    } = &with_proxy;
    let second = cached_session(server, other).await;
    let third = cached_session(server, other).await;
    let before = revocation_rows(server).await;
    let by = json!({ "refresh_token": second.refresh_token() });
    let ask = async || {
        [
            server
                .call_as(&with_proxy.tokens.token(), "/auth/logout")
                .await,
            server.post("/auth/logout", by.clone()).await,
        ]
    };
    proxy.set(Alteration::LoseAnswersTo("findAndModify"));
    for lost in ask().await {
        lost.refused(503, "DATABASE_ERROR");
    }
    proxy.set(Alteration::Nothing);
    for again in ask().await {
        again.expect(200);
    }
    assert_live(other, &second).await;
    assert_ends_elsewhere(server, other, &with_proxy.tokens).await;
    assert_ended(server, &second).await;
    assert_ended(other, &second).await;
    assert_live(other, &third).await;
    assert_eq!(revocation_rows(server).await, before);
}

// SES-7
#[tokio::test]
async fn a_session_end_with_a_lost_answer_holds_and_is_repeatable() {
    let with_proxy = with_proxy().await;
    let WithProxy {
        server,
        other,
        proxy,
        tokens,
        ..
    } = &with_proxy;
    let here = cached_session(server, other).await;
    let end = async || server.delete_as(&here.token(), &path(tokens)).await;
    proxy.set(Alteration::LoseAnswersTo("findAndModify"));
    end().await.refused(503, "DATABASE_ERROR");
    proxy.set(Alteration::Nothing);
    end().await.expect(200);
    assert_ends_elsewhere(server, other, tokens).await;
    assert_live(other, &here).await;
}

// SES-7
#[tokio::test]
async fn a_logout_all_with_a_lost_answer_holds() {
    let with_proxy = with_proxy().await;
    let WithProxy {
        server,
        other,
        proxy,
        tokens,
        ..
    } = &with_proxy;
    let here = cached_session(server, other).await;
    proxy.set(Alteration::LoseAnswersTo("update"));
    let lost = server.call_as(&here.token(), "/auth/logout-all").await;
    lost.refused(503, "DATABASE_ERROR");
    proxy.set(Alteration::Nothing);
    assert_ends_elsewhere(server, other, tokens).await;
    assert_ended(other, &here).await;
}

// D10, SES-7
#[tokio::test]
async fn the_cache_answers_only_while_both_feed_parts_are_read() {
    for part in ["user_sessions", "revocations"] {
        let WithProxy {
            server,
            other,
            proxy,
            tokens,
            ..
        } = with_proxy().await;
        other.call_as(&tokens.token(), "/auth/logout").await;
        proxy.set(Alteration::ForbidReading(part));
        server.clock.advance(Duration::milliseconds(1400));
        let read = follow_revocations(&server.app, server.clock.now()).await;
        read.unwrap_err();
        server.clock.advance(Duration::milliseconds(200));
        let me = server.get_as(&tokens.token(), "/auth/me").await;
        assert_ne!(me.status, 200, "{part}: {}", me.raw);
    }
}

/// Inserts sessions of another user that ended at `at`.
async fn insert_ended_sessions(server: &TestServer, count: usize, at: Timestamp) {
    let names = &server.program.settings.config.database.collections;
    let rows: Collection<Document> = server.app.store.raw(&names.identity.user_sessions);
    let at = bson::DateTime::from_chrono(at);
    let ended = |_| {
        let id = server.app.rng.uuid().to_string();
        doc! { "_id": &id, "session_id": &id, "user_id": "PAT99999999", "is_active": false, "ended_at": at }
    };
    rows.insert_many((0..count).map(ended)).await.unwrap();
}

// An instance reads the feed in pages of a thousand rows (SES-7).
#[tokio::test]
async fn all_pages_of_a_mass_logout_are_read() {
    let (server, other, tokens) = on_two_instances(|_| {}).await;
    for seconds in 0..3 {
        let at = server.clock.now() + Duration::seconds(seconds);
        insert_ended_sessions(&server, 400, at).await;
    }
    server.advance(Duration::seconds(3)).await;
    other.read_revocations().await;
    assert_live(&other, &tokens).await;
    let out = server.call_as(&tokens.token(), "/auth/logout").await;
    out.expect(200);
    assert_ends_elsewhere(&server, &other, &tokens).await;
}

// SES-7
#[tokio::test]
async fn all_rows_of_a_mass_logout_at_one_moment_are_read() {
    let (server, other, _) = on_two_instances(|_| {}).await;
    let now = server.clock.now();
    insert_ended_sessions(&server, 1100, now).await;
    let tokens = cached_session(&server, &other).await; // The feed gives its row after the others.
    let out = server.call_as(&tokens.token(), "/auth/logout").await;
    out.expect(200);
    insert_ended_sessions(&server, 10, now + Duration::milliseconds(1)).await;
    assert_ends_elsewhere(&server, &other, &tokens).await;
}
