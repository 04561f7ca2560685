//! The collections of accounts. In `src`, only this module uses the driver. Each collection has a file, and each race is decided by one
//! conditional update.

pub mod accounts;
pub mod challenges;
pub mod identifiers;
pub mod index_table;
pub mod last_admin;
pub mod lockouts;
pub mod logins;
pub mod pending;
pub mod profiles;
pub mod registration_slots;
pub mod revocations;
mod rows;
mod search;
pub mod sessions;
pub mod signing_keys;
pub mod sprayed_names;
pub mod stats;
pub mod unfinished;
pub mod user_list;

use std::{ops::Deref, sync::Arc};

use store::{Connection, indexes::IndexReport};
pub use store::{Result, StoreError, document, indexes, listing, of_one_request};

use crate::{config::sections, legacy::LEFT_OVER_INDEXES};
use kernel::{metrics::Metrics, secret::Secret};

/// The database, and the names of its collections and indexes.
#[derive(Debug, Clone)]
pub struct Store {
    platform: platform::store::Store,
    names: Arc<sections::Database>,
}

impl Deref for Store {
    type Target = platform::store::Store;

    fn deref(&self) -> &platform::store::Store {
        &self.platform
    }
}

impl Store {
    /// Prepares the connection to `uri`, as [`Connection::connect`].
    pub async fn connect(
        uri: &Secret,
        names: &sections::Database,
        metrics: Metrics,
    ) -> Result<Self> {
        let unique = indexes::unique_names(&index_table::table(names));
        let connection = Connection::connect(uri, &names.limits, unique, metrics).await?;
        Ok(Self {
            platform: platform::store::Store::new(connection, &names.collections.platform),
            names: Arc::new(names.clone()),
        })
    }

    /// The names of the database, its collections and its indexes.
    #[must_use]
    pub fn names(&self) -> &sections::Database {
        &self.names
    }

    /// The database as the platform uses it.
    #[must_use]
    pub fn platform(&self) -> &platform::store::Store {
        &self.platform
    }

    /// Makes every index of the table that is missing, as [`Connection::ensure_indexes`].
    pub async fn ensure_indexes(&self) -> Result<IndexReport> {
        let table = index_table::table(&self.names);
        self.platform
            .ensure_indexes(&table, &LEFT_OVER_INDEXES)
            .await
    }
}
