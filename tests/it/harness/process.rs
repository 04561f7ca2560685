//! Runs the built binary in its own folder, as an operator does.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use clinic_auth::config::StoreAddress;
use kernel::secret::Secret;
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use super::{Answer, Database, Direct, eventually};

/// A secret that the configuration accepts in production.
pub(crate) const MASTER: &str = "k3J9vQ2mZ8xW5tR7yB1nC4dF6gH0pLsA";

/// A folder to run the binary in, its database and its environment variables.
pub(crate) struct Installation {
    folder: Arc<TempDir>,
    database: Arc<Database>,
    variables: Vec<(String, String)>,
    /// A shell command to run before the binary. `None` if the binary is started without a shell.
    before: Option<&'static str>,
}

impl Installation {
    /// A new installation with the store that the test run uses.
    pub(crate) fn new() -> Self {
        let database = Arc::new(Database::new());
        let installation = Self::on(Arc::clone(&database));
        match database.uri() {
            Some(uri) => installation.with("MONGO_URI", uri),
            None => installation,
        }
    }

    /// A new installation that always uses the embedded store.
    pub(crate) fn embedded() -> Self {
        Self::on(Arc::new(Database::embedded()))
    }

    /// A new installation for `database`; the address of the database is not set yet.
    pub(crate) fn on(database: Arc<Database>) -> Self {
        let name = database.name().to_owned();
        let installation = Self {
            folder: Arc::new(TempDir::new().unwrap()),
            database,
            variables: Vec::new(),
            before: None,
        };
        installation
            .with("CLINIC_AUTH__DATABASE__DATABASE_NAME", &name)
            .with("CLINIC_AUTH__SERVICE__HOST", "127.0.0.1")
            .with("PORT", "0")
    }

    /// Sets an environment variable.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Ignores the signal SIGXFSZ. A write beyond the limit of file sizes then fails, as on a full disk, and does not
    /// end the process.
    pub(crate) fn surviving_file_limits(self) -> Self {
        let before = Some("trap '' XFSZ");
        Self { before, ..self }
    }

    /// Sets what production requires; mail goes to a server on this machine, and the port was free just now.
    pub(crate) fn in_production(self) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = port.local_addr().unwrap().port().to_string();
        let installation = self
            .with("ENVIRONMENT", "production")
            .with("JWT_SECRET", MASTER)
            .with("FIELD_ENCRYPTION_KEY", MASTER)
            .with("PORT", &port)
            .with("SMTP_HOST", "127.0.0.1")
            .with("CLINIC_AUTH__EMAIL__TLS", "none")
            .with("CLINIC_AUTH__EMAIL__FROM", "no-reply@clinic.example")
            .with(
                "CLINIC_AUTH__SERVICE__PUBLIC_BASE_URL",
                "https://accounts.clinic.example",
            );
        if installation
            .variables
            .iter()
            .any(|(name, _)| name == "MONGO_URI")
        {
            return installation;
        }
        installation.with("MONGO_URI", "embedded:data/clinic.db")
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Opens the service's database directly.
    pub(crate) async fn open(&self) -> Direct {
        let address = match self.database.uri() {
            Some(uri) => StoreAddress::Uri(Secret::new(uri)),
            None => StoreAddress::Embedded(self.path().join("data/clinic.db")),
        };
        Direct::open(&address, self.database.name()).await
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
    pub(crate) async fn run(&self, arguments: &[&str]) -> CommandOutput {
        let mut command = self.command(arguments);
        spawn_blocking(move || command.output().unwrap().into())
            .await
            .unwrap()
    }

    /// Runs a command on a terminal, to which both output streams go.
    pub(crate) async fn run_on_a_terminal(&self, arguments: &[&str]) -> CommandOutput {
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
        let log = process.wait_for_log("listening on ").await;
        let (_, rest) = log.split_once("listening on 127.0.0.1:").unwrap();
        let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
        process.base = format!("http://127.0.0.1:{port}");
        process
    }

    /// Starts the service and waits until it is ready.
    pub(crate) async fn serve_ready(&self) -> Process {
        let process = self.serve().await;
        process.wait_until_ready().await;
        process
    }

    /// Waits for the mail with this number in the outbox folder; the oldest is number 0.
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

/// The output and the exit code of a command.
pub(crate) struct CommandOutput {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for CommandOutput {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl CommandOutput {
    /// Fails the test unless the command succeeded. Returns what it printed.
    #[track_caller]
    pub(crate) fn success(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
        self.stdout
    }

    /// Fails the test unless the command failed with exit code 1. Returns both output streams.
    #[track_caller]
    pub(crate) fn failure(self) -> String {
        assert_eq!(self.code, Some(1), "{}{}", self.stdout, self.stderr);
        self.stdout + &self.stderr
    }
}

/// The running service. It is killed when the test ends.
pub(crate) struct Process {
    child: Child,
    log: Arc<Mutex<String>>,
    base: String,
    http: reqwest::Client,
    _installation: (Arc<TempDir>, Arc<Database>),
}

impl Process {
    fn start(mut command: Command, installation: &Installation) -> Self {
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
            _installation: (
                Arc::clone(&installation.folder),
                Arc::clone(&installation.database),
            ),
        }
    }

    /// Everything that it has written to both output streams so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits until the log contains `text`. Returns the log.
    pub(crate) async fn wait_for_log(&self, text: &str) -> String {
        eventually(&format!("{text:?} in the log"), async || {
            Some(self.log()).filter(|log| log.contains(text))
        })
        .await
    }

    /// Waits until `/health/ready` answers 200.
    pub(crate) async fn wait_until_ready(&self) {
        eventually("200 from /health/ready", async || {
            (self.get("/health/ready").await.status == 200).then_some(())
        })
        .await;
    }

    /// `host:port`.
    pub(crate) fn address(&self) -> &str {
        self.base.strip_prefix("http://").unwrap()
    }

    /// The process id.
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

    /// Waits until the process has ended.
    pub(crate) async fn wait_for_exit(&mut self) -> ExitStatus {
        let Self { child, .. } = self;
        let child = Mutex::new(child);
        eventually("the end of the process", async || {
            child.lock().unwrap().try_wait().unwrap()
        })
        .await
    }

    /// Ends the process without warning, like a crash.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends the process by SIGTERM, as an operator does.
    pub(crate) async fn stop(mut self) {
        self.signal("TERM");
        assert!(self.wait_for_exit().await.success());
    }

    /// A request that the test completes and sends.
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
        // The process may have ended already.
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
