//! Warnings of `check` and of the start about settings that are valid but probably not intended.

use crate::harness::{Installation, MASTER};

const HTTPS: &str = "https://accounts.clinic.example";

async fn printed(home: Installation) -> String {
    home.run(&["check"]).await.stdout
}

#[tokio::test]
async fn https_without_a_trusted_proxy_is_a_warning() {
    let text = "warn   proxies: ";
    let home = || Installation::new().with("CLINIC_AUTH__SERVICE__PUBLIC_BASE_URL", HTTPS);
    let plain = printed(home()).await;
    assert!(
        plain.contains(text) && plain.contains("throttle.trusted_proxies"),
        "{plain}"
    );
    let trusting = home().with("CLINIC_AUTH__THROTTLE__TRUSTED_PROXIES", "10.0.0.0/8");
    assert!(!printed(trusting).await.contains(text));
    assert!(!printed(Installation::new()).await.contains(text));
}

#[tokio::test]
async fn http_in_production_is_a_warning() {
    let home = Installation::new().in_production().with(
        "CLINIC_AUTH__SERVICE__PUBLIC_BASE_URL",
        "http://localhost:5001",
    );
    let text = printed(home).await;
    assert!(
        text.contains("public address: links in mails would begin with http://localhost:5001"),
        "{text}"
    );
}

#[tokio::test]
async fn another_database_name_in_the_address_is_a_warning() {
    let mut home = Installation::new();
    let direct = home.open().await;
    let uri = format!(
        "mongodb://{}/clinic_live?directConnection=true",
        direct.server
    );
    home = home.with("MONGO_URI", &uri);
    let text = home.run(&["check"]).await.success();
    assert!(
        text.contains("warn   store: MONGO_URI names the database clinic_live"),
        "{text}"
    );
    assert!(text.contains("database.database_name"), "{text}");
    let log = home.serve_ready().await.log();
    assert!(log.contains("clinic_live"), "{log}");
}

#[tokio::test]
async fn the_start_logs_the_database_name() {
    let home = Installation::new();
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
        let home = Installation::new().with("MONGO_URI", &uri);
        let complaint = home.run(&["serve"]).await.failure();
        assert!(
            complaint.contains("MONGO_URI") && complaint.contains("primary"),
            "{complaint}"
        );
        assert!(!complaint.contains("hush"), "{complaint}");
        let text = home.run(&["check"]).await.failure();
        assert!(text.contains("FAULT  configuration: MONGO_URI"), "{text}");
    }
}

#[tokio::test]
async fn ignored_variables_that_look_like_ours_are_named() {
    let home = Installation::embedded()
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
    let text = home.run(&["check"]).await.success();
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
        let lines: Vec<&str> = text.lines().collect();
        let at = lines.iter().position(|found| found.starts_with(&line));
        let at = at.unwrap_or_else(|| panic!("{ignored} in {text}"));
        assert!(
            lines[at + 1].contains(&format!("set {right}")),
            "{ignored}: {}",
            lines[at + 1]
        );
    }
    assert!(
        !text.contains("hush") && !text.contains("LESSOPEN"),
        "{text}"
    );
    let log = home.serve_ready().await.log();
    assert!(
        log.contains("SMTP_SERVER") && !log.contains("hush"),
        "{log}"
    );
}

#[tokio::test]
async fn an_old_variable_beside_the_right_one_is_no_warning() {
    let home = Installation::new()
        .with("JWT_SECRET", MASTER)
        .with("SECRET_KEY", "for another program");
    let text = home.run(&["check"]).await.success();
    assert!(!text.contains("SECRET_KEY"), "{text}");
}

#[tokio::test]
async fn an_obsolete_key_is_a_warning() {
    let home = Installation::new().with("CLINIC_AUTH__THROTTLE__REQUESTS_PER_IP__LIMIT", "100");
    let config = r#"{ "throttle": { "requests_per_ip": { "limit": 6000, "per_seconds": 60 } } }"#;
    std::fs::write(home.path().join("config.json"), config).unwrap();
    let text = home.run(&["check"]).await.success();
    for key in [
        "throttle.requests_per_ip",
        "CLINIC_AUTH__THROTTLE__REQUESTS_PER_IP__LIMIT",
    ] {
        let line = format!("warn   configuration: {key} is of an earlier version and is ignored");
        assert!(text.contains(&line), "{line} in {text}");
    }
    let log = home.serve_ready().await.log();
    assert!(log.contains("throttle.requests_per_ip"), "{log}");
}
