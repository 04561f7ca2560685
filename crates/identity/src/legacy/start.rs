//! What a start does with a database of the older service or of the version before. Each part is leased, so one instance
//! at a time does it; it can be interrupted and repeated.

pub mod accounts;
pub mod indexes;
pub mod lockouts;
mod report;

use chrono::Duration;

pub use self::{
    accounts::{Pass, Which},
    report::{AccountCounts, count_accounts, count_registrations},
};

/// How long the others wait for an instance that died during a part.
const LEASE: Duration = Duration::seconds(15);
/// How many documents are read at a time.
const BATCH: i64 = 500;
