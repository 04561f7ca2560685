//! The id of a passkey, which its authenticator chose.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

/// The longest id (`WebAuthn` Level 3, 6.5.1).
const MAX_BYTES: usize = 1023;

/// The id of a credential, in base64url without padding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CredentialId(String);

impl CredentialId {
    /// Reads an id; `None` if it is empty, too long, or not base64url.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        Self::of(&bytes)
    }

    /// The id with these bytes; `None` if there are none, or too many.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let fits = (1..=MAX_BYTES).contains(&bytes.len());
        fits.then(|| Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // PK-4
    #[test]
    fn an_id_has_one_to_1023_bytes_in_one_spelling() {
        for length in [1, 16, 1023] {
            let id = CredentialId::of(&vec![7; length]).unwrap();
            assert_eq!(CredentialId::parse(id.as_str()), Some(id));
        }
        assert_eq!(CredentialId::of(&[]), None);
        assert_eq!(CredentialId::of(&[0; 1024]), None);
        assert_eq!(
            CredentialId::parse(&URL_SAFE_NO_PAD.encode([0; 1024])),
            None
        );
        for other in ["", "AA==", "A", "AB", "A+A/", "a b", "AA\n"] {
            assert_eq!(CredentialId::parse(other), None, "{other}");
        }
    }
}
