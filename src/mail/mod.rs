//! Floor 2: mail. What a mail says ([`message`]), its bytes, and the transports that take it away.

mod memory;
pub mod message;
mod outbox;
mod refusal;
mod sender;
mod smtp;
mod smtp_error;
mod starttls_guard;
mod wire;

use std::{borrow::Cow, fmt};

pub use self::{
    memory::MemoryMailer,
    outbox::{Outbox, WrittenMail},
    refusal::Refusal,
    sender::Sender,
    smtp::Smtp,
};
use crate::{clock::Timestamp, config::Settings};

/// A mail, ready to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// The one recipient, in canonical form.
    pub to: String,
    /// The subject; never holds a name or a code.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

// HASH-5, LOG-2: a mail holds an address and often a code.
impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

/// Why a mail did not leave, in our own words: never an address, a code, or what the server wrote
/// (LOG-2, INJ-5), since servers like to repeat the recipient.
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
    /// What an operator does about it.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        self.remedy
    }

    /// Why this mail must not be tried again; none: it may be.
    #[must_use]
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

/// How mail leaves.
#[derive(Debug)]
pub enum Mailer {
    /// To an SMTP server.
    Smtp(Box<Smtp>),
    /// Into a folder, as `.eml` files.
    Outbox(Outbox),
    /// Nowhere; for tests.
    Memory(MemoryMailer),
}

/// Whether a mail can be addressed to `email` at all. If it is not ASCII, the server must know SMTPUTF8 (RFC 6531).
#[must_use]
pub fn is_mailable(email: &str) -> bool {
    wire::deliverable(email).is_some()
}

impl Mailer {
    /// The transport that the configuration names; connects to nothing yet.
    ///
    /// # Errors
    /// `email.from` or `email.ca_file` cannot be used, or the password would travel in clear.
    pub fn from_settings(settings: &Settings) -> Result<Self, MailError> {
        if settings.mail_by_smtp {
            Ok(Self::Smtp(Box::new(Smtp::from_settings(settings)?)))
        } else {
            Outbox::from_settings(settings).map(Self::Outbox)
        }
    }

    /// Hands `mail` over. `message_id` is the left half of its Message-ID: the same at each try, so
    /// that a mail that was delivered in spite of an error is seen as one (MAIL-1); `now` dates it.
    ///
    /// # Errors
    /// It was not taken.
    pub async fn send(
        &self,
        mail: &Mail,
        message_id: &str,
        now: Timestamp,
    ) -> Result<(), MailError> {
        match self {
            // A conversation is large; those who wait for it hold a pointer.
            Self::Smtp(smtp) => Box::pin(smtp.send(mail, message_id, now)).await,
            Self::Outbox(outbox) => outbox.write(mail, message_id, now).await,
            Self::Memory(memory) => memory.send(mail, message_id),
        }
    }

    /// Whether a mail could be sent now; sends none.
    ///
    /// # Errors
    /// What stands in the way, for the `check` command.
    pub async fn check(&self) -> Result<(), MailError> {
        match self {
            Self::Smtp(smtp) => smtp.check().await,
            Self::Outbox(outbox) => outbox.check().await,
            Self::Memory(_) => Ok(()),
        }
    }

    /// Where mail goes, in a line for the start log.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Smtp(smtp) => smtp.describe(),
            Self::Outbox(outbox) => outbox.describe(),
            Self::Memory(_) => "mail is kept in memory".to_owned(),
        }
    }
}
