//! Keys of earlier versions are accepted, ignored and reported, so that the service still starts after an upgrade.

use super::machine;

const FILE: &str = r#"{"throttle": {"requests_per_ip": {"limit": 6000, "per_seconds": 60}}, "otp": {"length": 8}}"#;

#[test]
fn an_obsolete_key_is_ignored_and_reported() {
    let settings = machine().json(FILE).load();
    assert_eq!(settings.obsolete, ["throttle.requests_per_ip"]);
    assert_eq!(settings.config.otp.length, 8);
    assert!(machine().load().obsolete.is_empty());
}

#[test]
fn an_obsolete_key_is_ignored_with_any_value() {
    for value in [
        "null",
        "7",
        "\"x\"",
        "{}",
        "{\"limit\": \"many\", \"other\": 1}",
        "[1]",
    ] {
        let text = format!(r#"{{"throttle": {{"requests_per_ip": {value}}}}}"#);
        let settings = machine().json(&text).load();
        assert_eq!(settings.obsolete, ["throttle.requests_per_ip"], "{value}");
    }
}

#[test]
fn variables_of_obsolete_keys_are_ignored_and_reported() {
    let (limit, address) = (
        "CLINIC_AUTH__THROTTLE__REQUESTS_PER_IP__LIMIT",
        "CLINIC_AUTH__THROTTLE__REQUESTS_PER_IP",
    );
    let settings = machine().env(limit, "100").dotenv(address, "1").load();
    let mut obsolete = settings.obsolete;
    obsolete.sort();
    assert_eq!(obsolete, [address, limit]);
}

#[test]
fn a_key_with_an_obsolete_prefix_is_unknown() {
    let error = machine()
        .json(r#"{"throttle": {"requests_per_ips": 1}}"#)
        .error();
    assert!(error.starts_with("throttle.requests_per_ips: "), "{error}");
    let error = machine()
        .env("CLINIC_AUTH__THROTTLE__REQUESTS_PER_IPS", "1")
        .error();
    assert!(error.contains("REQUESTS_PER_IPS"), "{error}");
}

#[test]
fn a_read_preference_other_than_primary_is_refused() {
    let with =
        |options: &str| machine().env("MONGO_URI", &format!("mongodb://a:hush@db/{options}"));
    for bad in [
        "?readPreference=secondary",
        "?w=majority&readPreference=secondaryPreferred",
        "?READPREFERENCE=nearest",
        "?readPreference=primaryPreferred&w=1",
        "x?readPreference=%73econdary",
    ] {
        let error = with(bad).error(); // DB-7
        assert!(
            error.starts_with("MONGO_URI: ") && error.contains("readPreference"),
            "{error}"
        );
        assert!(!error.contains("hush"), "{error}");
    }
    for good in [
        "",
        "?readPreference=primary",
        "?readPreference=Primary",
        "readPreference=secondary",
    ] {
        with(good).load();
    }
}
