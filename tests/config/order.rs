//! The precedence of the sources, and the forms of values in each of them.

use clinic_auth::config::{Config, Environment, StoreAddress, sections::JwtAlgorithm, variable_of};

use super::{Machine, SECRET, machine};

#[test]
fn the_defaults_apply_without_any_source() {
    let machine = machine();
    let settings = machine.load();
    assert_eq!(settings.environment, Environment::Development);
    assert_eq!(settings.config.service.port, 5001);
    assert_eq!(
        settings.store,
        StoreAddress::Embedded(machine.path("data/clinic.db"))
    );
    assert!(!settings.mail_by_smtp && settings.docs_enabled() && settings.cors_origins.len() == 3);
}

#[test]
fn the_environment_overrides_dotenv_and_dotenv_the_file() {
    let machine = machine().json(r#"{"otp": {"length": 7, "max_attempts": 7, "max_per_day": 7}}"#);
    let machine = machine
        .dotenv("CLINIC_AUTH__OTP__LENGTH", "8")
        .dotenv("CLINIC_AUTH__OTP__MAX_ATTEMPTS", "8")
        .env("CLINIC_AUTH__OTP__LENGTH", "9");
    let otp = machine.load().config.otp;
    assert_eq!(
        (
            otp.length,
            otp.max_attempts,
            otp.max_per_day,
            otp.max_per_hour
        ),
        (9, 8, 7, 5)
    );
}

#[test]
fn a_long_name_overrides_a_short_one_within_each_source() {
    let port = |machine: Machine| machine.load().config.service.port;
    let both = || {
        machine()
            .dotenv("CLINIC_AUTH__SERVICE__PORT", "7001")
            .dotenv("PORT", "7002")
    };
    assert_eq!(port(both()), 7001);
    assert_eq!(port(both().env("PORT", "7003")), 7003);
    assert_eq!(port(machine().dotenv("PORT", "7002")), 7002);
}

#[test]
fn a_long_name_hides_an_invalid_short_one() {
    let machine = machine().env("DEBUG", "app:*");
    assert!(
        machine.error().contains("service.debug: DEBUG"),
        "{}",
        machine.error()
    );
    machine.env("CLINIC_AUTH__SERVICE__DEBUG", "false").load();
}

#[test]
fn an_empty_variable_counts_as_absent() {
    let machine = machine()
        .env("PORT", "")
        .env("JWT_SECRET", "")
        .env("ENVIRONMENT", "");
    let machine = machine
        .env("CLINIC_AUTH__OTP__LENGTH", "")
        .env("CLINIC_AUTH__NONSENSE", "");
    let machine = machine.json(r#"{"otp": {"length": 7}}"#);
    assert_eq!(machine.load().config.otp.length, 7);
}

#[test]
fn variables_reach_every_key_and_every_type() {
    let config = machine()
        .env("CLINIC_AUTH__THROTTLE__LOGIN_PER_IP__LIMIT", "5")
        .env(
            "CLINIC_AUTH__THROTTLE__TRUSTED_PROXIES",
            "10.0.0.1, 10.1.0.0/16",
        )
        .env("CLINIC_AUTH__JWT__ALGORITHM", "EdDSA")
        .env("CLINIC_AUTH__PASSWORD__HASH_THREADS", "3")
        .env("CLINIC_AUTH__SERVICE__DOCS_ENABLED", "no")
        .env("CLINIC_AUTH__DATABASE__DATABASE_NAME", "1")
        .env("CLINIC_AUTH__DATABASE__COLLECTIONS__STAFF", "people")
        .load()
        .config;
    let login = config.throttle.identity.login_per_ip;
    assert_eq!((login.limit, login.per_seconds), (5, 600));
    assert_eq!(
        config.throttle.identity.trusted_proxies,
        ["10.0.0.1", "10.1.0.0/16"]
    );
    assert_eq!(config.jwt.algorithm, JwtAlgorithm::EdDSA);
    assert_eq!(config.password.hash_threads, Some(3));
    assert_eq!(config.service.docs_enabled, Some(false));
    assert_eq!(config.database.limits.database_name, "1");
    assert_eq!(config.database.collections.identity.staff, "people");
}

#[test]
fn every_key_has_a_variable() {
    fn set(machine: Machine, key: &str, value: &serde_json::Value) -> Machine {
        match value {
            serde_json::Value::Object(below) => {
                below.iter().fold(machine, |machine, (name, value)| {
                    set(machine, &format!("{key}.{name}"), value)
                })
            }
            serde_json::Value::Array(_) => machine,
            value => machine.env(&variable_of(&key[1..]), value.to_string().trim_matches('"')),
        }
    }
    let defaults = serde_json::to_value(Config::default()).unwrap();
    let machine = set(machine(), "", &defaults).env("JWT_SECRET", SECRET);
    assert!(machine.sources.env.len() > 150);
    assert_eq!(
        serde_json::to_value(machine.load().config).unwrap(),
        defaults
    );
}

#[test]
fn null_is_accepted_only_for_optional_keys() {
    let machine = machine().json(r#"{"service": {"cors_origins": ["https://a.example"]}}"#);
    assert_eq!(machine.load().cors_origins, ["https://a.example"]);
    let machine = machine.env("CLINIC_AUTH__SERVICE__CORS_ORIGINS", "null");
    assert_eq!(machine.load().cors_origins.len(), 3);
    let machine = machine.json(r#"{"otp": {"length": null}, "reset": {"page_url": null}}"#);
    assert!(
        machine
            .error()
            .starts_with("otp.length: is of the wrong type")
    );
}
