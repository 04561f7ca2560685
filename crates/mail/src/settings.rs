//! The settings of mail.

use kernel::{secret::Secret, settings::section};
use serde::{Deserialize, Serialize};

/// How mail leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTransport {
    /// SMTP when `SMTP_HOST` or `SMTP_USER` is set, otherwise the outbox folder.
    Auto,
    /// SMTP.
    Smtp,
    /// `.eml` files in `email.outbox_dir`.
    Outbox,
}

/// How the SMTP connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpTls {
    /// Plain at first, then STARTTLS, which the server must offer (RFC 3207).
    Starttls,
    /// TLS from the first byte (RFC 8314).
    Implicit,
    /// None; for loopback.
    None,
}

/// How the service signs in to the SMTP server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpAuth {
    /// With `SMTP_PASSWORD`.
    Password,
    /// With an access token of OAuth 2.0, for providers that end passwords.
    Xoauth2,
}

section! {
    /// `email`: mail.
    Email {
        /// How mail leaves.
        transport: MailTransport = MailTransport::Auto,
        /// The SMTP server.
        smtp_host: String = "smtp.gmail.com".to_owned(),
        /// Its port.
        smtp_port: u16 = 587,
        /// How the connection is protected.
        tls: SmtpTls = SmtpTls::Starttls,
        /// A PEM file of a certificate authority to trust beside the system's.
        ca_file: Option<String> = None,
        /// How the service signs in to the server.
        auth: SmtpAuth = SmtpAuth::Password,
        /// With `auth` `xoauth2`: a file that always holds a valid token. It is read for each connection.
        token_file: Option<String> = None,
        /// With `auth` `xoauth2`, instead of the file: a program and its arguments. It prints a token.
        token_command: Vec<String> = Vec::new(),
        /// How long a token of `token_command` is used if the program does not print its `expires_in`.
        token_minutes: i64 = 30,
        /// The sender; null: the SMTP user.
        from: Option<String> = None,
        /// Where the outbox transport writes.
        outbox_dir: String = "data/outbox".to_owned(),
        /// To open a connection.
        connect_timeout_seconds: u64 = 10,
        /// For one SMTP command.
        command_timeout_seconds: u64 = 30,
        /// Connections kept open at most.
        pool_size: u32 = 4,
        /// A worker has a mail for this long, and renews it three times in that time while it sends the mail.
        lease_seconds: i64 = 30,
        /// The first retry waits this long; each further one twice as long.
        retry_first_seconds: i64 = 5,
        /// No retry waits longer.
        retry_max_seconds: i64 = 60,
        /// A notice that could not be delivered by then is given up.
        notice_hours: i64 = 48,
        /// Whether the owner of an account is told of a login from a new device and network.
        new_device_notice: bool = true,
        /// A mail that was refused for good is kept this long, for those who run the service.
        refused_days: i64 = 30,
    }
}

/// What the transports are told.
#[derive(Debug, Clone, Copy)]
pub struct MailSettings<'a> {
    /// The section `email`.
    pub email: &'a Email,
    /// Whether mail is sent by SMTP; `email.transport: auto` is resolved here.
    pub by_smtp: bool,
    /// `SMTP_USER`.
    pub user: Option<&'a Secret>,
    /// `SMTP_PASSWORD`.
    pub password: Option<&'a Secret>,
    /// What links in mails begin with.
    pub public_base_url: &'a str,
    /// The clinic's own reset page.
    pub reset_page_url: Option<&'a str>,
}
