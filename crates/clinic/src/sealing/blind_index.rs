//! Tokens by which sealed values are found (ENC-6).

use bson::Bson;
use crypto::field_keys::IndexKey;
use serde::{Deserialize, Serialize};

use super::Scope;
use crate::patients::search::TermField;

/// Makes the tokens. [`Canary::open`](super::Canary::open) gives it.
#[derive(Clone)]
pub struct BlindIndex(IndexKey);

impl BlindIndex {
    pub(super) fn new(key: IndexKey) -> Self {
        Self(key)
    }

    /// The token of a value in its canonical form. It is bound to the field and to the scope, so equal names in two
    /// doctors' lists have unequal tokens (ENC-7).
    ///
    /// Two values may have the same token, so a hit is opened and checked before it is shown.
    pub fn token<'a>(
        &self,
        field: TermField,
        scope: impl Into<Scope<'a>>,
        canonical: &str,
    ) -> Token {
        let scope = scope.into();
        let parts = [field.name(), scope.as_str(), canonical];
        Token(self.0.token(&parts.map(str::as_bytes)))
    }
}

/// 64 bits that stand for a value in a field and scope. Both stores compare them as exact 64-bit integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Token(i64);

/// For the filter of a search.
impl From<Token> for Bson {
    fn from(token: Token) -> Self {
        Self::Int64(token.0)
    }
}
