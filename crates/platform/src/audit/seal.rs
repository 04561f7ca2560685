//! Seals the records of the audit trail: a job of one instance at a time, beside the requests (AUD-2).

use std::collections::HashSet;

use bson::Document;
use chrono::Duration;

use crate::{
    Platform,
    audit::{
        mac::{self, Kind},
        record::{ChainHead, Covered, Seal, Trail, place},
        refusals,
    },
};
use kernel::{
    clock::Timestamp,
    error::{Error, Result},
    sealed::KeyId,
};

/// A record may come this long after its time, such as that of a request that waited for its hash. One that comes later
/// is not sealed, which [`super::verify`] finds.
pub(crate) const LOOK_BACK: Duration = Duration::minutes(2);

/// Records under one seal at most.
const RECORDS: usize = 5000;
/// Bytes of an `_id` or a MAC at most. A longer one is not the service's, and a few of them would make a seal larger than a
/// document may be.
const LONGEST: usize = 256;
/// More seals than one call ever makes.
const SEALS: usize = 10_000;
/// More often than that no place is taken by another instance in one call.
const TAKEN: usize = 100;

/// The lease of the job: it is not given back, so that it also says when the next one is due.
const LEASE: &str = "audit-seal";
/// The same for the heads in the log.
const LOG_LEASE: &str = "audit-heads-logged";
/// How often the heads stand in the log.
const LOGGED_EVERY: Duration = Duration::hours(1);

/// The job: makes records of refusals that were counted, then seals, every `audit.seal_seconds` on one of the instances;
/// writes the heads to the log every hour.
/// After an error the next call continues.
pub async fn tick(platform: &Platform, now: Timestamp) -> Result<()> {
    let is_due = async |lease, pause| {
        let holder = platform.rng.uuid().to_string();
        platform.store.lease(lease, &holder, pause, now).await
    };
    let pause = Duration::seconds(platform.settings.audit.seal_seconds);
    if is_due(LEASE, pause).await? {
        let closed = refusals::close(platform, now).await;
        // Also if a row of refusals is in the way: what is not sealed could be removed unseen.
        seal(platform, now).await?;
        closed?;
    }
    if is_due(LOG_LEASE, LOGGED_EVERY).await? {
        log_heads(platform).await?;
    }
    Ok(())
}

/// Seals what is left when the service stops, and writes the heads to the log a last time.
/// After an error the next start seals.
pub async fn stop(platform: &Platform, now: Timestamp) -> Result<()> {
    seal(platform, now).await?;
    log_heads(platform).await
}

/// Writes the heads to the log, which is kept elsewhere and so shows what nothing in the database can: seals and records
/// that were removed together with the head (AUD-2).
async fn log_heads(platform: &Platform) -> Result<()> {
    let heads = platform.store.audit_heads().list().await?;
    for head in heads.iter().filter_map(mac::head) {
        // Chains of an earlier version do not go on.
        if head.at.is_some() {
            tracing::info!(
                chain = head.chain,
                sequence = head.sequence,
                mac = head.last_mac,
                "audit chain head"
            );
        }
    }
    Ok(())
}

/// Enters the chains of the current key in the register, before their first record: what is older than its chain's entry
/// is never sealed.
pub async fn prepare(platform: &Platform, now: Timestamp) -> Result<()> {
    let key_id = platform.master.current_id();
    for trail in Trail::ALL {
        enter(platform, &trail.chain(key_id.as_str()), key_id, now).await?;
    }
    Ok(())
}

async fn enter(
    platform: &Platform,
    chain: &str,
    key_id: &KeyId,
    now: Timestamp,
) -> Result<Reached> {
    let reached = Reached {
        sequence: 0,
        mac: String::new(),
        at: now,
        expires_at: None,
        is_registered: true,
    };
    let head = reached.head(platform, chain, key_id)?;
    platform.store.audit_heads().insert(&head).await?;
    Ok(reached)
}

/// Seals every record that is not sealed yet, whichever instance has the lease: two that seal at once want the same
/// place, and the second one looks again.
/// After an error the records that were sealed stay sealed.
pub async fn seal(platform: &Platform, now: Timestamp) -> Result<()> {
    for trail in Trail::ALL {
        for key_id in platform.master.ids() {
            let chain = trail.chain(key_id.as_str());
            let (mut seals, mut taken) = (0, 0);
            loop {
                match seal_next(platform, &chain, key_id, now).await? {
                    Next::Nothing => break,
                    Next::Sealed => seals += 1,
                    Next::Taken => taken += 1,
                }
                if seals == SEALS || taken == TAKEN {
                    return Err(Error::internal("the audit trail cannot be sealed"));
                }
            }
        }
    }
    Ok(())
}

/// What became of the next seal of a chain.
enum Next {
    /// It is made.
    Sealed,
    /// Its place is taken, by the seal of another instance or by a document that is no seal.
    Taken,
    /// There was no record to seal.
    Nothing,
}

/// Makes the next seal of a chain: 1 how far the chain has come; 2 the records since then that no seal covers; 3 the seal,
/// whose place only one instance gets; 4 the head. A crash before step 4 is finished by step 1 of the next call.
async fn seal_next(
    platform: &Platform,
    chain: &str,
    key_id: &KeyId,
    now: Timestamp,
) -> Result<Next> {
    let registered = reached(platform, chain, key_id).await?;
    let until = registered.as_ref().map_or(now, |reached| reached.at);
    let (found, is_all) = unsealed(platform, chain, until.min(now) - LOOK_BACK, now).await?;
    let Some((last_at, _)) = found.last() else {
        return Ok(Next::Nothing);
    };
    let at = if is_all { now } else { now.min(*last_at) };
    let reached = match registered {
        Some(reached) => reached,
        None => enter(platform, chain, key_id, now).await?,
    };
    let records: Vec<Covered> = found.into_iter().map(|(_, covered)| covered).collect();
    let ends = records.iter().map(|record| record.expires_at);
    let sequence = reached.sequence + 1;
    let mut seal = Seal {
        id: place(chain, sequence),
        chain: chain.to_owned(),
        sequence,
        at,
        expires_at: ends.chain(reached.expires_at).max().unwrap_or(now),
        records,
        key_id: key_id.to_string(),
        previous: reached.mac,
        previous_expires_at: reached.expires_at,
        mac: String::new(),
    };
    seal.mac = mac::own(&platform.master, Kind::Seal, &seal)?;
    if !platform.store.audit_seals().insert(&seal).await? {
        return Ok(Next::Taken);
    }
    platform.fail_point.pass("seal:head")?;
    if reached.is_registered {
        let head = Reached::at(&seal).head(platform, chain, key_id)?;
        platform.store.audit_heads().advance(&head).await?;
    }
    Ok(Next::Sealed)
}

/// How far a chain has come.
struct Reached {
    /// The place of the last seal.
    sequence: i64,
    /// Its MAC.
    mac: String,
    /// Records up to then are sealed, but those that came late.
    at: Timestamp,
    /// When retention of the last seal ends; `None` before the first one.
    expires_at: Option<Timestamp>,
    /// The register says the same, so it may be told of the next seal.
    is_registered: bool,
}

impl Reached {
    fn at(seal: &Seal) -> Self {
        Self {
            sequence: seal.sequence,
            mac: seal.mac.clone(),
            at: seal.at,
            expires_at: Some(seal.expires_at),
            is_registered: true,
        }
    }

    fn head(&self, platform: &Platform, chain: &str, key_id: &KeyId) -> Result<ChainHead> {
        let kept = Duration::days(platform.settings.audit.retention_days);
        let mut head = ChainHead {
            chain: chain.to_owned(),
            sequence: self.sequence,
            last_mac: self.mac.clone(),
            at: Some(self.at),
            key_id: key_id.to_string(),
            mac: String::new(),
            expires_at: self.expires_at.unwrap_or(self.at + kept),
        };
        head.mac = mac::own(&platform.master, Kind::Head, &head)?;
        Ok(head)
    }
}

/// Step 1: what the register says, and the one seal after it that a crash may have left. `None` if there is neither an
/// entry nor a seal. An entry that was changed is not believed, and stays as it is.
async fn reached(platform: &Platform, chain: &str, key_id: &KeyId) -> Result<Option<Reached>> {
    let seals = platform.store.audit_seals();
    let head = platform.store.audit_heads().find(chain).await?;
    let head = head.filter(|head| has_right_mac(platform, Kind::Head, head));
    let Some(head) = head.as_ref().and_then(mac::head) else {
        let last = seals.last(chain).await?;
        return Ok(last.map(|last| read(platform, &last, key_id, None)));
    };
    let at = head.at.unwrap_or(head.expires_at);
    let registered = Reached {
        sequence: head.sequence,
        mac: head.last_mac,
        at,
        expires_at: (head.sequence > 0).then_some(head.expires_at),
        is_registered: true,
    };
    if !seals.stands(chain, registered.sequence + 1).await? {
        return Ok(Some(registered));
    }
    let Some(last) = seals.last(chain).await? else {
        return Ok(Some(registered));
    };
    let is_next =
        |seal: &Seal| seal.sequence == registered.sequence + 1 && seal.previous == registered.mac;
    let next = bson::deserialize_from_document::<Seal>(last.clone()).ok();
    let next = next.filter(|seal| is_next(seal) && is_genuine(platform, &last, key_id));
    let Some(next) = next else {
        return Ok(Some(read(platform, &last, key_id, registered.expires_at)));
    };
    let reached = Reached::at(&next);
    let head = reached.head(platform, chain, key_id)?;
    platform.store.audit_heads().advance(&head).await?;
    Ok(Some(reached))
}

/// Whether a seal is what an instance wrote, with the key of its chain.
fn is_genuine(platform: &Platform, seal: &Document, key_id: &KeyId) -> bool {
    let has_key = seal.get_str("key_id").is_ok_and(|id| id == key_id.as_str());
    has_key && has_right_mac(platform, Kind::Seal, seal)
}

fn has_right_mac(platform: &Platform, kind: Kind, document: &Document) -> bool {
    let right = mac::of(&platform.master, kind, document).ok().flatten();
    right.is_some_and(|right| document.get_str("mac").is_ok_and(|mac| mac == right))
}

/// What a seal says, changed or not: the chain goes on after it, and what is wrong with it is found later. The end of its
/// retention is believed only if the seal is genuine, because the next seal repeats it under its own MAC: a seal that says
/// falsely that it has ended would allow to remove everything before it. Otherwise `registered` takes its place.
fn read(
    platform: &Platform,
    seal: &Document,
    key_id: &KeyId,
    registered: Option<Timestamp>,
) -> Reached {
    let place = seal.get_str("_id").unwrap_or_default().rsplit(':').next();
    let time = |key| seal.get_datetime(key).ok().map(|time| time.to_chrono());
    Reached {
        sequence: place
            .and_then(|place| place.parse().ok())
            .unwrap_or_default(),
        mac: seal.get_str("mac").unwrap_or_default().to_owned(),
        at: time("at").unwrap_or(Timestamp::MAX_UTC),
        expires_at: if is_genuine(platform, seal, key_id) {
            time("expires_at")
        } else {
            registered
        },
        is_registered: false,
    }
}

/// Step 2: records from `from` on with their times, up to [`RECORDS`] of them, and whether these are all. One whose
/// clock is ahead waits until a later seal, so that every seal over a record has a time near it.
async fn unsealed(
    platform: &Platform,
    chain: &str,
    from: Timestamp,
    now: Timestamp,
) -> Result<(Vec<(Timestamp, Covered)>, bool)> {
    let mut sealed = HashSet::new();
    let seals = platform.store.audit_seals();
    let mut seals = seals.since(chain, from - LOOK_BACK).await?;
    while let Some(seal) = seals.next().await? {
        let records = seal.get_array("records").into_iter().flatten();
        let ids = records.filter_map(|record| record.as_document()?.get_str("id").ok());
        sealed.extend(ids.map(str::to_owned));
    }
    let mut found = Vec::new();
    let log = platform.store.audit_log();
    let mut records = log.of_chain(chain, from, now + LOOK_BACK).await?;
    while let Some(record) = records.next().await? {
        let time = |key| record.get_datetime(key).map(|time| time.to_chrono());
        // What is altered already is sealed as it stands, if it has what a seal needs.
        let (Ok(id), Ok(at)) = (record.get_str("_id"), time("at")) else {
            continue;
        };
        if sealed.contains(id) || id.len() > LONGEST {
            continue;
        }
        if found.len() == RECORDS {
            return Ok((found, false));
        }
        let mac = record.get_str("mac").ok();
        let mac = mac.filter(|mac| mac.len() <= LONGEST);
        let covered = Covered {
            id: id.to_owned(),
            mac: mac.unwrap_or_default().to_owned(),
            expires_at: time("expires_at").unwrap_or(at),
        };
        found.push((at, covered));
    }
    Ok((found, true))
}
