//! Sealed groups of a record, and the blind indexes by which they are found (ENC-1).
//!
//! A row holds a wrapped data key (`key`) and sealed groups. [`RecordKeys`] gives the key of one group, [`GroupKey`]
//! seals and opens the group's content, and [`BlindIndex`] makes the tokens by which rows are found. The [`Canary`]
//! holds the key of the tokens, and tells a wrong `FIELD_ENCRYPTION_KEY` at the start.

mod blind_index;
mod canary;
mod group;
mod record_keys;
mod scope;
mod store;
mod stored;

pub use blind_index::{BlindIndex, Token};
pub use canary::{Canary, CanaryError};
pub use crypto::field_keys::{FieldKeys, Place};
pub use group::{Clinical, Collection, Content, Group, GroupKey, Text, Who};
pub use record_keys::RecordKeys;
pub use scope::{ClinicScope, DoctorScope, Scope};
pub use stored::{SealedGroup, WrappedKey};

use crypto::{CryptoError, OpenError};

/// Why something cannot be sealed or opened. It names no content, so that it may stand in the log (CON-6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealingError {
    /// The key that sealed it is not set, or is another version.
    #[error("it was sealed with a key that is not set")]
    UnknownKey,
    /// It was changed or cut, or belongs to another document, group or patient (ENC-2).
    #[error("it was changed, or sealed for another place")]
    Tampered,
    /// It was opened, and its content has not the expected form; or the content cannot be written.
    #[error("its content has not the expected form")]
    Form,
    /// The backend refused.
    #[error(transparent)]
    Backend(#[from] CryptoError),
}

impl From<OpenError> for SealingError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::UnknownKey => Self::UnknownKey,
            OpenError::Tampered => Self::Tampered,
        }
    }
}

#[cfg(test)]
mod tests;
