//! The search for accounts that have lost their names. It runs while requests are served (DB-6).

use std::sync::Arc;

use bson::doc;
use chrono::Duration;
use identity::startup::{self, Visit};
use platform::readiness::Phase;
use tokio_util::sync::CancellationToken;

use super::legacy_data::{BACKUP, DUPLICATES, prepared};
use crate::harness::{PASSWORD, TestServer};

#[tokio::test]
async fn a_stopped_search_releases_its_lease() {
    let server = prepared(BACKUP).await;
    let stop = CancellationToken::new();
    stop.cancel();
    let visit = startup::visit_accounts(&server.app, &stop);
    assert_eq!(visit.await.unwrap(), Visit::Stopped);
    let leases = server.stored("throttles").await;
    let left = leases
        .iter()
        .find(|row| row.get_str("_id").unwrap() == "lease:backfill");
    assert!(left.is_none(), "{left:?}");
}

#[tokio::test]
async fn duplicates_found_by_the_search_block_until_removed() {
    let server = prepared(BACKUP).await;
    let direct = server.database.open().await;
    direct.restore(DUPLICATES).await;
    let stop = CancellationToken::new();
    // With string ids the accounts do not look like those of the older service, so only the search finds them.
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
    let visit = startup::visit_accounts(&server.app, &stop);
    assert_eq!(visit.await.unwrap(), Visit::Blocked);
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
async fn an_account_regains_lost_names_after_the_next_start() {
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
    let visit = startup::visit_accounts(&other.app, &CancellationToken::new()).await;
    assert!(matches!(visit.unwrap(), Visit::Done(_)));
    other.login("jane", PASSWORD).await.expect(200);
    other.login("jane@example.org", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn the_start_does_not_wait_for_the_search() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    let (database, clock) = (Arc::clone(&server.database), server.clock.clone());
    let other = TestServer::start_unprepared(database, clock, server.mails.clone(), |_| {}).await;
    other.fail_point.arm("backfill:batch");
    startup::prepare(&other.app).await.unwrap();
    other.login("jane", PASSWORD).await.expect(200);
    let interrupted = startup::visit_accounts(&other.app, &CancellationToken::new()).await;
    interrupted.unwrap_err();
}
