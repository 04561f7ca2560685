//! `email_changes`, the rows of changes that were made and can be undone (SELF-3).

use bson::doc;

use crate::{
    own_account::{documents::EmailUndo, store::email_changes::SWEPT},
    store::{Rows, Store},
};
use kernel::{clock::Timestamp, ids::UserId, stored::date};
use store::Result;

impl Store {
    /// The undos in the collection `email_changes`.
    pub fn email_undos(&self) -> Rows<'_, EmailUndo> {
        self.rows_of(&self.names.collections.email_changes)
    }
}

impl Rows<'_, EmailUndo> {
    /// Every change of an account that can be undone or is being undone.
    pub async fn list(&self, user_id: &UserId) -> Result<Vec<EmailUndo>> {
        let filter = doc! { "user_id": user_id.as_str(), "changed_at": { "$exists": true } };
        self.store.all(self.rows.find(filter)).await
    }

    /// One of them, in any state.
    pub async fn find(&self, id: &str) -> Result<Option<EmailUndo>> {
        self.store.one(self.rows.find_one(doc! { "_id": id })).await
    }

    /// Consumes an undo: its work begins. `false` if another request did, or if it is over.
    pub async fn consume(
        &self,
        undo: &EmailUndo,
        kept_until: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        let unused = doc! {
            "_id": &undo.id, "working_since": { "$exists": false },
            "expires_at": { "$gt": date(now) },
        };
        let to = doc! { "$set": { "working_since": date(now), "expires_at": date(kept_until) } };
        let update = self.rows.update_one(unused, to);
        Ok(self.store.run(update).await?.matched_count == 1)
    }

    /// Undos whose work began at or before `before`, for the sweeper.
    pub async fn list_begun(&self, before: Timestamp) -> Result<Vec<EmailUndo>> {
        let filter =
            doc! { "working_since": { "$lte": date(before) }, "changed_at": { "$exists": true } };
        self.store.all(self.rows.find(filter).limit(SWEPT)).await
    }

    /// Deletes every undo of an account whose link was not used. One that is being made is left to its own end.
    pub async fn delete_unused(&self, user_id: &UserId) -> Result<()> {
        let undos = doc! {
            "user_id": user_id.as_str(), "changed_at": { "$exists": true },
            "working_since": { "$exists": false },
        };
        self.store.run(self.rows.delete_many(undos)).await.map(drop)
    }
}
