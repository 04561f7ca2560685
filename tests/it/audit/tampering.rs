//! Verify finds each change in the documents of the trail (AUD-2).

use bson::{Document, doc};
use identity::actions;
use kernel::request::Origin;
use platform::audit::{
    self, Event,
    record::{Trail as Trails, place},
    seal,
};
use rand::{SeedableRng, rngs::StdRng};

use super::{
    all, audit_log,
    changes::{Trail, covered_ids},
    faults, id, records, register, seal_now, seals, verified, write,
};
use crate::harness::{PASSWORD, TestServer};

/// The number of random changes.
const CHANGES: usize = 1500;

#[tokio::test]
async fn every_random_change_is_found() {
    // AUD-2
    let (server, trail) = Trail::written().await;
    assert_eq!(trail.clone().report(&server).await.findings.len(), 0);
    let mut rng = StdRng::seed_from_u64(42);
    for _ in 0..CHANGES {
        let mut changed = trail.clone();
        let done = changed.change(&mut rng);
        let report = changed.report(&server).await;
        assert!(!report.findings.is_empty(), "{done}");
    }
}

#[tokio::test]
async fn the_first_altered_record_of_each_chain_is_named() {
    // AUD-2
    let (server, mut trail) = Trail::written().await;
    let mut firsts = Vec::new();
    for prefix in ["main-", "refusals-"] {
        let of_chain =
            |record: &&mut Document| record.get_str("chain").unwrap().starts_with(prefix);
        for (n, record) in trail
            .records
            .iter_mut()
            .filter(of_chain)
            .enumerate()
            .skip(1)
        {
            record.insert("detail", "changed");
            if n == 1 {
                firsts.push(id(record).to_owned());
            }
        }
    }
    let report = trail.report(&server).await;
    let named: Vec<_> = report
        .findings
        .into_values()
        .map(|found| found.what)
        .collect();
    assert_eq!(named, firsts);
}

#[tokio::test]
async fn seals_of_two_histories_do_not_form_one_chain() {
    // After the database was restored from a backup, a place of a chain can get a second seal (AUD-2).
    let server = TestServer::start().await;
    seal_now(&server).await;
    let before = all(&register(&server)).await;
    let chain = Trails::Main.chain(server.app.master.current_id().as_str());
    let second = doc! { "_id": place(&chain, 2) };
    write(&server).await;
    seal_now(&server).await;
    let other = seals(&server)
        .find_one(second.clone())
        .await
        .unwrap()
        .unwrap();
    let ids = covered_ids(&other);
    let records = all(&audit_log(&server)).await;
    seals(&server).delete_one(second.clone()).await.unwrap();
    audit_log(&server)
        .delete_one(doc! { "_id": &ids[0] })
        .await
        .unwrap();
    for head in &before {
        let of_chain = doc! { "_id": id(head) };
        register(&server).replace_one(of_chain, head).await.unwrap();
    }
    for _ in 0..2 {
        write(&server).await;
        seal_now(&server).await;
    }
    seals(&server).replace_one(second, other).await.unwrap();
    let gone = records.iter().find(|record| id(record) == ids[0]);
    audit_log(&server).insert_one(gone.unwrap()).await.unwrap();
    let found = faults(&verified(&server).await);
    assert_eq!(found, [format!("{} OutOfOrder", place(&chain, 3))]);
}

#[tokio::test]
async fn a_head_may_be_at_most_one_seal_behind() {
    // An instance that stops between the two writes leaves the head one seal behind (AUD-2).
    let server = TestServer::start().await;
    seal_now(&server).await;
    let early = all(&register(&server)).await;
    let early = early
        .iter()
        .find(|head| id(head).starts_with("main-"))
        .unwrap();
    let next = async || {
        write(&server).await;
        seal_now(&server).await;
        let chain = doc! { "_id": id(early) };
        register(&server).replace_one(chain, early).await.unwrap();
        faults(&verified(&server).await)
    };
    assert_eq!(next().await, Vec::<String>::new());
    assert_eq!(next().await, [format!("{} HeadBehind", id(early))]);
}

#[tokio::test]
async fn another_key_id_does_not_hide_an_edit() {
    // AUD-2, KEY-2
    let (server, mut trail) = Trail::written().await;
    trail.records[1].insert("key_id", "AAAAAAAA");
    trail.records[1].insert("ip", "192.0.2.1");
    let report = trail.report(&server).await;
    assert_eq!((report.findings.len(), report.unverifiable.len()), (1, 0));
}

#[tokio::test]
async fn a_head_of_an_unknown_key_does_not_hide_a_removed_chain() {
    // Verify must not trust a head of an unknown key, even if it says that its chain is empty or expired (AUD-2,
    // KEY-2).
    let (server, mut trail) = Trail::written().await;
    let head = &mut trail.heads[0];
    let chain = id(head).to_owned();
    let past = bson::DateTime::from_millis(0);
    head.extend(doc! { "key_id": "AAAAAAAA", "sequence": 0_i64, "expires_at": past });
    let is_other = |row: &Document| row.get_str("chain").unwrap() != chain;
    trail.records.retain(is_other);
    trail.seals.retain(is_other);
    let report = trail.report(&server).await;
    assert_eq!(report.unverifiable.get("AAAAAAAA"), Some(&1));
}

#[tokio::test]
async fn changes_in_the_database_are_found() {
    // AUD-2
    let (server, trail) = Trail::written().await;
    let second = id(&trail.records[1]);
    let change = doc! { "$set": { "outcome": "failure", "detail": "x" } };
    audit_log(&server)
        .update_one(doc! { "_id": second }, change)
        .await
        .unwrap();
    // This record is of the other chain, because verify names only the first damage of each chain.
    let last = id(trail.records.last().unwrap());
    let gone = doc! { "_id": last };
    audit_log(&server).delete_one(gone).await.unwrap();
    let found = faults(&verified(&server).await);
    assert_eq!(
        found,
        [format!("{second} Altered"), format!("{last} Missing")]
    );
}

#[tokio::test]
async fn an_edit_is_found_before_the_record_is_sealed() {
    // AUD-2
    let server = TestServer::start().await;
    write(&server).await;
    let written = records(&server).await.pop().unwrap();
    let change = doc! { "$set": { "request_id": "another" } };
    let written = doc! { "_id": id(&written) };
    audit_log(&server)
        .update_one(written.clone(), change)
        .await
        .unwrap();
    let found = faults(&verified(&server).await);
    assert_eq!(found, [format!("{} Altered", id(&written))]);
}

#[tokio::test]
async fn records_written_during_verify_are_no_finding() {
    // AUD-2
    let server = TestServer::start().await;
    let other = server.another().await;
    let writes = async {
        for _ in 0..40 {
            server.login("nobody", PASSWORD).await;
            write(&server).await;
        }
    };
    let seals = async {
        for _ in 0..20 {
            seal_now(&other).await;
        }
    };
    let looks = async {
        for _ in 0..20 {
            assert_eq!(faults(&verified(&server).await), Vec::<String>::new());
        }
    };
    tokio::join!(writes, seals, looks);
}

#[tokio::test]
async fn a_cancelled_write_leaves_the_trail_valid() {
    // The request or the job may be cancelled at any moment (AUD-2, DB-3).
    let server = TestServer::start().await;
    for cut_after in 0..40 {
        let origin = Origin::of_the_service("cut".to_owned(), server.clock.now());
        let event = Event::done(None, actions::ADMIN);
        let write = audit::record(&server.app, &origin, event);
        let limit = std::time::Duration::from_micros(cut_after * 60);
        let _ = tokio::time::timeout(limit, write).await;
        let job = seal::seal(&server.app, server.clock.now());
        let _ = tokio::time::timeout(limit * 10, job).await;
    }
    server.patient("jane").await;
    let report = verified(&server).await;
    assert_eq!((report.chains, faults(&report)), (1, Vec::new()));
}
