//! A database for one test: a file of the embedded store, or a database of `TEST_MONGO_URI` that is dropped at the end.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use clinic_auth::{
    config::{Config, Secret, StoreAddress},
    store::Store,
};
use tempfile::TempDir;

static COUNT: AtomicU32 = AtomicU32::new(0);

/// The database of one test.
pub(crate) struct Database {
    pub(crate) name: String,
    folder: TempDir,
    uri: Option<Secret>,
}

impl Database {
    /// A new, empty one.
    pub(crate) fn new() -> Self {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Self {
            name: format!("it_{}_{number}", std::process::id()),
            folder: TempDir::new().unwrap(),
            uri: std::env::var("TEST_MONGO_URI").ok().map(Secret::new),
        }
    }

    /// How the service reaches it.
    pub(crate) fn address(&self) -> StoreAddress {
        match &self.uri {
            Some(uri) => StoreAddress::Uri(uri.clone()),
            None => StoreAddress::Embedded(self.folder.path().join("clinic.db")),
        }
    }

    /// A folder of its own, for files.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some(uri) = self.uri.clone() else { return };
        let mut names = Config::default().database;
        names.database_name.clone_from(&self.name);
        // The runtime of the test may be gone: a thread with one of its own drops the collections.
        let dropped = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.unwrap().block_on(async {
                Store::connect(&uri, &names)
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
