//! `clinic-auth factors`: the way back for an administrator who has lost every second factor.

use std::process::ExitCode;

use anyhow::{Result, anyhow, bail};
use clap::Subcommand;
use identity::{errors, factors};
use kernel::ids::UserId;

use super::{help, prepared, say};

/// What to do with the factors of an account.
#[derive(Debug, Subcommand)]
pub(crate) enum FactorsCommand {
    /// Remove every second factor, recovery code and remembered device of an account
    #[command(after_long_help = help::FACTORS_RESET)]
    Reset {
        /// The account
        user_id: String,
    },
}

/// Runs `clinic-auth factors`.
pub(crate) async fn factors(command: FactorsCommand) -> Result<ExitCode> {
    let FactorsCommand::Reset { user_id } = command;
    let program = prepared().await?;
    let user_id = UserId::from_stored(user_id.trim());
    let done = factors::reset_by_operator(&program.identity, &user_id).await;
    program.close().await;
    match done {
        Ok(()) => {
            say(&format!(
                "The second factors of {user_id} were removed; the audit trail says so."
            ));
            Ok(ExitCode::SUCCESS)
        }
        Err(error) if error.code == errors::USER_NOT_FOUND => {
            bail!("there is no account {user_id}")
        }
        Err(error) => {
            let cause = error.source.as_ref().map(ToString::to_string);
            let cause = cause.unwrap_or_else(|| error.to_string());
            Err(anyhow!("the second factors were not removed: {cause}"))
        }
    }
}
