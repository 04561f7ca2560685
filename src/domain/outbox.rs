//! The mail jobs that a request enqueues and a worker handles after its answer (D11, MAIL-1).

use serde::{Deserialize, Serialize};

use mail::{message::Notice, state::MailRefusal};

use crate::domain::otp::OtpPurpose;
use kernel::{
    clock::Timestamp,
    ids::UserId,
    mail_language::MailLanguage,
    request::Origin,
    stored::{integer, time},
};

/// The content of a mail job. It contains no secret, because codes and links are derived when the mail is sent (OTP-2).
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
    /// A reset code and link for the owner of the address.
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
    /// The tries of codes for an address are used up; its owner is notified, if there is one.
    CodesUsedUp {
        /// The purpose of the codes.
        purpose: OtpPurpose,
    },
    /// An issued code; it is sent unless a newer one has replaced it.
    Code {
        /// The challenge's `_id`.
        challenge: String,
        /// The id of the code, because the challenge may have a newer one.
        otp_id: String,
    },
    /// A notice; the letter of its kind is mailed.
    #[serde(untagged)]
    Notice(Notice),
}

impl MailJob {
    /// A notice of this kind.
    pub fn notice<'a>(kind: &str, values: impl IntoIterator<Item = (&'a str, String)>) -> Self {
        let values = values.into_iter();
        Self::Notice(Notice {
            kind: kind.to_owned(),
            values: values
                .map(|(name, value)| (name.to_owned(), Some(value)))
                .collect(),
        })
    }
}

/// When a mail was requested, and the language of the request, which is used unless the account has its own.
#[derive(Debug, Clone, Copy)]
pub struct MailRequest {
    /// The time.
    pub at: Timestamp,
    /// The language.
    pub language: Option<MailLanguage>,
}

impl From<&Origin> for MailRequest {
    fn from(origin: &Origin) -> Self {
        Self {
            at: origin.now,
            language: origin.language,
        }
    }
}

/// A mail job in the outbox. The struct is the document of a mail that waits. A mail that was refused permanently has a
/// [`MailRefusal`] as `refusal` instead of `due_at`, and stays for the operators (MAIL-8).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OutboxRow {
    /// Also the mail's Message-ID, the same on each try.
    #[serde(rename = "_id")]
    pub id: String,
    /// The canonical address.
    pub email: String,
    /// The account or registration that it is about, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// The mail job.
    #[serde(rename = "intent")]
    pub job: MailJob,
    /// The language of [`MailRequest`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<MailLanguage>,
    /// The number of tries.
    #[serde(deserialize_with = "integer")]
    pub attempts: i32,
    /// When a worker may take it; used for the lease and for the pause between tries.
    #[serde(with = "time")]
    pub due_at: Timestamp,
    /// When it is no longer of use.
    #[serde(with = "time")]
    pub expires_at: Timestamp,
    /// When the request enqueued it.
    #[serde(with = "time")]
    pub created_at: Timestamp,
}

/// The state of a mail that is kept.
#[derive(Debug, Clone, Deserialize)]
pub struct MailOutcome {
    /// Why it is not tried again; `None` if it waits.
    #[serde(default)]
    pub refusal: Option<MailRefusal>,
}
