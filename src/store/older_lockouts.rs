//! Brings the lockout counters of accounts to the accounts: the version before kept them in `throttles`.

use bson::{Document, doc};

use super::{Result, Store, accounts::Accounts};
use crate::{
    clock::Timestamp,
    domain::{ids::UserId, lockout::LockoutCounter, stored::date},
};

/// Rows read at a time.
const BATCH: i64 = 500;
/// The field that marks a row.
const MOVED: &str = "moved_at";

impl Store {
    /// Works on the next rows of accounts that were locked. False if there is none. A row stays for instances of the
    /// version before, and is marked, so that a counter that was cleared does not come back. Safe to repeat and to
    /// interrupt.
    pub async fn move_lockouts_batch(&self, now: Timestamp) -> Result<bool> {
        let throttles = self.rows::<Document>(&self.names.collections.platform.throttles);
        let locked = doc! {
            "locks": { "$gt": 0 }, "expires_at": { "$gt": date(now) }, MOVED: { "$exists": false },
        };
        let find = throttles.find(locked).limit(BATCH).batch_size(500);
        let rows = self.all(find).await?;
        for row in &rows {
            self.move_lockout(row).await?;
            let mark = doc! { "$set": { MOVED: date(now) } };
            let mine = doc! { "_id": row.get("_id") };
            self.run(throttles.update_one(mine, mark)).await?;
        }
        Ok(!rows.is_empty())
    }

    /// A row of a name without an account meets no account, and goes on counting where it is.
    async fn move_lockout(&self, row: &Document) -> Result<()> {
        let owner = row.get_str("_id").ok();
        let owner = owner.and_then(|id| id.strip_prefix("lock:"));
        let counter = bson::deserialize_from_document::<LockoutCounter>(row.clone()).ok();
        let (Some(owner), Some(counter)) = (owner, counter) else {
            return Ok(());
        };
        let user_id = UserId::from_stored(owner.to_owned());
        let Ok(lockout) = bson::serialize_to_document(&counter) else {
            return Ok(());
        };
        for home in Accounts::collections_of(&user_id) {
            // An account that counts more already is as it should be.
            let fewer = doc! {
                "user_id": owner, "lockout.total": { "$not": { "$gte": counter.total } },
            };
            let to = doc! { "$set": { "lockout": lockout.clone() } };
            let accounts = self.accounts().collection_of(home);
            self.run(accounts.update_one(fewer, to)).await?;
        }
        Ok(())
    }
}
