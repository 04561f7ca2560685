//! Secrets: their sources, which ones are refused, and the generated one.

use std::{fs, os::unix::fs::PermissionsExt};

use clinic_auth::config::{Settings, StoreAddress};

use super::{SECRET, hospital, machine};

#[test]
fn a_secret_from_a_file_loses_one_line_end() {
    let machine = machine().file("JWT_SECRET_FILE", &format!(" {SECRET}\r\n"));
    assert_eq!(
        machine.load().secrets.master.current.expose(),
        format!(" {SECRET}")
    );
}

#[test]
fn every_secret_can_be_read_from_a_file() {
    let secrets = machine()
        .file("MONGO_URI_FILE", "mongodb://u:p@db/\n")
        .file("JWT_SECRET_FILE", SECRET)
        .file("JWT_SECRET_PREVIOUS_FILE", &SECRET.to_lowercase())
        .file("PASSWORD_PEPPER_FILE", &format!("{SECRET}1"))
        .file("PASSWORD_PEPPER_PREVIOUS_FILE", &format!("{SECRET}2"))
        .file("SMTP_USER_FILE", "a@mail.example\n")
        .file("SMTP_PASSWORD_FILE", "pass word\n")
        .load();
    assert!(matches!(secrets.store, StoreAddress::Uri(uri) if uri.expose() == "mongodb://u:p@db/"));
    let secrets = secrets.secrets;
    assert_eq!(
        secrets.master.previous.unwrap().expose(),
        SECRET.to_lowercase()
    );
    let peppers = [secrets.peppers.current, secrets.peppers.previous];
    let expected = ["1", "2"].map(|end| format!("{SECRET}{end}"));
    assert_eq!(
        peppers.map(|pepper| pepper.unwrap().expose().to_owned()),
        expected
    );
    assert_eq!(secrets.smtp_user.unwrap().expose(), "a@mail.example");
    assert_eq!(secrets.smtp_password.unwrap().expose(), "pass word");
}

#[test]
fn a_secret_and_its_file_in_one_source_are_refused() {
    let machine = machine()
        .file("JWT_SECRET_FILE", SECRET)
        .dotenv("JWT_SECRET", "too short");
    assert_eq!(machine.load().secrets.master.current.expose(), SECRET);
    let error = machine.env("JWT_SECRET", SECRET).error();
    assert!(
        error.starts_with("JWT_SECRET: is set beside JWT_SECRET_FILE"),
        "{error}"
    );
}

#[test]
fn the_log_filter_is_read_from_dotenv() {
    assert_eq!(machine().load().log_filter, None);
    let settings = machine().dotenv("RUST_LOG", "debug").load();
    assert_eq!(settings.log_filter.as_deref(), Some("debug"));
}

#[test]
fn a_missing_or_empty_secret_file_is_refused() {
    let error = machine()
        .env("SMTP_PASSWORD_FILE", "/nonexistent/secret")
        .error();
    assert!(
        error.starts_with("SMTP_PASSWORD_FILE: ") && error.contains("not found"),
        "{error}"
    );
    assert!(
        machine()
            .file("JWT_SECRET_FILE", "\n")
            .error()
            .contains("is empty")
    );
}

#[test]
fn a_weak_secret_is_refused_everywhere_and_not_shown() {
    for name in [
        "JWT_SECRET",
        "JWT_SECRET_PREVIOUS",
        "PASSWORD_PEPPER",
        "PASSWORD_PEPPER_PREVIOUS",
    ] {
        for weak in [
            "hushhush",
            "your-secret-key-change-in-production",
            &"a".repeat(40),
        ] {
            let error = machine().env(name, weak).error();
            assert!(
                error.starts_with(&format!("{name}: ")) && !error.contains(weak),
                "{error}"
            );
        }
    }
}

#[test]
fn a_generated_secret_is_kept_and_readable_only_by_its_owner() {
    let machine = machine();
    let first = machine.load().secrets.master.current;
    assert_eq!(machine.load().secrets.master.current, first);
    let mode = fs::metadata(machine.path("data/secret.key"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn no_secret_is_generated_if_one_is_set_or_settings_are_wrong() {
    for machine in [
        machine()
            .env("JWT_SECRET", SECRET)
            .env("FIELD_ENCRYPTION_KEY", SECRET),
        machine().env("PORT", "x"),
    ] {
        let _ = Settings::load(&machine.sources);
        assert!(!machine.path("data").exists());
    }
}

// ENC-3, E11
#[test]
fn production_is_without_the_clinic_until_its_key_is_set() {
    assert!(hospital().load().secrets.field.is_none());
    let with_key = hospital().env("FIELD_ENCRYPTION_KEY", SECRET);
    assert!(with_key.load().secrets.field.is_some());
    let older_name = hospital().env("ENCRYPTION_KEY", SECRET);
    assert!(older_name.load().secrets.field.is_some());
    let off = hospital()
        .env("FIELD_ENCRYPTION_KEY", SECRET)
        .env("CLINIC_AUTH__CLINIC__ENABLED", "false");
    assert!(off.load().secrets.field.is_none());
    let on = hospital().env("CLINIC_AUTH__CLINIC__ENABLED", "true");
    assert_eq!(on.keys_of_errors(), ["FIELD_ENCRYPTION_KEY"]);
}

#[test]
fn settings_do_not_print_secrets() {
    let machine = hospital()
        .env("MONGO_URI", "mongodb://u:hush@db/")
        .env("SMTP_PASSWORD", "hush");
    let shown = format!("{:?}", machine.load());
    assert!(
        !shown.contains("hush") && !shown.contains(SECRET),
        "{shown}"
    );
}
