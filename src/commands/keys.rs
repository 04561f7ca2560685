//! `clinic-auth keys`: the keys of access tokens.

use std::process::ExitCode;

use anyhow::{Result, anyhow, bail};
use clap::Subcommand;
use clinic_auth::config::sections::JwtAlgorithm;
use identity::keys;
use kernel::clock::rfc3339;

use super::{help, prepared, say, settings};

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
}

/// Runs `clinic-auth keys`.
pub(crate) async fn keys(command: KeysCommand) -> Result<ExitCode> {
    let KeysCommand::Rotate { compromised } = command;
    if settings()?.config.jwt.algorithm == JwtAlgorithm::HS256 {
        bail!(
            "jwt.algorithm HS256 signs with JWT_SECRET: set a new JWT_SECRET, with the one of today as \
             JWT_SECRET_PREVIOUS unless it is compromised, and start the service anew"
        );
    }
    let program = prepared().await?;
    let rotated = keys::rotate(&program.identity, compromised).await;
    program.close().await;
    let rotated = rotated.map_err(|error| {
        let cause = error.source.as_ref().map(ToString::to_string);
        anyhow!("the keys were not rotated: {}", cause.unwrap_or_default())
    })?;
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
