//! How fast the service is, each figure as a ratio to a limit that is measured in the same run: hashes, bare requests,
//! bare writes. And whether an unknown name takes as long as a wrong password (ENUM-2).
//!
//! `cargo bench`. Real server, embedded store, loopback, one process; the ratios carry over to other machines, the
//! figures do not. docs/performance.md says what they mean.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that cannot go on ends, and prints what it found"
)]

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bson::doc;
use clinic_auth::{
    app::{App, Overrides, Phase},
    config::{
        Config, Environment, MasterSecret, Peppers, Secret, Secrets, Settings, StoreAddress,
        sections::{Argon2, Limit},
    },
    mail::{Mailer, MemoryMailer},
    server::Server,
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long each figure is measured.
const SPAN: Duration = Duration::from_secs(4);
/// Requests at a time.
const CLIENTS: usize = 8;
/// Pairs of an unknown name and a wrong password.
const PAIRS: usize = 250;

const PASSWORD: &str = "correct horse battery";

#[tokio::main]
async fn main() {
    let real = Service::start(Argon2::default()).await;
    println!(
        "{:<34} {:>9} {:>9} {:>6}",
        "a second", "measured", "limit", "ratio"
    );
    logins(&real).await;
    reads(&real).await;
    registrations().await;
    unknown_or_wrong(&real).await;
}

/// A running service on a port and a store of its own.
struct Service {
    app: Arc<App>,
    base: String,
    mails: MemoryMailer,
    http: reqwest::Client,
    _folder: TempDir,
}

impl Service {
    async fn start(argon2: Argon2) -> Self {
        let folder = TempDir::new().unwrap();
        let mails = MemoryMailer::new();
        let settings = settings(
            StoreAddress::Embedded(folder.path().join("bench.db")),
            argon2,
        );
        let overrides = Overrides {
            mailer: Some(Mailer::Memory(mails.clone())),
            ..Overrides::default()
        };
        let app = App::build(settings, overrides).await.unwrap();
        let server = Server::bind(Arc::clone(&app)).await.unwrap();
        let base = format!("http://{}", server.address().unwrap());
        tokio::spawn(server.run(std::future::pending()));
        while app.readiness.phase() != Phase::Ready {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self {
            app,
            base,
            mails,
            http,
            _folder: folder,
        }
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}{path}", self.base);
        let answer = self.http.post(url).json(body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn get(&self, path: &str, token: &str) -> u16 {
        let url = format!("{}{path}", self.base);
        let answer = self.http.get(url).bearer_auth(token).send().await.unwrap();
        let status = answer.status().as_u16();
        answer.bytes().await.unwrap();
        status
    }

    /// A verified patient; an access token.
    async fn patient(&self, name: &str) -> String {
        let (status, registered) = self.post("/auth/register", &registration(name)).await;
        assert_eq!(status, 200, "{registered}");
        let email = format!("{name}@example.org");
        let otp = loop {
            if let Some(mail) = self.mails.last_to(&email) {
                let code =
                    |line: &&str| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
                break mail
                    .text
                    .lines()
                    .map(str::trim)
                    .find(code)
                    .unwrap()
                    .to_owned();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        let proof = json!({ "email": email, "otp": otp });
        let (status, answer) = self.post("/auth/verify-otp", &proof).await;
        assert_eq!(status, 200, "{answer}");
        answer["access_token"].as_str().unwrap().to_owned()
    }
}

fn registration(name: &str) -> Value {
    json!({
        "username": name, "email": format!("{name}@example.org"), "mobile": "+41 79 000 00 00",
        "password": PASSWORD, "first_name": "Jane", "last_name": "Doe",
    })
}

fn settings(store: StoreAddress, argon2: Argon2) -> Settings {
    let mut config = Config::default();
    "127.0.0.1".clone_into(&mut config.service.host);
    config.service.port = 0;
    config.password.argon2 = argon2;
    config.password.hash_queue_ms = 60_000;
    config.lockout.max_failures = 1_000_000;
    config.lockout.hard_limit = 1_000_000;
    let open = Limit {
        limit: u32::MAX,
        per_seconds: 3600,
    };
    let throttle = &mut config.throttle;
    for limit in [
        &mut throttle.global,
        &mut throttle.register_per_ip,
        &mut throttle.login_per_ip,
        &mut throttle.failed_names_per_ip,
    ] {
        *limit = open;
    }
    Settings {
        config,
        secrets: Secrets {
            master: MasterSecret {
                current: Secret::new("m".repeat(40)),
                previous: None,
            },
            peppers: Peppers::default(),
            smtp_user: None,
            smtp_password: None,
        },
        store,
        environment: Environment::Development,
        mail_by_smtp: false,
        cors_origins: Vec::new(),
        log_filter: None,
    }
}

/// How often a second `step` is done by [`CLIENTS`] at a time.
async fn rate<F: Future<Output = ()>>(step: impl Fn(u64) -> F) -> f64 {
    let (done, begun) = (AtomicU64::new(0), Instant::now());
    let clients = (0..CLIENTS).map(|_| async {
        while begun.elapsed() < SPAN {
            step(done.fetch_add(1, Ordering::Relaxed)).await;
        }
    });
    futures_util::future::join_all(clients).await;
    let count = u32::try_from(done.load(Ordering::Relaxed)).unwrap();
    f64::from(count) / begun.elapsed().as_secs_f64()
}

fn row(what: &str, measured: f64, limit: f64) {
    println!(
        "{what:<34} {measured:>9.1} {limit:>9.1} {:>6.2}",
        measured / limit
    );
}

/// A login costs one hash, and that should be all that is felt.
async fn logins(service: &Service) {
    service.patient("jane").await;
    let limit = rate(|_| async {
        service.app.hasher.hash(PASSWORD.as_bytes()).await.unwrap();
    })
    .await;
    let names: Vec<String> = (0..CLIENTS)
        .map(|number| format!("patient{number}"))
        .collect();
    for name in &names {
        service.patient(name).await;
    }
    let measured = rate(|turn| {
        // Tries on one account wait for each other (LCK-6), so each client has its own.
        let name = &names[usize::try_from(turn).unwrap() % CLIENTS];
        async move {
            let body = json!({ "username": name, "password": PASSWORD });
            assert_eq!(service.post("/auth/login", &body).await.0, 200);
        }
    })
    .await;
    row("logins / hashes", measured, limit);
}

/// An authenticated read adds a signature check and a look into memory to a bare request.
async fn reads(service: &Service) {
    let token = &service.patient("reader").await;
    let limit = rate(|_| async {
        assert_eq!(service.get("/health", token).await, 200);
    })
    .await;
    let measured = rate(|_| async {
        assert_eq!(service.get("/users/me", token).await, 200);
    })
    .await;
    row("GET /users/me / GET /health", measured, limit);
}

/// A registration with a hash that costs nothing, beside bare writes: how many writes it is worth.
async fn registrations() {
    let cheap = Argon2 {
        memory_kib: 64,
        iterations: 1,
        parallelism: 1,
    };
    let service = &Service::start(cheap).await;
    let rows = &service.app.store.raw("bench");
    let limit = rate(|turn| async move {
        let row = doc! { "_id": turn.to_string(), "text": "x".repeat(200) };
        rows.insert_one(row).await.unwrap();
    })
    .await;
    let measured = rate(|turn| async move {
        let (status, answer) = service
            .post("/auth/register", &registration(&format!("new{turn}")))
            .await;
        assert_eq!(status, 200, "{answer}");
    })
    .await;
    row("registrations / single writes", measured, limit);
}

/// Interleaved, so that whatever else the machine does falls on both alike.
async fn unknown_or_wrong(service: &Service) {
    let (mut unknown, mut wrong) = (Vec::new(), Vec::new());
    for turn in 0..PAIRS {
        let nobody = json!({ "username": format!("nobody{turn}"), "password": "not the password" });
        let jane = json!({ "username": "jane", "password": "not the password" });
        // Neither is always the first.
        if turn % 2 == 0 {
            unknown.push(timed(service, &nobody).await);
            wrong.push(timed(service, &jane).await);
        } else {
            wrong.push(timed(service, &jane).await);
            unknown.push(timed(service, &nobody).await);
        }
    }
    let z = rank_test(&unknown, &wrong);
    let (unknown, wrong) = (median(&mut unknown), median(&mut wrong));
    println!("\nENUM-2: {PAIRS} logins each, interleaved, one at a time");
    println!("unknown name    median {unknown:.2} ms");
    println!(
        "wrong password  median {wrong:.2} ms   ratio {:.3}",
        unknown / wrong
    );
    println!("rank test (Mann-Whitney)  z = {z:.2} (beyond 2.58 either way: told apart, p < 0.01)");
}

async fn timed(service: &Service, body: &Value) -> f64 {
    let begun = Instant::now();
    assert_eq!(service.post("/auth/login", body).await.0, 401);
    begun.elapsed().as_secs_f64() * 1000.0
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The normal approximation of the Mann-Whitney U test; 0: as often above as below.
fn rank_test(one: &[f64], other: &[f64]) -> f64 {
    let wins: f64 = one
        .iter()
        .flat_map(|a| other.iter().map(move |b| a.total_cmp(b)))
        .map(|order| match order {
            std::cmp::Ordering::Greater => 1.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Less => 0.0,
        })
        .sum();
    let count = |times: &[f64]| f64::from(u32::try_from(times.len()).unwrap());
    let (n, m) = (count(one), count(other));
    (wins - n * m / 2.0) / (n * m * (n + m + 1.0) / 12.0).sqrt()
}
