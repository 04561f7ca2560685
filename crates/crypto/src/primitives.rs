//! What the keys of every secret share: derived keys, fingerprints, MACs over lists of parts, authenticated encryption.

use aws_lc_rs::{aead, hkdf, hmac};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::{CryptoError, OpenError};
use kernel::{random::SharedRng, sealed::KeyId, secret::Secret};

/// The name of a secret: 48 bits are 8 characters of base64url.
pub(crate) type Fingerprint = [u8; 6];

/// HKDF-Extract (RFC 5869, section 2.2).
pub(crate) fn extract(salt: &[u8], secret: &Secret) -> hkdf::Prk {
    hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret.expose().as_bytes())
}

/// HKDF-Expand (RFC 5869, section 2.3).
#[expect(
    clippy::expect_used,
    reason = "fails only for more than 255 blocks of output; every key here is one block"
)]
pub(crate) fn derive<'a, L: hkdf::KeyType>(
    prk: &'a hkdf::Prk,
    info: &'a [&'a [u8]],
    length: L,
) -> hkdf::Okm<'a, L> {
    prk.expand(info, length).expect("one block of output")
}

/// Names a secret by a one-way function.
pub(crate) fn fingerprint(prk: &hkdf::Prk) -> Fingerprint {
    let name = hmac::sign(&derive(prk, &[b"id"], hmac::HMAC_SHA256).into(), b"");
    let mut fingerprint = Fingerprint::default();
    fingerprint.copy_from_slice(&name.as_ref()[..size_of::<Fingerprint>()]);
    fingerprint
}

/// The text of a fingerprint.
pub(crate) fn key_id(fingerprint: Fingerprint) -> KeyId {
    KeyId::new(URL_SAFE_NO_PAD.encode(fingerprint))
}

/// HMAC-SHA-256 over `parts`. The length precedes each part, so that different lists of parts never give the same input.
pub(crate) fn mac(key: &hmac::Key, parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(key);
    for part in parts {
        context.update(&(part.len() as u64).to_le_bytes());
        context.update(part);
    }
    let mut mac = [0; 32];
    mac.copy_from_slice(context.sign().as_ref());
    mac
}

/// Encrypts with AES-256-GCM: a random nonce, the ciphertext, the tag.
pub(crate) fn seal(
    key: &aead::LessSafeKey,
    aad: &[u8],
    plaintext: &[u8],
    rng: &SharedRng,
) -> Result<Vec<u8>, CryptoError> {
    let nonce: [u8; aead::NONCE_LEN] = rng.bytes();
    // Encrypted in place, so that the copy of the plaintext does not outlive this function.
    let mut body = Zeroizing::new(plaintext.to_vec());
    let tag = key
        .seal_in_place_separate_tag(
            aead::Nonce::assume_unique_for_key(nonce),
            aead::Aad::from(aad),
            &mut body,
        )
        .map_err(|_| CryptoError("seal"))?;
    Ok([&nonce, body.as_slice(), tag.as_ref()].concat())
}

/// Decrypts what [`seal`] made with the same key and `aad`.
///
/// # Errors
/// `Tampered` if anything differs; the caller has found the key already.
pub(crate) fn open(
    key: &aead::LessSafeKey,
    aad: &[u8],
    bytes: &[u8],
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let parts = bytes.split_first_chunk::<{ aead::NONCE_LEN }>();
    let (nonce, body) = parts.ok_or(OpenError::Tampered)?;
    let mut body = Zeroizing::new(body.to_vec());
    let length = key
        .open_in_place(
            aead::Nonce::assume_unique_for_key(*nonce),
            aead::Aad::from(aad),
            &mut body,
        )
        .map_err(|_| OpenError::Tampered)?
        .len();
    body.truncate(length);
    Ok(body)
}
