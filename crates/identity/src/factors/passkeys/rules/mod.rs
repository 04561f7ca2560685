//! The rules of passkeys (`WebAuthn` Level 3): who is the relying party, and what a registration and a use must prove. The
//! library `webauthn-rs` verifies; what it lets pass and we do not is refused before it (ADR 0030).

mod authenticator_data;
mod cbor;
pub mod ceremonies;
mod client_data;
pub mod credential_id;
pub mod name;
pub mod options;
pub mod relying_party;
pub mod responses;
pub mod transports;

pub use self::{
    credential_id::CredentialId, name::PasskeyName, relying_party::RelyingParty,
    transports::Transport,
};

/// Why a passkey was not accepted: for the log. Every caller gets the same answer (PK-12).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A part has another form.
    #[error("malformed {0}")]
    Malformed(&'static str),
    /// The client data name another origin.
    #[error("another origin")]
    Origin,
    /// Another site had the page in a frame.
    #[error("in a frame of another site")]
    Framed,
    /// The attestation is of another kind than was asked for (PK-9).
    #[error("an attestation that nobody asked for")]
    Attestation,
    /// The key is for another algorithm than those that were offered (PK-4).
    #[error("an algorithm that was not offered")]
    Algorithm,
    /// The signature counter did not grow, so there may be a copy of the passkey (PK-7).
    #[error("the counter did not grow")]
    Counter,
    /// The library refused it.
    #[error("{0}")]
    Library(String),
    /// The passkey is unknown, or is not the account's.
    #[error("not a passkey of this account")]
    NotTheAccounts,
}
