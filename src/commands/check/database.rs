//! The checks of the database: whether it answers, its clock, its indexes, its documents, the keys.

use chrono::Duration;
use clinic_auth::{config::StoreAddress, program::Program};
use identity::{
    app::App,
    legacy::start::{AccountCounts, Which, count_accounts, count_registrations},
};
use platform::readiness::Phase;
use store::{
    StoreError,
    indexes::{Found, IndexReport},
};

use super::{Report, clinic};
use crate::commands::prepare;

/// The clocks of the instances and of the database may differ by at most this (TIME-1).
const MAX_SKEW: Duration = Duration::seconds(30);
const NTP: &str = "let both machines set their clocks by NTP (`timedatectl set-ntp true`); codes, tokens and limits end \
                   by the clock";
/// A larger difference gets a warning.
const WARN_SKEW: Duration = Duration::seconds(5);

/// Runs the checks in order; each needs the one before it.
pub(super) async fn check(program: &Program, report: &mut Report) {
    if let Err((what, error)) = check_all(program, report).await {
        report.problem(what, &error.to_string(), error.remedy());
    }
}

async fn check_all(
    program: &Program,
    report: &mut Report,
) -> Result<(), (&'static str, StoreError)> {
    let app = &program.identity;
    let of_database = |error| ("database", error);
    journal(program, report).await.map_err(of_database)?;
    clock(app, report).await.map_err(of_database)?;
    let indexes = app.store.ensure_indexes().await;
    let indexes = indexes.map_err(|error| ("indexes", error))?;
    for found in indexes.replaceable.iter().chain(&indexes.left_over) {
        report.good(
            "indexes",
            &format!("{found} is the older service's, and is replaced or dropped when the rest is in order"),
        );
    }
    if !indexes.differing.is_empty() {
        let text = format!("others are in the way of {}", indexes.differing.join(", "));
        report.warn("indexes", &text, OTHER_INDEX);
    }
    match prepare(app, Which::All).await {
        Ok(Phase::Ready) => {
            let text = "it answers, every index stands, every account has its identifiers";
            report.good("database", text);
            let secret = app.master.current_id();
            let text = format!("there is a key to sign with; master secret {secret}");
            report.good("keys", &text);
            if let Err(error) = seeds(app, report).await {
                report.problem("keys", &error.to_string(), error.remedy());
            }
            if let Err(error) = older_registrations(app, report).await {
                report.problem("database", &error.to_string(), error.remedy());
            }
            clinic::records(program, report).await;
            match count_accounts(&app.store).await {
                Ok(counts) => accounts(&counts, report),
                Err(error) => report.problem("accounts", &error.to_string(), "check again"),
            }
            if let Err(error) = passkeys(app, report).await {
                report.problem("passkeys", &error.to_string(), error.remedy());
            }
        }
        Ok(Phase::Blocked(why)) => report.problem("database", &why, &remedy(&indexes)),
        Ok(Phase::Starting | Phase::Stopping) => report.warn(
            "database",
            "another instance is preparing it",
            "check again in a moment",
        ),
        Err(cause) => report.problem(
            "database",
            &cause,
            "look into the log of the database; the trail and the keys could not be written",
        ),
    }
    Ok(())
}

/// Warns of passkeys that are bound to another site, which no browser shows here (PK-16).
async fn passkeys(app: &App, report: &mut Report) -> Result<(), StoreError> {
    let Some(site) = &app.relying_party else {
        return Ok(());
    };
    let elsewhere = app.store.passkeys().count_elsewhere(&site.id).await?;
    if elsewhere > 0 {
        report.warn(
            "passkeys",
            &format!("{elsewhere} of them are bound to another site than {}", site.id),
            "set passkeys.rp_id to the site that they were made for, or let their owners log in another way and add new ones",
        );
    }
    Ok(())
}

const OTHER_INDEX: &str = "give the service's own index another name in database.indexes if only the name is taken; \
                           drop the other index (db.COLLECTION.dropIndex(\"NAME\")) if it is on the same keys";
const TWINS: &str = "look at these documents in the database, keep the one that is right and change or remove the other; \
                     docs/migration.md shows how";

/// How to correct a database that cannot be used. Indexes come first, because a wrong index could refuse the corrected
/// documents.
fn remedy(indexes: &IndexReport) -> String {
    if !indexes.foreign.is_empty() {
        let lines: Vec<String> = indexes.foreign.iter().map(Found::to_drop).collect();
        return lines.join("; ");
    }
    match (indexes.conflicts.is_empty(), indexes.duplicates.is_empty()) {
        (true, _) => TWINS.to_owned(),
        (false, true) => OTHER_INDEX.to_owned(),
        (false, false) => format!("{OTHER_INDEX}; then {TWINS}"),
    }
}

/// Warns of accounts that cannot log in, and of passwords that can never be verified (LEG-1).
fn accounts(counts: &AccountCounts, report: &mut Report) {
    let closed: u64 = counts.closed.values().sum();
    if closed > 0 {
        let reasons = counts.closed.iter().take(20).map(|(reason, count)| {
            let has = if *count == 1 { "has" } else { "have" };
            format!("{count} {has} {reason}")
        });
        let reasons: Vec<String> = reasons.collect();
        report.warn(
            "accounts",
            &format!(
                "{closed} cannot log in, since their state is not known to mean \"in use\": {}",
                reasons.join(", ")
            ),
            "nothing, if that is right; GET /admin/users?status=disabled lists them, and PATCH /admin/users/{user_id} \
             with {\"status\": \"active\"} lets one in",
        );
    }
    if counts.unverifiable > 0 {
        report.warn(
            "passwords",
            &format!(
                "{} accounts have a hash that never verifies (neither argon2 nor bcrypt)",
                counts.unverifiable
            ),
            "let their owners set a new password by /auth/forgot-password",
        );
    }
}

/// Warns of registrations of the older service. The service does not use them, and those without a date are never
/// deleted.
async fn older_registrations(app: &App, report: &mut Report) -> Result<(), StoreError> {
    let older = count_registrations(&app.store).await?;
    if older > 0 {
        let name = &app.store.names().collections.pending_users;
        report.warn(
            "registrations",
            &format!("{older} of the older service are left in {name}; they block nothing, and nobody can finish them"),
            &format!("db.{name}.deleteMany({{ registration_digest: {{ $exists: false }} }})"),
        );
    }
    Ok(())
}

/// What is said of the store without asking it.
pub(super) fn store(program: &Program, report: &mut Report) {
    match &program.settings.store {
        StoreAddress::Embedded(path) => report.warn(
            "store",
            &format!(
                "embedded at {}, for one small clinic; its loopback port is open to every local user",
                path.display()
            ),
            "let nobody else log in to this machine, or set MONGO_URI for a MongoDB",
        ),
        StoreAddress::Uri(uri) => {
            if let Some(other) = program.settings.other_database() {
                let name = &program.settings.config.database.limits.database_name;
                report.warn(
                    "store",
                    &format!("MONGO_URI names the database {other}, which is not the one in use: that is {name}"),
                    "set database.database_name to the one that is meant, and leave it out of MONGO_URI (if it is where the \
                     user was made, add authSource)",
                );
            }
            // Acknowledged writes can be lost with these options (DB-3).
            let weak = ["w=0", "w=1", "journal=false", "j=false"];
            if let Some(weak) = option_of(uri.expose(), &weak) {
                report.warn(
                    "store",
                    &format!("MONGO_URI has {weak}: acknowledged writes can be lost"),
                    "remove it from MONGO_URI",
                );
            }
        }
    }
}

/// Warns of seeds of authenticator apps that need the previous master secret (MFA-13).
async fn seeds(app: &App, report: &mut Report) -> Result<(), StoreError> {
    let current = app.master.current_id();
    let otherwise = app.store.totps().list_sealed_otherwise(current).await?;
    if !otherwise.is_empty() {
        report.warn(
            "keys",
            &format!(
                "{} seeds of authenticator apps need JWT_SECRET_PREVIOUS",
                otherwise.len()
            ),
            "when every instance has the current secret: `clinic-auth keys rewrap`",
        );
    }
    Ok(())
}

/// Warns of a standalone server. It acknowledges a write before the write is in its journal, unless the address asks
/// for the journal (DB-3).
async fn journal(program: &Program, report: &mut Report) -> Result<(), StoreError> {
    let StoreAddress::Uri(uri) = &program.settings.store else {
        return Ok(());
    };
    let journal = option_of(uri.expose(), &["journal=true", "j=true"]);
    if program.identity.store.is_standalone().await? && journal.is_none() {
        report.warn(
            "store",
            "the MongoDB stands alone: if it is killed, the acknowledged writes of the last moment can be lost",
            "add journal=true to the options in MONGO_URI, or use a replica set",
        );
    }
    Ok(())
}

/// Compares the database's clock with ours, as ours was in the middle of the round trip.
async fn clock(app: &App, report: &mut Report) -> Result<(), StoreError> {
    let before = app.clock.now();
    let Some(theirs) = app.store.server_time().await? else {
        return Ok(());
    };
    let after = app.clock.now();
    let skew = theirs - (before + (after - before) / 2);
    let is_behind = skew < Duration::zero();
    let side = if is_behind { "behind" } else { "ahead of" };
    let seconds = skew.num_seconds().abs();
    let text = format!("the database's is {seconds} s {side} this machine's");
    if skew.abs() > MAX_SKEW {
        report.problem("clock", &text, NTP);
    } else if skew.abs() > WARN_SKEW {
        report.warn("clock", &text, NTP);
    } else {
        report.good("clock", "the database's agrees with this machine's");
    }
    Ok(())
}

/// The option of the address that is one of `words`.
fn option_of<'a>(uri: &'a str, words: &[&str]) -> Option<&'a str> {
    let (_, options) = uri.split_once('?')?;
    let is_one = |option: &&str| words.contains(&option.to_ascii_lowercase().as_str());
    options.split('&').find(is_one)
}
