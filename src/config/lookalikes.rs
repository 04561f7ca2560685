//! Variables that other programs and the older service use for settings that have another name here. Without a warning,
//! such a variable would be ignored silently.

use super::{Sources, environment};

/// Names that look like ours, each with the name that is read.
const LOOKALIKES: &[(&str, &str)] = &[
    ("JWT_SECRET_KEY", "JWT_SECRET"),
    ("JWT_KEY", "JWT_SECRET"),
    ("SECRET_KEY", "JWT_SECRET"),
    ("JWT_ALGORITHM", "CLINIC_AUTH__JWT__ALGORITHM"),
    ("ALGORITHM", "CLINIC_AUTH__JWT__ALGORITHM"),
    (
        "ACCESS_TOKEN_EXPIRE_MINUTES",
        "CLINIC_AUTH__JWT__EXPIRE_MINUTES",
    ),
    ("JWT_EXPIRE_MINUTES", "CLINIC_AUTH__JWT__EXPIRE_MINUTES"),
    ("SMTP_SERVER", "SMTP_HOST"),
    ("SMTP_EMAIL", "SMTP_USER"),
    ("SMTP_USERNAME", "SMTP_USER"),
    ("SMTP_PASS", "SMTP_PASSWORD"),
    ("SMTP_FROM", "CLINIC_AUTH__EMAIL__FROM"),
    ("EMAIL_FROM", "CLINIC_AUTH__EMAIL__FROM"),
    ("EMAIL_HOST", "SMTP_HOST"),
    ("EMAIL_PORT", "SMTP_PORT"),
    ("EMAIL_USER", "SMTP_USER"),
    ("EMAIL_PASSWORD", "SMTP_PASSWORD"),
    ("SENDER_EMAIL", "CLINIC_AUTH__EMAIL__FROM"),
    ("SENDER_PASSWORD", "SMTP_PASSWORD"),
    ("MAIL_SERVER", "SMTP_HOST"),
    ("MAIL_HOST", "SMTP_HOST"),
    ("MAIL_PORT", "SMTP_PORT"),
    ("MAIL_USERNAME", "SMTP_USER"),
    ("MAIL_USER", "SMTP_USER"),
    ("MAIL_PASSWORD", "SMTP_PASSWORD"),
    ("MAIL_FROM", "CLINIC_AUTH__EMAIL__FROM"),
    ("MAIL_FROM_NAME", "CLINIC_AUTH__EMAIL__FROM"),
    ("MAIL_DEFAULT_SENDER", "CLINIC_AUTH__EMAIL__FROM"),
    ("MAIL_SENDER", "CLINIC_AUTH__EMAIL__FROM"),
    ("MAIL_PASS", "SMTP_PASSWORD"),
    ("MAIL_USE_TLS", "CLINIC_AUTH__EMAIL__TLS"),
    ("MAIL_USE_SSL", "CLINIC_AUTH__EMAIL__TLS"),
    ("MAIL_SSL", "CLINIC_AUTH__EMAIL__TLS"),
    ("MAIL_ENCRYPTION", "CLINIC_AUTH__EMAIL__TLS"),
    ("MAIL_STARTTLS", "CLINIC_AUTH__EMAIL__TLS"),
    ("MAIL_SSL_TLS", "CLINIC_AUTH__EMAIL__TLS"),
    ("MAIL_TLS", "CLINIC_AUTH__EMAIL__TLS"),
    ("MONGODB_URI", "MONGO_URI"),
    ("MONGODB_URL", "MONGO_URI"),
    ("MONGO_URL", "MONGO_URI"),
    ("DATABASE_URL", "MONGO_URI"),
    ("DATABASE_NAME", "CLINIC_AUTH__DATABASE__DATABASE_NAME"),
    ("MONGO_DB", "CLINIC_AUTH__DATABASE__DATABASE_NAME"),
    ("CORS_ORIGINS", "CLINIC_AUTH__SERVICE__CORS_ORIGINS"),
    ("ALLOWED_ORIGINS", "CLINIC_AUTH__SERVICE__CORS_ORIGINS"),
    ("BASE_URL", "CLINIC_AUTH__SERVICE__PUBLIC_BASE_URL"),
    ("LOG_LEVEL", "RUST_LOG"),
];

/// Whether the service warns of a variable of this name.
pub(super) fn is_one(name: &str) -> bool {
    LOOKALIKES.iter().any(|(lookalike, _)| *lookalike == name)
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
    LOOKALIKES
        .iter()
        .filter(|(lookalike, right)| set(lookalike) && !is_set(right))
        .map(|(lookalike, right)| ((*lookalike).to_owned(), (*right).to_owned()))
        .collect()
}
