//! The commands of `clinic-auth`; what they do is in the library.

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The identity service of a clinic.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the service (the default)
    Serve,
    /// Make an administrator, who sets the password by a one-time link
    CreateAdmin {
        /// The administrator's e-mail address
        #[arg(long)]
        email: String,
        /// A username
        #[arg(long)]
        username: Option<String>,
    },
    /// Try the whole configuration, the database, the indexes, mail and keys
    Check,
    /// Print the `OpenAPI` document
    Openapi,
    /// Print the table of error codes, as in docs/errors.md
    Errors,
    /// Make a demo patient, doctor and administrator (development only)
    DemoData,
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Arguments::parse().command.unwrap_or(Command::Serve) {
        Command::Serve => commands::serve().await,
        Command::CreateAdmin { email, username } => {
            commands::create_admin(&email, username.as_deref()).await
        }
        Command::Check => commands::check().await,
        Command::Openapi => commands::openapi(),
        Command::Errors => Ok(commands::errors()),
        Command::DemoData => commands::demo_data().await,
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            commands::complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
