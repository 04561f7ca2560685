//! `daily_counts`: a document for each day, to which all instances add.

use bson::{Document, doc};
use chrono::{Days, NaiveDate, NaiveTime};
use serde::Deserialize;

use super::{DAYS, Fields};
use crate::{rows::Rows, store::Store};
use kernel::{
    clock::Timestamp,
    stored::{date, integer},
};
use store::{Result, StoreError};

/// The counts of one day (UTC). The struct is the document.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DayCounts {
    /// The day: `YYYY-MM-DD`.
    #[serde(rename = "_id")]
    pub day: String,
    /// Logins.
    #[serde(default, deserialize_with = "integer")]
    pub logins: i64,
    /// Logins with a wrong name, password or passkey.
    #[serde(default, deserialize_with = "integer")]
    pub failed_logins: i64,
    /// Registrations.
    #[serde(default, deserialize_with = "integer")]
    pub registrations: i64,
    /// Mails that a mail server took.
    #[serde(default, deserialize_with = "integer")]
    pub mails_sent: i64,
}

impl DayCounts {
    /// A day on which nothing was counted.
    #[must_use]
    pub const fn none(day: String) -> Self {
        Self {
            day,
            logins: 0,
            failed_logins: 0,
            registrations: 0,
            mails_sent: 0,
        }
    }
}

/// A day is kept a little longer than it is shown.
const KEPT: u64 = DAYS + 2;

/// When the document of a day is of no use any more.
fn end_of(day: NaiveDate) -> Timestamp {
    let last = day.checked_add_days(Days::new(KEPT)).unwrap_or(day);
    last.and_time(NaiveTime::MIN).and_utc()
}

impl Store {
    /// The collection `daily_counts`.
    pub(super) fn activity(&self) -> Rows<'_, Document> {
        self.rows_of(&self.names.daily_counts)
    }
}

impl Rows<'_, Document> {
    /// Adds to the counts of a day; the first count makes its document.
    pub(super) async fn add(&self, day: NaiveDate, fields: &Fields) -> Result<()> {
        let fields = fields.iter();
        let more: Document = fields
            .map(|(what, many)| (what.field().to_owned(), (*many).into()))
            .collect();
        let to = doc! { "$inc": more, "$setOnInsert": { "expires_at": date(end_of(day)) } };
        loop {
            let row = doc! { "_id": day.to_string() };
            let update = self.rows.update_one(row, to.clone()).upsert(true);
            match self.store.run(update).await {
                Ok(_) => return Ok(()),
                // Two made the document at once: the second one finds it when it asks again.
                Err(StoreError::Duplicate) => {}
                // Another shape would refuse the counts of the whole day (DB-7).
                Err(StoreError::Corrupt(_)) => self.remove(&day.to_string()).await?,
                Err(other) => return Err(other),
            }
        }
    }

    /// The days that are kept at `now`, at most 33 of them. A document of another shape is passed over (DB-7).
    pub(super) async fn list(&self, now: Timestamp) -> Result<Vec<DayCounts>> {
        let kept = doc! { "expires_at": { "$gt": date(now) } };
        let find = self
            .rows
            .find(kept)
            .sort(doc! { "expires_at": -1 })
            .limit(100)
            .batch_size(100)
            .max_time(self.store.read_limit());
        let rows = self.store.all(find).await?.into_iter();
        let read = |row| bson::deserialize_from_document(row).ok();
        Ok(rows.filter_map(read).collect())
    }
}
