//! The rules of a configuration. Each broken rule is reported on its own.

mod hosts_and_origins;
mod names;
mod ranges;

use std::fs;

use super::{
    ConfigErrors, Secret,
    master_secret::is_placeholder,
    sections::{Config, JwtAlgorithm, SmtpTls},
    settings::Environment,
};
use crate::domain::role::Role;

pub(super) use hosts_and_origins::{base_url, origin_of};

/// The input of the checks: the configuration, and the values on which its rules depend.
pub(super) struct Situation<'a> {
    pub(super) config: &'a Config,
    pub(super) environment: Environment,
    pub(super) mail_by_smtp: bool,
    pub(super) smtp_user: Option<&'a Secret>,
    pub(super) smtp_password: Option<&'a Secret>,
}

/// Checks all rules and adds an error for each broken one.
pub(super) fn check(situation: &Situation<'_>, errors: &mut ConfigErrors) {
    let config = situation.config;
    ranges::check(config, errors);
    relations(config, errors);
    names::check(&config.database, errors);
    hosts_and_origins::check(config, errors);
    texts(config, errors);
    file("email.ca_file", config.email.ca_file.as_deref(), errors);
    file(
        "password.breach_list",
        config.password.breach_list.as_deref(),
        errors,
    );
    if situation.mail_by_smtp {
        smtp(situation, errors);
    }
    if situation.environment == Environment::Production {
        production(situation, errors);
    }
}

/// The least number of minutes that a session must outlive its access token, so that there is time for a refresh.
const IDLE_BEYOND_TOKEN: i64 = 5;

/// Checks settings that depend on each other.
fn relations(config: &Config, errors: &mut ConfigErrors) {
    if !config.password.argon2.is_strong_enough() {
        // A weaker hash could be broken by trying passwords (HASH-1).
        errors.add(
            "password.argon2",
            "is weaker than OWASP ASVS 5.0 allows",
            "take iterations 1 with memory_kib 47104 or more, 2 with 19456, or 3 with 12288",
        );
    }
    if config.password.min_length_privileged < config.password.min_length {
        errors.add(
            "password.min_length_privileged",
            "is smaller than password.min_length",
            "make it at least as large",
        );
    }
    if config.lockout.max_lock_seconds < config.lockout.first_lock_seconds {
        errors.add(
            "lockout.max_lock_seconds",
            "is smaller than lockout.first_lock_seconds",
            "make it at least as large",
        );
    }
    if config.lockout.hard_limit < config.lockout.max_failures {
        errors.add(
            "lockout.hard_limit",
            "is smaller than lockout.max_failures",
            "make it at least as large",
        );
    }
    if config.email.retry_max_seconds < config.email.retry_first_seconds {
        errors.add(
            "email.retry_max_seconds",
            "is smaller than email.retry_first_seconds",
            "make it at least as large",
        );
    }
    for role in Role::ALL {
        // A client of a service that verifies tokens offline contacts this service only when its token expires (SES-3).
        let (idle, token) = (
            config.sessions.idle_minutes.of(role),
            config.jwt.expire_minutes,
        );
        let least = token.saturating_add(IDLE_BEYOND_TOKEN);
        if idle < least {
            errors.add(
                format!("sessions.idle_minutes.{}", role.name()),
                format!("is {idle}, too short for jwt.expire_minutes {token}"),
                format!("set it to {least} or more, or jwt.expire_minutes to less"),
            );
        }
    }
    if config.jwt.publish_hours >= config.jwt.rotation_days.saturating_mul(24) {
        // Clients must know a key before it signs (KEY-2).
        errors.add(
            "jwt.publish_hours",
            "is not shorter than jwt.rotation_days",
            "publish the next key within the life of the current one",
        );
    }
    if config.jwt.legacy_claims && config.jwt.algorithm != JwtAlgorithm::HS256 {
        errors.add(
            "jwt.legacy_claims",
            "is on with an algorithm that older consumers do not know",
            "set jwt.algorithm to HS256, or jwt.legacy_claims to false",
        );
    }
}

fn texts(config: &Config, errors: &mut ConfigErrors) {
    let texts = [
        ("jwt.issuer", &config.jwt.issuer),
        ("jwt.audience", &config.jwt.audience),
        ("database.embedded_path", &config.database.embedded_path),
        ("email.outbox_dir", &config.email.outbox_dir),
    ];
    for (key, text) in texts {
        if text.trim().is_empty() || text.chars().any(char::is_control) {
            errors.add(key, "is empty or has control characters", "give it a text");
        }
    }
    if let Some(from) = &config.email.from
        && !is_sender(from)
    {
        // The sender becomes a header of each mail (MAIL-3).
        errors.add(
            "email.from",
            "is not a mail address",
            "write no-reply@clinic.example or Clinic <no-reply@clinic.example>",
        );
    }
}

/// Whether the text is a sender address: ASCII, except for a domain that can be written in A-labels.
fn is_sender(text: &str) -> bool {
    let is_ascii = |mailbox: lettre::message::Mailbox| {
        let (user, domain) = (mailbox.email.user(), mailbox.email.domain());
        user.is_ascii() && (domain.is_ascii() || idna::domain_to_ascii_strict(domain).is_ok())
    };
    !text.chars().any(char::is_control) && text.parse().is_ok_and(is_ascii)
}

fn file(key: &str, path: Option<&str>, errors: &mut ConfigErrors) {
    let Some(path) = path else { return };
    let problem = match fs::File::open(path).and_then(|file| file.metadata()) {
        Ok(metadata) if metadata.is_file() => return,
        Ok(_) => format!("{path:?} is not a file"),
        Err(error) => format!("{path:?} cannot be read ({})", error.kind()),
    };
    errors.add(
        key,
        problem,
        "name a file that the service may read, or set it to null",
    );
}

fn smtp(situation: &Situation<'_>, errors: &mut ConfigErrors) {
    let email = &situation.config.email;
    if email.tls == SmtpTls::None && !hosts_and_origins::is_loopback(&email.smtp_host) {
        // The password and the codes would cross the network in clear text (MAIL-5).
        errors.add(
            "email.tls",
            "is none, but email.smtp_host is not this machine",
            "set it to starttls or implicit",
        );
    }
    let problem = match situation.smtp_user {
        _ if email.from.is_some() => return,
        Some(user) if is_sender(user.expose()) => return,
        Some(_) => "is not set, and SMTP_USER is not a mail address",
        None if situation.environment == Environment::Production => {
            "is not set, and neither is SMTP_USER"
        }
        None => return,
    };
    errors.add(
        "email.from",
        problem,
        "set it to the address that mails come from",
    );
}

/// Checks settings that are allowed in development only.
fn production(situation: &Situation<'_>, errors: &mut ConfigErrors) {
    let service = &situation.config.service;
    if service.debug {
        errors.add(
            "service.debug",
            "is on in production",
            "set it to false, or unset DEBUG",
        );
    }
    if service.port == 0 {
        errors.add(
            "service.port",
            "is 0 in production",
            "set it to a port from 1 to 65535",
        );
    }
    if !situation.mail_by_smtp {
        errors.add(
            "email.transport",
            "writes mails to a folder in production",
            "set SMTP_HOST, or email.transport to smtp",
        );
    }
    if situation
        .smtp_password
        .is_some_and(|password| is_placeholder(password.expose()))
    {
        errors.add(
            "SMTP_PASSWORD",
            "is a placeholder that everybody knows",
            "set it to the password of SMTP_USER",
        );
    }
    hosts_and_origins::check_production(situation.config, errors);
}
