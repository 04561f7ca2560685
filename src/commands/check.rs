//! `clinic-auth check`: tries everything that the service needs, and says what to do about what is missing.

mod database;
mod machine;
mod report;

use std::process::ExitCode;

use anyhow::Result;
use clinic_auth::{
    app::{App, Overrides},
    config::{Settings, Sources},
};

use self::report::Report;

/// Prints a line for each thing that was tried, and a line of advice under each that is not well; exit code 1 if one
/// of them has a error.
pub(crate) async fn check() -> Result<ExitCode> {
    let mut report = Report::default();
    match Settings::load(&Sources::from_process()) {
        Ok(settings) => {
            report.good("configuration", "every key is known and in range");
            machine::ignored(&settings, &mut report);
            look(settings, &mut report).await;
        }
        Err(errors) => {
            for error in &errors.0 {
                let text = format!("{}: {}", error.key, error.problem);
                report.problem("configuration", &text, &error.remedy);
            }
        }
    }
    Ok(report.end())
}

/// First what this machine alone decides, then what stands elsewhere.
async fn look(settings: Settings, report: &mut Report) {
    machine::public_address(&settings, report);
    machine::proxies(&settings, report);
    machine::port(&settings, report);
    if !machine::data_folder(&settings, report) {
        return;
    }
    match App::build(settings, Overrides::default()).await {
        Ok(app) => {
            database::look(&app, report).await;
            match app.mailer.check().await {
                Ok(()) => report.good("mail", &app.mailer.describe()),
                Err(error) => {
                    let text = format!("{}: {error}", app.mailer.describe());
                    report.problem("mail", &text, error.remedy());
                }
            }
            app.close().await;
        }
        Err(error) => report.problem(
            "start",
            &error.to_string(),
            "correct the setting that it names",
        ),
    }
}
