//! `passkeys`: the passkeys of all accounts, and the handles of their owners.

use bson::{Document, doc};

use super::{
    documents::Passkey,
    rules::{CredentialId, ceremonies::Use},
};
use crate::{
    accounts::{documents::User, store::accounts::Accounts},
    store::{Rows, Store},
};
use kernel::{clock::Timestamp, ids::UserId, stored::date};
use store::Result;

/// The collection.
pub struct Passkeys<'a>(Rows<'a, Passkey>);

impl Store {
    /// The collection `passkeys`.
    #[must_use]
    pub fn passkeys(&self) -> Passkeys<'_> {
        Passkeys(self.rows_of(&self.names.collections.passkeys))
    }
}

fn own(user_id: &UserId, id: &str) -> Document {
    doc! { "_id": id, "user_id": user_id.as_str() }
}

impl Passkeys<'_> {
    /// Inserts a new passkey; `false` if there is one with its id, whoever has it (PK-4).
    pub async fn insert(&self, passkey: &Passkey) -> Result<bool> {
        self.0.insert_new(passkey).await
    }

    /// The passkey with this id.
    pub async fn find(&self, id: &CredentialId) -> Result<Option<Passkey>> {
        let find = self.0.rows.find_one(doc! { "_id": id.as_str() });
        self.0.store.one(find).await
    }

    /// The passkeys of an account.
    pub async fn list(&self, user_id: &UserId) -> Result<Vec<Passkey>> {
        let find = self.0.rows.find(doc! { "user_id": user_id.as_str() });
        self.0.store.all(find).await
    }

    /// Notes a use: the counter, unless another use has brought it there meanwhile (PK-7), and whether devices share the
    /// passkey (PK-8). `false` if the counter did not grow, or the passkey is gone.
    pub async fn note_use(&self, id: &CredentialId, used: Use, now: Timestamp) -> Result<bool> {
        let before = if used.counter == 0 {
            doc! { "$eq": 0 }
        } else {
            doc! { "$lt": i64::from(used.counter) }
        };
        let filter = doc! { "_id": id.as_str(), "counter": before };
        let to = doc! { "$set": {
            "counter": i64::from(used.counter), "backed_up": used.backed_up, "last_used_at": date(now),
        } };
        let update = self.0.rows.update_one(filter, to);
        Ok(self.0.store.run(update).await?.matched_count == 1)
    }

    /// Notes that the counter of a passkey did not grow.
    pub async fn flag(&self, id: &CredentialId, now: Timestamp) -> Result<()> {
        let to = doc! { "$set": { "flagged_at": date(now) } };
        self.0.change(doc! { "_id": id.as_str() }, to).await
    }

    /// Gives a passkey of `user_id` another name. `false` if it is not theirs.
    pub async fn rename(&self, user_id: &UserId, id: &str, name: &str) -> Result<bool> {
        let to = doc! { "$set": { "name": name } };
        let update = self.0.rows.update_one(own(user_id, id), to);
        Ok(self.0.store.run(update).await?.matched_count == 1)
    }

    /// Deletes a passkey of `user_id`.
    pub async fn delete(&self, user_id: &UserId, id: &str) -> Result<()> {
        let delete = self.0.rows.delete_one(own(user_id, id));
        self.0.store.run(delete).await.map(drop)
    }

    /// Deletes every passkey of an account.
    pub async fn delete_all(&self, user_id: &UserId) -> Result<()> {
        let delete = self
            .0
            .rows
            .delete_many(doc! { "user_id": user_id.as_str() });
        self.0.store.run(delete).await.map(drop)
    }

    /// The passkeys that were registered after `since` and before `until`; it reads all of them.
    pub async fn list_registered(
        &self,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Passkey>> {
        let between = doc! { "created_at": { "$gt": date(since), "$lt": date(until) } };
        self.0.store.all(self.0.rows.find(between)).await
    }

    /// How many passkeys are bound to another domain than `rp_id`; it reads all of them.
    pub async fn count_elsewhere(&self, rp_id: &str) -> Result<u64> {
        let rows = self.0.rows.clone_with_type();
        let elsewhere = doc! { "rp_id": { "$ne": rp_id } };
        self.0.store.count_up_to(&rows, elsewhere, None).await
    }
}

impl Accounts<'_> {
    /// Gives an account the handle `new`, unless it has one. The account then; `None` if it does not exist.
    pub async fn give_handle(&self, user_id: &UserId, new: &str) -> Result<Option<User>> {
        let without = doc! { "user_handle": { "$not": { "$type": "string" } } };
        let to = doc! { "$set": { "user_handle": new } };
        match self.change(user_id, without, to).await? {
            Some(user) => Ok(Some(user)),
            // Another request was first.
            None => self.find_by_user_id(user_id).await,
        }
    }
}
