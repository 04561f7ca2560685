//! `clinic-auth check`: its messages about problems, and its exit code.

use std::net::TcpListener;

use bson::doc;
use mongodb::{IndexModel, options::IndexOptions};

use crate::{
    harness::{Alteration, AlteringProxy, Direct, Installation, MASTER},
    smtp_server::{Act, SmtpServer, Step, Tls},
};

/// Fails the test unless `check` reports this problem with this advice and exit code 1. Returns what it printed.
async fn expect_problem(home: &Installation, problem: &str, advice: &str) -> String {
    let printed = home.run(&["check"]).await.failure();
    let lines: Vec<&str> = printed.lines().collect();
    let at = lines
        .iter()
        .position(|line| line.starts_with(&format!("FAULT  {problem}")));
    let at = at.unwrap_or_else(|| panic!("no {problem:?} in {printed}"));
    let text = lines[at + 1];
    assert!(
        text.starts_with("       do: ") && text.contains(advice),
        "{printed}"
    );
    printed
}

/// An installation whose mail goes to `smtp`.
fn mailing_to(smtp: &SmtpServer, tls: &str) -> Installation {
    Installation::new()
        .with("SMTP_HOST", "127.0.0.1")
        .with("SMTP_PORT", &smtp.address.port().to_string())
        .with("CLINIC_AUTH__EMAIL__TLS", tls)
        .with("CLINIC_AUTH__EMAIL__FROM", "no-reply@clinic.example")
}

/// A new installation behind a proxy that changes answers of the database.
async fn with_altered_answers(alteration: Alteration) -> (Installation, Direct) {
    let home = Installation::new();
    let direct = home.open().await;
    let other = AlteringProxy::start(direct.server.clone(), alteration).await;
    (home.with("MONGO_URI", &other.uri()), direct)
}

#[tokio::test]
async fn a_correct_configuration_passes() {
    let printed = Installation::new().run(&["check"]).await.success();
    for text in [
        "ok     configuration",
        "ok     public address",
        "ok     port",
        "ok     clock",
        "ok     database",
        "ok     keys",
        "ok     mail",
        "\nNo faults, ",
    ] {
        assert!(printed.contains(text), "{text} in {printed}");
    }
    assert!(!printed.contains("FAULT"), "{printed}");
}

#[tokio::test]
async fn an_open_port_of_the_embedded_store_is_a_warning() {
    let printed = Installation::embedded().run(&["check"]).await.success();
    for text in [
        "ok     data folder: data can be written",
        "warn   store: embedded at data/clinic.db",
        "open to every local user",
        "No faults, 1 warning",
    ] {
        assert!(printed.contains(text), "{text} in {printed}");
    }
}

#[tokio::test]
async fn an_unreachable_database_is_reported() {
    let home = Installation::new().with("MONGO_URI", "mongodb://ana:hush@127.0.0.1:1/");
    let printed = expect_problem(&home, "database: ", "MONGO_URI").await;
    assert!(!printed.contains("hush"), "{printed}");
    assert!(printed.contains("ok     mail"), "{printed}"); // The other checks still run.
}

#[tokio::test]
async fn an_untrusted_database_certificate_is_reported() {
    let server = SmtpServer::start(Tls::Implicit).await; // Only its TLS handshake is needed.
    let uri = format!("mongodb://{}/?tls=true", server.address);
    let home = Installation::new().with("MONGO_URI", &uri);
    let printed = expect_problem(&home, "database: ", "tlsCAFile").await;
    assert!(printed.contains("certificate is not trusted"), "{printed}");
}

#[tokio::test]
async fn a_database_user_without_index_rights_is_reported() {
    let (home, _direct) = with_altered_answers(Alteration::Forbid("createIndexes")).await;
    let printed = expect_problem(&home, "indexes: ", "readWrite").await;
    assert!(printed.contains("Unauthorized (13)"), "{printed}");
}

#[tokio::test]
async fn a_wrong_database_clock_is_reported() {
    let (home, _direct) = with_altered_answers(Alteration::ClockAhead(90)).await;
    let printed = expect_problem(&home, "clock: ", "NTP").await;
    assert!(printed.contains(" s ahead of this machine's"), "{printed}");
    let (home, _direct) = with_altered_answers(Alteration::ClockAhead(-90)).await;
    let printed = expect_problem(&home, "clock: ", "NTP").await;
    assert!(printed.contains(" s behind this machine's"), "{printed}");
}

#[tokio::test]
async fn a_clock_that_differs_by_seconds_is_a_warning() {
    let (home, _direct) = with_altered_answers(Alteration::ClockAhead(15)).await;
    let printed = home.run(&["check"]).await.success();
    assert!(printed.contains("warn   clock: "), "{printed}");
}

#[tokio::test]
async fn accounts_with_one_address_are_reported() {
    let home = Installation::new();
    let direct = home.open().await;
    direct.restore(include_str!("fixtures/twins.json")).await;
    let uri = format!("mongodb://{}/?directConnection=true", direct.server);
    let home = home.with("MONGO_URI", &uri);
    let printed = expect_problem(&home, "database: ", "docs/migration.md").await;
    assert!(printed.contains("PAT00000301"), "{printed}");
    assert!(!printed.to_lowercase().contains("eva@"), "{printed}"); // The message names the account by id, not by address.
}

/// Creates an index that is not one of the service's.
async fn other_index(direct: &Direct, collection: &str, name: &str, key: &str) {
    let options = IndexOptions::builder().name(name.to_owned()).build();
    let model = IndexModel::builder().keys(doc! { key: 1 }).options(options);
    let rows = direct.store.raw(collection);
    rows.create_index(model.build()).await.unwrap();
}

#[tokio::test]
async fn an_index_with_other_options_is_reported() {
    let home = Installation::new();
    let direct = home.open().await;
    other_index(&direct, "patients_v2", "email_1", "email").await;
    other_index(&direct, "doctor_v2", "doctors_email_unique_idx", "mobile").await;
    let printed = expect_problem(
        &home,
        "database: indexes with other options",
        "database.indexes",
    )
    .await;
    assert!(printed.contains("dropIndex"), "{printed}");
    assert!(!printed.contains("look at these documents"), "{printed}");
}

#[tokio::test]
async fn a_performance_index_with_other_keys_is_a_warning() {
    let home = Installation::new();
    let direct = home.open().await;
    other_index(&direct, "patients_v2", "patients_user_type_idx", "mobile").await;
    let printed = home.run(&["check"]).await.success();
    assert!(
        printed.contains("warn   indexes: ") && printed.contains("dropIndex"),
        "{printed}"
    );
}

#[tokio::test]
async fn a_weak_write_concern_in_the_address_is_reported() {
    for weak in ["w=1", "w=0", "journal=false"] {
        let uri = format!("mongodb://127.0.0.1:1/?{weak}");
        let printed = Installation::new()
            .with("MONGO_URI", &uri)
            .run(&["check"])
            .await
            .failure(); // DB-3
        assert!(
            printed.contains(&format!("warn   store: MONGO_URI has {weak}")),
            "{printed}"
        );
    }
}

#[tokio::test]
async fn a_standalone_server_without_journal_is_a_warning() {
    let mut home = Installation::new();
    let direct = home.open().await;
    for (options, warned) in [
        ("", true),
        ("&journal=true", false),
        ("&journal=false", true),
    ] {
        let uri = format!(
            "mongodb://{}/?directConnection=true{options}",
            direct.server
        );
        home = home.with("MONGO_URI", &uri);
        let printed = home.run(&["check"]).await.stdout;
        let warning = printed.contains("warn   store: the MongoDB stands alone"); // DB-3
        assert_eq!(warning, warned, "{options} {printed}");
    }
}

#[tokio::test]
async fn an_unreachable_mail_server_is_reported() {
    let home = Installation::new()
        .with("SMTP_HOST", "127.0.0.1")
        .with("SMTP_PORT", "1")
        .with("CLINIC_AUTH__EMAIL__TLS", "none");
    let printed = expect_problem(&home, "mail: ", "SMTP_HOST").await;
    assert!(printed.contains("ok     database"), "{printed}");
}

#[tokio::test]
async fn a_refused_mail_password_is_reported() {
    let smtp = SmtpServer::start(Tls::None).await;
    smtp.offer_auth("PLAIN");
    smtp.always(Step::Auth, Act::Reply("535 5.7.8 no"));
    let home = mailing_to(&smtp, "none")
        .with("SMTP_USER", "desk")
        .with("SMTP_PASSWORD", "hush-hush");
    let printed = expect_problem(&home, "mail: ", "SMTP_PASSWORD").await;
    assert!(
        printed.contains("refused with 535") && !printed.contains("hush-hush"),
        "{printed}"
    );
}

#[tokio::test]
async fn a_mail_server_that_refuses_early_is_reported() {
    for (tls, step, reply, code, advice) in [
        (
            "none",
            Step::Greeting,
            "554 5.7.1 your network is blocked",
            "554",
            "may send mail through it",
        ),
        (
            "none",
            Step::Ehlo,
            "550 bad name",
            "550",
            "service.public_base_url",
        ),
        (
            "starttls",
            Step::Starttls,
            "502 no TLS here",
            "502",
            "email.tls=implicit",
        ),
        (
            "none",
            Step::Mail,
            "530 5.7.0 log in first",
            "530",
            "set SMTP_USER and SMTP_PASSWORD",
        ),
        (
            "none",
            Step::Mail,
            "553 5.7.1 not yours",
            "553",
            "set email.from",
        ),
        (
            "none",
            Step::Mail,
            "550 5.7.1 not yours",
            "550",
            "set email.from",
        ),
    ] {
        let smtp = match tls {
            "none" => SmtpServer::start(Tls::None).await,
            _ => SmtpServer::start(Tls::Starttls).await,
        };
        smtp.always(step, Act::Reply(reply));
        let printed = expect_problem(&mailing_to(&smtp, tls), "mail: ", advice).await;
        assert!(
            printed.contains(&format!("refused with {code}")),
            "{printed}"
        );
        assert!(
            !printed.contains("not yours") && !printed.contains("blocked"),
            "{printed}"
        );
    }
}

#[tokio::test]
async fn an_untrusted_mail_certificate_is_reported() {
    let smtp = SmtpServer::start(Tls::Starttls).await;
    let printed = expect_problem(&mailing_to(&smtp, "starttls"), "mail: ", "email.ca_file").await;
    assert!(printed.contains("authority is not known"), "{printed}");
}

#[tokio::test]
async fn an_unwritable_outbox_is_reported() {
    let home = Installation::new().with("CLINIC_AUTH__EMAIL__OUTBOX_DIR", "occupied");
    std::fs::write(home.path().join("occupied"), "a file").unwrap();
    expect_problem(&home, "mail: ", "email.outbox_dir").await;
}

#[tokio::test]
async fn an_unwritable_data_folder_is_reported() {
    let home =
        Installation::embedded().with("CLINIC_AUTH__DATABASE__EMBEDDED_PATH", "occupied/clinic.db");
    std::fs::write(home.path().join("occupied"), "a file").unwrap();
    expect_problem(&home, "configuration: occupied/secret.key", "JWT_SECRET").await;
    let home = home.with("JWT_SECRET", MASTER);
    expect_problem(
        &home,
        "configuration: occupied/field.key",
        "FIELD_ENCRYPTION_KEY",
    )
    .await;
    let home = home.with("FIELD_ENCRYPTION_KEY", MASTER);
    expect_problem(&home, "data folder: occupied", "database.embedded_path").await;
    let home = home.with("CLINIC_AUTH__DATABASE__EMBEDDED_PATH", "/proc/clinic.db"); // No file can be created in /proc.
    expect_problem(&home, "data folder: /proc", "database.embedded_path").await;
}

#[tokio::test]
async fn a_port_taken_by_another_program_is_reported() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    drop(std::thread::spawn(move || taken.accept().map(drop))); // It closes the connection at once.
    let printed = expect_problem(&Installation::new().with("PORT", &port), "port: ", "PORT").await;
    assert!(printed.contains("taken by another program"), "{printed}");
}

#[tokio::test]
async fn the_port_of_the_running_service_is_accepted() {
    let home = Installation::new();
    let process = home.serve_ready().await;
    let (_, port) = process.address().split_once(':').unwrap();
    let printed = home.with("PORT", port).run(&["check"]).await.success();
    assert!(printed.contains("held by this service"), "{printed}");
}

#[tokio::test]
async fn a_production_address_without_https_is_reported() {
    let home = Installation::new().in_production();
    let unset = home.with("CLINIC_AUTH__SERVICE__PUBLIC_BASE_URL", "");
    expect_problem(&unset, "public address: ", "SERVICE__PUBLIC_BASE_URL to").await;
    let plain = unset.with(
        "CLINIC_AUTH__SERVICE__PUBLIC_BASE_URL",
        "http://accounts.clinic.example",
    );
    let text = "configuration: service.public_base_url: is not https";
    expect_problem(&plain, text, "https://").await;
}

#[tokio::test]
async fn a_weak_secret_is_reported() {
    for (weak, reason) in [
        ("hushhush", "shorter than 32 bytes"),
        ("change-me-change-me-change-me-change-me", "placeholder"),
        (&"x".repeat(64), "repeats a few characters"),
    ] {
        let home = Installation::new().with("JWT_SECRET", weak);
        let printed = expect_problem(
            &home,
            "configuration: JWT_SECRET",
            "openssl rand -base64 48",
        )
        .await;
        assert!(
            printed.contains(reason) && !printed.contains(weak),
            "{printed}"
        );
    }
}

#[tokio::test]
async fn all_configuration_errors_are_reported_together() {
    let home = Installation::new()
        .with("CLINIC_AUTH__OTP__LENGHT", "6")
        .with("ENVIRONMENT", "prod");
    let printed = home.run(&["check"]).await.failure(); // CFG-1
    assert!(
        printed.contains("FAULT  configuration: ENVIRONMENT"),
        "{printed}"
    );
    assert!(
        printed.contains("OTP__LENGHT") && printed.contains("OTP__LENGTH"),
        "{printed}"
    );
    assert!(printed.contains("\n2 faults, no warnings."), "{printed}");
}
