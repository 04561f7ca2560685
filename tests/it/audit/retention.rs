//! How long records are kept, and what verify says when they are gone in time (AUD-2, AUD-3).

use bson::doc;
use chrono::Duration;

use super::{faults, id, log, records, register, sealed, seals, verified, write};
use crate::harness::{PASSWORD, TestServer};

/// Records in both trails and a seal a day for three days, kept for two.
async fn three_days() -> TestServer {
    let server = TestServer::start_with(|settings| {
        settings.config.audit.retention_days = 2;
        settings.config.audit.refusal_retention_days = 2;
    })
    .await;
    for _ in 0..3 {
        write(&server).await;
        server.login("nobody", PASSWORD).await.expect(401);
        sealed(&server).await;
        server.advance(Duration::days(1)).await;
    }
    server
}

/// Does what the database's TTL does.
async fn remove_what_has_expired(server: &TestServer) -> u64 {
    let now = bson::DateTime::from_chrono(server.clock.now());
    let expired = doc! { "expires_at": { "$lte": now } };
    let mut removed = 0;
    for rows in [log(server), seals(server), register(server)] {
        removed += rows
            .delete_many(expired.clone())
            .await
            .unwrap()
            .deleted_count;
    }
    removed
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
    assert!(remove_what_has_expired(&server).await >= 2);
    assert!(verified(&server).await.findings.is_empty());
    server.advance(Duration::days(9)).await;
    remove_what_has_expired(&server).await;
    assert!(all_gone(&server).await);
    for _ in 0..2 {
        write(&server).await;
        server.login("nobody", PASSWORD).await.expect(401);
        assert!(verified(&server).await.findings.is_empty());
        server.advance(Duration::hours(1)).await;
    }
}

async fn all_gone(server: &TestServer) -> bool {
    let left = seals(server).count_documents(doc! {}).await.unwrap();
    left == 0 && records(server).await.is_empty()
}

#[tokio::test]
async fn a_chain_that_retention_removed_as_a_whole_is_not_missed() {
    // AUD-2, AUD-3
    let server = three_days().await;
    server.advance(Duration::days(9)).await;
    log(&server).delete_many(doc! {}).await.unwrap();
    assert!(verified(&server).await.findings.is_empty());
    seals(&server).delete_many(doc! {}).await.unwrap();
    assert!(verified(&server).await.findings.is_empty());
    register(&server).delete_many(doc! {}).await.unwrap();
    assert!(verified(&server).await.findings.is_empty());
}

#[tokio::test]
async fn a_record_that_was_removed_before_its_time_is_missed() {
    // AUD-2
    let server = three_days().await;
    remove_what_has_expired(&server).await;
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
