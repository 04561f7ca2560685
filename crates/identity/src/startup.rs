//! Prepares the database before it may be used: indexes, identifiers, keys (DB-1).

use crate::{
    actions,
    app::App,
    factors::passkeys,
    keys,
    legacy::start::{accounts, indexes as older_indexes, lockouts},
};
use platform::{
    audit::{self, Event},
    readiness::Phase,
};
use store::indexes::{Found, IndexReport};
use tokio_util::sync::CancellationToken;

use kernel::{error::Result, request::Origin};

pub use crate::legacy::start::{Pass, Which};

/// Prepares the database, once:
///
/// 1. Make every index.
/// 2. Bring the accounts of the older service over that no start has brought over yet, one instance at a time.
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
    // The reason for `Blocked` may have been found among all accounts, so only a pass over all accounts shows that it
    // does not exist any more.
    let which = if matches!(app.readiness.phase(), Phase::Blocked(_)) {
        Which::All
    } else {
        Which::New
    };
    prepare_watched(app, which, &mut log_tenths()).await
}

/// The result of a pass over all accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// The pass is complete; it completed the documents of this many accounts.
    Done(u64),
    /// Another instance does it.
    Elsewhere,
    /// It was stopped; the next start continues.
    Stopped,
    /// It found accounts that claim the same name. The service is not ready while there are any.
    Blocked,
}

/// Visits all accounts, once after a start: one may have no identifiers because of a crash, or outdated search terms
/// (TXT-1), or the older service has written it meanwhile. It is slow on purpose, because people log in meanwhile, and
/// it ends at `stop`.
///
/// # Errors
/// After an error the next try starts again; what was written stays.
pub async fn visit_accounts(app: &App, stop: &CancellationToken) -> Result<Visit> {
    let mut log = log_tenths();
    let pass = Box::pin(accounts::bring(app, Which::All, &mut log));
    let Some(found) = stop.run_until_cancelled(pass).await else {
        // Otherwise the next start would wait until the lease expires.
        accounts::end_lease(app).await?;
        return Ok(Visit::Stopped);
    };
    let Some(pass) = found? else {
        return Ok(Visit::Elsewhere);
    };
    if blocked_by_duplicates(app, &pass) {
        return Ok(Visit::Blocked);
    }
    log_pass(&pass);
    passkeys::sweep(app).await?;
    Ok(Visit::Done(pass.completed))
}

/// Called after each batch of a pass over the accounts.
pub type Watch<'a> = &'a mut (dyn FnMut(&Pass) + Send);

/// Logs the progress of a long pass: one line for each tenth.
fn log_tenths() -> impl FnMut(&Pass) + Send {
    let mut logged = 0;
    move |pass| {
        let tenths = pass.seen * 10 / pass.total.max(1);
        if tenths > logged && pass.seen < pass.total {
            logged = tenths;
            let Pass { seen, total, .. } = pass;
            tracing::info!(seen, total, "looking for accounts without identifiers");
        }
    }
}

/// [`prepare`] for a caller that chooses the accounts of step 2 and watches the progress.
pub async fn prepare_watched(app: &App, which: Which, watch: Watch<'_>) -> Result<()> {
    app.store.resolve().await?;
    app.store.ping().await?;
    let mut indexes = app.store.ensure_indexes().await?;
    if !indexes.is_safe() {
        block(app, &problems_of(&indexes));
        return Ok(());
    }
    let Some(pass) = accounts::bring(app, which, watch).await? else {
        tracing::debug!("another instance is bringing the accounts over");
        return Ok(());
    };
    if blocked_by_duplicates(app, &pass) {
        return Ok(());
    }
    if indexes.has_older() {
        let Some(replaced) = older_indexes::replace(app).await? else {
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
    if !lockouts::bring(app).await? {
        tracing::debug!("another instance is bringing the lockouts to the accounts");
        return Ok(());
    }
    audit::seal::prepare(app, app.clock.now()).await?;
    keys::prepare(app).await?;
    if !app.readiness.serves() {
        let origin = Origin::of_the_service(app.rng.uuid().to_string(), app.clock.now());
        let event = Event::done(None, actions::START).noting(env!("CARGO_PKG_VERSION"));
        audit::record(app, &origin, event).await?;
    }
    if app.readiness.enter(Phase::Ready) {
        log_indexes(&indexes);
        log_pass(&pass);
        tracing::info!("ready");
    }
    Ok(())
}

fn blocked_by_duplicates(app: &App, pass: &Pass) -> bool {
    if pass.duplicates.is_empty() {
        return false;
    }
    let pairs = some_of(&pass.duplicates);
    block(app, &format!("accounts lay claim to one name: {pairs}"));
    true
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

/// Keeps the service from being ready, and says why.
pub fn block(app: &App, reason: &str) {
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

fn log_pass(pass: &Pass) {
    let Pass {
        names,
        completed,
        unusable,
        ..
    } = pass;
    if names + completed > 0 {
        tracing::info!(
            names,
            completed,
            "identifiers and fields of existing accounts were written"
        );
    }
    if *unusable > 0 {
        tracing::warn!(
            unusable,
            "documents without user id or email were passed over"
        );
    }
}
