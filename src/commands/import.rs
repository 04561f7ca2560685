//! `clinic-auth import`: patients from a file.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result, anyhow, bail};
use clap::Subcommand;
use clinic::patients::use_cases::import::{Import, Report, import as import_patients};
use kernel::ids::UserId;

use super::{help, prepared, progress::Progress, reason, records_of, say};

/// What to import.
#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// Import patients from a CSV file, and report the rows that are refused
    #[command(after_long_help = help::IMPORT_PATIENTS)]
    Patients {
        /// The file; its first row names the columns
        file: PathBuf,
        /// The doctor (DOC...) of rows without `doctor_id`
        #[arg(long)]
        doctor: Option<String>,
        /// Write nothing, and report what would be refused
        #[arg(long)]
        dry_run: bool,
    },
}

/// Runs `clinic-auth import`.
pub(crate) async fn import(command: ImportCommand) -> Result<ExitCode> {
    let ImportCommand::Patients {
        file,
        doctor,
        dry_run,
    } = command;
    let shown = file.display();
    let bytes = std::fs::read(&file).with_context(|| format!("{shown} cannot be read"))?;
    let Ok(csv) = String::from_utf8(bytes) else {
        bail!("{shown} is not UTF-8: save it as CSV UTF-8");
    };
    let program = prepared().await?;
    let wanted = Import {
        csv: &csv,
        doctor_id: doctor.map(UserId::from_stored),
        dry_run,
    };
    let clinic = records_of(&program)?;
    let mut progress = None;
    let report = import_patients(clinic, &wanted, |done, all| {
        let progress = progress.get_or_insert_with(|| Progress::of(all as u64, "rows"));
        progress.reach(done as u64);
    })
    .await;
    drop(progress);
    program.close().await;
    let report = report.map_err(|error| {
        anyhow!(
            "the import stopped: {}; the patients before are made, and a second import refuses them as known",
            reason(&error)
        )
    })?;
    for line in lines(&report, dry_run) {
        say(&line);
    }
    Ok(if report.refused.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn lines(report: &Report, dry_run: bool) -> Vec<String> {
    let refused = report.refused.iter().map(|row| {
        let (line, field, kind) = (row.line, &row.field, row.kind);
        format!("line {line}  {field}: {} ({kind})", row.message)
    });
    let mut lines: Vec<String> = refused.collect();
    if !report.skipped.is_empty() {
        let places: Vec<_> = report.skipped.iter().map(ToString::to_string).collect();
        let places = places.join(", ");
        lines.push(format!("columns {places} are not known and were skipped"));
    }
    // A row may have several faults.
    let mut rows: Vec<_> = report.refused.iter().map(|row| row.line).collect();
    rows.dedup();
    let (made, refused) = (report.created, rows.len());
    lines.push(if dry_run {
        format!(
            "{made} patients can be imported, {refused} rows would be refused; nothing was written"
        )
    } else {
        format!("{made} patients were imported, {refused} rows were refused")
    });
    lines
}
