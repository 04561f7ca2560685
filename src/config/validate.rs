//! The rules of a configuration. Each broken rule is reported on its own.

mod hosts_and_origins;
mod names;
mod ranges;

use kernel::{networks::is_loopback, role::Role};
use std::fs;

use serde_json::Value;

use super::{
    ConfigErrors, Secret,
    master_secret::is_placeholder,
    sections::{Config, Email, JwtAlgorithm, SmtpAuth, SmtpTls},
    settings::Environment,
    tree::{pointer_of, tree_of},
};

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
    ranges::check_lists(situation.config, errors);
    ranges::check(config, errors);
    relations(config, errors);
    names::check(&config.database, errors);
    hosts_and_origins::check(config, errors);
    texts(config, errors);
    let (ca, breaches) = (&config.email.ca_file, &config.password.breach_list);
    for (key, path) in [("email.ca_file", ca), ("password.breach_list", breaches)] {
        file(key, path.as_deref(), errors);
    }
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
    // A weaker hash could be broken by trying passwords (HASH-1).
    errors.require(
        config.password.argon2.is_strong_enough(),
        "password.argon2",
        "is weaker than OWASP ASVS 5.0 allows",
        "take iterations 1 with memory_kib 47104 or more, 2 with 19456, or 3 with 12288",
    );
    let tree = tree_of(config);
    let number = |key: &str| tree.pointer(&pointer_of(key)).and_then(Value::as_f64);
    for (least, key) in [
        ("password.min_length", "password.min_length_privileged"),
        ("lockout.first_lock_seconds", "lockout.max_lock_seconds"),
        ("lockout.max_failures", "lockout.hard_limit"),
        ("email.retry_first_seconds", "email.retry_max_seconds"),
    ] {
        errors.require(
            number(key) >= number(least),
            key,
            format!("is smaller than {least}"),
            "make it at least as large",
        );
    }
    for role in Role::ALL {
        // A client of a service that verifies tokens offline contacts this service only when its token expires (SES-3).
        let idle = config.sessions.idle_minutes.of(role);
        let token = config.jwt.expire_minutes;
        let least = token.saturating_add(IDLE_BEYOND_TOKEN);
        errors.require(
            idle >= least,
            format!("sessions.idle_minutes.{}", role.name()),
            format!("is {idle}, too short for jwt.expire_minutes {token}"),
            format!("set it to {least} or more, or jwt.expire_minutes to less"),
        );
    }
    // Nobody of these roles could log in (MFA-17).
    let nobody_must = config
        .mfa
        .required_roles
        .as_ref()
        .is_some_and(Vec::is_empty);
    errors.require(
        nobody_must || !config.mfa.methods.is_empty(),
        "mfa.methods",
        "is empty, but some roles must have a second factor",
        "name totp or passkey, or set mfa.required_roles to []",
    );
    // Clients must know a key before it signs (KEY-2).
    errors.require(
        config.jwt.publish_hours < config.jwt.rotation_days.saturating_mul(24),
        "jwt.publish_hours",
        "is not shorter than jwt.rotation_days",
        "publish the next key within the life of the current one",
    );
    errors.require(
        !config.jwt.legacy_claims || config.jwt.algorithm == JwtAlgorithm::HS256,
        "jwt.legacy_claims",
        "is on with an algorithm that older consumers do not know",
        "set jwt.algorithm to HS256, or jwt.legacy_claims to false",
    );
}

fn texts(config: &Config, errors: &mut ConfigErrors) {
    let texts = [
        ("jwt.issuer", &config.jwt.issuer),
        ("jwt.audience", &config.jwt.audience),
        (
            "database.embedded_path",
            &config.database.limits.embedded_path,
        ),
        ("email.outbox_dir", &config.email.outbox_dir),
    ];
    for (key, text) in texts {
        errors.require(
            !text.trim().is_empty() && !text.chars().any(char::is_control),
            key,
            "is empty or has control characters",
            "give it a text",
        );
    }
    // The sender becomes a header of each mail (MAIL-3).
    errors.require(
        config.email.from.as_deref().is_none_or(is_sender),
        "email.from",
        "is not a mail address",
        "write no-reply@clinic.example or Clinic <no-reply@clinic.example>",
    );
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
    let remedy = "name a file that the service may read, or set it to null";
    errors.add(key, problem, remedy);
}

fn smtp(situation: &Situation<'_>, errors: &mut ConfigErrors) {
    let email = &situation.config.email;
    // The password and the codes would cross the network in clear text (MAIL-5).
    errors.require(
        email.tls != SmtpTls::None || is_loopback(&email.smtp_host),
        "email.tls",
        "is none, but email.smtp_host is not this machine",
        "set it to starttls or implicit",
    );
    token(email, situation.smtp_user.is_some(), errors);
    let problem = match situation.smtp_user {
        _ if email.from.is_some() => return,
        Some(user) if is_sender(user.expose()) => return,
        Some(_) => "is not set, and SMTP_USER is not a mail address",
        None if situation.environment == Environment::Production => {
            "is not set, and neither is SMTP_USER"
        }
        None => return,
    };
    let remedy = "set it to the address that mails come from";
    errors.add("email.from", problem, remedy);
}

/// Checks that a login with a token has all that it needs, and that nothing of it is set in vain.
fn token(email: &Email, has_user: bool, errors: &mut ConfigErrors) {
    let sources = [email.token_file.is_some(), !email.token_command.is_empty()];
    let sources = sources.into_iter().filter(|is_set| *is_set).count();
    if email.auth == SmtpAuth::Password {
        errors.require(
            sources == 0,
            "email.auth",
            "is password, but a token is named",
            "set it to xoauth2, or take out email.token_file and email.token_command",
        );
        return;
    }
    errors.require(
        sources == 1,
        "email.auth",
        "is xoauth2, which needs either email.token_file or email.token_command",
        "name a file that holds a token, or a program that prints one",
    );
    errors.require(
        has_user,
        "SMTP_USER",
        "is not set, and a token is always one user's",
        "set it to the address of the mailbox",
    );
}

/// Checks settings that are allowed in development only.
fn production(situation: &Situation<'_>, errors: &mut ConfigErrors) {
    let service = &situation.config.service;
    errors.require(
        !service.debug,
        "service.debug",
        "is on in production",
        "set it to false, or unset DEBUG",
    );
    errors.require(
        service.port != 0,
        "service.port",
        "is 0 in production",
        "set it to a port from 1 to 65535",
    );
    errors.require(
        situation.mail_by_smtp,
        "email.transport",
        "writes mails to a folder in production",
        "set SMTP_HOST, or email.transport to smtp",
    );
    let password = situation.smtp_password.map(Secret::expose);
    errors.require(
        !password.is_some_and(is_placeholder),
        "SMTP_PASSWORD",
        "is a placeholder that everybody knows",
        "set it to the password of SMTP_USER",
    );
    hosts_and_origins::check_production(situation.config, errors);
}
