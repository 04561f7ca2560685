//! Lists of an account that hold what was used lately: each once, the latest first.

use std::iter;

use bson::Bson;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

/// The list `known` with `latest` first, in the place of what `is_same`; at most `most` of them.
pub fn with_latest<T: Clone>(
    known: &[T],
    latest: T,
    is_same: impl Fn(&T) -> bool,
    most: usize,
) -> Vec<T> {
    let others = known.iter().filter(|one| !is_same(one)).cloned();
    iter::once(latest).chain(others).take(most).collect()
}

/// Reads such a list, and skips values of another shape (DB-7).
///
/// # Errors
/// The document ends too early.
pub fn readable<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let Bson::Array(stored) = Bson::deserialize(deserializer)? else {
        return Ok(Vec::new());
    };
    let read = |one| bson::deserialize_from_bson(one).ok();
    Ok(stored.into_iter().filter_map(read).collect())
}
