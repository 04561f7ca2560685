//! Slots in `throttles` that an address has for registrations, and the order in which its registrations arrived
//! (D2, REG-8). An address has one row, so two instances see its registrations in one order.

use bson::{Bson, Document, doc};
use mongodb::{Collection, options::ReturnDocument};
use serde::Deserialize;

use crate::store::Store;
use kernel::{clock::Timestamp, ids::UserId, stored::date};
use store::{Result, StoreError};

/// The row of an address.
#[derive(Debug, Deserialize)]
struct Row {
    /// The registrations that have a slot.
    #[serde(rename = "places")]
    slots: Vec<Slot>,
    /// All registrations in the order in which they arrived, also the refused ones. Rows of an earlier version have
    /// none.
    #[serde(default, rename = "came")]
    arrivals: Vec<Slot>,
}

#[derive(Debug, Deserialize)]
struct Slot {
    holder: UserId,
}

/// The largest number of arrivals that a row remembers.
const MAX_ARRIVALS: i32 = 100;

/// The slots of all addresses.
#[derive(Debug)]
pub struct RegistrationSlots<'a> {
    store: &'a Store,
    rows: Collection<Document>,
}

impl Store {
    /// The slots of all addresses.
    pub fn registration_slots(&self) -> RegistrationSlots<'_> {
        RegistrationSlots {
            store: self,
            rows: self.rows(&self.platform().names().throttles),
        }
    }
}

impl RegistrationSlots<'_> {
    /// Takes one of `capacity` slots for the registration `holder` until `until`, and returns the other registrations
    /// that have one; `None` if all are taken. A slot ends by time, by [`RegistrationSlots::release`], or with its
    /// registration (REG-6). The count is the length of one array, so two instances cannot both take the last slot.
    pub async fn take(
        &self,
        key: &str,
        holder: &UserId,
        capacity: i32,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Vec<UserId>>> {
        let slot = doc! { "holder": holder.as_str(), "until": date(until) };
        let ended = doc! { "until": { "$lte": date(now) } };
        let expired = doc! { "$pull": { "places": ended.clone(), "came": ended } };
        let free = doc! { "_id": key, format!("places.{}", capacity - 1): { "$exists": false } };
        let arrival = doc! { "$each": [&slot], "$slice": -MAX_ARRIVALS };
        let take = doc! {
            "$push": { "places": &slot, "came": arrival }, "$max": { "expires_at": date(until) },
        };
        loop {
            // Mostly the address has no other registration, and then one round trip is enough.
            let first = doc! {
                "_id": key, "count": 0_i64, "expires_at": date(until), "places": [&slot],
                "came": [&slot],
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
                let others = before.slots.into_iter().map(|slot| slot.holder);
                return Ok(Some(others.collect()));
            }
            // `None` if the row was deleted at this moment; then it tries again.
            if let Some(full) = self.find(key).await?
                && !self.release_ended(key, &full, now).await?
            {
                return Ok(None);
            }
        }
    }

    /// Notes, until `until`, that a registration of an address was refused. It notes nothing if the address has no row.
    pub async fn note_refused(&self, key: &str, until: Timestamp) -> Result<()> {
        let refused = doc! { "holder": "refused", "until": date(until) };
        let arrival = doc! { "$each": [refused], "$slice": -MAX_ARRIVALS };
        let to = doc! { "$push": { "came": arrival }, "$max": { "expires_at": date(until) } };
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

    /// The result of an operation on the row `key`. If the row cannot be read, it is deleted, and the result is `None`
    /// (DB-7).
    async fn shaped<T>(&self, key: &str, found: Result<Option<T>>) -> Result<Option<T>> {
        let throttles = self.store.throttles();
        Ok(throttles.shaped(key, found).await?.flatten())
    }

    /// Releases the slots of registrations that have ended; `false` if there are none.
    async fn release_ended(&self, key: &str, full: &Row, now: Timestamp) -> Result<bool> {
        let mut released = false;
        for slot in &full.slots {
            if self.store.pending().has_ended(&slot.holder, now).await? {
                self.release(key, &slot.holder).await?;
                released = true;
            }
        }
        Ok(released)
    }

    /// Whether other registrations of the address arrived after `holder`; also `true` if that is not known any more.
    pub async fn others_arrived_after(&self, key: &str, holder: &UserId) -> Result<bool> {
        let row = self.find(key).await?;
        let last = row.and_then(|row| row.arrivals.into_iter().last());
        Ok(last.is_none_or(|last| last.holder != *holder))
    }

    /// Releases the slot of `holder`, which still counts as an arrival.
    pub async fn release(&self, key: &str, holder: &UserId) -> Result<()> {
        self.pull(key, doc! { "places": { "holder": holder.as_str() } })
            .await
    }

    /// Releases the slot of `holder` and deletes its arrival, because it was replaced by its own token (REG-8).
    pub async fn forget(&self, key: &str, holder: &UserId) -> Result<()> {
        let own = Bson::from(doc! { "holder": holder.as_str() });
        self.pull(key, doc! { "places": own.clone(), "came": own })
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
