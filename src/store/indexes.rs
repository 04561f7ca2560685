//! How the database is brought to the table of indexes at start.

mod table;

use std::{collections::HashSet, sync::PoisonError};

use bson::{Bson, Document, doc};
use chrono::Duration;
use futures_util::TryStreamExt;
use mongodb::{IndexModel, options::IndexOptions};

use super::{Result, Store, StoreError};

pub use table::table;

use crate::config::sections::Database;

/// Names by which the older service's own clean-up knew indexes of a version before it, and left them all the same: on
/// keys that nothing writes any more.
const LEFT_OVER: [(&str, &str); 2] = [("patient_id_1", "patient_id"), ("doctor_id_1", "doctor_id")];

/// An index that stands in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The collection's name in the database.
    pub collection: String,
    /// The index's name in the database.
    pub name: String,
}

impl Found {
    /// What to type into `mongosh` to be rid of it.
    #[must_use]
    pub fn to_drop(&self) -> String {
        let Self { collection, name } = self;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if collection.chars().all(plain) && !collection.starts_with(|c: char| c.is_ascii_digit()) {
            format!("db.{collection}.dropIndex({name:?})")
        } else {
            format!("db.getCollection({collection:?}).dropIndex({name:?})")
        }
    }
}

impl std::fmt::Display for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.collection, self.name)
    }
}

/// `collection.index` of every unique index of the table.
pub(super) fn unique_names(names: &Database) -> HashSet<String> {
    let unique = table(names).into_iter().filter(|index| index.unique);
    unique
        .map(|index| format!("{}.{}", index.collection, index.name))
        .collect()
}

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

/// What was found when the indexes were brought to the table.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct IndexReport {
    /// Names of indexes that were made.
    pub created: Vec<String>,
    /// `wanted (found)`: the same index exists under another name, which is as good.
    pub renamed: Vec<String>,
    /// `wanted (found)`: an index with other options is in the way; only speed or clearing up suffers.
    pub differing: Vec<String>,
    /// `wanted (found)`: an index with other options is in the way of a unique one, or refuses what must be allowed.
    pub conflicts: Vec<String>,
    /// Unique indexes on keys of ours that are not sparse where they have to be: [`Store::drop_found`], and ours is made in
    /// their place (LEG-2).
    pub replaceable: Vec<Found>,
    /// What the older service has left on keys that nothing writes any more: dropped once ours stand.
    pub left_over: Vec<Found>,
    /// Unique indexes that are neither ours nor the same: they refuse what must be allowed.
    pub foreign: Vec<Found>,
    /// `wanted (document and document)`: unique indexes that cannot be made because documents have equal keys.
    pub duplicates: Vec<String>,
}

impl IndexReport {
    /// Whether nothing keeps the unique indexes from standing alone, but for what is to be replaced or dropped.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        self.duplicates.is_empty() && self.conflicts.is_empty() && self.foreign.is_empty()
    }

    /// Whether something is left to be replaced or dropped.
    #[must_use]
    pub fn has_older(&self) -> bool {
        !(self.replaceable.is_empty() && self.left_over.is_empty())
    }

    fn in_the_way(&mut self, index: &Index, found: &str) {
        let list = if index.unique {
            &mut self.conflicts
        } else {
            &mut self.differing
        };
        list.push(format!("{} ({found})", index.name));
    }
}

/// An index of a large collection takes longer than an operation of a request.
const BUILD_LIMIT: std::time::Duration = std::time::Duration::from_secs(60);
/// Server codes: no such collection; the index exists with other options; under this name with other keys.
const NAMESPACE_NOT_FOUND: i32 = 26;
const INDEX_NOT_FOUND: i32 = 27;
const OPTIONS_CONFLICT: i32 = 85;
const KEYS_CONFLICT: i32 = 86;
/// Pairs of documents that a report names.
const EXAMPLES: i64 = 5;

impl Store {
    /// Makes every index of [`table()`] that is missing. One that exists under another name with the same keys and
    /// options is accepted; nothing is dropped here.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn ensure_indexes(&self) -> Result<IndexReport> {
        let mut report = IndexReport::default();
        let table = table(&self.names);
        for of_one in table.chunk_by(|one, next| one.collection == next.collection) {
            let collection = &of_one[0].collection;
            let existing = self.existing_indexes(collection).await?;
            for index in of_one {
                self.ensure(index, &existing, &mut report).await?;
            }
            for found in &existing {
                self.judge(collection, found, of_one, &mut report);
            }
        }
        Ok(report)
    }

    /// Drops an index; one that is gone already is as good.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn drop_found(&self, found: &Found) -> Result<()> {
        let rows = self.rows::<Document>(&found.collection);
        let gone = match self.run(rows.drop_index(found.name.as_str())).await {
            Ok(()) => true,
            Err(error) if error.has_code(INDEX_NOT_FOUND) => true,
            // The embedded store has no code of its own for that.
            Err(StoreError::Corrupt(_)) => {
                let left = self.existing_indexes(&found.collection).await?;
                !left.iter().any(|index| name_of(index) == found.name)
            }
            Err(other) => return Err(other),
        };
        if gone {
            Ok(())
        } else {
            Err(StoreError::Driver("an index cannot be dropped".into()))
        }
    }

    /// What an index that stands in the database is to the service, whose own of the collection are `ours`.
    fn judge(
        &self,
        collection: &str,
        found: &IndexModel,
        ours: &[Index],
        report: &mut IndexReport,
    ) {
        let name = name_of(found);
        let is_unique = found.options.as_ref().and_then(|options| options.unique) == Some(true);
        if name == "_id_" || !is_unique {
            return;
        }
        let place = Found {
            collection: collection.to_owned(),
            name: name.to_owned(),
        };
        if ours.iter().any(|index| index.is(found)) {
            let mut own = self
                .own_indexes
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            own.insert(place.to_string());
        } else if ours.iter().any(|index| index.is_replaced_by_ours(found)) {
            report.replaceable.push(place);
        } else if LEFT_OVER
            .iter()
            .any(|(left, key)| name == *left && is_on(found, key))
        {
            report.left_over.push(place);
        } else {
            report.foreign.push(place);
        }
    }

    async fn ensure(
        &self,
        index: &Index,
        existing: &[IndexModel],
        report: &mut IndexReport,
    ) -> Result<()> {
        if existing
            .iter()
            .any(|found| index.is_replaced_by_ours(found))
        {
            return Ok(());
        }
        let same = existing.iter().find(|found| index.is(found));
        if let Some(name) = same.map(name_of).filter(|name| *name != index.name) {
            report.renamed.push(format!("{} ({name})", index.name));
            return Ok(());
        }
        match same {
            // One that another instance is still building is listed too: only `create` waits for it.
            Some(_) if !index.unique => return Ok(()),
            None if existing.iter().any(|found| name_of(found) == index.name) => {
                report.in_the_way(index, &index.name);
                return Ok(());
            }
            None if index.sparse => self.unset_nulls(index).await?,
            Some(_) | None => {}
        }
        let rows = self.rows::<Document>(&index.collection);
        let create = rows.create_index(index.model());
        match self.run_within(BUILD_LIMIT, create).await {
            Ok(_) if same.is_some() => {}
            Ok(_) => report.created.push(index.name.clone()),
            Err(StoreError::Duplicate) => {
                let documents = self.equal_keys(index).await?.join(", ");
                let text = format!("{} ({documents})", index.name);
                report.duplicates.push(text);
            }
            Err(error) if error.has_code(OPTIONS_CONFLICT) || error.has_code(KEYS_CONFLICT) => {
                report.in_the_way(index, "one with the same keys");
            }
            Err(other) => return Err(other),
        }
        Ok(())
    }

    async fn existing_indexes(&self, collection: &str) -> Result<Vec<IndexModel>> {
        let rows = self.rows::<Document>(collection);
        let listed = self.run(async { rows.list_indexes().await?.try_collect().await });
        match listed.await {
            Err(error) if error.has_code(NAMESPACE_NOT_FOUND) => Ok(Vec::new()),
            other => other,
        }
    }

    /// A sparse index leaves documents without the key out, but not those with `null`, as the older service wrote them
    /// for "none": two of them would be duplicates. What is `null` or empty is removed, which means the same.
    async fn unset_nulls(&self, index: &Index) -> Result<()> {
        let rows = self.rows::<Document>(&index.collection);
        for key in index.keys.keys() {
            let none = doc! { "$or": [{ key: { "$type": "null" } }, { key: "" }] };
            let unset = rows.update_many(none, doc! { "$unset": { key: "" } });
            let unset = self.run_within(BUILD_LIMIT, unset).await?.modified_count;
            if unset > 0 {
                let collection = &index.collection;
                tracing::info!(collection, key, unset, "empty values were removed");
            }
        }
        Ok(())
    }

    /// `document and document` for some of the keys that several documents have.
    async fn equal_keys(&self, index: &Index) -> Result<Vec<String>> {
        let rows = self.rows::<Document>(&index.collection);
        let mut present = Document::new();
        let mut keys = Document::new();
        for key in index.keys.keys() {
            if index.sparse {
                present.insert(key, doc! { "$exists": true });
            }
            keys.insert(key, format!("${key}"));
        }
        let pairs = rows.aggregate([
            doc! { "$match": present },
            doc! { "$group": {
                "_id": keys, "count": { "$sum": 1 }, "one": { "$min": "$_id" }, "other": { "$max": "$_id" },
            } },
            doc! { "$match": { "count": { "$gt": 1 } } },
            doc! { "$limit": EXAMPLES },
        ]);
        let name = |pair: &Document, which: &str| match pair.get(which) {
            Some(Bson::ObjectId(id)) => id.to_hex(),
            Some(Bson::String(id)) => id.clone(),
            other => format!("{other:?}"),
        };
        let pairs: Vec<Document> = self.all(pairs).await?;
        Ok(pairs
            .iter()
            .map(|pair| format!("{} and {}", name(pair, "one"), name(pair, "other")))
            .collect())
    }
}

fn is_on(index: &IndexModel, key: &str) -> bool {
    index.keys.len() == 1 && index.keys.contains_key(key)
}

fn name_of(index: &IndexModel) -> &str {
    index
        .options
        .as_ref()
        .and_then(|options| options.name.as_deref())
        .unwrap_or_default()
}

impl Index {
    /// Whether `found` has the same keys. Their order is not compared: the embedded store lists it alphabetically.
    fn has_keys_of(&self, found: &IndexModel) -> bool {
        found.keys.len() == self.keys.len()
            && self.keys.keys().all(|key| found.keys.contains_key(key))
    }

    /// Whether `found` does the same, whatever its name.
    fn is(&self, found: &IndexModel) -> bool {
        let options = found.options.clone().unwrap_or_default();
        self.has_keys_of(found)
            && options.unique.unwrap_or(false) == self.unique
            && options.sparse.unwrap_or(false) == self.sparse
            && options.partial_filter_expression.is_none()
            && options.expire_after.map(|after| after.as_secs())
                == self
                    .ttl
                    .and_then(|ttl| u64::try_from(ttl.num_seconds()).ok())
    }

    /// Whether `found` is the same but not sparse, so that only one document may be without the key.
    fn is_replaced_by_ours(&self, found: &IndexModel) -> bool {
        let dense = Self {
            sparse: false,
            ..self.clone()
        };
        self.sparse && dense.is(found)
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
