//! Leases, for work that one instance does at a time. The lease of an instance that dies expires.

use bson::doc;
use chrono::Duration;

use kernel::{clock::Timestamp, stored::date};

use crate::{Connection, Result, StoreError};

/// More than the clocks of two instances are apart.
const CLOCKS_APART: Duration = Duration::minutes(1);

impl Connection {
    /// Takes or extends the lease `name` for `holder` in a collection; `false` if another instance has it.
    pub async fn take_lease(
        &self,
        collection: &str,
        (name, holder): (&str, &str),
        length: Duration,
        now: Timestamp,
    ) -> Result<bool> {
        let rows = self.raw(collection);
        let id = format!("lease:{name}");
        let free = doc! { "_id": id, "$or": [
            { "holder": holder }, { "expires_at": { "$lte": date(now) } },
            // A lease without an end would never expire, so it counts as free (DB-7).
            { "expires_at": { "$not": { "$type": "date" } } },
            // No instance writes a lease that ends so late. A clock was set back, or an attacker wants to stop the work, so it
            // counts as free.
            { "expires_at": { "$gt": date(now + length + CLOCKS_APART) } },
        ] };
        let to = doc! { "$set": { "holder": holder, "expires_at": date(now + length) } };
        StoreError::taken(self.run(rows.update_one(free, to).upsert(true)).await)
    }

    /// Gives the lease `name` back.
    pub async fn give_lease_back(
        &self,
        collection: &str,
        (name, holder): (&str, &str),
    ) -> Result<()> {
        let rows = self.raw(collection);
        let mine = doc! { "_id": format!("lease:{name}"), "holder": holder };
        self.run(rows.delete_one(mine)).await.map(drop)
    }
}
