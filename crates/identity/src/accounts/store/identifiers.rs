//! `identifiers`: the one namespace for e-mail addresses, usernames and user ids (REG-2).

use bson::doc;
use futures_util::future::try_join_all;
use mongodb::Collection;
use serde::{Deserialize, Serialize};

use crate::store::Store;
use kernel::{
    clock::Timestamp,
    ids::UserId,
    stored::{date, optional_time},
};
use store::{Result, StoreError};

/// The state of an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Reserved for a registration until it expires.
    Reserved,
    /// In use by an account.
    Active,
    /// The user id of a deleted account, which is never issued again.
    Retired,
}

/// An identifier and its owner; `_id` is `email:…`, `username:…` or `user_id:…`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reservation {
    /// The identifier with its kind.
    #[serde(rename = "_id")]
    pub key: String,
    /// The registration or account that has it.
    pub owner: UserId,
    /// Reserved, in use or retired.
    pub state: State,
    /// The end of a reservation; only while it is reserved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "optional_time")]
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
    /// Reserves `key` for `owner` until `expires_at`; `false` if another owner has it. A reservation is taken over at
    /// once if it has expired, or if its registration has (REG-6). A registration that does not exist has not expired,
    /// because names are reserved before it is inserted.
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
            return Ok(false); // Released at this moment; the caller may try again.
        };
        let held = row.state == State::Reserved;
        if !held || !self.store.pending().has_ended(&row.owner, now).await? {
            return Ok(false);
        }
        // If several requests see this, the first one changes the owner.
        let reservation = doc! { "_id": key, "state": "reserved", "owner": row.owner.as_str() };
        self.update(reservation, to).await
    }

    /// Reserves `key` for `owner` until `expires_at`, if the key has no row; `false` if it is taken. An expired
    /// reservation counts as taken, because the rest of its registration may still be stored (UID-1).
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

    /// Makes `key` an account's: a key that is reserved for `owner` becomes active, a free one is taken. `false` if
    /// another owner has it. A repetition changes nothing.
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

    /// [`Identifiers::activate`] for a key that is most likely reserved for `owner`; then it takes one round trip.
    pub async fn activate_held(&self, key: &str, owner: &UserId, now: Timestamp) -> Result<bool> {
        let held = doc! { "_id": key, "owner": owner.as_str(), "state": "reserved" };
        if self.give(held, owner).await? {
            return Ok(true);
        }
        self.activate(key, owner, now).await
    }

    /// Makes `key` active for an account that has the name already. The account has precedence over a reservation.
    /// `false` if another account uses it.
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

    /// Moves `key` from `predecessor`, whose account was deleted, to `successor`. `false` if it is not the
    /// predecessor's.
    pub async fn inherit(
        &self,
        key: &str,
        predecessor: &UserId,
        successor: &UserId,
    ) -> Result<bool> {
        let own = doc! { "_id": key, "owner": predecessor.as_str(), "state": "active" };
        self.give(own, successor).await
    }

    /// Moves a reservation from `from` to `successor`, until `expires_at`. `false` if it is not reserved for `from`.
    pub async fn pass_on(
        &self,
        key: &str,
        from: &UserId,
        successor: &UserId,
        expires_at: Timestamp,
    ) -> Result<bool> {
        let held = doc! { "_id": key, "owner": from.as_str(), "state": "reserved" };
        let to = doc! { "owner": successor.as_str(), "expires_at": date(expires_at) };
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

    /// Releases everything that is only reserved for `owner`.
    pub async fn release_all(&self, owner: &UserId) -> Result<()> {
        let held = doc! { "owner": owner.as_str(), "state": "reserved" };
        self.store.run(self.rows.delete_many(held)).await.map(drop)
    }

    /// Releases everything of an `owner` that never became an account, active names included.
    pub async fn abandon(&self, owner: &UserId) -> Result<()> {
        let mine = doc! { "owner": owner.as_str(), "state": { "$ne": "retired" } };
        self.store.run(self.rows.delete_many(mine)).await.map(drop)
    }

    /// Retires the user id of `owner`, so that it is never issued again (UID-1). Its other names become reservations
    /// until `until`, so no login finds the account, and [`Identifiers::release_all`] releases them.
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

    /// Turns a name that `owner` gives up into a reservation. Until `until` no other account can have it, and it finds no
    /// account (SELF-3).
    pub async fn keep_back(&self, key: &str, owner: &UserId, until: Timestamp) -> Result<()> {
        let active = doc! { "_id": key, "owner": owner.as_str(), "state": "active" };
        let held = doc! { "$set": { "state": "reserved", "expires_at": date(until) } };
        self.update(active, held).await.map(drop)
    }

    /// Releases a name of `owner`: only an active one, or one that is held as well.
    pub async fn release(&self, key: &str, owner: &UserId, held_as_well: bool) -> Result<()> {
        let mut mine = doc! { "_id": key, "owner": owner.as_str(), "state": "active" };
        if held_as_well {
            mine.insert("state", doc! { "$ne": "retired" });
        }
        self.store.run(self.rows.delete_one(mine)).await.map(drop)
    }

    /// The account that has the first of `keys`, in their order. All keys are looked up, each by its own `_id`, also if
    /// the first has an owner (ENUM-2).
    pub async fn find_owner(&self, keys: &[String]) -> Result<Option<UserId>> {
        let rows = try_join_all(keys.iter().map(|key| self.find(key))).await?;
        let active = |row: &Reservation| row.state == State::Active;
        let row = rows.into_iter().flatten().find(active);
        Ok(row.map(|row| row.owner))
    }

    /// One row, in any state.
    pub async fn find(&self, key: &str) -> Result<Option<Reservation>> {
        self.store
            .one(self.rows.find_one(doc! { "_id": key }))
            .await
    }

    /// Repairs a row that cannot be read, for the account that has the name. `false` if it can be read (DB-7).
    pub async fn repair(&self, key: &str, owner: &UserId) -> Result<bool> {
        let states = ["reserved", "active", "retired"];
        let misshapen = doc! { "_id": key, "$or": [
            { "owner": { "$not": { "$type": "string" } } }, { "state": { "$nin": states } },
        ] };
        self.give(misshapen, owner).await
    }

    /// Whether an account uses `key`. This is only a hint: the insert decides.
    pub async fn is_active(&self, key: &str) -> Result<bool> {
        Ok(self
            .find(key)
            .await?
            .is_some_and(|row| row.state == State::Active))
    }

    /// Whether an account uses `key`, or can have it back (SELF-3). This is only a hint as well.
    pub async fn is_taken(&self, key: &str, now: Timestamp) -> Result<bool> {
        Ok(self.find(key).await?.is_some_and(|row| {
            row.state == State::Active || row.expires_at.is_some_and(|end| end > now)
        }))
    }

    /// The identifiers of owners after `from`, up to `to`.
    pub async fn list_of_owners(&self, from: &str, to: &str) -> Result<Vec<Reservation>> {
        let filter = doc! { "owner": { "$gt": from, "$lte": to } };
        self.store.all(self.rows.find(filter)).await
    }
}
