//! `clinic-auth records`: whether the clinic's records open, and whether what stands beside them fits.

use std::process::ExitCode;

use anyhow::{Result, anyhow};
use clap::Subcommand;
use clinic::upkeep::inspect::{Report, inspect};

use super::{help, prepared, progress::Progress, reason, records_of, say};

/// Records of a sample.
const SAMPLE: u64 = 1_000;

/// What to do with the records.
#[derive(Debug, Subcommand)]
pub(crate) enum RecordsCommand {
    /// Open records, and compare search tokens, keys and relationships with what they say
    #[command(after_long_help = help::RECORDS_CHECK)]
    Check {
        /// All records, not a sample of 1,000
        #[arg(long)]
        all: bool,
    },
}

/// Runs `clinic-auth records`.
pub(crate) async fn records(command: RecordsCommand) -> Result<ExitCode> {
    let RecordsCommand::Check { all } = command;
    let program = prepared().await?;
    let clinic = records_of(&program)?;
    let total = clinic.store.patients().estimate().await?;
    let sample = (!all).then_some(SAMPLE);
    let total = total.min(sample.unwrap_or(u64::MAX));
    let mut progress = Progress::of(total, "records");
    let report = inspect(clinic, sample, |seen| progress.reach(seen)).await;
    drop(progress);
    program.close().await;
    let report =
        report.map_err(|error| anyhow!("the records cannot be read: {}", reason(&error)))?;
    for line in lines(&report) {
        say(&line);
    }
    Ok(if report.findings.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn lines(report: &Report) -> Vec<String> {
    let (records, texts, relations) = (report.records, report.texts, report.relations);
    let alone = report.without_doctor;
    let mut lines = vec![format!(
        "{records} records with {texts} sealed texts and {relations} relationships; {alone} records have no doctor"
    )];
    for (finding, (count, ids)) in &report.findings {
        let shown = ids.join(" ");
        lines.push(format!("FAULT  {count}: {}: {shown}", finding.text()));
    }
    if report.findings.is_empty() {
        lines.push("everything opens and fits".to_owned());
    }
    lines
}
