//! A collection together with its store. The files of the collections add their operations.

use bson::Document;
use mongodb::Collection;
use serde::Serialize;

use super::{Result, Store};

/// A collection with documents of type `T`.
pub struct Rows<'a, T: Send + Sync> {
    pub(crate) store: &'a Store,
    pub(crate) rows: Collection<T>,
}

impl Store {
    pub(crate) fn rows_of<T: Send + Sync>(&self, name: &str) -> Rows<'_, T> {
        Rows {
            store: self,
            rows: self.rows(name),
        }
    }
}

impl<T: Send + Sync> Rows<'_, T> {
    pub(crate) async fn change(&self, filter: Document, to: Document) -> Result<()> {
        self.store.change(&self.rows, filter, to).await
    }

    pub(crate) async fn remove(&self, id: &str) -> Result<()> {
        self.store.remove(&self.rows, id).await
    }

    pub(crate) async fn insert_new(&self, row: &T) -> Result<bool>
    where
        T: Serialize,
    {
        self.store.insert_new(&self.rows, row).await
    }
}
