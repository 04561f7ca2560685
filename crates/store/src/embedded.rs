//! The embedded store: `MongoDB`'s wire protocol over `SQLite`, on a loopback port of this process.

use std::{
    fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io::{self, Read, Seek, Write},
    net::{SocketAddr, TcpStream},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
    sync::{Arc, Mutex, Weak},
    thread,
    time::{Duration, Instant},
};

use nosqlite::{
    NoSqlite, Options,
    wire::{MongoServer, MongoServerOptions, serve_mongo},
};

use kernel::{helpers::lock, secret::Secret};

/// The running store, or the place of a process that waits until it can run the store. The drop of this value ends
/// either.
pub struct Embedded(Arc<Mutex<Option<Running>>>);

/// The server is dropped before the lock, so that the process that gets the lock next finds the file free.
struct Running {
    server: MongoServer,
    lock: File,
}

/// The pause between two deletions of expired rows, and the limits of the change log, which keeps copies of documents.
const SWEEP: Duration = Duration::from_secs(60);
const CHANGE_LOG_KEPT: Duration = Duration::from_secs(60);
const CHANGE_LOG_EVENTS: u64 = 1000;

/// How long this process waits for another one that does not share the store, or does not share it yet.
const PATIENCE: Duration = Duration::from_secs(10);
/// The pause between two checks of the lock of another process.
const PAUSE: Duration = Duration::from_millis(50);

/// Opens the store at `path` (mode 0600, folders made as needed) and gives its address. If another process has the
/// store open and shares it, as the running service does with commands, the address comes from the lock file beside the
/// store. When that process ends, one of the processes that share the store continues at the same address. If the other
/// process does not share the store, such as another command, this function waits for its end.
///
/// # Errors
/// The folder or the file cannot be written, or the file is not such a store.
pub fn open(path: &Path, database_name: &str) -> io::Result<(Secret, Embedded)> {
    find_or_start(path, database_name).map_err(|error| {
        let path = path.display();
        io::Error::other(format!(
            "the embedded store {path} cannot be opened: {error}"
        ))
    })
}

impl Embedded {
    /// Lets other processes use the store from now on; this process must live as long as they do, or be a service,
    /// after which another service continues.
    ///
    /// # Errors
    /// The lock file cannot be written.
    pub fn share(&self) -> io::Result<()> {
        lock(&self.0).as_mut().map_or(Ok(()), Running::share)
    }
}

fn find_or_start(path: &Path, database_name: &str) -> io::Result<(Secret, Embedded)> {
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        create_private_folder(folder)?;
    }
    let mut lock_path = path.as_os_str().to_owned();
    lock_path.push(".lock");
    let mut file = private_file(Path::new(&lock_path))?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        if is_free(&file)? {
            let running = Running::start(path, database_name, 0, file)?;
            let port = running.server.port;
            let place = Arc::new(Mutex::new(Some(running)));
            return Ok((address(port), Embedded(place)));
        }
        // If no process answers at the address, a killed process has left it behind.
        if let Some(port) = read_port(&mut file)?.filter(|port| answers(*port)) {
            let place = Arc::new(Mutex::new(None));
            let (path, name) = (path.to_owned(), database_name.to_owned());
            let start = move |lock| Running::start(&path, &name, port, lock);
            let waiting = Arc::downgrade(&place);
            thread::Builder::new()
                .name("embedded-heir".to_owned())
                .spawn(move || take_over(&waiting, file, start))?;
            return Ok((address(port), Embedded(place)));
        }
        if Instant::now() > deadline {
            return Err(io::Error::other(
                "another process has it and does not share it",
            ));
        }
        thread::sleep(PAUSE);
    }
}

impl Running {
    /// Opens the file and serves it at `port` (0: any). The caller must have the lock.
    fn start(path: &Path, database_name: &str, port: u16, lock: File) -> io::Result<Self> {
        lock.set_len(0)?; // Other processes wait until the store is shared.
        drop(private_file(path)?);
        let options = Options {
            ttl_interval: SWEEP,
            change_log_retention: Some(CHANGE_LOG_KEPT),
            change_log_max_events: Some(CHANGE_LOG_EVENTS),
            read_connections: 2,
            ..Options::default()
        };
        let database = NoSqlite::open_with(path, options).map_err(io::Error::other)?;
        let options = MongoServerOptions {
            port,
            database_name: database_name.to_owned(),
            ..MongoServerOptions::default()
        };
        let server = serve_mongo(database, options)?;
        Ok(Self { server, lock })
    }

    /// Writes the address of the store into the lock file, for other processes.
    fn share(&mut self) -> io::Result<()> {
        let port = self.server.port.to_string();
        self.lock.set_len(0)?;
        self.lock.rewind()?;
        self.lock.write_all(port.as_bytes())
    }
}

/// Waits until the process whose store this one shares ends, and then runs the store. Returns early if this process
/// drops its place.
fn take_over(
    waiting: &Weak<Mutex<Option<Running>>>,
    file: File,
    start: impl Fn(File) -> io::Result<Running>,
) {
    loop {
        thread::sleep(PAUSE);
        let Some(place) = waiting.upgrade() else {
            return;
        };
        match is_free(&file) {
            Ok(false) => continue,
            Ok(true) => {}
            Err(error) => return tracing::error!(%error, "the embedded store is lost"),
        }
        // The others know this port, and their drivers find the store there again.
        match start(file).and_then(|mut running| running.share().map(|()| running)) {
            Ok(running) => {
                *lock(&place) = Some(running);
                tracing::info!("store: embedded, taken over from a process that ended");
            }
            Err(error) => tracing::error!(%error, "the embedded store cannot be taken over"),
        }
        return;
    }
}

fn address(port: u16) -> Secret {
    Secret::new(format!("mongodb://127.0.0.1:{port}/?directConnection=true"))
}

/// Takes the lock if no process has it.
fn is_free(lock: &File) -> io::Result<bool> {
    match lock.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn read_port(lock: &mut File) -> io::Result<Option<u16>> {
    let mut port = String::new();
    lock.rewind()?;
    lock.read_to_string(&mut port)?;
    Ok(port.parse().ok())
}

fn answers(port: u16) -> bool {
    TcpStream::connect_timeout(&SocketAddr::from(([127, 0, 0, 1], port)), PATIENCE).is_ok()
}

fn private_file(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)?;
    // A file that was copied here, such as a backup, may be readable by others.
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
}

fn create_private_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}
