//! A client that costs little CPU time: HTTP/1.1 over kept connections, prepared requests, hardly any parsing.

use std::{
    collections::BTreeMap,
    future::Future,
    io,
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A request as bytes.
pub(crate) type Bytes = Rc<[u8]>;

/// A GET, with a bearer token or without.
pub(crate) fn get(path: &str, token: Option<&str>) -> Bytes {
    let bearer = token.map_or_else(String::new, |token| {
        format!("Authorization: Bearer {token}\r\n")
    });
    format!("GET {path} HTTP/1.1\r\nHost: bench\r\n{bearer}\r\n")
        .into_bytes()
        .into()
}

/// A POST of JSON, with a bearer token or without.
pub(crate) fn post(path: &str, token: Option<&str>, body: &Value) -> Bytes {
    request("POST", path, token, body)
}

/// A request with a JSON body, or without one if it is null.
pub(crate) fn request(method: &str, path: &str, token: Option<&str>, body: &Value) -> Bytes {
    let bearer = token.map_or_else(String::new, |token| {
        format!("Authorization: Bearer {token}\r\n")
    });
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    format!(
        "{method} {path} HTTP/1.1\r\nHost: bench\r\n{bearer}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
    .into()
}

/// An answer of the service.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: bool,
    body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A connection that opens at its first request, and again after the server has closed it.
pub(crate) struct Connection {
    address: SocketAddr,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) const fn to(address: SocketAddr) -> Self {
        Self {
            address,
            stream: None,
            buffer: Vec::new(),
        }
    }

    pub(crate) async fn send(&mut self, request: &[u8]) -> io::Result<Answer> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => TcpStream::connect(self.address).await?,
        };
        stream.set_nodelay(true)?;
        stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some((answer, keep)) = parse(&self.buffer) {
                self.stream = keep.then_some(stream);
                return Ok(answer);
            }
        }
    }
}

/// Returns the answer and whether its connection stays open. `None` if the answer is not complete yet.
fn parse(bytes: &[u8]) -> Option<(Answer, bool)> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = str::from_utf8(&bytes[..end]).ok()?;
    let value = |name: &str| {
        let line = head.lines().find(|line| {
            line.len() > name.len() && line[..name.len()].eq_ignore_ascii_case(name)
        })?;
        line[name.len()..].strip_prefix(':').map(str::trim)
    };
    let length: usize = value("content-length")?.parse().ok()?;
    let body = bytes.get(end..end + length)?;
    let answer = Answer {
        status: head.get(9..12)?.parse().ok()?,
        retry_after: value("retry-after").is_some(),
        body: body.to_vec(),
    };
    Some((answer, value("connection") != Some("close")))
}

/// What a load measured.
#[derive(Default)]
pub(crate) struct Measured {
    pub(crate) seconds: f64,
    pub(crate) statuses: BTreeMap<u16, u64>,
    /// Microseconds of each answer.
    latencies: Vec<u32>,
    /// How many requests got no answer, or a status of 500 or above without `Retry-After`.
    pub(crate) failures: u64,
}

impl Measured {
    pub(crate) fn note(&mut self, answer: &io::Result<Answer>, began: Instant) {
        let status = answer.as_ref().map_or(0, |answer| answer.status);
        *self.statuses.entry(status).or_default() += 1;
        if !answer
            .as_ref()
            .is_ok_and(|answer| answer.status < 500 || answer.retry_after)
        {
            self.failures += 1;
        }
        let micros = u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX);
        self.latencies.push(micros);
    }

    fn take(&mut self, other: Self) {
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        self.latencies.extend(other.latencies);
        self.failures += other.failures;
    }

    pub(crate) fn count_of(&self, status: u16) -> f64 {
        let count = self.statuses.get(&status).copied().unwrap_or_default();
        f64::from(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Answers of 200 per second.
    pub(crate) fn rate(&self) -> f64 {
        self.count_of(200) / self.seconds
    }

    /// A percentile: this share of the answers took at most that number of milliseconds.
    pub(crate) fn within(&mut self, share: f64) -> f64 {
        self.latencies.sort_unstable();
        let count = f64::from(u32::try_from(self.latencies.len()).unwrap_or(u32::MAX));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an index of a list"
        )]
        let index = (count * share) as usize;
        let latency = self.latencies.get(index.min(self.latencies.len() - 1));
        f64::from(*latency.unwrap_or(&u32::MAX)) / 1000.0
    }

    /// Ends the run if an answer was not 200.
    pub(crate) fn expect_all_200(self, what: &str) -> Self {
        let others: Vec<_> = self.statuses.iter().filter(|(s, _)| **s != 200).collect();
        assert!(others.is_empty(), "{what}: {others:?}");
        self
    }
}

/// Sends the requests that `next` returns. Each connection sends the next one as soon as it has the last answer.
pub(crate) async fn load(
    address: SocketAddr,
    connections: usize,
    span: Duration,
    next: impl Fn(usize) -> Bytes,
) -> Measured {
    let (began, next) = (Instant::now(), &next);
    let clients = (0..connections).map(|client| async move {
        let (mut measured, mut connection) = (Measured::default(), Connection::to(address));
        let mut index = client;
        while began.elapsed() < span {
            let request = next(index);
            let sent = Instant::now();
            let answer = connection.send(&request).await;
            measured.note(&answer, sent);
            index += connections;
        }
        measured
    });
    let mut all = Measured::default();
    for measured in futures_util::future::join_all(clients).await {
        all.take(measured);
    }
    all.seconds = began.elapsed().as_secs_f64();
    all
}

/// How often `step` is done per second, with `at_a_time` workers.
pub(crate) async fn rate<F: Future<Output = ()>>(
    at_a_time: usize,
    span: Duration,
    step: impl Fn(usize) -> F,
) -> f64 {
    let (began, step) = (Instant::now(), &step);
    let workers = (0..at_a_time).map(|worker| async move {
        let mut done = 0_u32;
        while began.elapsed() < span {
            step(worker).await;
            done += 1;
        }
        f64::from(done)
    });
    let done: f64 = futures_util::future::join_all(workers).await.iter().sum();
    done / began.elapsed().as_secs_f64()
}
