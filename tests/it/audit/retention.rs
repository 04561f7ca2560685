//! How long records are kept, and what verify says when they are gone in time (AUD-2, AUD-3).

use bson::doc;
use chrono::Duration;

use super::{faults, id, log, records, register, verified};
use crate::harness::{PASSWORD, TestServer};

/// Two records a day for three days, kept for two.
async fn three_days() -> TestServer {
    let server = TestServer::start_with(|settings| settings.config.audit.retention_days = 2).await;
    for _ in 0..3 {
        server.login("nobody", PASSWORD).await.expect(401);
        server.login("nobody", PASSWORD).await.expect(401);
        server.advance(Duration::days(1)).await;
    }
    server
}

#[tokio::test]
async fn a_record_is_kept_for_six_years() {
    // AUD-3
    let server = TestServer::start().await;
    let record = &records(&server).await[0];
    let kept = record.get_datetime("expires_at").unwrap().to_chrono() - server.clock.now();
    assert!(kept >= Duration::days(6 * 365));
    let mut indexes = log(&server).list_indexes().await.unwrap();
    let mut ages = Vec::new();
    while let Some(index) = futures_util::TryStreamExt::try_next(&mut indexes)
        .await
        .unwrap()
    {
        ages.extend(index.options.and_then(|options| options.expire_after));
    }
    assert_eq!(ages, [std::time::Duration::ZERO]);
}

#[tokio::test]
async fn records_that_retention_removed_are_not_missed() {
    // AUD-2, AUD-3
    let server = three_days().await;
    let now = bson::DateTime::from_chrono(server.clock.now());
    let gone = log(&server)
        .delete_many(doc! { "expires_at": { "$lte": now } })
        .await
        .unwrap();
    assert!(gone.deleted_count >= 2);
    assert!(verified(&server).await.findings.is_empty());
    server.advance(Duration::days(9)).await;
    log(&server).delete_many(doc! {}).await.unwrap();
    register(&server).delete_many(doc! {}).await.unwrap();
    server.login("nobody", PASSWORD).await.expect(401);
}

#[tokio::test]
async fn a_chain_that_retention_removed_as_a_whole_is_not_missed() {
    // AUD-2, AUD-3
    let server = three_days().await;
    server.advance(Duration::days(9)).await;
    log(&server).delete_many(doc! {}).await.unwrap();
    assert!(verified(&server).await.findings.is_empty());
    register(&server).delete_many(doc! {}).await.unwrap();
    assert!(verified(&server).await.findings.is_empty());
}

#[tokio::test]
async fn a_record_that_was_removed_before_its_time_is_missed() {
    // AUD-2
    let server = three_days().await;
    let now = bson::DateTime::from_chrono(server.clock.now());
    log(&server)
        .delete_many(doc! { "expires_at": { "$lte": now } })
        .await
        .unwrap();
    let oldest = records(&server).await.remove(0);
    log(&server)
        .delete_one(doc! { "_id": id(&oldest) })
        .await
        .unwrap();
    let found = faults(&verified(&server).await);
    assert!(
        matches!(&found[..], [fault] if fault.ends_with(" Missing")),
        "{found:?}"
    );
}
