//! Operations that several collections share.

use bson::{Document, doc};
use mongodb::Collection;
use serde::Serialize;

use crate::{Connection, Result, StoreError};

impl Connection {
    /// Changes the document that `filter` finds, if there is one.
    pub async fn change<T: Send + Sync>(
        &self,
        rows: &Collection<T>,
        filter: Document,
        to: Document,
    ) -> Result<()> {
        self.run(rows.update_one(filter, to)).await.map(drop)
    }

    /// Deletes the document `id`, if there is one.
    pub async fn remove<T: Send + Sync>(&self, rows: &Collection<T>, id: &str) -> Result<()> {
        self.run(rows.delete_one(doc! { "_id": id }))
            .await
            .map(drop)
    }

    /// Inserts a document; `false` if its `_id` or another unique key is taken.
    pub async fn insert_new<T: Send + Sync + Serialize>(
        &self,
        rows: &Collection<T>,
        row: &T,
    ) -> Result<bool> {
        StoreError::taken(self.run(rows.insert_one(row)).await)
    }
}
