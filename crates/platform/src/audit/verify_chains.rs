//! Walks chains: of seals, and of the chained records that an earlier version wrote (AUD-2). Each link names the MAC of
//! the one before, and the register says how far the chain has come.

use std::{
    collections::{BTreeSet, HashMap},
    time::Instant,
};

use bson::{Bson, Document};
use chrono::Duration;

use crate::audit::{
    mac::{self, Kind},
    record::{ChainHead, place},
    seal::LOOK_BACK,
    verify::{Damage, Finding, Report},
};
use crypto::MasterKeys;
use kernel::{clock::Timestamp, error::Result};

/// What a member of a chain says about its place. It is read from the document as it stands, which the MAC covers.
struct Link {
    id: String,
    sequence: i64,
    key_id: String,
    mac: String,
    previous: String,
    previous_expires_at: Option<Timestamp>,
    expires_at: Timestamp,
    /// The register said this when it was written, and says no less since. Records of one moment were written together
    /// by an earlier version, and the head after them.
    head_before: i64,
}

impl Link {
    fn read(document: &Document) -> Option<Self> {
        let text = |key| document.get_str(key).ok().map(str::to_owned);
        let time = |key| document.get_datetime(key).ok().map(|time| time.to_chrono());
        let sequence = document.get_i64("sequence").ok()?;
        Some(Self {
            id: text("_id")?,
            sequence,
            key_id: text("key_id")?,
            mac: text("mac")?,
            previous: text("previous")?,
            previous_expires_at: time("previous_expires_at"),
            expires_at: time("expires_at")?,
            head_before: document.get_i64("written_after").unwrap_or(sequence - 1),
        })
    }
}

/// Takes chains one after the other, each in the order of its places. Holds one link and the register.
pub(crate) struct Chains<'a> {
    pub(crate) keys: &'a MasterKeys,
    pub(crate) now: Timestamp,
    began: Instant,
    heads: HashMap<String, Document>,
    seen: BTreeSet<String>,
    chain: Option<Chain>,
    /// Chains that are at their end, and how far the register must say that they went, for the second look at it.
    ended: Vec<(String, i64)>,
    pub(crate) report: Report,
}

/// The chain that is being walked.
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
    pub(crate) fn new(keys: &'a MasterKeys, now: Timestamp, heads: Vec<Document>) -> Self {
        Self {
            keys,
            now,
            began: Instant::now(),
            heads: by_chain(heads).collect(),
            seen: BTreeSet::new(),
            chain: None,
            ended: Vec::new(),
            report: Report::default(),
        }
    }

    /// Goes on to the chain `name`.
    pub(crate) fn enter(&mut self, name: &str) -> Result<()> {
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
    pub(crate) fn registered(&self) -> Option<i64> {
        let head = self.chain.as_ref()?.head.as_ref()?;
        Some(head.sequence)
    }

    /// The next document of the chain `name`; whether it is what was written.
    pub(crate) fn take(&mut self, kind: Kind, name: &str, document: &Document) -> Result<bool> {
        self.enter(name)?;
        let Some(mut chain) = self.chain.take() else {
            return Ok(false);
        };
        let link = self.read(kind, &chain, document)?;
        let is_genuine = link.is_some();
        if let Some(link) = link {
            self.follow(&chain, &link);
            chain.last = Some(link);
        } else {
            self.find(name, text(document, "_id"), Damage::Altered);
        }
        self.chain = Some(chain);
        Ok(is_genuine)
    }

    /// Ends with the register as it stands after the last document was read.
    pub(crate) fn finish(mut self, heads: Vec<Document>) -> Result<Report> {
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
            && !self.may_be_gone(head.expires_at)
        {
            self.find(&chain.name, place(&chain.name, last + 1), Damage::Missing);
        }
        let ended = |last: &Link| self.may_be_gone(last.expires_at);
        let is_over = chain.head.is_none() && chain.last.as_ref().is_some_and(ended);
        if !is_over {
            let named = chain.last.map_or(0, |last| last.head_before);
            self.ended.push((chain.name, named));
        }
    }

    fn read(&mut self, kind: Kind, chain: &Chain, document: &Document) -> Result<Option<Link>> {
        // The key of a chain does not change: another key id hides an edit.
        let same_key = |link: &Link| {
            let head = chain.head.as_ref();
            head.is_none_or(|head| head.key_id == link.key_id)
        };
        let in_place = |link: &Link| link.id == place(&chain.name, link.sequence);
        let link = Link::read(document).filter(|link| in_place(link) && same_key(link));
        let is_genuine = link.is_some() && self.is_genuine(kind, document)?;
        Ok(link.filter(|_| is_genuine))
    }

    /// Whether the MAC is right. One whose key is not set is counted, and passes.
    pub(crate) fn is_genuine(&mut self, kind: Kind, document: &Document) -> Result<bool> {
        let Some(right) = mac::of(self.keys, kind, document)? else {
            self.cannot_verify(&text(document, "key_id"));
            return Ok(true);
        };
        Ok(document.get_str("mac").is_ok_and(|mac| mac == right))
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
        } else if link
            .previous_expires_at
            .is_none_or(|end| !self.may_be_gone(end))
        {
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
        let Some(head) = mac::head(document) else {
            return Ok(Head::Altered);
        };
        Ok(match mac::of(self.keys, Kind::Head, document)? {
            None => Head::Unverifiable(head),
            Some(mac) if mac == head.mac => Head::Good(head),
            Some(_) => Head::Altered,
        })
    }

    /// Whether retention may have taken what is kept until `end`: the walk takes its time, and the clock of the database may
    /// be ahead.
    pub(crate) fn may_be_gone(&self, end: Timestamp) -> bool {
        let walked = Duration::from_std(self.began.elapsed()).unwrap_or_default();
        end <= self.now + walked + LOOK_BACK
    }

    fn cannot_verify(&mut self, key_id: &str) {
        let of_this_key = self.report.unverifiable.entry(key_id.to_owned());
        *of_this_key.or_default() += 1;
    }

    pub(crate) fn find(&mut self, chain: &str, what: String, damage: Damage) {
        let first = self.report.findings.entry(chain.to_owned());
        first.or_insert(Finding { what, damage });
    }
}

fn by_chain(heads: Vec<Document>) -> impl Iterator<Item = (String, Document)> {
    heads.into_iter().map(|head| (text(&head, "_id"), head))
}

/// A field as text, of any type.
pub(crate) fn text(document: &Document, key: &str) -> String {
    match document.get(key) {
        None => String::new(),
        Some(Bson::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
