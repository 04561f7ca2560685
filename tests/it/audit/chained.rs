//! A trail of the version before, whose records are chained themselves. Three runs wrote it, under two master secrets, and
//! two of its records together. The old rule goes on for it (AUD-2, KEY-2).

use bson::{Bson, Document, doc};
use clinic_auth::config::{MasterSecret, Secret};
use serde_json::Value;

use super::{all, faults, log, register, verified, write};
use crate::harness::TestServer;

/// The chain of seventeen records, two of which were written together: the last of them says so.
const CHAIN: &str = "a3610afc-81ed-43df-bb07-c352fc61efa0";
const TOGETHER: i64 = 15;
const LAST: i64 = 17;
/// The secret that it was written under, and that of the other chains.
const SECRET: &str = "7Qm2vXb9LwT4ZcYr1KpN8sHd6FgJ3eUa";
const BEFORE: &str = "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm";

/// A server on a database in which the trail of the version before is.
async fn updated() -> TestServer {
    let server = TestServer::start_with(|settings| {
        settings.secrets.master = MasterSecret {
            current: Secret::new(SECRET),
            previous: Some(Secret::new(BEFORE)),
        };
    })
    .await;
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

async fn put_back(server: &TestServer, whole: &[Document]) {
    for row in whole {
        let id = doc! { "_id": row.get_str("_id").unwrap() };
        let rows = log(server);
        rows.replace_one(id, row).upsert(true).await.unwrap();
    }
}

#[tokio::test]
async fn a_trail_of_the_version_before_is_whole_beside_new_records() {
    let server = updated().await;
    write(&server).await;
    let report = verified(&server).await;
    assert_eq!((report.chains, faults(&report)), (4, Vec::new()));
    assert!(report.unverifiable.is_empty());
}

#[tokio::test]
async fn an_edit_in_a_trail_of_the_version_before_is_found() {
    let server = updated().await;
    let whole = all(&log(&server)).await;
    for (sequence, change) in [
        (3, doc! { "ip": "192.0.2.1" }),
        (TOGETHER, doc! { "written_after": 12_i64 }),
    ] {
        let edited = doc! { "_id": place(sequence) };
        let change = doc! { "$set": change };
        log(&server).update_one(edited, change).await.unwrap();
        let found = faults(&verified(&server).await);
        assert_eq!(found, [format!("{} Altered", place(sequence))]);
        put_back(&server, &whole).await;
    }
}

#[tokio::test]
async fn removal_and_reordering_in_a_trail_of_the_version_before_are_found() {
    let server = updated().await;
    let whole = all(&log(&server)).await;
    for (changed, found) in [
        (vec![5], format!("{} Missing", place(5))),
        (vec![LAST], format!("{} Missing", place(LAST))),
        ((1..=LAST).collect(), format!("{} Missing", place(1))),
    ] {
        for sequence in &changed {
            let row = doc! { "_id": place(*sequence) };
            log(&server).delete_one(row).await.unwrap();
        }
        assert_eq!(faults(&verified(&server).await), [found]);
        put_back(&server, &whole).await;
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
