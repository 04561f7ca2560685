//! What the outbox keeps of a notice.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A notice of an event. Its kind is none of those of the other mail jobs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The kind, by which the worker finds the letter.
    pub kind: String,
    /// The values that only the request knows.
    #[serde(flatten)]
    pub values: BTreeMap<String, Option<String>>,
}

impl Notice {
    /// The value of this name; `None` if the request did not know it.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.as_deref()
    }
}
