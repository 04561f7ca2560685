//! A wire to a database that a test can cut and tie again.

use std::net::SocketAddr;

use clinic_auth::config::{Secret, StoreAddress};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
};

/// What becomes of the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    /// They pass.
    Whole,
    /// Connections are closed, new ones at once.
    Cut,
    /// They are held back, and the connections kept.
    Silent,
}

/// The wire, in front of `host:port`; it ends with the test's runtime.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    wire: watch::Sender<Wire>,
}

impl Proxy {
    /// A wire to `target` in this state.
    pub(crate) async fn start(target: String, state: Wire) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (wire, state) = watch::channel(state);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(connect(client, target.clone(), state.clone()));
            }
        });
        Self { address, wire }
    }

    /// From now on.
    pub(crate) fn becomes(&self, state: Wire) {
        self.wire.send(state).unwrap();
    }

    /// The database behind it.
    pub(crate) fn uri(&self) -> String {
        format!("mongodb://{}/?directConnection=true", self.address)
    }

    /// The same for settings.
    pub(crate) fn store(&self) -> StoreAddress {
        StoreAddress::Uri(Secret::new(self.uri()))
    }
}

async fn connect(client: TcpStream, target: String, state: watch::Receiver<Wire>) {
    if *state.borrow() == Wire::Cut {
        return;
    }
    let Ok(server) = TcpStream::connect(target).await else {
        return;
    };
    let ((from_client, to_client), (from_server, to_server)) =
        (client.into_split(), server.into_split());
    // Whichever ends first takes the other with it.
    tokio::select! {
        () = pump(from_client, to_server, state.clone()) => {}
        () = pump(from_server, to_client, state) => {}
    }
}

async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut state: watch::Receiver<Wire>) {
    let mut bytes = [0; 4096];
    loop {
        let read = tokio::select! {
            read = from.read(&mut bytes) => read,
            changed = state.wait_for(|state| *state == Wire::Cut) => return drop(changed),
        };
        let Ok(length @ 1..) = read else { return };
        match state
            .wait_for(|state| *state != Wire::Silent)
            .await
            .as_deref()
        {
            Ok(Wire::Whole) => {}
            _ => return,
        }
        if to.write_all(&bytes[..length]).await.is_err() {
            return;
        }
    }
}
