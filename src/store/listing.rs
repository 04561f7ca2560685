//! Lists by key, newest first, never by skip; and the literal texts that filter them (INJ-3).

use std::time::Duration;

use bson::{Bson, Document, doc};
use mongodb::Collection;

use super::{Result, Store};
use crate::domain::{
    page::{Key, Listed, Page},
    stored::date,
};

/// The types that a field can have instead of a date.
const NO_DATE: [&str; 4] = ["string", "number", "bool", "object"];

/// The fields that a list is sorted by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    /// The field with a date.
    pub(super) time: &'static str,
    /// A field that is different in every row; it decides between equal dates.
    pub(super) id: &'static str,
}

impl Order {
    /// The rows that have a date, after `after`, and their sort order.
    pub(super) fn dated(self, after: Option<&Key>) -> (Document, Document) {
        let sort = doc! { self.time: -1, self.id: -1 };
        let at = after.and_then(|key| key.at.map(|at| (date(at), &key.id)));
        let rows = match at {
            None => doc! { self.time: { "$type": "date" } },
            // The first condition gives the index a range.
            Some((at, id)) => doc! {
                self.time: { "$lte": at },
                "$or": [{ self.time: { "$lt": at } }, { self.id: { "$lt": id } }],
            },
        };
        (rows, sort)
    }

    /// The rows of the older service whose date is missing or has another type, after `after`: sorted by their id
    /// alone.
    pub(super) fn undated(self, after: Option<&Key>) -> (Document, Document) {
        let mut rows = doc! {
            "$or": [{ self.time: Bson::Null }, { self.time: { "$type": NO_DATE } }],
            self.id: { "$type": "string" },
        };
        if let Some(key) = after.filter(|key| key.at.is_none()) {
            rows.insert(self.id, doc! { "$lt": &key.id });
        }
        (rows, doc! { self.id: -1 })
    }

    /// The key of a row; `None` if it has no id, because then no row can follow it.
    pub(super) fn key_of(self, row: &Document) -> Option<Key> {
        let id = row.get_str(self.id).ok()?.to_owned();
        let at = row.get_datetime(self.time).ok();
        Some(Key {
            at: at.map(|at| at.to_chrono()),
            id,
        })
    }
}

/// A list of one collection in which every row has a date.
#[derive(Debug)]
pub(super) struct List<'a> {
    pub(super) rows: Collection<Document>,
    pub(super) order: Order,
    /// The fields that are read (ADM-4).
    pub(super) fields: &'a [&'a str],
}

impl Store {
    /// One page of `list`.
    pub(super) async fn page<T: serde::de::DeserializeOwned>(
        &self,
        list: &List<'_>,
        filter: &Document,
        page: &Page,
    ) -> Result<Listed<T>> {
        let part = list.order.dated(page.after.as_ref());
        let rows = self.part(list, filter, part, page.wanted()).await?;
        let read = |row| bson::deserialize_from_document(row).map_err(drop);
        Ok(readable(page.cut(keyed(rows, list.order, read))))
    }

    /// At most `wanted` rows of a part of a list.
    pub(super) async fn part(
        &self,
        list: &List<'_>,
        filter: &Document,
        (mut part, sort): (Document, Document),
        wanted: usize,
    ) -> Result<Vec<Document>> {
        // The range stays at the top level of the filter, where the embedded store looks for it.
        part.insert("$and", [filter.clone()]);
        let find = list
            .rows
            .find(part)
            .sort(sort)
            .projection(projection(list.fields))
            .limit(i64::try_from(wanted).unwrap_or(i64::MAX))
            // One batch for all rows, because the embedded store knows a cursor only on the connection where it began.
            .batch_size(u32::try_from(wanted).unwrap_or(u32::MAX))
            .max_time(self.read_limit());
        self.all(find).await
    }

    /// How many documents match `filter`, counted up to `limit`.
    pub(crate) async fn count_up_to(
        &self,
        rows: &Collection<Document>,
        filter: Document,
        limit: Option<u64>,
    ) -> Result<u64> {
        let count = rows.count_documents(filter).max_time(self.read_limit());
        match limit {
            Some(limit) => self.run(count.limit(limit)).await,
            None => self.run(count).await,
        }
    }

    /// The time limit of a read on the server, so that it stops when the caller has stopped waiting.
    pub(super) fn read_limit(&self) -> Duration {
        Duration::from_millis(self.names.operation_ms)
    }
}

/// The projection that reads these fields.
pub(super) fn projection(fields: &[&str]) -> Document {
    let mut projection: Document = fields
        .iter()
        .map(|field| ((*field).to_owned(), Bson::Int32(1)))
        .collect();
    if !projection.contains_key("_id") {
        projection.insert("_id", 0);
    }
    projection
}

/// Rows with their keys. A row that cannot be read keeps its key, so that the next page begins after it.
pub(super) fn keyed<T>(
    rows: Vec<Document>,
    order: Order,
    read: impl Fn(Document) -> Result<T, ()>,
) -> Vec<(Key, Option<T>)> {
    let keyed = rows
        .into_iter()
        .filter_map(|row| Some((order.key_of(&row)?, row)));
    keyed
        .map(|(key, row)| {
            let row = read(row).ok();
            if row.is_none() {
                tracing::warn!(id = key.id, "a document cannot be read and is not listed");
            }
            (key, row)
        })
        .collect()
}

/// The rows that can be read.
pub(super) fn readable<T>(listed: Listed<Option<T>>) -> Listed<T> {
    Listed {
        rows: listed.rows.into_iter().flatten().collect(),
        next: listed.next,
    }
}

/// `text` as a literal in a regular expression; the escapes are valid in every engine.
fn literal(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Matches what begins with `text`.
pub(super) fn begins_with(text: &str) -> Document {
    doc! { "$regex": format!("^{}", literal(text)) }
}

/// Matches what contains `text`, in upper or lower case.
pub(super) fn has_text(text: &str) -> Document {
    doc! { "$regex": literal(text), "$options": "i" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_text_is_a_literal_in_a_regular_expression() {
        assert_eq!(
            literal(r"a.*b(c|d)[e]{1}^$\d+?"),
            r"a\.\*b\(c\|d\)\[e\]\{1\}\^\$\\d\+\?"
        );
        assert_eq!(
            literal("o'brien+tag@example.org <ä>"),
            r"o'brien\+tag@example\.org <ä>"
        );
    }

    #[test]
    fn only_named_fields_are_read() {
        assert_eq!(projection(&["a"]), doc! { "a": 1, "_id": 0 });
        assert_eq!(projection(&["_id"]), doc! { "_id": 1 });
    }
}
