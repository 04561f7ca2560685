//! `clinic-auth audit`: looks for changes in the audit trail, and writes it out.

use std::{
    io::{self, BufWriter, Write},
    process::ExitCode,
};

use anyhow::{Result, anyhow};
use chrono::{DateTime, NaiveDate, NaiveTime};
use clap::Subcommand;
use identity::app::App;
use kernel::{clock::Timestamp, error::Error};
use platform::audit::{
    export::line,
    verify::{self, Report},
};
use store::StoreError;

use super::{connected, help, progress::Progress, say};

/// What to do with the trail.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Look for records that were altered, removed or reordered
    #[command(after_long_help = help::AUDIT_VERIFY)]
    Verify,
    /// Print the records as lines of JSON, oldest first
    #[command(after_long_help = help::AUDIT_EXPORT)]
    Export {
        /// From this moment on: RFC 3339, or a date (midnight UTC)
        #[arg(long, value_parser = moment)]
        from: Option<Timestamp>,
        /// Until before this moment
        #[arg(long, value_parser = moment)]
        to: Option<Timestamp>,
    },
}

/// Some records cannot be checked, but no change was found.
const UNVERIFIABLE: u8 = 2;

fn moment(text: &str) -> Result<Timestamp, String> {
    let date = text.parse::<NaiveDate>();
    date.map(|date| date.and_time(NaiveTime::MIN).and_utc())
        .or_else(|_| DateTime::parse_from_rfc3339(text).map(|at| at.to_utc()))
        .map_err(|_| {
            "neither a date such as 2026-01-31 nor a time such as 2026-01-31T10:00:00Z".to_owned()
        })
}

/// Runs the command.
pub(crate) async fn audit(command: AuditCommand) -> Result<ExitCode> {
    let program = connected().await?;
    let done = match command {
        AuditCommand::Verify => verify(&program.identity).await,
        AuditCommand::Export { from, to } => export(&program.identity, from, to).await,
    };
    program.close().await;
    done
}

fn unreachable(error: &Error) -> anyhow::Error {
    let cause = error.source.as_ref().map(ToString::to_string);
    anyhow!(
        "the audit trail cannot be read: {}",
        cause.unwrap_or_default()
    )
}

async fn verify(app: &App) -> Result<ExitCode> {
    let mut progress = Progress::of(records(app).await, "records");
    let report = verify::verify(app, || progress.step())
        .await
        .map_err(|error| unreachable(&error))?;
    drop(progress);
    for line in lines(&report) {
        say(&line);
    }
    Ok(if !report.findings.is_empty() {
        ExitCode::FAILURE
    } else if !report.unverifiable.is_empty() {
        UNVERIFIABLE.into()
    } else {
        ExitCode::SUCCESS
    })
}

/// The estimated number of records; only to show the progress.
async fn records(app: &App) -> u64 {
    let log = app.store.raw(&app.store.platform().names().audit_log);
    log.estimated_document_count().await.unwrap_or_default()
}

fn lines(report: &Report) -> Vec<String> {
    let mut lines = vec![format!(
        "{} records in {} chains",
        report.records, report.chains
    )];
    for (key, count) in &report.unverifiable {
        lines.push(format!(
            "UNVERIFIABLE  {count} records, seals and heads of master secret {key}, which is not set: run this command once \
             more with that secret as JWT_SECRET_PREVIOUS"
        ));
    }
    for (chain, finding) in &report.findings {
        let (what, finding) = (&finding.what, finding.damage.text());
        lines.push(format!("FAULT  chain {chain}: {what} {finding}"));
    }
    if report.findings.is_empty() {
        let all = report.unverifiable.is_empty();
        let but = if all { "" } else { " of what can be checked" };
        lines.push(format!("nothing{but} was altered, removed or reordered"));
    }
    lines
}

async fn export(app: &App, from: Option<Timestamp>, to: Option<Timestamp>) -> Result<ExitCode> {
    let lost = |error: StoreError| unreachable(&error.into());
    let log = app.store.audit_log();
    let mut trail = log.by_time(from, to).await.map_err(lost)?;
    let mut progress = Progress::of(records(app).await, "records").beside_output();
    let mut out = BufWriter::new(io::stdout());
    while let Some(record) = trail.next().await.map_err(lost)? {
        if let Err(error) = writeln!(out, "{}", line(record)) {
            return ended(&error);
        }
        progress.step();
    }
    out.flush()
        .map_or_else(|error| ended(&error), |()| Ok(ExitCode::SUCCESS))
}

/// A full disk is an error. A closed pipe is not, because the reader closed it.
fn ended(error: &io::Error) -> Result<ExitCode> {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Ok(ExitCode::SUCCESS);
    }
    Err(anyhow!("the export is not complete: {error}"))
}
