//! `identifiers`: the one namespace for e-mail addresses, usernames and user ids (REG-2).

use bson::doc;
use futures_util::future::try_join_all;
use mongodb::Collection;
use serde::{Deserialize, Serialize};

use super::{Result, Store, StoreError};
use crate::{
    clock::Timestamp,
    domain::{
        ids::UserId,
        stored::{date, optional_time},
    },
};

/// What a reservation is at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Held for a registration until it expires.
    Reserved,
    /// An account's.
    Active,
    /// A deleted account's user id, which is never issued again.
    Retired,
}

/// A name and whose it is; `_id` is `email:…`, `username:…` or `user_id:…`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reservation {
    /// The name with its kind.
    #[serde(rename = "_id")]
    pub key: String,
    /// Whose it is.
    pub owner: UserId,
    /// Held, in use or retired.
    pub state: State,
    /// Only while it is held.
    #[serde(
        default,
        with = "optional_time",
        skip_serializing_if = "Option::is_none"
    )]
    pub expires_at: Option<Timestamp>,
}

/// The collection.
#[derive(Debug)]
pub struct Identifiers<'a> {
    store: &'a Store,
    rows: Collection<Reservation>,
}

impl Store {
    /// The collection `identifiers`.
    #[must_use]
    pub fn identifiers(&self) -> Identifiers<'_> {
        Identifiers {
            store: self,
            rows: self.rows(&self.names.collections.identifiers),
        }
    }
}

impl Identifiers<'_> {
    /// Holds `key` for `owner` until `expires_at`; one that is only held for what is over is taken over at once (REG-6):
    /// the hold has expired, or the registration that it is for. A registration that is not there is none that is over:
    /// names are held before it is written. False: it is somebody else's.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn reserve(
        &self,
        key: &str,
        owner: &UserId,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        if self.reserve_new(key, owner, expires_at).await? {
            return Ok(true);
        }
        let to = doc! { "$set": { "owner": owner.as_str(), "expires_at": date(expires_at) } };
        let expired = doc! { "_id": key, "state": "reserved", "expires_at": { "$lte": date(now) } };
        if self.update(expired, to.clone()).await? {
            return Ok(true);
        }
        let Some(row) = self.find(key).await? else {
            return Ok(false); // Freed at this moment; the caller may try again.
        };
        let held = row.state == State::Reserved;
        if !held || !self.store.pending().is_over(&row.owner, now).await? {
            return Ok(false);
        }
        // Of many who see this, the first changes the owner.
        let theirs = doc! { "_id": key, "state": "reserved", "owner": row.owner.as_str() };
        self.update(theirs, to).await
    }

    /// Holds `key` for `owner` until `expires_at` if nobody ever had it, or its row is gone; an expired hold counts
    /// as taken, since what it was for may still lie about (UID-1). False: it is taken.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn reserve_new(
        &self,
        key: &str,
        owner: &UserId,
        expires_at: Timestamp,
    ) -> Result<bool> {
        let row = Reservation {
            key: key.to_owned(),
            owner: owner.clone(),
            state: State::Reserved,
            expires_at: Some(expires_at),
        };
        StoreError::taken(self.store.run(self.rows.insert_one(row)).await)
    }

    /// Makes `key` an account's: one that is held for `owner` becomes active, a free one is taken.
    /// False: it is somebody else's. Repeating it changes nothing.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn activate(&self, key: &str, owner: &UserId, now: Timestamp) -> Result<bool> {
        let row = Reservation {
            key: key.to_owned(),
            owner: owner.clone(),
            state: State::Active,
            expires_at: None,
        };
        if StoreError::taken(self.store.run(self.rows.insert_one(row)).await)? {
            return Ok(true);
        }
        let mine_or_expired = doc! { "_id": key, "$or": [
            { "owner": owner.as_str(), "state": { "$in": ["reserved", "active"] } },
            { "state": "reserved", "expires_at": { "$lte": date(now) } },
        ] };
        let to = doc! {
            "$set": { "owner": owner.as_str(), "state": "active" }, "$unset": { "expires_at": "" },
        };
        self.update(mine_or_expired, to).await
    }

    /// [`Identifiers::activate`] for a key that is most likely held for `owner`: one round trip then.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn activate_held(&self, key: &str, owner: &UserId, now: Timestamp) -> Result<bool> {
        let held = doc! { "_id": key, "owner": owner.as_str(), "state": "reserved" };
        if self.give(held, owner).await? {
            return Ok(true);
        }
        self.activate(key, owner, now).await
    }

    /// Makes `key` that of an account which has the name already: it goes before whoever only holds it.
    /// False: it is in use by somebody else.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn claim(&self, key: &str, owner: &UserId) -> Result<bool> {
        let row = Reservation {
            key: key.to_owned(),
            owner: owner.clone(),
            state: State::Active,
            expires_at: None,
        };
        if StoreError::taken(self.store.run(self.rows.insert_one(row)).await)? {
            return Ok(true);
        }
        let mine_or_held = doc! { "_id": key, "$or": [
            { "owner": owner.as_str(), "state": "active" }, { "state": "reserved" },
        ] };
        self.give(mine_or_held, owner).await
    }

    /// Gives `key` from `heir`'s predecessor, whose account is gone, to `heir`. False: it is not the predecessor's.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn inherit(&self, key: &str, predecessor: &UserId, heir: &UserId) -> Result<bool> {
        let his = doc! { "_id": key, "owner": predecessor.as_str(), "state": "active" };
        self.give(his, heir).await
    }

    /// Passes what is held for `from` on to its `heir`, until `expires_at`. False: it is not held for `from`.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn pass_on(
        &self,
        key: &str,
        from: &UserId,
        heir: &UserId,
        expires_at: Timestamp,
    ) -> Result<bool> {
        let held = doc! { "_id": key, "owner": from.as_str(), "state": "reserved" };
        let to = doc! { "owner": heir.as_str(), "expires_at": date(expires_at) };
        self.update(held, doc! { "$set": to }).await
    }

    async fn give(&self, rows: bson::Document, owner: &UserId) -> Result<bool> {
        let to = doc! {
            "$set": { "owner": owner.as_str(), "state": "active" }, "$unset": { "expires_at": "" },
        };
        self.update(rows, to).await
    }

    async fn update(&self, filter: bson::Document, to: bson::Document) -> Result<bool> {
        let updated = self.store.run(self.rows.update_one(filter, to)).await?;
        Ok(updated.matched_count == 1)
    }

    /// Frees everything that is only held for `owner`.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn release_all(&self, owner: &UserId) -> Result<()> {
        let held = doc! { "owner": owner.as_str(), "state": "reserved" };
        self.store.run(self.rows.delete_many(held)).await.map(drop)
    }

    /// Frees everything of an `owner` that never became an account, active names included.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn abandon(&self, owner: &UserId) -> Result<()> {
        let mine = doc! { "owner": owner.as_str(), "state": { "$ne": "retired" } };
        self.store.run(self.rows.delete_many(mine)).await.map(drop)
    }

    /// Keeps the user id of `owner` from ever being issued again (UID-1), and only holds its other names from here on,
    /// until `until` at the most: nobody is found by them any more, and [`Identifiers::release_all`] frees them.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn retire(&self, owner: &UserId, user_id_key: &str, until: Timestamp) -> Result<()> {
        let to = doc! {
            "$set": { "state": "retired", "owner": owner.as_str() }, "$unset": { "expires_at": "" },
        };
        let id = doc! { "_id": user_id_key };
        self.store
            .run(self.rows.update_one(id, to).upsert(true))
            .await?;
        let names = doc! { "owner": owner.as_str(), "state": "active" };
        let held = doc! { "$set": { "state": "reserved", "expires_at": date(until) } };
        self.store
            .run(self.rows.update_many(names, held))
            .await
            .map(drop)
    }

    /// The account that the first of `keys`, in their order, belongs to. All are looked up, each by its own `_id`, whoever
    /// has the first (ENUM-2).
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn find_owner(&self, keys: &[String]) -> Result<Option<UserId>> {
        let rows = try_join_all(keys.iter().map(|key| self.find(key))).await?;
        let active = |row: &Reservation| row.state == State::Active;
        let row = rows.into_iter().flatten().find(active);
        Ok(row.map(|row| row.owner))
    }

    /// One row, whatever its state.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn find(&self, key: &str) -> Result<Option<Reservation>> {
        self.store
            .one(self.rows.find_one(doc! { "_id": key }))
            .await
    }

    /// Brings a row that cannot be read into form, for the account that has the name. False: it can be read (DB-7).
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn repair(&self, key: &str, owner: &UserId) -> Result<bool> {
        let states = ["reserved", "active", "retired"];
        let misshapen = doc! { "_id": key, "$or": [
            { "owner": { "$not": { "$type": "string" } } }, { "state": { "$nin": states } },
        ] };
        self.give(misshapen, owner).await
    }

    /// Whether `key` is free for a registration at `now`; a hint, the insert decides.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn is_active(&self, key: &str) -> Result<bool> {
        Ok(self
            .find(key)
            .await?
            .is_some_and(|row| row.state == State::Active))
    }

    /// The names of owners after `from`, up to `to`.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn list_of_owners(&self, from: &str, to: &str) -> Result<Vec<Reservation>> {
        let theirs = doc! { "owner": { "$gt": from, "$lte": to } };
        self.store.all(self.rows.find(theirs)).await
    }
}
