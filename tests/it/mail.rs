//! Mail over SMTP and into the outbox folder.

mod check;
mod delivery;
mod failures;
mod memory;
mod outbox;
mod sender;
mod tls;
mod tokens;

use std::path::Path;

use chrono::TimeZone;
use clinic_auth::config::{
    Config, Environment, MasterSecret, Peppers, Secrets, Settings, StoreAddress, sections::SmtpTls,
};
use kernel::{clock::Timestamp, secret::Secret};
use mail::{Mail, MailError, Mailer, MemoryMailer};

use crate::smtp_server::{Act, SmtpServer, Step, Tls};

fn settings() -> Settings {
    let mut config = Config::default();
    config.email.from = Some("North Clinic <no-reply@clinic.test>".to_owned());
    config.service.public_base_url = "https://auth.clinic.test".into();
    Settings {
        config,
        secrets: Secrets {
            master: MasterSecret {
                current: Secret::new("m".repeat(32)),
                previous: None,
            },
            peppers: Peppers::default(),
            field: None,
            smtp_user: None,
            smtp_password: None,
        },
        store: StoreAddress::Embedded("unused".into()),
        environment: Environment::Development,
        mail_by_smtp: false,
        cors_origins: Vec::new(),
        log_filter: None,
        obsolete: Vec::new(),
        ignored: Vec::new(),
    }
}

/// Settings that send to `server` and trust its authority, with timeouts that are long enough for a busy machine.
fn smtp_settings(server: &SmtpServer, tls: SmtpTls) -> Settings {
    let mut settings = settings();
    settings.mail_by_smtp = true;
    let email = &mut settings.config.email;
    email.smtp_host = "127.0.0.1".into();
    email.smtp_port = server.address.port();
    email.tls = tls;
    email.ca_file = Some(server.ca_file().to_str().unwrap().to_owned());
    with_timeouts(60, settings)
}

/// These settings with timeouts of `seconds`.
fn with_timeouts(seconds: u64, mut settings: Settings) -> Settings {
    settings.config.email.connect_timeout_seconds = seconds;
    settings.config.email.command_timeout_seconds = seconds;
    settings
}

fn with_credentials(mut settings: Settings) -> Settings {
    settings.secrets.smtp_user = Some(Secret::new("desk"));
    settings.secrets.smtp_password = Some(Secret::new("s3cret-word"));
    settings
}

fn plain_mailer(server: &SmtpServer) -> Mailer {
    Mailer::from_settings(smtp_settings(server, SmtpTls::None).mail()).unwrap()
}

/// A mailer without TLS and with timeouts of `seconds`.
fn plain_mailer_within(seconds: u64, server: &SmtpServer) -> Mailer {
    let settings = with_timeouts(seconds, smtp_settings(server, SmtpTls::None));
    Mailer::from_settings(settings.mail()).unwrap()
}

fn outbox_mailer(dir: &Path) -> Mailer {
    let mut settings = settings();
    settings.config.email.outbox_dir = dir.to_str().unwrap().into();
    Mailer::from_settings(settings.mail()).unwrap()
}

fn now() -> Timestamp {
    chrono::Utc
        .with_ymd_and_hms(2026, 1, 15, 10, 30, 0)
        .unwrap()
}

fn mail() -> Mail {
    mail_with_text("Your code is\n\n    012345\n")
}

fn mail_with_text(text: &str) -> Mail {
    Mail {
        to: "ana@example.com".to_owned(),
        subject: "Your verification code".to_owned(),
        text: text.to_owned(),
        html: "<p>012345</p>\n".to_owned(),
    }
}

async fn send(mailer: &Mailer) -> Result<(), MailError> {
    mailer.send(&mail(), "id-1", now()).await
}

/// The error of a mailer with `settings` that cannot deliver a mail.
async fn failure(settings: &Settings) -> MailError {
    let mailer = Mailer::from_settings(settings.mail()).unwrap();
    send(&mailer).await.unwrap_err()
}

/// The error of a mail if a server without TLS does `act` at `step`.
async fn failure_at(step: Step, act: Act) -> MailError {
    failure_within(60, step, act).await
}

/// The same with timeouts of `seconds`.
async fn failure_within(seconds: u64, step: Step, act: Act) -> MailError {
    let server = SmtpServer::start(Tls::None).await;
    server.always(step, act);
    let mailer = plain_mailer_within(seconds, &server);
    let error = send(&mailer).await.unwrap_err();
    assert!(server.received().is_empty());
    error
}
