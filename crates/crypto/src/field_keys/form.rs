//! The binary forms of wrapped keys and sealed groups, and what binds both to their place.

use crate::primitives::Fingerprint;

/// The only form there is. Another first byte counts as tampering.
const FORM: u8 = 1;

/// The document that a wrapped key or a sealed group belongs to. Neither opens in another one (ENC-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place<'a> {
    /// A fixed name of the collection. It is not the name in the configuration, which an operator may change.
    pub collection: &'static str,
    /// The document's `_id`.
    pub id: &'a str,
}

/// What stands before the nonce of a wrapped key.
pub(super) fn wrapped_header(fingerprint: Fingerprint, key_version: u32) -> Vec<u8> {
    [&[FORM], fingerprint.as_slice(), &key_version.to_be_bytes()].concat()
}

/// Fingerprint of the secret, key version, and the rest of a wrapped key.
pub(super) fn read_wrapped(wrapped: &[u8]) -> Option<(Fingerprint, u32, &[u8])> {
    let (fingerprint, rest) = after_form(wrapped)?.split_first_chunk()?;
    let (version, body) = rest.split_first_chunk()?;
    Some((*fingerprint, u32::from_be_bytes(*version), body))
}

/// What stands before the nonce of a sealed group.
pub(super) fn group_header(key_version: u32) -> Vec<u8> {
    [&[FORM], key_version.to_be_bytes().as_slice()].concat()
}

/// Key version, and the rest of a sealed group.
pub(super) fn read_group(sealed: &[u8]) -> Option<(u32, &[u8])> {
    let (version, body) = after_form(sealed)?.split_first_chunk()?;
    Some((u32::from_be_bytes(*version), body))
}

fn after_form(bytes: &[u8]) -> Option<&[u8]> {
    match bytes.split_first()? {
        (&FORM, rest) => Some(rest),
        _ => None,
    }
}

/// The header, and each part after its length, so that different lists of parts never give the same bytes.
pub(super) fn associated_data(header: &[u8], parts: &[&str]) -> Vec<u8> {
    let mut data = header.to_vec();
    for part in parts {
        data.extend((part.len() as u64).to_le_bytes());
        data.extend(part.as_bytes());
    }
    data
}
