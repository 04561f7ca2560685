//! What callers do with patients' records. Each function decides, loads, records in the audit trail, and only then answers.

pub mod access_log;
pub mod care_team;
pub mod change;
pub mod create;
pub mod duplicates;
pub mod import;
pub mod invite;
pub mod list;
pub mod read;
pub mod registered;
pub mod search;
pub mod symptoms;
pub mod tick;
