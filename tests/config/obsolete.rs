//! Keys of earlier versions: accepted, ignored and reported, so that an upgrade starts.

use super::machine;

const FILE: &str = r#"{"throttle": {"requests_per_ip": {"limit": 6000, "per_seconds": 60}}, "otp": {"length": 8}}"#;

#[test]
fn a_key_of_an_earlier_version_is_accepted_ignored_and_reported() {
    let settings = machine().json(FILE).load();
    assert_eq!(settings.obsolete, ["throttle.requests_per_ip"]);
    assert_eq!(settings.config.otp.length, 8);
    assert!(machine().load().obsolete.is_empty());
}

#[test]
fn whatever_its_value_is_it_stops_nothing() {
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
fn its_variables_are_ignored_and_reported_too() {
    let (limit, whole) = (
        "CLINIC_AUTH__THROTTLE__REQUESTS_PER_IP__LIMIT",
        "CLINIC_AUTH__THROTTLE__REQUESTS_PER_IP",
    );
    let settings = machine().env(limit, "100").dotenv(whole, "1").load();
    let mut told = settings.obsolete;
    told.sort();
    assert_eq!(told, [whole, limit]);
}

#[test]
fn a_key_that_only_begins_like_it_is_unknown() {
    let fault = machine()
        .json(r#"{"throttle": {"requests_per_ips": 1}}"#)
        .fault();
    assert!(fault.starts_with("throttle.requests_per_ips: "), "{fault}");
    let fault = machine()
        .env("CLINIC_AUTH__THROTTLE__REQUESTS_PER_IPS", "1")
        .fault();
    assert!(fault.contains("REQUESTS_PER_IPS"), "{fault}");
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
        let fault = with(bad).fault(); // DB-7
        assert!(
            fault.starts_with("MONGO_URI: ") && fault.contains("readPreference"),
            "{fault}"
        );
        assert!(!fault.contains("hush"), "{fault}");
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
