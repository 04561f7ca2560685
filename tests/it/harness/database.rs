//! The database of a test, as the program reaches it, and without the program.

use std::{collections::BTreeMap, ops::Deref};

use bson::Document;
use clinic_auth::config::{Config, FieldSecret, StoreAddress};
use identity::store::Store;
use kernel::{metrics::Metrics, secret::Secret};
use store::embedded::{self, Embedded};

/// The database of one test.
pub(crate) struct Database(testkit::Database);

impl Deref for Database {
    type Target = testkit::Database;

    fn deref(&self) -> &testkit::Database {
        &self.0
    }
}

impl Database {
    /// A new, empty database on the store that the test run uses.
    pub(crate) fn new() -> Self {
        Self(testkit::Database::new())
    }

    /// A new, empty database that is always on the embedded store.
    pub(crate) fn embedded() -> Self {
        Self(testkit::Database::embedded())
    }

    /// The address that the service connects to.
    pub(crate) fn address(&self) -> StoreAddress {
        match self.0.uri() {
            Some(uri) => StoreAddress::Uri(uri.clone()),
            None => StoreAddress::Embedded(self.file()),
        }
    }

    /// The address of `TEST_MONGO_URI`.
    pub(crate) fn uri(&self) -> Option<&str> {
        self.0.uri().map(Secret::expose)
    }

    /// Opens the database directly, while servers use it too.
    pub(crate) async fn open(&self) -> Direct {
        Direct::open(&self.address(), self.name()).await
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

/// The secret of the clinic's records.
pub(super) fn field_secret() -> FieldSecret {
    FieldSecret {
        current: Secret::new("the field key of the tests, 32 bytes or more"),
        previous: None,
    }
}
