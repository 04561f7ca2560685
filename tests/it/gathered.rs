//! Audit records of one moment are written together, as one chain (ADR 0015).

use bson::{Document, doc};
use clinic_auth::{
    domain::{audit::Action, request::Origin},
    service::audit::{self, Event},
};
use futures_util::future::join_all;

use crate::harness::TestServer;

// AUD-2
#[tokio::test]
async fn records_of_one_moment_are_one_chain() {
    let server = TestServer::start().await;
    let before = super::audit::verified(&server).await.records;
    let origin = Origin::of_the_service("many".to_owned(), server.clock.now());
    let record = |_| audit::record(&server.app, &origin, Event::done(None, Action::Admin));
    for written in join_all((0..50).map(record)).await {
        written.unwrap();
    }
    let report = super::audit::verified(&server).await;
    assert_eq!((report.chains, report.records), (1, before + 50));
    assert_eq!(super::audit::faults(&report), Vec::<String>::new());
    let rows = server.app.store.raw("audit_log");
    let together = doc! { "written_after": { "$exists": true } };
    assert!(
        rows.count_documents(together).await.unwrap() > 1,
        "each was written by itself"
    );
}

// AUD-2: an instance that died between records and head leaves the head where it was.
#[tokio::test]
async fn a_head_may_be_behind_by_the_records_of_one_moment_and_no_more() {
    let server = TestServer::start().await;
    let heads = server.app.store.raw("audit_heads");
    let early = heads.find_one(doc! {}).await.unwrap().unwrap();
    let origin = Origin::of_the_service("many".to_owned(), server.clock.now());
    let record = |_| audit::record(&server.app, &origin, Event::done(None, Action::Admin));
    join_all((0..2).map(record)).await;
    let middle = heads.find_one(doc! {}).await.unwrap().unwrap();
    join_all((0..10).map(record)).await;
    let rewound = async |to: &Document| {
        let id = to.get_str("_id").unwrap();
        heads.replace_one(doc! { "_id": id }, to).await.unwrap();
        super::audit::faults(&super::audit::verified(&server).await)
    };
    assert!(rewound(&early).await[0].ends_with("HeadBehind"));
    assert!(rewound(&middle).await[0].ends_with("HeadBehind"));
    let rows = server.app.store.raw("audit_log");
    let last = rows.find_one(doc! {}).sort(doc! { "sequence": -1 });
    let last = last.await.unwrap().unwrap();
    let together = last.get_i64("sequence").unwrap() - last.get_i64("written_after").unwrap();
    assert!(together > 1, "each was written by itself");
}
