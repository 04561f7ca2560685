//! A trail of the version before, whose records are chained themselves: two instances wrote it, some records together.
//! The old rule goes on for it (AUD-2).

use bson::{Bson, Document, doc};
use serde_json::Value;

use super::{all, faults, log, register, verified, write};
use crate::harness::TestServer;

/// The chain of twelve records; the other one has three.
const CHAIN: &str = "eccfc4ca-a8cd-4b63-87cb-56ff66cd60b5";

/// A server on a database in which the trail of the version before is.
async fn updated() -> TestServer {
    let server = TestServer::start().await;
    let text = include_str!("../fixtures/chained_audit_trail.json");
    let trail: Value = serde_json::from_str(text).unwrap();
    for (rows, name) in [
        (log(&server), "audit_log"),
        (register(&server), "audit_heads"),
    ] {
        let documents: Vec<Document> = trail[name]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| match Bson::try_from(row.clone()).unwrap() {
                Bson::Document(row) => row,
                other => panic!("{other}"),
            })
            .collect();
        rows.insert_many(documents).await.unwrap();
    }
    server
}

fn place(sequence: i64) -> String {
    clinic_auth::domain::audit::place(CHAIN, sequence)
}

#[tokio::test]
async fn a_trail_of_the_version_before_is_whole_beside_new_records() {
    let server = updated().await;
    write(&server).await;
    let report = verified(&server).await;
    assert_eq!((report.chains, faults(&report)), (3, Vec::new()));
    assert!(report.unverifiable.is_empty());
}

#[tokio::test]
async fn an_edit_in_a_trail_of_the_version_before_is_found() {
    let server = updated().await;
    let change = doc! { "$set": { "ip": "192.0.2.1" } };
    let third = doc! { "_id": place(3) };
    log(&server).update_one(third, change).await.unwrap();
    let found = faults(&verified(&server).await);
    assert_eq!(found, [format!("{} Altered", place(3))]);
}

#[tokio::test]
async fn removal_and_reordering_in_a_trail_of_the_version_before_are_found() {
    let server = updated().await;
    let whole = all(&log(&server)).await;
    for (changed, found) in [
        (vec![5], format!("{} Missing", place(5))),
        (vec![12], format!("{} Missing", place(12))),
        ((1..=12).collect(), format!("{} Missing", place(1))),
    ] {
        for sequence in &changed {
            let row = doc! { "_id": place(*sequence) };
            log(&server).delete_one(row).await.unwrap();
        }
        assert_eq!(faults(&verified(&server).await), [found]);
        for row in &whole {
            let id = doc! { "_id": row.get_str("_id").unwrap() };
            let rows = log(&server);
            rows.replace_one(id, row).upsert(true).await.unwrap();
        }
    }
    register(&server)
        .delete_one(doc! { "_id": CHAIN })
        .await
        .unwrap();
    assert_eq!(
        faults(&verified(&server).await),
        [format!("{CHAIN} NoHead")]
    );
}
