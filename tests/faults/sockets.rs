//! Clients that send little or nothing. They do not slow other clients down, and their connections are closed (WEB-10).

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Semaphore,
};

use crate::{
    Plan,
    it::harness::{Installation, Process},
    people::{logged_in, me, patient, with_codes},
};

const SLOW_HEADERS: usize = 500;
const SLOW_BODIES: usize = 200;
const IDLE: usize = 1000;
/// The longest time that a normal request may take meanwhile.
const WITHIN: Duration = Duration::from_millis(500);
/// The pause of a slow client between two bytes.
const DRIP: Duration = Duration::from_millis(500);
/// How much later than its limit a connection may end, because 1,700 connections end at the same time.
const SLACK: Duration = Duration::from_secs(4);

struct Limits {
    header: u64,
    request: u64,
    keep_alive: u64,
}

pub(crate) async fn run(plan: Plan) -> String {
    let limits = if plan.short {
        Limits {
            header: 3,
            request: 6,
            keep_alive: 9,
        }
    } else {
        Limits {
            header: 10,
            request: 30,
            keep_alive: 60,
        }
    };
    let service = |key: &str| format!("CLINIC_AUTH__SERVICE__{key}_SECONDS");
    let home = with_codes(Installation::new())
        .with(&service("HEADER_TIMEOUT"), &limits.header.to_string())
        .with(&service("REQUEST_TIMEOUT"), &limits.request.to_string())
        .with(&service("KEEP_ALIVE"), &limits.keep_alive.to_string());
    let process = Arc::new(home.serve_ready().await);
    patient(&process, "jane").await;

    let until = Instant::now() + Duration::from_secs(limits.keep_alive) + SLACK;
    let normal = tokio::spawn(normal_requests(Arc::clone(&process), until));
    let address = process.address().to_owned();
    let slow_headers =
        open_connections(&address, SLOW_HEADERS, Behaviour::SlowHeader, limits.header);
    let slow_bodies = open_connections(&address, SLOW_BODIES, Behaviour::SlowBody, limits.request);
    let idle = open_connections(&address, IDLE, Behaviour::Idle, limits.keep_alive);
    let (slow_headers, slow_bodies, idle) = tokio::join!(slow_headers, slow_bodies, idle);
    let (requests, slowest) = normal.await.unwrap();
    assert!(slowest < WITHIN, "the slowest normal request: {slowest:?}");
    format!(
        "closed at the latest: {SLOW_HEADERS} slow headers after {slow_headers:.1?} (limit {} s), {SLOW_BODIES} slow bodies \
         after {slow_bodies:.1?} ({} s), {IDLE} idle after {idle:.1?} ({} s); {requests} normal requests, slowest {slowest:.0?}",
        limits.header, limits.request, limits.keep_alive
    )
}

/// Sends logins and reads profiles until `until`. Returns the number of requests and the slowest time.
async fn normal_requests(process: Arc<Process>, until: Instant) -> (usize, Duration) {
    let (mut requests, mut slowest) = (0, Duration::ZERO);
    while Instant::now() < until {
        let begin = Instant::now();
        let token = logged_in(&process, "jane").await.token();
        slowest = slowest.max(begin.elapsed());
        for _ in 0..8 {
            let begin = Instant::now();
            me(&process, &token).await.expect(200);
            slowest = slowest.max(begin.elapsed());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        requests += 9;
    }
    (requests, slowest)
}

#[derive(Clone, Copy)]
enum Behaviour {
    SlowHeader,
    SlowBody,
    Idle,
}

/// Opens `count` connections. Each must end within `limit` seconds. Returns the longest time.
async fn open_connections(
    address: &str,
    count: usize,
    behaviour: Behaviour,
    limit: u64,
) -> Duration {
    // Limits parallel connects, because this scenario does not test the system's queue of new connections.
    let connecting = Semaphore::new(50);
    let clients = (0..count).map(|_| async {
        let permit = connecting.acquire().await.unwrap();
        let mut stream = TcpStream::connect(address).await.unwrap();
        drop(permit);
        let begin = Instant::now();
        wait_for_close(&mut stream, behaviour).await;
        begin.elapsed()
    });
    let longest = join_all(clients).await.into_iter().max().unwrap();
    let most = Duration::from_secs(limit) + SLACK;
    assert!(
        longest <= most,
        "kept for {longest:?}, the limit is {limit} s"
    );
    longest
}

/// Waits until the server closes the connection.
async fn wait_for_close(stream: &mut TcpStream, behaviour: Behaviour) {
    let begin: &[u8] = match behaviour {
        Behaviour::SlowHeader => b"GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        Behaviour::SlowBody => {
            b"POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
        }
        Behaviour::Idle => b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n",
    };
    if stream.write_all(begin).await.is_err() {
        return;
    }
    let mut bytes = [0; 4096];
    loop {
        let drip = async {
            match behaviour {
                Behaviour::Idle => std::future::pending().await,
                Behaviour::SlowHeader | Behaviour::SlowBody => tokio::time::sleep(DRIP).await,
            }
        };
        tokio::select! {
            read = stream.read(&mut bytes) => match read {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            },
            () = drip => {
                if stream.write_all(b"x").await.is_err() {
                    return;
                }
            }
        }
    }
}
