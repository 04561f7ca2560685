//! The SMTP transport. It checks certificates, limits each wait, and opens a connection for each mail.

use std::{fmt, io, net::SocketAddr, time::Duration};

use lettre::transport::smtp::{
    authentication::{Credentials, DEFAULT_MECHANISMS, Mechanism},
    client::{AsyncSmtpConnection, Certificate, TlsParameters},
    commands::{Auth, Data, Mail as MailFrom, Rcpt},
    extension::{ClientId, Extension, MailParameter},
};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};

use super::{
    Mail, MailError, Sender,
    smtp_error::{Failure, Step, within},
    starttls_guard::StarttlsGuard,
    tokens::Tokens,
    wire::{self, Eml, NonAscii},
};
use crate::settings::{Email, MailSettings, SmtpAuth, SmtpTls};
use kernel::{clock::Timestamp, networks::is_loopback, secret::Secret};

/// An SMTP server.
///
/// It uses lettre's connections, but not lettre's transport (ADR 0023). The transport hides the stream, which
/// `StarttlsGuard` must wrap, and the command that the server refused (MAIL-8).
pub struct Smtp {
    sender: Sender,
    host: String,
    port: u16,
    security: Security,
    hello: ClientId,
    login: Login,
    /// The limit for a connection to one address of the server, and for the look-up of its name. All addresses together
    /// have this limit and the next one.
    connect_limit: Duration,
    /// The limit for one command and its answer.
    command_limit: Duration,
    /// The limit for a whole mail. The worker renews its lease meanwhile.
    mail_limit: Duration,
}

/// How the connection is secured. There is no opportunistic TLS (MAIL-5).
enum Security {
    None,
    Starttls(TlsParameters),
    Implicit(TlsParameters),
}

/// How the service signs in.
enum Login {
    None,
    Password(Credentials),
    /// As this user, with a token (XOAUTH2).
    Token(Secret, Tokens),
}

impl Smtp {
    /// Makes the transport from the `email` section. It does not connect yet.
    ///
    /// # Errors
    /// An error if `email.from` or `email.ca_file` cannot be used, or if the password would be sent in clear.
    pub fn from_settings(settings: MailSettings<'_>) -> Result<Self, MailError> {
        let email = settings.email;
        let sender = Sender::from_settings(settings)?;
        let command_limit = Duration::from_secs(email.command_timeout_seconds);
        Ok(Self {
            hello: client_id(&sender.host),
            sender,
            host: email.smtp_host.clone(),
            port: email.smtp_port,
            security: security(email)?,
            login: login(settings)?,
            connect_limit: Duration::from_secs(email.connect_timeout_seconds),
            command_limit,
            mail_limit: command_limit * 3,
        })
    }

    pub(super) fn describe(&self) -> String {
        let security = match self.security {
            Security::None => "without TLS",
            Security::Starttls(_) => "with STARTTLS",
            Security::Implicit(_) => "with TLS",
        };
        let login = match self.login {
            Login::Token(..) => ", signed in with a token",
            Login::None | Login::Password(_) => "",
        };
        let (host, port) = (&self.host, self.port);
        format!("mail goes to the SMTP server {host}:{port} {security}{login}")
    }

    /// Delivers `mail`. It fails if the mail's limit ends first.
    pub(super) async fn send(
        &self,
        mail: &Mail,
        message_id: &str,
        now: Timestamp,
    ) -> Result<(), MailError> {
        let eml = wire::encode(mail, &self.sender, message_id, now, NonAscii::Quoted)?;
        timeout(self.mail_limit, self.deliver(&eml, now))
            .await
            .unwrap_or_else(|_| Err(Failure::timed_out(Step::Mail, self.mail_limit)))?;
        Ok(())
    }

    /// Connects, greets, logs in and names the sender. Then it sends QUIT, so that no mail is sent.
    pub(super) async fn check(&self, now: Timestamp) -> Result<(), MailError> {
        let mut connection = self.open(now).await?;
        let from = MailFrom::new(Some(self.sender.from.email.clone()), Vec::new());
        within(Step::Sender, self.command_limit, connection.command(from)).await?;
        quit(connection, self.connect_limit).await;
        Ok(())
    }

    async fn deliver(&self, eml: &Eml, now: Timestamp) -> Result<(), Failure> {
        let mut connection = self.open(now).await?;
        let outcome = self.converse(&mut connection, eml).await;
        let has_reply = |failure: &Failure| failure.reply.is_some();
        // If the server did not answer a command, its state is unknown, so the connection is dropped without QUIT.
        if outcome.as_ref().err().is_none_or(has_reply) {
            // The mail does not wait for QUIT. An accepted mail must be noted at once, or it is sent twice.
            tokio::spawn(quit(connection, self.connect_limit));
        }
        outcome
    }

    /// Sends one mail over one connection (RFC 5321, 3.3), command by command, because each command has its limit.
    async fn converse(
        &self,
        connection: &mut AsyncSmtpConnection,
        eml: &Eml,
    ) -> Result<(), Failure> {
        let limit = self.command_limit;
        let mut parameters = Vec::new();
        if !AsRef::<str>::as_ref(&eml.to).is_ascii() {
            let server = connection.server_info();
            if !server.supports_feature(Extension::SmtpUtfEight) {
                return Err(Failure::not_ascii());
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let from = MailFrom::new(Some(eml.from.clone()), parameters);
        within(Step::Sender, limit, connection.command(from)).await?;
        let to = Rcpt::new(eml.to.clone(), Vec::new());
        within(Step::Recipient, limit, connection.command(to)).await?;
        let reply = within(Step::Content, limit, connection.command(Data)).await?;
        if !reply.has_code(354) {
            // Another answer than 354 does not belong to this command.
            return Err(Failure::unreadable(Step::Content));
        }
        within(Step::Content, limit, connection.message(&eml.bytes)).await?;
        Ok(())
    }

    /// A connection that is signed in. A token that the server refuses may have been revoked or replaced, so it is fetched once
    /// more before the mail has to wait.
    async fn open(&self, now: Timestamp) -> Result<AsyncSmtpConnection, Failure> {
        let (user, tokens) = match &self.login {
            Login::None => return self.connected().await,
            Login::Password(credentials) => {
                let mut connection = self.connected().await?;
                if is_login_wanted(&connection) {
                    let login = connection.auth(DEFAULT_MECHANISMS, credentials);
                    within(Step::Login, self.command_limit, login).await?;
                }
                return Ok(connection);
            }
            Login::Token(user, tokens) => (user, tokens),
        };
        let token = tokens.at(now, None).await.map_err(Failure::no_token)?;
        let refusal = match self.open_with(user, &token).await {
            Err(failure) if failure.is_refused_token() => failure,
            other => return other,
        };
        let newer = tokens
            .at(now, Some(&token))
            .await
            .map_err(Failure::no_token)?;
        if newer.expose() == token.expose() {
            return Err(refusal);
        }
        self.open_with(user, &newer).await
    }

    /// A connection that is signed in with a token. A server that refuses it says why in JSON, and waits for an empty line before
    /// it answers with the code. lettre cannot answer this, so the dialogue is here.
    async fn open_with(
        &self,
        user: &Secret,
        token: &Secret,
    ) -> Result<AsyncSmtpConnection, Failure> {
        let mut connection = self.connected().await?;
        let xoauth2 = Mechanism::Xoauth2;
        let offered = Extension::Authentication(xoauth2);
        if !connection.server_info().supports_feature(offered) {
            return Err(Failure::no_token("the server does not offer XOAUTH2"));
        }
        let credentials = Credentials::new(user.expose().to_owned(), token.expose().to_owned());
        let (step, limit) = (Step::Token, self.command_limit);
        let login = Auth::new(xoauth2, credentials, None);
        let login = login.map_err(|_| Failure::unreadable(step))?;
        let mut reply = within(step, limit, connection.command(login)).await?;
        if reply.has_code(334) {
            reply = within(step, limit, connection.command("\r\n")).await?;
        }
        if reply.has_code(235) {
            Ok(connection)
        } else {
            Err(Failure::unreadable(step))
        }
    }

    /// A connection that is not signed in yet.
    async fn connected(&self) -> Result<AsyncSmtpConnection, Failure> {
        let limit = self.command_limit;
        Ok(match &self.security {
            Security::None => self.open_plain().await?,
            Security::Starttls(tls) => {
                let mut connection = self.open_plain().await?;
                let starting = connection.starttls(tls.clone(), &self.hello);
                within(Step::Tls, limit, starting).await?;
                connection
            }
            Security::Implicit(tls) => {
                let address = (self.host.as_str(), self.port);
                // lettre looks the name up again, but its error for an unknown name is not clear, so this look-up comes
                // first.
                drop(self.addresses().await?);
                let limit = self.connect_limit + self.command_limit;
                let connecting = AsyncSmtpConnection::connect_tokio1(
                    address,
                    Some(self.connect_limit),
                    &self.hello,
                    Some(tls.clone()),
                    None,
                );
                within(Step::Connect, limit, connecting).await?
            }
        })
    }

    async fn open_plain(&self) -> Result<AsyncSmtpConnection, Failure> {
        let limit = self.connect_limit + self.command_limit;
        let addresses = self.addresses().await?;
        let stream = within(Step::Connect, limit, self.connect(addresses)).await?;
        let stream = Box::new(StarttlsGuard::new(stream));
        let greeting = AsyncSmtpConnection::connect_with_transport(stream, &self.hello);
        within(Step::Connect, self.command_limit, greeting).await
    }

    /// Looks up the addresses of the host's name.
    async fn addresses(&self) -> Result<impl Iterator<Item = SocketAddr>, Failure> {
        let look_up = lookup_host((self.host.as_str(), self.port));
        let found = timeout(self.connect_limit, look_up).await;
        found
            .map_err(|_| Failure::timed_out(Step::LookUp, self.connect_limit))?
            .map_err(|_| Failure::unknown_host())
    }

    /// Connects to the first address that answers.
    async fn connect(&self, addresses: impl Iterator<Item = SocketAddr>) -> io::Result<TcpStream> {
        let mut outcome = Err(io::ErrorKind::AddrNotAvailable.into());
        for address in addresses {
            outcome = timeout(self.connect_limit, TcpStream::connect(address))
                .await
                .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
            if outcome.is_ok() {
                break;
            }
        }
        outcome
    }
}

/// Whether the service signs in. A server without TLS that does not offer AUTH is a relay or a test server on loopback, and needs
/// no login.
fn is_login_wanted(connection: &AsyncSmtpConnection) -> bool {
    let server = connection.server_info();
    let offered = DEFAULT_MECHANISMS
        .iter()
        .any(|mechanism| server.supports_feature(Extension::Authentication(*mechanism)));
    offered || connection.is_encrypted()
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Smtp({})", self.describe())
    }
}

/// Sends QUIT, as RFC 5321 (4.1.1.10) asks of a client.
async fn quit(mut connection: AsyncSmtpConnection, limit: Duration) {
    _ = timeout(limit, connection.quit()).await;
}

fn security(email: &Email) -> Result<Security, MailError> {
    Ok(match email.tls {
        SmtpTls::None => Security::None,
        SmtpTls::Starttls => Security::Starttls(tls_parameters(email)?),
        SmtpTls::Implicit => Security::Implicit(tls_parameters(email)?),
    })
}

/// TLS 1.2 or later, which trusts the system's authorities and those of `email.ca_file`, and checks the host's name.
fn tls_parameters(email: &Email) -> Result<TlsParameters, MailError> {
    let mut tls = TlsParameters::builder(email.smtp_host.clone());
    if let Some(path) = &email.ca_file {
        for certificate in certificates(path)? {
            tls = tls.add_root_certificate(certificate);
        }
    }
    tls.build()
        .map_err(|_| MailError::new("TLS cannot be set up with email.ca_file"))
}

fn certificates(path: &str) -> Result<Vec<Certificate>, MailError> {
    let error = || MailError::new("email.ca_file cannot be read as PEM certificates");
    let certificates = CertificateDer::pem_file_iter(path)
        .map_err(|_| error())?
        .map(|der| Certificate::from_der(der.map_err(|_| error())?.to_vec()).map_err(|_| error()))
        .collect::<Result<Vec<_>, _>>()?;
    // The parser accepts a file without a certificate, so this check refuses it.
    if certificates.is_empty() {
        return Err(error());
    }
    Ok(certificates)
}

fn login(settings: MailSettings<'_>) -> Result<Login, MailError> {
    let email = settings.email;
    let login = match (email.auth, settings.user, settings.password) {
        (SmtpAuth::Password, Some(user), Some(password)) => {
            let (user, password) = (user.expose().to_owned(), password.expose().to_owned());
            Login::Password(Credentials::new(user, password))
        }
        (SmtpAuth::Password, ..) => return Ok(Login::None),
        (SmtpAuth::Xoauth2, Some(user), _) => {
            let tokens = Tokens::from_settings(email);
            let tokens = tokens.ok_or_else(|| {
                MailError::new(
                    "email.auth is xoauth2: email.token_file or email.token_command is missing",
                )
            })?;
            Login::Token(user.clone(), tokens)
        }
        (SmtpAuth::Xoauth2, None, _) => {
            return Err(MailError::new(
                "email.auth is xoauth2: SMTP_USER is missing",
            ));
        }
    };
    // Without TLS, a secret goes only to a server on loopback (MAIL-5).
    if email.tls == SmtpTls::None && !is_loopback(&email.smtp_host) {
        return Err(MailError::new(
            "email.tls is none: the SMTP password would travel in clear",
        ));
    }
    Ok(login)
}

/// The name in the greeting (RFC 5321, 4.1.1.1): the public host's name, or an address literal.
fn client_id(host: &str) -> ClientId {
    host.parse()
        .map_or_else(|_| ClientId::Domain(host.to_owned()), ClientId::Ipv4)
}
