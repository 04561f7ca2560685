//! Clients that say little or nothing: others do not notice, and they are shown the door (WEB-10).

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
    it::harness::{Home, Process},
    people::{logged_in, me, patient, with_codes},
};

const SLOW_HEADERS: usize = 500;
const SLOW_BODIES: usize = 200;
const IDLE: usize = 1000;
/// What a normal request may take meanwhile.
const WITHIN: Duration = Duration::from_millis(500);
/// A slow client sends a byte this often.
const DRIP: Duration = Duration::from_millis(500);
/// How much later than its limit a connection may end: seventeen hundred end at once.
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
    let home = with_codes(Home::new())
        .with(&service("HEADER_TIMEOUT"), &limits.header.to_string())
        .with(&service("REQUEST_TIMEOUT"), &limits.request.to_string())
        .with(&service("KEEP_ALIVE"), &limits.keep_alive.to_string());
    let process = Arc::new(home.serve_ready().await);
    patient(&process, "jane").await;

    let until = Instant::now() + Duration::from_secs(limits.keep_alive) + SLACK;
    let normal = tokio::spawn(normal_requests(Arc::clone(&process), until));
    let address = process.address().to_owned();
    let slow_headers = crowd(&address, SLOW_HEADERS, Manner::SlowHeader, limits.header);
    let slow_bodies = crowd(&address, SLOW_BODIES, Manner::SlowBody, limits.request);
    let idle = crowd(&address, IDLE, Manner::Idle, limits.keep_alive);
    let (slow_headers, slow_bodies, idle) = tokio::join!(slow_headers, slow_bodies, idle);
    let (requests, slowest) = normal.await.unwrap();
    assert!(slowest < WITHIN, "the slowest normal request: {slowest:?}");
    format!(
        "closed at the latest: {SLOW_HEADERS} slow headers after {slow_headers:.1?} (limit {} s), {SLOW_BODIES} slow bodies \
         after {slow_bodies:.1?} ({} s), {IDLE} idle after {idle:.1?} ({} s); {requests} normal requests, slowest {slowest:.0?}",
        limits.header, limits.request, limits.keep_alive
    )
}

/// A log-in and profiles, one after the other, until then: how many, and the slowest.
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
enum Manner {
    SlowHeader,
    SlowBody,
    Idle,
}

/// Opens so many connections; how long the last one was kept. Each must end by `limit` seconds.
async fn crowd(address: &str, count: usize, manner: Manner, limit: u64) -> Duration {
    // The system's queue of new connections is not what is looked at.
    let door = Semaphore::new(50);
    let guests = (0..count).map(|_| async {
        let passing = door.acquire().await.unwrap();
        let mut stream = TcpStream::connect(address).await.unwrap();
        drop(passing);
        let begin = Instant::now();
        stays(&mut stream, manner).await;
        begin.elapsed()
    });
    let longest = join_all(guests).await.into_iter().max().unwrap();
    let most = Duration::from_secs(limit) + SLACK;
    assert!(
        longest <= most,
        "kept for {longest:?}, the limit is {limit} s"
    );
    longest
}

/// Until the server closes the connection.
async fn stays(stream: &mut TcpStream, manner: Manner) {
    let begin: &[u8] = match manner {
        Manner::SlowHeader => b"GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        Manner::SlowBody => {
            b"POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
        }
        Manner::Idle => b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n",
    };
    if stream.write_all(begin).await.is_err() {
        return;
    }
    let mut bytes = [0; 4096];
    loop {
        let drip = async {
            match manner {
                Manner::Idle => std::future::pending().await,
                Manner::SlowHeader | Manner::SlowBody => tokio::time::sleep(DRIP).await,
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
