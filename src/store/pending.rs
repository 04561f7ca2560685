//! `pending_users`: registrations that are not proven yet.

use bson::{Document, doc};
use mongodb::{Collection, options::ReturnDocument};

use super::{Result, Store};
use crate::{
    clock::Timestamp,
    domain::{ids::UserId, registration::PendingUser, stored::date},
};

/// The collection.
#[derive(Debug)]
pub struct Pending<'a> {
    store: &'a Store,
    rows: Collection<PendingUser>,
}

impl Store {
    /// The collection `pending_users`.
    #[must_use]
    pub fn pending(&self) -> Pending<'_> {
        Pending {
            store: self,
            rows: self.rows(&self.names.collections.pending_users),
        }
    }
}

/// A registration of an address, and one of ours: what the older service left is passed over, and expires.
fn of(email: &str) -> Document {
    doc! { "email": email, "registration_digest": { "$exists": true } }
}

/// Not expired; time decides here, the TTL index only collects (OTP-9).
fn live(now: Timestamp) -> Document {
    doc! { "expires_at": { "$gt": date(now) } }
}

impl Pending<'_> {
    /// Writes a registration.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn insert(&self, pending: &PendingUser) -> Result<()> {
        self.store
            .run(self.rows.insert_one(pending))
            .await
            .map(drop)
    }

    /// The live registrations of an address.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn list_live_by_email(
        &self,
        email: &str,
        now: Timestamp,
    ) -> Result<Vec<PendingUser>> {
        let mut filter = live(now);
        filter.extend(of(email));
        self.store.all(self.rows.find(filter)).await
    }

    /// The live registration of `user_id`.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn find_live(&self, user_id: &UserId, now: Timestamp) -> Result<Option<PendingUser>> {
        let mut filter = live(now);
        filter.insert("_id", user_id.as_str());
        self.store.run(self.rows.find_one(filter)).await
    }

    /// The live registration of an address that `registration_digest` belongs to.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn find_live_by_token(
        &self,
        email: &str,
        registration_digest: &str,
        now: Timestamp,
    ) -> Result<Option<PendingUser>> {
        let mut filter = live(now);
        filter.insert("email", email);
        filter.insert("registration_digest", registration_digest);
        self.store.run(self.rows.find_one(filter)).await
    }

    /// Marks a live registration as becoming an account; nothing collects it from here on (REG-4).
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn begin_activation(
        &self,
        user_id: &UserId,
        now: Timestamp,
    ) -> Result<Option<PendingUser>> {
        let mut filter = live(now);
        filter.insert("_id", user_id.as_str());
        let to = doc! { "$set": { "activating_since": date(now) }, "$unset": { "expires_at": "" } };
        let update = self
            .rows
            .find_one_and_update(filter, to)
            .return_document(ReturnDocument::After);
        self.store.run(update).await
    }

    /// Registrations whose activation began at or before `before` and did not end: work for the sweeper.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn list_activating(&self, before: Timestamp) -> Result<Vec<PendingUser>> {
        let filter = doc! { "activating_since": { "$lte": date(before) } };
        self.store.all(self.rows.find(filter).limit(100)).await
    }

    /// The other registrations of an address, activating or not.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn list_others(&self, email: &str, than: &UserId) -> Result<Vec<PendingUser>> {
        let mut filter = of(email);
        filter.insert("_id", doc! { "$ne": than.as_str() });
        self.store.all(self.rows.find(filter)).await
    }

    /// Removes a registration; false: it is gone already.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn delete(&self, user_id: &UserId) -> Result<bool> {
        let delete = self.rows.delete_one(doc! { "_id": user_id.as_str() });
        Ok(self.store.run(delete).await?.deleted_count == 1)
    }
}
