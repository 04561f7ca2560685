//! Floor 2: the embedded store: `MongoDB`'s wire protocol over `SQLite`, on a loopback port of this process.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use nosqlite::{
    NoSqlite, Options,
    wire::{MongoServer, MongoServerOptions, serve_mongo},
};

use crate::config::Secret;

/// The store could not be opened; the text says which file and why.
#[derive(Debug, thiserror::Error)]
#[error("the embedded store {path} cannot be opened: {reason}")]
pub struct EmbeddedError {
    path: String,
    reason: String,
}

/// The running store. Dropping it ends it.
pub struct Embedded {
    _server: MongoServer,
    _lock: File,
}

impl std::fmt::Debug for Embedded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Embedded")
    }
}

/// Sweeps of expired rows, and of the change log, which keeps copies of documents.
const SWEEP: Duration = Duration::from_secs(60);
const CHANGE_LOG_KEPT: Duration = Duration::from_secs(60);
const CHANGE_LOG_EVENTS: u64 = 1000;

/// Opens the store at `path` (mode 0600, folders made as needed) and gives its address. A process that has it open
/// already, such as the running service when a command starts, shares its address through the lock file beside it;
/// then nothing is started here.
///
/// # Errors
/// The folder or the file cannot be written, or the file is not such a store.
pub fn open(path: &Path, database_name: &str) -> Result<(Secret, Option<Embedded>), EmbeddedError> {
    let fail = |reason: String| EmbeddedError {
        path: path.display().to_string(),
        reason,
    };
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        create_private_folder(folder).map_err(|error| fail(error.to_string()))?;
    }
    let mut lock = private_file(&lock_path(path)).map_err(|error| fail(error.to_string()))?;
    match lock.try_lock() {
        // The address of the last run must not be taken for ours while the store is being opened.
        Ok(()) => lock.set_len(0).map_err(|error| fail(error.to_string()))?,
        Err(TryLockError::WouldBlock) => {
            let mut address = String::new();
            lock.read_to_string(&mut address)
                .map_err(|error| fail(error.to_string()))?;
            if address.is_empty() {
                return Err(fail("another process is just opening it, try again".into()));
            }
            return Ok((Secret::new(address), None));
        }
        Err(TryLockError::Error(error)) => return Err(fail(error.to_string())),
    }
    drop(private_file(path).map_err(|error| fail(error.to_string()))?);
    let options = Options {
        ttl_interval: SWEEP,
        change_log_retention: Some(CHANGE_LOG_KEPT),
        change_log_max_events: Some(CHANGE_LOG_EVENTS),
        read_connections: 2,
        ..Options::default()
    };
    let database = NoSqlite::open_with(path, options).map_err(|error| fail(error.to_string()))?;
    let options = MongoServerOptions {
        port: 0,
        database_name: database_name.to_owned(),
        ..MongoServerOptions::default()
    };
    let server = serve_mongo(database, options).map_err(|error| fail(error.to_string()))?;
    let address = format!(
        "mongodb://{}:{}/?directConnection=true",
        server.hostname, server.port
    );
    lock.rewind()
        .and_then(|()| lock.write_all(address.as_bytes()))
        .map_err(|error| fail(error.to_string()))?;
    Ok((
        Secret::new(address),
        Some(Embedded {
            _server: server,
            _lock: lock,
        }),
    ))
}

fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".lock");
    path.with_file_name(name)
}

#[cfg(unix)]
fn private_file(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

#[cfg(not(unix))]
fn private_file(path: &Path) -> std::io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

#[cfg(unix)]
fn create_private_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(not(unix))]
fn create_private_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_the_last_run_is_gone_before_the_store_is_open() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clinic.db");
        std::fs::create_dir(&path).unwrap(); // so that it never opens
        std::fs::write(lock_path(&path), "mongodb://127.0.0.1:1/").unwrap();
        assert!(open(&path, "clinic").is_err());
        assert_eq!(std::fs::read_to_string(lock_path(&path)).unwrap(), "");
    }

    #[test]
    fn a_second_process_is_given_the_address_of_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/clinic.db");
        let (address, store) = open(&path, "clinic").unwrap();
        let (same, none) = open(&path, "clinic").unwrap();
        assert_eq!(same, address);
        assert!(store.is_some() && none.is_none());
    }
}
