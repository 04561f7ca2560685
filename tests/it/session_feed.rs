//! The feed: ending a session is one write, and its own row tells the other instances (SES-7, D10).

use bson::{Document, doc};
use chrono::Duration;
use clinic_auth::{
    clock::Timestamp,
    config::{Secret, Settings, StoreAddress},
    service::sessions::follow_revocations,
};
use mongodb::Collection;
use serde_json::json;

use crate::{
    harness::{Alteration, AlteringProxy, Answer, Direct, PASSWORD, TestServer},
    sessions::{alive, ended, on_two},
};

const NEW: &str = "another good password";

/// How many rows the collection `revocations` has.
async fn told(server: &TestServer) -> usize {
    server.stored("revocations").await.len()
}

/// A new session of jane, known to both instances' memories.
async fn known(server: &TestServer, other: &TestServer) -> Answer {
    let tokens = server.login("jane", PASSWORD).await.expect(200);
    for instance in [server, other] {
        alive(instance, &tokens).await;
    }
    tokens
}

/// The session holds elsewhere until the feed is read, and no longer.
async fn ends_elsewhere(server: &TestServer, other: &TestServer, tokens: &Answer) {
    ended(server, tokens).await;
    alive(other, tokens).await;
    other.read_revocations().await;
    ended(other, tokens).await;
}

fn path(tokens: &Answer) -> String {
    format!("/auth/sessions/{}", tokens.text("session_id"))
}

// SES-7, D10
#[tokio::test]
async fn each_way_to_end_a_session_is_one_write_that_all_read() {
    let (server, other, first) = on_two(|_| {}).await;
    let (user_id, before) = (first.text("user_id"), told(&server).await);
    let admin = server.admin("boss").await;

    let out = server.call_as(&first.token(), "/auth/logout").await;
    out.expect(200);
    ends_elsewhere(&server, &other, &first).await;

    let (gone, here) = (known(&server, &other).await, known(&server, &other).await);
    let out = server.delete_as(&here.token(), &path(&gone)).await;
    out.expect(200);
    ends_elsewhere(&server, &other, &gone).await;
    alive(&other, &here).await;

    let out = server.call_as(&here.token(), "/auth/logout-all").await;
    out.expect(200);
    ends_elsewhere(&server, &other, &here).await;

    let tokens = known(&server, &other).await;
    let out = format!("/admin/users/{user_id}/logout-all");
    server.call_as(&admin.token, &out).await.expect(200);
    ends_elsewhere(&server, &other, &tokens).await;
    assert_eq!(told(&server).await, before);
}

// SES-4, SES-7, D10
#[tokio::test]
async fn a_session_beyond_the_cap_ends_on_every_instance() {
    let cap = |settings: &mut Settings| {
        settings.config.sessions.max_per_user = 1;
    };
    let (server, other, first) = on_two(cap).await;
    let before = told(&server).await;
    server.login("jane", PASSWORD).await.expect(200);
    ends_elsewhere(&server, &other, &first).await;
    assert_eq!(told(&server).await, before);
}

// RT-4, SES-7, D10
#[tokio::test]
async fn a_replayed_refresh_token_ends_the_session_everywhere() {
    let (server, other, first) = on_two(|_| {}).await;
    let before = told(&server).await;
    let second = server.refresh(&first.refresh_token()).await.expect(200);
    server.refresh(&second.refresh_token()).await.expect(200);
    server.refresh(&first.refresh_token()).await.expect(401);
    ends_elsewhere(&server, &other, &first).await;
    assert_eq!(told(&server).await, before);
}

// RST-4, SES-7, D10
#[tokio::test]
async fn a_reset_ends_all_sessions_on_every_instance() {
    let (server, other, first) = on_two(|_| {}).await;
    let before = told(&server).await;
    server.forgot("jane@example.org").await.expect(200);
    let token = server.link_token_for("jane@example.org").await;
    server.reset_by_link(&token, NEW).await.expect(200);
    ends_elsewhere(&server, &other, &first).await;
    assert_eq!(told(&server).await, before);
}

// PW-7, SES-7, D10
#[tokio::test]
async fn a_new_password_ends_the_other_sessions_on_every_instance() {
    let (server, other, first) = on_two(|_| {}).await;
    let (here, before) = (known(&server, &other).await, told(&server).await);
    let changed = server.change_password(&here.token(), PASSWORD, NEW).await;
    changed.expect(200);
    ends_elsewhere(&server, &other, &first).await;
    alive(&other, &here).await;
    assert_eq!(told(&server).await, before);
}

// ADM-3, SES-7, D10: a change of the account is told by a row of its own, for what is remembered of it.
#[tokio::test]
async fn disabling_and_deleting_an_account_reach_every_instance() {
    let (server, other, first) = on_two(|_| {}).await;
    let admin = server.admin("boss").await;
    let account = format!("/admin/users/{}", first.text("user_id"));
    let before = told(&server).await;
    let to = |status: &str| server.patch_as(&admin.token, &account, json!({ "status": status }));
    to("disabled").await.expect(200);
    ends_elsewhere(&server, &other, &first).await;
    assert_eq!(told(&server).await, before + 1);

    to("active").await.expect(200);
    let tokens = known(&server, &other).await;
    let gone = server.delete_as(&admin.token, &account).await;
    gone.expect(200);
    ends_elsewhere(&server, &other, &tokens).await;
}

// SES-7: the feed must find the row, however little was left of the session.
#[tokio::test]
async fn the_row_of_an_ended_session_outlives_the_feed() {
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

/// An instance whose database can answer otherwise, and one beside it; jane's session is in both memories.
struct Wired {
    server: TestServer,
    other: TestServer,
    wire: AlteringProxy,
    tokens: Answer,
    /// Keeps an embedded store running.
    _direct: Direct,
}

async fn wired() -> Wired {
    let other = TestServer::start().await;
    let direct = other.database.open().await;
    let wire = AlteringProxy::start(direct.server.clone(), Alteration::Nothing).await;
    let address = StoreAddress::Uri(Secret::new(wire.uri()));
    let server = other.another_with(|settings| settings.store = address);
    let server = server.await;
    let tokens = server.patient("jane").await;
    for instance in [&server, &other] {
        alive(instance, &tokens).await;
    }
    Wired {
        server,
        other,
        wire,
        tokens,
        _direct: direct,
    }
}

// SES-7: the write was made, and its answer was lost.
#[tokio::test]
async fn a_logout_whose_answer_was_lost_holds_and_is_repeated() {
    let wired = wired().await;
    let Wired {
        server,
        other,
        wire,
        ..
    } = &wired;
    let second = known(server, other).await;
    let third = known(server, other).await;
    let before = told(server).await;
    let by = json!({ "refresh_token": second.refresh_token() });
    let ask = async || {
        [
            server.call_as(&wired.tokens.token(), "/auth/logout").await,
            server.post("/auth/logout", by.clone()).await,
        ]
    };
    wire.set(Alteration::LoseAnswersTo("findAndModify"));
    for lost in ask().await {
        lost.refused(503, "DATABASE_ERROR");
    }
    wire.set(Alteration::Nothing);
    for again in ask().await {
        again.expect(200);
    }
    alive(other, &second).await;
    ends_elsewhere(server, other, &wired.tokens).await;
    ended(server, &second).await;
    ended(other, &second).await;
    alive(other, &third).await;
    assert_eq!(told(server).await, before);
}

// SES-7
#[tokio::test]
async fn ending_a_session_whose_answer_was_lost_holds_and_is_repeated() {
    let wired = wired().await;
    let Wired {
        server,
        other,
        wire,
        tokens,
        ..
    } = &wired;
    let here = known(server, other).await;
    let end = async || server.delete_as(&here.token(), &path(tokens)).await;
    wire.set(Alteration::LoseAnswersTo("findAndModify"));
    end().await.refused(503, "DATABASE_ERROR");
    wire.set(Alteration::Nothing);
    end().await.expect(200);
    ends_elsewhere(server, other, tokens).await;
    alive(other, &here).await;
}

// SES-7
#[tokio::test]
async fn logging_out_everywhere_holds_though_the_answer_was_lost() {
    let wired = wired().await;
    let Wired {
        server,
        other,
        wire,
        tokens,
        ..
    } = &wired;
    let here = known(server, other).await;
    wire.set(Alteration::LoseAnswersTo("update"));
    let lost = server.call_as(&here.token(), "/auth/logout-all").await;
    lost.refused(503, "DATABASE_ERROR");
    wire.set(Alteration::Nothing);
    ends_elsewhere(server, other, tokens).await;
    ended(other, &here).await;
}

// D10, SES-7
#[tokio::test]
async fn memory_answers_only_while_both_parts_of_the_feed_are_read() {
    for part in ["user_sessions", "revocations"] {
        let Wired {
            server,
            other,
            wire,
            tokens,
            ..
        } = wired().await;
        other.call_as(&tokens.token(), "/auth/logout").await;
        wire.set(Alteration::ForbidReading(part));
        server.clock.advance(Duration::milliseconds(1400));
        let read = follow_revocations(&server.app, server.clock.now()).await;
        read.unwrap_err();
        server.clock.advance(Duration::milliseconds(200));
        let me = server.get_as(&tokens.token(), "/auth/me").await;
        assert_ne!(me.status, 200, "{part}: {}", me.raw);
    }
}

/// Sessions of others that end at `at`.
async fn mass_logout(server: &TestServer, count: usize, at: Timestamp) {
    let names = &server.app.settings.config.database.collections;
    let rows: Collection<Document> = server.app.store.raw(&names.user_sessions);
    let at = bson::DateTime::from_chrono(at);
    let ended = |_| {
        let id = server.app.rng.uuid().to_string();
        doc! { "_id": &id, "session_id": &id, "user_id": "PAT99999999", "is_active": false, "ended_at": at }
    };
    rows.insert_many((0..count).map(ended)).await.unwrap();
}

// SES-7: the feed is read in pages of a thousand rows.
#[tokio::test]
async fn a_mass_logout_is_read_to_its_end() {
    let (server, other, tokens) = on_two(|_| {}).await;
    for seconds in 0..3 {
        let at = server.clock.now() + Duration::seconds(seconds);
        mass_logout(&server, 400, at).await;
    }
    server.advance(Duration::seconds(3)).await;
    other.read_revocations().await;
    alive(&other, &tokens).await;
    let out = server.call_as(&tokens.token(), "/auth/logout").await;
    out.expect(200);
    ends_elsewhere(&server, &other, &tokens).await;
}

// SES-7
#[tokio::test]
async fn a_mass_logout_of_one_moment_is_read_to_its_end() {
    let (server, other, _) = on_two(|_| {}).await;
    let now = server.clock.now();
    mass_logout(&server, 1100, now).await;
    let tokens = known(&server, &other).await; // Its row comes after the others.
    let out = server.call_as(&tokens.token(), "/auth/logout").await;
    out.expect(200);
    mass_logout(&server, 10, now + Duration::milliseconds(1)).await;
    ends_elsewhere(&server, &other, &tokens).await;
}
