//! Measures what the machine can do at most, in the same run: a bare route, hashes, look-ups.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use argon2::{Algorithm, Argon2, Params, Version};
use bson::doc;
use clinic_auth::config::sections;
use identity::store::Store;
use poem::{
    EndpointExt, Route,
    listener::{Acceptor, Listener, TcpListener},
};
use poem_openapi::{Object, OpenApi, OpenApiService, payload::Json};

use super::client::rate;

/// The first argument that makes this program serve [`bare`].
pub(crate) const BARE: &str = "bare-route";

#[derive(Object)]
struct Health {
    status: String,
    service: String,
    version: String,
    uptime_seconds: u64,
}

struct Bare;

#[OpenApi]
impl Bare {
    /// The same answer as the service's own, with nothing around it.
    #[oai(path = "/health", method = "get")]
    #[expect(
        clippy::unused_async,
        reason = "what the framework calls a handler is async"
    )]
    async fn health(&self) -> Json<Health> {
        Json(Health {
            status: "healthy".to_owned(),
            service: "clinic-auth".to_owned(),
            version: "0.1.0".to_owned(),
            uptime_seconds: 1,
        })
    }
}

/// Serves a poem-openapi route without the code of the service, until the process is killed.
pub(crate) fn bare() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0");
        let acceptor = listener.into_acceptor().await.unwrap();
        let addresses = acceptor.local_addr();
        println!("{}", addresses[0].as_socket_addr().unwrap());
        let routes = Route::new().nest("/", OpenApiService::new(Bare, "bare", "1"));
        let server = poem::Server::new_with_acceptor(acceptor);
        server.run(routes.boxed()).await.unwrap();
    });
}

/// The bare route in its own process, which ends when this is dropped.
pub(crate) struct BareRoute(Child, pub(crate) SocketAddr);

impl BareRoute {
    pub(crate) async fn start() -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg(BARE)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line.trim().parse().unwrap();
        while tokio::net::TcpStream::connect(address).await.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Self(child, address)
    }
}

impl Drop for BareRoute {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Argon2id hashes per second at the default cost, with one thread per core and no other work.
pub(crate) fn hashes(span: Duration) -> f64 {
    let cost = sections::Argon2::default();
    let params = Params::new(cost.memory_kib, cost.iterations, cost.parallelism, Some(32)).unwrap();
    let (done, over) = (AtomicU32::new(0), AtomicBool::new(false));
    let began = Instant::now();
    thread::scope(|scope| {
        for _ in 0..cores() {
            scope.spawn(|| {
                let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
                let mut tag = [0; 32];
                while !over.load(Ordering::Relaxed) {
                    argon2
                        .hash_password_into(b"correct horse battery", &[7; 16], &mut tag)
                        .unwrap();
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        thread::sleep(span);
        over.store(true, Ordering::Relaxed);
    });
    f64::from(done.into_inner()) / began.elapsed().as_secs_f64()
}

pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, Into::into)
}

/// Look-ups by `_id` per second with the driver alone.
pub(crate) async fn find_one(store: &Store, at_a_time: usize, span: Duration) -> f64 {
    let rows = &store.raw("bench_rows");
    let row = doc! { "_id": "row", "text": "x".repeat(300) };
    rows.insert_one(row).await.unwrap();
    rate(at_a_time, span, |_| async {
        let found = rows.find_one(doc! { "_id": "row" }).await.unwrap();
        assert!(found.is_some());
    })
    .await
}
