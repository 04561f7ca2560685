//! `audit_heads`: how far each chain of the audit trail has come; the register beside the trail (AUD-2).

use bson::{Document, RawDocumentBuf, doc};

use crate::{
    audit::{
        log::{BATCH, whole},
        record::ChainHead,
    },
    rows::Rows,
    store::Store,
};
use store::Result;

impl Store {
    /// The collection `audit_heads`.
    pub fn audit_heads(&self) -> Rows<'_, ChainHead> {
        self.rows_of(&self.names.audit_heads)
    }
}

impl Rows<'_, ChainHead> {
    /// Enters a new chain; one that is entered already stays as it is.
    pub async fn insert(&self, head: &ChainHead) -> Result<()> {
        self.insert_new(head).await.map(drop)
    }

    /// Moves a chain's head one place forward. A head that stands elsewhere, or that was removed, stays so: otherwise the
    /// change would not show.
    pub async fn advance(&self, head: &ChainHead) -> Result<()> {
        let before = doc! { "_id": &head.chain, "sequence": head.sequence - 1 };
        let advance = self.rows.replace_one(before, head);
        self.store.run(advance).await.map(drop)
    }

    /// The head of a chain as it stands in the database.
    pub async fn find(&self, chain: &str) -> Result<Option<Document>> {
        let raw = self.rows.clone_with_type::<RawDocumentBuf>();
        let found = self.store.run(raw.find_one(doc! { "_id": chain })).await?;
        found.map(|head| whole(&head)).transpose()
    }

    /// Every head, as it stands in the database.
    pub async fn list(&self) -> Result<Vec<Document>> {
        let raw = self.rows.clone_with_type::<RawDocumentBuf>();
        let find = raw.find(doc! {}).batch_size(BATCH);
        let heads = self.store.all(find).await?;
        heads.iter().map(|head| whole(head)).collect()
    }
}
