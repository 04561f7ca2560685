//! `throttles`: counters per window, shared by all instances (RL-1). Every row ages, so the collection stays small (RL-5).

use bson::doc;
use chrono::Duration;
use mongodb::{Collection, options::ReturnDocument};
use serde::{Deserialize, Serialize};

use super::{Result, Store, StoreError};
use crate::{
    clock::Timestamp,
    domain::stored::{date, time, whole},
};

/// A counter of one window.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Window {
    #[serde(rename = "_id")]
    id: String,
    #[serde(deserialize_with = "whole")]
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
    /// Forgets a row of `throttles` that has another shape, so that what is counted in it begins anew: otherwise it would
    /// refuse everybody for ever (DB-7).
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

/// What a counter stands at after a count.
#[derive(Debug, Clone, Copy)]
pub struct Counted {
    /// How many in this window, this one included.
    pub count: i64,
    /// When the window ends.
    pub ends_at: Timestamp,
}

impl Throttles<'_> {
    /// Counts one in the window that `now` is in, most likely the first; windows last `per_seconds` from their first count.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn count(&self, key: &str, per_seconds: u32, now: Timestamp) -> Result<Counted> {
        self.count_several(key, (1, per_seconds), false, now).await
    }

    /// Counts `several` at once in the window that `now` is in: in one round trip if it is running, or is not, as the
    /// caller believes.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn count_several(
        &self,
        key: &str,
        (several, per_seconds): (u32, u32),
        is_running: bool,
        now: Timestamp,
    ) -> Result<Counted> {
        let several = i64::from(several);
        // One atomic update of the running window; a new one begins with the first count after the old one's end.
        let ends_at = now + Duration::seconds(i64::from(per_seconds));
        let mut begins = !is_running;
        loop {
            if begins {
                let ended = doc! { "_id": key, "expires_at": { "$lte": date(now) } };
                let fresh = doc! { "$set": { "count": several, "expires_at": date(ends_at) } };
                let begin = self.rows.update_one(ended, fresh).upsert(true);
                // Taken: the window is running; count in it.
                if StoreError::taken(self.store.run(begin).await)? {
                    return Ok(Counted {
                        count: several,
                        ends_at,
                    });
                }
            }
            let running = doc! { "_id": key, "expires_at": { "$gt": date(now) } };
            let update = self
                .rows
                .find_one_and_update(running, doc! { "$inc": { "count": several } })
                .return_document(ReturnDocument::After);
            match self.store.run(update).await {
                Ok(Some(row)) => {
                    return Ok(Counted {
                        count: row.count,
                        ends_at: row.expires_at,
                    });
                }
                // It has neither begun nor ended: or it ended just now, and is forgotten for nothing.
                Ok(None) if begins => self.forget_endless(key).await?,
                Ok(None) => {}
                Err(StoreError::Corrupt(_)) => self.store.forget_misshapen(key).await?,
                Err(other) => return Err(other),
            }
            begins = true;
        }
    }

    /// What an operation on the row `key` came to. `None` if the row had another shape, and is forgotten.
    pub(super) async fn shaped<T>(&self, key: &str, done: Result<T>) -> Result<Option<T>> {
        match done {
            Err(StoreError::Corrupt(_)) => {
                self.store.forget_misshapen(key).await?;
                Ok(None)
            }
            done => done.map(Some),
        }
    }

    /// Forgets a row whose end is no time.
    async fn forget_endless(&self, key: &str) -> Result<()> {
        let endless = doc! { "_id": key, "expires_at": { "$not": { "$type": "date" } } };
        self.store
            .run(self.rows.delete_one(endless))
            .await
            .map(drop)
    }

    /// Takes a count of the running window back; a window that began since has none to give.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn give_back(&self, key: &str, now: Timestamp) -> Result<()> {
        let counted =
            doc! { "_id": key, "expires_at": { "$gt": date(now) }, "count": { "$gt": 0 } };
        let less = doc! { "$inc": { "count": -1_i64 } };
        self.store
            .run(self.rows.update_one(counted, less))
            .await
            .map(drop)
    }

    /// [`Throttles::give_back`] for several counters, in one round trip.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn give_all_back(&self, keys: &[&str], now: Timestamp) -> Result<()> {
        let counted = doc! {
            "_id": { "$in": keys }, "expires_at": { "$gt": date(now) }, "count": { "$gt": 0 },
        };
        let less = doc! { "$inc": { "count": -1_i64 } };
        let update = self.rows.update_many(counted, less);
        self.store.run(update).await.map(drop)
    }

    /// Ends a window: what comes next is the first of a new one.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn forget(&self, key: &str) -> Result<()> {
        self.store
            .run(self.rows.delete_one(doc! { "_id": key }))
            .await
            .map(drop)
    }
}
