//! Answers to requests that the test writes byte by byte.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::TestServer;

/// Status, headers and body as text.
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

    /// The value of the first header with this name; names are in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// `error.code`, or an empty text.
    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// The body as JSON, or `null`.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// A request whose last byte the client has not sent yet.
#[derive(Debug)]
pub(crate) struct PartialRequest {
    stream: TcpStream,
    last: u8,
}

impl PartialRequest {
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
        // The server sends this only when it begins to read the body.
        let mut interim = *b"HTTP/1.1 100 Continue\r\n\r\n";
        let expected = interim;
        stream.read_exact(&mut interim).await.unwrap();
        assert_eq!(interim, expected);
        stream.write_all(&body).await.unwrap();
        Self { stream, last }
    }

    /// Sends the last byte and reads the answer.
    pub(crate) async fn finish(mut self) -> RawAnswer {
        self.stream.write_all(&[self.last]).await.unwrap();
        self.read_answer().await
    }

    /// Reads the answer, without sending the last byte.
    pub(crate) async fn read_answer(self) -> RawAnswer {
        RawAnswer::read(self.stream).await
    }
}

impl TestServer {
    /// Sends a `POST` without its last byte.
    pub(crate) async fn send_partially(&self, path: &str, body: &Value) -> PartialRequest {
        self.send_partially_as("none", "POST", path, body).await
    }

    /// Sends a request with an access token, without its last byte.
    pub(crate) async fn send_partially_as(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: &Value,
    ) -> PartialRequest {
        PartialRequest::to(self.address, &format!("{method} {path}"), token, body).await
    }
}
