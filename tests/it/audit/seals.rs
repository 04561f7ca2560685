//! One instance at a time makes seals, and exactly one seal covers each record (AUD-2).

use identity::actions;
use std::collections::BTreeMap;

use bson::{Document, doc};
use chrono::Duration;
use futures_util::future::join_all;
use identity::maintenance;
use kernel::request::Origin;
use platform::audit::{self, Event, record::place, seal};

use super::{
    all, audit_log, changes::covered_ids, faults, id, records, register, seal_now, seals, verified,
    write,
};
use crate::harness::TestServer;

/// The number of seals that cover each record, by the record's id.
async fn covered(server: &TestServer) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for record in records(server).await {
        counts.insert(id(&record).to_owned(), 0);
    }
    for seal in all(&seals(server)).await {
        for covered in seal.get_array("records").unwrap() {
            let covered = covered.as_document().unwrap().get_str("id").unwrap();
            let Some(count) = counts.get_mut(covered) else {
                panic!("{covered} is sealed and is no record");
            };
            *count += 1;
        }
    }
    counts
}

async fn head(server: &TestServer) -> Document {
    let heads = all(&register(server)).await;
    let is_main = |head: &&Document| id(head).starts_with("main-");
    heads.iter().find(is_main).unwrap().clone()
}

async fn write_late(server: &TestServer, by: Duration) -> String {
    let origin = Origin::of_the_service("late".to_owned(), server.clock.now() - by);
    let event = Event::done(None, actions::ADMIN);
    audit::record(&server.app, &origin, event).await.unwrap();
    let late = doc! { "request_id": "late" };
    let late = audit_log(server).find_one(late).await.unwrap().unwrap();
    id(&late).to_owned()
}

#[tokio::test]
async fn instances_that_seal_at_once_make_one_chain() {
    let server = TestServer::start().await;
    let other = server.another().await;
    for _ in 0..6 {
        join_all((0..5).map(|_| write(&server))).await;
        join_all([&server, &other, &server, &other].map(seal_now)).await;
    }
    assert!(covered(&server).await.values().all(|seals| *seals == 1));
    let mut places = all(&seals(&server)).await;
    places.sort_by_key(|seal| seal.get_i64("sequence").unwrap());
    for (n, seal) in (1..).zip(&places) {
        assert_eq!(seal.get_i64("sequence").unwrap(), n);
    }
    let last = places.last().unwrap();
    let named = head(&server).await;
    assert_eq!(
        named.get_str("last_mac").unwrap(),
        last.get_str("mac").unwrap()
    );
    assert_eq!(faults(&verified(&server).await), Vec::<String>::new());
}

#[tokio::test]
async fn another_instance_adds_the_head_of_an_unfinished_seal() {
    let server = TestServer::start().await;
    let other = server.another().await;
    server.fail_point.arm("seal:head");
    let now = server.clock.now();
    seal::seal(&server.app, now).await.unwrap_err();
    assert_eq!(head(&server).await.get_i64("sequence").unwrap(), 0);
    seal_now(&other).await;
    assert_eq!(head(&server).await.get_i64("sequence").unwrap(), 1);
    write(&server).await;
    seal_now(&other).await;
    assert!(covered(&server).await.values().all(|seals| *seals == 1));
    assert_eq!(faults(&verified(&server).await), Vec::<String>::new());
}

#[tokio::test]
async fn all_instances_together_seal_once_in_ten_seconds() {
    let server = TestServer::start().await;
    let other = server.another().await;
    let counts = async || {
        maintenance::tick(&server.app).await.unwrap();
        write(&server).await;
        maintenance::tick(&other.app).await.unwrap();
        seals(&server).count_documents(doc! {}).await.unwrap()
    };
    assert_eq!(counts().await, 1);
    server.advance(Duration::seconds(9)).await;
    assert_eq!(counts().await, 1);
    server.advance(Duration::seconds(1)).await;
    assert_eq!(counts().await, 2);
}

#[tokio::test]
async fn a_record_up_to_two_minutes_late_is_sealed() {
    let server = TestServer::start().await;
    server.advance(Duration::hours(1)).await;
    write(&server).await;
    seal_now(&server).await;
    write_late(&server, Duration::seconds(119)).await;
    assert_eq!(faults(&verified(&server).await), Vec::<String>::new());
    assert!(covered(&server).await.values().all(|seals| *seals == 1));
    let first = doc! { "request_id": "late" };
    let renamed = doc! { "request_id": "late", "sequence": "x" };
    assert_eq!(audit_log(&server).count_documents(first).await.unwrap(), 1);
    assert_eq!(
        audit_log(&server).count_documents(renamed).await.unwrap(),
        0
    );
}

#[tokio::test]
async fn a_record_later_than_two_minutes_is_found() {
    let server = TestServer::start().await;
    server.advance(Duration::hours(1)).await;
    write(&server).await;
    seal_now(&server).await;
    let late = write_late(&server, Duration::seconds(121)).await;
    assert_eq!(
        faults(&verified(&server).await),
        [format!("{late} NotSealed")]
    );
}

#[tokio::test]
async fn records_from_before_a_long_stop_are_sealed_after_it() {
    let server = TestServer::start().await;
    seal_now(&server).await;
    write(&server).await;
    server.advance(Duration::days(30)).await;
    write(&server).await;
    assert_eq!(faults(&verified(&server).await), Vec::<String>::new());
    assert!(covered(&server).await.values().all(|seals| *seals == 1));
}

#[tokio::test]
async fn records_without_seals_and_head_are_not_sealed_again() {
    // Otherwise the removal of a record together with all seals would leave no trace in the database (AUD-2).
    let server = TestServer::start().await;
    write(&server).await;
    seal_now(&server).await;
    server.advance(Duration::hours(1)).await;
    for rows in [seals(&server), register(&server)] {
        rows.delete_many(doc! {}).await.unwrap();
    }
    write(&server).await;
    let found = faults(&verified(&server).await);
    assert!(found[0].ends_with(" NotSealed"), "{found:?}");
}

#[tokio::test]
async fn a_cut_tail_is_still_found_after_new_seals() {
    // AUD-2
    let server = TestServer::start().await;
    for _ in 0..3 {
        write(&server).await;
        seal_now(&server).await;
    }
    let chain = id(&head(&server).await).to_owned();
    let last = doc! { "chain": &chain, "sequence": 3_i64 };
    seals(&server).delete_one(last).await.unwrap();
    write(&server).await;
    let found = faults(&verified(&server).await);
    assert_eq!(found, [format!("{chain}:{:012} Missing", 3)]);
}

#[tokio::test]
async fn a_forged_seal_does_not_end_the_retention_before_it() {
    // AUD-2: each seal repeats when retention of everything before it ends. It must not repeat a lie.
    let server = TestServer::start().await;
    write(&server).await;
    seal_now(&server).await;
    let chain = id(&head(&server).await).to_owned();
    let at = |sequence| doc! { "_id": place(&chain, sequence) };
    let first = seals(&server).find_one(at(1)).await.unwrap().unwrap();
    let ended = bson::DateTime::from_chrono(server.clock.now() - Duration::days(1));
    let mut forged = first.clone();
    forged.extend(doc! {
        "_id": place(&chain, 2), "sequence": 2_i64, "records": [], "expires_at": ended,
        "previous": first.get_str("mac").unwrap(),
    });
    seals(&server).insert_one(forged).await.unwrap();
    write(&server).await;
    seal_now(&server).await;
    for sequence in [1, 2] {
        seals(&server).delete_one(at(sequence)).await.unwrap();
    }
    let gone = doc! { "_id": { "$in": covered_ids(&first) } };
    audit_log(&server).delete_many(gone).await.unwrap();
    let found = faults(&verified(&server).await);
    assert_eq!(found, [format!("{} Missing", place(&chain, 1))]);
}

#[tokio::test]
async fn an_altered_head_is_still_found_after_new_seals() {
    // AUD-2
    let server = TestServer::start().await;
    write(&server).await;
    seal_now(&server).await;
    let chain = id(&head(&server).await).to_owned();
    let back = doc! { "$set": { "sequence": 0_i64 } };
    let of_chain = doc! { "_id": &chain };
    register(&server).update_one(of_chain, back).await.unwrap();
    for _ in 0..3 {
        write(&server).await;
        let found = faults(&verified(&server).await);
        assert_eq!(found, [format!("{chain} HeadAltered")]);
    }
}
