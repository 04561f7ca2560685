//! The data keys are wrapped anew with the current secret, while the service works (ENC-4).

use std::collections::BTreeMap;

use chrono::Duration;
use futures_util::{StreamExt, TryStreamExt, stream};
use kernel::{
    error::{Error, Result},
    ids::UserId,
    request::Origin,
};
use platform::audit::{self, Event};

use super::store::KeyRow;
use crate::{
    actions,
    app::App,
    sealing::{ClinicScope, Collection, FieldKeys, WrappedKey},
};

/// Between two records of a batch nothing waits for the other, up to this many.
const AT_ONCE: usize = 16;
const LEASE: &str = "keys-rewrap";
/// Much longer than a batch takes, and short enough to go on soon after a crash.
const LEASE_LENGTH: Duration = Duration::seconds(10);

/// What a rewrap did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Rewrapped {
    /// The records that were looked at.
    pub seen: u64,
    /// Those whose key was wrapped anew.
    pub wrapped: u64,
    /// Those whose key does not open with the secrets that are set.
    pub unopened: Vec<UserId>,
    /// Whether the canary opens with the current secret alone now: nothing needs the previous one any more, but for the
    /// answers that are kept for repeated requests.
    pub is_complete: bool,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Another call is at work.
    Busy,
    /// All records were looked at.
    Done(Rewrapped),
}

/// Wraps the data key of each record with the current secret. `progress` is told how many records were looked at. It may be
/// broken off and repeated, since keys that are right already are passed over:
///
/// 1. the lease, which each batch renews: a second call would do the same work once more;
/// 2. the audit record;
/// 3. for each record one conditional update: the key that was read becomes the same key in a new wrapping;
/// 4. if no record needs another secret, the canary gets along without it.
///
/// # Errors
/// The database does not answer.
pub async fn rewrap(app: &App, mut progress: impl FnMut(u64) + Send) -> Result<Outcome> {
    let holder = app.rng.uuid().to_string();
    if !hold(app, &holder).await? {
        return Ok(Outcome::Busy);
    }
    let done = all(app, &holder, &mut progress).await;
    app.platform.store.end_lease(LEASE, &holder).await?;
    done.map(Outcome::Done)
}

async fn hold(app: &App, holder: &str) -> Result<bool> {
    let now = app.clock.now();
    let rows = &app.platform.store;
    Ok(rows.lease(LEASE, holder, LEASE_LENGTH, now).await?)
}

async fn all(
    app: &App,
    holder: &str,
    progress: &mut (impl FnMut(u64) + Send),
) -> Result<Rewrapped> {
    let origin = Origin::of_the_service(LEASE.to_owned(), app.clock.now());
    let detail = format!("to {}", app.field_keys().current_id());
    let event = Event::done(None, actions::KEYS_REWRAP).noting(&detail);
    audit::record(app, &origin, event).await?;
    let (rows, clinic) = (app.store.patients(), ClinicScope::implicit());
    let (mut done, mut last) = (Rewrapped::default(), None::<String>);
    loop {
        let batch = rows.next_keys(&clinic, last.as_deref()).await?;
        let Some(end) = batch.last() else { break };
        last = Some(end.by_clinic.clone());
        done.seen += batch.len() as u64;
        let each = stream::iter(batch).map(|row| one(app, row));
        let each: Vec<_> = each.buffer_unordered(AT_ONCE).try_collect().await?;
        for result in each {
            match result {
                Wrapping::Stood => {}
                Wrapping::Renewed => done.wrapped += 1,
                Wrapping::Unopened(patient) => done.unopened.push(patient),
            }
        }
        progress(done.seen);
        hold(app, holder).await?;
        app.fail_point.pass("rewrap:batch")?;
    }
    if done.unopened.is_empty() {
        done.is_complete = without_previous(app).await?;
    }
    Ok(done)
}

enum Wrapping {
    Stood,
    Renewed,
    Unopened(UserId),
}

async fn one(app: &App, row: KeyRow) -> Result<Wrapping> {
    let place = Collection::PatientRecords.place(row.patient_id.as_str());
    match app.sealing()?.keys.rewrap(place, &row.key, &app.rng) {
        Ok(None) => Ok(Wrapping::Stood),
        // If the key is another one by now, another call has wrapped it.
        Ok(Some(key)) => {
            let is_mine = app.store.patients().rewrap(&row, &key).await?;
            Ok(if is_mine {
                Wrapping::Renewed
            } else {
                Wrapping::Stood
            })
        }
        Err(_) => Ok(Wrapping::Unopened(row.patient_id)),
    }
}

/// Lets the canary open with the current secret alone; whether it does.
async fn without_previous(app: &App) -> Result<bool> {
    let rows = app.store.field_keys();
    let known = rows.find().await?;
    let known = known.ok_or_else(|| Error::internal("the canary is missing"))?;
    let Some(current) = known.without_previous(app.field_keys()) else {
        return Ok(known.is_only_current(app.field_keys()));
    };
    Ok(rows.replace(&known, &current).await?)
}

/// How many keys each secret has wrapped, by its fingerprint.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct KeyCounts {
    /// Keys of records.
    pub records: BTreeMap<String, u64>,
    /// Keys of answers that are kept for 24 hours for repeated requests.
    pub answers: BTreeMap<String, u64>,
    /// Whether the current secret alone opens the canary.
    pub canary_is_current: bool,
}

impl KeyCounts {
    /// How many keys of records another secret than `current` has wrapped, and how many of answers.
    pub fn others(&self, current: &str) -> (u64, u64) {
        let sum = |counts: &BTreeMap<String, u64>| {
            let others = counts.iter().filter(|(id, _)| *id != current);
            others.map(|(_, count)| count).sum()
        };
        (sum(&self.records), sum(&self.answers))
    }
}

/// Counts the keys of all records; `progress` is told how many were looked at.
pub async fn count(app: &App, mut progress: impl FnMut(u64) + Send) -> Result<KeyCounts> {
    let (rows, clinic) = (app.store.patients(), ClinicScope::implicit());
    let (mut counts, mut last, mut seen) = (KeyCounts::default(), None::<String>, 0);
    loop {
        let batch = rows.next_keys(&clinic, last.as_deref()).await?;
        let Some(end) = batch.last() else { break };
        last = Some(end.by_clinic.clone());
        for row in &batch {
            *counts.records.entry(wrapped_by(&row.key)).or_default() += 1;
        }
        seen += batch.len() as u64;
        progress(seen);
    }
    for key in app.store.answer_keys().await? {
        *counts.answers.entry(wrapped_by(&key)).or_default() += 1;
    }
    let canary = app.store.field_keys().find().await?;
    counts.canary_is_current = canary.is_some_and(|it| it.is_only_current(app.field_keys()));
    Ok(counts)
}

fn wrapped_by(key: &WrappedKey) -> String {
    let id = FieldKeys::wrapped_by(key.bytes());
    id.map_or_else(|| "unreadable".to_owned(), |id| id.to_string())
}
