//! `clinic-auth check`: what a tired person reads when something is not well, and the exit code.

use std::net::TcpListener;

use bson::doc;
use mongodb::{IndexModel, options::IndexOptions};

use crate::{
    harness::{Direct, Home, MASTER, OtherAnswers, Otherwise},
    smtp_server::{Act, SmtpServer, Step, Tls},
};

/// What `check` prints at `home`, which has this fault and these words of advice for it, and exit code 1.
async fn fault(home: &Home, fault: &str, advice: &str) -> String {
    let printed = home.run(&["check"]).await.bad();
    let lines: Vec<&str> = printed.lines().collect();
    let at = lines
        .iter()
        .position(|line| line.starts_with(&format!("FAULT  {fault}")));
    let at = at.unwrap_or_else(|| panic!("no {fault:?} in {printed}"));
    let told = lines[at + 1];
    assert!(
        told.starts_with("       do: ") && told.contains(advice),
        "{printed}"
    );
    printed
}

/// A machine whose mail goes to `smtp`.
fn mailing_to(smtp: &SmtpServer, tls: &str) -> Home {
    Home::new()
        .with("SMTP_HOST", "127.0.0.1")
        .with("SMTP_PORT", &smtp.address.port().to_string())
        .with("CLINIC_AUTH__EMAIL__TLS", tls)
        .with("CLINIC_AUTH__EMAIL__FROM", "no-reply@clinic.example")
}

/// A fresh machine whose database answers otherwise.
async fn with_other_answers(otherwise: Otherwise) -> (Home, Direct) {
    let home = Home::new();
    let direct = home.open().await;
    let other = OtherAnswers::start(direct.server.clone(), otherwise).await;
    (home.with("MONGO_URI", &other.uri()), direct)
}

#[tokio::test]
async fn all_is_well() {
    let printed = Home::new().run(&["check"]).await.good();
    for told in [
        "ok     configuration",
        "ok     public address",
        "ok     port",
        "ok     clock",
        "ok     database",
        "ok     keys",
        "ok     mail",
        "\nNo faults, ",
    ] {
        assert!(printed.contains(told), "{told} in {printed}");
    }
    assert!(!printed.contains("FAULT"), "{printed}");
}

#[tokio::test]
async fn the_embedded_stores_open_port_is_worth_a_warning() {
    let printed = Home::embedded().run(&["check"]).await.good();
    for told in [
        "ok     data folder: data can be written",
        "warn   store: embedded at data/clinic.db",
        "open to every local user",
        "No faults, 1 warning",
    ] {
        assert!(printed.contains(told), "{told} in {printed}");
    }
}

#[tokio::test]
async fn no_database_answers() {
    let home = Home::new().with("MONGO_URI", "mongodb://ana:hush@127.0.0.1:1/");
    let printed = fault(&home, "database: ", "MONGO_URI").await;
    assert!(!printed.contains("hush"), "{printed}");
    assert!(printed.contains("ok     mail"), "{printed}"); // the rest is tried all the same
}

#[tokio::test]
async fn the_databases_certificate_is_not_trusted() {
    let server = SmtpServer::start(Tls::Implicit).await; // its handshake is all that is needed
    let uri = format!("mongodb://{}/?tls=true", server.address);
    let home = Home::new().with("MONGO_URI", &uri);
    let printed = fault(&home, "database: ", "tlsCAFile").await;
    assert!(printed.contains("certificate is not trusted"), "{printed}");
}

#[tokio::test]
async fn the_databases_user_may_not_create_indexes() {
    let (home, _direct) = with_other_answers(Otherwise::Forbids("createIndexes")).await;
    let printed = fault(&home, "indexes: ", "readWrite").await;
    assert!(printed.contains("Unauthorized (13)"), "{printed}");
}

#[tokio::test]
async fn the_databases_clock_is_another() {
    let (home, _direct) = with_other_answers(Otherwise::IsAhead(90)).await;
    let printed = fault(&home, "clock: ", "NTP").await;
    assert!(printed.contains(" s ahead of this machine's"), "{printed}");
    let (home, _direct) = with_other_answers(Otherwise::IsAhead(-90)).await;
    let printed = fault(&home, "clock: ", "NTP").await;
    assert!(printed.contains(" s behind this machine's"), "{printed}");
}

#[tokio::test]
async fn a_clock_that_is_off_by_seconds_is_worth_a_warning() {
    let (home, _direct) = with_other_answers(Otherwise::IsAhead(15)).await;
    let printed = home.run(&["check"]).await.good();
    assert!(printed.contains("warn   clock: "), "{printed}");
}

#[tokio::test]
async fn accounts_lay_claim_to_one_address() {
    let home = Home::new();
    let direct = home.open().await;
    direct.restore(include_str!("fixtures/twins.json")).await;
    let uri = format!("mongodb://{}/?directConnection=true", direct.server);
    let home = home.with("MONGO_URI", &uri);
    let printed = fault(&home, "database: ", "docs/migration.md").await;
    assert!(printed.contains("PAT00000301"), "{printed}");
    assert!(!printed.to_lowercase().contains("eva@"), "{printed}"); // by id, not by address
}

/// An index that the service did not make.
async fn other_index(direct: &Direct, collection: &str, name: &str, key: &str) {
    let options = IndexOptions::builder().name(name.to_owned()).build();
    let model = IndexModel::builder().keys(doc! { key: 1 }).options(options);
    let rows = direct.store.raw(collection);
    rows.create_index(model.build()).await.unwrap();
}

#[tokio::test]
async fn an_index_with_other_options_is_in_the_way() {
    let home = Home::new();
    let direct = home.open().await;
    other_index(&direct, "patients_v2", "email_1", "email").await;
    other_index(&direct, "doctor_v2", "doctors_email_unique_idx", "mobile").await;
    let printed = fault(
        &home,
        "database: indexes with other options",
        "database.indexes",
    )
    .await;
    assert!(printed.contains("dropIndex"), "{printed}");
    assert!(!printed.contains("look at these documents"), "{printed}");
}

#[tokio::test]
async fn an_index_that_only_makes_things_faster_is_worth_a_warning() {
    let home = Home::new();
    let direct = home.open().await;
    other_index(&direct, "patients_v2", "patients_user_type_idx", "mobile").await;
    let printed = home.run(&["check"]).await.good();
    assert!(
        printed.contains("warn   indexes: ") && printed.contains("dropIndex"),
        "{printed}"
    );
}

#[tokio::test]
async fn an_address_weakens_what_is_acknowledged() {
    for weak in ["w=1", "w=0", "journal=false"] {
        let uri = format!("mongodb://127.0.0.1:1/?{weak}");
        let printed = Home::new()
            .with("MONGO_URI", &uri)
            .run(&["check"])
            .await
            .bad(); // DB-3
        assert!(
            printed.contains(&format!("warn   store: MONGO_URI has {weak}")),
            "{printed}"
        );
    }
}

#[tokio::test]
async fn a_server_that_stands_alone_is_asked_for_its_journal() {
    let mut home = Home::new();
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
async fn no_mail_server_answers() {
    let home = Home::new()
        .with("SMTP_HOST", "127.0.0.1")
        .with("SMTP_PORT", "1")
        .with("CLINIC_AUTH__EMAIL__TLS", "none");
    let printed = fault(&home, "mail: ", "SMTP_HOST").await;
    assert!(printed.contains("ok     database"), "{printed}");
}

#[tokio::test]
async fn the_mail_server_refuses_the_password() {
    let smtp = SmtpServer::start(Tls::None).await;
    smtp.offer_auth("PLAIN");
    smtp.always(Step::Auth, Act::Reply("535 5.7.8 no"));
    let home = mailing_to(&smtp, "none")
        .with("SMTP_USER", "desk")
        .with("SMTP_PASSWORD", "hush-hush");
    let printed = fault(&home, "mail: ", "SMTP_PASSWORD").await;
    assert!(
        printed.contains("refused with 535") && !printed.contains("hush-hush"),
        "{printed}"
    );
}

#[tokio::test]
async fn the_mail_server_refuses_before_there_is_a_mail() {
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
        let printed = fault(&mailing_to(&smtp, tls), "mail: ", advice).await;
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
async fn the_mail_servers_certificate_is_not_trusted() {
    let smtp = SmtpServer::start(Tls::Starttls).await;
    let printed = fault(&mailing_to(&smtp, "starttls"), "mail: ", "email.ca_file").await;
    assert!(printed.contains("authority is not known"), "{printed}");
}

#[tokio::test]
async fn the_outbox_cannot_be_written() {
    let home = Home::new().with("CLINIC_AUTH__EMAIL__OUTBOX_DIR", "occupied");
    std::fs::write(home.path().join("occupied"), "a file").unwrap();
    fault(&home, "mail: ", "email.outbox_dir").await;
}

#[tokio::test]
async fn the_data_folder_cannot_be_written() {
    let home = Home::embedded().with("CLINIC_AUTH__DATABASE__EMBEDDED_PATH", "occupied/clinic.db");
    std::fs::write(home.path().join("occupied"), "a file").unwrap();
    fault(&home, "configuration: occupied/secret.key", "JWT_SECRET").await;
    let home = home.with("JWT_SECRET", MASTER);
    fault(&home, "data folder: occupied", "database.embedded_path").await;
    let home = home.with("CLINIC_AUTH__DATABASE__EMBEDDED_PATH", "/proc/clinic.db"); // a folder that takes no file
    fault(&home, "data folder: /proc", "database.embedded_path").await;
}

#[tokio::test]
async fn the_port_is_taken_by_another_program() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    drop(std::thread::spawn(move || taken.accept().map(drop))); // it hangs up on whoever asks
    let printed = fault(&Home::new().with("PORT", &port), "port: ", "PORT").await;
    assert!(printed.contains("taken by another program"), "{printed}");
}

#[tokio::test]
async fn the_port_of_the_running_service_is_no_fault() {
    let home = Home::new();
    let process = home.serve_ready().await;
    let (_, port) = process.address().split_once(':').unwrap();
    let printed = home.with("PORT", port).run(&["check"]).await.good();
    assert!(printed.contains("held by this service"), "{printed}");
}

#[tokio::test]
async fn production_has_no_public_address_with_https() {
    let home = Home::new().in_production();
    let unset = home.with("CLINIC_AUTH__SERVICE__PUBLIC_BASE_URL", "");
    fault(&unset, "public address: ", "SERVICE__PUBLIC_BASE_URL to").await;
    let plain = unset.with(
        "CLINIC_AUTH__SERVICE__PUBLIC_BASE_URL",
        "http://accounts.clinic.example",
    );
    let told = "configuration: service.public_base_url: is not https";
    fault(&plain, told, "https://").await;
}

#[tokio::test]
async fn the_secret_is_weak() {
    for (weak, problem) in [
        ("hushhush", "shorter than 32 bytes"),
        ("change-me-change-me-change-me-change-me", "placeholder"),
        (&"x".repeat(64), "repeats a few characters"),
    ] {
        let home = Home::new().with("JWT_SECRET", weak);
        let printed = fault(
            &home,
            "configuration: JWT_SECRET",
            "openssl rand -base64 48",
        )
        .await;
        assert!(
            printed.contains(problem) && !printed.contains(weak),
            "{printed}"
        );
    }
}

#[tokio::test]
async fn every_fault_of_the_configuration_is_told_at_once() {
    let home = Home::new()
        .with("CLINIC_AUTH__OTP__LENGHT", "6")
        .with("ENVIRONMENT", "prod");
    let printed = home.run(&["check"]).await.bad(); // CFG-1
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
