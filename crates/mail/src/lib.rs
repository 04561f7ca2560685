//! Mail: the contents of mails ([`message`]), their bytes, and the transports that deliver them.

mod memory;
pub mod message;
pub mod notice;
mod outbox;
mod refusal;
mod sender;
pub mod settings;
mod smtp;
mod smtp_error;
mod starttls_guard;
pub mod state;
mod tokens;
mod wire;

use std::{borrow::Cow, fmt};

pub use self::{
    memory::MemoryMailer,
    outbox::{Outbox, WrittenMail},
    refusal::Refusal,
    sender::Sender,
    smtp::Smtp,
};
use crate::settings::MailSettings;
use kernel::clock::Timestamp;

/// A mail, ready to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// The one recipient, in canonical form.
    pub to: String,
    /// The subject; it never contains a name or a code.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

// A mail contains an address and often a code (HASH-5, LOG-2).
impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

/// Why a mail was not sent, in our own words. It never contains an address, a code or text of the server (LOG-2,
/// INJ-5), because servers often repeat the recipient.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct MailError {
    what: Cow<'static, str>,
    remedy: &'static str,
    refusal: Option<Refusal>,
}

const LOOK_AT_THE_SETTINGS: &str =
    "correct what it names; every key of `email` is explained in docs/configuration.md";

impl MailError {
    /// How an operator corrects it.
    pub const fn remedy(&self) -> &'static str {
        self.remedy
    }

    /// Why this mail must not be tried again; `None` if it may be tried again.
    pub const fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }

    fn new(what: impl Into<Cow<'static, str>>) -> Self {
        Self {
            what: what.into(),
            remedy: LOOK_AT_THE_SETTINGS,
            refusal: None,
        }
    }
}

/// The transport that delivers mail.
#[derive(Debug)]
pub enum Mailer {
    /// To an SMTP server.
    Smtp(Box<Smtp>),
    /// Into a folder, as `.eml` files.
    Outbox(Outbox),
    /// Into memory, for tests.
    Memory(MemoryMailer),
}

/// Whether a mail can be sent to `email`. If the address is not ASCII, the server must support SMTPUTF8 (RFC 6531).
pub fn is_mailable(email: &str) -> bool {
    wire::deliverable(email).is_some()
}

impl Mailer {
    /// The transport that the configuration names. It does not connect yet.
    ///
    /// # Errors
    /// `email.from` or `email.ca_file` cannot be used, or the password would be sent without encryption.
    pub fn from_settings(settings: MailSettings<'_>) -> Result<Self, MailError> {
        if settings.by_smtp {
            Ok(Self::Smtp(Box::new(Smtp::from_settings(settings)?)))
        } else {
            Outbox::from_settings(settings).map(Self::Outbox)
        }
    }

    /// Delivers `mail`. `message_id` is the left half of its Message-ID. It is the same at each attempt, so that a mail
    /// that was delivered in spite of an error is recognized as the same mail (MAIL-1). `now` is the date of the mail.
    pub async fn send(
        &self,
        mail: &Mail,
        message_id: &str,
        now: Timestamp,
    ) -> Result<(), MailError> {
        match self {
            // The future of an SMTP conversation is large, so it is boxed.
            Self::Smtp(smtp) => Box::pin(smtp.send(mail, message_id, now)).await,
            Self::Outbox(outbox) => outbox.write(mail, message_id, now).await,
            Self::Memory(memory) => memory.send(mail, message_id),
        }
    }

    /// Whether a mail could be sent at `now`. It sends none.
    ///
    /// # Errors
    /// The problem, for the command `check`.
    pub async fn check(&self, now: Timestamp) -> Result<(), MailError> {
        match self {
            Self::Smtp(smtp) => Box::pin(smtp.check(now)).await,
            Self::Outbox(outbox) => outbox.check().await,
            Self::Memory(_) => Ok(()),
        }
    }

    /// A line about the transport, for the log at start.
    pub fn describe(&self) -> String {
        match self {
            Self::Smtp(smtp) => smtp.describe(),
            Self::Outbox(outbox) => outbox.describe(),
            Self::Memory(_) => "mail is kept in memory".to_owned(),
        }
    }
}
