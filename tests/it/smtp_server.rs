//! A small SMTP server for tests. On request it refuses mail, hangs, or closes the connection.

mod certificate;
mod login;

use std::{
    collections::HashMap,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufStream},
    net::{TcpListener, TcpStream},
    sync::Notify,
};
use tokio_rustls::TlsAcceptor;

use self::certificate::certificate;
pub(crate) use self::login::Login;

/// How the server's connections are protected.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tls {
    None,
    Starttls,
    Implicit,
}

/// The step of the conversation at which the server does something unusual.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    Greeting,
    Ehlo,
    Starttls,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// After the first line of the text. Here the server always closes the connection, with any act.
    Text,
    Content,
    Quit,
}

/// The unusual thing that the server does.
#[derive(Clone, Copy)]
pub(crate) enum Act {
    /// Writes this and a CRLF instead of the usual answer, and continues.
    Reply(&'static str),
    /// Waits, then continues as usual.
    Wait(std::time::Duration),
    /// Waits until the test calls `release`, then continues as usual.
    Hold,
    /// Sends nothing more, and keeps the connection open.
    Hang,
    /// Closes the connection.
    Drop,
}

/// A mail that the server accepted.
#[derive(Clone)]
pub(crate) struct Received {
    pub(crate) from: String,
    pub(crate) to: String,
    /// The bytes after the answer to DATA, up to and including the line with the final dot.
    pub(crate) wire: String,
    pub(crate) encrypted: bool,
}

impl Received {
    /// The mail as its recipient sees it, without the dots that the protocol adds (RFC 5321, 4.5.2).
    pub(crate) fn mail(&self) -> String {
        let lines = self.wire.trim_end_matches(".\r\n").split_inclusive("\r\n");
        lines.map(|l| l.strip_prefix('.').unwrap_or(l)).collect()
    }
}

/// The running server. Its connections end with the test's runtime.
pub(crate) struct SmtpServer {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    ca_pem: String,
    dir: tempfile::TempDir,
}

struct Shared {
    tls: Tls,
    acceptor: TlsAcceptor,
    state: Mutex<State>,
    release: Notify,
}

#[derive(Default)]
struct State {
    acts: HashMap<Step, (Act, Option<usize>)>,
    auth: &'static str,
    tokens: Vec<String>,
    received: Vec<Received>,
    logins: Vec<Login>,
    connections: usize,
    goodbyes: usize,
}

impl SmtpServer {
    /// A server with a certificate for 127.0.0.1.
    pub(crate) async fn start(tls: Tls) -> Self {
        Self::start_as(tls, "127.0.0.1").await
    }

    /// A server on 127.0.0.1 with a certificate for `name`.
    pub(crate) async fn start_as(tls: Tls, name: &str) -> Self {
        let (acceptor, ca_pem) = certificate(name);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            tls,
            acceptor,
            state: Mutex::default(),
            release: Notify::new(),
        });
        tokio::spawn(accept(listener, Arc::clone(&shared)));
        let dir = tempfile::tempdir().unwrap();
        Self {
            address,
            shared,
            ca_pem,
            dir,
        }
    }

    /// From now on, does `act` at `step`.
    pub(crate) fn always(&self, step: Step, act: Act) {
        self.shared.state().acts.insert(step, (act, None));
    }

    /// Does `act` the next time at `step`, and continues as usual afterwards.
    pub(crate) fn once(&self, step: Step, act: Act) {
        self.shared.state().acts.insert(step, (act, Some(1)));
    }

    /// Does nothing unusual any more.
    pub(crate) fn recover(&self) {
        self.shared.state().acts.clear();
    }

    /// Releases one connection that is in `Act::Hold`.
    pub(crate) fn release(&self) {
        self.shared.release.notify_one();
    }

    /// Offers these AUTH mechanisms, also before TLS like a careless server.
    pub(crate) fn offer_auth(&self, mechanisms: &'static str) {
        self.shared.state().auth = mechanisms;
    }

    /// Accepts these tokens, and offers XOAUTH2.
    pub(crate) fn accept_tokens(&self, tokens: &[&str]) {
        let mut state = self.shared.state();
        state.auth = "XOAUTH2";
        state.tokens = tokens.iter().map(|token| (*token).to_owned()).collect();
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.shared.state().received.clone()
    }

    pub(crate) fn logins(&self) -> Vec<Login> {
        self.shared.state().logins.clone()
    }

    /// The number of connections that were opened.
    pub(crate) fn connections(&self) -> usize {
        self.shared.state().connections
    }

    /// How many connections were ended by QUIT.
    pub(crate) fn goodbyes(&self) -> usize {
        self.shared.state().goodbyes
    }

    /// A PEM file of the authority that signed the certificate.
    pub(crate) fn ca_file(&self) -> PathBuf {
        let path = self.dir.path().join("ca.pem");
        std::fs::write(&path, &self.ca_pem).unwrap();
        path
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn act(&self, step: Step) -> Option<Act> {
        let mut state = self.state();
        let (act, left) = state.acts.get_mut(&step)?;
        let act = *act;
        if let Some(left) = left {
            *left -= 1;
            if *left == 0 {
                state.acts.remove(&step);
            }
        }
        Some(act)
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        shared.state().connections += 1;
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            // An error means that the client closed the connection or refused the certificate.
            _ = serve(stream, &shared).await;
        });
    }
}

async fn serve(stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    if shared.tls == Tls::Implicit {
        let stream = shared.acceptor.accept(stream).await?;
        return Conversation::new(Box::new(stream), true, shared)
            .run()
            .await;
    }
    Conversation::new(Box::new(stream), false, shared)
        .run()
        .await
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// One connection.
struct Conversation<'a> {
    stream: BufStream<Box<dyn Stream>>,
    encrypted: bool,
    from: String,
    to: String,
    shared: &'a Shared,
}

impl<'a> Conversation<'a> {
    fn new(stream: Box<dyn Stream>, encrypted: bool, shared: &'a Shared) -> Self {
        Self {
            stream: BufStream::new(stream),
            encrypted,
            from: String::new(),
            to: String::new(),
            shared,
        }
    }

    async fn run(mut self) -> std::io::Result<()> {
        self.answer(Step::Greeting, "220 test").await?;
        loop {
            let line = self.line().await?;
            let verb = line.split([' ', ':']).next().unwrap_or_default();
            match verb {
                "EHLO" => {
                    let extensions = self.extensions();
                    self.answer(Step::Ehlo, &extensions).await?;
                }
                "STARTTLS" => {
                    self.answer(Step::Starttls, "220 go").await?;
                    let plain = self.stream.into_inner();
                    let stream = self.shared.acceptor.accept(plain).await?;
                    self.stream = BufStream::new(Box::new(stream));
                    self.encrypted = true;
                }
                "AUTH" => self.auth(&line).await?,
                "MAIL" => {
                    self.from = address(&line);
                    self.answer(Step::Mail, "250 sender").await?;
                }
                "RCPT" => {
                    self.to = address(&line);
                    self.answer(Step::Rcpt, "250 recipient").await?;
                }
                "DATA" => self.data().await?,
                "QUIT" => {
                    self.shared.state().goodbyes += 1;
                    return self.answer(Step::Quit, "221 bye").await.map(drop);
                }
                _ => self.write("250 fine").await?,
            }
        }
    }

    fn extensions(&self) -> String {
        let auth = self.shared.state().auth;
        let mut lines = vec!["250-test".to_owned()];
        if self.shared.tls == Tls::Starttls && !self.encrypted {
            lines.push("250-STARTTLS".to_owned());
        }
        if !auth.is_empty() {
            lines.push(format!("250-AUTH {auth}"));
        }
        lines.push("250 PIPELINING".to_owned());
        lines.join("\r\n")
    }

    async fn data(&mut self) -> std::io::Result<()> {
        if !self.answer(Step::Data, "354 go on").await? {
            return Ok(());
        }
        let mut wire = String::new();
        while !wire.ends_with("\r\n.\r\n") {
            if self.stream.read_line(&mut wire).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            if self.shared.act(Step::Text).is_some() {
                return Err(std::io::ErrorKind::ConnectionAborted.into());
            }
        }
        let received = Received {
            from: self.from.clone(),
            to: self.to.clone(),
            wire,
            encrypted: self.encrypted,
        };
        let act = self.shared.act(Step::Content);
        if matches!(act, None | Some(Act::Wait(_) | Act::Hold)) {
            self.shared.state().received.push(received);
        }
        self.perform(act, "250 taken").await.map(|_| ())
    }

    /// Answers as usual or with the act of this step. `true` if the usual answer was sent.
    async fn answer(&mut self, step: Step, usual: &str) -> std::io::Result<bool> {
        let act = self.shared.act(step);
        self.perform(act, usual).await
    }

    async fn perform(&mut self, act: Option<Act>, usual: &str) -> std::io::Result<bool> {
        match act {
            None => {}
            Some(Act::Wait(pause)) => tokio::time::sleep(pause).await,
            Some(Act::Hold) => self.shared.release.notified().await,
            Some(Act::Reply(reply)) => return self.write(reply).await.map(|()| false),
            Some(Act::Hang) => std::future::pending().await,
            Some(Act::Drop) => return Err(std::io::ErrorKind::ConnectionAborted.into()),
        }
        self.write(usual).await.map(|()| true)
    }

    async fn line(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end_matches("\r\n").to_owned())
    }

    async fn write(&mut self, reply: &str) -> std::io::Result<()> {
        self.stream
            .write_all(format!("{reply}\r\n").as_bytes())
            .await?;
        self.stream.flush().await
    }
}

/// The text between `<` and `>`.
fn address(line: &str) -> String {
    let (_, rest) = line.split_once('<').unwrap();
    rest.split('>').next().unwrap().to_owned()
}
