//! A proxy between the service and the database that alters some answers, on the level of `MongoDB`'s messages.

use std::{net::SocketAddr, sync::Arc};

use bson::{Bson, Document, doc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// What the proxy alters.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Alteration {
    /// Passes every answer on unchanged.
    Nothing,
    /// Answers this command with "not authorized".
    Forbid(&'static str),
    /// Answers `find` in this collection with "not authorized".
    ForbidReading(&'static str),
    /// Passes this command on, and closes the connection before its answer.
    LoseAnswersTo(&'static str),
    /// Answers as if the clock of the database were this number of seconds ahead.
    ClockAhead(i64),
}

/// The proxy. It does not change the database itself.
pub(crate) struct AlteringProxy {
    pub(crate) address: SocketAddr,
    alteration: watch::Sender<Alteration>,
}

impl AlteringProxy {
    /// Starts a proxy in front of `target` (`host:port`). It ends with the test's runtime.
    pub(crate) async fn start(target: String, alteration: Alteration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let target = Arc::new(target);
        let (alteration, now) = watch::channel(alteration);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, Arc::clone(&target), now.clone()));
            }
        });
        Self {
            address,
            alteration,
        }
    }

    /// Alters answers in this way from now on.
    pub(crate) fn set(&self, alteration: Alteration) {
        self.alteration.send(alteration).unwrap();
    }

    /// Its address for `MONGO_URI`.
    pub(crate) fn uri(&self) -> String {
        // Polling, because a streaming monitor gets several answers to one question.
        format!(
            "mongodb://{}/?directConnection=true&serverMonitoringMode=poll",
            self.address
        )
    }
}

/// The length of a message's header: the message's length, its id, the id that it answers, its kind.
const HEADER: usize = 16;
/// The kind of every message after the first one, in `MongoDB` 5.1 and later.
const OP_MSG: i32 = 2013;

/// Serves one question after the other: on one connection the driver waits for each answer.
async fn serve(mut client: TcpStream, target: Arc<String>, state: watch::Receiver<Alteration>) {
    let Ok(mut server) = TcpStream::connect(&*target).await else {
        return;
    };
    while let Some(question) = read(&mut client).await {
        let asked = document(&question).unwrap_or_default();
        let command = asked.keys().next().map_or("", String::as_str);
        let alteration = *state.borrow();
        let is_forbidden = match alteration {
            Alteration::Forbid(forbidden) => command == forbidden,
            Alteration::ForbidReading(collection) => {
                asked.get_str("find").is_ok_and(|name| name == collection)
            }
            _ => false,
        };
        let answer = if is_forbidden {
            let refusal = doc! { "ok": 0.0, "code": 13, "codeName": "Unauthorized",
            "errmsg": format!("not authorized on clinic to execute command {command}") };
            message(&refusal, word(&question, 4))
        } else {
            if server.write_all(&question).await.is_err() {
                return;
            }
            let Some(answer) = read(&mut server).await else {
                return;
            };
            match alteration {
                Alteration::LoseAnswersTo(lost) if lost == command => return,
                Alteration::ClockAhead(seconds) if command == "hello" => ahead(&answer, seconds),
                _ => answer,
            }
        };
        if client.write_all(&answer).await.is_err() {
            return;
        }
    }
}

/// An answer to `hello` whose clock is ahead.
fn ahead(answer: &[u8], seconds: i64) -> Vec<u8> {
    let Some(mut hello) = document(answer) else {
        return answer.to_vec();
    };
    let Some(Bson::DateTime(now)) = hello.get("localTime").cloned() else {
        panic!("no localTime in {hello}")
    };
    let then = now.timestamp_millis() + seconds * 1000;
    hello.insert("localTime", bson::DateTime::from_millis(then));
    message(&hello, word(answer, 8))
}

/// Reads a complete message. `None` if the connection has ended.
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

/// The document of an `OP_MSG` message: flags, then a section of kind 0. `None` for another kind.
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
