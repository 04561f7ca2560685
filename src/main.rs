//! The command line of `clinic-auth`. The commands are in `commands`, and the texts of `--help` in `commands/help.rs`.

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use clinic_auth::telemetry;
use commands::help;

/// The identity service of a clinic: registration, proof of the e-mail address, login, sessions, roles
#[derive(Debug, Parser)]
#[command(version, about, after_long_help = help::PROGRAM)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the service (the default)
    #[command(after_long_help = help::SERVE)]
    Serve,
    /// Make an administrator, who sets the password by a one-time link
    #[command(after_long_help = help::CREATE_ADMIN)]
    CreateAdmin {
        /// The administrator's e-mail address
        #[arg(long)]
        email: String,
        /// A username, as well as the address and the user id
        #[arg(long)]
        username: Option<String>,
    },
    /// Try the configuration, database, indexes, keys and mail, and say what to do about each fault
    #[command(after_long_help = help::CHECK)]
    Check,
    /// Print the `OpenAPI` document
    #[command(after_long_help = help::OPENAPI)]
    Openapi,
    /// Print the table of error codes, as in docs/errors.md
    #[command(after_long_help = help::ERRORS)]
    Errors,
    /// Print every mail in every language, as in docs/mails.md
    #[command(after_long_help = help::MAILS)]
    Mails,
    /// Look for changes in the audit trail, or print it
    #[command(subcommand)]
    Audit(commands::AuditCommand),
    /// The keys of access tokens
    #[command(subcommand)]
    Keys(commands::KeysCommand),
    /// The second factors of an account
    #[command(subcommand)]
    Factors(commands::FactorsCommand),
    /// Measure what hashing a password costs on this machine, and propose settings
    #[command(after_long_help = help::HASH_TUNE)]
    HashTune,
    /// Make a demo patient, doctor and administrator (development only)
    #[command(after_long_help = help::DEMO_DATA)]
    DemoData,
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Arguments::parse().command.unwrap_or(Command::Serve) {
        Command::Serve => commands::serve().await,
        Command::CreateAdmin { email, username } => {
            commands::create_admin(&email, username.as_deref()).await
        }
        Command::Check => Box::pin(commands::check()).await,
        Command::Openapi => commands::openapi(),
        Command::Errors => Ok(commands::errors()),
        Command::Mails => commands::mails(),
        Command::Audit(command) => commands::audit(command).await,
        Command::Keys(command) => commands::keys(command).await,
        Command::Factors(command) => commands::factors(command).await,
        Command::HashTune => commands::hash_tune().await,
        Command::DemoData => commands::demo_data().await,
    };
    telemetry::end();
    match done {
        Ok(code) => code,
        Err(error) => {
            commands::print_error(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
