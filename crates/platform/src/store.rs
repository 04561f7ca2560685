//! The database as the platform uses it: the connection, and the names of its own collections and indexes.

use std::{ops::Deref, sync::Arc};

use chrono::Duration;
use kernel::clock::Timestamp;
use store::{Connection, Result, indexes::Index};

use crate::settings::{Collections, Indexes};

/// The connection, and the names of the platform's collections.
#[derive(Debug, Clone)]
pub struct Store {
    connection: Connection,
    pub(crate) names: Arc<Collections>,
}

impl Deref for Store {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl Store {
    /// The database behind `connection`.
    #[must_use]
    pub fn new(connection: Connection, names: &Collections) -> Self {
        Self {
            connection,
            names: Arc::new(names.clone()),
        }
    }

    /// The names of the platform's collections.
    #[must_use]
    pub fn names(&self) -> &Collections {
        &self.names
    }

    /// Takes or extends the lease `name` for `holder`; `false` if another instance has it.
    pub async fn lease(
        &self,
        name: &str,
        holder: &str,
        length: Duration,
        now: Timestamp,
    ) -> Result<bool> {
        let rows = &self.names.throttles;
        self.take_lease(rows, (name, holder), length, now).await
    }

    /// Gives the lease `name` back.
    pub async fn end_lease(&self, name: &str, holder: &str) -> Result<()> {
        let rows = &self.names.throttles;
        self.give_lease_back(rows, (name, holder)).await
    }
}

/// The platform's indexes.
#[must_use]
pub fn indexes(c: &Collections, i: &Indexes) -> Vec<Index> {
    vec![
        Index::ttl(&c.throttles, &i.throttles_expires_idx),
        Index::plain(&c.mail_outbox, &i.mail_outbox_due_idx, "due_at"),
        // The list of the mails that do not arrive has this order.
        Index::plain(&c.mail_outbox, &i.mail_outbox_created_idx, "created_at _id"),
        Index::ttl(&c.mail_outbox, &i.mail_outbox_expires_idx),
        Index::unique(&c.audit_log, &i.audit_chain_unique_idx, "chain sequence"),
        Index::plain(&c.audit_log, &i.audit_time_idx, "at _id"),
        Index::plain(&c.audit_log, &i.audit_subject_idx, "subject at _id"),
        Index::plain(&c.audit_log, &i.audit_actor_idx, "actor at _id"),
        Index::plain(&c.audit_log, &i.audit_subjects_idx, "subjects"),
        Index::ttl(&c.audit_log, &i.audit_expires_idx),
        Index::ttl(&c.audit_heads, &i.audit_heads_expires_idx),
        Index::plain(&c.audit_seals, &i.audit_seals_time_idx, "at"),
        Index::ttl(&c.audit_seals, &i.audit_seals_expires_idx),
        Index::plain(&c.audit_refusals, &i.audit_refusals_end_idx, "ends_at"),
        Index::ttl(&c.daily_counts, &i.daily_counts_expires_idx),
    ]
}
