//! `email_changes`, the rows that wait for a proof or are being made. A try is spent before the code is compared (OTP-3),
//! and a change is consumed once.

use bson::{Document, doc};
use mongodb::options::ReturnDocument;

use crate::{
    own_account::documents::{EmailChange, Proof},
    store::{Rows, Store},
};
use kernel::{clock::Timestamp, ids::UserId, stored::date};
use store::{Result, StoreError};

/// Rows that the sweeper takes at a time.
pub(super) const SWEPT: i64 = 100;

impl Store {
    /// The changes in the collection `email_changes`.
    pub fn email_changes(&self) -> Rows<'_, EmailChange> {
        self.rows_of(&self.names.collections.email_changes)
    }
}

fn waiting(user_id: &UserId, now: Timestamp) -> Document {
    doc! {
        "_id": user_id.as_str(), "working_since": { "$exists": false },
        "expires_at": { "$gt": date(now) },
    }
}

impl Rows<'_, EmailChange> {
    /// Writes a change that waits, in the place of an older one that waits. `false` if the older one is being made.
    pub async fn begin(&self, change: &EmailChange) -> Result<bool> {
        let older = doc! { "_id": change.id.as_str(), "working_since": { "$exists": false } };
        let replace = self.rows.replace_one(older, change).upsert(true);
        StoreError::taken(self.store.run(replace).await)
    }

    /// The change of an account, in any state.
    pub async fn find(&self, user_id: &UserId) -> Result<Option<EmailChange>> {
        let find = self.rows.find_one(doc! { "_id": user_id.as_str() });
        self.store.one(find).await
    }

    /// Spends one of the `most` tries of the change that waits, before its code is compared.
    pub async fn spend_attempt(
        &self,
        user_id: &UserId,
        most: i32,
        now: Timestamp,
    ) -> Result<Option<EmailChange>> {
        let mut open = waiting(user_id, now);
        open.insert("attempts", doc! { "$lt": most });
        let update = self
            .rows
            .find_one_and_update(open, doc! { "$inc": { "attempts": 1 } })
            .return_document(ReturnDocument::After);
        self.store.one(update).await
    }

    /// Consumes a change that was proven: its work begins. `false` if another request did, or if a newer change has
    /// replaced it. The row is kept until `kept_until`, which is longer than any outage that the sweeper must survive.
    pub async fn consume(
        &self,
        change: &EmailChange,
        kept_until: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        let mut this = waiting(&change.user_id, now);
        this.insert("proof_id", &change.proof.proof_id);
        let to = doc! { "$set": { "working_since": date(now), "expires_at": date(kept_until) } };
        let update = self.rows.update_one(this, to);
        Ok(self.store.run(update).await?.matched_count == 1)
    }

    /// Changes whose work began at or before `before`, for the sweeper.
    pub async fn list_begun(&self, before: Timestamp) -> Result<Vec<EmailChange>> {
        let filter =
            doc! { "working_since": { "$lte": date(before) }, "new_display": { "$exists": true } };
        self.store.all(self.rows.find(filter).limit(SWEPT)).await
    }

    /// Deletes the change of an account, if it still is the one with this proof.
    pub async fn end(&self, user_id: &UserId, proof: &Proof) -> Result<()> {
        let this = doc! { "_id": user_id.as_str(), "proof_id": &proof.proof_id };
        self.store.run(self.rows.delete_one(this)).await.map(drop)
    }

    /// Deletes a change that waits. One that is being made is left to its own end.
    pub async fn call_off(&self, user_id: &UserId) -> Result<()> {
        let waits = doc! { "_id": user_id.as_str(), "working_since": { "$exists": false } };
        self.store.run(self.rows.delete_one(waits)).await.map(drop)
    }
}
