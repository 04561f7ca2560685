//! Prepares the database before it may be used: indexes, identifiers, keys (DB-1).

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

/// Prepares the database, once:
///
/// 1. Make every index.
/// 2. If there are accounts of the older service, write the identifiers that are missing. One instance at a time does
///    it.
/// 3. Replace or drop the older service's own indexes, one instance at a time. Meanwhile the identifiers keep names
///    unique.
/// 4. Bring the lockouts of the version before to the accounts, one instance at a time.
/// 5. Prepare the chains of the audit trail, then the keys, which are recorded in it.
/// 6. Write the audit event of the start.
///
/// It can be repeated. Afterwards the phase is `Ready`; or `Blocked`, with the data that an administrator must correct;
/// or `Starting`, while another instance is at step 2, 3 or 4.
///
/// # Errors
/// After an error the next try continues.
pub async fn prepare(app: &App) -> Result<()> {
    // The reason for `Blocked` may have been found among all accounts, so only a search of all accounts shows that it
    // does not exist any more.
    let names = if matches!(app.readiness.phase(), Phase::Blocked(_)) {
        Names::OfAll
    } else {
        Names::OfTheOlderService
    };
    prepare_watched(app, names, &mut log_tenths()).await
}

/// Searches all accounts, once after a start, for one that has no identifiers because of a crash. It is slow on
/// purpose, because people log in meanwhile, and it ends at `stop`. `false` if another instance does it, or if the
/// search found data that blocks the service.
///
/// # Errors
/// After an error the next try starts again.
pub async fn restore_lost_identifiers(app: &App, stop: &CancellationToken) -> Result<bool> {
    let mut log = log_tenths();
    let search = Box::pin(backfill(app, REST_FACTOR, &mut log));
    let Some(found) = stop.run_until_cancelled(search).await else {
        // Otherwise the next start would wait until the lease expires.
        app.store.end_lease(BACKFILL, &app.instance).await?;
        return Ok(true);
    };
    let Some(accounts) = found? else {
        return Ok(false);
    };
    if blocked_by_duplicates(app, &accounts) {
        return Ok(false);
    }
    log_names(&accounts);
    Ok(true)
}

/// The result of a pass that writes the search terms of accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search {
    /// The pass is complete; it wrote the terms of this many accounts.
    Filled(u64),
    /// Another instance does it.
    Elsewhere,
    /// It was stopped; the next start continues.
    Stopped,
}

/// Searches all accounts, once after a start, for those without search terms, or with the terms of an earlier version
/// (TXT-1). It runs beside the requests, and ends at `stop`.
///
/// # Errors
/// After an error the next try starts again; the terms that were written stay.
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
            // While accounts are missing in the search, the pass runs at half of its speed.
            let rest = if pass.written > written {
                1
            } else {
                REST_FACTOR
            };
            tokio::time::sleep((began.elapsed() * rest).min(MAX_REST)).await;
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
        // Otherwise the next start would wait until the lease expires.
        app.store.end_lease(SEARCH, &app.instance).await?;
    }
    done.unwrap_or(Ok(Search::Stopped))
}

/// Called after each batch of a pass over the accounts.
pub type Watch<'a> = &'a mut (dyn FnMut(&Backfill) + Send);

/// Logs the progress of a long pass: one line for each tenth.
fn log_tenths() -> impl FnMut(&Backfill) + Send {
    let mut logged = 0;
    move |pass| {
        let tenths = pass.seen * 10 / pass.total.max(1);
        if tenths > logged && pass.seen < pass.total {
            logged = tenths;
            let Backfill { seen, total, .. } = pass;
            tracing::info!(seen, total, "looking for accounts without identifiers");
        }
    }
}

/// Which identifiers are searched for before the service is ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// All, if there are accounts of the older service. It wrote none, so without them its users could not log in.
    OfTheOlderService,
    /// All in any case, also those that are missing because of a crash.
    OfAll,
}

/// [`prepare`] for a caller that chooses the accounts of step 2 and watches the progress.
pub async fn prepare_watched(app: &App, names: Names, watch: Watch<'_>) -> Result<()> {
    app.store.resolve().await?;
    app.store.ping().await?;
    let mut indexes = app.store.ensure_indexes().await?;
    if !indexes.is_safe() {
        block(app, &problems_of(&indexes));
        return Ok(());
    }
    let mut accounts = Backfill::default();
    if names == Names::OfAll || app.store.has_older_accounts().await? {
        let Some(found) = backfill(app, NO_REST, watch).await? else {
            tracing::debug!("another instance is writing the identifiers");
            return Ok(());
        };
        accounts = found;
    }
    if blocked_by_duplicates(app, &accounts) {
        return Ok(());
    }
    if indexes.has_older() {
        let Some(replaced) = replace_older_indexes(app).await? else {
            tracing::debug!("another instance is replacing the older service's indexes");
            return Ok(());
        };
        indexes = replaced;
        if !indexes.is_safe() {
            block(app, &problems_of(&indexes));
            return Ok(());
        }
        if indexes.has_older() {
            return Ok(()); // Another process made one again at this moment.
        }
    }
    if !move_lockouts(app).await? {
        tracing::debug!("another instance is bringing the lockouts to the accounts");
        return Ok(());
    }
    audit::seal::prepare(app, app.clock.now()).await?;
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

/// Replaces unique indexes that are not sparse but must be, and drops those on keys that are not written any more, once
/// the service's own indexes exist (LEG-2). It works under a lease, and reads the indexes again under the lease,
/// because another instance may have changed them. After a crash between drop and create, the next start makes the
/// index. `None` if another instance does it.
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

fn blocked_by_duplicates(app: &App, accounts: &Backfill) -> bool {
    if accounts.duplicates.is_empty() {
        return false;
    }
    let pairs = some_of(&accounts.duplicates);
    block(app, &format!("accounts lay claim to one name: {pairs}"));
    true
}

/// The lease for a pass over the identifiers.
const BACKFILL: &str = "backfill";
/// The lease for a pass over the search terms.
const SEARCH: &str = "search";
/// How long the others wait for an instance that died during a pass.
const LEASE: Duration = Duration::seconds(15);
/// The longest pause between two batches; well within the lease.
const MAX_REST: std::time::Duration = std::time::Duration::from_secs(3);

/// How long a pass rests after a batch, in multiples of the time that the batch took.
const REST_FACTOR: u32 = 9;
/// A pass that does not rest.
const NO_REST: u32 = 0;

/// Writes missing identifiers. `None` if another instance does it.
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
        tokio::time::sleep((began.elapsed() * rest).min(MAX_REST)).await;
        app.fail_point.pass("backfill:batch")?;
    }
    app.store.end_lease(BACKFILL, &app.instance).await?;
    Ok(Some(pass))
}

fn problems_of(indexes: &IndexReport) -> String {
    let mut problems = Vec::new();
    if !indexes.duplicates.is_empty() {
        let documents = some_of(&indexes.duplicates);
        problems.push(format!(
            "documents with equal keys forbid unique indexes: {documents}"
        ));
    }
    if !indexes.conflicts.is_empty() {
        let found = some_of(&indexes.conflicts);
        problems.push(format!(
            "indexes with other options are in the way: {found}"
        ));
    }
    if !indexes.foreign.is_empty() {
        let lines: Vec<String> = indexes.foreign.iter().map(Found::to_drop).collect();
        let lines = some_of(&lines);
        problems.push(format!(
            "unique indexes that are not the service's refuse documents; drop them in mongosh: {lines}"
        ));
    }
    problems.join("; ")
}

/// Shows only some of them, because a line of the log is too short for thousands.
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
