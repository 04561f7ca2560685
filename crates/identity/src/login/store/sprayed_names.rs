//! The different names that failed to log in from an address, in one row of `throttles` per address and window (RL-4):
//! one array, so that two instances cannot both take its last place.

use bson::doc;
use chrono::Duration;
use mongodb::options::ReturnDocument;
use serde::Deserialize;

use crate::store::{Rows, Store};
use kernel::{
    clock::Timestamp,
    stored::{date, time},
};
use platform::settings::Limit;
use store::{Result, StoreError};

/// The names of one window.
#[derive(Debug, Clone, Deserialize)]
pub struct SprayedNames {
    /// The names, pseudonymized.
    #[serde(default)]
    pub names: Vec<String>,
    /// When the window ends.
    #[serde(rename = "expires_at", with = "time")]
    pub ends_at: Timestamp,
}

/// One row holds no more names, however high the limit is.
const MOST: u32 = 100_000;

fn most(limit: Limit) -> usize {
    limit.limit.clamp(1, MOST) as usize
}

impl SprayedNames {
    /// Whether `name` is one of them.
    pub fn has(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    /// Whether there is no room for another name.
    pub fn is_full(&self, limit: Limit) -> bool {
        self.names.len() >= most(limit)
    }
}

impl Store {
    /// The rows of names that failed to log in.
    pub fn sprayed_names(&self) -> Rows<'_, SprayedNames> {
        self.rows_of(&self.platform().names().throttles)
    }
}

impl Rows<'_, SprayedNames> {
    /// Adds `name` to the window that `now` is in, unless it is full. The first name begins a window. The window as it is
    /// then; without `name` it was full.
    pub async fn insert(
        &self,
        key: &str,
        name: &str,
        limit: Limit,
        now: Timestamp,
    ) -> Result<SprayedNames> {
        let ends_at = now + Duration::seconds(i64::from(limit.per_seconds));
        let last_place = format!("names.{}", most(limit) - 1);
        loop {
            let has_room = doc! {
                "_id": key, "expires_at": { "$gt": date(now) }, &last_place: { "$exists": false },
            };
            let add = doc! {
                "$addToSet": { "names": name },
                "$setOnInsert": { "expires_at": date(ends_at), "count": 0_i64 },
            };
            let update = self.rows.find_one_and_update(has_room, add).upsert(true);
            let update = update.return_document(ReturnDocument::After);
            match self.store.run(update).await {
                Ok(Some(window)) => return Ok(window),
                Ok(None) | Err(StoreError::Duplicate) => {}
                Err(StoreError::Corrupt(_)) => self.store.forget_misshapen(key).await?,
                Err(other) => return Err(other),
            }
            match self.find(key).await? {
                Some(window) if window.ends_at <= now => {
                    let ended = doc! { "_id": key, "expires_at": { "$lte": date(now) } };
                    self.store.run(self.rows.delete_one(ended)).await?;
                }
                Some(window) if window.is_full(limit) => return Ok(window),
                // It went, or a place came free, at this moment.
                Some(_) | None => {}
            }
        }
    }

    /// The last window of an address, which may have ended. One of another shape is forgotten (DB-7).
    pub async fn find(&self, key: &str) -> Result<Option<SprayedNames>> {
        let find = self.rows.find_one(doc! { "_id": key });
        let found = self.store.run(find).await;
        Ok(self.store.throttles().shaped(key, found).await?.flatten())
    }

    /// Takes `name` off the window: it logged in. False if it was not counted.
    pub async fn delete(&self, key: &str, name: &str) -> Result<bool> {
        let counted = doc! { "_id": key, "names": name };
        let less = doc! { "$pull": { "names": name } };
        let taken_off = self.store.run(self.rows.update_one(counted, less)).await;
        let taken_off = self.store.throttles().shaped(key, taken_off).await?;
        Ok(taken_off.is_none_or(|done| done.matched_count == 1))
    }
}
