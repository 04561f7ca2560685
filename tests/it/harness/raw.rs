//! An answer to bytes that the test wrote itself.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::TestServer;

/// Status, headers and body, as they came.
#[derive(Debug)]
pub(crate) struct RawAnswer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl RawAnswer {
    /// Sends the bytes and reads until the server closes the connection.
    pub(super) async fn to(address: SocketAddr, request: &[u8]) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request).await.unwrap();
        Self::read(stream).await
    }

    async fn read(mut stream: TcpStream) -> Self {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        Self {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    /// The first header of this name, in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// `error.code`, or nothing.
    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// The body, if it is JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// A request whose last byte the client has not sent yet.
#[derive(Debug)]
pub(crate) struct Withheld {
    stream: TcpStream,
    last: u8,
}

impl Withheld {
    /// Sends all but the last byte, and waits until the server reads the body.
    pub(super) async fn to(address: SocketAddr, line: &str, token: &str, body: &Value) -> Self {
        let mut body = body.to_string().into_bytes();
        let length = body.len();
        let last = body.pop().unwrap();
        let head = format!(
            "{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nExpect: 100-continue\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        // The server says this when it begins to read the body, and not before.
        let mut go_on = *b"HTTP/1.1 100 Continue\r\n\r\n";
        let expected = go_on;
        stream.read_exact(&mut go_on).await.unwrap();
        assert_eq!(go_on, expected);
        stream.write_all(&body).await.unwrap();
        Self { stream, last }
    }

    /// Sends the last byte; the answer.
    pub(crate) async fn finish(mut self) -> RawAnswer {
        self.stream.write_all(&[self.last]).await.unwrap();
        self.given_up().await
    }

    /// What the server answers when it has waited long enough.
    pub(crate) async fn given_up(self) -> RawAnswer {
        RawAnswer::read(self.stream).await
    }
}

impl TestServer {
    /// A `POST` whose last byte is still to come.
    pub(crate) async fn withhold(&self, path: &str, body: &Value) -> Withheld {
        self.withhold_as("none", "POST", path, body).await
    }

    /// The same with another method, as somebody.
    pub(crate) async fn withhold_as(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: &Value,
    ) -> Withheld {
        Withheld::to(self.address, &format!("{method} {path}"), token, body).await
    }
}
