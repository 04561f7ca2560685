//! `audit_log`: the audit trail. Only inserted and read; the service's database user needs no more (AUD-2).

use bson::Document;
use mongodb::Collection;

use super::{
    Result, Store,
    listing::{List, Order},
};
use crate::domain::{
    audit::{AuditEntry, AuditRecord},
    filter::AuditFilter,
    page::{Listed, Page},
    stored::date,
};

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

    /// A page of the records that `filter` lets through, newest first.
    ///
    /// # Errors
    /// The database does not answer, or not in time.
    pub async fn list(&self, filter: &AuditFilter, page: &Page) -> Result<Listed<AuditEntry>> {
        let list = List {
            rows: self.rows.clone_with_type(),
            order: Order {
                time: "at",
                id: "_id",
            },
            fields: AuditEntry::FIELDS,
        };
        self.store.page(&list, &condition(filter), page).await
    }
}

fn condition(filter: &AuditFilter) -> Document {
    let AuditFilter {
        actor,
        subject,
        action,
        from,
        to,
    } = filter;
    let mut condition = Document::new();
    for (field, user_id) in [("actor", actor), ("subject", subject)] {
        if let Some(user_id) = user_id {
            condition.insert(field, user_id);
        }
    }
    if let Some(action) = action {
        condition.insert("action", action.name());
    }
    let mut at = Document::new();
    if let Some(from) = from {
        at.insert("$gte", date(*from));
    }
    if let Some(to) = to {
        at.insert("$lte", date(*to));
    }
    if !at.is_empty() {
        condition.insert("at", at);
    }
    condition
}
