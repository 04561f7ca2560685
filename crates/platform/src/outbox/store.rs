//! `mail_outbox`: the mails to be sent. A lease makes sure that one worker at most works on a mail (MAIL-1).

use bson::{Bson, Document, doc};
use mongodb::{Collection, options::ReturnDocument};
use serde::{Deserialize, Serialize};

use super::{MailOutcome, OutboxRow};
use crate::store::Store;
use kernel::{
    clock::Timestamp,
    stored::{date, optional_time},
};
use mail::state::MailRefusal;
use store::{Result, StoreError, document};

/// How many mails wait, and the age of the oldest.
#[derive(Debug, Default, Deserialize)]
pub struct Waiting {
    /// The number of mails.
    pub count: i64,
    /// When the oldest was enqueued.
    #[serde(with = "optional_time")]
    pub oldest: Option<Timestamp>,
}

/// The collection.
#[derive(Debug)]
pub struct Outbox<'a> {
    pub(super) store: &'a Store,
    pub(super) rows: Collection<OutboxRow>,
}

impl Store {
    /// The collection `mail_outbox`.
    pub fn outbox(&self) -> Outbox<'_> {
        Outbox {
            store: self,
            rows: self.rows(&self.names.mail_outbox),
        }
    }
}

impl Outbox<'_> {
    /// Inserts a row; a row that exists already does not change.
    pub async fn insert<J: Serialize + Send + Sync>(&self, row: &OutboxRow<J>) -> Result<()> {
        let rows = self.rows.clone_with_type::<OutboxRow<J>>();
        StoreError::taken(self.store.run(rows.insert_one(row)).await).map(drop)
    }

    /// Leases one mail that is due, until `lease_ends_at`.
    pub async fn claim(
        &self,
        now: Timestamp,
        lease_ends_at: Timestamp,
    ) -> Result<Option<OutboxRow>> {
        let due = doc! { "due_at": { "$lte": date(now) } };
        let to = doc! { "$set": { "due_at": date(lease_ends_at) }, "$inc": { "attempts": 1 } };
        loop {
            let claim = self
                .rows
                .find_one_and_update(due.clone(), to.clone())
                .sort(doc! { "due_at": 1 })
                .return_document(ReturnDocument::After);
            match self.store.run(claim).await {
                Err(StoreError::Corrupt(_))
                    if self.remove_unreadable(now, lease_ends_at).await? => {}
                claimed => return claimed,
            }
        }
    }

    /// Deletes mails that a claim has met and that cannot be read: such a mail can never be sent, and each claim would
    /// meet it first (DB-7). It is among the mails that are due, or is leased until `lease_ends_at` by now. `false` if
    /// there is none.
    async fn remove_unreadable(&self, now: Timestamp, lease_ends_at: Timestamp) -> Result<bool> {
        let rows = self.rows.clone_with_type::<Document>();
        let due = doc! { "$or": [
            { "due_at": { "$lte": date(now) } }, { "due_at": date(lease_ends_at) },
        ] };
        let found = self
            .store
            .all(rows.find(due).sort(doc! { "due_at": 1 }).limit(100))
            .await?;
        let mut removed = false;
        let unreadable =
            |row: &&Document| bson::deserialize_from_document::<OutboxRow>((*row).clone()).is_err();
        for row in found.iter().filter(unreadable) {
            let kind = row
                .get_document("intent")
                .and_then(|intent| intent.get_str("kind"));
            tracing::error!(kind = kind.ok(), "a mail that cannot be read was removed");
            let id = row.get("_id").cloned().unwrap_or(Bson::Null);
            self.store.run(rows.delete_one(doc! { "_id": id })).await?;
            removed = true;
        }
        Ok(removed)
    }

    /// The mails that wait to be sent or tried again.
    pub async fn waiting(&self) -> Result<Waiting> {
        let waiting = doc! { "due_at": { "$exists": true } };
        let all = doc! {
            "_id": bson::Bson::Null, "count": { "$sum": 1_i64 }, "oldest": { "$min": "$created_at" },
        };
        let find = self
            .rows
            .aggregate([doc! { "$match": waiting }, doc! { "$group": all }]);
        let rows = self.store.all(find.with_type::<Waiting>()).await?;
        Ok(rows.into_iter().next().unwrap_or_default())
    }

    /// The state of a mail that is still in the outbox.
    pub async fn find_outcome(&self, id: &str) -> Result<Option<MailOutcome>> {
        let rows = self.rows.clone_with_type();
        self.store.one(rows.find_one(doc! { "_id": id })).await
    }

    /// Renews the lease of a mail that is being sent, until `lease_ends_at`; `false` if another worker has it.
    pub async fn renew<J: Sync>(
        &self,
        row: &OutboxRow<J>,
        lease_ends_at: Timestamp,
    ) -> Result<bool> {
        let to = doc! { "$set": { "due_at": date(lease_ends_at) } };
        let renewed = self.rows.update_one(leased(row), to);
        Ok(self.store.run(renewed).await?.matched_count == 1)
    }

    /// Marks a mail as refused permanently, if this worker still has the lease. No worker takes it again, and it is
    /// kept until `expires_at`.
    pub async fn refuse<J: Sync>(
        &self,
        row: &OutboxRow<J>,
        refusal: &MailRefusal,
        expires_at: Timestamp,
    ) -> Result<()> {
        let to = doc! {
            "$set": { "refusal": document(refusal)?, "expires_at": date(expires_at) },
            "$unset": { "due_at": "" },
        };
        self.store
            .run(self.rows.update_one(leased(row), to))
            .await
            .map(drop)
    }

    /// Deletes a mail that was sent or is not needed any more, if this worker still has the lease. Without the lease,
    /// the row may be another mail by now.
    pub async fn delete<J: Sync>(&self, row: &OutboxRow<J>) -> Result<()> {
        self.store
            .run(self.rows.delete_one(leased(row)))
            .await
            .map(drop)
    }

    /// Replaces the mail job `row` by `mail`, if this worker still has the lease. It is one write, so a crash leaves
    /// the one or the other. `false` if another worker has the lease.
    pub async fn replace<J: Sync, K: Serialize + Send + Sync>(
        &self,
        row: &OutboxRow<J>,
        mail: &OutboxRow<K>,
    ) -> Result<bool> {
        let rows = self.rows.clone_with_type::<OutboxRow<K>>();
        let replace = rows.replace_one(leased(row), mail);
        let replaced = self.store.run(replace).await?;
        Ok(replaced.matched_count == 1)
    }

    /// Makes a mail due again at `due_at`, if this worker still has the lease.
    pub async fn retry<J: Sync>(&self, row: &OutboxRow<J>, due_at: Timestamp) -> Result<()> {
        self.renew(row, due_at).await.map(drop)
    }
}

/// The condition that the worker which leased the row still has it.
fn leased<J>(row: &OutboxRow<J>) -> Document {
    doc! { "_id": &row.id, "due_at": date(row.due_at), "attempts": row.attempts }
}
