//! A database for one test: a file of the embedded store, or a database of `TEST_MONGO_URI` that is dropped at the end.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use bson::Document;
use clinic_auth::config::{Config, FieldSecret, StoreAddress};
use identity::store::Store;
use kernel::{metrics::Metrics, secret::Secret};
use store::embedded::{self, Embedded};
use tempfile::TempDir;

static COUNT: AtomicU32 = AtomicU32::new(0);

/// The database of one test.
pub(crate) struct Database {
    pub(crate) name: String,
    folder: TempDir,
    uri: Option<Secret>,
}

impl Database {
    /// A new, empty database on the store that the test run uses.
    pub(crate) fn new() -> Self {
        Self::at(std::env::var("TEST_MONGO_URI").ok().map(Secret::new))
    }

    /// A new, empty database that is always on the embedded store.
    pub(crate) fn embedded() -> Self {
        Self::at(None)
    }

    fn at(uri: Option<Secret>) -> Self {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Self {
            name: format!("it_{}_{number}", std::process::id()),
            folder: TempDir::new().unwrap(),
            uri,
        }
    }

    /// The address that the service connects to.
    pub(crate) fn address(&self) -> StoreAddress {
        match &self.uri {
            Some(uri) => StoreAddress::Uri(uri.clone()),
            None => StoreAddress::Embedded(self.folder.path().join("clinic.db")),
        }
    }

    /// The address of `TEST_MONGO_URI`.
    pub(crate) fn uri(&self) -> Option<&str> {
        self.uri.as_ref().map(Secret::expose)
    }

    /// Opens the database directly, while servers use it too.
    pub(crate) async fn open(&self) -> Direct {
        Direct::open(&self.address(), &self.name).await
    }

    /// The database's own folder, for files.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}

/// Direct access to a database, without the service.
pub(crate) struct Direct {
    pub(crate) store: Store,
    /// `host:port` of its server.
    pub(crate) server: String,
    _embedded: Option<Embedded>,
}

impl Direct {
    /// The database `name` at `address`.
    pub(crate) async fn open(address: &StoreAddress, name: &str) -> Self {
        let (uri, embedded) = match address {
            StoreAddress::Uri(uri) => (uri.clone(), None),
            StoreAddress::Embedded(path) => {
                let (uri, embedded) = embedded::open(path, name).unwrap();
                embedded.share().unwrap();
                (uri, Some(embedded))
            }
        };
        let mut names = Config::default().database;
        name.clone_into(&mut names.limits.database_name);
        let (_, server) = uri.expose().split_once("://").unwrap();
        let server = server.split_once('/').unwrap().0.to_owned();
        Self {
            store: clinic_auth::database::connect(&uri, &names, true, Metrics::new().unwrap())
                .await
                .unwrap(),
            server,
            _embedded: embedded,
        }
    }

    /// Inserts the documents of a backup of the older service (extended JSON).
    pub(crate) async fn restore(&self, backup: &str) {
        let backup: BTreeMap<String, Vec<Document>> = serde_json::from_str(backup).unwrap();
        for (collection, documents) in backup {
            let rows = self.store.raw(&collection);
            rows.insert_many(documents).await.unwrap();
        }
    }

    /// The one document that `filter` finds.
    pub(crate) async fn find(&self, collection: &str, filter: Document) -> Option<Document> {
        self.store.raw(collection).find_one(filter).await.unwrap()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some(uri) = self.uri.clone() else { return };
        let mut names = Config::default().database;
        names.limits.database_name.clone_from(&self.name);
        // The test's runtime may have ended, so a thread with its own runtime drops the collections.
        let dropped = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.unwrap().block_on(async {
                clinic_auth::database::connect(&uri, &names, true, Metrics::new().unwrap())
                    .await
                    .unwrap()
                    .drop_collections()
                    .await
            })
        });
        if !thread::panicking() {
            dropped.join().unwrap().unwrap();
        }
    }
}

/// The secret of the clinic's records.
pub(super) fn field_secret() -> FieldSecret {
    FieldSecret {
        current: Secret::new("the field key of the tests, 32 bytes or more"),
        previous: None,
    }
}
