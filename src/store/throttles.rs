//! `throttles`: counters per window, shared by all instances (RL-1). Every row ages, so the collection stays small (RL-5).

use bson::{Document, doc};
use chrono::Duration;
use mongodb::{Collection, options::ReturnDocument};
use serde::{Deserialize, Serialize};

use super::{Result, Store, StoreError};
use crate::{
    clock::Timestamp,
    config::sections::Limit,
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

/// What became of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameTaken {
    /// It is among the names of the window from now on.
    Now,
    /// It was before.
    Before,
    /// There are as many others as may be, until this moment.
    Full(Timestamp),
}

/// Different names of one window.
#[derive(Debug, Deserialize)]
pub(super) struct Names {
    #[serde(default)]
    names: Vec<String>,
    #[serde(with = "time")]
    expires_at: Timestamp,
}

/// However high the limit, one row holds no more.
const MOST_NAMES: u32 = 100_000;

/// The running window of `key` while it has room for so many names more.
pub(super) fn with_room(key: &str, limit: Limit, names: usize, now: Timestamp) -> Document {
    let most = limit.limit.clamp(1, MOST_NAMES) as usize;
    let last = format!("names.{}", most.saturating_sub(names));
    doc! { "_id": key, "expires_at": { "$gt": date(now) }, last: { "$exists": false } }
}

impl Names {
    fn has(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    /// What became of `name`, which was noted after this.
    pub(super) fn taken(&self, name: &str) -> NameTaken {
        if self.has(name) {
            NameTaken::Before
        } else {
            NameTaken::Now
        }
    }

    fn is_full(&self, limit: Limit) -> bool {
        self.names.len() >= limit.limit.clamp(1, MOST_NAMES) as usize
    }
}

impl Throttles<'_> {
    /// Counts one in the window that `now` is in; windows last `per_seconds` from their first count.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn count(&self, key: &str, per_seconds: u32, now: Timestamp) -> Result<Counted> {
        let ends_at = now + Duration::seconds(i64::from(per_seconds));
        let running = doc! { "$gt": date(now) };
        loop {
            // One atomic update counts in the running window, or begins one.
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
                // A window that has ended is in the way; or another request began this one at the same moment.
                Ok(None) | Err(StoreError::Duplicate) => {
                    let ended = doc! { "_id": key, "expires_at": { "$not": &running } };
                    self.store.run(self.rows.delete_one(ended)).await?;
                }
                Err(StoreError::Corrupt(_)) => self.store.forget_misshapen(key).await?,
                Err(other) => return Err(other),
            }
        }
    }

    /// Notes `name` among the different names of the window that `now` is in, unless it is full: one array in one row,
    /// so two instances cannot both take the last place.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn take_name(
        &self,
        key: &str,
        name: &str,
        limit: Limit,
        now: Timestamp,
    ) -> Result<NameTaken> {
        let rows = self.rows.clone_with_type::<Names>();
        let ends_at = now + Duration::seconds(i64::from(limit.per_seconds));
        loop {
            let open = with_room(key, limit, 1, now);
            let take = doc! { "$addToSet": { "names": name } };
            let before = self.store.run(rows.find_one_and_update(open, take)).await;
            let Some(before) = self.shaped(key, before).await? else {
                continue;
            };
            if let Some(before) = before {
                return Ok(before.taken(name));
            }
            let found = self.store.run(rows.find_one(doc! { "_id": key })).await;
            let Some(found) = self.shaped(key, found).await? else {
                continue;
            };
            match found.filter(|row| row.expires_at > now) {
                Some(row) if row.has(name) => return Ok(NameTaken::Before),
                Some(row) if row.is_full(limit) => return Ok(NameTaken::Full(row.expires_at)),
                // A place came free at this moment.
                Some(_) => {}
                None => {
                    let ended = doc! { "_id": key, "expires_at": { "$lte": date(now) } };
                    let fresh = doc! { "$set": {
                        "names": [name], "count": 0_i64, "expires_at": date(ends_at),
                    } };
                    let begin = rows.update_one(ended, fresh).upsert(true);
                    // Not taken: somebody else began the window at this moment.
                    if StoreError::taken(self.store.run(begin).await)? {
                        return Ok(NameTaken::Now);
                    }
                }
            }
        }
    }

    /// Notes several names in the window that `now` is in; the names before. None: it is not running, or has no room for
    /// all of them.
    ///
    /// # Errors
    /// The database does not answer.
    pub(super) async fn take_names(
        &self,
        key: &str,
        names: Vec<&str>,
        limit: Limit,
        now: Timestamp,
    ) -> Result<Option<Names>> {
        if names.len() > limit.limit.clamp(1, MOST_NAMES) as usize {
            return Ok(None);
        }
        let rows = self.rows.clone_with_type::<Names>();
        let open = with_room(key, limit, names.len(), now);
        let take = doc! { "$addToSet": { "names": { "$each": names } } };
        let before = self.store.run(rows.find_one_and_update(open, take)).await;
        Ok(self.shaped(key, before).await?.flatten())
    }

    /// What an operation on the row `key` came to; none: the row had another shape, and is forgotten.
    pub(super) async fn shaped<T>(&self, key: &str, done: Result<T>) -> Result<Option<T>> {
        match done {
            Err(StoreError::Corrupt(_)) => {
                self.store.forget_misshapen(key).await?;
                Ok(None)
            }
            done => done.map(Some),
        }
    }

    /// Takes a name off the running window.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn give_name_back(&self, key: &str, name: &str) -> Result<()> {
        let less = doc! { "$pull": { "names": name } };
        let given = self.rows.update_one(doc! { "_id": key }, less);
        let given = self.store.run(given).await;
        self.shaped(key, given).await.map(drop)
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
        let less = |key: &&str| {
            let counted =
                doc! { "_id": *key, "expires_at": { "$gt": date(now) }, "count": { "$gt": 0 } };
            doc! { "q": counted, "u": { "$inc": { "count": -1_i64 } } }
        };
        let updates = keys.iter().map(less).collect();
        let throttles = &self.store.names.collections.throttles;
        self.store
            .update_several(throttles, updates)
            .await
            .map(drop)
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
