//! Places in `throttles` that an address has for registrations, and which registrations came to it (D2, REG-8).
//! One row per address, so two instances see its registrations in one order.

use bson::{Bson, Document, doc};
use mongodb::{Collection, options::ReturnDocument};
use serde::Deserialize;

use super::{Result, Store, StoreError};
use crate::{
    clock::Timestamp,
    domain::{ids::UserId, stored::date},
};

/// The row of an address.
#[derive(Debug, Deserialize)]
struct Row {
    /// The registrations that have a place.
    places: Vec<Place>,
    /// Those that came, in their order, whatever became of them; rows of an earlier version know of none.
    #[serde(default)]
    came: Vec<Place>,
}

#[derive(Debug, Deserialize)]
struct Place {
    holder: UserId,
}

/// However many come, one row remembers no more.
const MOST_REMEMBERED: i32 = 100;

/// The rows.
#[derive(Debug)]
pub struct Places<'a> {
    store: &'a Store,
    rows: Collection<Document>,
}

impl Store {
    /// The places of addresses.
    #[must_use]
    pub fn places(&self) -> Places<'_> {
        Places {
            store: self,
            rows: self.rows(&self.names.collections.throttles),
        }
    }
}

impl Places<'_> {
    /// Takes one of `capacity` places until `until`, for `holder`, a registration: the others that have one. None: all are
    /// taken. A place ends by time, by [`Places::leave`], or with its registration (REG-6); the count is the length of one
    /// array, so two instances cannot both take the last one.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn take(
        &self,
        key: &str,
        holder: &UserId,
        capacity: i32,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Vec<UserId>>> {
        let place = doc! { "holder": holder.as_str(), "until": date(until) };
        let over = doc! { "until": { "$lte": date(now) } };
        let expired = doc! { "$pull": { "places": over.clone(), "came": over } };
        let free = doc! { "_id": key, format!("places.{}", capacity - 1): { "$exists": false } };
        let came = doc! { "$each": [&place], "$slice": -MOST_REMEMBERED };
        let take = doc! {
            "$push": { "places": &place, "came": came }, "$max": { "expires_at": date(until) },
        };
        loop {
            // Nearly always the address has no other registration: one round trip then.
            let first = doc! {
                "_id": key, "count": 0_i64, "expires_at": date(until), "places": [&place],
                "came": [&place],
            };
            if StoreError::taken(self.store.run(self.rows.insert_one(first)).await)? {
                return Ok(Some(Vec::new()));
            }
            let taken = async {
                let pull = self.rows.update_one(doc! { "_id": key }, expired.clone());
                self.store.run(pull).await?;
                let rows = self.typed();
                let taken = rows
                    .find_one_and_update(free.clone(), take.clone())
                    .return_document(ReturnDocument::Before);
                self.store.run(taken).await
            };
            let taken = taken.await;
            if let Some(before) = self.shaped(key, taken).await? {
                let others = before.places.into_iter().map(|place| place.holder);
                return Ok(Some(others.collect()));
            }
            // None: forgotten at this moment.
            if let Some(full) = self.find(key).await?
                && !self.free(key, &full, now).await?
            {
                return Ok(None);
            }
        }
    }

    /// Notes, until `until`, that a registration came to an address and was refused. Nothing to note where there is none.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn note_refused(&self, key: &str, until: Timestamp) -> Result<()> {
        let refused = doc! { "holder": "refused", "until": date(until) };
        let came = doc! { "$each": [refused], "$slice": -MOST_REMEMBERED };
        let to = doc! { "$push": { "came": came }, "$max": { "expires_at": date(until) } };
        let noted = self.rows.update_one(doc! { "_id": key }, to);
        let noted = self.store.run(noted).await.map(Some);
        self.shaped(key, noted).await.map(drop)
    }

    fn typed(&self) -> Collection<Row> {
        self.rows.clone_with_type()
    }

    async fn find(&self, key: &str) -> Result<Option<Row>> {
        let find = self.typed();
        let found = self.store.run(find.find_one(doc! { "_id": key })).await;
        self.shaped(key, found).await
    }

    /// What an operation on the row `key` found; `None` too if the row had another shape, and is forgotten (DB-7).
    async fn shaped<T>(&self, key: &str, found: Result<Option<T>>) -> Result<Option<T>> {
        let throttles = self.store.throttles();
        Ok(throttles.shaped(key, found).await?.flatten())
    }

    /// Frees the places of registrations that are over; false: there are none.
    async fn free(&self, key: &str, full: &Row, now: Timestamp) -> Result<bool> {
        let mut freed = false;
        for place in &full.places {
            if self.store.pending().is_over(&place.holder, now).await? {
                self.leave(key, &place.holder).await?;
                freed = true;
            }
        }
        Ok(freed)
    }

    /// Whether other registrations came to the address after `holder`; also when that is not known any more.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn others_came_after(&self, key: &str, holder: &UserId) -> Result<bool> {
        let row = self.find(key).await?;
        let last = row.and_then(|row| row.came.into_iter().last());
        Ok(last.is_none_or(|last| last.holder != *holder))
    }

    /// Frees the place of `holder`, which has come to the address all the same.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn leave(&self, key: &str, holder: &UserId) -> Result<()> {
        self.pull(key, doc! { "places": { "holder": holder.as_str() } })
            .await
    }

    /// As if `holder` had never come: it was replaced by its own token (REG-8).
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn forget(&self, key: &str, holder: &UserId) -> Result<()> {
        let mine = Bson::from(doc! { "holder": holder.as_str() });
        self.pull(key, doc! { "places": mine.clone(), "came": mine })
            .await
    }

    async fn pull(&self, key: &str, what: Document) -> Result<()> {
        let update = self
            .rows
            .update_one(doc! { "_id": key }, doc! { "$pull": what });
        let pulled = self.store.run(update).await.map(Some);
        self.shaped(key, pulled).await.map(drop)
    }
}
