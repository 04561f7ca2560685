//! A client's connection with the time limits that hyper does not have (WEB-10).
//!
//! hyper has one timer. It runs from the end of an answer to the end of the next request's headers, so it serves as the
//! keep-alive limit. This wrapper adds a shorter limit for the headers, from their first byte on; the same limit for
//! the first byte of a connection (WEB-13); and a limit for a client that does not read its answer. When a connection
//! closes while its client is still sending, the wrapper lets the client read the answer first.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};

use crate::connections::silent::SilentConnection;
use kernel::helpers::lock;

/// How long a client that is still sending when its connection ends may read the answer.
const LINGER: Duration = Duration::from_secs(2);

/// The state that the connection's service reports to its stream.
#[derive(Default)]
pub(crate) struct Progress {
    /// Even while the connection waits for a request's headers, odd while a request is answered.
    phase: AtomicUsize,
    /// The connection ends with this answer, perhaps before the request was read completely.
    closing: AtomicBool,
    /// Set until the first request.
    silent: Mutex<Option<SilentConnection>>,
}

impl Progress {
    /// The state before anything has arrived.
    pub(crate) fn new(silent: Option<SilentConnection>) -> Self {
        Self {
            silent: Mutex::new(silent),
            ..Self::default()
        }
    }

    /// Records that a request has arrived. It lasts until the returned value is dropped.
    pub(crate) fn begin(self: &Arc<Self>) -> RequestGuard {
        let silent = lock(&self.silent).take();
        drop(silent);
        self.phase.fetch_add(1, Ordering::Relaxed);
        RequestGuard(Arc::clone(self))
    }
}

/// The time from the end of a request's headers to the last byte of its answer.
pub(crate) struct RequestGuard(Arc<Progress>);

impl RequestGuard {
    /// Records that the connection ends with this answer.
    pub(crate) fn closing(&self) {
        self.0.closing.store(true, Ordering::Relaxed);
    }
}

impl Drop for RequestGuard {
    fn drop(&mut self) {
        self.0.phase.fetch_add(1, Ordering::Relaxed);
    }
}

/// The time limits of a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// From the first byte of a request to the end of its headers, and until the first byte of a connection.
    pub(crate) headers: Duration,
    /// How long the client may read no byte of the answer.
    pub(crate) stalled: Duration,
}

/// The socket with its limits.
pub(crate) struct Stream {
    socket: TcpStream,
    progress: Arc<Progress>,
    limits: Limits,
    /// The timer until the first byte of the connection.
    first: Option<Pin<Box<Sleep>>>,
    /// The timer of headers that arrive, with the phase in which it was started.
    headers: Option<(usize, Pin<Box<Sleep>>)>,
    /// The timer of a client that reads no byte.
    stalled: Option<Pin<Box<Sleep>>>,
    /// The timer that starts when our end is closed.
    linger: Option<Pin<Box<Sleep>>>,
}

impl Stream {
    pub(crate) fn new(socket: TcpStream, progress: Arc<Progress>, limits: Limits) -> Self {
        Self {
            socket,
            progress,
            limits,
            first: Some(Box::pin(sleep(limits.headers))),
            headers: None,
            stalled: None,
            linger: None,
        }
    }

    /// Lets a write wait for the client, but not longer than the limit.
    fn bounded<T>(
        &mut self,
        cx: &mut Context<'_>,
        write: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if write.is_ready() {
            self.stalled = None;
            return write;
        }
        let limit = self.limits.stalled;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(stalled.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Whether the client may still be sending. If the socket were closed before its bytes are read, the connection
    /// would be reset, and the client would lose the answer.
    fn may_be_sending(&self) -> bool {
        self.headers.is_some() || self.progress.closing.load(Ordering::Relaxed)
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let phase = self.progress.phase.load(Ordering::Relaxed);
        let headers = self.headers.take();
        self.headers = headers.filter(|(started, _)| *started == phase);
        let this = &mut *self;
        let headers = this.headers.as_mut().map(|(_, limit)| limit);
        if let Some(limit) = headers.or(this.first.as_mut())
            && limit.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.socket).poll_read(cx, buf))?;
        if buf.filled().len() > before {
            self.first = None;
            if phase.is_multiple_of(2) && self.headers.is_none() {
                self.headers = Some((phase, Box::pin(sleep(self.limits.headers))));
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let write = Pin::new(&mut self.socket).poll_write(cx, bytes);
        self.bounded(cx, write)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let write = Pin::new(&mut self.socket).poll_write_vectored(cx, slices);
        self.bounded(cx, write)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.linger.is_none() {
            ready!(Pin::new(&mut self.socket).poll_shutdown(cx))?;
            if !self.may_be_sending() {
                return Poll::Ready(Ok(()));
            }
        }
        let linger = self.linger.get_or_insert_with(|| Box::pin(sleep(LINGER)));
        if linger.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Ok(()));
        }
        let mut scratch = [0; 4096];
        loop {
            let mut buf = ReadBuf::new(&mut scratch);
            match ready!(Pin::new(&mut self.socket).poll_read(cx, &mut buf)) {
                Ok(()) if !buf.filled().is_empty() => {}
                _ => return Poll::Ready(Ok(())),
            }
        }
    }
}
