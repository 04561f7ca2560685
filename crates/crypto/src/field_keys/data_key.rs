//! The key of one record, and the keys of its groups.

use aws_lc_rs::{aead, hkdf, hmac};
use zeroize::Zeroizing;

use super::{
    form::{self, Place},
    index_key::IndexKey,
};
use crate::{CryptoError, OpenError, primitives};
use kernel::random::SharedRng;

/// The version of every data key today. A record whose data key is replaced gets the next one, and a group that the older
/// key sealed is then told apart from a changed one.
const VERSION: u32 = 1;

const LENGTH: usize = 32;

/// A random 256-bit key. It seals nothing itself: the keys of the groups are derived from it.
///
/// It is wiped when it is dropped, and has no `Debug` (ENC-10).
pub struct DataKey {
    version: u32,
    secret: Zeroizing<[u8; LENGTH]>,
}

impl DataKey {
    /// A new key.
    pub fn generate(rng: &SharedRng) -> Self {
        Self {
            version: VERSION,
            secret: Zeroizing::new(rng.bytes()),
        }
    }

    /// The key of a group, by HKDF. It leads neither to the data key nor to the key of another group, so its holder can
    /// open that group alone (ACC-4).
    pub fn group_key(&self, group: &'static str) -> GroupKey {
        let prk = self.prk();
        let info = [b"group/", group.as_bytes()];
        let key = primitives::derive(&prk, &info, &aead::AES_256_GCM);
        GroupKey {
            group,
            version: self.version,
            key: aead::LessSafeKey::new(key.into()),
        }
    }

    /// The key of blind indexes. Only one data key of the database is used for this; it belongs to no patient.
    pub fn index_key(&self) -> IndexKey {
        let prk = self.prk();
        IndexKey::new(primitives::derive(&prk, &[b"blind index"], hmac::HMAC_SHA256).into())
    }

    /// The key is uniformly random, so it needs no extraction (RFC 5869, section 3.3).
    fn prk(&self) -> hkdf::Prk {
        hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, self.secret.as_slice())
    }

    pub(super) fn from_parts(version: u32, secret: &[u8]) -> Option<Self> {
        let secret = Zeroizing::new(<[u8; LENGTH]>::try_from(secret).ok()?);
        Some(Self { version, secret })
    }

    pub(super) fn version(&self) -> u32 {
        self.version
    }

    pub(super) fn secret(&self) -> &[u8] {
        self.secret.as_slice()
    }
}

/// The key of one group of one record's data key: `who` of a patient, for instance.
///
/// A sealed group is `1 ‖ key version ‖ nonce ‖ ciphertext ‖ tag`, under AES-256-GCM with everything before the nonce,
/// the place and the group as associated data. It opens nowhere else. An older ciphertext of the same place and group
/// opens too: only the version and the audit trail of the row tell it from the newer one.
///
/// The nonce is random, so at most 2^32 texts may be sealed per group key (NIST SP 800-38D, 8.3).
///
/// It is wiped when it is dropped, and has no `Debug` (ENC-10).
pub struct GroupKey {
    group: &'static str,
    version: u32,
    key: aead::LessSafeKey,
}

impl GroupKey {
    /// Seals bytes for the document at `place`.
    pub fn seal(
        &self,
        place: Place<'_>,
        plaintext: &[u8],
        rng: &SharedRng,
    ) -> Result<Vec<u8>, CryptoError> {
        let header = form::group_header(self.version);
        let aad = self.associated_data(&header, place);
        let body = primitives::seal(&self.key, &aad, plaintext, rng)?;
        Ok([header.as_slice(), &body].concat())
    }

    /// Opens what [`GroupKey::seal`] made for the same place.
    ///
    /// # Errors
    /// `UnknownKey` if another version of the data key sealed it; `Tampered` if it was changed or cut, or belongs to
    /// another document, group or data key.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let (version, body) = form::read_group(sealed).ok_or(OpenError::Tampered)?;
        if version != self.version {
            return Err(OpenError::UnknownKey);
        }
        let aad = self.associated_data(&form::group_header(version), place);
        primitives::open(&self.key, &aad, body)
    }

    fn associated_data(&self, header: &[u8], place: Place<'_>) -> Vec<u8> {
        form::associated_data(header, &["group", place.collection, place.id, self.group])
    }
}

#[cfg(test)]
mod tests {
    use zeroize::ZeroizeOnDrop;

    use super::*;

    // ENC-10
    #[test]
    fn a_dropped_data_key_is_wiped() {
        fn is_wiped(_: &impl ZeroizeOnDrop) {}
        is_wiped(&DataKey::generate(&SharedRng::seeded(1)).secret);
    }

    // ENC-2: the group is bound twice, by its key and by the associated data.
    #[test]
    fn the_group_is_part_of_the_associated_data() {
        let rng = SharedRng::seeded(1);
        let place = Place {
            collection: "patient_records",
            id: "PAT00000001",
        };
        let who = DataKey::generate(&rng).group_key("who");
        let sealed = who.seal(place, b"Anna", &rng).unwrap();
        let renamed = GroupKey {
            group: "clinical",
            ..who
        };
        assert_eq!(renamed.open(place, &sealed), Err(OpenError::Tampered));
    }

    /// Does not compile once a key can be shown: the name would then have two meanings (ENC-10).
    #[expect(dead_code, reason = "its compilation is the test")]
    fn no_key_has_debug() {
        trait Shown<Marker> {
            fn ambiguous_if_it_has_debug() {}
        }
        struct Debuggable;
        impl<T> Shown<()> for T {}
        impl<T: std::fmt::Debug> Shown<Debuggable> for T {}
        <DataKey as Shown<_>>::ambiguous_if_it_has_debug();
        <GroupKey as Shown<_>>::ambiguous_if_it_has_debug();
        <IndexKey as Shown<_>>::ambiguous_if_it_has_debug();
    }
}
