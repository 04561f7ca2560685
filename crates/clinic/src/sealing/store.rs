//! `field_keys`: the canary, the only document.

use bson::doc;
use serde::{Deserialize, Serialize};
use store::{Result, StoreError, document};

use super::Canary;
use crate::store::{Rows, Store};

/// The document.
#[derive(Debug, Serialize, Deserialize)]
pub struct CanaryRow {
    #[serde(rename = "_id")]
    id: String,
    #[serde(flatten)]
    canary: Canary,
}

impl Store {
    /// The collection `field_keys`.
    pub fn field_keys(&self) -> Rows<'_, CanaryRow> {
        self.rows_of(&self.names().field_keys)
    }
}

impl Rows<'_, CanaryRow> {
    /// The canary.
    pub async fn find(&self) -> Result<Option<Canary>> {
        let find = self.rows.find_one(doc! { "_id": Canary::ID });
        Ok(self.store.run(find).await?.map(|row| row.canary))
    }

    /// Inserts the canary; `false` if there is one.
    pub async fn insert(&self, canary: &Canary) -> Result<bool> {
        let row = CanaryRow {
            id: Canary::ID.to_owned(),
            canary: canary.clone(),
        };
        StoreError::taken(self.store.run(self.rows.insert_one(&row)).await)
    }

    /// Replaces the canary, if it is still `known`.
    pub async fn replace(&self, known: &Canary, canary: &Canary) -> Result<bool> {
        let mut filter = document(known)?;
        filter.insert("_id", Canary::ID);
        self.change_one(filter, doc! { "$set": document(canary)? })
            .await
    }
}
