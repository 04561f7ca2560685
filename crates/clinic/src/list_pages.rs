//! Pages of lists by a composed key (E5): one query for the rows, one for their number, side by side.

use std::ops::Range;

use bson::{Document, doc};
use futures_util::try_join;
use serde::de::DeserializeOwned;
use store::Result;

use crate::{
    listing::{EXACT_UP_TO, Listing},
    store::Rows,
};

/// The rows of a list.
pub(crate) struct ListQuery {
    /// The field of the list key.
    pub(crate) field: &'static str,
    /// The keys of the list's rows.
    pub(crate) keys: Range<String>,
    /// What else the rows must fulfil. It stands below `$and`, so that both stores use the index of the key.
    pub(crate) others: Vec<Document>,
}

/// A page of a list.
pub(crate) struct ListPage<T> {
    /// The rows, newest first.
    pub(crate) rows: Vec<T>,
    /// The list key of the last row, if there are more.
    pub(crate) next: Option<String>,
    /// The rows of the whole list, counted up to one more than [`EXACT_UP_TO`].
    pub(crate) total: u64,
}

impl ListQuery {
    /// The filter of the rows before the key `end`.
    pub(crate) fn filter(&self, after: Option<&str>) -> Document {
        let end = after.map_or(self.keys.end.as_str(), |after| {
            after.min(self.keys.end.as_str())
        });
        let mut filter = doc! { self.field: { "$gte": &self.keys.start, "$lt": end } };
        if !self.others.is_empty() {
            filter.insert("$and", &self.others);
        }
        filter
    }
}

impl<T: DeserializeOwned + Send + Sync> Rows<'_, T> {
    /// A page, and the number of rows of the whole list. A row that cannot be read is missing from the page (DB-7).
    pub(crate) async fn list_page(
        &self,
        query: &ListQuery,
        listing: &Listing,
    ) -> Result<ListPage<T>> {
        let documents = self.rows.clone_with_type::<Document>();
        let find = documents
            .find(query.filter(listing.after.as_deref()))
            .sort(doc! { query.field: -1 })
            .skip(listing.offset.into())
            .limit(listing.wanted())
            // One batch for all rows, because the embedded store knows a cursor only on its own connection.
            .batch_size(listing.limit + 1)
            .max_time(self.store.read_limit());
        let (mut found, total) = try_join!(
            self.store.all(find),
            self.count_rows(query, Some(EXACT_UP_TO + 1))
        )?;
        let limit = usize::try_from(listing.limit).unwrap_or(usize::MAX);
        let has_more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| has_more);
        let next = last.and_then(|row| row.get_str(query.field).ok());
        let next = next.map(str::to_owned);
        let read = |row| bson::deserialize_from_document(row).ok();
        Ok(ListPage {
            rows: found.into_iter().filter_map(read).collect(),
            next,
            total,
        })
    }

    /// How many rows a list has, counted up to `limit`.
    pub(crate) async fn count_rows(&self, query: &ListQuery, limit: Option<u64>) -> Result<u64> {
        let documents = self.rows.clone_with_type::<Document>();
        self.store
            .count_up_to(&documents, query.filter(None), limit)
            .await
    }
}
