//! Whatever somebody does to the documents of the trail shows (AUD-2).

use bson::{Bson, Document, doc};
use clinic_auth::{
    domain::{audit::Action, request::Origin},
    service::audit::{
        self, Event,
        verify::{Report, Verifier},
    },
};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::{all, id, log, records, register, sort, verified};
use crate::harness::{PASSWORD, TestServer};

/// How many changes are tried.
const CHANGES: usize = 1500;

/// Records and register, apart from the database.
#[derive(Clone)]
struct Trail {
    records: Vec<Document>,
    heads: Vec<Document>,
    /// The register as it was earlier.
    old_heads: Vec<Document>,
}

impl Trail {
    /// What two instances wrote.
    async fn written() -> (TestServer, Self) {
        let server = TestServer::start().await;
        let other = server.another().await;
        server.patient("jane").await;
        other.patient("john").await;
        let old_heads = all(&register(&server)).await;
        for instance in [&server, &other, &server, &other] {
            instance.login("jane", "not the password").await.expect(401);
            instance.login("john", PASSWORD).await.expect(200);
        }
        let trail = Self {
            records: records(&server).await,
            heads: all(&register(&server)).await,
            old_heads,
        };
        (server, trail)
    }

    fn report(&mut self, server: &TestServer) -> Report {
        sort(&mut self.records);
        let heads = self.heads.clone();
        let mut verifier = Verifier::new(&server.app.master, server.clock.now(), heads.clone());
        for record in &self.records {
            verifier.take(record).unwrap();
        }
        verifier.finish(heads).unwrap()
    }

    /// One change; what was done.
    fn change(&mut self, rng: &mut StdRng) -> String {
        let one = rng.random_range(0..self.records.len());
        let other = (one + rng.random_range(1..self.records.len())) % self.records.len();
        let head = rng.random_range(0..self.heads.len());
        let chain = self.heads[head].get_str("_id").unwrap().to_owned();
        match rng.random_range(0..15) {
            0..=3 => edit(&mut self.records[one], rng),
            4 => add_field(&mut self.records[one]),
            5 => remove_field(&mut self.records[one], rng),
            6 => {
                let removed = self.records.remove(one);
                format!("removed {}", id(&removed))
            }
            7 => self.exchange(one, other, &["_id", "chain", "sequence"]),
            8 => self.exchange(one, other, &["_id", "chain", "sequence", "previous", "mac"]),
            9 => self.cut_tail(&chain, rng.random_range(1..6)),
            10 => self.cut_tail(&chain, usize::MAX),
            11 => {
                self.heads.remove(head);
                format!("removed the head of {chain}")
            }
            12 => edit(&mut self.heads[head], rng),
            13 => self.cut_tail_and_fit_head(head, rng),
            _ => self.put_back_or_copy(one, head, rng),
        }
    }

    /// Exchanges everything but the places of two records.
    fn exchange(&mut self, one: usize, other: usize, kept: &[&str]) -> String {
        let (mut first, mut second) = (self.records[other].clone(), self.records[one].clone());
        for key in kept {
            first.insert(*key, self.records[one].get(key).unwrap().clone());
            second.insert(*key, self.records[other].get(key).unwrap().clone());
        }
        let done = format!("exchanged {} and {}", id(&first), id(&second));
        (self.records[one], self.records[other]) = (first, second);
        done
    }

    fn cut_tail(&mut self, chain: &str, count: usize) -> String {
        let mine = |record: &Document| record.get_str("chain").unwrap_or_default() == chain;
        let length = self.records.iter().filter(|record| mine(record)).count();
        let kept = i64::try_from(length.saturating_sub(count)).unwrap();
        self.records
            .retain(|record| !mine(record) || record.get_i64("sequence").unwrap() <= kept);
        format!("cut {chain} after {kept}")
    }

    /// Cuts a chain, and has its head say that this is its end.
    fn cut_tail_and_fit_head(&mut self, head: usize, rng: &mut StdRng) -> String {
        let chain = self.heads[head].get_str("_id").unwrap().to_owned();
        let count = if rng.random_bool(0.5) { 2 } else { usize::MAX };
        let cut = self.cut_tail(&chain, count);
        let of_chain = |record: &&Document| record.get_str("chain").unwrap_or_default() == chain;
        let last = self.records.iter().rfind(of_chain);
        let sequence = last.map_or(0, |last| last.get_i64("sequence").unwrap());
        let mac = last
            .map_or("", |last| last.get_str("mac").unwrap())
            .to_owned();
        self.heads[head].insert("sequence", sequence);
        if rng.random_bool(0.5) {
            self.heads[head].insert("last_mac", mac);
        }
        format!("{cut}, and the head with it")
    }

    fn put_back_or_copy(&mut self, one: usize, head: usize, rng: &mut StdRng) -> String {
        if rng.random_bool(0.5) {
            let chain = self.heads[head].get_str("_id").unwrap().to_owned();
            let old = self
                .old_heads
                .iter()
                .find(|old| old.get_str("_id").unwrap_or_default() == chain);
            self.heads[head] = old.unwrap().clone();
            return format!("put an older head of {chain} back");
        }
        let mut copy = self.records[one].clone();
        let (chain, sequence) = (copy.get_str("chain").unwrap().to_owned(), 900);
        copy.insert("_id", audit::place(&chain, sequence));
        copy.insert("sequence", sequence);
        self.records.push(copy);
        format!("copied {} to {sequence}", id(&self.records[one]))
    }
}

fn edit(document: &mut Document, rng: &mut StdRng) -> String {
    let key = any_key(document, rng);
    let changed = match document.get(&key).unwrap().clone() {
        Bson::String(text) if text.is_empty() => Bson::String("x".to_owned()),
        Bson::String(text) => {
            let place = rng.random_range(0..text.len());
            let other = if text.as_bytes()[place] == b'0' {
                "1"
            } else {
                "0"
            };
            Bson::String(format!("{}{other}{}", &text[..place], &text[place + 1..]))
        }
        Bson::Int64(number) => Bson::Int64(number + [-2, -1, 1, 2][rng.random_range(0..4)]),
        Bson::DateTime(date) => {
            let by = rng.random_range(1..100_000);
            Bson::DateTime(bson::DateTime::from_millis(date.timestamp_millis() - by))
        }
        other => panic!("{key} is {other}"),
    };
    let done = format!("edited {key} of {}", id(document));
    document.insert(&key, changed);
    done
}

fn add_field(document: &mut Document) -> String {
    let key = ["actor", "subject", "detail"]
        .into_iter()
        .find(|key| !document.contains_key(key));
    let (key, value) = key.map_or(("note", Bson::Null), |key| (key, "PAT00000001".into()));
    document.insert(key, value);
    format!("added {key} to {}", id(document))
}

fn remove_field(document: &mut Document, rng: &mut StdRng) -> String {
    let key = any_key(document, rng);
    let done = format!("removed {key} from {}", id(document));
    document.remove(&key);
    done
}

fn any_key(document: &Document, rng: &mut StdRng) -> String {
    let place = rng.random_range(0..document.len());
    document.keys().nth(place).unwrap().clone()
}

#[tokio::test]
async fn every_one_of_many_random_changes_is_found() {
    // AUD-2
    let (server, trail) = Trail::written().await;
    assert_eq!(trail.clone().report(&server).findings.len(), 0);
    let mut rng = StdRng::seed_from_u64(42);
    for _ in 0..CHANGES {
        let mut changed = trail.clone();
        let done = changed.change(&mut rng);
        assert!(!changed.report(&server).findings.is_empty(), "{done}");
    }
}

#[tokio::test]
async fn the_first_altered_record_of_each_chain_is_named() {
    // AUD-2
    let (server, mut trail) = Trail::written().await;
    let chains: Vec<String> = trail.heads.iter().map(|head| id(head).to_owned()).collect();
    for record in &mut trail.records {
        if record.get_i64("sequence").unwrap() >= 3 {
            record.insert("outcome", "failure");
            record.insert("detail", "changed");
        }
    }
    let report = trail.report(&server);
    let named: Vec<&str> = report
        .findings
        .values()
        .map(|finding| finding.what.as_str())
        .collect();
    let mut thirds: Vec<String> = chains.iter().map(|chain| audit::place(chain, 3)).collect();
    thirds.sort();
    assert_eq!(named, thirds);
}

#[tokio::test]
async fn genuine_records_of_two_histories_are_no_chain() {
    // AUD-2: a database that was set back lets an instance write a place of its chain a second time.
    let (server, _) = Trail::written().await;
    let before = server.app.audit.lock().await.clone();
    let next = audit::place(&before.name, before.sequence + 1);
    server.login("jane", "not the password").await.expect(401);
    let other_next = log(&server).find_one(doc! { "_id": &next }).await.unwrap();
    log(&server)
        .delete_one(doc! { "_id": &next })
        .await
        .unwrap();
    *server.app.audit.lock().await = before.clone();
    server.login("john", "not the password").await.expect(401);
    server.login("john", PASSWORD).await.expect(200);
    log(&server)
        .replace_one(doc! { "_id": &next }, other_next.unwrap())
        .await
        .unwrap();
    let after = audit::place(&before.name, before.sequence + 2);
    let found = super::faults(&verified(&server).await);
    assert_eq!(found, [format!("{after} OutOfOrder")]);
}

#[tokio::test]
async fn a_head_may_be_one_record_behind_and_no_more() {
    // AUD-2: an instance that died between the two writes leaves it so.
    let server = TestServer::start().await;
    let early = all(&register(&server)).await.remove(0);
    server.login("nobody", PASSWORD).await.expect(401);
    let rewind = async || {
        let chain = doc! { "_id": id(&early) };
        register(&server).replace_one(chain, &early).await.unwrap();
        super::faults(&verified(&server).await)
    };
    assert_eq!(rewind().await, Vec::<String>::new());
    server.login("nobody", PASSWORD).await.expect(401);
    assert_eq!(rewind().await, [format!("{} HeadBehind", id(&early))]);
}

#[tokio::test]
async fn another_key_id_does_not_hide_an_edit() {
    // AUD-2, KEY-2
    let (server, mut trail) = Trail::written().await;
    trail.records[1].insert("key_id", "AAAAAAAA");
    trail.records[1].insert("ip", "192.0.2.1");
    let report = trail.report(&server);
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
    trail
        .records
        .retain(|record| record.get_str("chain").unwrap() != chain);
    let report = trail.report(&server);
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
    let report = verified(&server).await;
    let mut found = super::faults(&report);
    found.sort();
    let mut wanted = [format!("{second} Altered"), format!("{last} Missing")];
    wanted.sort();
    assert_eq!(found, wanted);
}

#[tokio::test]
async fn records_written_while_verify_walks_are_no_fault() {
    // AUD-2
    let server = TestServer::start().await;
    let writes = async {
        for _ in 0..20 {
            server.login("nobody", PASSWORD).await;
        }
    };
    let looks = async {
        for _ in 0..20 {
            assert_eq!(
                super::faults(&verified(&server).await),
                Vec::<String>::new()
            );
        }
    };
    tokio::join!(writes, looks);
}

#[tokio::test]
async fn a_write_that_was_cut_off_leaves_the_chain_whole() {
    // AUD-2, DB-3: the request goes away at any moment between the first write and the last.
    let server = TestServer::start().await;
    for cut_after in 0..40 {
        let origin = Origin::of_the_service("cut".to_owned(), server.clock.now());
        let event = Event::done(None, Action::Admin);
        let write = audit::record(&server.app, &origin, event);
        let patience = std::time::Duration::from_micros(cut_after * 60);
        let _ = tokio::time::timeout(patience, write).await;
    }
    server.patient("jane").await;
    let report = verified(&server).await;
    assert_eq!((report.chains, super::faults(&report)), (1, Vec::new()));
}
