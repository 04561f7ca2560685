//! `signing_keys`: the keys of access tokens, the private parts encrypted, shared by all instances (KEY-2).

use bson::doc;
use mongodb::Collection;
use serde::{Deserialize, Serialize};

use super::{Result, Store, StoreError};
use crate::{
    clock::Timestamp,
    domain::{
        sealed::Sealed,
        stored::{date, optional_time, time, whole},
    },
};

/// A key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StoredKey {
    /// `<algorithm>-<number>`: two instances that make the next key at the same moment make one.
    #[serde(rename = "_id")]
    pub id: String,
    /// The `kid` of its tokens.
    pub kid: String,
    /// The algorithm.
    pub algorithm: String,
    /// Its place among the keys of the algorithm, from 1.
    #[serde(deserialize_with = "whole")]
    pub number: i64,
    /// The private key, sealed with a key derived from the master secret.
    pub sealed: Sealed,
    /// Published since.
    #[serde(with = "time")]
    pub created_at: Timestamp,
    /// Signs from here on.
    #[serde(with = "time")]
    pub signs_from: Timestamp,
    /// Its last token has expired by then; absent while it signs or is to sign.
    #[serde(
        default,
        with = "optional_time",
        skip_serializing_if = "Option::is_none"
    )]
    pub expires_at: Option<Timestamp>,
}

/// The collection.
#[derive(Debug)]
pub struct SigningKeys<'a> {
    store: &'a Store,
    rows: Collection<StoredKey>,
}

impl Store {
    /// The collection `signing_keys`.
    #[must_use]
    pub fn signing_keys(&self) -> SigningKeys<'_> {
        SigningKeys {
            store: self,
            rows: self.rows(&self.names.collections.signing_keys),
        }
    }
}

impl SigningKeys<'_> {
    /// Writes a key; false: another instance was first, read again.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn insert(&self, key: &StoredKey) -> Result<bool> {
        StoreError::taken(self.store.run(self.rows.insert_one(key)).await)
    }

    /// The keys of `algorithm` that are not over, in their order.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn list(&self, algorithm: &str, now: Timestamp) -> Result<Vec<StoredKey>> {
        let filter = doc! { "algorithm": algorithm, "$or": [
            { "expires_at": { "$exists": false } }, { "expires_at": { "$gt": date(now) } },
        ] };
        let mut keys: Vec<StoredKey> = self.store.all(self.rows.find(filter)).await?;
        keys.sort_by_key(|key| key.number);
        Ok(keys)
    }

    /// Gives a key an end, unless it has one.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn expire(&self, id: &str, at: Timestamp) -> Result<()> {
        let endless = doc! { "_id": id, "expires_at": { "$exists": false } };
        let to = doc! { "$set": { "expires_at": date(at) } };
        self.store
            .run(self.rows.update_one(endless, to))
            .await
            .map(drop)
    }

    /// Puts `new` in the place of `old`, unless somebody else was first.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn reseal(&self, id: &str, old: &Sealed, new: &Sealed) -> Result<()> {
        let unchanged = doc! { "_id": id, "sealed.text": &old.text };
        let sealed = doc! { "key_id": new.key_id.as_str(), "text": &new.text };
        let to = doc! { "$set": { "sealed": sealed } };
        self.store
            .run(self.rows.update_one(unchanged, to))
            .await
            .map(drop)
    }

    /// Removes a key: its tokens fail as soon as the instances follow.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn delete(&self, id: &str) -> Result<()> {
        self.store
            .run(self.rows.delete_one(doc! { "_id": id }))
            .await
            .map(drop)
    }

    /// Makes a key sign from `at` on, if it would have begun later.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn sign_from(&self, id: &str, at: Timestamp) -> Result<()> {
        let later = doc! { "_id": id, "signs_from": { "$gt": date(at) } };
        let to = doc! { "$set": { "signs_from": date(at) } };
        self.store
            .run(self.rows.update_one(later, to))
            .await
            .map(drop)
    }
}
