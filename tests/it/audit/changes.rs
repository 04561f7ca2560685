//! Random changes of a trail. They are made in memory, not in the database.

use bson::{Bson, Document, doc};
use futures_util::{StreamExt, stream, stream::BoxStream};
use platform::audit::verify::{Report, Verifier};
use rand::{RngExt, rngs::StdRng};

use super::{all, id, records, register, seal_now, seals, sort};
use crate::harness::{PASSWORD, TestServer};

/// A copy of the records, the seals and the heads in memory.
#[derive(Clone)]
pub(super) struct Trail {
    pub(super) records: Vec<Document>,
    pub(super) seals: Vec<Document>,
    pub(super) heads: Vec<Document>,
    /// The heads at an earlier time.
    old_heads: Vec<Document>,
}

fn sort_by_id(rows: &mut [Document]) {
    rows.sort_by_key(|row| row.get("_id").map(ToString::to_string));
}

type Rows = BoxStream<'static, Result<Document, store::StoreError>>;

fn rows(documents: &[Document]) -> Rows {
    stream::iter(documents.to_vec()).map(Ok).boxed()
}

impl Trail {
    /// A trail that two instances wrote and sealed.
    pub(super) async fn written() -> (TestServer, Self) {
        let server = TestServer::start().await;
        let other = server.another().await;
        server.patient("jane").await;
        other.patient("john").await;
        seal_now(&server).await;
        let old_heads = all(&register(&server)).await;
        for instance in [&server, &other, &server, &other] {
            instance.login("jane", "not the password").await.expect(401);
            instance.login("john", PASSWORD).await.expect(200);
            seal_now(instance).await;
        }
        let mut trail = Self {
            records: records(&server).await,
            seals: all(&seals(&server)).await,
            heads: all(&register(&server)).await,
            old_heads,
        };
        sort_by_id(&mut trail.seals);
        (server, trail)
    }

    pub(super) async fn report(&mut self, server: &TestServer) -> Report {
        sort(&mut self.records);
        sort_by_id(&mut self.seals);
        let (keys, heads) = (&server.app.master, self.heads.clone());
        let now = server.clock.now();
        let mut verifier = Verifier::new(keys, now, heads.clone(), rows(&self.seals));
        verifier.walk(rows(&self.records), || {}).await.unwrap();
        verifier.finish(heads).await.unwrap()
    }

    /// Makes one random change, and returns a description of it.
    pub(super) fn change(&mut self, rng: &mut StdRng) -> String {
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

    /// Exchanges two records, except the fields `kept`.
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

    /// Removes the last seals of a chain, and the records that they cover.
    fn cut_tail(&mut self, chain: &str, count: usize) -> String {
        let of_chain = |seal: &Document| seal.get_str("chain").unwrap() == chain;
        let length = self.seals.iter().filter(|seal| of_chain(seal)).count();
        let kept = i64::try_from(length.saturating_sub(count)).unwrap();
        let is_cut = |seal: &Document| of_chain(seal) && seal.get_i64("sequence").unwrap() > kept;
        let cut: Vec<String> = self
            .seals
            .iter()
            .filter(|seal| is_cut(seal))
            .flat_map(covered_ids)
            .collect();
        self.records
            .retain(|record| !cut.contains(&id(record).to_owned()));
        self.seals.retain(|seal| !is_cut(seal));
        format!("cut {chain} after {kept}")
    }

    /// Cuts a chain, and changes its head to name the new end.
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

    /// Removes a record, and its entry from the seal.
    fn forget(&mut self, seal: usize, rng: &mut StdRng) -> String {
        let ids = covered_ids(&self.seals[seal]);
        let gone = &ids[rng.random_range(0..ids.len())];
        self.records.retain(|record| id(record) != gone);
        let kept = self.seals[seal].get_array_mut("records").unwrap();
        kept.retain(|covered| covered.as_document().unwrap().get_str("id").unwrap() != gone);
        format!("removed {gone} from its seal as well")
    }
}

/// The ids of the records that a seal covers.
pub(super) fn covered_ids(seal: &Document) -> Vec<String> {
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
    let key = random_key(document, rng);
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
    let key = random_key(document, rng);
    let done = format!("removed {key} from {}", id(document));
    document.remove(&key);
    done
}

fn random_key(document: &Document, rng: &mut StdRng) -> String {
    let place = rng.random_range(0..document.len());
    document.keys().nth(place).unwrap().clone()
}
