//! The mails that do not arrive: those that were refused for good, and those that wait too long. Administrators see them,
//! and have them tried again (MAIL-8).

use bson::{Bson, Document, doc};
use chrono::Duration;
use serde::Deserialize;

use super::{Slices, lease, store::Outbox};
use crate::{
    Platform,
    outbox::{MailDecision, OutboxRow},
};
use kernel::{
    clock::Timestamp,
    error::Result,
    ids::UserId,
    page::{Listed, Page},
    stored::{date, integer, optional_time, time},
};
use mail::state::MailRefusal;
use store::listing::{List, Order, keyed, readable};

/// A mail waits too long after this time.
const TOO_LONG: Duration = Duration::minutes(10);

/// How far apart the clocks of two instances may be (TIME-1).
const CLOCK_SKEW: Duration = Duration::seconds(30);

/// The order of the list, and of its index.
const ORDER: Order = Order {
    time: "created_at",
    id: "_id",
};

/// A mail that does not arrive.
#[derive(Debug, Clone, Deserialize)]
pub struct Undelivered {
    /// Its id.
    #[serde(rename = "_id")]
    pub id: String,
    /// The canonical address.
    pub email: String,
    /// The account or registration that it is about. `None` if the request did not know it.
    #[serde(default)]
    pub user_id: Option<UserId>,
    /// The mail job, which only its slice can read.
    #[serde(rename = "intent")]
    pub job: Document,
    /// The number of tries.
    #[serde(deserialize_with = "integer")]
    pub attempts: i32,
    /// When it is tried next. `None` if it was refused for good.
    #[serde(default, with = "optional_time")]
    pub due_at: Option<Timestamp>,
    /// When the request enqueued it.
    #[serde(with = "time")]
    pub created_at: Timestamp,
    /// Why it was refused for good. `None` if it waits.
    #[serde(default)]
    pub refusal: Option<MailRefusal>,
}

impl Undelivered {
    /// The fields that are read from the document (ADM-4).
    const FIELDS: &'static [&'static str] = &[
        "_id",
        "email",
        "user_id",
        "intent",
        "attempts",
        "due_at",
        "created_at",
        "refusal",
    ];
}

/// Whether there still is a mail for a row that was refused for good: not if its code has expired or was replaced, or if
/// what it tells is not true any more.
pub async fn is_needed(slices: Slices<'_>, row: &OutboxRow, now: Timestamp) -> Result<bool> {
    for slice in slices {
        if let Some(decision) = slice.decide(row, now).await? {
            let is_over = matches!(decision, MailDecision::NotNeeded | MailDecision::TooLate);
            return Ok(!is_over);
        }
    }
    Ok(false)
}

/// Has a mail tried now that was refused at `refused_at`: one conditional update, so that two callers cause one try. From
/// now on it has the lifetime of a notice. `false` if it was tried again meanwhile.
pub async fn retry_refused(
    platform: &Platform,
    id: &str,
    refused_at: Timestamp,
    now: Timestamp,
) -> Result<bool> {
    let lifetime = Duration::hours(platform.settings.email.notice_hours);
    let outbox = platform.store.outbox();
    let again = outbox.retry_refused(id, refused_at, now, now + lifetime);
    let again = again.await?;
    platform.mail_due.notify_one();
    Ok(again)
}

/// Has a mail tried now that waits for a later try. A mail whose next try is near may be in the hands of a worker, whose
/// lease ends then: it does not change, so that no second worker sends it.
pub async fn hurry(platform: &Platform, id: &str, now: Timestamp) -> Result<()> {
    let near = now + lease(platform) + CLOCK_SKEW;
    platform.store.outbox().hurry(id, near, now).await?;
    platform.mail_due.notify_one();
    Ok(())
}

impl Outbox<'_> {
    /// A page of the mails that do not arrive, newest first.
    pub async fn list_undelivered(
        &self,
        page: &Page,
        now: Timestamp,
    ) -> Result<Listed<Undelivered>> {
        let list = List {
            rows: self.rows.clone_with_type(),
            order: ORDER,
            fields: Undelivered::FIELDS,
        };
        let undelivered = doc! { "$or": [
            { "refusal": { "$exists": true } }, { "created_at": { "$lt": date(now - TOO_LONG) } },
        ] };
        let (mut rows, sort) = ORDER.dated(page.after.as_ref());
        if page.after.is_none() {
            // Reminders of coming days are enqueued for their day.
            rows = doc! { ORDER.time: { "$lte": date(now) } };
        }
        let part = (rows, sort);
        let rows = self
            .store
            .part(&list, &undelivered, part, page.wanted())
            .await?;
        let read = |row| bson::deserialize_from_document(row).map_err(drop);
        Ok(readable(page.cut(keyed(rows, ORDER, read))))
    }

    /// A mail that does not arrive, or that is on its way. `None` if it was sent or given up, or cannot be read.
    pub async fn find(&self, id: &str) -> Result<Option<Undelivered>> {
        let rows = self.rows.clone_with_type::<Document>();
        let row = self.store.run(rows.find_one(doc! { "_id": id })).await?;
        Ok(row.and_then(|row| bson::deserialize_from_document(row).ok()))
    }

    /// Makes a refused mail due, if it still is refused as it was at `refused_at`.
    async fn retry_refused(
        &self,
        id: &str,
        refused_at: Timestamp,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool> {
        let refused = doc! { "_id": id, "due_at": Bson::Null, "refusal.at": date(refused_at) };
        let to = doc! {
            "$set": { "due_at": date(now), "expires_at": date(expires_at) },
            "$unset": { "refusal": "" },
        };
        let again = self.store.run(self.rows.update_one(refused, to)).await?;
        Ok(again.matched_count == 1)
    }

    /// Makes a mail due whose next try is after `near`.
    async fn hurry(&self, id: &str, near: Timestamp, now: Timestamp) -> Result<()> {
        let later = doc! {
            "_id": id, "due_at": { "$gt": date(near) }, "created_at": { "$lte": date(now) },
        };
        let to = doc! { "$set": { "due_at": date(now) } };
        self.store.run(self.rows.update_one(later, to)).await?;
        Ok(())
    }
}

impl Undelivered {
    /// The row that a worker would take at `now`.
    #[must_use]
    pub fn row(&self, now: Timestamp) -> OutboxRow {
        OutboxRow {
            id: self.id.clone(),
            email: self.email.clone(),
            user_id: self.user_id.clone(),
            job: self.job.clone(),
            language: None,
            attempts: self.attempts,
            due_at: now,
            expires_at: now,
            created_at: self.created_at,
        }
    }
}
