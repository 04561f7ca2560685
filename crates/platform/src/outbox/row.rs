//! The rows of the outbox. A request enqueues a mail job; a worker makes and sends the mail after the answer (MAIL-1).

use bson::Document;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use kernel::{
    clock::Timestamp,
    ids::UserId,
    mail_language::MailLanguage,
    request::Origin,
    stored::{integer, time},
};
use mail::state::MailRefusal;

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
///
/// `J` is a slice's own type of jobs. The outbox itself keeps them as documents, and does not read them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OutboxRow<J = Document> {
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
    pub job: J,
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

impl<J> OutboxRow<J> {
    /// The same row with another job.
    pub fn with_job<K>(self, job: K) -> OutboxRow<K> {
        OutboxRow {
            id: self.id,
            email: self.email,
            user_id: self.user_id,
            job,
            language: self.language,
            attempts: self.attempts,
            due_at: self.due_at,
            expires_at: self.expires_at,
            created_at: self.created_at,
        }
    }
}

impl OutboxRow {
    /// The row with the job of a slice. `None` if the slice has no such job.
    pub fn read<J: DeserializeOwned>(&self) -> Option<OutboxRow<J>> {
        let job = bson::deserialize_from_document(self.job.clone()).ok()?;
        Some(self.clone().with_job(job))
    }
}

/// The state of a mail that is kept.
#[derive(Debug, Clone, Deserialize)]
pub struct MailOutcome {
    /// Why it is not tried again; `None` if it waits.
    #[serde(default)]
    pub refusal: Option<MailRefusal>,
}
