//! `recovery_codes`: the digests of recovery codes, in batches. The account names the batch that counts.

use bson::{Document, doc};

use crate::{
    factors::documents::RecoveryCodeRow,
    store::{Rows, Store},
};
use kernel::{clock::Timestamp, ids::UserId, stored::date};
use store::Result;

/// The collection.
pub struct RecoveryCodes<'a>(Rows<'a, RecoveryCodeRow>);

impl Store {
    /// The collection `recovery_codes`.
    #[must_use]
    pub fn recovery_codes(&self) -> RecoveryCodes<'_> {
        RecoveryCodes(self.rows_of(&self.names.collections.recovery_codes))
    }
}

fn unused(user_id: &UserId, batch: &str) -> Document {
    doc! { "user_id": user_id.as_str(), "batch": batch, "used_at": { "$exists": false } }
}

impl RecoveryCodes<'_> {
    /// Writes a new batch, which does not count until the account names it.
    pub async fn insert_batch(&self, rows: &[RecoveryCodeRow]) -> Result<()> {
        let insert = self.0.rows.insert_many(rows);
        self.0.store.run(insert).await.map(drop)
    }

    /// Whether the batch has a code with this digest that is not used.
    pub async fn find_unused(&self, digest: &str, user_id: &UserId, batch: &str) -> Result<bool> {
        let mut code = unused(user_id, batch);
        code.insert("_id", digest);
        Ok(self
            .0
            .store
            .one(self.0.rows.find_one(code))
            .await?
            .is_some())
    }

    /// Uses up a code of the batch. `false` if there is none with this digest, or if it is used already.
    pub async fn consume(
        &self,
        digest: &str,
        user_id: &UserId,
        batch: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let mut code = unused(user_id, batch);
        code.insert("_id", digest);
        let used = doc! { "$set": { "used_at": date(now) } };
        let update = self.0.rows.update_one(code, used);
        Ok(self.0.store.run(update).await?.matched_count == 1)
    }

    /// How many codes of the batch are left.
    pub async fn count_left(&self, user_id: &UserId, batch: &str) -> Result<u64> {
        let rows = self.0.rows.clone_with_type();
        self.0
            .store
            .count_up_to(&rows, unused(user_id, batch), None)
            .await
    }

    /// Deletes the codes of a user that are not of the batch `kept`; all of them without one.
    pub async fn delete_others(&self, user_id: &UserId, kept: Option<&str>) -> Result<()> {
        let mut others = doc! { "user_id": user_id.as_str() };
        if let Some(batch) = kept {
            others.insert("batch", doc! { "$ne": batch });
        }
        let delete = self.0.rows.delete_many(others);
        self.0.store.run(delete).await.map(drop)
    }

    /// Deletes a batch that the account never named.
    pub async fn delete_batch(&self, user_id: &UserId, batch: &str) -> Result<()> {
        let delete = self
            .0
            .rows
            .delete_many(doc! { "user_id": user_id.as_str(), "batch": batch });
        self.0.store.run(delete).await.map(drop)
    }
}
