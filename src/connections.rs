//! Connections: our own accept loop over hyper's HTTP/1, with the limits that poem's server lacks
//! (WEB-10), and an end that lets running requests finish (LIFE-1).

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
    silent::{Silence, Silent},
    stream::{Limits, Progress, RequestGuard, Stream},
};
use crate::{config::sections, domain::networks::Networks};

/// hyper refuses a smaller buffer.
const SMALLEST_BUFFER: usize = 8192;

/// How long nothing is accepted after the system ran out of something, such as file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Answers requests that arrive on `listener` with `endpoint`, until `shutdown` is ready.
///
/// Then nothing is accepted any more, and the requests that are running have
/// `limits.shutdown_seconds` to finish; what is not finished by then is dropped. Ready when the last
/// connection has ended.
///
/// `limits` give the numbers of connections, the keep-alive, header and stall times, and the size of
/// a request's headers. Time and size of bodies are the endpoint's. Proxies that are `trusted` hold as many silent
/// connections as they like.
pub async fn serve<E>(
    listener: TcpListener,
    endpoint: E,
    limits: &sections::Service,
    trusted: Networks,
    shutdown: impl Future<Output = ()>,
) where
    E: Endpoint + 'static,
{
    let connections = Connections {
        server: Arc::new(Server::new(endpoint, limits)),
        permits: Arc::new(Semaphore::new(limits.max_connections)),
        silent: Silent::new(limits.max_silent_per_address, trusted),
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
    connections
        .end(Duration::from_secs(limits.shutdown_seconds))
        .await;
}

/// What all connections share.
struct Server<E> {
    endpoint: E,
    http: http1::Builder,
    limits: Limits,
}

impl<E> Server<E> {
    fn new(endpoint: E, limits: &sections::Service) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(limits.keep_alive_seconds))
            .max_header_size(limits.header_limit_bytes)
            .max_buf_size(limits.header_limit_bytes.max(SMALLEST_BUFFER));
        Self {
            endpoint,
            http,
            limits: Limits {
                headers: Duration::from_secs(limits.header_timeout_seconds),
                stalled: Duration::from_secs(limits.request_timeout_seconds),
            },
        }
    }
}

/// One of the places that connections have, with each request of a connection. Whatever goes on when the client has gone
/// keeps it, so that the bound holds for that as well.
#[derive(Debug, Clone)]
pub struct ConnectionPermit(
    #[expect(dead_code, reason = "held for its drop")] Arc<OwnedSemaphorePermit>,
);

struct Connections<E> {
    server: Arc<Server<E>>,
    permits: Arc<Semaphore>,
    silent: Arc<Silent>,
    tasks: TaskTracker,
    /// Each connection ends after its running request.
    finish: CancellationToken,
    /// Each connection ends at once.
    drop: CancellationToken,
}

impl<E: Endpoint + 'static> Connections<E> {
    /// Accepts for ever. At the cap new clients wait in the system's queue.
    async fn accept(&self, listener: &TcpListener) {
        while let Ok(permit) = Arc::clone(&self.permits).acquire_owned().await {
            match listener.accept().await {
                Ok((socket, peer)) => self.spawn(socket, peer, permit),
                Err(error) if is_of_one_client(&error) => {}
                Err(error) => {
                    // Without a pause the loop would spin for as long as descriptors are missing.
                    tracing::warn!(%error, "connections cannot be accepted at the moment");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn spawn(&self, socket: TcpStream, peer: SocketAddr, permit: OwnedSemaphorePermit) {
        let (server, place) = (Arc::clone(&self.server), ConnectionPermit(Arc::new(permit)));
        let (finish, drop) = (self.finish.clone(), self.drop.clone());
        let silence = self.silent.begin(peer.ip());
        let ended = silence.as_ref().map(Silence::ended).unwrap_or_default();
        self.tasks.spawn(async move {
            tokio::select! {
                biased;
                () = drop.cancelled() => {}
                () = ended.cancelled() => {}
                () = serve_connection(server, socket, peer, place, silence, finish) => {}
            }
        });
    }

    async fn end(self, patience: Duration) {
        self.finish.cancel();
        self.tasks.close();
        if timeout(patience, self.tasks.wait()).await.is_err() {
            tracing::warn!(
                connections = self.tasks.len(),
                "requests did not finish in time and were dropped"
            );
            self.drop.cancel();
            self.tasks.wait().await;
        }
    }
}

/// Errors of `accept` that say something about the client and nothing about us.
fn is_of_one_client(error: &io::Error) -> bool {
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
    place: ConnectionPermit,
    silence: Option<Silence>,
    finish: CancellationToken,
) {
    let Ok(local) = socket.local_addr() else {
        return; // The client has gone.
    };
    let _ = socket.set_nodelay(true); // Without it answers are only slower.
    let progress = Arc::new(Progress::new(silence));
    let stream = Stream::new(socket, Arc::clone(&progress), server.limits);
    let service = {
        let server = Arc::clone(&server);
        service_fn(move |request| {
            let (server, turn) = (Arc::clone(&server), progress.begin());
            let addresses = (LocalAddr(local.into()), RemoteAddr(peer.into()));
            let request = (request, addresses.0, addresses.1, Scheme::HTTP);
            let mut request = poem::Request::from(request);
            request.extensions_mut().insert(place.clone());
            async move { Ok::<_, Infallible>(answer(&server.endpoint, request, turn).await) }
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
    turn: RequestGuard,
) -> Response<impl Body<Data = hyper::body::Bytes, Error = io::Error> + use<E>> {
    let response = endpoint.get_response(request).await;
    if response
        .headers()
        .get(CONNECTION)
        .is_some_and(|value| value == "close")
    {
        turn.closing();
    }
    Response::from(response).map(|body| Answer { body, _turn: turn })
}

/// An answer's body; the turn ends when hyper has taken it over and drops it.
struct Answer<B> {
    body: B,
    _turn: RequestGuard,
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
