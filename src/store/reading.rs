//! Reads that pass over what has another shape: one document that nobody can read must not keep anybody out (DB-7).

use std::future::IntoFuture;

use bson::RawDocumentBuf;
use futures_util::TryStreamExt;

use super::{Result, Store, StoreError};

impl Store {
    /// The row that an operation finds. One that cannot be read is passed over (DB-7).
    pub(super) async fn one<T, F>(&self, operation: F) -> Result<Option<T>>
    where
        F: IntoFuture<Output = mongodb::error::Result<Option<T>>>,
    {
        match self.run(operation).await {
            Err(StoreError::Corrupt(_)) => {
                passed_over::<T>();
                Ok(None)
            }
            found => found,
        }
    }

    /// Every row of a cursor, bounded in time as a whole. Those that cannot be read are passed over (DB-7).
    pub(super) async fn all<T, F>(&self, find: F) -> Result<Vec<T>>
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
                    Err(_) => passed_over::<T>(),
                }
            }
            Ok(rows)
        })
        .await
    }
}

/// Its `_id` may be an address, which the log does not show (LOG-2).
fn passed_over<T>() {
    let kind = std::any::type_name::<T>().rsplit("::").next();
    tracing::warn!(
        kind,
        "a document of another shape cannot be read and is passed over"
    );
}
