//! What `check` and the start warn of: a configuration that works and means something else.

use crate::harness::{Home, MASTER};

const HTTPS: &str = "https://accounts.clinic.example";

async fn printed(home: Home) -> String {
    home.run(&["check"]).await.stdout
}

#[tokio::test]
async fn https_without_a_trusted_proxy_makes_everybody_one_address() {
    let told = "warn   proxies: ";
    let home = || Home::new().with("CLINIC_AUTH__SERVICE__PUBLIC_BASE_URL", HTTPS);
    let plain = printed(home()).await;
    assert!(
        plain.contains(told) && plain.contains("throttle.trusted_proxies"),
        "{plain}"
    );
    let trusting = home().with("CLINIC_AUTH__THROTTLE__TRUSTED_PROXIES", "10.0.0.0/8");
    assert!(!printed(trusting).await.contains(told));
    assert!(!printed(Home::new()).await.contains(told));
}

#[tokio::test]
async fn http_in_production_is_worth_a_warning() {
    let home = Home::new().in_production().with(
        "CLINIC_AUTH__SERVICE__PUBLIC_BASE_URL",
        "http://localhost:5001",
    );
    let told = printed(home).await;
    assert!(
        told.contains("public address: links in mails would begin with http://localhost:5001"),
        "{told}"
    );
}

#[tokio::test]
async fn a_database_in_the_address_that_is_not_the_one_in_use_is_told() {
    let mut home = Home::new();
    let direct = home.open().await;
    let uri = format!(
        "mongodb://{}/clinic_live?directConnection=true",
        direct.server
    );
    home = home.with("MONGO_URI", &uri);
    let told = home.run(&["check"]).await.good();
    assert!(
        told.contains("warn   store: MONGO_URI names the database clinic_live"),
        "{told}"
    );
    assert!(told.contains("database.database_name"), "{told}");
    let log = home.serve_ready().await.log();
    assert!(log.contains("clinic_live"), "{log}");
}

#[tokio::test]
async fn the_database_in_use_is_named_by_the_start() {
    let home = Home::new();
    let direct = home.open().await;
    let uri = format!("mongodb://{}/?directConnection=true", direct.server);
    let log = home.with("MONGO_URI", &uri).serve_ready().await.log();
    assert!(
        log.contains("store: MongoDB (MONGO_URI)") && log.contains("database="),
        "{log}"
    );
    assert!(!log.contains("is not the one in use"), "{log}");
}

#[tokio::test]
async fn a_read_preference_other_than_primary_is_refused() {
    for options in [
        "readPreference=secondaryPreferred",
        "w=majority&readpreference=NEAREST",
    ] {
        let uri = format!("mongodb://ana:hush@127.0.0.1:1/?{options}"); // DB-7
        let home = Home::new().with("MONGO_URI", &uri);
        let complaint = home.run(&["serve"]).await.bad();
        assert!(
            complaint.contains("MONGO_URI") && complaint.contains("primary"),
            "{complaint}"
        );
        assert!(!complaint.contains("hush"), "{complaint}");
        let told = home.run(&["check"]).await.bad();
        assert!(told.contains("FAULT  configuration: MONGO_URI"), "{told}");
    }
}

#[tokio::test]
async fn ignored_variables_that_look_like_ours_are_named() {
    let home = Home::embedded()
        .with("JWT_SECRET_KEY", "hush-hush-hush")
        .with("SECRET_KEY", "hush-hush-hush")
        .with("SMTP_SERVER", "mail.clinic.example")
        .with("SMTP_EMAIL", "desk@clinic.example")
        .with("MAIL_PASSWORD", "hush-hush-hush")
        .with("MONGODB_URI", "mongodb://ana:hush@db/")
        .with("ALGORITHM", "HS256")
        .with("LESSOPEN", "1");
    std::fs::write(
        home.path().join(".env"),
        "MAIL_SERVER=mail.clinic.example\n",
    )
    .unwrap();
    let told = home.run(&["check"]).await.good();
    for (ignored, right) in [
        ("JWT_SECRET_KEY", "JWT_SECRET"),
        ("SECRET_KEY", "JWT_SECRET"),
        ("SMTP_SERVER", "SMTP_HOST"),
        ("SMTP_EMAIL", "SMTP_USER"),
        ("MAIL_PASSWORD", "SMTP_PASSWORD"),
        ("MAIL_SERVER", "SMTP_HOST"),
        ("MONGODB_URI", "MONGO_URI"),
        ("ALGORITHM", "CLINIC_AUTH__JWT__ALGORITHM"),
    ] {
        let line = format!("warn   variables: {ignored} is set and is ignored");
        let lines: Vec<&str> = told.lines().collect();
        let at = lines.iter().position(|found| found.starts_with(&line));
        let at = at.unwrap_or_else(|| panic!("{ignored} in {told}"));
        assert!(
            lines[at + 1].contains(&format!("set {right}")),
            "{ignored}: {}",
            lines[at + 1]
        );
    }
    assert!(
        !told.contains("hush") && !told.contains("LESSOPEN"),
        "{told}"
    );
    let log = home.serve_ready().await.log();
    assert!(
        log.contains("SMTP_SERVER") && !log.contains("hush"),
        "{log}"
    );
}

#[tokio::test]
async fn a_variable_beside_the_right_one_is_no_matter() {
    let home = Home::new()
        .with("JWT_SECRET", MASTER)
        .with("SECRET_KEY", "for another program");
    let told = home.run(&["check"]).await.good();
    assert!(!told.contains("SECRET_KEY"), "{told}");
}

#[tokio::test]
async fn a_key_of_an_earlier_version_is_ignored_and_told() {
    let home = Home::new().with("CLINIC_AUTH__THROTTLE__REQUESTS_PER_IP__LIMIT", "100");
    let config = r#"{ "throttle": { "requests_per_ip": { "limit": 6000, "per_seconds": 60 } } }"#;
    std::fs::write(home.path().join("config.json"), config).unwrap();
    let told = home.run(&["check"]).await.good();
    for key in [
        "throttle.requests_per_ip",
        "CLINIC_AUTH__THROTTLE__REQUESTS_PER_IP__LIMIT",
    ] {
        let line = format!("warn   configuration: {key} is of an earlier version and is ignored");
        assert!(told.contains(&line), "{line} in {told}");
    }
    let log = home.serve_ready().await.log();
    assert!(log.contains("throttle.requests_per_ip"), "{log}");
}
