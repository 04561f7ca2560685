//! The key pairs of passkeys.

use std::sync::Arc;

use aws_lc_rs::{
    rand::{self, SystemRandom},
    rsa,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair,
        RSA_PKCS1_SHA256,
    },
};

use super::cbor::{bytes, map, negative, unsigned};
use crate::must;

/// An algorithm of COSE (RFC 9053).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA on P-256.
    Es256,
    /// ECDSA on P-384, which the service does not offer.
    Es384,
    /// RSA with 2048 bits, PKCS #1 1.5.
    Rs256,
}

impl Algorithm {
    /// Its number.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::Es384 => -35,
            Self::Rs256 => -257,
        }
    }
}

/// A key pair.
#[derive(Debug, Clone)]
pub struct Key {
    algorithm: Algorithm,
    pair: Pair,
}

#[derive(Debug, Clone)]
enum Pair {
    Ecdsa(Arc<EcdsaKeyPair>),
    Rsa(Arc<rsa::KeyPair>),
}

impl Key {
    /// A new key pair.
    #[must_use]
    pub fn generate(algorithm: Algorithm) -> Self {
        let ecdsa = |curve| Pair::Ecdsa(Arc::new(must(EcdsaKeyPair::generate(curve), "a key")));
        let pair = match algorithm {
            Algorithm::Es256 => ecdsa(&ECDSA_P256_SHA256_ASN1_SIGNING),
            Algorithm::Es384 => ecdsa(&ECDSA_P384_SHA384_ASN1_SIGNING),
            Algorithm::Rs256 => {
                let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048);
                Pair::Rsa(Arc::new(must(pair, "a key")))
            }
        };
        Self { algorithm, pair }
    }

    /// A signature.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Ecdsa(pair) => must(pair.sign(&random, message), "a signature")
                .as_ref()
                .to_vec(),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                let signed = pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature);
                must(signed, "a signature");
                signature
            }
        }
    }

    /// The public key, as COSE writes it.
    #[must_use]
    pub fn cose(&self) -> Vec<u8> {
        let kind = |number: u64| (unsigned(1), unsigned(number));
        let algorithm = (unsigned(3), negative(self.algorithm.number()));
        match &self.pair {
            Pair::Ecdsa(pair) => {
                // An uncompressed point: a byte, then both coordinates.
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                let curve = if self.algorithm == Algorithm::Es256 {
                    1
                } else {
                    2
                };
                map([
                    kind(2),
                    algorithm,
                    (negative(-1), unsigned(curve)),
                    (negative(-2), bytes(x)),
                    (negative(-3), bytes(y)),
                ])
            }
            Pair::Rsa(pair) => {
                // `SEQUENCE { INTEGER n, INTEGER e }` with 2048 bits: everything has its place.
                let der = pair.public_key().as_ref();
                map([
                    kind(3),
                    algorithm,
                    (negative(-1), bytes(&der[9..265])),
                    (negative(-2), bytes(&der[267..270])),
                ])
            }
        }
    }
}

/// Random bytes.
pub(super) fn random(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    must(rand::fill(&mut bytes), "random bytes");
    bytes
}
