//! The database as accounts use it: the connection, and the names of their collections and indexes. Each feature adds its
//! operations in its own `store`, and each race is decided by one conditional update.

mod rows;

pub use self::rows::Rows;

use std::{ops::Deref, sync::Arc};

use store::{
    Result,
    indexes::{Index, IndexReport},
};

use crate::{
    legacy::LEFT_OVER_INDEXES,
    settings::{Collections, Indexes},
};

/// The names of the collections and indexes of accounts.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// The collections.
    pub collections: Collections,
    /// The indexes.
    pub indexes: Indexes,
}

/// The database, and the names of its collections and indexes.
#[derive(Debug, Clone)]
pub struct Store {
    platform: platform::store::Store,
    pub(crate) names: Arc<Names>,
    indexes: Arc<[Index]>,
}

impl Deref for Store {
    type Target = platform::store::Store;

    fn deref(&self) -> &platform::store::Store {
        &self.platform
    }
}

impl Store {
    /// The database of the platform, with the names of accounts and the indexes of all slices.
    #[must_use]
    pub fn new(platform: platform::store::Store, names: Names, indexes: Vec<Index>) -> Self {
        Self {
            platform,
            names: Arc::new(names),
            indexes: indexes.into(),
        }
    }

    /// The names of the collections and indexes of accounts.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The database as the platform uses it.
    #[must_use]
    pub fn platform(&self) -> &platform::store::Store {
        &self.platform
    }

    /// Makes every index of the table that is missing, as [`store::Connection::ensure_indexes`].
    pub async fn ensure_indexes(&self) -> Result<IndexReport> {
        self.platform
            .ensure_indexes(&self.indexes, &LEFT_OVER_INDEXES)
            .await
    }
}
