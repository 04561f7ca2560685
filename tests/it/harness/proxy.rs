//! A proxy before a database. A test can interrupt the connection and restore it.

use std::net::SocketAddr;

use clinic_auth::config::StoreAddress;
use kernel::secret::Secret;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
};

/// How the proxy treats connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Connectivity {
    /// It passes all bytes on.
    Open,
    /// It closes all connections, and new ones at once.
    Cut,
    /// It keeps the connections open and passes nothing on.
    Silent,
}

/// A proxy before `host:port`. It ends with the test's runtime.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    state: watch::Sender<Connectivity>,
}

impl Proxy {
    /// Starts a proxy to `target` in this state.
    pub(crate) async fn start(target: String, state: Connectivity) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, state) = watch::channel(state);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(connect(client, target.clone(), state.clone()));
            }
        });
        Self {
            address,
            state: sender,
        }
    }

    /// Changes the state from now on.
    pub(crate) fn set(&self, state: Connectivity) {
        self.state.send(state).unwrap();
    }

    /// The address of the proxy for `MONGO_URI`.
    pub(crate) fn uri(&self) -> String {
        format!("mongodb://{}/?directConnection=true", self.address)
    }

    /// The address of the proxy for settings.
    pub(crate) fn store(&self) -> StoreAddress {
        StoreAddress::Uri(Secret::new(self.uri()))
    }
}

async fn connect(client: TcpStream, target: String, state: watch::Receiver<Connectivity>) {
    if *state.borrow() == Connectivity::Cut {
        return;
    }
    let Ok(server) = TcpStream::connect(target).await else {
        return;
    };
    let ((from_client, to_client), (from_server, to_server)) =
        (client.into_split(), server.into_split());
    // When one direction ends, the other one ends too.
    tokio::select! {
        () = pump(from_client, to_server, state.clone()) => {}
        () = pump(from_server, to_client, state) => {}
    }
}

async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut state: watch::Receiver<Connectivity>,
) {
    let mut bytes = [0; 4096];
    loop {
        let read = tokio::select! {
            read = from.read(&mut bytes) => read,
            changed = state.wait_for(|state| *state == Connectivity::Cut) => return drop(changed),
        };
        let Ok(length @ 1..) = read else { return };
        match state
            .wait_for(|state| *state != Connectivity::Silent)
            .await
            .as_deref()
        {
            Ok(Connectivity::Open) => {}
            _ => return,
        }
        if to.write_all(&bytes[..length]).await.is_err() {
            return;
        }
    }
}
