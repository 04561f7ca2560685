//! The SMTP transport: certificates are checked, every wait is bounded, each mail has a connection of its own.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use lettre::transport::smtp::{
    authentication::{Credentials, DEFAULT_MECHANISMS},
    client::{AsyncSmtpConnection, Certificate, TlsParameters},
    commands::{Data, Mail as MailFrom, Rcpt},
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
    wire::{self, Eml, NonAscii},
};
use crate::{
    clock::Timestamp,
    config::{
        Secrets, Settings,
        sections::{Email, SmtpTls},
    },
};

/// An SMTP server.
///
/// The connections are lettre's; its transport around them is not used (ADR 0023): it hides the stream that
/// [`StarttlsGuard`] must see, and which command the server refused (MAIL-8).
pub struct Smtp {
    sender: Sender,
    host: String,
    port: u16,
    security: Security,
    hello: ClientId,
    credentials: Option<Credentials>,
    /// To reach one address of the server. The look-up of its name and all its addresses together have this and the next.
    connect_limit: Duration,
    /// For one command and its answer.
    command_limit: Duration,
    /// For a whole mail. Its worker renews its lease meanwhile.
    mail_limit: Duration,
}

/// MAIL-5: there is no opportunistic TLS.
enum Security {
    None,
    Starttls(TlsParameters),
    Implicit(TlsParameters),
}

impl Smtp {
    /// From the `email` section; connects to nothing yet.
    ///
    /// # Errors
    /// `email.from` or `email.ca_file` cannot be used, or the password would travel in clear.
    pub fn from_settings(settings: &Settings) -> Result<Self, MailError> {
        let email = &settings.config.email;
        let sender = Sender::from_settings(settings)?;
        let command_limit = Duration::from_secs(email.command_timeout_seconds);
        Ok(Self {
            hello: client_id(&sender.host),
            sender,
            host: email.smtp_host.clone(),
            port: email.smtp_port,
            security: security(email)?,
            credentials: credentials(email, &settings.secrets)?,
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
        let (host, port) = (&self.host, self.port);
        format!("mail goes to the SMTP server {host}:{port} {security}")
    }

    /// Delivers `mail`, or ends within the mail's limit.
    pub(super) async fn send(
        &self,
        mail: &Mail,
        message_id: &str,
        now: Timestamp,
    ) -> Result<(), MailError> {
        let eml = wire::encode(mail, &self.sender, message_id, now, NonAscii::Quoted)?;
        timeout(self.mail_limit, self.deliver(&eml))
            .await
            .unwrap_or_else(|_| Err(Failure::timed_out(Step::Mail, self.mail_limit)))?;
        Ok(())
    }

    /// Connects, greets, signs in and names the sender. Then it says goodbye, so that nothing is sent.
    pub(super) async fn check(&self) -> Result<(), MailError> {
        let mut connection = self.open().await?;
        let from = MailFrom::new(Some(self.sender.from.email.clone()), Vec::new());
        within(Step::Sender, self.command_limit, connection.command(from)).await?;
        part(connection, self.connect_limit).await;
        Ok(())
    }

    async fn deliver(&self, eml: &Eml) -> Result<(), Failure> {
        let mut connection = self.open().await?;
        let outcome = self.converse(&mut connection, eml).await;
        let is_waiting = |failure: &Failure| failure.reply.is_some();
        // A server that did not answer a command may be anywhere in the conversation: its connection is dropped.
        if outcome.as_ref().err().is_none_or(is_waiting) {
            // The mail does not wait for it: one that was taken must be noted at once, or it is sent twice.
            tokio::spawn(part(connection, self.connect_limit));
        }
        outcome
    }

    /// One mail over one connection (RFC 5321, 3.3), command by command, since each has its limit.
    async fn converse(
        &self,
        connection: &mut AsyncSmtpConnection,
        eml: &Eml,
    ) -> Result<(), Failure> {
        let limit = self.command_limit;
        let mut parameters = Vec::new();
        if !AsRef::<str>::as_ref(&eml.to).is_ascii() {
            if !connection
                .server_info()
                .supports_feature(Extension::SmtpUtfEight)
            {
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
            // An answer to something else: the two sides are out of step.
            return Err(Failure::unreadable(Step::Content));
        }
        within(Step::Content, limit, connection.message(&eml.bytes)).await?;
        Ok(())
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, Failure> {
        let limit = self.command_limit;
        let mut connection = match &self.security {
            Security::None => self.open_plain().await?,
            Security::Starttls(tls) => {
                let mut connection = self.open_plain().await?;
                let starting = connection.starttls(tls.clone(), &self.hello);
                within(Step::Tls, limit, starting).await?;
                connection
            }
            Security::Implicit(tls) => {
                let address = (self.host.as_str(), self.port);
                // lettre asks again; its own error for an unknown name says nothing.
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
        };
        if let Some(credentials) = self.credentials_for(&connection) {
            let signing_in = connection.auth(DEFAULT_MECHANISMS, credentials);
            within(Step::Login, limit, signing_in).await?;
        }
        Ok(connection)
    }

    async fn open_plain(&self) -> Result<AsyncSmtpConnection, Failure> {
        let limit = self.connect_limit + self.command_limit;
        let addresses = self.addresses().await?;
        let stream = within(Step::Connect, limit, self.reach(addresses)).await?;
        let stream = Box::new(StarttlsGuard::new(stream));
        let greeting = AsyncSmtpConnection::connect_with_transport(stream, &self.hello);
        within(Step::Connect, self.command_limit, greeting).await
    }

    /// What the host's name leads to.
    async fn addresses(&self) -> Result<impl Iterator<Item = SocketAddr>, Failure> {
        let asking = lookup_host((self.host.as_str(), self.port));
        let found = timeout(self.connect_limit, asking).await;
        found
            .map_err(|_| Failure::timed_out(Step::LookUp, self.connect_limit))?
            .map_err(|_| Failure::unknown_host())
    }

    /// The first of the addresses that answers.
    async fn reach(&self, addresses: impl Iterator<Item = SocketAddr>) -> io::Result<TcpStream> {
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

    /// A plain server that offers no AUTH is a relay or a sink on loopback, and wants none.
    fn credentials_for(&self, connection: &AsyncSmtpConnection) -> Option<&Credentials> {
        let server = connection.server_info();
        let offered = DEFAULT_MECHANISMS
            .iter()
            .any(|mechanism| server.supports_feature(Extension::Authentication(*mechanism)));
        self.credentials
            .as_ref()
            .filter(|_| offered || connection.is_encrypted())
    }
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Smtp({})", self.describe())
    }
}

/// Says goodbye, as RFC 5321 (4.1.1.10) asks of a client.
async fn part(mut connection: AsyncSmtpConnection, limit: Duration) {
    _ = timeout(limit, connection.quit()).await;
}

fn security(email: &Email) -> Result<Security, MailError> {
    Ok(match email.tls {
        SmtpTls::None => Security::None,
        SmtpTls::Starttls => Security::Starttls(tls_parameters(email)?),
        SmtpTls::Implicit => Security::Implicit(tls_parameters(email)?),
    })
}

/// The system's authorities, and that of `email.ca_file`; TLS 1.2 or later; the host's name is checked.
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
    // A file of something else has no certificate in it, which is no error to the parser.
    if certificates.is_empty() {
        return Err(error());
    }
    Ok(certificates)
}

fn credentials(email: &Email, secrets: &Secrets) -> Result<Option<Credentials>, MailError> {
    let (Some(user), Some(password)) = (&secrets.smtp_user, &secrets.smtp_password) else {
        return Ok(None);
    };
    // MAIL-5
    if email.tls == SmtpTls::None && !is_loopback(&email.smtp_host) {
        return Err(MailError::new(
            "email.tls is none: the SMTP password would travel in clear",
        ));
    }
    let (user, password) = (user.expose().to_owned(), password.expose().to_owned());
    Ok(Some(Credentials::new(user, password)))
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// How we greet (RFC 5321, 4.1.1.1): the public host's name, or an address literal.
fn client_id(host: &str) -> ClientId {
    host.parse()
        .map_or_else(|_| ClientId::Domain(host.to_owned()), ClientId::Ipv4)
}
