//! `audit_refusals`: refusals of strangers that are counted, a row for each address, kind and window (AUD-5).

use bson::doc;

use crate::{
    audit::{
        log::BATCH,
        record::{Action, RefusalCount},
    },
    rows::Rows,
    store::Store,
};
use kernel::{clock::Timestamp, stored::date};
use store::{Result, StoreError};

impl Store {
    /// The collection `audit_refusals`.
    pub fn audit_refusals(&self) -> Rows<'_, RefusalCount> {
        self.rows_of(&self.names.audit_refusals)
    }
}

impl Rows<'_, RefusalCount> {
    /// Counts one more in the row of `first`, or makes the row.
    pub async fn count(&self, first: &RefusalCount) -> Result<()> {
        let more = doc! {
            "$inc": { "count": first.count },
            "$setOnInsert": {
                "action": &first.action, "ip": &first.ip, "ends_at": date(first.ends_at),
            },
        };
        loop {
            let row = doc! { "_id": &first.id };
            let update = self.rows.update_one(row, more.clone()).upsert(true);
            // Two that make the row at once: the second one finds it when it asks again.
            if StoreError::taken(self.store.run(update).await)? {
                return Ok(());
            }
        }
    }

    /// Rows whose window ended before `before`, up to `limit` of them.
    pub async fn ended(&self, before: Timestamp, limit: i64) -> Result<Vec<RefusalCount>> {
        let ended = doc! { "ends_at": { "$lt": date(before) } };
        let rows = self.rows.find(ended).sort(doc! { "ends_at": 1 });
        self.store.all(rows.limit(limit).batch_size(BATCH)).await
    }

    /// How many refusals of `action` are counted in windows that ended after `since`.
    pub async fn sum(&self, action: Action, since: Timestamp) -> Result<i64> {
        let open = doc! { "ends_at": { "$gt": date(since) }, "action": action.name() };
        let find = self.rows.find(open).batch_size(BATCH);
        let rows = self.store.all(find).await?;
        Ok(rows.iter().map(|row| row.count).sum())
    }

    /// Removes a row.
    pub async fn delete(&self, id: &str) -> Result<()> {
        self.remove(id).await
    }
}
