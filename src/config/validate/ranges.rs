//! The allowed range of each number in the configuration.

use serde_json::Value;

use crate::config::{
    ConfigErrors,
    sections::{Config, MIN_PASSWORD},
    tree::{leaves, tree_of},
};

const MINUTES_OF_TEN_YEARS: u64 = 5_256_000;
const DAY: u64 = 86_400;

/// Each row is a key with its least and its greatest value. `*` means any name at one level, and the first row that
/// fits is used. No duration is so long that adding it to a date could overflow.
const RANGES: &[(&str, u64, u64)] = &[
    ("database.server_selection_ms", 1, 600_000),
    ("database.operation_ms", 1, 600_000),
    ("database.max_pool_size", 1, 10_000),
    ("jwt.expire_minutes", 1, 43_200),
    // An expired token is accepted for no more than five seconds (JWT-5).
    ("jwt.leeway_seconds", 0, 5),
    ("jwt.rotation_days", 1, 3650),
    ("jwt.publish_hours", 0, 8760),
    ("sessions.refresh_days", 1, 3650),
    ("sessions.idle_minutes.*", 1, MINUTES_OF_TEN_YEARS),
    ("sessions.absolute_hours.*", 1, MINUTES_OF_TEN_YEARS / 60),
    ("sessions.max_per_user", 1, 10_000),
    ("sessions.reuse_grace_seconds", 0, 3600),
    ("sessions.revocation_lag_ms", 0, 60_000),
    ("sessions.cache_capacity", 1, 100_000_000),
    ("otp.length", 6, 10),
    ("otp.expire_minutes", 1, 1440),
    ("otp.max_attempts", 1, 10),
    ("otp.cooldown_seconds", 0, DAY),
    ("otp.*", 1, 1_000_000),
    ("registration.pending_minutes", 1, 43_200),
    ("registration.max_pending_per_email", 1, 100),
    ("registration.invitation_hours", 1, 8760),
    // A password of 64 characters must always be allowed (PW-2).
    ("password.min_length", MIN_PASSWORD as u64, 64),
    ("password.min_length_privileged", MIN_PASSWORD as u64, 64),
    ("password.argon2.memory_kib", 1, 4_194_304),
    ("password.argon2.iterations", 1, 1000),
    ("password.argon2.parallelism", 1, 255),
    ("password.hash_threads", 1, 1024),
    ("password.hash_queue_ms", 0, 600_000),
    ("reset.link_minutes", 1, 1440),
    ("lockout.max_failures", 1, 1_000_000),
    ("lockout.window_minutes", 1, 43_200),
    // A lock is never permanent (LCK-1).
    ("lockout.first_lock_seconds", 1, DAY),
    ("lockout.max_lock_seconds", 1, DAY),
    ("lockout.hard_limit", 1, 1_000_000),
    ("throttle.*.limit", 1, u32::MAX as u64),
    ("throttle.*.per_seconds", 1, 31 * DAY),
    ("mfa.totp_window", 0, 2),
    ("mfa.enrol_minutes", 1, 60),
    ("mfa.challenge_minutes", 1, 60),
    ("mfa.max_attempts", 1, 10),
    ("mfa.lock_failures", 1, 100),
    // A lock is never permanent (LCK-1).
    ("mfa.lock_minutes", 1, 1440),
    ("mfa.recovery_codes", 1, 100),
    ("mfa.fresh_minutes", 1, 60),
    ("mfa.remember_days.*", 0, 365),
    ("passkeys.challenge_minutes", 1, 60),
    ("passkeys.max_per_user", 1, 100),
    ("account.email_undo_days", 1, 365),
    ("account.deletion_days", 0, 365),
    // People have a right to their data (SELF-7).
    ("account.export_per_day", 1, 1000),
    ("care.after_visit_days", 0, 3650),
    ("appointments.hold_minutes", 1, 60),
    ("appointments.max_holds", 1, 100),
    ("appointments.cancel_hours", 0, 8760),
    ("appointments.feed_days_back", 0, 3650),
    ("appointments.feed_days_ahead", 1, 3650),
    ("reports.release_hours", 0, 8760),
    ("reports.sign_fresh_minutes", 1, 1440),
    ("reports.max_bytes", 1024, 1_048_576),
    ("records.key_cache", 1, 10_000_000),
    ("email.smtp_port", 1, 65_535),
    ("email.token_minutes", 1, 1440),
    ("email.connect_timeout_seconds", 1, 600),
    ("email.command_timeout_seconds", 1, 600),
    ("email.pool_size", 1, 1000),
    ("email.lease_seconds", 1, DAY),
    ("email.retry_first_seconds", 1, DAY),
    ("email.retry_max_seconds", 1, 7 * DAY),
    ("email.notice_hours", 1, 8760),
    ("email.refused_days", 1, 365),
    ("audit.retention_days", 1, 36_500),
    ("audit.refusal_retention_days", 1, 36_500),
    ("audit.seal_seconds", 1, 3600),
    // 0 means any free port, and production refuses it.
    ("service.port", 0, 65_535),
    ("service.body_limit_bytes", 1024, 104_857_600),
    // The HTTP library does not allow a smaller limit than 8 KiB.
    ("service.header_limit_bytes", 8192, 1_048_576),
    ("service.url_limit_bytes", 256, 65_536),
    ("service.max_connections", 1, 1_000_000),
    ("service.max_silent_per_address", 1, 1_000_000),
    ("service.drain_seconds", 0, 600),
    ("service.shutdown_seconds", 0, 600),
    ("service.keep_alive_seconds", 1, 3600),
    ("service.request_timeout_seconds", 1, 600),
    ("service.header_timeout_seconds", 1, 600),
];

pub(super) fn check(config: &Config, errors: &mut ConfigErrors) {
    for (key, value) in leaves(&tree_of(config)) {
        let (Value::Number(number), Some((least, most))) = (value, range_of(&key)) else {
            continue;
        };
        // A negative number is not a u64, and is below every range.
        if !number.as_u64().is_some_and(|n| (least..=most).contains(&n)) {
            errors.add(
                key,
                format!("is {number}"),
                format!("set it to a number from {least} to {most}"),
            );
        }
    }
}

/// Reminders are mailed at least an hour and at most thirty days before.
const REMINDER_HOURS: std::ops::RangeInclusive<u32> = 1..=720;

/// The numbers of lists, which have no key of their own.
pub(super) fn check_lists(config: &Config, errors: &mut ConfigErrors) {
    let hours = &config.appointments.reminder_hours;
    if let Some(wrong) = hours.iter().find(|hours| !REMINDER_HOURS.contains(hours)) {
        errors.add(
            "appointments.reminder_hours",
            format!("has {wrong}"),
            "set each to a number from 1 to 720",
        );
    }
}

fn range_of(key: &str) -> Option<(u64, u64)> {
    let fits = |pattern: &str| {
        pattern.split('.').count() == key.split('.').count()
            && pattern
                .split('.')
                .zip(key.split('.'))
                .all(|(p, k)| p == "*" || p == k)
    };
    let (_, least, most) = RANGES.iter().find(|(pattern, ..)| fits(pattern))?;
    Some((*least, *most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_a_range_and_every_range_a_number() {
        let mut config = Config::default();
        config.password.hash_threads = Some(1);
        let tree = tree_of(&config);
        let numbers: Vec<_> = leaves(&tree)
            .into_iter()
            .filter(|(_, v)| v.is_number())
            .collect();
        for (key, _) in &numbers {
            assert!(range_of(key).is_some(), "{key} has no range");
        }
        for (pattern, ..) in RANGES {
            let (before, after) = pattern.split_once('*').unwrap_or((pattern, ""));
            let fits = |key: &str| key.starts_with(before) && key.ends_with(after);
            assert!(
                numbers.iter().any(|(key, _)| fits(key)),
                "{pattern} fits nothing"
            );
        }
    }

    #[test]
    fn a_reminder_is_mailed_hours_or_days_before() {
        for (hours, is_right) in [
            (vec![24, 2], true),
            (vec![0], false),
            (vec![24, 721], false),
        ] {
            let mut config = Config::default();
            config.appointments.reminder_hours = hours;
            let mut errors = ConfigErrors::default();
            check_lists(&config, &mut errors);
            assert_eq!(errors.0.is_empty(), is_right);
        }
    }

    #[test]
    fn each_number_is_refused_below_and_above_its_range() {
        let mut config = Config::default();
        config.otp.length = 5;
        config.otp.max_attempts = 11;
        config.jwt.leeway_seconds = 6;
        config.password.min_length = 7;
        config.sessions.idle_minutes.doctor = 0;
        config.jwt.expire_minutes = -1;
        config.throttle.identity.login_per_ip.limit = 0;
        let mut errors = ConfigErrors::default();
        check(&config, &mut errors);
        let keys: Vec<_> = errors.0.iter().map(|error| error.key.as_str()).collect();
        assert_eq!(
            keys,
            [
                "jwt.expire_minutes",
                "jwt.leeway_seconds",
                "sessions.idle_minutes.doctor",
                "otp.length",
                "otp.max_attempts",
                "password.min_length",
                "throttle.login_per_ip.limit",
            ]
        );
    }
}
