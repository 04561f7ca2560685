//! The data that an authenticator signs (`WebAuthn` Level 3, 6.1), read strictly and to the end.

use super::cbor;

/// The part that only a new credential has: its id and its public key.
const HAS_CREDENTIAL: u8 = 0b0100_0000;
const HAS_EXTENSIONS: u8 = 0b1000_0000;

/// Authenticator data that is well-formed.
pub(super) struct AuthenticatorData<'a> {
    /// The id of the new credential, if it brings one.
    pub(super) credential_id: Option<&'a [u8]>,
}

/// Reads authenticator data; `None` if it is not well-formed.
pub(super) fn read(bytes: &[u8]) -> Option<AuthenticatorData<'_>> {
    let (_rp_id_hash, rest) = bytes.split_at_checked(32)?;
    let (&flags, rest) = rest.split_first()?;
    let (_counter, mut rest) = rest.split_at_checked(4)?;
    let mut credential_id = None;
    if flags & HAS_CREDENTIAL != 0 {
        let (_aaguid, after) = rest.split_at_checked(16)?;
        let (length, after) = after.split_first_chunk::<2>()?;
        let (id, after) = after.split_at_checked(u16::from_be_bytes(*length).into())?;
        let (_key, after) = cbor::leading_map(after)?;
        (credential_id, rest) = (Some(id), after);
    }
    if flags & HAS_EXTENSIONS != 0 {
        (_, rest) = cbor::leading_map(rest)?;
    }
    rest.is_empty()
        .then_some(AuthenticatorData { credential_id })
}
