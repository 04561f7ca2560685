//! Looks for what was changed in the audit trail: edits, removals, other orders, cut tails, lost chains (AUD-2).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bson::Document;
use serde::{Serialize, de::DeserializeOwned};

use super::{place, seal};
use crate::{
    app::App,
    clock::Timestamp,
    crypto::MasterKeys,
    domain::audit::{AuditRecord, ChainHead},
    error::Result,
};

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Damage {
    /// The document is not what was written.
    Altered,
    /// It was written and is not there, though its retention has not ended.
    Missing,
    /// It does not follow the one before it.
    OutOfOrder,
    /// The chain is not in the register.
    NoHead,
    /// The register's entry of the chain is not what was written.
    HeadAltered,
    /// The register's entry names another last record than the one at that place.
    HeadDiffers,
    /// The register's entry is older than the chain.
    HeadBehind,
}

impl Damage {
    /// In words.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Altered => "was altered",
            Self::Missing => "is missing",
            Self::OutOfOrder => "does not follow the record before it",
            Self::NoHead => "has no entry in the register of chains",
            Self::HeadAltered => "has an entry in the register that was altered",
            Self::HeadDiffers => "is not the record that the register names",
            Self::HeadBehind => "goes further than the register says",
        }
    }
}

/// The first thing that is wrong in a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The record's `_id`, or the chain's name.
    pub what: String,
    /// What is wrong with it.
    pub damage: Damage,
}

/// What was found.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Report {
    /// How many chains there are.
    pub chains: usize,
    /// How many records there are.
    pub records: u64,
    /// Records and entries of the register whose key is of a master secret that is not set, by key id: nobody can say
    /// whether they were altered.
    pub unverifiable: BTreeMap<String, u64>,
    /// The first finding of each chain that has one.
    pub findings: BTreeMap<String, Finding>,
}

/// Walks the whole trail of the database. Works beside running instances: the register is read before and after, and
/// what they append meanwhile is no finding. `each` hears of every record.
///
/// # Errors
/// The database does not answer.
pub async fn verify(app: &App, mut each: impl FnMut()) -> Result<Report> {
    let heads = app.store.audit_heads().list().await?;
    let mut verifier = Verifier::new(&app.master, app.clock.now(), heads);
    let mut records = app.store.audit_log().by_chain().await?;
    while let Some(record) = records.next().await? {
        verifier.take(&record)?;
        each();
    }
    verifier.finish(app.store.audit_heads().list().await?)
}

/// Takes the documents one by one, chain by chain in the order of their places. Holds one record and the heads.
#[derive(Debug)]
pub struct Verifier<'a> {
    keys: &'a MasterKeys,
    now: Timestamp,
    heads: HashMap<String, Document>,
    seen: BTreeSet<String>,
    chain: Option<Chain>,
    /// Chains that are at their end, and how far the register must say that they went, for the second look at it.
    ended: Vec<(String, i64)>,
    report: Report,
}

/// The chain that is being walked.
#[derive(Debug)]
struct Chain {
    name: String,
    /// None: it has none, or one that was altered.
    head: Option<ChainHead>,
    last: Option<AuditRecord>,
}

impl<'a> Verifier<'a> {
    /// Begins with the register of chains as it stood before the first record was read.
    #[must_use]
    pub fn new(keys: &'a MasterKeys, now: Timestamp, heads: Vec<Document>) -> Self {
        let heads: HashMap<_, _> = heads
            .into_iter()
            .map(|head| (text(&head, "_id"), head))
            .collect();
        Self {
            keys,
            now,
            heads,
            seen: BTreeSet::new(),
            chain: None,
            ended: Vec::new(),
            report: Report::default(),
        }
    }

    /// The next document.
    ///
    /// # Errors
    /// It cannot be written as BSON.
    pub fn take(&mut self, document: &Document) -> Result<()> {
        self.report.records += 1;
        let name = text(document, "chain");
        if self.chain.as_ref().is_none_or(|chain| chain.name != name) {
            self.end_chain();
            self.begin_chain(&name)?;
        }
        let Some(mut chain) = self.chain.take() else {
            return Ok(());
        };
        match self.read(&chain, document)? {
            Some(record) => {
                self.follow(&chain, &record);
                chain.last = Some(record);
            }
            None => self.find(&name, text(document, "_id"), Damage::Altered),
        }
        self.chain = Some(chain);
        Ok(())
    }

    /// Ends with the register of chains as it stands after the last record was read.
    ///
    /// # Errors
    /// A head cannot be written as BSON.
    pub fn finish(mut self, heads: Vec<Document>) -> Result<Report> {
        self.end_chain();
        let lost: Vec<String> = self
            .heads
            .keys()
            .filter(|name| !self.seen.contains(*name))
            .cloned()
            .collect();
        for name in lost {
            self.begin_chain(&name)?;
            self.end_chain();
        }
        for head in heads {
            self.heads.insert(text(&head, "_id"), head);
        }
        for (name, least) in std::mem::take(&mut self.ended) {
            // Records of one moment may stand before the head does; others are written only after that.
            match self.head(&name)? {
                Head::Good(head) | Head::Unverifiable(head) => {
                    if least > head.sequence {
                        self.find(&name, name.clone(), Damage::HeadBehind);
                    }
                }
                Head::Absent => self.find(&name, name.clone(), Damage::NoHead),
                Head::Altered => self.find(&name, name.clone(), Damage::HeadAltered),
            }
        }
        self.report.chains = self.seen.len();
        Ok(self.report)
    }

    fn begin_chain(&mut self, name: &str) -> Result<()> {
        self.seen.insert(name.to_owned());
        let head = match self.head(name)? {
            Head::Good(head) => Some(head),
            Head::Unverifiable(head) => {
                self.cannot_verify(&head.key_id);
                Some(head)
            }
            Head::Altered => {
                self.find(name, name.to_owned(), Damage::HeadAltered);
                None
            }
            // It may have begun after the register was read: the second look says.
            Head::Absent => None,
        };
        self.chain = Some(Chain {
            name: name.to_owned(),
            head,
            last: None,
        });
        Ok(())
    }

    /// The tail: everything up to the head has to be there, as long as its retention has not ended.
    fn end_chain(&mut self) {
        let Some(chain) = self.chain.take() else {
            return;
        };
        let last = chain.last.as_ref().map_or(0, |record| record.sequence);
        if let Some(head) = &chain.head
            && last < head.sequence
            && head.expires_at > self.now
        {
            self.find(&chain.name, place(&chain.name, last + 1), Damage::Missing);
        }
        let over = chain.head.is_none()
            && chain
                .last
                .as_ref()
                .is_some_and(|record| record.expires_at <= self.now);
        if !over {
            let head = chain.last.as_ref().map_or(0, AuditRecord::head_before);
            self.ended.push((chain.name, head));
        }
    }

    /// The record of a document, if it is what was written.
    fn read(&mut self, chain: &Chain, document: &Document) -> Result<Option<AuditRecord>> {
        let Some(record) = exactly::<AuditRecord>(document) else {
            return Ok(None);
        };
        // A chain is one run of one instance, whose key does not change: another key id hides an edit.
        let same_key = |head: &ChainHead| head.key_id == record.key_id;
        if record.id != place(&record.chain, record.sequence)
            || !chain.head.as_ref().is_none_or(same_key)
        {
            return Ok(None);
        }
        let Some(mac) = seal::of_record(self.keys, &record)? else {
            self.cannot_verify(&record.key_id);
            return Ok(Some(record));
        };
        Ok((mac == record.mac).then_some(record))
    }

    /// Whether a record stands where it should: after the one before it, or first after what retention took.
    fn follow(&mut self, chain: &Chain, record: &AuditRecord) {
        let (sequence, mac) = chain
            .last
            .as_ref()
            .map_or((0, ""), |last| (last.sequence, last.mac.as_str()));
        let name = &chain.name;
        if record.sequence == sequence + 1 {
            if record.previous != mac {
                self.find(name, record.id.clone(), Damage::OutOfOrder);
            }
        } else if record.sequence <= sequence {
            self.find(name, record.id.clone(), Damage::OutOfOrder);
        } else if record.previous_expires_at.is_none_or(|end| end > self.now) {
            self.find(name, place(name, sequence + 1), Damage::Missing);
        }
        if chain
            .head
            .as_ref()
            .is_some_and(|head| head.sequence == record.sequence && head.last_mac != record.mac)
        {
            self.find(name, record.id.clone(), Damage::HeadDiffers);
        }
    }

    fn head(&self, name: &str) -> Result<Head> {
        let Some(document) = self.heads.get(name) else {
            return Ok(Head::Absent);
        };
        let Some(head) = exactly::<ChainHead>(document) else {
            return Ok(Head::Altered);
        };
        Ok(match seal::of_head(self.keys, &head)? {
            None => Head::Unverifiable(head),
            Some(mac) if mac == head.mac => Head::Good(head),
            Some(_) => Head::Altered,
        })
    }

    fn cannot_verify(&mut self, key_id: &str) {
        let of_this_key = self.report.unverifiable.entry(key_id.to_owned());
        *of_this_key.or_default() += 1;
    }

    fn find(&mut self, chain: &str, what: String, damage: Damage) {
        let first = self.report.findings.entry(chain.to_owned());
        first.or_insert(Finding { what, damage });
    }
}

/// A chain's entry in the register.
enum Head {
    Good(ChainHead),
    /// Its master secret is not set.
    Unverifiable(ChainHead),
    Altered,
    Absent,
}

fn text(document: &Document, key: &str) -> String {
    document
        .get(key)
        .map(|value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        })
        .unwrap_or_default()
}

/// What a document says, if it would be written the same way: nothing more in it, nothing in another type.
fn exactly<T: Serialize + DeserializeOwned>(document: &Document) -> Option<T> {
    let read: T = bson::deserialize_from_document(document.clone()).ok()?;
    let written = bson::serialize_to_document(&read).ok()?;
    (written == *document).then_some(read)
}
