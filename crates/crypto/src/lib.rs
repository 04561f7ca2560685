//! Cryptography: passwords, opaque tokens, one-time codes, access tokens, and all their keys.
//!
//! The primitives come from one backend (`aws-lc-rs`). This crate only decides how they are used.

pub mod codes;
pub mod field_keys;
mod hash_pool;
mod hasher;
mod jwt;
mod keys;
mod master;
mod pepper;
mod primitives;
pub mod settings;
mod signing_key;
mod stored_hash;
mod tokens;

pub use hasher::{Busy, HashSlot, Hasher, Verdict};
pub use jwt::{AccessClaims, JwtSettings, Subject, TokenError};
pub use keys::{KeyRing, RingKey, SignError};
pub use master::{MasterKeys, OpenError, Purpose};
pub use signing_key::SigningKey;
pub use stored_hash::may_verify;
pub use tokens::{OpaqueToken, RefreshToken, sha256, verify_equal};

/// The backend refused an operation. The error names the operation, never a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cryptographic backend could not {0}")]
pub struct CryptoError(pub(crate) &'static str);
