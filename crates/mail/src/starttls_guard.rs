//! A TCP stream from which, until TLS begins, lettre never reads past the line for which it waits.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, ready},
};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// The first byte of a TLS handshake record (RFC 8446, 5.1); no SMTP command begins with it.
const TLS_HANDSHAKE: u8 = 0x16;

/// Gives one byte at a time while the conversation is plain.
///
/// lettre reads through a buffer, and keeps the buffer when STARTTLS succeeds. So an attacker on the network could
/// append answers to the plain `220`, and lettre would take them for the server's first answers under TLS
/// (as in CVE-2011-0411; RFC 3207, section 6). With this guard those bytes stay in the socket, and the handshake fails.
#[derive(Debug)]
pub(super) struct StarttlsGuard {
    stream: TcpStream,
    tls_began: bool,
}

impl StarttlsGuard {
    pub(super) const fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            tls_began: false,
        }
    }
}

impl AsyncRead for StarttlsGuard {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.tls_began {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        let mut byte = [0];
        let mut one = ReadBuf::new(&mut byte[..buffer.remaining().min(1)]);
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut one))?;
        buffer.put_slice(one.filled());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for StarttlsGuard {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.tls_began |= bytes.first() == Some(&TLS_HANDSHAKE);
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl AsyncTokioStream for StarttlsGuard {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}
