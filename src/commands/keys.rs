//! `clinic-auth keys`: the keys of access tokens, and those of the clinic's records.

use std::process::ExitCode;

use anyhow::{Result, anyhow, bail};
use clap::Subcommand;
use clinic::upkeep::rewrap::{Outcome, Rewrapped, rewrap as rewrap_records};
use clinic_auth::config::sections::JwtAlgorithm;
use clinic_auth::program::Program;
use identity::{
    app::App,
    factors::{self, Resealed},
    keys,
};
use kernel::clock::rfc3339;

use super::{help, prepared, progress::Progress, reason, say, settings};

/// What to do with the keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Let the next key sign, which is published already, and publish a new next one
    #[command(after_long_help = help::KEYS_ROTATE)]
    Rotate {
        /// Remove the key in use and older ones as well: their tokens fail within seconds
        #[arg(long)]
        compromised: bool,
    },
    /// Seal seeds of apps with the current `JWT_SECRET`, and record keys with the current `FIELD_ENCRYPTION_KEY`
    #[command(after_long_help = help::KEYS_REWRAP)]
    Rewrap,
}

/// Runs `clinic-auth keys`.
pub(crate) async fn keys(command: KeysCommand) -> Result<ExitCode> {
    match command {
        KeysCommand::Rotate { compromised } => rotate(compromised).await,
        KeysCommand::Rewrap => rewrap().await,
    }
}

async fn rotate(compromised: bool) -> Result<ExitCode> {
    if settings()?.config.jwt.algorithm == JwtAlgorithm::HS256 {
        bail!(
            "jwt.algorithm HS256 signs with JWT_SECRET: set a new JWT_SECRET, with the one of today as \
             JWT_SECRET_PREVIOUS unless it is compromised, and start the service anew"
        );
    }
    let program = prepared().await?;
    let rotated = keys::rotate(&program.identity, compromised).await;
    program.close().await;
    let rotated =
        rotated.map_err(|error| anyhow!("the keys were not rotated: {}", reason(&error)))?;
    say(&format!(
        "Key {} signs from {} on; every instance follows within seconds.",
        rotated.kid,
        rfc3339(rotated.signs_from)
    ));
    say(if compromised {
        "The keys before it were removed: their tokens fail within seconds, and a refresh brings new ones."
    } else {
        "Tokens of the key before it are good until they expire."
    });
    Ok(ExitCode::SUCCESS)
}

async fn rewrap() -> Result<ExitCode> {
    let program = prepared().await?;
    let done = rewrap_all(&program).await;
    program.close().await;
    done
}

async fn rewrap_all(program: &Program) -> Result<ExitCode> {
    let closed = seeds(&program.identity).await?;
    let done = match program.clinic.as_deref() {
        Some(clinic) => records(clinic).await?,
        None => ExitCode::SUCCESS,
    };
    if closed > 0 {
        bail!(
            "{closed} seeds do not open: set the secret that sealed them as JWT_SECRET_PREVIOUS, or reset the factors of \
             their owners (`clinic-auth factors reset`)"
        );
    }
    Ok(done)
}

/// Seals the seeds of authenticator apps; how many do not open.
async fn seeds(identity: &App) -> Result<usize> {
    let done = factors::reseal(identity).await;
    let done = done.map_err(|error| anyhow!("the seeds were not sealed: {}", reason(&error)))?;
    let Resealed { sealed, unopened } = done;
    let current = identity.master.current_id();
    if sealed > 0 {
        say(&format!(
            "{sealed} seeds of authenticator apps were sealed with the master secret {current}"
        ));
    }
    for user_id in unopened.iter().take(20) {
        say(&format!("FAULT  the seed of {user_id} does not open"));
    }
    Ok(unopened.len())
}

/// Wraps the keys of the records.
async fn records(clinic: &clinic::app::App) -> Result<ExitCode> {
    let total = clinic.store.patients().estimate().await?;
    let mut progress = Progress::of(total, "records");
    let outcome = rewrap_records(clinic, |seen| progress.reach(seen)).await;
    drop(progress);
    let current = clinic.field_keys().current_id();
    let outcome = outcome.map_err(|error| {
        let why = reason(&error);
        anyhow!("the rewrap broke off: {why}; call it again, it goes on where it was")
    })?;
    let Outcome::Done(done) = outcome else {
        bail!("another rewrap is at work; if it has died, call this again in ten seconds");
    };
    let Rewrapped {
        seen,
        wrapped,
        unopened,
        is_complete,
    } = done;
    say(&format!(
        "{seen} records, {wrapped} keys were wrapped with the field key {current}"
    ));
    if !unopened.is_empty() {
        for patient in unopened.iter().take(20) {
            say(&format!("FAULT  the key of {patient} does not open"));
        }
        let count = unopened.len();
        bail!(
            "{count} keys do not open: set the secret that wrapped them as FIELD_ENCRYPTION_KEY_PREVIOUS, and look \
             with `clinic-auth records check --all`"
        );
    }
    say(if is_complete {
        "No record needs the previous key. `clinic-auth check` says when nothing needs it any more."
    } else {
        "An instance was changing the canary at the same time: call this again."
    });
    Ok(if is_complete {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
