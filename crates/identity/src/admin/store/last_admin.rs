//! The guard of the last administrator (ADM-3): one document that every removal passes. So two removals at once, on two
//! instances, cannot each rely on the administrator that the other one removes.
//!
//! A removal reads the guard, looks for another active administrator who is not leaving, and enters itself as leaving
//! only if the guard has not changed. Then it changes the account, and deletes its entry. So two removals pass one
//! after the other, and the later one sees the earlier one's entry or its change of the account. If a removal is
//! interrupted between these steps, the guard is stricter until the entry expires.

use bson::{Document, doc};
use chrono::Duration;
use mongodb::Collection;
use serde::{Deserialize, Serialize};

use crate::{
    accounts::documents::Status,
    legacy::status,
    store::{Rows, Store},
};
use kernel::{
    clock::Timestamp,
    ids::UserId,
    role::Role,
    stored::{integer, time},
};
use store::{Result, StoreError};

const ID: &str = "guard:admins";

/// Longer than any request runs, including the difference between the clocks of two instances.
const KEPT: Duration = Duration::minutes(5);

/// A removal that has passed and is not finished.
#[derive(Debug, Serialize, Deserialize)]
struct Leaving {
    token: String,
    user_id: UserId,
    #[serde(with = "time")]
    until: Timestamp,
}

/// The guard's document.
#[derive(Debug, Serialize, Deserialize)]
pub struct Guard {
    #[serde(rename = "_id")]
    id: String,
    #[serde(deserialize_with = "integer")]
    version: i64,
    leaving: Vec<Leaving>,
}

/// The result of a try to pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// The account may be changed; afterwards the caller calls `release`.
    Open,
    /// There is no other administrator.
    Last,
    /// Another removal passed at the same moment: try again.
    Busy,
}

impl Store {
    /// The guard of the last administrator.
    pub fn last_admin(&self) -> Rows<'_, Guard> {
        self.rows_of(&self.platform().names().throttles)
    }
}

impl Rows<'_, Guard> {
    /// Tries to pass for the removal of `user_id`, an administrator. `token` is the id of this try.
    pub async fn pass(&self, user_id: &UserId, token: &str, now: Timestamp) -> Result<Passage> {
        let find = self.rows.find_one(doc! { "_id": ID });
        let found = self.store.run(find).await;
        let guard = self.store.throttles().shaped(ID, found).await?.flatten();
        let version = guard.as_ref().map(|guard| guard.version);
        let mut leaving = guard.map_or_else(Vec::new, |guard| guard.leaving);
        leaving.retain(|entry| entry.until > now);
        if !self.has_other_admin(user_id, &leaving).await? {
            return Ok(Passage::Last);
        }
        leaving.push(Leaving {
            token: token.to_owned(),
            user_id: user_id.clone(),
            until: now + KEPT,
        });
        let next = Guard {
            id: ID.to_owned(),
            version: version.unwrap_or(0) + 1,
            leaving,
        };
        let passed = match version {
            None => self.insert_new(&next).await?,
            Some(version) => {
                let same = doc! { "_id": ID, "version": version };
                let replace = self.rows.replace_one(same, next);
                self.store.run(replace).await?.matched_count == 1
            }
        };
        Ok(if passed { Passage::Open } else { Passage::Busy })
    }

    /// Whether there is an active administrator other than `user_id`. This is only a hint: the guard decides.
    pub async fn has_another(&self, user_id: &UserId) -> Result<bool> {
        self.has_other_admin(user_id, &[]).await
    }

    /// Whether there is an active administrator other than `user_id` and those who are leaving.
    async fn has_other_admin(&self, user_id: &UserId, leaving: &[Leaving]) -> Result<bool> {
        let mut but: Vec<&str> = leaving.iter().map(|entry| entry.user_id.as_str()).collect();
        but.push(user_id.as_str());
        let rows: Collection<Document> = self.store.rows(&self.store.names.collections.staff);
        let find = rows.find_one(doc! {
            "user_type": Role::Admin.name(), "user_id": { "$nin": but }, "$and": [status::filter(Status::Active)],
        });
        Ok(self.store.run(find).await?.is_some())
    }

    /// Deletes the entry of `token`: its change was made, or will not be made.
    ///
    /// # Errors
    /// After an error the entry expires.
    pub async fn release(&self, token: &str) -> Result<()> {
        let to = doc! { "$pull": { "leaving": { "token": token } }, "$inc": { "version": 1_i64 } };
        match self.change(doc! { "_id": ID }, to).await {
            Err(StoreError::Corrupt(_)) => self.store.forget_misshapen(ID).await,
            left => left,
        }
    }
}
