//! The collection `throttles`: counters per window that all instances share (RL-1). Each row expires, so the collection
//! stays small (RL-5).

use bson::doc;
use chrono::Duration;
use mongodb::{Collection, options::ReturnDocument};
use serde::{Deserialize, Serialize};

use super::{Result, Store, StoreError};
use crate::{
    clock::Timestamp,
    domain::stored::{date, integer, time},
};

/// A counter of one window.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Window {
    #[serde(rename = "_id")]
    id: String,
    #[serde(deserialize_with = "integer")]
    count: i64,
    #[serde(with = "time")]
    expires_at: Timestamp,
}

/// The collection.
#[derive(Debug)]
pub struct Throttles<'a> {
    store: &'a Store,
    rows: Collection<Window>,
}

impl Store {
    /// Deletes a row of `throttles` that has another shape, so that its count begins again. Otherwise the row would
    /// refuse all callers for ever (DB-7).
    pub(super) async fn forget_misshapen(&self, key: &str) -> Result<()> {
        let kind = key.split(':').next();
        tracing::warn!(kind, "a counter of another shape was forgotten");
        self.throttles().forget(key).await
    }

    /// The collection `throttles`, as counters.
    #[must_use]
    pub fn throttles(&self) -> Throttles<'_> {
        Throttles {
            store: self,
            rows: self.rows(&self.names.collections.throttles),
        }
    }
}

/// The state of a counter after a count.
#[derive(Debug, Clone, Copy)]
pub struct Counted {
    /// The count of this window, with this request.
    pub count: i64,
    /// When the window ends.
    pub ends_at: Timestamp,
}

impl Throttles<'_> {
    /// Adds one to the window at `now`. A window lasts `per_seconds` from its first count.
    pub async fn count(&self, key: &str, per_seconds: u32, now: Timestamp) -> Result<Counted> {
        let ends_at = now + Duration::seconds(i64::from(per_seconds));
        let running = doc! { "$gt": date(now) };
        loop {
            // One atomic update counts in the running window, or begins a window.
            let update = self
                .rows
                .find_one_and_update(
                    doc! { "_id": key, "expires_at": &running },
                    doc! {
                        "$inc": { "count": 1_i64 },
                        "$setOnInsert": { "expires_at": date(ends_at) },
                    },
                )
                .upsert(true)
                .return_document(ReturnDocument::After);
            match self.store.run(update).await {
                Ok(Some(row)) => {
                    return Ok(Counted {
                        count: row.count,
                        ends_at: row.expires_at,
                    });
                }
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
    pub(super) async fn shaped<T>(&self, key: &str, done: Result<T>) -> Result<Option<T>> {
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
        self.store
            .run(self.rows.update_one(counted, less))
            .await
            .map(drop)
    }

    /// Ends a window. The next count begins a new one.
    pub async fn forget(&self, key: &str) -> Result<()> {
        self.store
            .run(self.rows.delete_one(doc! { "_id": key }))
            .await
            .map(drop)
    }
}
