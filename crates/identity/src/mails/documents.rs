//! The mail jobs that a request enqueues and a worker handles after its answer (D11, MAIL-1).

use serde::{Deserialize, Serialize};

use mail::notice::Notice;

use crate::{codes::documents::OtpPurpose, own_account::rules::link::Link};
use kernel::ids::UserId;

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
    /// The link of a change that the owner makes to the account; it is sent while that change waits for it.
    AccountLink {
        /// What the link is for.
        link: Link,
        /// The account.
        account: UserId,
        /// The `proof_id` of the change, because the account may have a newer one.
        proof_id: String,
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

/// A row of the outbox with a mail job about an account.
pub type OutboxRow = platform::outbox::OutboxRow<MailJob>;
