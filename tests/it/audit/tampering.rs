//! What is changed in the documents of the trail shows (AUD-2).

use bson::{Document, doc};
use clinic_auth::{
    domain::audit::{Action, Trail as Trails, place},
    domain::request::Origin,
    service::audit::{self, Event, seal},
};
use rand::{SeedableRng, rngs::StdRng};

use super::{
    all,
    changes::{Trail, under},
    faults, id, log, records, register, sealed, seals, verified, write,
};
use crate::harness::{PASSWORD, TestServer};

/// How many changes are tried.
const CHANGES: usize = 1500;

#[tokio::test]
async fn every_one_of_many_random_changes_is_found() {
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
async fn genuine_seals_of_two_histories_are_no_chain() {
    // AUD-2: a database that was set back lets a place of a chain be sealed a second time.
    let server = TestServer::start().await;
    sealed(&server).await;
    let before = all(&register(&server)).await;
    let chain = Trails::Main.chain(server.app.master.current_id().as_str());
    let second = doc! { "_id": place(&chain, 2) };
    write(&server).await;
    sealed(&server).await;
    let other = seals(&server)
        .find_one(second.clone())
        .await
        .unwrap()
        .unwrap();
    let ids = under(&other);
    let records = all(&log(&server)).await;
    seals(&server).delete_one(second.clone()).await.unwrap();
    log(&server)
        .delete_one(doc! { "_id": &ids[0] })
        .await
        .unwrap();
    for head in &before {
        let of_chain = doc! { "_id": id(head) };
        register(&server).replace_one(of_chain, head).await.unwrap();
    }
    for _ in 0..2 {
        write(&server).await;
        sealed(&server).await;
    }
    seals(&server).replace_one(second, other).await.unwrap();
    let gone = records.iter().find(|record| id(record) == ids[0]);
    log(&server).insert_one(gone.unwrap()).await.unwrap();
    let found = faults(&verified(&server).await);
    assert_eq!(found, [format!("{} OutOfOrder", place(&chain, 3))]);
}

#[tokio::test]
async fn a_head_may_be_one_seal_behind_and_no_more() {
    // AUD-2: an instance that died between the two writes leaves it so.
    let server = TestServer::start().await;
    sealed(&server).await;
    let early = all(&register(&server)).await;
    let early = early
        .iter()
        .find(|head| id(head).starts_with("main-"))
        .unwrap();
    let next = async || {
        write(&server).await;
        sealed(&server).await;
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
async fn a_head_of_an_unknown_key_does_not_hide_that_its_chain_is_gone() {
    // AUD-2, KEY-2: what such a head says cannot be believed, neither that it is empty nor that its time is over.
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
    log(&server)
        .update_one(doc! { "_id": second }, change)
        .await
        .unwrap();
    // The other chain, since only the first fault of each is told.
    let last = id(trail.records.last().unwrap());
    let gone = doc! { "_id": last };
    log(&server).delete_one(gone).await.unwrap();
    let found = faults(&verified(&server).await);
    assert_eq!(
        found,
        [format!("{second} Altered"), format!("{last} Missing")]
    );
}

#[tokio::test]
async fn an_edit_shows_before_the_record_is_sealed() {
    // AUD-2
    let server = TestServer::start().await;
    write(&server).await;
    let written = records(&server).await.pop().unwrap();
    let change = doc! { "$set": { "request_id": "another" } };
    let written = doc! { "_id": id(&written) };
    log(&server)
        .update_one(written.clone(), change)
        .await
        .unwrap();
    let found = faults(&verified(&server).await);
    assert_eq!(found, [format!("{} Altered", id(&written))]);
}

#[tokio::test]
async fn records_written_while_verify_walks_are_no_fault() {
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
            sealed(&other).await;
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
async fn a_write_that_was_cut_off_leaves_the_trail_whole() {
    // AUD-2, DB-3: the request, or the job, goes away at any moment.
    let server = TestServer::start().await;
    for cut_after in 0..40 {
        let origin = Origin::of_the_service("cut".to_owned(), server.clock.now());
        let event = Event::done(None, Action::Admin);
        let write = audit::record(&server.app, &origin, event);
        let patience = std::time::Duration::from_micros(cut_after * 60);
        let _ = tokio::time::timeout(patience, write).await;
        let job = seal::seal(&server.app, server.clock.now());
        let _ = tokio::time::timeout(patience * 10, job).await;
    }
    server.patient("jane").await;
    let report = verified(&server).await;
    assert_eq!((report.chains, faults(&report)), (1, Vec::new()));
}
