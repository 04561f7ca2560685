//! Walks chains: of seals, and of the chained records that an earlier version wrote (AUD-2). Each link names the MAC of
//! the one before, and the register says how far the chain has come.

use std::collections::{BTreeSet, HashMap};

use bson::Document;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    mac::{self, Kind},
    verify::{Damage, Finding, Report},
};
use crate::{
    clock::Timestamp,
    crypto::MasterKeys,
    domain::{
        audit::{Action, ChainHead, Outcome, Seal, place},
        stored::{optional_time, time, whole},
    },
    error::Result,
};

/// A record of an earlier version, whose instances wrote a chain of records each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ChainedRecord {
    #[serde(rename = "_id")]
    id: String,
    chain: String,
    #[serde(deserialize_with = "whole")]
    sequence: i64,
    #[serde(with = "time")]
    at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    actor: Option<String>,
    action: Action,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    outcome: Outcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    ip: String,
    user_agent: String,
    request_id: String,
    key_id: String,
    previous: String,
    #[serde(
        default,
        with = "optional_time",
        skip_serializing_if = "Option::is_none"
    )]
    previous_expires_at: Option<Timestamp>,
    /// What the head said when this was written; absent if that was the record before. Records of one moment were
    /// written together, and the head after them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    written_after: Option<i64>,
    mac: String,
    #[serde(with = "time")]
    expires_at: Timestamp,
}

/// What a member of a chain says about its place.
#[derive(Debug)]
pub(super) struct Link {
    id: String,
    chain: String,
    sequence: i64,
    key_id: String,
    mac: String,
    previous: String,
    previous_expires_at: Option<Timestamp>,
    expires_at: Timestamp,
    /// The register said this when it was written, and says no less since.
    head_before: i64,
}

/// A member of a chain.
pub(super) trait Linked: Serialize + DeserializeOwned {
    const KIND: Kind;
    fn link(&self) -> Link;
}

impl Linked for Seal {
    const KIND: Kind = Kind::Seal;

    fn link(&self) -> Link {
        Link {
            id: self.id.clone(),
            chain: self.chain.clone(),
            sequence: self.sequence,
            key_id: self.key_id.clone(),
            mac: self.mac.clone(),
            previous: self.previous.clone(),
            previous_expires_at: self.previous_expires_at,
            expires_at: self.expires_at,
            head_before: self.sequence - 1,
        }
    }
}

impl Linked for ChainedRecord {
    const KIND: Kind = Kind::Chained;

    fn link(&self) -> Link {
        Link {
            id: self.id.clone(),
            chain: self.chain.clone(),
            sequence: self.sequence,
            key_id: self.key_id.clone(),
            mac: self.mac.clone(),
            previous: self.previous.clone(),
            previous_expires_at: self.previous_expires_at,
            expires_at: self.expires_at,
            head_before: self.written_after.unwrap_or(self.sequence - 1),
        }
    }
}

/// Takes chains one after the other, each in the order of its places. Holds one link and the register.
#[derive(Debug)]
pub(super) struct Chains<'a> {
    pub(super) keys: &'a MasterKeys,
    pub(super) now: Timestamp,
    heads: HashMap<String, Document>,
    seen: BTreeSet<String>,
    chain: Option<Chain>,
    /// Chains that are at their end, and how far the register must say that they went, for the second look at it.
    ended: Vec<(String, i64)>,
    pub(super) report: Report,
}

/// The chain that is being walked.
#[derive(Debug)]
struct Chain {
    name: String,
    /// `None` if it has none, or one that was altered.
    head: Option<ChainHead>,
    last: Option<Link>,
}

/// A chain's entry in the register.
enum Head {
    Good(ChainHead),
    /// Its master secret is not set.
    Unverifiable(ChainHead),
    Altered,
    Absent,
}

impl<'a> Chains<'a> {
    /// Begins with the register as it stood before the first document was read.
    pub(super) fn new(keys: &'a MasterKeys, now: Timestamp, heads: Vec<Document>) -> Self {
        Self {
            keys,
            now,
            heads: by_chain(heads).collect(),
            seen: BTreeSet::new(),
            chain: None,
            ended: Vec::new(),
            report: Report::default(),
        }
    }

    /// Goes on to the chain `name`.
    pub(super) fn enter(&mut self, name: &str) -> Result<()> {
        if self.chain.as_ref().is_some_and(|chain| chain.name == name) {
            return Ok(());
        }
        self.end_chain();
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

    /// The place that the register names for the chain that is being walked.
    pub(super) fn registered(&self) -> Option<i64> {
        let head = self.chain.as_ref()?.head.as_ref()?;
        Some(head.sequence)
    }

    /// The next document of the chain `name`; what it says, if it is what was written.
    pub(super) fn take<T: Linked>(&mut self, name: &str, document: &Document) -> Result<Option<T>> {
        self.enter(name)?;
        let Some(mut chain) = self.chain.take() else {
            return Ok(None);
        };
        let read: Option<T> = self.read(&chain, document)?;
        match &read {
            Some(read) => {
                let link = read.link();
                self.follow(&chain, &link);
                chain.last = Some(link);
            }
            None => self.find(name, text(document, "_id"), Damage::Altered),
        }
        self.chain = Some(chain);
        Ok(read)
    }

    /// Ends with the register as it stands after the last document was read.
    pub(super) fn finish(mut self, heads: Vec<Document>) -> Result<Report> {
        self.end_chain();
        let unseen = |name: &&String| !self.seen.contains(*name);
        let lost: Vec<String> = self.heads.keys().filter(unseen).cloned().collect();
        let empty = lost.len();
        for name in lost {
            self.enter(&name)?;
            self.end_chain();
        }
        self.heads.extend(by_chain(heads));
        for (name, least) in std::mem::take(&mut self.ended) {
            // Links of one moment may stand before the head does; others are written only after that.
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
        self.report.chains = self.seen.len() - empty;
        Ok(self.report)
    }

    /// The tail: everything up to the head has to be there, as long as its retention has not ended.
    fn end_chain(&mut self) {
        let Some(chain) = self.chain.take() else {
            return;
        };
        let last = chain.last.as_ref().map_or(0, |last| last.sequence);
        if let Some(head) = &chain.head
            && last < head.sequence
            && head.expires_at > self.now
        {
            self.find(&chain.name, place(&chain.name, last + 1), Damage::Missing);
        }
        let ended = |last: &Link| last.expires_at <= self.now;
        let is_over = chain.head.is_none() && chain.last.as_ref().is_some_and(ended);
        if !is_over {
            let least = chain.last.map_or(0, |last| last.head_before);
            self.ended.push((chain.name, least));
        }
    }

    fn read<T: Linked>(&mut self, chain: &Chain, document: &Document) -> Result<Option<T>> {
        let Some(read) = exactly::<T>(document) else {
            return Ok(None);
        };
        let link = read.link();
        // The key of a chain does not change: another key id hides an edit.
        let same_key = |head: &ChainHead| head.key_id == link.key_id;
        if link.chain != chain.name
            || link.id != place(&link.chain, link.sequence)
            || !chain.head.as_ref().is_none_or(same_key)
        {
            return Ok(None);
        }
        let is_genuine = self.is_genuine(T::KIND, &link.key_id, &link.mac, &read)?;
        Ok(is_genuine.then_some(read))
    }

    /// Whether the MAC is right; one that nobody can check is counted, and passes.
    pub(super) fn is_genuine(
        &mut self,
        kind: Kind,
        key_id: &str,
        mac: &str,
        what: &impl Serialize,
    ) -> Result<bool> {
        let Some(right) = mac::of(self.keys, kind, what)? else {
            self.cannot_verify(key_id);
            return Ok(true);
        };
        Ok(right == mac)
    }

    /// Whether a link stands where it should: after the one before it, or first after what retention took.
    fn follow(&mut self, chain: &Chain, link: &Link) {
        let (sequence, mac) = chain
            .last
            .as_ref()
            .map_or((0, ""), |last| (last.sequence, last.mac.as_str()));
        let name = &chain.name;
        if link.sequence == sequence + 1 {
            if link.previous != mac {
                self.find(name, link.id.clone(), Damage::OutOfOrder);
            }
        } else if link.sequence <= sequence {
            self.find(name, link.id.clone(), Damage::OutOfOrder);
        } else if link.previous_expires_at.is_none_or(|end| end > self.now) {
            self.find(name, place(name, sequence + 1), Damage::Missing);
        }
        let other_mac =
            |head: &ChainHead| head.sequence == link.sequence && head.last_mac != link.mac;
        if chain.head.as_ref().is_some_and(other_mac) {
            self.find(name, link.id.clone(), Damage::HeadDiffers);
        }
    }

    fn head(&self, name: &str) -> Result<Head> {
        let Some(document) = self.heads.get(name) else {
            return Ok(Head::Absent);
        };
        let Some(head) = exactly::<ChainHead>(document) else {
            return Ok(Head::Altered);
        };
        Ok(match mac::of(self.keys, Kind::Head, &head)? {
            None => Head::Unverifiable(head),
            Some(mac) if mac == head.mac => Head::Good(head),
            Some(_) => Head::Altered,
        })
    }

    fn cannot_verify(&mut self, key_id: &str) {
        let of_this_key = self.report.unverifiable.entry(key_id.to_owned());
        *of_this_key.or_default() += 1;
    }

    pub(super) fn find(&mut self, chain: &str, what: String, damage: Damage) {
        let first = self.report.findings.entry(chain.to_owned());
        first.or_insert(Finding { what, damage });
    }
}

fn by_chain(heads: Vec<Document>) -> impl Iterator<Item = (String, Document)> {
    heads.into_iter().map(|head| (text(&head, "_id"), head))
}

/// A field as text, whatever it is.
pub(super) fn text(document: &Document, key: &str) -> String {
    let value = document.get(key);
    value.map_or_else(String::new, |value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    })
}

/// What a document says, if it would be written the same way: nothing more in it, nothing in another type.
pub(super) fn exactly<T: Serialize + DeserializeOwned>(document: &Document) -> Option<T> {
    let read: T = bson::deserialize_from_document(document.clone()).ok()?;
    let written = bson::serialize_to_document(&read).ok()?;
    (written == *document).then_some(read)
}
