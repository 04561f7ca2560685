//! Keys that are not keys, and values of the wrong type.

use clinic_auth::config::Sources;

use super::machine;

#[test]
fn an_unknown_key_names_the_nearest_known_one() {
    for (json, key, nearest) in [
        (r#"{"otp": {"lenght": 6}}"#, "otp.lenght", "otp.length"),
        (r#"{"otpp": {"length": 6}}"#, "otpp", "otp"),
        (
            r#"{"throttle": {"login_per_ip": {"limits": 6}}}"#,
            "throttle.login_per_ip.limits",
            "throttle.login_per_ip.limit",
        ),
    ] {
        let fault = machine().json(json).fault();
        assert!(fault.starts_with(&format!("{key}: ")), "{fault}");
        assert!(
            fault.contains(&format!("did you mean {nearest}")),
            "{fault}"
        );
    }
}

#[test]
fn a_dotted_key_is_refused_in_the_file() {
    let fault = machine().json(r#"{"otp.length": 6}"#).fault();
    assert!(
        fault.starts_with("otp.length: ") && fault.contains("nest it"),
        "{fault}"
    );
}

#[test]
fn an_unknown_variable_of_ours_names_the_nearest_and_any_other_is_ignored() {
    let machine = machine()
        .env("CLINIC_AUTH_OTHER", "1")
        .env("OTP_LENGTH", "1");
    machine.load();
    let fault = machine.env("CLINIC_AUTH__OTP__LENGHT", "7").fault();
    assert!(fault.starts_with("CLINIC_AUTH__OTP__LENGHT: "), "{fault}");
    assert!(fault.contains("CLINIC_AUTH__OTP__LENGTH?"), "{fault}");
}

#[test]
fn a_key_that_stands_twice_is_refused_with_line_and_column() {
    let fault = machine()
        .json("{\"otp\": {\"length\": 6,\n  \"length\": 7}}")
        .fault();
    assert!(
        fault.contains("\"length\" stands twice at line 2 column"),
        "{fault}"
    );
}

#[test]
fn broken_json_is_refused_with_line_and_column() {
    let fault = machine().json("{\n  \"otp\": {,}\n}").fault();
    assert!(
        fault.starts_with("config.json: ") && fault.contains("line 2 column 11"),
        "{fault}"
    );
    assert!(machine().json("[]").fault().contains("not a JSON object"));
}

#[test]
fn every_fault_is_reported_at_once() {
    let machine = machine()
        .json(r#"{"otp": {"length": "six", "max_attempts": [], "lenght": 1}, "jwt": 5, "email": {"tls": "ssl"}}"#)
        .env("CLINIC_AUTH__SERVICE__DOCS_ENABLED", "maybe")
        .env("CLINIC_AUTH__JWT__LEEWAY_SECONDS", "60")
        .env("PORT", "70000")
        .env("ENVIRONMENT", "staging")
        .env("MONGO_URI", "postgres://db")
        .env("JWT_SECRET", "changeme");
    let mut keys = machine.faulty_keys();
    keys.sort();
    let expected = [
        "ENVIRONMENT",
        "JWT_SECRET",
        "MONGO_URI",
        "email.tls",
        "jwt",
        "jwt.leeway_seconds",
        "otp.lenght",
        "otp.length",
        "otp.max_attempts",
        "service.docs_enabled",
        "service.port",
    ];
    assert_eq!(keys, expected, "{}", machine.faults());
    assert_eq!(machine.faults().to_string().lines().count(), expected.len());
}

#[test]
fn what_could_not_be_read_is_reported_with_the_rest() {
    let mut machine = machine().env("PORT", "x");
    let named = [("CLINIC_AUTH_CONFIG".into(), "gone.json".into())];
    machine.sources.errors = Sources::read(named, machine.folder.path()).errors;
    assert_eq!(
        machine.faulty_keys(),
        ["CLINIC_AUTH_CONFIG", "service.port"]
    );
}

#[test]
fn a_type_fault_says_what_was_expected() {
    for (name, expected) in [
        ("PORT", "a whole number from 0 to 65535"),
        ("CLINIC_AUTH__SERVICE__DEBUG", "true or false"),
        (
            "CLINIC_AUTH__EMAIL__TLS",
            "one of `starttls`, `implicit`, `none`",
        ),
    ] {
        let fault = machine().env(name, "hush").fault();
        assert!(
            fault.contains(expected) && !fault.contains("hush"),
            "{fault}"
        );
    }
}
