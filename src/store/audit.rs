//! `audit_log`: the audit trail. Only inserted and read; the service's database user needs no more (AUD-2).

use mongodb::Collection;

use super::{Result, Store};
use crate::domain::audit::AuditRecord;

/// The collection.
#[derive(Debug)]
pub struct AuditLog<'a> {
    store: &'a Store,
    rows: Collection<AuditRecord>,
}

impl Store {
    /// The collection `audit_log`.
    #[must_use]
    pub fn audit_log(&self) -> AuditLog<'_> {
        AuditLog {
            store: self,
            rows: self.rows(&self.names.collections.audit_log),
        }
    }
}

impl AuditLog<'_> {
    /// Appends a record.
    ///
    /// # Errors
    /// The database does not answer; `Duplicate`: the chain has a record at this place.
    pub async fn insert(&self, record: &AuditRecord) -> Result<()> {
        self.store.run(self.rows.insert_one(record)).await.map(drop)
    }
}
