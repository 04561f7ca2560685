//! The keys that sign access tokens: how they are made, stored and published.

use std::fmt;

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::KeySize,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair},
};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey,
    jwk::{Jwk, PublicKeyUse, ThumbprintHash},
};
use serde_json::Value;
use zeroize::Zeroizing;

use super::CryptoError;
use crate::settings::JwtAlgorithm;
use kernel::sealed::KeyId;

/// The number of bytes before the PKCS#1 key in the PKCS#8 form of every RSA key of 2048 bits (RFC 5208).
const RSA_PKCS8_HEADER: usize = 26;

/// The number of characters of a key's id: 96 bits of its RFC 7638 thumbprint. More would only make tokens longer.
const KID: usize = 16;

/// A key for one algorithm, with its id. `Debug` shows only the id.
#[derive(Clone)]
pub struct SigningKey {
    kid: String,
    algorithm: JwtAlgorithm,
    pub(super) encoding: EncodingKey,
    pub(super) decoding: DecodingKey,
    public: Option<Value>,
}

impl SigningKey {
    /// Makes a new key pair. The randomness is the backend's own, because the backend accepts no other.
    ///
    /// # Errors
    /// The algorithm is HS256, whose key is the master secret, or the backend refused.
    pub fn generate(algorithm: JwtAlgorithm) -> Result<Self, CryptoError> {
        let refused = |_| CryptoError("make a signing key");
        match algorithm {
            JwtAlgorithm::ES256 => {
                let pair =
                    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(refused)?;
                let der = pair.to_pkcs8v1().map_err(refused)?;
                Self::from_private_bytes(algorithm, der.as_ref())
            }
            JwtAlgorithm::EdDSA => {
                let pair = Ed25519KeyPair::generate().map_err(refused)?;
                let der = pair.to_pkcs8v1().map_err(refused)?;
                Self::from_private_bytes(algorithm, der.as_ref())
            }
            JwtAlgorithm::RS256 => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(refused)?;
                let der: Pkcs8V1Der = pair.as_der().map_err(refused)?;
                // The token library needs RSA keys in their inner form; reading it back checks it.
                let inner = der.as_ref().get(RSA_PKCS8_HEADER..).unwrap_or_default();
                Self::from_private_bytes(algorithm, inner)
            }
            JwtAlgorithm::HS256 => Err(CryptoError("make a signing key for HS256")),
        }
    }

    /// Reads what [`SigningKey::private_bytes`] returned; the id is the same.
    pub fn from_private_bytes(algorithm: JwtAlgorithm, bytes: &[u8]) -> Result<Self, CryptoError> {
        let encoding = match algorithm {
            JwtAlgorithm::ES256 => EncodingKey::from_ec_der(bytes),
            JwtAlgorithm::EdDSA => EncodingKey::from_ed_der(bytes),
            JwtAlgorithm::RS256 => EncodingKey::from_rsa_der(bytes),
            JwtAlgorithm::HS256 => return Err(CryptoError("read a signing key for HS256")),
        };
        Self::from_pair(algorithm, encoding).ok_or(CryptoError("read a signing key"))
    }

    /// The HS256 key: the bytes of the master secret, with the id of its generation.
    pub(super) fn hs256(id: &KeyId, secret: &[u8]) -> Self {
        Self {
            kid: id.to_string(),
            algorithm: JwtAlgorithm::HS256,
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            public: None,
        }
    }

    fn from_pair(algorithm: JwtAlgorithm, encoding: EncodingKey) -> Option<Self> {
        let mut jwk = Jwk::from_encoding_key(&encoding, library_name(algorithm)).ok()?;
        let mut kid = jwk.thumbprint(ThumbprintHash::SHA256).ok()?;
        kid.truncate(KID);
        let decoding = DecodingKey::from_jwk(&jwk).ok()?;
        jwk.common.key_id = Some(kid.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        Some(Self {
            kid,
            algorithm,
            encoding,
            decoding,
            public: Some(serde_json::to_value(jwk).ok()?),
        })
    }

    /// Its id in a token's header.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Its algorithm.
    pub const fn algorithm(&self) -> JwtAlgorithm {
        self.algorithm
    }

    /// The private key for storage, which must be encrypted; `None` for HS256, whose key is not stored.
    pub fn private_bytes(&self) -> Option<Zeroizing<Vec<u8>>> {
        self.public.as_ref()?;
        Some(Zeroizing::new(self.encoding.as_bytes().to_vec()))
    }

    /// The public key as in the JWKS (RFC 7517); `None` for HS256, which has none.
    pub const fn public_jwk(&self) -> Option<&Value> {
        self.public.as_ref()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({:?} {})", self.algorithm, self.kid)
    }
}

/// The token library's name of the algorithm.
pub(super) const fn library_name(algorithm: JwtAlgorithm) -> Algorithm {
    match algorithm {
        JwtAlgorithm::ES256 => Algorithm::ES256,
        JwtAlgorithm::EdDSA => Algorithm::EdDSA,
        JwtAlgorithm::RS256 => Algorithm::RS256,
        JwtAlgorithm::HS256 => Algorithm::HS256,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIRS: [JwtAlgorithm; 3] = [
        JwtAlgorithm::ES256,
        JwtAlgorithm::EdDSA,
        JwtAlgorithm::RS256,
    ];

    #[test]
    fn a_stored_key_comes_back_with_the_same_name_and_public_key() {
        for algorithm in PAIRS {
            let key = SigningKey::generate(algorithm).unwrap();
            let bytes = key.private_bytes().unwrap();
            let read = SigningKey::from_private_bytes(algorithm, &bytes).unwrap();
            assert_eq!(read.kid(), key.kid());
            assert_eq!(read.public_jwk(), key.public_jwk());
        }
    }

    #[test]
    fn the_public_key_has_a_name_a_use_and_no_private_part() {
        let fields = |algorithm| {
            let key = SigningKey::generate(algorithm).unwrap();
            let jwk = key.public_jwk().unwrap().as_object().unwrap().clone();
            assert_eq!(jwk["kid"], key.kid());
            assert_eq!((jwk["use"].as_str(), key.kid().len()), (Some("sig"), KID));
            let mut names: Vec<_> = jwk.into_iter().map(|(name, _)| name).collect();
            names.sort();
            names.join(" ")
        };
        assert_eq!(fields(JwtAlgorithm::ES256), "alg crv kid kty use x y");
        assert_eq!(fields(JwtAlgorithm::EdDSA), "alg crv kid kty use x");
        assert_eq!(fields(JwtAlgorithm::RS256), "alg e kid kty n use");
    }

    #[test]
    fn a_key_is_not_read_as_one_of_another_algorithm() {
        for made in PAIRS {
            let bytes = SigningKey::generate(made).unwrap().private_bytes().unwrap();
            for read in PAIRS {
                let key = SigningKey::from_private_bytes(read, &bytes);
                assert_eq!(key.is_ok(), made == read, "{made:?} as {read:?}");
            }
            let half = &bytes[..bytes.len() / 2];
            assert!(SigningKey::from_private_bytes(made, half).is_err());
        }
    }

    #[test]
    fn the_shared_secret_is_neither_generated_nor_exported() {
        assert!(SigningKey::generate(JwtAlgorithm::HS256).is_err());
        assert!(SigningKey::from_private_bytes(JwtAlgorithm::HS256, &[7; 32]).is_err());
        let key = SigningKey::hs256(&KeyId::new("id"), b"secret");
        assert!(key.private_bytes().is_none() && key.public_jwk().is_none());
        assert_eq!(format!("{key:?}"), "SigningKey(HS256 id)");
    }
}
