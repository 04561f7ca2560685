//! `clinic-auth check`: tries everything that the service needs, and says how to correct each problem.

mod clinic;
mod database;
mod machine;
mod report;

use std::process::ExitCode;

use anyhow::Result;
use clinic_auth::{
    config::{Settings, Sources},
    program::{Overrides, Program},
};

use self::report::Report;

/// Prints one line for each check, with a line of advice under each problem. The exit code is 1 if there is an error.
pub(crate) async fn check() -> Result<ExitCode> {
    let mut report = Report::default();
    match Settings::load(&Sources::from_process()) {
        Ok(settings) => {
            report.good("configuration", "every key is known and in range");
            machine::ignored(&settings, &mut report);
            Box::pin(check_all(settings, &mut report)).await;
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

/// Checks this machine first, then the database and the mail server.
async fn check_all(settings: Settings, report: &mut Report) {
    machine::public_address(&settings, report);
    machine::passkeys(&settings, report);
    machine::proxies(&settings, report);
    machine::second_factors(&settings, report);
    machine::port(&settings, report);
    if !machine::data_folder(&settings, report) {
        return;
    }
    match Program::build(settings, Overrides::default()).await {
        Ok(program) => {
            let app = &program.identity;
            database::store(&program, report);
            if clinic::key(&program, report).await {
                database::check(&program, report).await;
            }
            match app.mailer.check(app.clock.now()).await {
                Ok(()) => report.good("mail", &app.mailer.describe()),
                Err(error) => {
                    let text = format!("{}: {error}", app.mailer.describe());
                    report.problem("mail", &text, error.remedy());
                }
            }
            program.close().await;
        }
        Err(error) => {
            let text = error.to_string();
            report.problem("start", &text, "correct the setting that it names");
        }
    }
}
