//! The key of blind indexes: tokens by which a value is found and from which it cannot be read.

use aws_lc_rs::hmac;

use crate::primitives;

/// Makes tokens by HMAC-SHA-256 (ENC-6).
///
/// It is derived from a random data key of its own, which [`FieldKeys`](super::FieldKeys) wraps once for the whole
/// database. So no generation of the secret owns it, and a new wrapping leaves every stored token as it is. A new key
/// means that all tokens are made anew.
///
/// It has no `Debug` (ENC-10).
#[derive(Clone)]
pub struct IndexKey(hmac::Key);

impl IndexKey {
    pub(super) fn new(key: hmac::Key) -> Self {
        Self(key)
    }

    /// The token of a list of parts: 64 bits of their MAC. Different values can have the same token, so a hit is checked
    /// after it was opened.
    pub fn token(&self, parts: &[&[u8]]) -> i64 {
        let mut first = [0; size_of::<i64>()];
        first.copy_from_slice(&primitives::mac(&self.0, parts)[..size_of::<i64>()]);
        i64::from_be_bytes(first)
    }
}
