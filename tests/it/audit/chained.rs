//! A trail of an earlier version, in which the records themselves are chained. Verify still checks it by the earlier
//! rule (AUD-2, KEY-2). Three runs of the service wrote the trail under two master secrets. One write made two of its
//! records.

use bson::{Bson, Document, doc};
use clinic_auth::config::MasterSecret;
use kernel::secret::Secret;
use serde_json::Value;

use super::{all, audit_log, faults, register, verified, write};
use crate::harness::TestServer;

/// The chain of seventeen records. One write made two of them, and the second of the two says so.
const CHAIN: &str = "a3610afc-81ed-43df-bb07-c352fc61efa0";
const WRITTEN_TOGETHER: i64 = 15;
const LAST: i64 = 17;
/// The master secret of this chain. The one after it is that of the other chains.
const SECRET: &str = "7Qm2vXb9LwT4ZcYr1KpN8sHd6FgJ3eUa";
const PREVIOUS_SECRET: &str = "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm";

/// A server whose database contains the trail of the earlier version.
async fn upgraded_server() -> TestServer {
    let server = TestServer::start_with(|settings| {
        settings.secrets.master = MasterSecret {
            current: Secret::new(SECRET),
            previous: Some(Secret::new(PREVIOUS_SECRET)),
        };
    })
    .await;
    let text = include_str!("../fixtures/chained_audit_trail.json");
    let trail: Value = serde_json::from_str(text).unwrap();
    for (rows, name) in [
        (audit_log(&server), "audit_log"),
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
    platform::audit::record::place(CHAIN, sequence)
}

async fn restore(server: &TestServer, whole: &[Document]) {
    for row in whole {
        let id = doc! { "_id": row.get_str("_id").unwrap() };
        let rows = audit_log(server);
        rows.replace_one(id, row).upsert(true).await.unwrap();
    }
}

#[tokio::test]
async fn an_earlier_versions_trail_stays_valid_beside_new_records() {
    let server = upgraded_server().await;
    write(&server).await;
    let report = verified(&server).await;
    assert_eq!((report.chains, faults(&report)), (4, Vec::new()));
    assert!(report.unverifiable.is_empty());
}

#[tokio::test]
async fn an_edit_in_an_earlier_versions_trail_is_found() {
    let server = upgraded_server().await;
    let whole = all(&audit_log(&server)).await;
    for (sequence, change) in [
        (3, doc! { "ip": "192.0.2.1" }),
        (WRITTEN_TOGETHER, doc! { "written_after": 12_i64 }),
    ] {
        let edited = doc! { "_id": place(sequence) };
        let change = doc! { "$set": change };
        audit_log(&server).update_one(edited, change).await.unwrap();
        let found = faults(&verified(&server).await);
        assert_eq!(found, [format!("{} Altered", place(sequence))]);
        restore(&server, &whole).await;
    }
}

#[tokio::test]
async fn a_removal_in_an_earlier_versions_trail_is_found() {
    let server = upgraded_server().await;
    let whole = all(&audit_log(&server)).await;
    for (changed, found) in [
        (vec![5], format!("{} Missing", place(5))),
        (vec![LAST], format!("{} Missing", place(LAST))),
        ((1..=LAST).collect(), format!("{} Missing", place(1))),
    ] {
        for sequence in &changed {
            let row = doc! { "_id": place(*sequence) };
            audit_log(&server).delete_one(row).await.unwrap();
        }
        assert_eq!(faults(&verified(&server).await), [found]);
        restore(&server, &whole).await;
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
