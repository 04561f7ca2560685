//! `audit_heads`: how far each audit chain has come; the register beside the trail (AUD-2).

use bson::{Document, RawDocumentBuf, doc};
use mongodb::Collection;

use super::{Result, Store, StoreError, audit::whole};
use crate::domain::audit::ChainHead;

/// The collection.
#[derive(Debug)]
pub struct AuditHeads<'a> {
    store: &'a Store,
    rows: Collection<ChainHead>,
}

impl Store {
    /// The collection `audit_heads`.
    #[must_use]
    pub fn audit_heads(&self) -> AuditHeads<'_> {
        AuditHeads {
            store: self,
            rows: self.rows(&self.names.collections.audit_heads),
        }
    }
}

impl AuditHeads<'_> {
    /// Enters a new chain; one that is entered already stays as it is.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn insert(&self, head: &ChainHead) -> Result<()> {
        StoreError::taken(self.store.run(self.rows.insert_one(head)).await).map(drop)
    }

    /// Moves a chain's head forward, never back: a write that was held up changes nothing. A head that somebody removed
    /// is not made anew, so that its absence shows.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn advance(&self, head: &ChainHead) -> Result<()> {
        let behind = doc! { "_id": &head.chain, "sequence": { "$lt": head.sequence } };
        self.store
            .run(self.rows.replace_one(behind, head))
            .await
            .map(drop)
    }

    /// Every head, as it stands in the database.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn list(&self) -> Result<Vec<Document>> {
        let raw = self.rows.clone_with_type::<RawDocumentBuf>();
        let heads = self.store.all(raw.find(doc! {})).await?;
        heads.iter().map(|head| whole(head)).collect()
    }

    /// How many chains there are.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn count(&self) -> Result<u64> {
        self.store.run(self.rows.count_documents(doc! {})).await
    }
}
