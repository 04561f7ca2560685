//! What must stand before the database may be used: indexes, identifiers, keys (DB-1).

use chrono::Duration;

use super::{
    audit::{self, Event},
    keys,
};
use crate::{
    app::{App, Phase},
    domain::{audit::Action, request::Origin},
    error::Result,
};

/// One try: 1 every index; 2 the identifiers of accounts that have none, by one instance at a time; 3 keys; 4 audit. Safe to
/// repeat. Afterwards the phase is `Ready`, or `Blocked` with what an administrator has to look at.
///
/// # Errors
/// The database does not answer; the next try goes on.
pub async fn prepare(app: &App) -> Result<()> {
    app.store.ping().await?;
    let indexes = app.store.ensure_indexes().await?;
    for name in &indexes.renamed {
        tracing::info!(
            index = name,
            "an index exists under another name and is used as it is"
        );
    }
    if !indexes.is_safe() {
        let IndexFaults(text) = IndexFaults::of(&indexes.duplicates, &indexes.conflicts);
        block(app, &text);
        return Ok(());
    }
    let lease = Duration::seconds(60);
    if !app
        .store
        .lease("backfill", &app.instance, lease, app.clock.now())
        .await?
    {
        tracing::info!("another instance is writing the identifiers");
        return Ok(());
    }
    let report = app.store.backfill_identifiers().await?;
    app.store.end_lease("backfill", &app.instance).await?;
    if report.written > 0 || report.unusable > 0 {
        tracing::info!(
            written = report.written,
            unusable = report.unusable,
            "identifiers of existing accounts"
        );
    }
    if !report.duplicates.is_empty() {
        let pairs: Vec<String> = report
            .duplicates
            .iter()
            .map(|(one, other)| format!("{one} and {other}"))
            .collect();
        block(
            app,
            &format!("accounts lay claim to one name: {}", pairs.join(", ")),
        );
        return Ok(());
    }
    keys::prepare(app).await?;
    if !app.readiness.serves() {
        let origin = Origin::of_the_service(app.rng.uuid().to_string(), app.clock.now());
        let event = Event::done(None, Action::Start).noting(env!("CARGO_PKG_VERSION"));
        audit::record(app, &origin, event).await?;
    }
    if app.readiness.enter(Phase::Ready) {
        tracing::info!("ready");
    }
    Ok(())
}

struct IndexFaults(String);

impl IndexFaults {
    fn of(duplicates: &[String], conflicts: &[String]) -> Self {
        let mut faults = Vec::new();
        if !duplicates.is_empty() {
            faults.push(format!(
                "documents with equal keys forbid the index(es) {}",
                duplicates.join(", ")
            ));
        }
        if !conflicts.is_empty() {
            faults.push(format!(
                "other indexes have the name(s) {}",
                conflicts.join(", ")
            ));
        }
        Self(faults.join("; "))
    }
}

fn block(app: &App, text: &str) {
    if app.readiness.enter(Phase::Blocked(text.to_owned())) {
        tracing::error!(
            reason = text,
            "not ready: the data has to be looked at first"
        );
    }
}
