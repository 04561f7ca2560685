//! Runs the release binary in its own process, with its own store and folder, and creates accounts in it.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use clinic_auth::config::{
    Settings, Sources,
    sections::{Database, Limits},
};
use identity::store::Store;
use kernel::{metrics::Metrics, secret::Secret};
use serde_json::{Value, json};
use store::embedded::{self, Embedded};
use tempfile::TempDir;

use super::client::{Answer, Bytes, Connection, get, post};

/// The binary that this run measures; it was built with it.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_clinic-auth");
pub(crate) const PASSWORD: &str = "correct horse battery";

/// Where the measured service stores its data.
#[derive(Clone)]
pub(crate) enum Place {
    /// A MongoDB at this address.
    Mongo(String),
    /// The embedded store, in the service's folder.
    Embedded,
}

impl Place {
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Mongo(_) => "MongoDB",
            Self::Embedded => "embedded store",
        }
    }
}

/// A folder with settings, and the database.
pub(crate) struct Installation {
    folder: TempDir,
    place: Place,
    database: String,
    binary: PathBuf,
}

/// Limits per caller that are very high, because all requests come from one address.
pub(crate) fn open_throttles(names: &[&str]) -> Value {
    let open = json!({ "limit": 4_000_000_000_u32, "per_seconds": 3600 });
    names
        .iter()
        .map(|name| ((*name).to_owned(), open.clone()))
        .collect()
}

/// Every limit that a measurement would reach.
const THROTTLES: [&str; 12] = [
    "register_per_ip",
    "otp_verify_per_ip",
    "login_per_ip",
    "global",
    "refresh_per_ip",
    "refresh_per_session",
    "writes_per_account",
    "reset_per_ip",
    "failed_names_per_ip",
    "patient_search_per_account",
    "patient_read_per_account",
    "booking_per_account",
];

impl Installation {
    /// This version with open limits, these changes, and otherwise its defaults.
    pub(crate) fn new(place: Place, changes: &Value) -> Self {
        let mut config = json!({
            "service": { "host": "127.0.0.1", "debug": true, "max_silent_per_address": 4096 },
            "database": { "database_name": format!("bench_{}", std::process::id()) },
            "throttle": open_throttles(&THROTTLES),
        });
        for (section, keys) in changes.as_object().into_iter().flatten() {
            for (key, value) in keys.as_object().into_iter().flatten() {
                config[section][key] = value.clone();
            }
        }
        Self::of(PathBuf::from(BINARY), place, &config)
    }

    /// A binary with its own configuration, which names the database.
    pub(crate) fn of(binary: PathBuf, place: Place, config: &Value) -> Self {
        let folder = TempDir::new().unwrap();
        let database = config["database"]["database_name"]
            .as_str()
            .unwrap()
            .to_owned();
        fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
        Self {
            folder,
            place,
            database,
            binary,
        }
    }

    /// Where the data is.
    pub(crate) const fn place(&self) -> &Place {
        &self.place
    }

    fn store_file(&self) -> PathBuf {
        self.folder.path().join("data/clinic.db")
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(self.environment());
        command
    }

    fn environment(&self) -> [(&'static str, String); 4] {
        let address = match &self.place {
            Place::Mongo(uri) => uri.clone(),
            Place::Embedded => format!("embedded:{}", self.store_file().display()),
        };
        [
            ("PORT", "0".to_owned()),
            ("JWT_SECRET", "k3J9vQ2mZ8xW5tR7yB1nC4dF6gH0pLsA".to_owned()),
            (
                "FIELD_ENCRYPTION_KEY",
                "Zr8mK2vX9qLw4TfB7nYc1HsD6gJ3pAeU".to_owned(),
            ),
            ("MONGO_URI", address),
        ]
    }

    /// The settings of the service, for this process.
    pub(crate) fn settings(&self) -> Settings {
        let variables = self.environment();
        let variables = variables.map(|(name, value)| (name.into(), value.into()));
        Settings::load(&Sources::read(variables, self.folder.path())).unwrap()
    }

    /// Opens the database directly. With the embedded store no service may run.
    pub(crate) async fn store(&self) -> (Store, Option<Embedded>) {
        let (uri, embedded) = match &self.place {
            Place::Mongo(uri) => (Secret::new(uri.clone()), None),
            Place::Embedded => {
                let (uri, embedded) = embedded::open(&self.store_file(), &self.database).unwrap();
                (uri, Some(embedded))
            }
        };
        let names = Database {
            limits: Limits {
                database_name: self.database.clone(),
                operation_ms: 600_000,
                ..Limits::default()
            },
            ..Database::default()
        };
        (
            clinic_auth::database::connect(&uri, &names, true, Metrics::new().unwrap())
                .await
                .unwrap(),
            embedded,
        )
    }

    /// Starts the service and waits until it is ready.
    pub(crate) async fn start(&self) -> Service {
        let mut child = self
            .command(&["serve"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = loop {
            let line = lines.next().expect("the service ended").unwrap();
            if let Some((_, rest)) = line.split_once("listening on 127.0.0.1:") {
                break rest.trim().parse().unwrap();
            }
        };
        // A thread reads the log, because the service would block on a full pipe.
        thread::spawn(move || lines.for_each(drop));
        let service = Service {
            child,
            address: SocketAddr::from(([127, 0, 0, 1], port)),
        };
        let ready = get("/health/ready", None);
        while service.send(&ready).await.status != 200 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        service
    }

    pub(crate) async fn drop_data(&self) {
        if let Place::Mongo(_) = self.place {
            self.store().await.0.drop_collections().await.unwrap();
        }
    }
}

/// The running service, which ends when this is dropped.
pub(crate) struct Service {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            if self.child.try_wait().is_ok_and(|ended| ended.is_some()) {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Service {
    pub(crate) async fn send(&self, request: &Bytes) -> Answer {
        Connection::to(self.address).send(request).await.unwrap()
    }

    /// The answer to a request that must succeed.
    pub(crate) async fn ask(&self, request: &Bytes) -> Value {
        let answer = self.send(request).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// MiB of resident memory.
    pub(crate) fn memory(&self) -> f64 {
        self.memory_reader()()
    }

    /// Returns a function that reads the memory and does not borrow the service.
    pub(crate) fn memory_reader(&self) -> impl Fn() -> f64 + 'static {
        let path = format!("/proc/{}/status", self.child.id());
        move || {
            let status = fs::read_to_string(&path).unwrap();
            let line = status.lines().find(|line| line.starts_with("VmRSS:"));
            let kib = line
                .and_then(|line| line.split_whitespace().nth(1))
                .unwrap();
            kib.parse::<f64>().unwrap() / 1024.0
        }
    }

    /// A value of `/metrics`: the sum of all lines that begin with `begin`.
    pub(crate) async fn metric(&self, begin: &str) -> f64 {
        let text = self.send(&get("/metrics", None)).await.text();
        let lines = text.lines().filter(|line| line.starts_with(begin));
        let values = lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
        values.sum()
    }

    /// Creates verified patients, who are logged in.
    pub(crate) async fn people(&self, count: usize) -> Vec<Person> {
        let mut people = Vec::with_capacity(count);
        for number in 0..count {
            people.push(self.person(&format!("person{number}")).await);
        }
        people
    }

    pub(crate) async fn person(&self, name: &str) -> Person {
        let registered = self
            .ask(&post("/auth/register", None, &registration(name)))
            .await;
        let proof =
            json!({ "email": format!("{name}@example.org"), "otp": registered["debug_otp"] });
        let verified = self.ask(&post("/auth/verify-otp", None, &proof)).await;
        let text = |key: &str| verified[key].as_str().unwrap().to_owned();
        Person {
            name: name.to_owned(),
            user_id: text("user_id"),
            token: text("access_token"),
        }
    }
}

/// A person who is logged in.
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) user_id: String,
    pub(crate) token: String,
}

impl Person {
    pub(crate) fn login(&self) -> Bytes {
        let body = json!({ "username": self.name, "password": PASSWORD });
        post("/auth/login", None, &body)
    }
}

pub(crate) fn registration(name: &str) -> Value {
    json!({
        "username": name, "email": format!("{name}@example.org"), "mobile": "+41 79 000 00 00",
        "password": PASSWORD, "first_name": "Jane", "last_name": "Doe",
    })
}
