//! The address of the database, and what production refuses.

use clinic_auth::config::{Environment, StoreAddress};

use super::{Machine, hospital, machine};

#[test]
fn the_embedded_store_can_be_chosen_anywhere() {
    for machine in [machine(), hospital()] {
        let store = machine
            .env("MONGO_URI", "embedded:/srv/clinic.db")
            .load()
            .store;
        assert_eq!(store, StoreAddress::Embedded("/srv/clinic.db".into()));
    }
    assert!(
        machine()
            .env("MONGO_URI", "embedded:")
            .error()
            .starts_with("MONGO_URI: ")
    );
}

#[test]
fn an_invalid_database_address_is_refused_and_not_shown() {
    let error = machine().env("MONGO_URI", "http://u:hush@db").error();
    assert!(
        error.starts_with("MONGO_URI: ") && !error.contains("hush"),
        "{error}"
    );
    machine()
        .env("MONGO_URI", "mongodb+srv://db.example")
        .load();
}

#[test]
fn the_words_of_the_older_service_are_known_and_others_refused() {
    assert_eq!(
        machine().env("ENVIRONMENT", "local").load().environment,
        Environment::Development
    );
    for word in ["cloud_run", "proxy"] {
        let settings = hospital().env("ENVIRONMENT", word).load();
        assert_eq!(settings.environment, Environment::Production);
    }
    for word in ["Production", "prod", "test", "cloud-run"] {
        assert!(
            machine()
                .env("ENVIRONMENT", word)
                .error()
                .starts_with("ENVIRONMENT: ")
        );
    }
}

#[test]
fn production_starts_with_complete_settings() {
    let settings = hospital().load();
    assert_eq!(settings.environment, Environment::Production);
    assert!(!settings.docs_enabled() && !settings.test_pages_enabled() && !settings.debug());
}

#[test]
fn production_refuses_each_setting_for_development() {
    for (name, value, key) in [
        ("MONGO_URI", "", "MONGO_URI"),
        ("JWT_SECRET", "", "JWT_SECRET"),
        (
            "JWT_SECRET",
            "changeme-changeme-changeme-changeme",
            "JWT_SECRET",
        ),
        ("DEBUG", "true", "service.debug"),
        ("PORT", "0", "service.port"),
        ("SMTP_HOST", "", "email.transport"),
        ("SMTP_PASSWORD", "your-app-password", "SMTP_PASSWORD"),
        ("CLINIC_AUTH__EMAIL__TRANSPORT", "outbox", "email.transport"),
        ("CLINIC_AUTH__EMAIL__TLS", "none", "email.tls"),
        ("CLINIC_AUTH__EMAIL__FROM", "", "email.from"),
        (
            "CLINIC_AUTH__SERVICE__PUBLIC_BASE_URL",
            "http://a.example",
            "service.public_base_url",
        ),
        (
            "CLINIC_AUTH__RESET__PAGE_URL",
            "http://a.example",
            "reset.page_url",
        ),
    ] {
        assert_eq!(
            hospital().env(name, value).keys_of_errors(),
            [key],
            "{name}={value}"
        );
    }
    hospital()
        .env(
            "CLINIC_AUTH__SERVICE__PUBLIC_BASE_URL",
            "http://localhost:5001",
        )
        .load();
}

#[test]
fn production_does_not_use_a_generated_secret() {
    let machine = machine();
    machine.load();
    let production = Machine {
        sources: hospital().env("JWT_SECRET", "").sources,
        ..machine
    };
    assert_eq!(production.keys_of_errors(), ["JWT_SECRET"]);
}
