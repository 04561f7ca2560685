//! A database that answers otherwise: between the service and the real one, on the level of `MongoDB`'s messages.

use std::{net::SocketAddr, sync::Arc};

use bson::{Bson, Document, doc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What it does otherwise.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Otherwise {
    /// Answers this command as to a user who may not do it.
    Forbids(&'static str),
    /// Says that its clock is so many seconds ahead.
    IsAhead(i64),
}

/// The database behind it stays what it is.
pub(crate) struct OtherAnswers {
    pub(crate) address: SocketAddr,
}

impl OtherAnswers {
    /// In front of `host:port`; it ends with the test's runtime.
    pub(crate) async fn start(target: String, otherwise: Otherwise) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let target = Arc::new(target);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, Arc::clone(&target), otherwise));
            }
        });
        Self { address }
    }

    /// Its address for `MONGO_URI`.
    pub(crate) fn uri(&self) -> String {
        // Polling: a monitor that streams gets several answers to one question.
        format!(
            "mongodb://{}/?directConnection=true&serverMonitoringMode=poll",
            self.address
        )
    }
}

/// The length of a message's header: its length, its id, the id that it answers, its kind.
const HEADER: usize = 16;
/// The one kind of message that MongoDB 5.1 and later speak after the first.
const OP_MSG: i32 = 2013;

/// Question by question; the driver asks the next one of a connection after the answer.
async fn serve(mut client: TcpStream, target: Arc<String>, otherwise: Otherwise) {
    let Ok(mut server) = TcpStream::connect(&*target).await else {
        return;
    };
    while let Some(question) = read(&mut client).await {
        let command = document(&question).and_then(|asked| asked.keys().next().cloned());
        let answer = match (otherwise, command.as_deref()) {
            (Otherwise::Forbids(forbidden), Some(command)) if command == forbidden => {
                let refusal = doc! { "ok": 0.0, "code": 13, "codeName": "Unauthorized",
                "errmsg": format!("not authorized on clinic to execute command {command}") };
                message(&refusal, word(&question, 4))
            }
            (otherwise, command) => {
                if server.write_all(&question).await.is_err() {
                    return;
                }
                let Some(answer) = read(&mut server).await else {
                    return;
                };
                match (otherwise, command, document(&answer)) {
                    (Otherwise::IsAhead(seconds), Some("hello"), Some(mut hello)) => {
                        let Some(Bson::DateTime(now)) = hello.get("localTime").cloned() else {
                            panic!("no localTime in {hello}")
                        };
                        let then = now.timestamp_millis() + seconds * 1000;
                        hello.insert("localTime", bson::DateTime::from_millis(then));
                        message(&hello, word(&answer, 8))
                    }
                    _ => answer,
                }
            }
        };
        if client.write_all(&answer).await.is_err() {
            return;
        }
    }
}

/// A whole message; none: the connection has ended.
async fn read(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut message = vec![0; HEADER];
    stream.read_exact(&mut message).await.ok()?;
    let length = usize::try_from(word(&message, 0)).unwrap();
    message.resize(length, 0);
    stream.read_exact(&mut message[HEADER..]).await.ok()?;
    Some(message)
}

fn word(message: &[u8], at: usize) -> i32 {
    i32::from_le_bytes(message[at..at + 4].try_into().unwrap())
}

/// The document of a message that is one of ours to look into: flags, then a section of kind 0.
fn document(message: &[u8]) -> Option<Document> {
    (word(message, 12) == OP_MSG && message[HEADER + 4] == 0)
        .then(|| Document::from_reader(&message[HEADER + 5..]).unwrap())
}

/// An answer to the message with this id.
fn message(answer: &Document, to: i32) -> Vec<u8> {
    let body = answer.to_vec().unwrap();
    let length = i32::try_from(HEADER + 5 + body.len()).unwrap();
    let mut message = Vec::new();
    for word in [length, 1, to, OP_MSG, 0] {
        message.extend(word.to_le_bytes());
    }
    message.push(0);
    message.extend(body);
    message
}
