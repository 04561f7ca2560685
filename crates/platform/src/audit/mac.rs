//! The MACs of records, seals and heads: over everything in the document but the MAC itself (AUD-2).

use bson::Document;
use serde::Serialize;

use crate::audit::record::ChainHead;
use crypto::{MasterKeys, Purpose};
use kernel::{
    error::{Error, Result},
    helpers::hex,
    sealed::KeyId,
};

/// What a MAC is made for; none is good for two of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A record.
    Record,
    /// A seal.
    Seal,
    /// A head.
    Head,
    /// A chained record of an earlier version.
    Chained,
}

impl Kind {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Record => b"record 2",
            Self::Seal => b"seal",
            Self::Head => b"head",
            Self::Chained => b"record",
        }
    }
}

/// The MAC of a document with the key that its `key_id` names. `None` if that key is of a master secret that is not set.
///
/// # Errors
/// It has no `key_id`, or cannot be written as BSON.
pub(crate) fn of(keys: &MasterKeys, kind: Kind, what: &impl Serialize) -> Result<Option<String>> {
    let mut bare = bson::serialize_to_document(what).map_err(Error::internal)?;
    let key_id = KeyId::new(bare.get_str("key_id").map_err(Error::internal)?);
    bare.insert("mac", ""); // in its place, since the order of the fields counts
    let bytes = bson::serialize_to_vec(&bare).map_err(Error::internal)?;
    let mac = keys.mac_with(&key_id, Purpose::Audit, &[kind.label(), &bytes]);
    Ok(mac.map(|mac| hex(&mac)))
}

/// The same with a key that this instance has.
///
/// # Errors
/// It cannot be written as BSON, or has another key.
pub(crate) fn own(keys: &MasterKeys, kind: Kind, what: &impl Serialize) -> Result<String> {
    let mac = of(keys, kind, what)?;
    mac.ok_or_else(|| Error::internal("the current master secret has no key"))
}

/// A head, if a document reads as one.
pub(crate) fn head(document: &Document) -> Option<ChainHead> {
    document.get_str("key_id").ok()?;
    bson::deserialize_from_document(document.clone()).ok()
}
