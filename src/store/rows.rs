//! A collection together with its store, and the operations that several collections share.

use bson::{Document, doc};
use mongodb::Collection;
use serde::Serialize;

use super::{Result, Store, StoreError};

/// A collection with documents of type `T`. The files of the collections add their operations.
pub struct Rows<'a, T: Send + Sync> {
    pub(super) store: &'a Store,
    pub(super) rows: Collection<T>,
}

impl Store {
    pub(super) fn rows_of<T: Send + Sync>(&self, name: &str) -> Rows<'_, T> {
        Rows {
            store: self,
            rows: self.rows(name),
        }
    }
}

impl<T: Send + Sync> Rows<'_, T> {
    /// Changes the document that `filter` finds, if there is one.
    pub(super) async fn change(&self, filter: Document, to: Document) -> Result<()> {
        let change = self.rows.update_one(filter, to);
        self.store.run(change).await.map(drop)
    }

    /// Deletes the document `id`, if there is one.
    pub(super) async fn remove(&self, id: &str) -> Result<()> {
        let remove = self.rows.delete_one(doc! { "_id": id });
        self.store.run(remove).await.map(drop)
    }

    /// Inserts a document; `false` if its `_id` or another unique key is taken.
    pub(super) async fn insert_new(&self, row: &T) -> Result<bool>
    where
        T: Serialize,
    {
        StoreError::taken(self.store.run(self.rows.insert_one(row)).await)
    }
}
