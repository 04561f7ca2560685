//! The checks of the clinic's records: the field key, and what the rules of time zones have changed.

use clinic::{
    app::{App, PrepareError},
    appointments::use_cases::clock_rules::shifted,
    upkeep::rewrap::count,
};
use clinic_auth::program::Program;
use kernel::error::Error;

use super::Report;
use crate::commands::{progress::Progress, reason};

const FIELD_KEY: &str = "set FIELD_ENCRYPTION_KEY (and FIELD_ENCRYPTION_KEY_PREVIOUS while a change is under way) to the \
                         keys that sealed the records; without them nobody can open these records";
/// Ids of appointments that are shown.
const SHOWN: usize = 20;

/// Checks the records, if they are on. False if nothing may be written, because the key is another one (ENC-5).
pub(super) async fn key(program: &Program, report: &mut Report) -> bool {
    let Some(clinic) = &program.clinic else {
        report.good(
            "records",
            "the clinic's records are off (clinic.enabled, FIELD_ENCRYPTION_KEY)",
        );
        return true;
    };
    if let Err(error) = program.identity.store.resolve().await {
        report.problem("database", &error.to_string(), error.remedy());
        return false;
    }
    match clinic.prepare().await {
        Ok(()) => true,
        Err(PrepareError::Store(error)) => {
            report.problem("database", &error.to_string(), error.remedy());
            false
        }
        Err(error) => {
            report.problem("field key", &error.to_string(), FIELD_KEY);
            false
        }
    }
}

/// The checks that need the indexes.
pub(super) async fn records(program: &Program, report: &mut Report) {
    let Some(clinic) = &program.clinic else {
        return;
    };
    if let Err(error) = field_keys(clinic, report).await {
        report.problem("field key", &reason(&error), "check again");
    }
    if let Err(error) = appointments(clinic, report).await {
        report.problem("appointments", &reason(&error), "check again");
    }
}

/// Says which secrets the records need; the keys are counted only while there is more than one secret (ENC-4).
async fn field_keys(clinic: &App, report: &mut Report) -> Result<(), Error> {
    let keys = clinic.field_keys();
    let current = keys.current_id().to_string();
    let has_previous = keys.ids().count() > 1;
    let canary = clinic.store.field_keys().find().await?;
    let is_alone = canary.is_some_and(|it| it.is_only_current(keys));
    if !has_previous && is_alone {
        report.good("field key", &format!("{current} seals the records"));
        return Ok(());
    }
    let total = clinic.store.patients().estimate().await?;
    let mut progress = Progress::of(total, "records").beside_output();
    let counts = count(clinic, |seen| progress.reach(seen)).await?;
    drop(progress);
    let told: Vec<String> = counts
        .records
        .iter()
        .map(|(id, count)| format!("{count} records need {id}"))
        .collect();
    let told = if told.is_empty() {
        "there are no records".to_owned()
    } else {
        told.join(", ")
    };
    let text = format!("{told}; {current} is the current one");
    match counts.others(&current) {
        (0, 0) if counts.canary_is_current => report.good(
            "field key",
            &format!("{text}; nothing needs FIELD_ENCRYPTION_KEY_PREVIOUS any more: remove it"),
        ),
        (0, answers) if counts.canary_is_current => report.warn(
            "field key",
            &format!("{text}; {answers} answers to repeated requests need the previous one for at most 24 hours"),
            "keep FIELD_ENCRYPTION_KEY_PREVIOUS until tomorrow",
        ),
        _ => report.warn(
            "field key",
            &format!("{text}; FIELD_ENCRYPTION_KEY_PREVIOUS is needed"),
            "when every instance has the current key: `clinic-auth keys rewrap`",
        ),
    }
    Ok(())
}

/// Lists appointments whose local time is another one since the rules of their zone changed (APT-13).
async fn appointments(clinic: &App, report: &mut Report) -> Result<(), Error> {
    let shifted = shifted(clinic, clinic.clock.now()).await?;
    if shifted.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = shifted
        .iter()
        .take(SHOWN)
        .map(ToString::to_string)
        .collect();
    report.warn(
        "appointments",
        &format!(
            "{} begin at another local time than when they were booked, because the rules of their time zone have changed: {}",
            shifted.len(),
            ids.join(" ")
        ),
        "ask the patients, and move each one to the time that is meant (PATCH /appointments/{appointment_id})",
    );
    Ok(())
}
