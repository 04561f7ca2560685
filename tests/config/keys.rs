//! Unknown keys, and values of the wrong type.

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
        let error = machine().json(json).error();
        assert!(error.starts_with(&format!("{key}: ")), "{error}");
        assert!(
            error.contains(&format!("did you mean {nearest}")),
            "{error}"
        );
    }
}

#[test]
fn a_dotted_key_is_refused_in_the_file() {
    let error = machine().json(r#"{"otp.length": 6}"#).error();
    assert!(
        error.starts_with("otp.length: ") && error.contains("nest it"),
        "{error}"
    );
}

#[test]
fn only_unknown_variables_with_our_prefix_are_refused() {
    let machine = machine()
        .env("CLINIC_AUTH_OTHER", "1")
        .env("OTP_LENGTH", "1");
    machine.load();
    let error = machine.env("CLINIC_AUTH__OTP__LENGHT", "7").error();
    assert!(error.starts_with("CLINIC_AUTH__OTP__LENGHT: "), "{error}");
    assert!(error.contains("CLINIC_AUTH__OTP__LENGTH?"), "{error}");
}

#[test]
fn a_repeated_key_is_refused_with_line_and_column() {
    let error = machine()
        .json("{\"otp\": {\"length\": 6,\n  \"length\": 7}}")
        .error();
    assert!(
        error.contains("\"length\" stands twice at line 2 column"),
        "{error}"
    );
}

#[test]
fn broken_json_is_refused_with_line_and_column() {
    let error = machine().json("{\n  \"otp\": {,}\n}").error();
    assert!(
        error.starts_with("config.json: ") && error.contains("line 2 column 11"),
        "{error}"
    );
    assert!(machine().json("[]").error().contains("not a JSON object"));
}

#[test]
fn all_errors_are_reported_together() {
    let machine = machine()
        .json(r#"{"otp": {"length": "six", "max_attempts": [], "lenght": 1}, "jwt": 5, "email": {"tls": "ssl"}}"#)
        .env("CLINIC_AUTH__SERVICE__DOCS_ENABLED", "maybe")
        .env("CLINIC_AUTH__JWT__LEEWAY_SECONDS", "60")
        .env("PORT", "70000")
        .env("ENVIRONMENT", "staging")
        .env("MONGO_URI", "postgres://db")
        .env("JWT_SECRET", "changeme");
    let mut keys = machine.keys_of_errors();
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
    assert_eq!(keys, expected, "{}", machine.errors());
    assert_eq!(machine.errors().to_string().lines().count(), expected.len());
}

#[test]
fn unreadable_values_are_reported_with_the_other_errors() {
    let mut machine = machine().env("PORT", "x");
    let named = [("CLINIC_AUTH_CONFIG".into(), "gone.json".into())];
    machine.sources.errors = Sources::read(named, machine.folder.path()).errors;
    assert_eq!(
        machine.keys_of_errors(),
        ["CLINIC_AUTH_CONFIG", "service.port"]
    );
}

#[test]
fn a_type_error_names_the_expected_type() {
    for (name, expected) in [
        ("PORT", "a whole number from 0 to 65535"),
        ("CLINIC_AUTH__SERVICE__DEBUG", "true or false"),
        (
            "CLINIC_AUTH__EMAIL__TLS",
            "one of `starttls`, `implicit`, `none`",
        ),
    ] {
        let error = machine().env(name, "hush").error();
        assert!(
            error.contains(expected) && !error.contains("hush"),
            "{error}"
        );
    }
}
