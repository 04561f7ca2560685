//! `signing_keys`: the keys of access tokens, shared by all instances. The private parts are encrypted (KEY-2).

use bson::doc;
use serde::{Deserialize, Serialize};

use crate::store::{Rows, Store};
use kernel::{
    clock::Timestamp,
    sealed::Sealed,
    stored::{date, integer, optional_time, time},
};
use store::Result;

/// A key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StoredKey {
    /// `<algorithm>-<number>`, so that two instances that make the next key at the same moment make only one.
    #[serde(rename = "_id")]
    pub id: String,
    /// The `kid` of its tokens.
    pub kid: String,
    /// The algorithm.
    pub algorithm: String,
    /// Its number among the keys of the algorithm, from 1.
    #[serde(deserialize_with = "integer")]
    pub number: i64,
    /// The private key, sealed with a key derived from the master secret.
    pub sealed: Sealed,
    /// When it was published.
    #[serde(with = "time")]
    pub created_at: Timestamp,
    /// When it starts to sign.
    #[serde(with = "time")]
    pub signs_from: Timestamp,
    /// When its last token has expired; absent while it signs or is going to sign.
    #[serde(default, with = "optional_time")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl Store {
    /// The collection `signing_keys`.
    pub fn signing_keys(&self) -> Rows<'_, StoredKey> {
        self.rows_of(&self.names.collections.signing_keys)
    }
}

impl Rows<'_, StoredKey> {
    /// Inserts a key; `false` if another instance was first. Then the caller reads again.
    pub async fn insert(&self, key: &StoredKey) -> Result<bool> {
        self.insert_new(key).await
    }

    /// The keys of `algorithm` that have not expired, in their order.
    pub async fn list(&self, algorithm: &str, now: Timestamp) -> Result<Vec<StoredKey>> {
        let filter = doc! { "algorithm": algorithm, "$or": [
            { "expires_at": { "$exists": false } }, { "expires_at": { "$gt": date(now) } },
        ] };
        let mut keys: Vec<StoredKey> = self.store.all(self.rows.find(filter)).await?;
        keys.sort_by_key(|key| key.number);
        Ok(keys)
    }

    /// Sets the end of a key, unless it has one.
    pub async fn expire(&self, id: &str, at: Timestamp) -> Result<()> {
        let endless = doc! { "_id": id, "expires_at": { "$exists": false } };
        let to = doc! { "$set": { "expires_at": date(at) } };
        self.change(endless, to).await
    }

    /// Replaces `old` by `new`, unless another instance was first.
    pub async fn reseal(&self, id: &str, old: &Sealed, new: &Sealed) -> Result<()> {
        let unchanged = doc! { "_id": id, "sealed.text": &old.text };
        let sealed = doc! { "key_id": new.key_id.as_str(), "text": &new.text };
        let to = doc! { "$set": { "sealed": sealed } };
        self.change(unchanged, to).await
    }

    /// Deletes a key. Its tokens fail as soon as the instances have read the keys again.
    pub async fn delete(&self, id: &str) -> Result<()> {
        self.remove(id).await
    }

    /// Makes a key sign from `at` on, if it would start later.
    pub async fn sign_from(&self, id: &str, at: Timestamp) -> Result<()> {
        let later = doc! { "_id": id, "signs_from": { "$gt": date(at) } };
        let to = doc! { "$set": { "signs_from": date(at) } };
        self.change(later, to).await
    }
}
