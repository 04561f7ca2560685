//! Every index, in one table, and how the database is brought to it at start.

use bson::{Document, doc};
use chrono::Duration;
use mongodb::{IndexModel, options::IndexOptions};

use super::{Result, Store};
use crate::config::sections::Database;

/// An index that the service needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// The collection's name in the database.
    pub collection: String,
    /// The index's name in the database.
    pub name: String,
    /// Its keys, in their order.
    pub keys: Document,
    /// One document for each key.
    pub unique: bool,
    /// Documents without the key are left out.
    pub sparse: bool,
    /// Documents are collected this long after the time in the key.
    pub ttl: Option<Duration>,
}

fn plain(collection: &str, name: &str, keys: Document) -> Index {
    let (collection, name) = (collection.to_owned(), name.to_owned());
    Index {
        collection,
        name,
        keys,
        unique: false,
        sparse: false,
        ttl: None,
    }
}

fn unique(collection: &str, name: &str, keys: Document) -> Index {
    Index {
        unique: true,
        ..plain(collection, name, keys)
    }
}

fn sparse(collection: &str, name: &str, keys: Document) -> Index {
    Index {
        sparse: true,
        ..unique(collection, name, keys)
    }
}

fn ttl(collection: &str, name: &str) -> Index {
    Index {
        ttl: Some(Duration::zero()),
        ..plain(collection, name, doc! { "expires_at": 1 })
    }
}

/// The table.
#[must_use]
pub fn table(names: &Database) -> Vec<Index> {
    let mut table = of_accounts(names);
    table.extend(of_journeys(names));
    table.extend(of_the_service(names));
    table
}

fn of_accounts(names: &Database) -> Vec<Index> {
    let (c, i) = (&names.collections, &names.indexes);
    vec![
        unique(
            &c.patients,
            &i.patients_email_unique_idx,
            doc! { "email": 1 },
        ),
        sparse(
            &c.patients,
            &i.patients_username_unique_idx,
            doc! { "username": 1 },
        ),
        unique(
            &c.patients,
            &i.patients_user_id_unique_idx,
            doc! { "user_id": 1 },
        ),
        plain(
            &c.patients,
            &i.patients_user_type_idx,
            doc! { "user_type": 1 },
        ),
        unique(&c.doctors, &i.doctors_email_unique_idx, doc! { "email": 1 }),
        sparse(
            &c.doctors,
            &i.doctors_username_unique_idx,
            doc! { "username": 1 },
        ),
        unique(
            &c.doctors,
            &i.doctors_user_id_unique_idx,
            doc! { "user_id": 1 },
        ),
        plain(
            &c.doctors,
            &i.doctors_user_type_idx,
            doc! { "user_type": 1 },
        ),
        plain(
            &c.doctors,
            &i.doctors_specialization_idx,
            doc! { "specialization": 1 },
        ),
        unique(&c.staff, &i.staff_email_unique_idx, doc! { "email": 1 }),
        sparse(
            &c.staff,
            &i.staff_username_unique_idx,
            doc! { "username": 1 },
        ),
        unique(&c.staff, &i.staff_user_id_unique_idx, doc! { "user_id": 1 }),
        plain(&c.staff, &i.staff_user_type_idx, doc! { "user_type": 1 }),
    ]
}

fn of_journeys(names: &Database) -> Vec<Index> {
    let (c, i) = (&names.collections, &names.indexes);
    vec![
        plain(&c.pending_users, &i.pending_email_idx, doc! { "email": 1 }),
        plain(
            &c.pending_users,
            &i.pending_username_idx,
            doc! { "username": 1 },
        ),
        ttl(&c.pending_users, &i.pending_expires_idx),
        unique(
            &c.user_sessions,
            &i.session_id_unique_idx,
            doc! { "session_id": 1 },
        ),
        plain(
            &c.user_sessions,
            &i.session_user_id_idx,
            doc! { "user_id": 1 },
        ),
        ttl(&c.user_sessions, &i.session_expires_idx),
        plain(
            &c.user_sessions,
            &i.user_active_sessions_idx,
            doc! { "user_id": 1, "is_active": 1 },
        ),
        ttl(&c.otp_codes, &i.otp_expires_idx),
        plain(
            &c.otp_codes,
            &i.otp_lookup_idx,
            doc! { "email": 1, "type": 1 },
        ),
        plain(
            &c.identifiers,
            &i.identifiers_owner_idx,
            doc! { "owner": 1 },
        ),
        ttl(&c.identifiers, &i.identifiers_expires_idx),
    ]
}

fn of_the_service(names: &Database) -> Vec<Index> {
    let (c, i) = (&names.collections, &names.indexes);
    vec![
        ttl(&c.throttles, &i.throttles_expires_idx),
        plain(&c.mail_outbox, &i.mail_outbox_due_idx, doc! { "due_at": 1 }),
        ttl(&c.mail_outbox, &i.mail_outbox_expires_idx),
        unique(
            &c.audit_log,
            &i.audit_chain_unique_idx,
            doc! { "chain": 1, "sequence": 1 },
        ),
        plain(&c.audit_log, &i.audit_time_idx, doc! { "at": 1 }),
        plain(
            &c.audit_log,
            &i.audit_subject_idx,
            doc! { "subject": 1, "at": 1 },
        ),
        ttl(&c.audit_log, &i.audit_expires_idx),
        ttl(&c.audit_heads, &i.audit_heads_expires_idx),
        plain(&c.revocations, &i.revocations_at_idx, doc! { "at": 1 }),
        ttl(&c.revocations, &i.revocations_expires_idx),
        ttl(&c.signing_keys, &i.signing_keys_expires_idx),
    ]
}

/// What was found when the indexes were brought to the table.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct IndexReport {
    /// Names of indexes that were made.
    pub created: Vec<String>,
    /// `wanted (found)`: the same index exists under another name, which is as good.
    pub renamed: Vec<String>,
    /// Names of unique indexes that cannot be made because documents have equal keys.
    pub duplicates: Vec<String>,
    /// Names that an index with other keys or options has.
    pub conflicts: Vec<String>,
}

impl IndexReport {
    /// Whether every unique index stands.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        self.duplicates.is_empty() && self.conflicts.is_empty()
    }
}

impl Store {
    /// Makes every index of [`table`] that is missing. One that exists under another name with the same keys and
    /// options is accepted; nothing is ever dropped.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn ensure_indexes(&self) -> Result<IndexReport> {
        let mut report = IndexReport::default();
        let mut collection = String::new();
        let mut existing: Vec<IndexModel> = Vec::new();
        for index in table(&self.names) {
            if index.collection != collection {
                collection.clone_from(&index.collection);
                existing = self.existing_indexes(&collection).await?;
            }
            if let Some(same) = existing.iter().find(|found| index.is(found)) {
                let name = name_of(same);
                if name != index.name {
                    report.renamed.push(format!("{} ({name})", index.name));
                }
                continue;
            }
            if existing.iter().any(|found| name_of(found) == index.name) {
                report.conflicts.push(index.name);
                continue;
            }
            let rows = self.rows::<Document>(&collection);
            let create = rows.create_index(index.model());
            match self.run(create).await {
                Ok(_) => report.created.push(index.name),
                Err(super::StoreError::Duplicate) => report.duplicates.push(index.name),
                Err(other) => return Err(other),
            }
        }
        Ok(report)
    }

    async fn existing_indexes(&self, collection: &str) -> Result<Vec<IndexModel>> {
        match self
            .all(self.rows::<Document>(collection).list_indexes())
            .await
        {
            // NamespaceNotFound: the collection does not exist yet.
            Err(super::StoreError::Driver(text)) if text.contains("(26)") => Ok(Vec::new()),
            other => other,
        }
    }
}

fn name_of(index: &IndexModel) -> &str {
    index
        .options
        .as_ref()
        .and_then(|options| options.name.as_deref())
        .unwrap_or_default()
}

impl Index {
    /// Whether `found` does the same, whatever its name.
    fn is(&self, found: &IndexModel) -> bool {
        let options = found.options.clone().unwrap_or_default();
        // The embedded store lists compound keys in alphabetical order, so their order is not compared.
        let keys = found.keys.len() == self.keys.len()
            && self.keys.keys().all(|key| found.keys.contains_key(key));
        keys && options.unique.unwrap_or(false) == self.unique
            && options.sparse.unwrap_or(false) == self.sparse
            && options.expire_after.map(|after| after.as_secs())
                == self
                    .ttl
                    .and_then(|ttl| u64::try_from(ttl.num_seconds()).ok())
    }

    fn model(&self) -> IndexModel {
        let options = IndexOptions::builder()
            .name(self.name.clone())
            .unique(self.unique.then_some(true))
            .sparse(self.sparse.then_some(true))
            .expire_after(self.ttl.and_then(|ttl| ttl.to_std().ok()))
            .build();
        IndexModel::builder()
            .keys(self.keys.clone())
            .options(options)
            .build()
    }
}
