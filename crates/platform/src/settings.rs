//! The settings of the platform.

use kernel::settings::{names, section};
use mail::settings::Email;
use serde::{Deserialize, Serialize};

/// At most `limit` in each window of `per_seconds`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// How many.
    pub limit: u32,
    /// In how many seconds.
    pub per_seconds: u32,
}

/// What the platform is told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The audit trail.
    pub audit: Audit,
    /// Mail.
    pub email: Email,
}

section! {
    /// `audit`: the audit trail.
    Audit {
        /// How long a record is kept.
        retention_days: i64 = 2192,
        /// How long a record of a stranger's refusal is kept (AUD-5).
        refusal_retention_days: i64 = 90,
        /// How often new records are sealed (AUD-2).
        seal_seconds: i64 = 10,
    }
}

names! {
    /// The names of the platform's collections.
    Collections {
        throttles = "throttles",
        mail_outbox = "mail_outbox",
        audit_log = "audit_log",
        audit_heads = "audit_heads",
        audit_seals = "audit_seals",
        audit_refusals = "audit_refusals",
        daily_counts = "daily_counts",
    }
}

names! {
    /// The names of the platform's indexes.
    Indexes {
        throttles_expires_idx = "throttles_expires_idx",
        mail_outbox_due_idx = "mail_outbox_due_idx",
        mail_outbox_created_idx = "mail_outbox_created_idx",
        mail_outbox_expires_idx = "mail_outbox_expires_idx",
        audit_chain_unique_idx = "audit_chain_unique_idx",
        audit_time_idx = "audit_time_idx",
        audit_subject_idx = "audit_subject_idx",
        audit_actor_idx = "audit_actor_idx",
        audit_subjects_idx = "audit_subjects_idx",
        audit_expires_idx = "audit_expires_idx",
        audit_heads_expires_idx = "audit_heads_expires_idx",
        audit_seals_time_idx = "audit_seals_time_idx",
        audit_seals_expires_idx = "audit_seals_expires_idx",
        audit_refusals_end_idx = "audit_refusals_end_idx",
        daily_counts_expires_idx = "daily_counts_expires_idx",
    }
}
