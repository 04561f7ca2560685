//! Mail over real SMTP conversations, and into the outbox folder.

mod check;
mod delivery;
mod failures;
mod memory;
mod outbox;
mod sender;
mod tls;

use std::path::Path;

use chrono::TimeZone;
use clinic_auth::{
    clock::Timestamp,
    config::{
        Config, Environment, MasterSecret, Peppers, Secret, Secrets, Settings, StoreAddress,
        sections::SmtpTls,
    },
    mail::{Mail, MailError, Mailer, MemoryMailer},
};

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

/// Settings that lead to `server`, trusting its authority, with limits that no machine is too busy for.
fn leading_to(server: &SmtpServer, tls: SmtpTls) -> Settings {
    let mut settings = settings();
    settings.mail_by_smtp = true;
    let email = &mut settings.config.email;
    email.smtp_host = "127.0.0.1".into();
    email.smtp_port = server.address.port();
    email.tls = tls;
    email.ca_file = Some(server.ca_file().to_str().unwrap().to_owned());
    within(60, settings)
}

/// The same with limits of so many seconds.
fn within(seconds: u64, mut settings: Settings) -> Settings {
    settings.config.email.connect_timeout_seconds = seconds;
    settings.config.email.command_timeout_seconds = seconds;
    settings
}

fn signing_in(mut settings: Settings) -> Settings {
    settings.secrets.smtp_user = Some(Secret::new("desk"));
    settings.secrets.smtp_password = Some(Secret::new("s3cret-word"));
    settings
}

fn plain_mailer(server: &SmtpServer) -> Mailer {
    Mailer::from_settings(&leading_to(server, SmtpTls::None)).unwrap()
}

/// The same, which waits for so many seconds.
fn plain_mailer_within(seconds: u64, server: &SmtpServer) -> Mailer {
    let settings = within(seconds, leading_to(server, SmtpTls::None));
    Mailer::from_settings(&settings).unwrap()
}

fn outbox_mailer(dir: &Path) -> Mailer {
    let mut settings = settings();
    settings.config.email.outbox_dir = dir.to_str().unwrap().into();
    Mailer::from_settings(&settings).unwrap()
}

fn now() -> Timestamp {
    chrono::Utc
        .with_ymd_and_hms(2026, 1, 15, 10, 30, 0)
        .unwrap()
}

fn mail() -> Mail {
    mail_saying("Your code is\n\n    012345\n")
}

fn mail_saying(text: &str) -> Mail {
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

/// What a mailer of `settings` says of a mail that it cannot deliver.
async fn failure(settings: &Settings) -> MailError {
    let mailer = Mailer::from_settings(settings).unwrap();
    send(&mailer).await.unwrap_err()
}

/// What becomes of a mail if a plain server does `act` at `step`.
async fn failure_at(step: Step, act: Act) -> MailError {
    failure_within(60, step, act).await
}

/// The same with limits of so many seconds.
async fn failure_within(seconds: u64, step: Step, act: Act) -> MailError {
    let server = SmtpServer::start(Tls::None).await;
    server.always(step, act);
    let mailer = plain_mailer_within(seconds, &server);
    let error = send(&mailer).await.unwrap_err();
    assert!(server.received().is_empty());
    error
}
