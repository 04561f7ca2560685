//! A database for one test: a file of the embedded store, or a database of `TEST_MONGO_URI` that is dropped at the end.

use std::{
    collections::HashSet,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use bson::Document;
use kernel::{metrics::Metrics, secret::Secret};
use mongodb::Collection;
use store::{
    Connection,
    embedded::{self, Embedded},
    settings::Limits,
};
use tempfile::TempDir;

use crate::must;

static COUNT: AtomicU32 = AtomicU32::new(0);

/// The database of one test.
pub struct Database {
    name: String,
    folder: TempDir,
    uri: Option<Secret>,
}

impl Default for Database {
    fn default() -> Self {
        Self::new()
    }
}

impl Database {
    /// A new, empty database on the store that the test run uses.
    pub fn new() -> Self {
        Self::at(std::env::var("TEST_MONGO_URI").ok().map(Secret::new))
    }

    /// A new, empty database that is always on the embedded store.
    pub fn embedded() -> Self {
        Self::at(None)
    }

    fn at(uri: Option<Secret>) -> Self {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Self {
            name: format!("kit_{}_{number}", std::process::id()),
            folder: must(TempDir::new(), "a folder"),
            uri,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address of `TEST_MONGO_URI`; `None` on the embedded store.
    pub fn uri(&self) -> Option<&Secret> {
        self.uri.as_ref()
    }

    /// The database's own folder, for files.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The file of the embedded store.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("clinic.db")
    }

    /// A connection, and the embedded store that must live as long; `unique` names the unique indexes.
    pub async fn connect(
        &self,
        unique: HashSet<String>,
        metrics: Metrics,
    ) -> (Connection, Option<Embedded>) {
        let (uri, embedded) = if let Some(uri) = &self.uri {
            (uri.clone(), None)
        } else {
            let (uri, embedded) = must(embedded::open(&self.file(), &self.name), "the store");
            must(embedded.share(), "the store is shared");
            (uri, Some(embedded))
        };
        let limits = Limits {
            database_name: self.name.clone(),
            ..Limits::default()
        };
        let connection = Connection::connect(&uri, &limits, unique, metrics).await;
        (must(connection, "the database"), embedded)
    }

    /// A collection as it stands in the database, without the service.
    pub async fn raw(&self, collection: &str) -> Collection<Document> {
        let metrics = must(Metrics::new(), "metrics");
        let (connection, embedded) = self.connect(HashSet::new(), metrics).await;
        // A server of the test has the store open, so this handle is not needed any more.
        drop(embedded);
        connection.raw(collection)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some(uri) = self.uri.clone() else { return };
        let limits = Limits {
            database_name: self.name.clone(),
            ..Limits::default()
        };
        // The test's runtime may have ended, so a thread with its own runtime drops the collections.
        let dropped = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            must(runtime, "a runtime").block_on(async {
                let metrics = must(Metrics::new(), "metrics");
                let connection = Connection::connect(&uri, &limits, HashSet::new(), metrics).await;
                must(connection, "the database").drop_collections().await
            })
        });
        if !thread::panicking() {
            must(
                must(dropped.join(), "the thread"),
                "the collections are dropped",
            );
        }
    }
}
