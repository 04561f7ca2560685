//! What is to be mailed: intents that the request wrote down, worked on after its answer (D11, MAIL-1).

use serde::{Deserialize, Serialize};

use super::{
    ids::UserId,
    mail_language::MailLanguage,
    mail_state::MailRefusal,
    otp::OtpPurpose,
    request::Origin,
    stored::{time, whole},
};
use crate::clock::Timestamp;

/// What a mail is to be about. Nothing in it is secret: codes and links are derived when it is sent (OTP-2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MailJob {
    /// The first code of a registration.
    Registered {
        /// The registration.
        registration: UserId,
    },
    /// New codes for every live registration of the address.
    RenewCodes,
    /// A new code for one registration, asked for by an administrator.
    RenewCode {
        /// The registration.
        registration: UserId,
    },
    /// A reset code and link for whoever has the address.
    ResetPassword,
    /// An invitation to set the first password.
    Invitation {
        /// The account.
        account: UserId,
    },
    /// A link to set the first password of an account that was made without one (REG-8).
    FirstPassword {
        /// The account.
        account: UserId,
    },
    /// The tries of codes for an address are used up; its owner is told, if it has one.
    CodesUsedUp {
        /// What the codes are for.
        purpose: OtpPurpose,
    },
    /// A code that was issued: to be sent unless a newer one has replaced it.
    Code {
        /// The challenge's `_id`.
        challenge: String,
        /// Which of its codes.
        otp_id: String,
    },
    /// The address has an account already (`registration.disclosure=strict`).
    AlreadyRegistered,
    /// The password was changed by its owner.
    PasswordChanged,
    /// The password was reset.
    PasswordReset,
    /// A log-in succeeded after several failures.
    SignInAfterFailures {
        /// From this IP address.
        #[serde(default)]
        ip: Option<String>,
    },
    /// A refresh token was used twice.
    RefreshReplayed,
    /// Too many wrong codes: the code path is closed for a day.
    CodesBlocked,
}

/// When a mail was asked for, and what to write in unless the account has a language of its own: that of the request.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// When.
    pub at: Timestamp,
    /// In which language.
    pub language: Option<MailLanguage>,
}

impl From<&Origin> for Asked {
    fn from(origin: &Origin) -> Self {
        Self {
            at: origin.now,
            language: origin.language,
        }
    }
}

/// An intent in the outbox. The struct is the document of one that waits; one that was refused for good has a
/// [`MailRefusal`] as `refusal` in the place of `due_at`, and stays for those who run the service (MAIL-8).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OutboxRow {
    /// Also the mail's Message-ID, the same on each try.
    #[serde(rename = "_id")]
    pub id: String,
    /// The canonical address.
    pub email: String,
    /// Whose account or registration it is about, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// What it is about.
    pub intent: MailJob,
    /// The language of [`Asked`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<MailLanguage>,
    /// Tries.
    #[serde(deserialize_with = "whole")]
    pub attempts: i32,
    /// When a worker may take it: its lease and its backoff are one time.
    #[serde(with = "time")]
    pub due_at: Timestamp,
    /// After this it is of no use any more.
    #[serde(with = "time")]
    pub expires_at: Timestamp,
    /// When the request wrote it down.
    #[serde(with = "time")]
    pub created_at: Timestamp,
}

/// What a mail that is kept has come to.
#[derive(Debug, Clone, Deserialize)]
pub struct MailFate {
    /// Why it is not tried again; none: it waits.
    #[serde(default)]
    pub refusal: Option<MailRefusal>,
}
