//! Floor 2: the database. The only place for the driver; one file per collection, every race one conditional update.

pub mod accounts;
pub mod audit;
pub mod audit_heads;
pub mod backfill;
pub mod challenges;
mod error;
pub mod identifiers;
pub mod indexes;
pub mod last_admin;
pub mod leases;
mod listing;
pub mod lockouts;
pub mod outbox;
pub mod pending;
pub mod revocations;
pub mod sessions;
pub mod signing_keys;
pub mod stats;
pub mod throttles;
pub mod user_list;

use std::{future::IntoFuture, sync::Arc, time::Duration};

use bson::doc;
use mongodb::{Client, Collection, Database, options::ClientOptions};

pub use error::StoreError;

use crate::{
    clock::Timestamp,
    config::{Secret, sections},
};

/// Result with the store's error.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// The database and what things are called in it.
#[derive(Clone)]
pub struct Store {
    database: Database,
    names: Arc<sections::Database>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store") // a driver type in Debug could show the address (LOG-2)
    }
}

impl Store {
    /// Prepares the connection to `uri`; nothing is sent before the first operation.
    ///
    /// No write concern is set: the driver's default, or what the address says, holds (DB-3).
    ///
    /// # Errors
    /// The address is not one that the driver understands, or a name in it does not resolve.
    pub async fn connect(uri: &Secret, names: &sections::Database) -> Result<Self> {
        let mut options = ClientOptions::parse(uri.expose()).await?;
        options
            .app_name
            .get_or_insert_with(|| "clinic-auth".to_owned());
        options.max_pool_size.get_or_insert(names.max_pool_size);
        let selection = Duration::from_millis(names.server_selection_ms);
        options.server_selection_timeout = Some(selection);
        options.connect_timeout = Some(selection);
        let database = Client::with_options(options)?.database(&names.database_name);
        Ok(Self {
            database,
            names: Arc::new(names.clone()),
        })
    }

    /// One round trip to the server.
    ///
    /// # Errors
    /// The server does not answer.
    pub async fn ping(&self) -> Result<()> {
        self.run(self.database.run_command(doc! { "ping": 1 }))
            .await
            .map(drop)
    }

    /// What time it is for the server, if it says so.
    ///
    /// # Errors
    /// The server does not answer.
    pub async fn server_time(&self) -> Result<Option<Timestamp>> {
        let hello = self
            .run(self.database.run_command(doc! { "hello": 1 }))
            .await?;
        Ok(hello
            .get_datetime("localTime")
            .ok()
            .map(|time| time.to_chrono()))
    }

    /// Ends the connections; operations fail from here on.
    pub async fn close(&self) {
        self.database
            .client()
            .clone()
            .shutdown()
            .immediate(true)
            .await;
    }

    /// Removes the whole database; for tests, which have one each.
    ///
    /// # Errors
    /// The server does not answer.
    pub async fn drop_collections(&self) -> Result<()> {
        for name in self.run(self.database.list_collection_names()).await? {
            self.run(self.database.collection::<bson::Document>(&name).drop())
                .await?;
        }
        Ok(())
    }

    /// A collection as raw documents, by the name it has in the database; for tests and the commands.
    #[must_use]
    pub fn raw(&self, name: &str) -> Collection<bson::Document> {
        self.database.collection(name)
    }

    /// What things are called.
    #[must_use]
    pub fn names(&self) -> &sections::Database {
        &self.names
    }

    fn rows<T: Send + Sync>(&self, name: &str) -> Collection<T> {
        self.database.collection(name)
    }

    /// One operation, bounded in time: the driver has no socket timeout, and a stopped server must not hang a
    /// request. A write that took too long is *unknown*, not failed (DB-2).
    async fn run<T, F>(&self, operation: F) -> Result<T>
    where
        F: IntoFuture<Output = mongodb::error::Result<T>>,
    {
        let limit = Duration::from_millis(self.names.operation_ms);
        self.run_within(limit, operation).await
    }

    async fn run_within<T, F>(&self, limit: Duration, operation: F) -> Result<T>
    where
        F: IntoFuture<Output = mongodb::error::Result<T>>,
    {
        match tokio::time::timeout(limit, operation.into_future()).await {
            Ok(result) => Ok(result?),
            Err(_) => Err(StoreError::Unavailable(
                "the operation took too long".into(),
            )),
        }
    }

    /// Every row of a cursor, bounded in time as a whole.
    async fn all<T, F>(&self, find: F) -> Result<Vec<T>>
    where
        F: IntoFuture<Output = mongodb::error::Result<mongodb::Cursor<T>>>,
        T: serde::de::DeserializeOwned + Unpin + Send + Sync,
    {
        use futures_util::TryStreamExt;
        self.run(async { find.into_future().await?.try_collect().await })
            .await
    }
}
