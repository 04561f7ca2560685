//! What is changed in the documents of the trail shows (AUD-2).

use bson::{Bson, Document, doc};
use clinic_auth::{
    domain::audit::{Action, place},
    domain::request::Origin,
    service::audit::{
        self, Event, seal,
        verify::{Report, Verifier},
    },
};
use futures_util::{StreamExt, stream, stream::BoxStream};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::{all, faults, id, log, records, register, sealed, seals, sort, verified, write};
use crate::harness::{PASSWORD, TestServer};

/// How many changes are tried.
const CHANGES: usize = 1500;

/// Records, seals and register, apart from the database.
#[derive(Clone)]
struct Trail {
    records: Vec<Document>,
    seals: Vec<Document>,
    heads: Vec<Document>,
    /// The register as it was earlier.
    old_heads: Vec<Document>,
}

fn by_id(rows: &mut [Document]) {
    rows.sort_by_key(|row| row.get("_id").map(ToString::to_string));
}

type Rows = BoxStream<'static, Result<Document, clinic_auth::store::StoreError>>;

fn rows(documents: &[Document]) -> Rows {
    stream::iter(documents.to_vec()).map(Ok).boxed()
}

impl Trail {
    /// What two instances wrote and sealed.
    async fn written() -> (TestServer, Self) {
        let server = TestServer::start().await;
        let other = server.another().await;
        server.patient("jane").await;
        other.patient("john").await;
        sealed(&server).await;
        let old_heads = all(&register(&server)).await;
        for instance in [&server, &other, &server, &other] {
            instance.login("jane", "not the password").await.expect(401);
            instance.login("john", PASSWORD).await.expect(200);
            sealed(instance).await;
        }
        let mut trail = Self {
            records: records(&server).await,
            seals: all(&seals(&server)).await,
            heads: all(&register(&server)).await,
            old_heads,
        };
        by_id(&mut trail.seals);
        (server, trail)
    }

    async fn report(&mut self, server: &TestServer) -> Report {
        sort(&mut self.records);
        by_id(&mut self.seals);
        let (keys, heads) = (&server.app.master, self.heads.clone());
        let now = server.clock.now();
        let mut verifier = Verifier::new(keys, now, heads.clone(), rows(&self.seals));
        verifier.walk(rows(&self.records), || {}).await.unwrap();
        verifier.finish(heads).await.unwrap()
    }

    /// One change; what was done.
    fn change(&mut self, rng: &mut StdRng) -> String {
        let one = rng.random_range(0..self.records.len());
        let other = (one + rng.random_range(1..self.records.len())) % self.records.len();
        let seal = rng.random_range(0..self.seals.len());
        let head = rng.random_range(0..self.heads.len());
        let chain = id(&self.heads[head]).to_owned();
        match rng.random_range(0..19) {
            0..=3 => edit(&mut self.records[one], rng),
            4 => add_field(&mut self.records[one]),
            5 => remove_field(&mut self.records[one], rng),
            6 => {
                let removed = self.records.remove(one);
                format!("removed {}", id(&removed))
            }
            7 => self.exchange(one, other, &["_id", "chain", "sequence"]),
            8 => self.exchange(one, other, &["_id", "chain", "sequence", "mac"]),
            9 => self.cut_tail(&chain, rng.random_range(1..4)),
            10 => self.cut_tail(&chain, usize::MAX),
            11 => {
                self.heads.remove(head);
                format!("removed the head of {chain}")
            }
            12 => edit(&mut self.heads[head], rng),
            13 => self.cut_tail_and_fit_head(head, rng),
            14 => self.put_back_or_copy(one, head, rng),
            15 => edit(&mut self.seals[seal], rng),
            16 => remove_field(&mut self.seals[seal], rng),
            17 => {
                let removed = self.seals.remove(seal);
                format!("removed {}", id(&removed))
            }
            _ => self.forget(seal, rng),
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

    /// Removes the last seals of a chain, and the records under them.
    fn cut_tail(&mut self, chain: &str, count: usize) -> String {
        let of_chain = |seal: &Document| seal.get_str("chain").unwrap() == chain;
        let length = self.seals.iter().filter(|seal| of_chain(seal)).count();
        let kept = i64::try_from(length.saturating_sub(count)).unwrap();
        let is_cut = |seal: &Document| of_chain(seal) && seal.get_i64("sequence").unwrap() > kept;
        let cut: Vec<String> = self
            .seals
            .iter()
            .filter(|seal| is_cut(seal))
            .flat_map(under)
            .collect();
        self.records
            .retain(|record| !cut.contains(&id(record).to_owned()));
        self.seals.retain(|seal| !is_cut(seal));
        format!("cut {chain} after {kept}")
    }

    /// Cuts a chain, and has its head say that this is its end.
    fn cut_tail_and_fit_head(&mut self, head: usize, rng: &mut StdRng) -> String {
        let chain = id(&self.heads[head]).to_owned();
        let count = if rng.random_bool(0.5) { 2 } else { usize::MAX };
        let cut = self.cut_tail(&chain, count);
        let of_chain = |seal: &&Document| seal.get_str("chain").unwrap() == chain;
        let last = self.seals.iter().rfind(of_chain);
        let sequence = last.map_or(0, |last| last.get_i64("sequence").unwrap());
        let mac = last.map_or("", |last| last.get_str("mac").unwrap());
        self.heads[head].insert("sequence", sequence);
        if rng.random_bool(0.5) {
            self.heads[head].insert("last_mac", mac);
        }
        format!("{cut}, and the head with it")
    }

    fn put_back_or_copy(&mut self, one: usize, head: usize, rng: &mut StdRng) -> String {
        if rng.random_bool(0.5) {
            let chain = id(&self.heads[head]).to_owned();
            let old = self.old_heads.iter().find(|old| id(old) == chain);
            self.heads[head] = old.unwrap().clone();
            return format!("put an older head of {chain} back");
        }
        let mut copy = self.records[one].clone();
        let other = format!("{}0", id(&copy));
        copy.extend(doc! { "_id": &other, "sequence": &other });
        self.records.push(copy);
        format!("copied {} to {other}", id(&self.records[one]))
    }

    /// Removes a record and its name from the seal.
    fn forget(&mut self, seal: usize, rng: &mut StdRng) -> String {
        let ids = under(&self.seals[seal]);
        let gone = &ids[rng.random_range(0..ids.len())];
        self.records.retain(|record| id(record) != gone);
        let kept = self.seals[seal].get_array_mut("records").unwrap();
        kept.retain(|covered| covered.as_document().unwrap().get_str("id").unwrap() != gone);
        format!("removed {gone} from its seal as well")
    }
}

/// The ids of the records that a seal covers.
fn under(seal: &Document) -> Vec<String> {
    let records = seal.get_array("records").unwrap().iter();
    let id = |covered: &Bson| {
        covered
            .as_document()
            .unwrap()
            .get_str("id")
            .unwrap()
            .to_owned()
    };
    records.map(id).collect()
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
        Bson::Array(mut rows) => {
            let row = rng.random_range(0..rows.len());
            let Bson::Document(covered) = &mut rows[row] else {
                panic!("{key} holds something else");
            };
            let place = rng.random_range(0..covered.len());
            let field = covered.keys().nth(place).unwrap().clone();
            covered.insert(field, "x");
            Bson::Array(rows)
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
    let chain = server.app.master.current_id().as_str();
    let chain = clinic_auth::domain::audit::Trail::Main.chain(chain);
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
