//! Where the data is, and what production refuses.

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
            .fault()
            .starts_with("MONGO_URI: ")
    );
}

#[test]
fn an_address_that_is_no_database_is_refused_and_not_shown() {
    let fault = machine().env("MONGO_URI", "http://u:hush@db").fault();
    assert!(
        fault.starts_with("MONGO_URI: ") && !fault.contains("hush"),
        "{fault}"
    );
    machine()
        .env("MONGO_URI", "mongodb+srv://db.example")
        .load();
}

#[test]
fn local_is_development_and_other_words_are_refused() {
    assert_eq!(
        machine().env("ENVIRONMENT", "local").load().environment,
        Environment::Development
    );
    for word in ["Production", "prod", "test"] {
        assert!(
            machine()
                .env("ENVIRONMENT", word)
                .fault()
                .starts_with("ENVIRONMENT: ")
        );
    }
}

#[test]
fn production_starts_with_everything_in_place() {
    let settings = hospital().load();
    assert_eq!(settings.environment, Environment::Production);
    assert!(!settings.docs_enabled() && !settings.test_pages_enabled() && !settings.debug());
}

#[test]
fn production_refuses_each_thing_that_suits_only_a_developer() {
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
            hospital().env(name, value).faulty_keys(),
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
fn production_does_not_take_the_secret_that_was_generated_before() {
    let machine = machine();
    machine.load();
    let production = Machine {
        sources: hospital().env("JWT_SECRET", "").sources,
        ..machine
    };
    assert_eq!(production.faulty_keys(), ["JWT_SECRET"]);
}
