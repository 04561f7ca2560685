//! Looks for what was changed in the audit trail: edits, removals, other orders, cut tails, lost chains (AUD-2).

use std::{collections::BTreeMap, pin::Pin};

use bson::Document;
use futures_util::{
    StreamExt, TryStreamExt,
    stream::{BoxStream, Peekable},
};

use crate::{
    Platform,
    audit::{
        mac::Kind,
        record::{Covered, Seal, Trail},
        seal::{self, LOOK_BACK},
        verify_chains::{Chains, text},
    },
};
use crypto::MasterKeys;
use kernel::{clock::Timestamp, error::Result, sealed::KeyId};

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Damage {
    /// The document is not what was written.
    Altered,
    /// It was written and is not there, though its retention has not ended.
    Missing,
    /// It does not follow the one before it.
    OutOfOrder,
    /// It came when records of its time were sealed already, or its seal is gone.
    NotSealed,
    /// The chain is not in the register.
    NoHead,
    /// The register's entry of the chain is not what was written.
    HeadAltered,
    /// The register's entry names another last one than the one at that place.
    HeadDiffers,
    /// The register's entry is older than the chain.
    HeadBehind,
}

impl Damage {
    /// In words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Altered => "was altered",
            Self::Missing => "is missing",
            Self::OutOfOrder => "does not follow the one before it",
            Self::NotSealed => "is under no seal",
            Self::NoHead => "has no entry in the register of chains",
            Self::HeadAltered => "has an entry in the register that was altered",
            Self::HeadDiffers => "is not the one that the register names",
            Self::HeadBehind => "goes further than the register says",
        }
    }
}

/// The first thing that is wrong in a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The `_id` of the record or seal, or the chain's name.
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
    /// Records, seals and entries of the register whose key is of a master secret that is not set, by key id: whether
    /// they were altered cannot be said.
    pub unverifiable: BTreeMap<String, u64>,
    /// The first finding of each chain that has one.
    pub findings: BTreeMap<String, Finding>,
}

/// Seals what is not sealed yet, then walks the whole trail of the database. Works beside running instances: the register
/// is read before and after, and what they write meanwhile is no finding. `each` hears of every record.
pub async fn verify(platform: &Platform, each: impl FnMut()) -> Result<Report> {
    if let Err(error) = seal::seal(platform, platform.clock.now()).await {
        // What is in the way of the next seal is found by the walk.
        tracing::warn!(%error, "the audit trail could not be sealed before it was verified");
    }
    let (store, now) = (&platform.store, platform.clock.now());
    let heads = store.audit_heads().list().await?;
    let seals = store.audit_seals().by_place().await?.stream();
    let records = store.audit_log().by_chain().await?.stream();
    let mut verifier = Verifier::new(&platform.master, now, heads, seals);
    verifier.walk(records, each).await?;
    verifier.finish(store.audit_heads().list().await?).await
}

/// Documents as they stand in the database.
type Documents<'a> = BoxStream<'a, store::Result<Document>>;

/// Takes the records chain by chain in the order of their ids, and beside them the seals, which come in the order of
/// chain and place. Holds the records of few seals, and the register.
pub struct Verifier<'a> {
    chains: Chains<'a>,
    seals: Peekable<Documents<'a>>,
    sealed: Option<Sealed>,
}

/// The chain of seals that is being walked.
struct Sealed {
    chain: String,
    /// Covered by seals that were read, and not reached yet.
    expected: BTreeMap<String, Covered>,
    /// Reached, and covered by no seal that was read: the time and the MAC.
    early: BTreeMap<String, (Timestamp, String)>,
    /// The last record that was reached.
    reached: String,
    /// The time of the last seal that was read.
    until: Option<Timestamp>,
    /// Its key is of a master secret that is set, so that what is left of it can be sealed.
    is_known: bool,
}

impl Sealed {
    /// Whether a seal that was not read yet may cover the record.
    fn waits_for(&self, id: &str, at: Timestamp) -> bool {
        let is_near = |until| until <= at + LOOK_BACK;
        !self.expected.contains_key(id) && self.until.is_none_or(is_near)
    }
}

impl<'a> Verifier<'a> {
    /// Begins with the register as it stood before the first document was read.
    pub fn new(
        keys: &'a MasterKeys,
        now: Timestamp,
        heads: Vec<Document>,
        seals: Documents<'a>,
    ) -> Self {
        Self {
            chains: Chains::new(keys, now, heads),
            seals: seals.peekable(),
            sealed: None,
        }
    }

    /// Takes every record.
    pub async fn walk(&mut self, mut records: Documents<'_>, mut each: impl FnMut()) -> Result<()> {
        while let Some(record) = records.try_next().await? {
            self.chains.report.records += 1;
            each();
            let chain = text(&record, "chain");
            if is_sealed(&chain) {
                self.enter(&chain).await?;
                self.take(&record).await?;
            } else {
                self.leave().await?;
                self.chains.take(Kind::Chained, &chain, &record)?;
            }
        }
        Ok(())
    }

    /// Ends with the register as it stands after the last document was read.
    pub async fn finish(mut self, heads: Vec<Document>) -> Result<Report> {
        self.pass_until(|_| true).await?;
        self.chains.finish(heads)
    }

    /// Goes on to a chain of seals; those of chains before it have no records any more.
    async fn enter(&mut self, chain: &str) -> Result<()> {
        if self.sealed.as_ref().is_some_and(|now| now.chain == chain) {
            return Ok(());
        }
        self.pass_until(|next| next < chain).await?;
        self.begin(chain)
    }

    /// Leaves the chain, and walks those after it that have no records, as long as they are `before` the next one.
    async fn pass_until(&mut self, before: impl Fn(&str) -> bool) -> Result<()> {
        self.leave().await?;
        while let Some(next) = self.next_chain().await?.filter(|next| before(next)) {
            self.begin(&next)?;
            self.leave().await?;
        }
        Ok(())
    }

    fn begin(&mut self, chain: &str) -> Result<()> {
        self.chains.enter(chain)?;
        self.sealed = Some(Sealed {
            chain: chain.to_owned(),
            expected: BTreeMap::new(),
            early: BTreeMap::new(),
            reached: String::new(),
            until: None,
            is_known: chains_of(self.chains.keys).any(|known| known == chain),
        });
        Ok(())
    }

    /// The chain of the next seal.
    async fn next_chain(&mut self) -> Result<Option<String>> {
        match Pin::new(&mut self.seals).peek().await {
            Some(Ok(seal)) => {
                let id = text(seal, "_id");
                let chain = id.rsplit_once(':').map_or(id.as_str(), |(chain, _)| chain);
                Ok(Some(chain.to_owned()))
            }
            Some(Err(_)) => Ok(self.seals.try_next().await?.map(|_| String::new())),
            None => Ok(None),
        }
    }

    /// The next record of the chain.
    async fn take(&mut self, document: &Document) -> Result<()> {
        let id = text(document, "_id");
        let at = document.get_datetime("at").map(|at| at.to_chrono());
        if let Ok(at) = at {
            let waits = |now: &Sealed| now.waits_for(&id, at);
            while self.sealed.as_ref().is_some_and(waits) && self.read_seal().await? {}
        }
        let Some(now) = &mut self.sealed else {
            return Ok(());
        };
        let later = now.expected.split_off(&id);
        let passed = std::mem::replace(&mut now.expected, later);
        let covered = now.expected.remove(&id);
        now.reached.clone_from(&id);
        let chain = now.chain.clone();
        for (_, missing) in passed {
            self.miss(&chain, missing);
        }
        let is_genuine =
            is_in_place(document, &chain) && self.chains.is_genuine(Kind::Record, document)?;
        let mac = text(document, "mac");
        match (at, covered) {
            (Ok(at), None) if is_genuine => {
                if let Some(now) = &mut self.sealed {
                    now.early.insert(id, (at, mac));
                }
            }
            (Ok(_), Some(covered)) if is_genuine && covered.mac == mac => {}
            _ => self.chains.find(&chain, id, Damage::Altered),
        }
        Ok(())
    }

    /// Reads the next seal of the chain; false if there is none. A seal that was made after the register was read may
    /// cover records that were written after this walk had passed their place.
    async fn read_seal(&mut self) -> Result<bool> {
        let Some(chain) = self.sealed.as_ref().map(|now| now.chain.clone()) else {
            return Ok(false);
        };
        if self.next_chain().await?.as_ref() != Some(&chain) {
            return Ok(false);
        }
        let Some(seal) = self.seals.try_next().await? else {
            return Ok(false);
        };
        let is_genuine = self.chains.take(Kind::Seal, &chain, &seal)?;
        let seal = bson::deserialize_from_document::<Seal>(seal);
        let (true, Ok(seal), Some(now)) = (is_genuine, seal, &mut self.sealed) else {
            return Ok(true);
        };
        let is_new = match self.chains.registered() {
            Some(registered) => seal.sequence > registered,
            None => seal.at > self.chains.now,
        };
        if !is_new {
            now.until = Some(seal.at);
        }
        let mut missing = Vec::new();
        for covered in seal.records {
            match now.early.remove(&covered.id) {
                Some((_, mac)) if mac == covered.mac => {}
                Some(_) => self.chains.find(&chain, covered.id, Damage::Altered),
                None if is_new => {}
                None if covered.id <= now.reached => missing.push(covered),
                None => {
                    now.expected.insert(covered.id.clone(), covered);
                }
            }
        }
        for missing in missing {
            self.miss(&chain, missing);
        }
        Ok(true)
    }

    /// Ends the chain: reads its last seals, misses what they cover and was not there, and finds what none covers.
    async fn leave(&mut self) -> Result<()> {
        while self.read_seal().await? {}
        let Some(ended) = self.sealed.take() else {
            return Ok(());
        };
        for missing in ended.expected.into_values() {
            self.miss(&ended.chain, missing);
        }
        let until = ended.until.unwrap_or(self.chains.now).min(self.chains.now);
        for (id, (at, _)) in ended.early {
            if ended.is_known && at < until - LOOK_BACK {
                self.chains.find(&ended.chain, id, Damage::NotSealed);
            }
        }
        Ok(())
    }

    /// A record that is not there; retention may take it while the trail is walked.
    fn miss(&mut self, chain: &str, record: Covered) {
        if !self.chains.may_be_gone(record.expires_at) {
            self.chains.find(chain, record.id, Damage::Missing);
        }
    }
}

/// The chains whose key is known.
fn chains_of(keys: &MasterKeys) -> impl Iterator<Item = String> {
    let both = |key_id: &KeyId| Trail::ALL.map(|trail| trail.chain(key_id.as_str()));
    keys.ids().flat_map(both)
}

/// Whether the records of a chain are under seals; those of an earlier version are chained themselves.
fn is_sealed(chain: &str) -> bool {
    Trail::ALL
        .iter()
        .any(|trail| chain.starts_with(&trail.chain("")))
}

fn is_in_place(record: &Document, chain: &str) -> bool {
    let chains = Trail::ALL.map(|trail| trail.chain(&text(record, "key_id")));
    record.get("sequence") == record.get("_id") && chains.iter().any(|own| own == chain)
}
