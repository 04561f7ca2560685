//! The search for accounts that have lost their names, which goes on beside the requests (DB-6).

use std::sync::Arc;

use bson::doc;
use chrono::Duration;
use clinic_auth::{app::Phase, service::startup};
use tokio_util::sync::CancellationToken;

use super::legacy_data::{BACKUP, TWINS, prepared};
use crate::harness::{PASSWORD, TestServer};

#[tokio::test]
async fn a_search_that_a_stop_ends_keeps_nobody_from_the_next_one() {
    let server = prepared(BACKUP).await;
    let stop = CancellationToken::new();
    stop.cancel();
    let search = startup::look_for_lost_names(&server.app, &stop);
    assert!(search.await.unwrap());
    let leases = server.stored("throttles").await;
    let left = leases
        .iter()
        .find(|row| row.get_str("_id").unwrap() == "lease:backfill");
    assert!(left.is_none(), "{left:?}");
}

#[tokio::test]
async fn twins_that_only_the_search_finds_block_until_they_are_gone() {
    let server = prepared(BACKUP).await;
    let direct = server.database.open().await;
    direct.restore(TWINS).await;
    let stop = CancellationToken::new();
    // As if they were not of the older service.
    for collection in ["patients_v2", "doctor_v2"] {
        for found in server.stored(collection).await {
            let id = found.get_str("user_id").unwrap().to_owned();
            let rows = server.app.store.raw(collection);
            let old = found.get("_id").unwrap().clone();
            let mut named = found.clone();
            named.insert("_id", id);
            rows.delete_one(doc! { "_id": old }).await.unwrap();
            rows.insert_one(named).await.unwrap();
        }
    }
    assert!(
        !startup::look_for_lost_names(&server.app, &stop)
            .await
            .unwrap()
    );
    for _ in 0..2 {
        assert!(matches!(server.app.readiness.phase(), Phase::Blocked(_)));
        startup::prepare(&server.app).await.unwrap();
    }
    let rows = server.app.store.raw("doctor_v2");
    rows.delete_many(doc! {}).await.unwrap();
    let rows = server.app.store.raw("patients_v2");
    rows.delete_one(doc! { "user_id": "PAT00000301" })
        .await
        .unwrap();
    startup::prepare(&server.app).await.unwrap();
    assert_eq!(server.app.readiness.phase(), Phase::Ready);
}

#[tokio::test]
async fn an_account_that_lost_its_names_to_a_crash_has_them_after_the_next_start() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    let held = doc! { "$set": { "state": "reserved", "expires_at": bson::DateTime::from_chrono(server.clock.now() + Duration::minutes(5)) } };
    server
        .app
        .store
        .raw("identifiers")
        .update_many(doc! {}, held)
        .await
        .unwrap();
    server
        .login("jane", PASSWORD)
        .await
        .refused(401, "AUTH_FAILED");
    let other = server.another().await;
    assert!(
        startup::look_for_lost_names(&other.app, &CancellationToken::new())
            .await
            .unwrap()
    );
    other.login("jane", PASSWORD).await.expect(200);
    other.login("jane@example.org", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn accounts_that_have_their_names_are_not_waited_for() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    let (database, clock) = (Arc::clone(&server.database), server.clock.clone());
    let other = TestServer::start_unprepared(database, clock, server.mails.clone(), |_| {}).await;
    other.fail_point.arm("backfill:batch");
    startup::prepare(&other.app).await.unwrap();
    other.login("jane", PASSWORD).await.expect(200);
    let interrupted = startup::look_for_lost_names(&other.app, &CancellationToken::new()).await;
    interrupted.unwrap_err();
}
