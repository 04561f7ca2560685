//! The rules of the values, and the settings that result from valid values.

use clinic_auth::config::{Settings, sections::SmtpTls};

use super::{Machine, hospital, machine};

#[test]
fn each_broken_rule_is_reported() {
    for (name, value, key) in [
        ("OTP__LENGTH", "5", "otp.length"),
        ("EMAIL__SMTP_PORT", "0", "email.smtp_port"),
        ("PASSWORD__ARGON2__MEMORY_KIB", "19455", "password.argon2"),
        (
            "PASSWORD__ARGON2__PARALLELISM",
            "256",
            "password.argon2.parallelism",
        ),
        (
            "PASSWORD__MIN_LENGTH",
            "16",
            "password.min_length_privileged",
        ),
        (
            "LOCKOUT__MAX_LOCK_SECONDS",
            "59",
            "lockout.max_lock_seconds",
        ),
        ("LOCKOUT__HARD_LIMIT", "4", "lockout.hard_limit"),
        ("EMAIL__RETRY_MAX_SECONDS", "4", "email.retry_max_seconds"),
        ("JWT__ROTATION_DAYS", "1", "jwt.publish_hours"),
        ("JWT__LEGACY_CLAIMS", "true", "jwt.legacy_claims"),
        ("JWT__ISSUER", " ", "jwt.issuer"),
        (
            "SESSIONS__IDLE_MINUTES__PATIENT",
            "34",
            "sessions.idle_minutes.patient",
        ),
        (
            "SESSIONS__IDLE_MINUTES__DOCTOR",
            "34",
            "sessions.idle_minutes.doctor",
        ),
        (
            "SESSIONS__IDLE_MINUTES__STAFF",
            "30",
            "sessions.idle_minutes.staff",
        ),
        (
            "SESSIONS__IDLE_MINUTES__ADMIN",
            "1",
            "sessions.idle_minutes.admin",
        ),
        (
            "EMAIL__FROM",
            "a@b.example\r\nBcc: c@d.example",
            "email.from",
        ),
        ("EMAIL__FROM", "clinic", "email.from"),
        ("EMAIL__CA_FILE", "/nonexistent/ca.pem", "email.ca_file"),
        ("EMAIL__CA_FILE", "/", "email.ca_file"),
        (
            "PASSWORD__BREACH_LIST",
            "/nonexistent/list",
            "password.breach_list",
        ),
        (
            "DATABASE__COLLECTIONS__STAFF",
            "doctor_v2",
            "database.collections.staff",
        ),
        ("SERVICE__HOST", "http://0.0.0.0", "service.host"),
        ("EMAIL__SMTP_HOST", "mail:25", "email.smtp_host"),
        (
            "SERVICE__PUBLIC_BASE_URL",
            "https://a.example/app",
            "service.public_base_url",
        ),
        (
            "SERVICE__CORS_ORIGINS",
            "https://a.example,*",
            "service.cors_origins",
        ),
        (
            "SERVICE__CORS_HEADERS",
            "traceparent,a b",
            "service.cors_headers",
        ),
        ("SERVICE__CORS_HEADERS", "*", "service.cors_headers"),
        ("RESET__PAGE_URL", "clinic.example/reset", "reset.page_url"),
        (
            "THROTTLE__TRUSTED_PROXIES",
            "proxy",
            "throttle.trusted_proxies",
        ),
        (
            "SERVICE__METRICS_NETWORKS",
            "10.0.0.0/33",
            "service.metrics_networks",
        ),
        (
            "THROTTLE__FORWARDED_HEADER",
            "X Real IP",
            "throttle.forwarded_header",
        ),
    ] {
        let machine = machine().env(&format!("CLINIC_AUTH__{name}"), value);
        assert_eq!(machine.keys_of_errors(), [key], "{name}={value}");
    }
}

#[test]
fn a_login_with_a_token_needs_a_user_and_one_source() {
    const AUTH: &str = "CLINIC_AUTH__EMAIL__AUTH";
    const FILE: (&str, &str) = ("CLINIC_AUTH__EMAIL__TOKEN_FILE", "token");
    const COMMAND: (&str, &str) = ("CLINIC_AUTH__EMAIL__TOKEN_COMMAND", "token,--for,mail");
    const USER: (&str, &str) = ("SMTP_USER", "desk@clinic.example");
    let token = (AUTH, "xoauth2");
    for (variables, keys) in [
        (vec![token, FILE, USER], vec![]),
        (vec![token, COMMAND, USER], vec![]),
        (vec![token, USER], vec!["email.auth"]),
        (vec![token, FILE, COMMAND, USER], vec!["email.auth"]),
        (vec![token, FILE], vec!["SMTP_USER"]),
        (vec![FILE, USER], vec!["email.auth"]),
    ] {
        let mail = machine().env("SMTP_HOST", "mail.clinic.example");
        let set = |machine: Machine, (name, value): &(&str, &str)| machine.env(name, value);
        let machine = variables.iter().fold(mail, set);
        if keys.is_empty() {
            machine.load();
        } else {
            assert_eq!(machine.keys_of_errors(), keys, "{variables:?}");
        }
    }
}

#[test]
fn argon2_costs_below_the_table_are_refused() {
    let cost = |memory: &str, passes: &str| {
        let machine = machine().env("CLINIC_AUTH__PASSWORD__ARGON2__MEMORY_KIB", memory);
        let machine = machine.env("CLINIC_AUTH__PASSWORD__ARGON2__ITERATIONS", passes);
        Settings::load(&machine.sources).is_ok()
    };
    assert!(cost("47104", "1") && cost("19456", "2") && cost("12288", "3") && cost("12288", "9"));
    assert!(!cost("47103", "1") && !cost("19455", "2") && !cost("12287", "3"));
}

#[test]
fn the_base_url_is_stored_without_a_final_slash() {
    let machine = machine().env(
        "CLINIC_AUTH__SERVICE__PUBLIC_BASE_URL",
        "https://a.example/",
    );
    assert_eq!(
        machine.load().config.service.public_base_url,
        "https://a.example"
    );
}

#[test]
fn frontend_urls_are_added_to_cors_origins_once() {
    let machine = machine()
        .env("CLINIC_AUTH__SERVICE__CORS_ORIGINS", "https://a.example")
        .env("FRONTEND_URL", "https://a.example/")
        .env("FRONTEND_URL_8081", "http://localhost:8081/app");
    assert_eq!(
        machine.load().cors_origins,
        ["https://a.example", "http://localhost:8081"]
    );
    assert!(
        machine
            .env("FRONTEND_URL", "*")
            .error()
            .starts_with("FRONTEND_URL: ")
    );
}

#[test]
fn production_allows_no_foreign_origin_by_default() {
    assert!(hospital().load().cors_origins.is_empty());
}

#[test]
fn mail_goes_by_smtp_if_a_server_or_a_user_is_set() {
    let by_smtp = |machine: Machine| machine.load().mail_by_smtp;
    assert!(by_smtp(machine().env("SMTP_HOST", "mail.example")));
    assert!(by_smtp(
        machine().env("CLINIC_AUTH__EMAIL__SMTP_HOST", "mail.example")
    ));
    assert!(by_smtp(machine().env("SMTP_USER", "a@mail.example")));
    assert!(!by_smtp(
        machine().json(r#"{"email": {"smtp_host": "mail.example"}}"#)
    ));
    let forced = |transport| machine().env("CLINIC_AUTH__EMAIL__TRANSPORT", transport);
    assert!(by_smtp(forced("smtp")) && !by_smtp(forced("outbox").env("SMTP_HOST", "mail.example")));
}

#[test]
fn mail_without_tls_is_allowed_only_to_this_machine() {
    let plain = |host| {
        machine()
            .env("CLINIC_AUTH__EMAIL__TLS", "none")
            .env("SMTP_HOST", host)
    };
    assert_eq!(plain("127.0.0.1").load().config.email.tls, SmtpTls::None);
    assert!(plain("mail.example").error().starts_with("email.tls: "));
}

#[test]
fn the_sender_is_the_setting_else_the_user_else_a_default() {
    let user = |user| machine().env("SMTP_USER", user);
    assert_eq!(user("a@mail.example").load().mail_from(), "a@mail.example");
    let chosen = user("a@mail.example").env("CLINIC_AUTH__EMAIL__FROM", "Clinic <b@mail.example>");
    assert_eq!(chosen.load().mail_from(), "Clinic <b@mail.example>");
    assert_eq!(machine().load().mail_from(), "clinic-auth@localhost");
    assert!(user("apikey").error().starts_with("email.from: "));
}

// An app whose services verify tokens offline refreshes only when its token ends (SES-3).
#[test]
fn the_idle_time_exceeds_the_access_token_by_five_minutes() {
    let idle = |minutes: &str| {
        let machine = machine().env("CLINIC_AUTH__JWT__EXPIRE_MINUTES", "55");
        machine.env("CLINIC_AUTH__SESSIONS__IDLE_MINUTES__STAFF", minutes)
    };
    assert_eq!(idle("59").keys_of_errors(), ["sessions.idle_minutes.staff"]);
    let error = Settings::load(&idle("59").sources).unwrap_err().to_string();
    for part in [
        "sessions.idle_minutes.staff",
        "is 59",
        "jwt.expire_minutes",
        "60",
    ] {
        assert!(error.contains(part), "{error}");
    }
    Settings::load(&idle("60").sources).unwrap();
    let longer = machine().env("CLINIC_AUTH__JWT__EXPIRE_MINUTES", "56");
    let three = ["doctor", "staff", "admin"].map(|role| format!("sessions.idle_minutes.{role}"));
    assert_eq!(longer.keys_of_errors(), three);
}
