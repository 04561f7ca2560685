//! The search terms of accounts: written after each change, and for accounts that have none (TXT-1).

use bson::{Bson, Document, doc};

use super::{
    Result, Store, StoreError,
    accounts::{ACCOUNT_COLLECTIONS, Accounts, read},
    listing::projection,
    user_list::SEARCH,
};
use crate::domain::{
    person::{Contact, Names},
    role::Role,
    search::terms_of,
    user::User,
};

/// The fields that the terms are made of.
fn searched() -> Vec<&'static str> {
    [&["user_id"][..], &Names::FIELDS, &Contact::FIELDS].concat()
}

/// How many accounts are read at a time.
const BATCH: i64 = 500;

impl Accounts<'_> {
    /// Writes the terms of `user`, whose document is `row`, if they differ. It writes nothing if another request has
    /// changed these fields meanwhile, because that request writes the terms. `true` if they were written.
    pub(super) async fn write_terms(
        &self,
        row: &Document,
        user: &User,
        collection: Role,
    ) -> Result<bool> {
        let Some(update) = update_of(row, user) else {
            return Ok(false);
        };
        let (as_read, to) = update;
        let done = self
            .0
            .run(self.collection_of(collection).update_one(as_read, to))
            .await?;
        Ok(done.modified_count == 1)
    }
}

/// The update that gives an account its terms: a condition and a change. `None` if the terms are right.
fn update_of(row: &Document, user: &User) -> Option<(Document, Document)> {
    let terms = Bson::from(terms_of(user));
    if row.get(SEARCH) == Some(&terms) {
        return None;
    }
    let mut as_read = doc! { "_id": row.get("_id").cloned().unwrap_or(Bson::Null) };
    for field in searched() {
        as_read.insert(field, row.get(field).cloned().unwrap_or(Bson::Null));
    }
    // An account that is being deleted must not be found again.
    as_read.insert("deleting_since", doc! { "$exists": false });
    Some((as_read, doc! { "$set": { SEARCH: terms } }))
}

/// A pass over all accounts, batch by batch. It only writes what is missing or wrong and has not changed since it was
/// read, so it can be repeated, interrupted, and run by two instances at once.
#[derive(Debug, Default)]
pub struct Filling {
    /// Accounts that were read.
    pub seen: u64,
    /// Accounts whose terms were written.
    pub written: u64,
    collection: usize,
    /// The last user id of the previous batch; empty at the start of a collection.
    after: String,
}

impl Store {
    /// Works on the next batch; `false` if there is none.
    pub async fn fill_search_batch(&self, pass: &mut Filling) -> Result<bool> {
        let Some(collection) = ACCOUNT_COLLECTIONS.into_iter().nth(pass.collection) else {
            return Ok(false);
        };
        let rows = self.accounts().collection_of(collection);
        let fields = [&searched()[..], &["_id", SEARCH, "user_type"]].concat();
        let find = rows
            .find(doc! { "user_id": { "$gt": &pass.after } })
            .projection(projection(&fields))
            .sort(doc! { "user_id": 1 })
            .limit(BATCH)
            .batch_size(500);
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
        for row in accounts {
            // A document that cannot be read is not listed either.
            let Some((as_read, to)) = read(row.clone(), collection)
                .ok()
                .and_then(|user| update_of(&row, &user))
            else {
                continue;
            };
            match self.run(rows.update_one(as_read, to)).await {
                Ok(done) => pass.written += done.modified_count,
                Err(StoreError::Corrupt(_)) => {}
                Err(other) => return Err(other),
            }
        }
        pass.after = last;
        Ok(true)
    }
}
