//! Writes the `identifiers` of accounts that have none: those of a database of the older service (contract.md 2).

use std::collections::HashMap;

use bson::{Bson, Document, doc};

use super::{
    Result, Store, StoreError,
    identifiers::{Reservation, State},
};
use crate::domain::{
    identifier::{email_key, user_id_key, username_key},
    ids::UserId,
};

/// Accounts read at a time.
const BATCH: i64 = 500;

/// What the backfill found.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Report {
    /// Rows that it wrote.
    pub written: u64,
    /// Pairs of user ids that lay claim to one name; the service is not ready while there is one.
    pub duplicates: Vec<(UserId, UserId)>,
    /// Documents without a user id or an address, which nobody can log in to.
    pub unusable: u64,
}

impl Store {
    /// One pass over all accounts. Safe to repeat, to interrupt and to run twice at once: it only inserts what is
    /// missing.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn backfill_identifiers(&self) -> Result<Report> {
        let mut report = Report::default();
        let names = &self.names.collections;
        for home in [&names.patients, &names.doctors, &names.staff] {
            let mut after: Option<Bson> = None;
            loop {
                // An account whose deletion was cut off has given its names back.
                let mut filter = doc! { "deleting_since": { "$exists": false } };
                if let Some(id) = &after {
                    filter.insert("_id", doc! { "$gt": id });
                }
                let rows = self.rows::<Document>(home);
                let find = rows
                    .find(filter)
                    .projection(doc! { "user_id": 1, "email": 1, "username": 1 })
                    .sort(doc! { "_id": 1 })
                    .limit(BATCH);
                let accounts = self.all(find).await?;
                let Some(last) = accounts.last() else { break };
                after = last.get("_id").cloned();
                self.backfill_batch(&accounts, &mut report).await?;
            }
        }
        Ok(report)
    }

    async fn backfill_batch(&self, accounts: &[Document], report: &mut Report) -> Result<()> {
        let mut wanted: Vec<(String, UserId)> = Vec::new();
        for account in accounts {
            let (Ok(id), Ok(email)) = (account.get_str("user_id"), account.get_str("email")) else {
                report.unusable += 1;
                continue;
            };
            let owner = UserId::from_stored(id.to_owned());
            wanted.push((user_id_key(id), owner.clone()));
            wanted.push((email_key(email), owner.clone()));
            if let Ok(username) = account.get_str("username") {
                wanted.push((username_key(username), owner));
            }
        }
        let keys: Vec<String> = wanted.iter().map(|(key, _)| key.clone()).collect();
        let mut owners: HashMap<String, UserId> = self
            .identifiers()
            .find_many(&keys)
            .await?
            .into_iter()
            .map(|row| (row.key, row.owner))
            .collect();
        for (key, owner) in wanted {
            if let Some(other) = owners.get(&key) {
                if *other != owner {
                    report.duplicates.push((other.clone(), owner));
                }
                continue;
            }
            let row = Reservation {
                key: key.clone(),
                owner: owner.clone(),
                state: State::Active,
                expires_at: None,
            };
            let rows = self.rows::<Reservation>(&self.names.collections.identifiers);
            if StoreError::taken(self.run(rows.insert_one(row)).await)? {
                report.written += 1;
            }
            owners.insert(key, owner);
        }
        Ok(())
    }
}
