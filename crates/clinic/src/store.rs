//! The collections of the clinic. The files `store.rs` of the features add their operations; each race is decided by one
//! conditional update.

use std::{ops::Deref, sync::Arc};

use bson::Document;
use mongodb::Collection;
use store::Connection;

use crate::settings::Collections;

/// The connection, and the names of the clinic's collections.
#[derive(Debug, Clone)]
pub struct Store {
    connection: Connection,
    names: Arc<Collections>,
}

impl Deref for Store {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl Store {
    /// The clinic's collections behind `connection`.
    pub fn new(connection: Connection, names: &Collections) -> Self {
        Self {
            connection,
            names: Arc::new(names.clone()),
        }
    }

    /// The names of the collections.
    pub fn names(&self) -> &Collections {
        &self.names
    }

    pub(crate) fn rows_of<T: Send + Sync>(&self, name: &str) -> Rows<'_, T> {
        Rows {
            store: self,
            rows: self.rows(name),
        }
    }
}

/// A collection with documents of type `T`.
pub struct Rows<'a, T: Send + Sync> {
    pub(crate) store: &'a Store,
    pub(crate) rows: Collection<T>,
}

impl<T: Send + Sync> Rows<'_, T> {
    /// Whether `update` changed the document that `filter` finds: the one way in which a race is decided.
    pub(crate) async fn change_one(
        &self,
        filter: Document,
        update: Document,
    ) -> store::Result<bool> {
        let changed = self.store.run(self.rows.update_one(filter, update)).await?;
        Ok(changed.matched_count == 1)
    }
}

#[cfg(test)]
pub(crate) mod tests;
