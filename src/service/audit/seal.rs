//! The MACs of records and heads: over everything in the document but the MAC itself (AUD-2).

use std::fmt::Write as _;

use serde::Serialize;

use crate::{
    crypto::{MasterKeys, Purpose},
    domain::{
        audit::{AuditRecord, ChainHead},
        sealed::KeyId,
    },
    error::{Error, Result},
};

/// The MAC of a record, with the key that it names. None: that key is of a master secret that is not set any more.
///
/// # Errors
/// The record cannot be written as BSON.
pub(super) fn of_record(keys: &MasterKeys, record: &AuditRecord) -> Result<Option<String>> {
    let bare = AuditRecord {
        mac: String::new(),
        ..record.clone()
    };
    mac(keys, &record.key_id, b"record", &bare)
}

/// The MAC of a head, with the key that it names. None: as for a record.
///
/// # Errors
/// The head cannot be written as BSON.
pub(super) fn of_head(keys: &MasterKeys, head: &ChainHead) -> Result<Option<String>> {
    let bare = ChainHead {
        mac: String::new(),
        ..head.clone()
    };
    mac(keys, &head.key_id, b"head", &bare)
}

fn mac(keys: &MasterKeys, key: &str, kind: &[u8], of: &impl Serialize) -> Result<Option<String>> {
    let bytes = bson::serialize_to_vec(of).map_err(Error::internal)?;
    let mac = keys.mac_with(&KeyId::new(key), Purpose::Audit, &[kind, &bytes]);
    Ok(mac.map(|mac| {
        mac.iter().fold(String::new(), |mut hex, byte| {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }))
}
