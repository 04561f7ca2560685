//! Brings the indexes of the database to the table at the start.

use std::collections::HashSet;

use bson::{Bson, Document, doc};
use chrono::Duration;
use futures_util::TryStreamExt;
use mongodb::{IndexModel, options::IndexOptions};

use crate::{Connection, Result, StoreError};

use kernel::helpers::lock;

/// An index that exists in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The collection's name in the database.
    pub collection: String,
    /// The index's name in the database.
    pub name: String,
}

impl Found {
    /// The command for `mongosh` that drops it.
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
pub fn unique_names(table: &[Index]) -> HashSet<String> {
    let unique = table.iter().filter(|index| index.unique);
    let names = unique.map(|index| format!("{}.{}", index.collection, index.name));
    names.collect()
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
    /// No two documents may have the same key.
    pub unique: bool,
    /// Documents without the key are not in the index.
    pub sparse: bool,
    /// Documents are deleted this long after the time in the key.
    pub ttl: Option<Duration>,
}

/// The result of the comparison of the indexes with the table.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct IndexReport {
    /// Names of the indexes that were made.
    pub created: Vec<String>,
    /// `wanted (found)`: an equal index exists under another name.
    pub renamed: Vec<String>,
    /// `wanted (found)`: an index with other options is in the way of one that only makes reads faster or deletes old
    /// rows.
    pub differing: Vec<String>,
    /// `wanted (found)`: an index with other options is in the way of a unique one, or refuses what must be allowed.
    pub conflicts: Vec<String>,
    /// Unique indexes on the service's keys that are not sparse but must be. [`Connection::drop_found`] drops them, and the
    /// service makes its own instead (LEG-2).
    pub replaceable: Vec<Found>,
    /// Indexes of the older service on keys that are not written any more. They are dropped once the service's own
    /// exist.
    pub left_over: Vec<Found>,
    /// Unique indexes that are not in the table, nor equal to one of it. They refuse what must be allowed.
    pub foreign: Vec<Found>,
    /// `wanted (document and document)`: unique indexes that cannot be made, because documents have equal keys.
    pub duplicates: Vec<String>,
}

impl IndexReport {
    /// Whether the database enforces all unique indexes of the table, except indexes that will be replaced or dropped.
    pub fn is_safe(&self) -> bool {
        self.duplicates.is_empty() && self.conflicts.is_empty() && self.foreign.is_empty()
    }

    /// Whether there are indexes to be replaced or dropped.
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

/// Making an index of a large collection takes longer than an operation of a request.
const BUILD_LIMIT: std::time::Duration = std::time::Duration::from_secs(60);
/// Server codes: no such collection; no such index; the index exists with other options; its name exists with other
/// keys.
const NAMESPACE_NOT_FOUND: i32 = 26;
const INDEX_NOT_FOUND: i32 = 27;
const OPTIONS_CONFLICT: i32 = 85;
const KEYS_CONFLICT: i32 = 86;
/// How many pairs of documents a report names.
const EXAMPLES: i64 = 5;

impl Connection {
    /// Makes every index of `table` that is missing. An index with the same keys and options under another name is
    /// accepted. This drops nothing. `left_over` are names and keys of unique indexes that may be dropped.
    pub async fn ensure_indexes(
        &self,
        table: &[Index],
        left_over: &[(&str, &str)],
    ) -> Result<IndexReport> {
        let mut report = IndexReport::default();
        for of_one in table.chunk_by(|one, next| one.collection == next.collection) {
            let collection = &of_one[0].collection;
            let existing = self.existing_indexes(collection).await?;
            for index in of_one {
                self.ensure(index, &existing, &mut report).await?;
            }
            for found in &existing {
                self.classify(collection, found, (of_one, left_over), &mut report);
            }
        }
        Ok(report)
    }

    /// Drops an index. It succeeds as well if the index does not exist any more.
    pub async fn drop_found(&self, found: &Found) -> Result<()> {
        let rows = self.rows::<Document>(&found.collection);
        match self.run(rows.drop_index(found.name.as_str())).await {
            Err(error) if error.has_code(INDEX_NOT_FOUND) => Ok(()),
            // The embedded store has no separate code for this case.
            Err(StoreError::Corrupt(_)) => {
                let left = self.existing_indexes(&found.collection).await?;
                if left.iter().any(|index| name_of(index) == found.name) {
                    return Err(StoreError::Driver("an index cannot be dropped".into()));
                }
                Ok(())
            }
            done => done,
        }
    }

    /// Adds an existing index to the report; `ours` are the service's own indexes of the collection.
    fn classify(
        &self,
        collection: &str,
        found: &IndexModel,
        (ours, left_over): (&[Index], &[(&str, &str)]),
        report: &mut IndexReport,
    ) {
        let name = name_of(found);
        let is_left_over = |(left, key): &(&str, &str)| name == *left && is_on(found, key);
        let is_unique = found.options.as_ref().and_then(|options| options.unique) == Some(true);
        if name == "_id_" || !is_unique {
            return;
        }
        let index_name = Found {
            collection: collection.to_owned(),
            name: name.to_owned(),
        };
        if ours.iter().any(|index| index.is(found)) {
            lock(&self.own_indexes).insert(index_name.to_string());
        } else if ours.iter().any(|index| index.is_replaced_by_ours(found)) {
            report.replaceable.push(index_name);
        } else if left_over.iter().any(is_left_over) {
            report.left_over.push(index_name);
        } else {
            report.foreign.push(index_name);
        }
    }

    async fn ensure(
        &self,
        index: &Index,
        existing: &[IndexModel],
        report: &mut IndexReport,
    ) -> Result<()> {
        let mut found = existing.iter();
        if found.any(|found| index.is_replaced_by_ours(found)) {
            return Ok(());
        }
        let same = existing.iter().find(|found| index.is(found));
        if let Some(name) = same.map(name_of).filter(|name| *name != index.name) {
            report.renamed.push(format!("{} ({name})", index.name));
            return Ok(());
        }
        match same {
            // An index that another instance is still building is listed too, and only `create` waits for it.
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

    /// A sparse index leaves out documents without the key, but not those with `null`, which the older service wrote
    /// for an empty field: two of them would be duplicates. So `null` and empty values are removed, which means the
    /// same.
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

    /// `document and document` for some of the keys that several documents share.
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
        let text = |pair| format!("{} and {}", name(pair, "one"), name(pair, "other"));
        Ok(pairs.iter().map(text).collect())
    }
}

fn is_on(index: &IndexModel, key: &str) -> bool {
    index.keys.len() == 1 && index.keys.contains_key(key)
}

fn name_of(index: &IndexModel) -> &str {
    let name = index.options.as_ref().and_then(|it| it.name.as_deref());
    name.unwrap_or_default()
}

impl Index {
    /// An index on `keys`, which blanks separate.
    pub fn plain(collection: &str, name: &str, keys: &str) -> Self {
        let ascending = |key: &str| (key.to_owned(), Bson::Int32(1));
        Self {
            collection: collection.to_owned(),
            name: name.to_owned(),
            keys: keys.split(' ').map(ascending).collect(),
            unique: false,
            sparse: false,
            ttl: None,
        }
    }

    /// An index in which no two documents have the same key.
    pub fn unique(collection: &str, name: &str, keys: &str) -> Self {
        Self {
            unique: true,
            ..Self::plain(collection, name, keys)
        }
    }

    /// A unique index that leaves out documents without the key.
    pub fn sparse(collection: &str, name: &str, keys: &str) -> Self {
        Self {
            sparse: true,
            ..Self::unique(collection, name, keys)
        }
    }

    /// An index that deletes documents after the time in `expires_at`.
    pub fn ttl(collection: &str, name: &str) -> Self {
        Self {
            ttl: Some(Duration::zero()),
            ..Self::plain(collection, name, "expires_at")
        }
    }

    /// Whether `found` has the same keys. Their order is not compared, because the embedded store lists them
    /// alphabetically.
    fn has_keys_of(&self, found: &IndexModel) -> bool {
        found.keys.len() == self.keys.len()
            && self.keys.keys().all(|key| found.keys.contains_key(key))
    }

    /// Whether `found` is equal, apart from its name.
    fn is(&self, found: &IndexModel) -> bool {
        let options = found.options.clone().unwrap_or_default();
        self.has_keys_of(found)
            && options.unique.unwrap_or(false) == self.unique
            && options.sparse.unwrap_or(false) == self.sparse
            && options.partial_filter_expression.is_none()
            && options.expire_after == self.ttl.and_then(|ttl| ttl.to_std().ok())
    }

    /// Whether `found` is equal but not sparse, so that only one document may lack the key.
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
