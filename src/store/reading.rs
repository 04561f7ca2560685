//! Values as documents; and reads that skip documents of another shape, because one document that cannot be read must
//! not fail a request (DB-7).

use std::future::IntoFuture;

use bson::{Document, RawDocumentBuf};
use futures_util::TryStreamExt;

use super::{Result, Store, StoreError};

/// A value as a document.
pub(super) fn document(value: &impl serde::Serialize) -> Result<Document> {
    bson::serialize_to_document(value)
        .map_err(|_| StoreError::Corrupt("a value that is no document".into()))
}

impl Store {
    /// The row that an operation finds. A row that cannot be read is skipped (DB-7).
    pub(super) async fn one<T, F>(&self, operation: F) -> Result<Option<T>>
    where
        F: IntoFuture<Output = mongodb::error::Result<Option<T>>>,
    {
        match self.run(operation).await {
            Err(StoreError::Corrupt(_)) => {
                log_skipped::<T>();
                Ok(None)
            }
            found => found,
        }
    }

    /// All rows of a cursor, with one time limit. Rows that cannot be read are skipped (DB-7).
    pub(crate) async fn all<T, F>(&self, find: F) -> Result<Vec<T>>
    where
        F: IntoFuture<Output = mongodb::error::Result<mongodb::Cursor<T>>>,
        T: serde::de::DeserializeOwned,
    {
        self.run(async {
            let mut cursor = find.into_future().await?.with_type::<RawDocumentBuf>();
            let mut rows = Vec::new();
            while let Some(raw) = cursor.try_next().await? {
                match bson::deserialize_from_slice(raw.as_bytes()) {
                    Ok(row) => rows.push(row),
                    Err(_) => log_skipped::<T>(),
                }
            }
            Ok(rows)
        })
        .await
    }
}

/// Logs a skipped document without its `_id`, which may be an address (LOG-2).
fn log_skipped<T>() {
    let kind = std::any::type_name::<T>().rsplit("::").next();
    tracing::warn!(
        kind,
        "a document of another shape cannot be read and is passed over"
    );
}
