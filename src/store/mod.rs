//! Floor 2: the database. Only this module uses the driver. Each collection has a file, and each race is decided by one
//! conditional update.

pub mod accounts;
pub mod audit;
pub mod audit_heads;
pub mod audit_refusals;
pub mod audit_seals;
mod budget;
pub mod challenges;
mod error;
pub mod identifiers;
pub mod indexes;
pub mod last_admin;
pub mod leases;
mod listing;
pub mod lockouts;
pub mod logins;
pub mod outbox;
pub mod pending;
pub mod profiles;
mod reading;
pub mod registration_slots;
pub mod revocations;
mod search;
pub mod sessions;
pub mod signing_keys;
pub mod sprayed_names;
pub mod stats;
pub mod throttles;
pub mod unfinished;
pub mod user_list;

use std::{
    collections::HashSet,
    future::IntoFuture,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use bson::doc;
use mongodb::{
    Client, Collection, Database,
    event::{EventHandler, cmap::CmapEvent},
    options::{ClientOptions, ConnectionString, ServerAddress},
};

pub use budget::of_one_request;
pub use error::StoreError;

use crate::{
    clock::Timestamp,
    config::{Secret, sections},
    metrics::Metrics,
};

/// A `Result` with the store's error.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// The database, and the names of its collections and indexes.
#[derive(Clone)]
pub struct Store {
    link: Arc<Link>,
    names: Arc<sections::Database>,
    /// `collection.index` of the unique indexes that the service relies on.
    own_indexes: Arc<Mutex<HashSet<String>>>,
    metrics: Metrics,
}

/// The connection to the database.
enum Link {
    /// The address names the servers themselves.
    Direct(Database),
    /// The address names a DNS record that lists the servers (`mongodb+srv://`). DNS may not answer yet (DB-1).
    Named {
        address: Secret,
        resolved: OnceLock<Database>,
        /// A placeholder for the database until then; no operation uses it.
        placeholder: Database,
    },
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store") // A driver type in `Debug` could show the address (LOG-2).
    }
}

impl Store {
    /// Prepares the connection to `uri`; nothing is sent before the first operation. [`Store::resolve`] looks up
    /// servers that DNS names. `metrics` counts the operations.
    ///
    /// It sets no write concern: the one of the address applies, or the driver's default (DB-3).
    pub async fn connect(
        uri: &Secret,
        names: &sections::Database,
        metrics: Metrics,
    ) -> Result<Self> {
        let link = if uri.expose().starts_with("mongodb+srv://") {
            ConnectionString::parse(uri.expose())?;
            let nowhere = ServerAddress::Tcp {
                host: "127.0.0.1".to_owned(),
                port: Some(1),
            };
            let placeholder = ClientOptions::builder().hosts(vec![nowhere]).build();
            Link::Named {
                address: uri.clone(),
                resolved: OnceLock::new(),
                placeholder: client(placeholder, names, &metrics)?,
            }
        } else {
            let options = ClientOptions::parse(uri.expose()).await?;
            Link::Direct(client(options, names, &metrics)?)
        };
        Ok(Self {
            link: Arc::new(link),
            names: Arc::new(names.clone()),
            own_indexes: Arc::new(Mutex::new(indexes::unique_names(names))),
            metrics,
        })
    }

    /// Finds the servers of an address that names them by DNS. Operations fail until it has succeeded once. It can be
    /// repeated.
    ///
    /// # Errors
    /// DNS does not answer, or its answer cannot be used.
    pub async fn resolve(&self) -> Result<()> {
        if let Link::Named {
            address, resolved, ..
        } = &*self.link
            && resolved.get().is_none()
        {
            let options = ClientOptions::parse(address.expose()).await?;
            let database = client(options, &self.names, &self.metrics)?;
            resolved.get_or_init(|| database);
        }
        Ok(())
    }

    fn database(&self) -> &Database {
        match &*self.link {
            Link::Direct(database) => database,
            Link::Named {
                resolved,
                placeholder,
                ..
            } => resolved.get().unwrap_or(placeholder),
        }
    }

    fn is_resolved(&self) -> bool {
        match &*self.link {
            Link::Direct(_) => true,
            Link::Named { resolved, .. } => resolved.get().is_some(),
        }
    }

    /// One round trip to the server.
    pub async fn ping(&self) -> Result<()> {
        self.run(self.database().run_command(doc! { "ping": 1 }))
            .await
            .map(drop)
    }

    /// Whether the server is neither a member of a replica set nor the router of a sharded cluster.
    pub async fn is_standalone(&self) -> Result<bool> {
        let hello = self
            .run(self.database().run_command(doc! { "hello": 1 }))
            .await?;
        Ok(!hello.contains_key("setName") && hello.get_str("msg").ok() != Some("isdbgrid"))
    }

    /// The server's time, if it tells it.
    pub async fn server_time(&self) -> Result<Option<Timestamp>> {
        let hello = self
            .run(self.database().run_command(doc! { "hello": 1 }))
            .await?;
        Ok(hello
            .get_datetime("localTime")
            .ok()
            .map(|time| time.to_chrono()))
    }

    /// Closes the connections; later operations fail.
    pub async fn close(&self) {
        self.database()
            .client()
            .clone()
            .shutdown()
            .immediate(true)
            .await;
    }

    /// Drops all collections; for tests, which have a database each.
    pub async fn drop_collections(&self) -> Result<()> {
        for name in self.run(self.database().list_collection_names()).await? {
            self.run(self.database().collection::<bson::Document>(&name).drop())
                .await?;
        }
        Ok(())
    }

    /// A collection as plain documents, by its name in the database; for tests and the commands.
    #[must_use]
    pub fn raw(&self, name: &str) -> Collection<bson::Document> {
        self.database().collection(name)
    }

    /// The names of the database, its collections and its indexes.
    #[must_use]
    pub fn names(&self) -> &sections::Database {
        &self.names
    }

    fn rows<T: Send + Sync>(&self, name: &str) -> Collection<T> {
        self.database().collection(name)
    }

    /// Limits `work` to `database.operation_ms`, less the time that this request has already waited for the database
    /// without an answer. Otherwise a stopped server would hang the request (DB-2).
    ///
    /// # Errors
    /// `Unavailable` if it took too long; otherwise the errors of `work`.
    pub async fn bounded<T, E: From<StoreError>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let limit = budget::left(Duration::from_millis(self.names.operation_ms));
        within(limit, Box::pin(work)).await
    }

    /// Runs one operation with a time limit, because the driver has no socket timeout. The outcome of a write that took
    /// too long is unknown: it may have happened (DB-2).
    pub(crate) fn run<T, F>(&self, operation: F) -> impl Future<Output = Result<T>>
    where
        F: IntoFuture<Output = mongodb::error::Result<T>>,
    {
        self.counted(self.bounded(self.perform(operation)))
    }

    fn run_within<T, F>(&self, limit: Duration, operation: F) -> impl Future<Output = Result<T>>
    where
        F: IntoFuture<Output = mongodb::error::Result<T>>,
    {
        self.counted(within(limit, self.perform(operation)))
    }

    fn perform<T, F>(&self, operation: F) -> impl Future<Output = Result<T>>
    where
        F: IntoFuture<Output = mongodb::error::Result<T>>,
    {
        let operation = operation.into_future();
        async move {
            if !self.is_resolved() {
                return Err(StoreError::Unavailable("name not resolved".into()));
            }
            let attempt = budget::Attempt::begin();
            let done = operation.await.map_err(|error| self.known(error.into()));
            if !matches!(done, Err(StoreError::Unavailable(_))) {
                attempt.answered();
            }
            done
        }
    }

    async fn counted<T>(&self, operation: impl Future<Output = Result<T>>) -> Result<T> {
        let began = Instant::now();
        let result = operation.await;
        self.metrics.round_trip(began.elapsed());
        let kind = match &result {
            Ok(_) | Err(StoreError::Duplicate) => return result,
            Err(StoreError::Unavailable(_)) => "unavailable",
            Err(_) => "other",
        };
        let errors = &self.metrics.database_errors;
        errors.with_label_values(&[kind]).inc();
        result
    }

    /// Maps a violation of one of the service's own unique indexes to `Duplicate`; a violation of another one is logged
    /// (LEG-2).
    fn known(&self, error: StoreError) -> StoreError {
        let StoreError::Foreign(index) = &error else {
            return error;
        };
        let own = self.own_indexes.lock();
        if own.unwrap_or_else(PoisonError::into_inner).contains(index) {
            return StoreError::Duplicate;
        }
        tracing::error!(
            index,
            "a unique index that is not the service's refuses documents: drop it"
        );
        error
    }
}

async fn within<T, E: From<StoreError>>(
    limit: Duration,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
        Err(StoreError::Unavailable("the operation took too long".into()).into())
    })
}

fn client(
    mut options: ClientOptions,
    names: &sections::Database,
    metrics: &Metrics,
) -> Result<Database> {
    options
        .app_name
        .get_or_insert_with(|| "clinic-auth".to_owned());
    options.max_pool_size.get_or_insert(names.max_pool_size);
    let selection = Duration::from_millis(names.server_selection_ms);
    options.server_selection_timeout = Some(selection);
    options.connect_timeout = Some(selection);
    options.cmap_event_handler = Some(count_connections(metrics));
    Ok(Client::with_options(options)?.database(&names.database_name))
}

/// Measures how many connections the driver has, and how many of them are in use.
fn count_connections(metrics: &Metrics) -> EventHandler<CmapEvent> {
    let state = |name| metrics.database_connections.with_label_values(&[name]);
    let (open, in_use) = (state("open"), state("in_use"));
    EventHandler::callback(move |event| match event {
        CmapEvent::ConnectionCreated(_) => open.inc(),
        CmapEvent::ConnectionClosed(_) => open.dec(),
        CmapEvent::ConnectionCheckedOut(_) => in_use.inc(),
        CmapEvent::ConnectionCheckedIn(_) => in_use.dec(),
        _ => {}
    })
}
