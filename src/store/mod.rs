//! Floor 2: the database. The only place for the driver; one file per collection, every race one conditional update.

pub mod account_counts;
pub mod accounts;
pub mod audit;
pub mod audit_heads;
pub mod backfill;
mod budget;
pub mod challenges;
mod error;
mod gather;
pub mod identifiers;
pub mod indexes;
pub mod last_admin;
pub mod leases;
mod listing;
pub mod lockouts;
pub mod logins;
pub mod older_lockouts;
pub mod outbox;
pub mod pending;
pub mod profiles;
mod reading;
pub mod registration_slots;
pub mod revocations;
pub mod search;
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
pub use gather::Gather;

use crate::{
    clock::Timestamp,
    config::{Secret, sections},
    metrics::Metrics,
};

/// Result with the store's error.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// The database and what things are called in it.
#[derive(Clone)]
pub struct Store {
    link: Arc<Link>,
    names: Arc<sections::Database>,
    /// `collection.index` of the unique indexes that the service relies on.
    own_indexes: Arc<Mutex<HashSet<String>>>,
    metrics: Metrics,
}

/// The way to the database.
enum Link {
    /// The address names the servers.
    Direct(Database),
    /// The address names a DNS record that names them (`mongodb+srv://`), which may not answer yet (DB-1).
    Named {
        address: Secret,
        resolved: OnceLock<Database>,
        /// Takes its place until then, and is never asked.
        nobody: Database,
    },
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store") // a driver type in Debug could show the address (LOG-2)
    }
}

impl Store {
    /// Prepares the connection to `uri`; nothing is sent before the first operation. Servers that are named by DNS are
    /// looked up by [`Store::resolve`]. What is sent is counted in `metrics`.
    ///
    /// No write concern is set: the driver's default, or what the address says, holds (DB-3).
    ///
    /// # Errors
    /// The address is not one that the driver understands.
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
            let nobody = ClientOptions::builder().hosts(vec![nowhere]).build();
            Link::Named {
                address: uri.clone(),
                resolved: OnceLock::new(),
                nobody: client(nobody, names, &metrics)?,
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

    /// Finds the servers of an address that names them by DNS; operations fail until it succeeded once. Safe to repeat.
    ///
    /// # Errors
    /// DNS does not answer, or what it says cannot be used.
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
                resolved, nobody, ..
            } => resolved.get().unwrap_or(nobody),
        }
    }

    fn is_resolved(&self) -> bool {
        match &*self.link {
            Link::Direct(_) => true,
            Link::Named { resolved, .. } => resolved.get().is_some(),
        }
    }

    /// One round trip to the server.
    ///
    /// # Errors
    /// The server does not answer.
    pub async fn ping(&self) -> Result<()> {
        self.run(self.database().run_command(doc! { "ping": 1 }))
            .await
            .map(drop)
    }

    /// Whether the server is neither a member of a replica set nor the door to a sharded cluster.
    ///
    /// # Errors
    /// The server does not answer.
    pub async fn is_standalone(&self) -> Result<bool> {
        let hello = self
            .run(self.database().run_command(doc! { "hello": 1 }))
            .await?;
        Ok(!hello.contains_key("setName") && hello.get_str("msg").ok() != Some("isdbgrid"))
    }

    /// What time it is for the server, if it says so.
    ///
    /// # Errors
    /// The server does not answer.
    pub async fn server_time(&self) -> Result<Option<Timestamp>> {
        let hello = self
            .run(self.database().run_command(doc! { "hello": 1 }))
            .await?;
        Ok(hello
            .get_datetime("localTime")
            .ok()
            .map(|time| time.to_chrono()))
    }

    /// Ends the connections; operations fail from here on.
    pub async fn close(&self) {
        self.database()
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
        for name in self.run(self.database().list_collection_names()).await? {
            self.run(self.database().collection::<bson::Document>(&name).drop())
                .await?;
        }
        Ok(())
    }

    /// A collection as raw documents, by the name it has in the database; for tests and the commands.
    #[must_use]
    pub fn raw(&self, name: &str) -> Collection<bson::Document> {
        self.database().collection(name)
    }

    /// What things are called.
    #[must_use]
    pub fn names(&self) -> &sections::Database {
        &self.names
    }

    fn rows<T: Send + Sync>(&self, name: &str) -> Collection<T> {
        self.database().collection(name)
    }

    /// Bounds `work` to `database.operation_ms`, less what this request has waited for in vain already: a stopped server
    /// must not hang a request (DB-2).
    ///
    /// # Errors
    /// `Unavailable`: it took too long; otherwise those of `work`.
    pub async fn bounded<T, E: From<StoreError>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let limit = budget::left(Duration::from_millis(self.names.operation_ms));
        within(limit, Box::pin(work)).await
    }

    /// One operation, bounded in time, since the driver has no socket timeout. A write that took too long is *unknown*,
    /// not failed (DB-2).
    fn run<T, F>(&self, operation: F) -> impl Future<Output = Result<T>>
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

    /// A duplicate of a unique index that is the service's as what it is; one of any other is told (LEG-2).
    fn known(&self, error: StoreError) -> StoreError {
        let StoreError::Foreign(place) = &error else {
            return error;
        };
        let own = self.own_indexes.lock();
        if own.unwrap_or_else(PoisonError::into_inner).contains(place) {
            return StoreError::Duplicate;
        }
        tracing::error!(
            index = place,
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

/// How many connections the driver has, and how many of them work.
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
