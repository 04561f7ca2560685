//! Variables that other programs and the older service use for settings that have another name here. Without a warning,
//! such a variable would be ignored silently.

use super::{Sources, environment};

/// Names that are read, each with the names that look like it.
const LOOKALIKES: &[(&str, &[&str])] = &[
    ("JWT_SECRET", &["JWT_SECRET_KEY", "JWT_KEY", "SECRET_KEY"]),
    (
        "CLINIC_AUTH__JWT__ALGORITHM",
        &["JWT_ALGORITHM", "ALGORITHM"],
    ),
    (
        "CLINIC_AUTH__JWT__EXPIRE_MINUTES",
        &["ACCESS_TOKEN_EXPIRE_MINUTES", "JWT_EXPIRE_MINUTES"],
    ),
    (
        "SMTP_HOST",
        &["SMTP_SERVER", "EMAIL_HOST", "MAIL_SERVER", "MAIL_HOST"],
    ),
    (
        "SMTP_USER",
        &[
            "SMTP_EMAIL",
            "SMTP_USERNAME",
            "EMAIL_USER",
            "MAIL_USERNAME",
            "MAIL_USER",
        ],
    ),
    (
        "SMTP_PASSWORD",
        &[
            "SMTP_PASS",
            "EMAIL_PASSWORD",
            "SENDER_PASSWORD",
            "MAIL_PASSWORD",
        ],
    ),
    (
        "CLINIC_AUTH__EMAIL__FROM",
        &[
            "SMTP_FROM",
            "EMAIL_FROM",
            "SENDER_EMAIL",
            "MAIL_FROM",
            "MAIL_FROM_NAME",
        ],
    ),
    ("SMTP_PORT", &["EMAIL_PORT", "MAIL_PORT"]),
    (
        "CLINIC_AUTH__EMAIL__TLS",
        &["MAIL_STARTTLS", "MAIL_SSL_TLS", "MAIL_TLS"],
    ),
    (
        "MONGO_URI",
        &["MONGODB_URI", "MONGODB_URL", "MONGO_URL", "DATABASE_URL"],
    ),
    (
        "CLINIC_AUTH__DATABASE__DATABASE_NAME",
        &["DATABASE_NAME", "MONGO_DB"],
    ),
    (
        "CLINIC_AUTH__SERVICE__CORS_ORIGINS",
        &["CORS_ORIGINS", "ALLOWED_ORIGINS"],
    ),
    ("CLINIC_AUTH__SERVICE__PUBLIC_BASE_URL", &["BASE_URL"]),
    ("RUST_LOG", &["LOG_LEVEL"]),
];

/// Whether the service warns of a variable of this name.
pub(super) fn is_one(name: &str) -> bool {
    LOOKALIKES.iter().any(|(_, names)| names.contains(&name))
}

/// The lookalikes that are set while the right variable is not, each with the right one. Their values are not read.
pub(super) fn of(sources: &Sources) -> Vec<(String, String)> {
    let set = |name: &str| {
        let given = sources.variable(name).is_some();
        given || sources.variable(&format!("{name}_FILE")).is_some()
    };
    let is_set = |right: &str| {
        let short = environment::SHORT_NAMES.iter();
        let twin = short.filter(|(name, _)| *name == right);
        set(right) || twin.into_iter().any(|(_, key)| sources.sets(key))
    };
    let pairs = LOOKALIKES
        .iter()
        .filter(|(right, _)| !is_set(right))
        .flat_map(|(right, names)| names.iter().map(|name| (*name, *right)));
    pairs
        .filter(|(name, _)| set(name))
        .map(|(name, right)| (name.to_owned(), right.to_owned()))
        .collect()
}
