//! A real server for a test, with its own database, mails, clock and seed; several instances can share one database.

mod database;
mod factors;
mod log;
mod operations;
mod people;
mod process;
mod proxy;
mod raw;
mod schema;
mod steps;
mod stored;
mod wire;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::Duration;
use clinic_auth::{
    config::{Config, Environment, MasterSecret, Peppers, Secrets, Settings},
    program::{Overrides, Program},
    server::Server,
};
use identity::{accounts, app::App, mails::outbox, sessions};
use kernel::{clock::Clock, fail_point::FailPoint, random::SharedRng, role::Role, secret::Secret};
use mail::{Mail, Mailer, MemoryMailer};
use platform::readiness::Phase;
use serde_json::{Value, json};
use tokio::sync::oneshot;

pub(crate) use testkit::Answer;

pub(crate) use self::{
    database::{Database, Direct},
    factors::{Authenticator, Secured, mfa_token_in},
    log::ThreadLog,
    operations::{Operation, document, operations, resolve},
    people::{Person, invitation},
    process::{Installation, MASTER, Process},
    proxy::{Connectivity, Proxy},
    raw::RawAnswer,
    schema::schema_errors,
    steps::{collections, values, wrong_code},
    wire::{Alteration, AlteringProxy},
};

/// A password that every rule allows.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// One running instance.
pub(crate) struct TestServer {
    pub(crate) app: Arc<App>,
    pub(crate) program: Arc<Program>,
    pub(crate) mails: MemoryMailer,
    pub(crate) clock: Clock,
    pub(crate) database: Arc<Database>,
    pub(crate) address: SocketAddr,
    pub(crate) fail_point: FailPoint,
    pub(crate) http: reqwest::Client,
    /// The seed of its random generator.
    pub(crate) seed: u64,
    stop: Option<oneshot::Sender<()>>,
}

/// Each instance of a run gets another seed, because two instances with one seed would draw the same ids.
static SEED: AtomicU64 = AtomicU64::new(1);

impl TestServer {
    /// A ready server with the default configuration of the tests.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// A ready server whose settings the test has changed.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        let database = Arc::new(Database::new());
        Self::start_on(database, Clock::manual(), MemoryMailer::new(), change).await
    }

    /// Another instance on the same database, with the same clock and mailbox.
    pub(crate) async fn another(&self) -> Self {
        self.another_with(|_| {}).await
    }

    /// Another instance with other settings.
    pub(crate) async fn another_with(&self, change: impl FnOnce(&mut Settings)) -> Self {
        let (database, clock) = (Arc::clone(&self.database), self.clock.clone());
        Self::start_on(database, clock, self.mails.clone(), change).await
    }

    /// A ready server with this database, clock and mailbox.
    pub(crate) async fn start_on(
        database: Arc<Database>,
        clock: Clock,
        mails: MemoryMailer,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let server = Self::start_unprepared(database, clock, mails, change).await;
        server.program.prepare().await.unwrap();
        assert_eq!(server.app.readiness.phase(), Phase::Ready);
        sessions::follow_revocations(&server.app, server.clock.now())
            .await
            .unwrap();
        server
    }

    /// A server that answers but has not prepared its database yet.
    pub(crate) async fn start_unprepared(
        database: Arc<Database>,
        clock: Clock,
        mails: MemoryMailer,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let mut settings = settings(&database);
        change(&mut settings);
        let fail_point = FailPoint::default();
        let seed = SEED.fetch_add(1, Ordering::Relaxed);
        let overrides = Overrides {
            clock: Some(clock.clone()),
            rng: Some(SharedRng::seeded(seed)),
            mailer: (!settings.mail_by_smtp).then(|| Mailer::Memory(mails.clone())),
            fail_point: fail_point.clone(),
        };
        let program = Program::build(settings, overrides).await.unwrap();
        let server = Server::bind(Arc::clone(&program)).await.unwrap();
        let address = server.address().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(server.serve(async move {
            let _ = stopped.await;
        }));
        Self {
            app: Arc::clone(&program.identity),
            program,
            mails,
            clock,
            database,
            address,
            fail_point,
            seed,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            stop: Some(stop),
        }
    }

    /// Moves the clock of every instance, and reads the revocation feed, as the loop of the service does at any time.
    pub(crate) async fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.read_revocations().await;
    }

    /// Reads the revocation feed once, as the loop of the service does all the time.
    pub(crate) async fn read_revocations(&self) {
        sessions::follow_revocations(&self.app, self.clock.now())
            .await
            .unwrap();
    }

    /// Lets the mail worker work until nothing is due.
    pub(crate) async fn deliver(&self) {
        while outbox::tick(&self.app).await.unwrap() > 0 {}
    }

    /// The newest mail to `email`; mails that wait are delivered first.
    pub(crate) async fn mail_to(&self, email: &str) -> Mail {
        self.deliver().await;
        self.mails
            .last_to(email)
            .unwrap_or_else(|| panic!("no mail to {email}"))
    }

    /// How many mails went to `email`.
    pub(crate) async fn mails_to(&self, email: &str) -> usize {
        self.deliver().await;
        self.mails
            .sent()
            .iter()
            .filter(|(mail, _)| mail.to == email)
            .count()
    }

    /// The code in the newest mail to `email`.
    pub(crate) async fn code_for(&self, email: &str) -> String {
        let mail = self.mail_to(email).await;
        let line = mail
            .text
            .lines()
            .map(str::trim)
            .find(|line| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit()));
        line.unwrap_or_else(|| panic!("no code in the mail to {email}"))
            .to_owned()
    }

    /// The token of the link in the newest mail to `email`.
    pub(crate) async fn link_token_for(&self, email: &str) -> String {
        let mail = self.mail_to(email).await;
        let (_, rest) = mail.text.split_once("#token=").unwrap();
        rest.split(['&', '\r', '\n']).next().unwrap().to_owned()
    }

    /// The URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// `POST` with a JSON body.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.http.post(self.url(path)).json(&body)).await
    }

    /// `POST` with an access token and a JSON body.
    pub(crate) async fn post_as(&self, token: &str, path: &str, body: Value) -> Answer {
        Answer::of(
            self.http
                .post(self.url(path))
                .bearer_auth(token)
                .json(&body),
        )
        .await
    }

    /// `POST` with an access token, without a body.
    pub(crate) async fn call_as(&self, token: &str, path: &str) -> Answer {
        Answer::of(self.http.post(self.url(path)).bearer_auth(token)).await
    }

    /// `PATCH` with an access token and a JSON body.
    pub(crate) async fn patch_as(&self, token: &str, path: &str, body: Value) -> Answer {
        Answer::of(
            self.http
                .patch(self.url(path))
                .bearer_auth(token)
                .json(&body),
        )
        .await
    }

    /// `GET`.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.http.get(self.url(path))).await
    }

    /// `GET` with an access token.
    pub(crate) async fn get_as(&self, token: &str, path: &str) -> Answer {
        Answer::of(self.http.get(self.url(path)).bearer_auth(token)).await
    }

    /// `DELETE` with an access token.
    pub(crate) async fn delete_as(&self, token: &str, path: &str) -> Answer {
        Answer::of(self.http.delete(self.url(path)).bearer_auth(token)).await
    }

    /// Sends these bytes on a new connection, for requests that no client library would send.
    pub(crate) async fn raw(&self, request: &[u8]) -> RawAnswer {
        RawAnswer::to(self.address, request).await
    }

    /// Sends a request line and headers byte for byte.
    pub(crate) async fn ask(&self, line: &str, headers: &str) -> RawAnswer {
        let request = format!("{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
        self.raw(request.as_bytes()).await
    }

    /// The access token of a new account with this role.
    pub(crate) async fn token_of(&self, role: Role) -> String {
        let demo = accounts::create_demo(&self.app, role).await.unwrap();
        let login = self.login(&demo.email, demo.password.expose()).await;
        login.expect(200).token()
    }

    /// Registers a patient `name` with the address `name@example.org`.
    pub(crate) async fn register(&self, name: &str) -> Answer {
        self.post("/auth/register", registration(name)).await
    }

    /// Creates a verified patient with the address `name@example.org`. Returns the answer of verify-otp.
    pub(crate) async fn patient(&self, name: &str) -> Answer {
        self.account(name, registration(name)).await
    }

    /// Creates a verified doctor. Returns the answer of verify-otp.
    pub(crate) async fn doctor(&self, name: &str) -> Answer {
        let mut body = registration(name);
        body["user_type"] = json!("doctor");
        body["specialization"] = json!("Cardiology");
        body["license_number"] = json!("MD-12345");
        self.account(name, body).await
    }

    /// Registers with `body` and enters the code. Returns the answer of verify-otp.
    pub(crate) async fn account(&self, name: &str, body: Value) -> Answer {
        let registered = self.post("/auth/register", body).await.expect(200);
        let email = format!("{name}@example.org");
        let otp = self.code_for(&email).await;
        let token = registered.text("registration_token");
        let proof = json!({ "email": email, "otp": otp, "registration_token": token });
        self.post("/auth/verify-otp", proof).await.expect(200)
    }

    /// Logs in by username, e-mail address or user id.
    pub(crate) async fn login(&self, name: &str, password: &str) -> Answer {
        self.post(
            "/auth/login",
            json!({ "username": name, "password": password }),
        )
        .await
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        drop(self.stop.take());
    }
}

/// The body of a registration of a patient `name`.
pub(crate) fn registration(name: &str) -> Value {
    json!({
        "username": name,
        "email": format!("{name}@example.org"),
        "mobile": "+41 79 000 00 00",
        "password": PASSWORD,
        "first_name": "Jane",
        "last_name": "Doe",
    })
}

/// The same with another value of one field.
pub(crate) fn registration_with(name: &str, field: &str, value: Value) -> Value {
    let mut body = registration(name);
    body[field] = value;
    body
}

/// Sets limits so high that a test can send thousands of requests from one address.
pub(crate) fn many_requests(settings: &mut Settings) {
    let throttle = &mut settings.config.throttle.identity;
    throttle.register_per_ip.limit = 10_000;
    throttle.register_per_email.limit = 10_000;
    throttle.change_password_per_account.limit = 10_000;
    throttle.refresh_per_session.limit = 10_000;
    throttle.writes_per_account.limit = 10_000;
    settings.config.throttle.clinic.booking_per_account.limit = 10_000;
}

/// The settings of the tests: the defaults, but with cheap hashing, and with long time limits for a busy machine.
pub(crate) fn settings(database: &Database) -> Settings {
    let mut config = Config::default();
    let limits = &mut config.database.limits;
    database.name().clone_into(&mut limits.database_name);
    (limits.operation_ms, limits.server_selection_ms) = (60_000, 60_000);
    "127.0.0.1".clone_into(&mut config.service.host);
    config.service.port = 0;
    config.password.argon2.memory_kib = 64;
    config.password.argon2.iterations = 1;
    config.password.hash_queue_ms = 60_000;
    Settings {
        config,
        secrets: Secrets {
            master: MasterSecret {
                current: Secret::new("m".repeat(40)),
                previous: None,
            },
            peppers: Peppers::default(),
            field: Some(database::field_secret()),
            smtp_user: None,
            smtp_password: None,
        },
        store: database.address(),
        environment: Environment::Development,
        mail_by_smtp: false,
        cors_origins: Vec::new(),
        log_filter: None,
        obsolete: Vec::new(),
        ignored: Vec::new(),
    }
}

/// How long `eventually` waits.
const WAIT_LIMIT: std::time::Duration = std::time::Duration::from_secs(60);
const POLL_INTERVAL: std::time::Duration = std::time::Duration::from_millis(20);

/// Calls `look` until it returns a value.
pub(crate) async fn eventually<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let found = tokio::time::timeout(WAIT_LIMIT, async {
        loop {
            match look().await {
                Some(found) => return found,
                None => tokio::time::sleep(POLL_INTERVAL).await,
            }
        }
    });
    let found = found.await;
    found.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}
