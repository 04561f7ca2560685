//! How long records are kept, and that verify accepts their removal after this time (AUD-2, AUD-3).

use bson::doc;
use chrono::Duration;

use super::{audit_log, faults, id, records, register, seal_now, seals, verified, write};
use crate::harness::{PASSWORD, TestServer};

/// A server that wrote records in both trails and sealed them each day for three days, and keeps them for two days.
async fn trail_of_three_days() -> TestServer {
    let server = TestServer::start_with(|settings| {
        settings.config.audit.retention_days = 2;
        settings.config.audit.refusal_retention_days = 2;
    })
    .await;
    for _ in 0..3 {
        write(&server).await;
        server.login("nobody", PASSWORD).await.expect(401);
        seal_now(&server).await;
        server.advance(Duration::days(1)).await;
    }
    server
}

/// Removes expired rows, as the database's TTL index does.
async fn remove_expired(server: &TestServer) -> u64 {
    let now = bson::DateTime::from_chrono(server.clock.now());
    let expired = doc! { "expires_at": { "$lte": now } };
    let mut removed = 0;
    for rows in [audit_log(server), seals(server), register(server)] {
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
    let mut indexes = audit_log(&server).list_indexes().await.unwrap();
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
async fn records_removed_by_retention_are_no_finding() {
    // AUD-2, AUD-3
    let server = trail_of_three_days().await;
    assert!(remove_expired(&server).await >= 2);
    assert!(verified(&server).await.findings.is_empty());
    server.advance(Duration::days(9)).await;
    remove_expired(&server).await;
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
async fn a_whole_chain_removed_by_retention_is_no_finding() {
    // AUD-2, AUD-3
    let server = trail_of_three_days().await;
    server.advance(Duration::days(9)).await;
    audit_log(&server).delete_many(doc! {}).await.unwrap();
    assert!(verified(&server).await.findings.is_empty());
    seals(&server).delete_many(doc! {}).await.unwrap();
    assert!(verified(&server).await.findings.is_empty());
    register(&server).delete_many(doc! {}).await.unwrap();
    assert!(verified(&server).await.findings.is_empty());
}

#[tokio::test]
async fn a_record_removed_before_retention_ends_is_found() {
    // AUD-2
    let server = trail_of_three_days().await;
    remove_expired(&server).await;
    let oldest = records(&server).await.remove(0);
    audit_log(&server)
        .delete_one(doc! { "_id": id(&oldest) })
        .await
        .unwrap();
    let found = faults(&verified(&server).await);
    assert!(
        matches!(&found[..], [fault] if fault.ends_with(" Missing")),
        "{found:?}"
    );
}
