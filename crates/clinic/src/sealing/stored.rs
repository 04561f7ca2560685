//! What a row holds: a wrapped data key and sealed groups, as BSON binaries.

use std::{fmt, marker::PhantomData};

use bson::{Binary, Bson, spec::BinarySubtype};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// The data key of a record, wrapped by the secret: the field `key` of its row. It opens only for that row.
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKey(pub(super) Vec<u8>);

impl WrappedKey {
    /// Its bytes, which say which secret wrapped it.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A sealed content of type `T`: a field of a row.
pub struct SealedGroup<T> {
    pub(super) bytes: Vec<u8>,
    content: PhantomData<fn() -> T>,
}

impl<T> SealedGroup<T> {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            content: PhantomData,
        }
    }
}

/// Serializes as a BSON binary of the generic subtype.
fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}

/// Reads a BSON binary. The error does not show the value, which may be a text that was never sealed.
fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    match Bson::deserialize(deserializer) {
        Ok(Bson::Binary(binary)) => Ok(binary.bytes),
        _ => Err(D::Error::custom("not a binary")),
    }
}

fn to_bson(bytes: &[u8]) -> Bson {
    Bson::Binary(Binary {
        subtype: BinarySubtype::Generic,
        bytes: bytes.to_vec(),
    })
}

impl Serialize for WrappedKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for WrappedKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer).map(Self)
    }
}

/// For the filter and the update of a rewrap.
impl From<&WrappedKey> for Bson {
    fn from(key: &WrappedKey) -> Self {
        to_bson(&key.0)
    }
}

impl fmt::Debug for WrappedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WrappedKey({} bytes)", self.0.len())
    }
}

impl<T> Serialize for SealedGroup<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(&self.bytes, serializer)
    }
}

impl<'de, T> Deserialize<'de> for SealedGroup<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer).map(Self::new)
    }
}

/// For the update of a row.
impl<T> From<&SealedGroup<T>> for Bson {
    fn from(sealed: &SealedGroup<T>) -> Self {
        to_bson(&sealed.bytes)
    }
}

impl<T> Clone for SealedGroup<T> {
    fn clone(&self) -> Self {
        Self::new(self.bytes.clone())
    }
}

impl<T> PartialEq for SealedGroup<T> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl<T> fmt::Debug for SealedGroup<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedGroup({} bytes)", self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use bson::doc;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Row {
        key: WrappedKey,
        who: SealedGroup<String>,
    }

    fn row() -> Row {
        Row {
            key: WrappedKey(vec![1, 2]),
            who: SealedGroup::new(vec![3, 4, 5]),
        }
    }

    #[test]
    fn a_row_holds_binaries() {
        let stored = bson::serialize_to_document(&row()).unwrap();
        assert_eq!(
            stored,
            doc! { "key": Bson::from(&row().key), "who": Bson::from(&row().who) }
        );
        assert!(matches!(stored.get("who"), Some(Bson::Binary(_))));
        // As the driver reads it: from the bytes of the document.
        let bytes = bson::serialize_to_vec(&row()).unwrap();
        assert_eq!(bson::deserialize_from_slice::<Row>(&bytes).unwrap(), row());
        assert_eq!(
            bson::deserialize_from_document::<Row>(stored).unwrap(),
            row()
        );
    }

    // CON-6
    #[test]
    fn a_text_in_place_of_a_sealed_group_is_not_shown() {
        let mut stored = bson::serialize_to_document(&row()).unwrap();
        stored.insert("who", "Anna");
        let bytes = bson::serialize_to_vec(&stored).unwrap();
        let error = bson::deserialize_from_slice::<Row>(&bytes).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("Anna"), "{error:?}");
    }

    #[test]
    fn debug_shows_only_lengths() {
        assert_eq!(
            format!("{:?} {:?}", row().key, row().who),
            "WrappedKey(2 bytes) SealedGroup(3 bytes)"
        );
    }
}
