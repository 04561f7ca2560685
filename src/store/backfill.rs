//! Writes the `identifiers` of accounts that have none, such as those of the older service's database.

use std::collections::HashMap;

use bson::{Document, doc};
use mongodb::Collection;

use super::{
    Result, Store,
    accounts::ACCOUNT_COLLECTIONS,
    identifiers::{Reservation, State},
};
use crate::domain::{
    identifier::{email_key, user_id_key, username_key},
    ids::UserId,
    stored::text_of,
};

/// How many accounts are read at a time.
const BATCH: i64 = 500;

/// The field of an account that is being deleted. Its names are released already, so it is passed over.
const DELETING: &str = "deleting_since";

/// A pass over all accounts, batch by batch. It only writes what is missing, so it can be repeated, interrupted, and
/// run by two instances at once.
#[derive(Debug, Default)]
pub struct Backfill {
    /// The estimated number of accounts; only to show the progress.
    pub total: u64,
    /// Accounts that were read.
    pub seen: u64,
    /// Identifiers that were written.
    pub written: u64,
    /// `id and id`: accounts that claim the same name. The service is not ready while there are any.
    pub duplicates: Vec<String>,
    /// Documents to which no person can log in: without a user id or an address, or of a deleted account.
    pub unusable: usize,
    collection: usize,
    /// The last user id of the previous batch; empty at the start of a collection.
    after: String,
}

impl Store {
    /// Whether there are accounts that the older service wrote: their `_id` is an `ObjectId`; this service writes a
    /// user id.
    pub async fn has_older_accounts(&self) -> Result<bool> {
        for collection in self.account_collections() {
            let older = collection.find_one(doc! { "_id": { "$type": "objectId" } });
            if self.run(older).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Starts a pass.
    pub async fn begin_backfill(&self) -> Result<Backfill> {
        let mut pass = Backfill::default();
        for collection in self.account_collections() {
            pass.total += self.run(collection.estimated_document_count()).await?;
        }
        Ok(pass)
    }

    /// Works on the next batch; `false` if there is none.
    pub async fn backfill_batch(&self, pass: &mut Backfill) -> Result<bool> {
        let Some(rows) = self.account_collections().into_iter().nth(pass.collection) else {
            return Ok(false);
        };
        if pass.after.is_empty() {
            let nameless =
                doc! { "user_id": { "$not": { "$gt": "" } }, DELETING: { "$exists": false } };
            let nameless = self.run(rows.count_documents(nameless)).await?;
            pass.unusable += usize::try_from(nameless).unwrap_or(usize::MAX);
        }
        let find = rows
            .find(doc! { "user_id": { "$gt": &pass.after }, DELETING: { "$exists": false } })
            .projection(doc! { "user_id": 1, "email": 1, "username": 1 })
            .sort(doc! { "user_id": 1 })
            .limit(BATCH);
        let accounts = self.all(find).await?;
        pass.seen += accounts.len() as u64;
        let last = accounts
            .last()
            .and_then(|last| last.get_str("user_id").ok());
        let Some(last) = last.map(str::to_owned) else {
            pass.collection += 1;
            pass.after.clear();
            return Ok(true);
        };
        self.write_missing(&accounts, &last, pass).await?;
        pass.after = last;
        Ok(true)
    }

    /// The collections of accounts.
    fn account_collections(&self) -> [Collection<Document>; 3] {
        ACCOUNT_COLLECTIONS.map(|role| self.accounts().collection_of(role))
    }

    async fn write_missing(
        &self,
        accounts: &[Document],
        last: &str,
        pass: &mut Backfill,
    ) -> Result<()> {
        let claims: Vec<Claims> = accounts.iter().filter_map(Claims::of).collect();
        pass.unusable += accounts.len() - claims.len();
        let rows = self.identifiers().list_of_owners(&pass.after, last).await?;
        let rows: HashMap<&str, &Reservation> =
            rows.iter().map(|row| (row.key.as_str(), row)).collect();
        for Claims { owner, keys } in &claims {
            let is = |key: &str, state| rows.get(key).is_some_and(|row| row.state == state);
            if is(&user_id_key(owner.as_str()), State::Retired) {
                pass.unusable += 1;
                continue;
            }
            for key in keys {
                let mine = rows
                    .get(key.as_str())
                    .is_some_and(|row| row.owner == *owner);
                if !(mine && is(key, State::Active)) {
                    self.claim(key, owner, pass).await?;
                }
            }
        }
        Ok(())
    }

    /// Makes `key` the account's, unless another account has it that still exists and still has the name.
    async fn claim(&self, key: &str, owner: &UserId, pass: &mut Backfill) -> Result<()> {
        let identifiers = self.identifiers();
        if identifiers.claim(key, owner).await? {
            pass.written += 1;
            return Ok(());
        }
        let Some(row) = identifiers.find(key).await? else {
            // Either the key was released at this moment, and the next start takes it, or its row cannot be read.
            pass.written += u64::from(identifiers.repair(key, owner).await?);
            return Ok(());
        };
        if self.has_claim(&row.owner, key).await? {
            let pair = format!("{} and {owner}", row.owner);
            if !pass.duplicates.contains(&pair) {
                pass.duplicates.push(pair);
            }
        } else if identifiers.inherit(key, &row.owner, owner).await? {
            pass.written += 1;
        }
        Ok(())
    }

    /// Whether `owner` has the name `key`: as an account, or as a registration that is becoming one.
    async fn has_claim(&self, owner: &UserId, key: &str) -> Result<bool> {
        let own = doc! { "user_id": owner.as_str() };
        for collection in self.account_collections() {
            let found = self.run(collection.find_one(own.clone())).await?;
            let claims = found.as_ref().and_then(Claims::of);
            if claims.is_some_and(|claims| claims.keys.iter().any(|claimed| claimed == key)) {
                return Ok(true);
            }
        }
        let pending = self.rows::<Document>(&self.names.collections.own.pending_users);
        Ok(self.run(pending.find_one(own)).await?.is_some())
    }
}

/// The names that a document claims.
struct Claims {
    owner: UserId,
    keys: Vec<String>,
}

impl Claims {
    fn of(account: &Document) -> Option<Self> {
        let text = |field| account.get(field).and_then(text_of);
        let (id, email) = (text("user_id")?, text("email")?);
        let mut keys = vec![user_id_key(&id), email_key(&email)];
        keys.extend(text("username").map(|name| username_key(&name)));
        Some(Self {
            owner: UserId::from_stored(id),
            keys,
        })
    }
}
