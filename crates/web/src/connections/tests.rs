//! Tests of connections: limits and shutdown.

use poem::{Request, Response, endpoint::make};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::{Notify, oneshot},
    task::JoinHandle,
};

use super::*;

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

struct Running {
    address: SocketAddr,
    /// Notified when the endpoint has a request of `/wait`.
    arrived: Arc<Notify>,
    /// Lets the endpoint answer `/wait`.
    release: Arc<Notify>,
    shutdown: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

async fn start(limits: settings::Service) -> Running {
    start_behind(&[], limits).await
}

async fn start_behind(proxies: &[&str], limits: settings::Service) -> Running {
    let proxies: Vec<_> = proxies.iter().map(ToString::to_string).collect();
    let trusted = Networks::parse("proxies", &proxies).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (arrived, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (shutdown, signal) = oneshot::channel::<()>();
    let signals = (Arc::clone(&arrived), Arc::clone(&release));
    let endpoint = make(move |request: Request| {
        let (arrived, release) = (Arc::clone(&signals.0), Arc::clone(&signals.1));
        async move {
            if request.uri().path() == "/wait" {
                arrived.notify_one();
                release.notified().await;
            }
            let response = Response::builder();
            if request.uri().path() == "/refuse" {
                return response.header(CONNECTION, "close").body("refused");
            }
            response.body("hello")
        }
    });
    let task = tokio::spawn(async move {
        let shutdown = async { drop(signal.await) };
        serve(listener, endpoint, &limits, trusted, shutdown).await;
    });
    Running {
        address,
        arrived,
        release,
        shutdown,
        task,
    }
}

fn limits() -> settings::Service {
    settings::Service {
        header_timeout_seconds: 1,
        ..settings::Service::default()
    }
}

async fn connect(server: &Running) -> TcpStream {
    TcpStream::connect(server.address).await.unwrap()
}

async fn greeted(stream: &mut TcpStream, request: &[u8]) -> bool {
    stream.write_all(request).await.unwrap();
    let mut text = Vec::new();
    while !text.ends_with(b"hello") {
        if stream.read_buf(&mut text).await.unwrap() == 0 {
            return false;
        }
    }
    true
}

/// Waits until the server has closed the connection without an answer.
async fn closed(stream: &mut TcpStream) -> bool {
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.is_err() || rest.is_empty()
}

#[tokio::test]
async fn slow_headers_end_a_connection_but_an_idle_pause_does_not() {
    let server = start(limits()).await;
    let mut patient = connect(&server).await;
    assert!(greeted(&mut patient, REQUEST).await);
    let mut slow = connect(&server).await;
    slow.write_all(b"GET / HTTP/1.1\r\nHos").await.unwrap();
    assert!(closed(&mut slow).await);
    assert!(greeted(&mut patient, REQUEST).await); // Idle for longer than headers may take.
}

#[tokio::test]
async fn the_time_limit_of_headers_holds_for_a_second_request() {
    let server = start(limits()).await;
    let mut slow = connect(&server).await;
    assert!(greeted(&mut slow, REQUEST).await);
    slow.write_all(b"GET /").await.unwrap();
    assert!(closed(&mut slow).await);
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_keep_alive() {
    let server = start(settings::Service {
        keep_alive_seconds: 1,
        ..limits()
    })
    .await;
    let mut idle = connect(&server).await;
    assert!(greeted(&mut idle, REQUEST).await);
    assert!(closed(&mut idle).await);
}

#[tokio::test]
async fn a_client_that_is_still_sending_can_read_its_refusal() {
    let server = start(limits()).await;
    let body = "POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nx".to_owned();
    let headers = format!("GET / HTTP/1.1\r\nX-Long: {}", "x".repeat(20_000));
    for (request, status) in [(body, "200"), (headers, "431")] {
        let mut stream = connect(&server).await;
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer[9..].starts_with(status), "{answer}");
        // If the socket had been closed at once, the first of these writes would be answered by a reset.
        for _ in 0..2 {
            stream.write_all(&[b'x'; 1000]).await.unwrap();
        }
    }
}

#[tokio::test]
async fn at_the_limit_a_client_waits_for_a_free_connection() {
    let server = start(settings::Service {
        max_connections: 1,
        ..limits()
    })
    .await;
    let mut first = connect(&server).await;
    assert!(greeted(&mut first, REQUEST).await);
    let mut second = connect(&server).await;
    second.write_all(REQUEST).await.unwrap();
    assert!(greeted(&mut first, REQUEST).await);
    let before_the_release = second.try_read(&mut [0; 1]);
    assert_eq!(
        before_the_release.unwrap_err().kind(),
        io::ErrorKind::WouldBlock
    );
    drop(first);
    assert!(greeted(&mut second, b"").await);
}

#[tokio::test]
async fn shutdown_finishes_running_requests_and_accepts_no_new_ones() {
    let server = start(limits()).await;
    let mut idle = connect(&server).await;
    assert!(greeted(&mut idle, REQUEST).await);
    let mut running = connect(&server).await;
    running
        .write_all(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    server.arrived.notified().await;
    server.shutdown.send(()).unwrap();
    assert!(closed(&mut idle).await);
    assert!(TcpStream::connect(server.address).await.is_err());
    server.release.notify_one();
    assert!(greeted(&mut running, b"").await);
    server.task.await.unwrap();
}

#[tokio::test]
async fn shutdown_drops_requests_that_do_not_finish() {
    let server = start(settings::Service {
        shutdown_seconds: 0,
        ..limits()
    })
    .await;
    let mut stuck = connect(&server).await;
    stuck
        .write_all(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    server.arrived.notified().await;
    server.shutdown.send(()).unwrap();
    server.task.await.unwrap();
    assert!(closed(&mut stuck).await);
}

/// Whether the connection is closed soon. The time is far below every other limit of these tests.
async fn closed_soon(stream: &mut TcpStream) -> bool {
    let time_limit = Duration::from_secs(10);
    timeout(time_limit, closed(stream)).await.unwrap_or(false)
}

// WEB-13
#[tokio::test]
async fn the_first_byte_has_the_time_limit_of_headers() {
    let server = start(limits()).await;
    let mut silent = connect(&server).await;
    let mut late = connect(&server).await;
    assert!(greeted(&mut connect(&server).await, REQUEST).await);
    late.write_all(b"GET").await.unwrap();
    for stream in [&mut silent, &mut late] {
        assert!(closed_soon(stream).await);
    }
}

/// Limits that allow two silent connections, which may be silent for minutes.
fn two_silent() -> settings::Service {
    settings::Service {
        max_silent_per_address: 2,
        header_timeout_seconds: 600,
        ..settings::Service::default()
    }
}

// WEB-13
#[tokio::test]
async fn one_more_silent_connection_closes_the_oldest_of_its_address() {
    let server = start(two_silent()).await;
    let mut first = connect(&server).await;
    first.write_all(b"GET / HTTP/1.1\r\nHos").await.unwrap();
    let mut second = connect(&server).await;
    let mut third = connect(&server).await;
    assert!(closed_soon(&mut first).await);
    let mut fourth = connect(&server).await;
    assert!(closed_soon(&mut second).await);
    for stream in [&mut third, &mut fourth] {
        assert!(greeted(stream, REQUEST).await);
    }
}

// WEB-13
#[tokio::test]
async fn a_connection_that_sent_a_header_is_never_closed_as_silent() {
    let server = start(two_silent()).await;
    let mut speaking = Vec::new();
    for _ in 0..4 {
        let mut stream = connect(&server).await;
        assert!(greeted(&mut stream, REQUEST).await);
        speaking.push(stream);
    }
    let mut waiting = connect(&server).await;
    let wait = b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n";
    waiting.write_all(wait).await.unwrap();
    server.arrived.notified().await;
    let mut silent = Vec::new();
    for _ in 0..4 {
        silent.push(connect(&server).await);
    }
    for stream in &mut silent[..2] {
        assert!(closed_soon(stream).await);
    }
    for stream in speaking.iter_mut().chain(&mut silent[2..]) {
        assert!(greeted(stream, REQUEST).await);
    }
    server.release.notify_one();
    assert!(greeted(&mut waiting, b"").await);
}

// WEB-13
#[tokio::test]
async fn silent_connections_of_a_trusted_proxy_are_not_counted() {
    let server = start_behind(&["127.0.0.0/8"], two_silent()).await;
    let mut silent = Vec::new();
    for _ in 0..5 {
        silent.push(connect(&server).await);
    }
    for stream in &mut silent {
        assert!(greeted(stream, REQUEST).await);
    }
}

// LIFE-1
#[tokio::test]
async fn a_silent_connection_does_not_delay_the_shutdown() {
    let server = start(two_silent()).await;
    let mut silent = connect(&server).await;
    assert!(greeted(&mut connect(&server).await, REQUEST).await);
    server.shutdown.send(()).unwrap();
    assert!(closed_soon(&mut silent).await);
    server.task.await.unwrap();
}
