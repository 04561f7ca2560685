//! `clinic-auth check`: tries everything that the service needs, and says what to do about what is missing.

use std::process::ExitCode;

use anyhow::Result;
use clinic_auth::{
    app::{App, Overrides, Phase},
    config::{Settings, Sources, StoreAddress},
};

use super::{prepare, say};

/// Prints a line for each thing that was tried; exit code 1 if one of them has a fault.
pub(crate) async fn check() -> Result<ExitCode> {
    let mut report = Report { faults: 0 };
    let settings = match Settings::load(&Sources::from_process()) {
        Ok(settings) => settings,
        Err(faults) => {
            for fault in &faults.0 {
                report.fault("configuration", &fault.to_string());
            }
            return Ok(ExitCode::FAILURE);
        }
    };
    Report::good("configuration", "every key is known and in range");
    match App::build(settings, Overrides::default()).await {
        Ok(app) => {
            look(&app, &mut report).await;
            app.close().await;
        }
        Err(error) => report.fault("start", &error.to_string()),
    }
    Ok(if report.faults == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

struct Report {
    faults: usize,
}

impl Report {
    fn good(what: &str, text: &str) {
        say(&format!("ok     {what}: {text}"));
    }

    fn warn(what: &str, text: &str) {
        say(&format!("warn   {what}: {text}"));
    }

    fn fault(&mut self, what: &str, text: &str) {
        self.faults += 1;
        say(&format!("FAULT  {what}: {text}"));
    }
}

async fn look(app: &App, report: &mut Report) {
    match &app.settings.store {
        StoreAddress::Embedded(path) => Report::warn(
            "store",
            &format!(
                "embedded at {}: for one small clinic; its loopback port is open to every local user; \
                 set MONGO_URI for MongoDB",
                path.display()
            ),
        ),
        StoreAddress::Uri(uri) => {
            if let Some(weak) = weak_write_concern(uri.expose()) {
                Report::warn(
                    "store",
                    &format!("MONGO_URI has {weak}: acknowledged writes can be lost; remove it"),
                );
            }
        }
    }
    match prepare(app).await {
        Ok(Phase::Ready) => {
            Report::good(
                "database",
                "it answers, every index stands, every account has its identifiers",
            );
            Report::good(
                "keys",
                &format!(
                    "there is a key to sign with; master secret {}",
                    app.master.current_id()
                ),
            );
        }
        Ok(Phase::Blocked(why)) => report.fault(
            "database",
            &format!("{why}; mend the documents, then check again"),
        ),
        Ok(Phase::Starting | Phase::Stopping) => Report::warn(
            "database",
            "another instance is preparing it; check again in a moment",
        ),
        Err(cause) => report.fault(
            "database",
            &format!("{cause}; is the address in MONGO_URI right, and does the server run?"),
        ),
    }
    match app.mailer.check().await {
        Ok(()) => Report::good("mail", &app.mailer.describe()),
        Err(error) => report.fault(
            "mail",
            &format!(
                "{}: {error}; see SMTP_HOST, SMTP_USER, SMTP_PASSWORD and email.*",
                app.mailer.describe()
            ),
        ),
    }
}

/// The option of the address that weakens what "acknowledged" means (security.md DB-3).
fn weak_write_concern(uri: &str) -> Option<&str> {
    let (_, options) = uri.split_once('?')?;
    options.split('&').find(|option| {
        let option = option.to_ascii_lowercase();
        matches!(option.as_str(), "w=0" | "w=1" | "journal=false" | "j=false")
    })
}
