//! The built binary in a folder of its own, as an operator runs it.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use clinic_auth::config::{Secret, StoreAddress};
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use super::{Answer, Database, Direct, eventually};

/// A secret that the configuration accepts in production.
pub(crate) const MASTER: &str = "k3J9vQ2mZ8xW5tR7yB1nC4dF6gH0pLsA";

/// A folder to run the binary in, its database, and the variables that it is given.
pub(crate) struct Home {
    folder: Arc<TempDir>,
    database: Arc<Database>,
    variables: Vec<(String, String)>,
    /// What a shell does before it becomes the binary.
    before: Option<&'static str>,
}

impl Home {
    /// A fresh machine, with the store that the test run is for.
    pub(crate) fn new() -> Self {
        let database = Arc::new(Database::new());
        let home = Self::on(Arc::clone(&database));
        match database.uri() {
            Some(uri) => home.with("MONGO_URI", uri),
            None => home,
        }
    }

    /// A fresh machine with the embedded store, whatever the test run is for.
    pub(crate) fn embedded() -> Self {
        Self::on(Arc::new(Database::embedded()))
    }

    /// A folder whose variables do not say yet where `database` is.
    pub(crate) fn on(database: Arc<Database>) -> Self {
        let name = database.name.clone();
        let home = Self {
            folder: Arc::new(TempDir::new().unwrap()),
            database,
            variables: Vec::new(),
            before: None,
        };
        home.with("CLINIC_AUTH__DATABASE__DATABASE_NAME", &name)
            .with("CLINIC_AUTH__SERVICE__HOST", "127.0.0.1")
            .with("PORT", "0")
    }

    /// The same with a variable more, or another value of it.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same; a write beyond a limit on the size of files fails, as on a full disk, and is not the process's end.
    pub(crate) fn surviving_file_limits(self) -> Self {
        let before = Some("trap '' XFSZ");
        Self { before, ..self }
    }

    /// What production asks for: with JSON in the log, mail to a server of this machine, a port that was free.
    pub(crate) fn in_production(self) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = port.local_addr().unwrap().port().to_string();
        let home = self
            .with("ENVIRONMENT", "production")
            .with("JWT_SECRET", MASTER)
            .with("PORT", &port)
            .with("SMTP_HOST", "127.0.0.1")
            .with("CLINIC_AUTH__EMAIL__TLS", "none")
            .with("CLINIC_AUTH__EMAIL__FROM", "no-reply@clinic.example")
            .with(
                "CLINIC_AUTH__SERVICE__PUBLIC_BASE_URL",
                "https://accounts.clinic.example",
            );
        if home.variables.iter().any(|(name, _)| name == "MONGO_URI") {
            return home;
        }
        home.with("MONGO_URI", "embedded:data/clinic.db")
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The service's database, beside it.
    pub(crate) async fn open(&self) -> Direct {
        let address = match self.database.uri() {
            Some(uri) => StoreAddress::Uri(Secret::new(uri)),
            None => StoreAddress::Embedded(self.path().join("data/clinic.db")),
        };
        Direct::open(&address, &self.database.name).await
    }

    fn command(&self, arguments: &[&str]) -> Command {
        const BINARY: &str = env!("CARGO_BIN_EXE_clinic-auth");
        let mut command = match self.before {
            None => Command::new(BINARY),
            Some(before) => {
                let mut shell = Command::new("/bin/sh");
                shell.args(["-c", &format!("{before}; exec \"$0\" \"$@\""), BINARY]);
                shell
            }
        };
        command
            .args(arguments)
            .env_clear()
            .envs(self.variables.iter().cloned())
            .current_dir(self.path());
        command
    }

    /// Runs a command to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ended {
        let mut command = self.command(arguments);
        spawn_blocking(move || command.output().unwrap().into())
            .await
            .unwrap()
    }

    /// Runs a line of the shell as somebody at a terminal, to which both streams go.
    pub(crate) async fn run_on_a_terminal(&self, arguments: &[&str]) -> Ended {
        let line = [&[env!("CARGO_BIN_EXE_clinic-auth")][..], arguments].concat();
        let mut command = Command::new("script");
        command
            .args([
                "--quiet",
                "--return",
                "--command",
                &line.join(" "),
                "/dev/null",
            ])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .envs(self.variables.iter().cloned())
            .current_dir(self.path());
        spawn_blocking(move || command.output().unwrap().into())
            .await
            .unwrap()
    }

    /// Starts the service and waits until it listens.
    pub(crate) async fn serve(&self) -> Process {
        let mut process = Process::start(self.command(&[]), self);
        let log = process.log_with("listening on ").await;
        let (_, rest) = log.split_once("listening on 127.0.0.1:").unwrap();
        let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
        process.base = format!("http://127.0.0.1:{port}");
        process
    }

    /// Starts the service and waits until it is ready.
    pub(crate) async fn serve_ready(&self) -> Process {
        let process = self.serve().await;
        process.is_ready().await;
        process
    }

    /// The newest mail in the outbox folder, as it comes.
    pub(crate) async fn mail(&self, number: usize) -> String {
        let outbox = self.path().join("data/outbox");
        eventually("a mail in the outbox", async || {
            let entries = std::fs::read_dir(&outbox).ok()?;
            let mut mails: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
            mails.retain(|path| path.extension().is_some_and(|kind| kind == "eml"));
            mails.sort();
            std::fs::read_to_string(mails.get(number)?).ok()
        })
        .await
    }
}

/// What a command said, and how it ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ended {
    /// What it printed, if it succeeded.
    #[track_caller]
    pub(crate) fn good(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
        self.stdout
    }

    /// What it complained of, if it failed with exit code 1.
    #[track_caller]
    pub(crate) fn bad(self) -> String {
        assert_eq!(self.code, Some(1), "{}{}", self.stdout, self.stderr);
        self.stdout + &self.stderr
    }
}

/// The running service; killed when the test ends.
pub(crate) struct Process {
    child: Child,
    log: Arc<Mutex<String>>,
    base: String,
    http: reqwest::Client,
    _home: (Arc<TempDir>, Arc<Database>),
}

impl Process {
    fn start(mut command: Command, home: &Home) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        collect(child.stdout.take().unwrap(), Arc::clone(&log));
        collect(child.stderr.take().unwrap(), Arc::clone(&log));
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(30));
        Self {
            child,
            log,
            base: String::new(),
            http: http.build().unwrap(),
            _home: (Arc::clone(&home.folder), Arc::clone(&home.database)),
        }
    }

    /// Everything that it has written so far, to both streams.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// The log, as soon as it contains `text`.
    pub(crate) async fn log_with(&self, text: &str) -> String {
        eventually(&format!("{text:?} in the log"), async || {
            Some(self.log()).filter(|log| log.contains(text))
        })
        .await
    }

    /// Ready when `/health/ready` says 200.
    pub(crate) async fn is_ready(&self) {
        eventually("200 from /health/ready", async || {
            (self.get("/health/ready").await.status == 200).then_some(())
        })
        .await;
    }

    /// `host:port`.
    pub(crate) fn address(&self) -> &str {
        self.base.strip_prefix("http://").unwrap()
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &pid])
            .status();
        assert!(sent.unwrap().success());
    }

    /// How it ended, when it has.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let Self { child, .. } = self;
        let child = Mutex::new(child);
        eventually("the end of the process", async || {
            child.lock().unwrap().try_wait().unwrap()
        })
        .await
    }

    /// Ends it as a crash would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it as an operator would.
    pub(crate) async fn stop(mut self) {
        self.signal("TERM");
        assert!(self.ended().await.success());
    }

    /// A request to be completed and sent.
    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = method.parse().unwrap();
        self.http.request(method, format!("{}{path}", self.base))
    }

    /// `GET`.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request("GET", path)).await
    }

    /// `POST` with a JSON body.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request("POST", path).json(&body)).await
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(stream: impl Read + Send + 'static, log: Arc<Mutex<String>>) {
    thread::spawn(move || {
        for line in BufReader::new(stream).lines() {
            let mut log = log.lock().unwrap();
            log.push_str(&line.unwrap());
            log.push('\n');
        }
    });
}
