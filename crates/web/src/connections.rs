//! The connections of clients: an accept loop over hyper's HTTP/1, with the limits that poem's server does not have
//! (WEB-10), and a shutdown that lets running requests finish (LIFE-1).

mod silent;
mod stream;

use std::{
    convert::Infallible,
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use hyper::{
    Response,
    body::{Body, Frame, SizeHint},
    header::CONNECTION,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use poem::{
    Endpoint,
    http::uri::Scheme,
    web::{LocalAddr, RemoteAddr},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{
    silent::{SilentConnection, SilentConnections},
    stream::{Limits, Progress, RequestGuard, Stream},
};
use crate::settings;
use kernel::networks::Networks;

/// The smallest buffer that hyper allows.
const SMALLEST_BUFFER: usize = 8192;

/// The pause after the system lacked a resource for a connection, such as a file descriptor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Calls `endpoint` for each request that arrives on `listener`, until `shutdown` is ready.
///
/// After that, no connection is accepted. Running requests have `limits.shutdown_seconds` to finish; those that do not
/// finish by then are dropped. The function returns when the last connection has ended.
///
/// `limits` contains the number of connections, the times for keep-alive, headers and stalled clients, and the size of
/// a request's headers. The endpoint limits the time and the size of bodies. The number of silent connections is not
/// limited for proxies that are `trusted`.
pub async fn serve<E>(
    listener: TcpListener,
    endpoint: E,
    limits: &settings::Service,
    trusted: Networks,
    shutdown: impl Future<Output = ()>,
) where
    E: Endpoint + 'static,
{
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(limits.keep_alive_seconds))
        .max_header_size(limits.header_limit_bytes)
        .max_buf_size(limits.header_limit_bytes.max(SMALLEST_BUFFER));
    let server = Server {
        endpoint,
        http,
        limits: Limits {
            headers: Duration::from_secs(limits.header_timeout_seconds),
            stalled: Duration::from_secs(limits.request_timeout_seconds),
        },
    };
    let connections = Connections {
        server: Arc::new(server),
        permits: Arc::new(Semaphore::new(limits.max_connections)),
        silent: SilentConnections::new(limits.max_silent_per_address, trusted),
        tasks: TaskTracker::new(),
        finish: CancellationToken::new(),
        drop: CancellationToken::new(),
    };
    tokio::select! {
        biased;
        () = shutdown => {}
        () = connections.accept(&listener) => {}
    }
    drop(listener);
    let time_limit = Duration::from_secs(limits.shutdown_seconds);
    connections.end(time_limit).await;
}

/// The values that all connections share.
struct Server<E> {
    endpoint: E,
    http: http1::Builder,
    limits: Limits,
}

/// The permit of an open connection. Each request of the connection has a copy. An operation that continues after its
/// client has disconnected keeps the copy, so that the limit of connections counts such operations too.
#[derive(Debug, Clone)]
pub struct ConnectionPermit(
    #[expect(dead_code, reason = "held for its drop")] Arc<OwnedSemaphorePermit>,
);

struct Connections<E> {
    server: Arc<Server<E>>,
    permits: Arc<Semaphore>,
    silent: Arc<SilentConnections>,
    tasks: TaskTracker,
    /// Tells each connection to end after its running request.
    finish: CancellationToken,
    /// Tells each connection to end at once.
    drop: CancellationToken,
}

impl<E: Endpoint + 'static> Connections<E> {
    /// Accepts connections and never returns. When all permits are in use, new clients wait in the system's queue.
    async fn accept(&self, listener: &TcpListener) {
        while let Ok(permit) = Arc::clone(&self.permits).acquire_owned().await {
            match listener.accept().await {
                Ok((socket, peer)) => self.spawn(socket, peer, permit),
                Err(error) if concerns_one_client(&error) => {}
                Err(error) => {
                    // Without a pause, the loop would use a whole core while descriptors are missing.
                    tracing::warn!(%error, "connections cannot be accepted at the moment");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn spawn(&self, socket: TcpStream, peer: SocketAddr, permit: OwnedSemaphorePermit) {
        let (server, permit) = (Arc::clone(&self.server), ConnectionPermit(Arc::new(permit)));
        let (finish, drop) = (self.finish.clone(), self.drop.clone());
        let silent = self.silent.begin(peer.ip());
        let ended = silent.as_ref().map(|silent| silent.ended.clone());
        let ended = ended.unwrap_or_default();
        self.tasks.spawn(async move {
            tokio::select! {
                biased;
                () = drop.cancelled() => {}
                () = ended.cancelled() => {}
                () = serve_connection(server, socket, peer, permit, silent, finish) => {}
            }
        });
    }

    async fn end(self, time_limit: Duration) {
        self.finish.cancel();
        self.tasks.close();
        if timeout(time_limit, self.tasks.wait()).await.is_err() {
            tracing::warn!(
                connections = self.tasks.len(),
                "requests did not finish in time and were dropped"
            );
            self.drop.cancel();
            self.tasks.wait().await;
        }
    }
}

/// Whether an error of `accept` is about one client and not about this machine.
fn concerns_one_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

async fn serve_connection<E: Endpoint + 'static>(
    server: Arc<Server<E>>,
    socket: TcpStream,
    peer: SocketAddr,
    permit: ConnectionPermit,
    silent: Option<SilentConnection>,
    finish: CancellationToken,
) {
    let Ok(local) = socket.local_addr() else {
        return; // The client has disconnected.
    };
    let _ = socket.set_nodelay(true); // Without this, answers are only slower.
    let progress = Arc::new(Progress::new(silent));
    let stream = Stream::new(socket, Arc::clone(&progress), server.limits);
    let service = {
        let server = Arc::clone(&server);
        service_fn(move |request| {
            let (server, guard) = (Arc::clone(&server), progress.begin());
            let addresses = (LocalAddr(local.into()), RemoteAddr(peer.into()));
            let request = (request, addresses.0, addresses.1, Scheme::HTTP);
            let mut request = poem::Request::from(request);
            request.extensions_mut().insert(permit.clone());
            async move { Ok::<_, Infallible>(answer(&server.endpoint, request, guard).await) }
        })
    };
    let connection = server.http.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = finish.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended early");
    }
}

async fn answer<E: Endpoint>(
    endpoint: &E,
    request: poem::Request,
    guard: RequestGuard,
) -> Response<impl Body<Data = hyper::body::Bytes, Error = io::Error> + use<E>> {
    let response = endpoint.get_response(request).await;
    let connection = response.headers().get(CONNECTION);
    if connection.is_some_and(|value| value == "close") {
        guard.closing();
    }
    Response::from(response).map(|body| Answer {
        body,
        _guard: guard,
    })
}

/// The body of an answer. The request ends when hyper has sent the body and drops it.
struct Answer<B> {
    body: B,
    _guard: RequestGuard,
}

impl<B: Body + Unpin> Body for Answer<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests;
