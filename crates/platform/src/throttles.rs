//! The collection `throttles`: counters per window that all instances share (RL-1). Each row expires, so the collection
//! stays small (RL-5).

use bson::doc;
use chrono::Duration;
use mongodb::options::ReturnDocument;
use serde::Deserialize;

use crate::{rows::Rows, store::Store};
use kernel::{
    clock::Timestamp,
    stored::{date, integer, time},
};
use store::{Result, StoreError};

/// A counter of one window.
#[derive(Debug, Deserialize)]
pub struct Window {
    /// The count, with the request that was counted last.
    #[serde(deserialize_with = "integer")]
    pub count: i64,
    /// When the window ends.
    #[serde(rename = "expires_at", with = "time")]
    pub ends_at: Timestamp,
}

impl Store {
    /// Deletes a row of `throttles` that has another shape, so that its count begins again. Otherwise the row would
    /// refuse all callers for ever (DB-7).
    pub async fn forget_misshapen(&self, key: &str) -> Result<()> {
        let kind = key.split(':').next();
        tracing::warn!(kind, "a counter of another shape was forgotten");
        self.throttles().forget(key).await
    }

    /// The collection `throttles`, as counters.
    pub fn throttles(&self) -> Rows<'_, Window> {
        self.rows_of(&self.names.throttles)
    }
}

impl Rows<'_, Window> {
    /// Adds one to the window at `now`. A window lasts `per_seconds` from its first count.
    pub async fn count(&self, key: &str, per_seconds: u32, now: Timestamp) -> Result<Window> {
        let ends_at = now + Duration::seconds(i64::from(per_seconds));
        let running = doc! { "$gt": date(now) };
        loop {
            // One atomic update counts in the running window, or begins a window.
            let window = doc! { "_id": key, "expires_at": &running };
            let ends = doc! { "expires_at": date(ends_at) };
            let more = doc! { "$inc": { "count": 1_i64 }, "$setOnInsert": ends };
            let update = self.rows.find_one_and_update(window, more).upsert(true);
            let update = update.return_document(ReturnDocument::After);
            match self.store.run(update).await {
                Ok(Some(window)) => return Ok(window),
                // The row of an ended window still exists, or another request began this window at the same moment.
                Ok(None) | Err(StoreError::Duplicate) => {
                    let ended = doc! { "_id": key, "expires_at": { "$not": &running } };
                    self.store.run(self.rows.delete_one(ended)).await?;
                }
                Err(StoreError::Corrupt(_)) => self.store.forget_misshapen(key).await?,
                Err(other) => return Err(other),
            }
        }
    }

    /// The result of an operation on the row `key`. `None` if the row had another shape and was deleted.
    pub async fn shaped<T>(&self, key: &str, done: Result<T>) -> Result<Option<T>> {
        match done {
            Err(StoreError::Corrupt(_)) => {
                self.store.forget_misshapen(key).await?;
                Ok(None)
            }
            done => done.map(Some),
        }
    }

    /// Takes one count of the running window back. A count of zero stays.
    pub async fn give_back(&self, key: &str, now: Timestamp) -> Result<()> {
        let counted =
            doc! { "_id": key, "expires_at": { "$gt": date(now) }, "count": { "$gt": 0 } };
        let less = doc! { "$inc": { "count": -1_i64 } };
        self.change(counted, less).await
    }

    /// Ends a window. The next count begins a new one.
    pub async fn forget(&self, key: &str) -> Result<()> {
        self.remove(key).await
    }
}
