//! What a browser answers, decoded: base64url, and not longer than any real authenticator needs (PK-14).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{CredentialId, Refused, Transport};

/// No browser writes more client data.
const MAX_CLIENT_DATA: usize = 4 * 1024;
/// An id of 1023 bytes, an RSA key, a signature, extensions.
const MAX_ATTESTATION: usize = 8 * 1024;
const MAX_AUTHENTICATOR_DATA: usize = 4 * 1024;
/// An RSA key of 2048 bits signs with 256 bytes.
const MAX_SIGNATURE: usize = 1024;
/// A user handle (`WebAuthn` Level 3, 5.4.3).
const MAX_HANDLE: usize = 64;

/// What `navigator.credentials.create` gave.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The id of the new credential.
    pub id: CredentialId,
    /// What the browser says it signed.
    pub client_data: Vec<u8>,
    /// The new credential, in CBOR.
    pub attestation: Vec<u8>,
    /// How to reach the authenticator.
    pub transports: Vec<Transport>,
}

/// What `navigator.credentials.get` gave.
#[derive(Debug, Clone)]
pub struct Assertion {
    /// The id of the credential.
    pub id: CredentialId,
    /// What the browser says it signed.
    pub client_data: Vec<u8>,
    /// What the authenticator says of itself.
    pub authenticator_data: Vec<u8>,
    /// The signature over both.
    pub signature: Vec<u8>,
    /// The user handle that the authenticator keeps with the credential.
    pub user_handle: Option<Vec<u8>>,
}

/// The texts of an answer of a browser that are the same for both.
#[derive(Debug, Clone, Copy)]
pub struct Common<'a> {
    /// `id`.
    pub id: &'a str,
    /// `rawId`.
    pub raw_id: &'a str,
    /// `type`.
    pub kind: &'a str,
    /// `response.clientDataJSON`.
    pub client_data: &'a str,
}

impl Common<'_> {
    fn read(self) -> Result<(CredentialId, Vec<u8>), Refused> {
        if self.kind != "public-key" || self.id != self.raw_id {
            return Err(Refused::Malformed("credential"));
        }
        let id = CredentialId::parse(self.raw_id).ok_or(Refused::Malformed("id"))?;
        let client_data = decode(self.client_data, MAX_CLIENT_DATA, "client data")?;
        Ok((id, client_data))
    }
}

impl Registration {
    /// Reads the texts of an answer.
    pub fn read(
        common: Common<'_>,
        attestation: &str,
        transports: &[String],
    ) -> Result<Self, Refused> {
        let (id, client_data) = common.read()?;
        Ok(Self {
            id,
            client_data,
            attestation: decode(attestation, MAX_ATTESTATION, "attestation")?,
            transports: Transport::known(transports),
        })
    }
}

impl Assertion {
    /// Reads the texts of an answer.
    pub fn read(
        common: Common<'_>,
        authenticator_data: &str,
        signature: &str,
        user_handle: Option<&str>,
    ) -> Result<Self, Refused> {
        let (id, client_data) = common.read()?;
        let data = decode(
            authenticator_data,
            MAX_AUTHENTICATOR_DATA,
            "authenticator data",
        )?;
        let handle = user_handle.map(|handle| decode(handle, MAX_HANDLE, "user handle"));
        Ok(Self {
            id,
            client_data,
            authenticator_data: data,
            signature: decode(signature, MAX_SIGNATURE, "signature")?,
            user_handle: handle.transpose()?,
        })
    }
}

fn decode(text: &str, most: usize, what: &'static str) -> Result<Vec<u8>, Refused> {
    // Looked at before anything is decoded: four characters hold three bytes.
    if text.len() > most.div_ceil(3) * 4 {
        return Err(Refused::Malformed(what));
    }
    let decoded = URL_SAFE_NO_PAD.decode(text);
    decoded.map_err(|_| Refused::Malformed(what))
}
