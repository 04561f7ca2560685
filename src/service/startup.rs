//! What must stand before the database may be used: indexes, identifiers, keys (DB-1).

use std::time::Instant;

use chrono::Duration;
use tokio_util::sync::CancellationToken;

use super::{
    audit::{self, Event},
    keys,
};
use crate::{
    app::{App, Phase},
    domain::{audit::Action, request::Origin},
    error::Result,
    store::{
        backfill::Backfill,
        indexes::{Found, IndexReport},
        search::Filling,
    },
};

/// One try: 1 every index; 2 if there are accounts of the older service, the identifiers of those that have none, by one
/// instance at a time; 3 the older service's own indexes are replaced or dropped, by one instance at a time, since
/// identifiers guard the names meanwhile; 4 the lockouts of the version before, by one instance at a time; 5 keys; 6 the audit trail. Safe to repeat. Afterwards the phase is `Ready`, or `Blocked` with what
/// an administrator has to look at, or `Starting` while another instance is at step 2, 3 or 4.
///
/// # Errors
/// The database does not answer; the next try goes on.
pub async fn prepare(app: &App) -> Result<()> {
    // What blocks may have been found among all accounts: nothing less finds that it is gone.
    let names = if matches!(app.readiness.phase(), Phase::Blocked(_)) {
        Names::OfAll
    } else {
        Names::OfTheOlderService
    };
    prepare_watched(app, names, &mut log_tenths()).await
}

/// Looks through all accounts, once after a start, for one that a crash has left without its identifiers; at leisure, since
/// people are logging in meanwhile, and no longer than until `stop`. False: another instance is at it, or what was found
/// blocks.
///
/// # Errors
/// The database does not answer; the next try begins anew.
pub async fn look_for_lost_names(app: &App, stop: &CancellationToken) -> Result<bool> {
    let mut tell = log_tenths();
    let search = Box::pin(backfill(app, AT_LEISURE, &mut tell));
    let Some(found) = stop.run_until_cancelled(search).await else {
        // The next start is not to wait until the lease is over.
        app.store.end_lease(BACKFILL, &app.instance).await?;
        return Ok(true);
    };
    let Some(accounts) = found? else {
        return Ok(false);
    };
    if blocked_by_twins(app, &accounts) {
        return Ok(false);
    }
    log_names(&accounts);
    Ok(true)
}

/// What a pass came to that gives accounts the terms by which they are searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search {
    /// This many accounts had none, or others.
    Filled(u64),
    /// Another instance is at it.
    Elsewhere,
    /// It was stopped; the next start goes on.
    Stopped,
}

/// Looks through all accounts, once after a start, for those that have no terms to be searched by, or those of an earlier
/// version (TXT-1); beside the requests, and no longer than until `stop`.
///
/// # Errors
/// The database does not answer; the next try begins anew, and what is written stays.
pub async fn fill_search(app: &App, stop: &CancellationToken) -> Result<Search> {
    let work = Box::pin(async {
        let mut pass = Filling::default();
        loop {
            let now = app.clock.now();
            if !app.store.lease(SEARCH, &app.instance, LEASE, now).await? {
                return Ok(Search::Elsewhere);
            }
            let (began, written) = (Instant::now(), pass.written);
            if !app.store.fill_search_batch(&mut pass).await? {
                break;
            }
            // While people are missing in the search it goes on at half its speed.
            let rest = if pass.written > written {
                1
            } else {
                AT_LEISURE
            };
            tokio::time::sleep((began.elapsed() * rest).min(LONGEST_REST)).await;
            app.fail_point.pass("search:batch")?;
        }
        if pass.written > 0 {
            let written = pass.written;
            tracing::info!(written, "accounts can be searched by their words now");
        }
        Ok(Search::Filled(pass.written))
    });
    let done = stop.run_until_cancelled(work).await;
    if !matches!(done, Some(Ok(Search::Elsewhere) | Err(_))) {
        // The next start is not to wait until the lease is over.
        app.store.end_lease(SEARCH, &app.instance).await?;
    }
    done.unwrap_or(Ok(Search::Stopped))
}

/// What is told of a pass over the accounts after each batch.
pub type Watch<'a> = &'a mut (dyn FnMut(&Backfill) + Send);

/// The log is told how far a long pass has come: a line for each tenth.
fn log_tenths() -> impl FnMut(&Backfill) + Send {
    let mut told = 0;
    move |pass| {
        let tenths = pass.seen * 10 / pass.total.max(1);
        if tenths > told && pass.seen < pass.total {
            told = tenths;
            let Backfill { seen, total, .. } = pass;
            tracing::info!(seen, total, "looking for accounts without identifiers");
        }
    }
}

/// Whose identifiers are looked for before the service is ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// If there are accounts of the older service, which has written none, so that nobody could log in.
    OfTheOlderService,
    /// Those that a crash has taken from an account as well.
    OfAll,
}

/// [`prepare`] for somebody who says whose names step 2 looks for, and watches it.
///
/// # Errors
/// The same.
pub async fn prepare_watched(app: &App, names: Names, watch: Watch<'_>) -> Result<()> {
    app.store.resolve().await?;
    app.store.ping().await?;
    let mut indexes = app.store.ensure_indexes().await?;
    if !indexes.is_safe() {
        block(app, &errors_of(&indexes));
        return Ok(());
    }
    let mut accounts = Backfill::default();
    if names == Names::OfAll || app.store.has_older_accounts().await? {
        let Some(found) = backfill(app, AT_ONCE, watch).await? else {
            tracing::debug!("another instance is writing the identifiers");
            return Ok(());
        };
        accounts = found;
    }
    if blocked_by_twins(app, &accounts) {
        return Ok(());
    }
    if indexes.has_older() {
        let Some(replaced) = replace_older_indexes(app).await? else {
            tracing::debug!("another instance is replacing the older service's indexes");
            return Ok(());
        };
        indexes = replaced;
        if !indexes.is_safe() {
            block(app, &errors_of(&indexes));
            return Ok(());
        }
        if indexes.has_older() {
            return Ok(()); // Somebody made one anew this moment.
        }
    }
    if !move_lockouts(app).await? {
        tracing::debug!("another instance is bringing the lockouts to the accounts");
        return Ok(());
    }
    keys::prepare(app).await?;
    if !app.readiness.serves() {
        let origin = Origin::of_the_service(app.rng.uuid().to_string(), app.clock.now());
        let event = Event::done(None, Action::Start).noting(env!("CARGO_PKG_VERSION"));
        audit::record(app, &origin, event).await?;
    }
    if app.readiness.enter(Phase::Ready) {
        log_indexes(&indexes);
        log_names(&accounts);
        tracing::info!("ready");
    }
    Ok(())
}

/// The lease of the work on the lockouts of the version before.
const LOCKOUTS: &str = "lockouts";

/// Brings the counters of locked accounts to the accounts (LCK-7). False: another instance is at it.
async fn move_lockouts(app: &App) -> Result<bool> {
    loop {
        let now = app.clock.now();
        if !app.store.lease(LOCKOUTS, &app.instance, LEASE, now).await? {
            return Ok(false);
        }
        if !app.store.move_lockouts_batch(now).await? {
            break;
        }
    }
    app.store.end_lease(LOCKOUTS, &app.instance).await?;
    Ok(true)
}

/// The lease of the work on the older service's indexes.
const INDEXES: &str = "indexes";

/// Replaces unique indexes that are not sparse where they have to be, and drops those on keys that nothing writes any more
/// once ours stand (LEG-2): under a lease, and by what is found under it, since another instance may have been here. After
/// a crash between drop and create, the next start makes the index. None: another instance is at it.
async fn replace_older_indexes(app: &App) -> Result<Option<IndexReport>> {
    let now = app.clock.now();
    if !app.store.lease(INDEXES, &app.instance, LEASE, now).await? {
        return Ok(None);
    }
    let before = app.store.ensure_indexes().await?;
    for found in &before.replaceable {
        app.store.drop_found(found).await?;
        tracing::warn!(
            index = %found,
            "an index of the older service let only one document be without a username: it is replaced"
        );
    }
    app.fail_point.pass("indexes:replace")?;
    let mut after = app.store.ensure_indexes().await?;
    if after.is_safe() && after.replaceable.is_empty() {
        for found in std::mem::take(&mut after.left_over) {
            app.store.drop_found(&found).await?;
            tracing::warn!(
                index = %found,
                "an index of the older service on a key that is not written any more was dropped"
            );
        }
    }
    app.store.end_lease(INDEXES, &app.instance).await?;
    Ok(Some(after))
}

fn blocked_by_twins(app: &App, accounts: &Backfill) -> bool {
    if accounts.duplicates.is_empty() {
        return false;
    }
    let pairs = some_of(&accounts.duplicates);
    block(app, &format!("accounts lay claim to one name: {pairs}"));
    true
}

/// The lease of a pass over the accounts.
const BACKFILL: &str = "backfill";
/// The lease of another one.
const SEARCH: &str = "search";
/// How long an instance that died in the middle keeps the others from going on.
const LEASE: Duration = Duration::seconds(15);
/// Well within the lease.
const LONGEST_REST: std::time::Duration = std::time::Duration::from_secs(3);

/// After a batch, a pass rests so many times as long as the batch took,
const AT_LEISURE: u32 = 9;
/// or not at all.
const AT_ONCE: u32 = 0;

/// None: another instance is at it.
async fn backfill(app: &App, rest: u32, watch: Watch<'_>) -> Result<Option<Backfill>> {
    let mut pass = app.store.begin_backfill().await?;
    loop {
        let now = app.clock.now();
        if !app.store.lease(BACKFILL, &app.instance, LEASE, now).await? {
            return Ok(None);
        }
        let began = Instant::now();
        if !app.store.backfill_batch(&mut pass).await? {
            break;
        }
        watch(&pass);
        tokio::time::sleep((began.elapsed() * rest).min(LONGEST_REST)).await;
        app.fail_point.pass("backfill:batch")?;
    }
    app.store.end_lease(BACKFILL, &app.instance).await?;
    Ok(Some(pass))
}

fn errors_of(indexes: &IndexReport) -> String {
    let mut errors = Vec::new();
    if !indexes.duplicates.is_empty() {
        let documents = some_of(&indexes.duplicates);
        errors.push(format!(
            "documents with equal keys forbid unique indexes: {documents}"
        ));
    }
    if !indexes.conflicts.is_empty() {
        let found = some_of(&indexes.conflicts);
        errors.push(format!(
            "indexes with other options are in the way: {found}"
        ));
    }
    if !indexes.foreign.is_empty() {
        let lines: Vec<String> = indexes.foreign.iter().map(Found::to_drop).collect();
        let lines = some_of(&lines);
        errors.push(format!(
            "unique indexes that are not the service's refuse documents; drop them in mongosh: {lines}"
        ));
    }
    errors.join("; ")
}

/// A line of the log is not the place for thousands.
fn some_of(all: &[String]) -> String {
    const SHOWN: usize = 20;
    let shown = all[..all.len().min(SHOWN)].join(", ");
    match all.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn block(app: &App, reason: &str) {
    if app.readiness.enter(Phase::Blocked(reason.to_owned())) {
        tracing::error!(
            reason,
            "not ready: the data has to be looked at first; it is tried again until then"
        );
    }
}

fn log_indexes(indexes: &IndexReport) {
    for index in &indexes.renamed {
        tracing::info!(
            index,
            "an index exists under another name and is used as it is"
        );
    }
    for index in &indexes.differing {
        tracing::warn!(
            index,
            "an index could not be made: another one is in the way"
        );
    }
}

fn log_names(accounts: &Backfill) {
    let Backfill {
        written, unusable, ..
    } = accounts;
    if *written > 0 {
        tracing::info!(written, "identifiers of existing accounts were written");
    }
    if *unusable > 0 {
        tracing::warn!(
            unusable,
            "documents without user id or email were passed over"
        );
    }
}
