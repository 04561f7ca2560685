//! `audit_seals`: the seals over the records of the audit trail. Only inserted and read (AUD-2).

use bson::{Document, RawDocumentBuf, doc};

use crate::{
    audit::{
        log::{Records, whole},
        record::{Seal, place},
    },
    rows::Rows,
    store::Store,
};
use kernel::{clock::Timestamp, stored::date};
use store::Result;

impl Store {
    /// The collection `audit_seals`.
    pub fn audit_seals(&self) -> Rows<'_, Seal> {
        self.rows_of(&self.names.audit_seals)
    }
}

impl<'a> Rows<'a, Seal> {
    /// Appends a seal; false if its place is taken, since another instance sealed meanwhile. The place is the `_id`, so
    /// a chain cannot fork.
    pub async fn insert(&self, seal: &Seal) -> Result<bool> {
        self.insert_new(seal).await
    }

    /// Whether something stands at a place.
    pub async fn stands(&self, chain: &str, sequence: i64) -> Result<bool> {
        let at = doc! { "_id": place(chain, sequence) };
        let rows = self.rows.clone_with_type::<RawDocumentBuf>();
        Ok(self.store.run(rows.find_one(at)).await?.is_some())
    }

    /// The last seal of a chain, as it stands in the database.
    pub async fn last(&self, chain: &str) -> Result<Option<Document>> {
        let rows = self.rows.clone_with_type::<RawDocumentBuf>();
        // ';' comes right after ':'.
        let places = doc! { "_id": { "$gte": format!("{chain}:"), "$lt": format!("{chain};") } };
        let last = rows.find_one(places).sort(doc! { "_id": -1 });
        let last = self.store.run(last).await?;
        last.map(|seal| whole(&seal)).transpose()
    }

    /// The seals of a chain from `from` on.
    pub async fn since(&self, chain: &str, from: Timestamp) -> Result<Records<'a>> {
        let filter = doc! { "at": { "$gte": date(from) }, "chain": chain };
        self.read(filter, doc! { "at": 1 }).await
    }

    /// Every seal, chain by chain in the order of their places.
    pub async fn by_place(&self) -> Result<Records<'a>> {
        self.read(doc! {}, doc! { "_id": 1 }).await
    }
}
