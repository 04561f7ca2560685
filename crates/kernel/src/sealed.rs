//! Stored values that are encrypted or keyed: the ciphertext, and the generation of the master secret that made it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The name of one generation of the master secret, which does not reveal the secret. It is stored beside everything
/// derived from it, so that a change of the secret loses nothing (KEY-2).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(String);

impl KeyId {
    /// A stored or computed name.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A stored ciphertext.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// The generation of the master secret that sealed it.
    pub key_id: KeyId,
    /// Nonce, ciphertext and tag, in base64url without padding.
    pub text: String,
}
