//! `account_deletions`: the deletions that owners asked for.

use bson::doc;

use crate::{
    own_account::{
        documents::{AccountDeletion, Proof},
        store::email_changes::SWEPT,
    },
    store::{Rows, Store},
};
use kernel::{clock::Timestamp, ids::UserId, stored::date};
use store::{Result, StoreError};

impl Store {
    /// The collection `account_deletions`.
    pub fn account_deletions(&self) -> Rows<'_, AccountDeletion> {
        self.rows_of(&self.names.collections.account_deletions)
    }
}

fn this(user_id: &UserId, proof: &Proof) -> bson::Document {
    doc! { "_id": user_id.as_str(), "proof_id": &proof.proof_id }
}

impl Rows<'_, AccountDeletion> {
    /// Writes a deletion that waits for its confirmation, in the place of an older one that waits. `false` if the older
    /// one is confirmed.
    pub async fn begin(&self, deletion: &AccountDeletion) -> Result<bool> {
        let older = doc! { "_id": deletion.id.as_str(), "due_at": { "$exists": false } };
        let replace = self.rows.replace_one(older, deletion).upsert(true);
        StoreError::taken(self.store.run(replace).await)
    }

    /// The deletion of an account, in any state.
    pub async fn find(&self, user_id: &UserId) -> Result<Option<AccountDeletion>> {
        let find = self.rows.find_one(doc! { "_id": user_id.as_str() });
        self.store.one(find).await
    }

    /// Confirms a deletion, once: its work begins. `false` if another request did, or if it is over.
    pub async fn confirm(
        &self,
        deletion: &AccountDeletion,
        due_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        let mut waiting = this(&deletion.id, &deletion.proof);
        waiting.insert("due_at", doc! { "$exists": false });
        waiting.insert("confirm_until", doc! { "$gt": date(now) });
        let to = doc! {
            "$set": { "working_since": date(now), "due_at": date(due_at) },
            "$unset": { "expires_at": "" },
        };
        let update = self.rows.update_one(waiting, to);
        Ok(self.store.run(update).await?.matched_count == 1)
    }

    /// Notes that the work of a confirmation is done.
    pub async fn note_closed(&self, deletion: &AccountDeletion) -> Result<()> {
        let done = doc! { "$unset": { "working_since": "" } };
        self.change(this(&deletion.id, &deletion.proof), done).await
    }

    /// Deletions whose work began at or before `before`, for the sweeper.
    pub async fn list_begun(&self, before: Timestamp) -> Result<Vec<AccountDeletion>> {
        let filter = doc! { "working_since": { "$lte": date(before) } };
        self.store.all(self.rows.find(filter).limit(SWEPT)).await
    }

    /// Confirmed deletions that are due at `now`.
    pub async fn list_due(&self, now: Timestamp) -> Result<Vec<AccountDeletion>> {
        let filter = doc! { "due_at": { "$lte": date(now) } };
        self.store.all(self.rows.find(filter).limit(SWEPT)).await
    }

    /// Takes a deletion that is due, for one instance, until `until`. After a crash it is due again then.
    pub async fn claim_due(&self, deletion: &AccountDeletion, until: Timestamp) -> Result<bool> {
        let mut due = this(&deletion.id, &deletion.proof);
        due.insert("due_at", deletion.due_at.map(date));
        let to = doc! { "$set": { "due_at": date(until) } };
        let update = self.rows.update_one(due, to);
        Ok(self.store.run(update).await?.matched_count == 1)
    }

    /// Deletes the deletion of an account, if it still is the one with this proof.
    pub async fn end(&self, deletion: &AccountDeletion) -> Result<()> {
        let delete = self.rows.delete_one(this(&deletion.id, &deletion.proof));
        self.store.run(delete).await.map(drop)
    }
}
