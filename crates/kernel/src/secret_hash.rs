//! Password hashes and digests, which verify a secret without revealing it. Only documents contain them.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::helpers::hex;

/// A stored password hash: a PHC string, or a bcrypt string of the older service.
///
/// It is never shown (HASH-5): `Debug` hides it, and it can be serialized only because a document needs it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(Zeroizing<String>);

impl PasswordHash {
    /// A stored hash; verifying shows whether it can be read.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text, for the hasher and for the filter of a compare-and-set.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

impl Serialize for PasswordHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for PasswordHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// The SHA-256 digest of a token with at least 256 random bits, in lower-case hex.
///
/// Two digests need not be compared in constant time, because an attacker cannot choose the bytes of a digest.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The digest of the 32 bytes of a SHA-256.
    pub fn from_sha256(bytes: [u8; 32]) -> Self {
        Self(hex(&bytes))
    }

    /// The text, for the filter of a query.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_a_hash_nor_a_digest() {
        let shown = format!(
            "{:?} {:?}",
            PasswordHash::new("$2b$"),
            Digest::from_sha256([7; 32])
        );
        assert_eq!(shown, "PasswordHash(…) Digest(…)");
    }

    #[test]
    fn a_hash_is_a_plain_string_in_a_document() {
        let json = serde_json::to_string(&PasswordHash::new("$2b$x")).unwrap();
        assert_eq!(json, "\"$2b$x\"");
        assert_eq!(
            serde_json::from_str::<PasswordHash>(&json)
                .unwrap()
                .expose(),
            "$2b$x"
        );
    }

    #[test]
    fn a_digest_is_64_hex_digits_in_a_document() {
        let json = serde_json::to_string(&Digest::from_sha256([0x0f; 32])).unwrap();
        assert_eq!(json, format!("\"{}\"", "0f".repeat(32)));
    }
}
