//! The two ceremonies: a new passkey, and the use of one. The state between their halves is the library's; it stays on our
//! side, sealed in the challenge (PK-1).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use webauthn_rs::prelude::{
    COSEAlgorithm, Credential, DiscoverableAuthentication, PasskeyRegistration,
    PublicKeyCredential, RegisterPublicKeyCredential, WebauthnError,
};

use super::{
    CredentialId, Refused, RelyingParty, Transport, authenticator_data,
    cbor::{self, Key},
    client_data,
    options::Owner,
    responses::{Assertion, Registration},
};

/// The algorithms that are offered, in order of preference: ES256, and RS256 for the TPMs of Windows (PK-4).
pub const ALGORITHMS: [i64; 2] = [ES256, RS256];
const ES256: i64 = COSEAlgorithm::ES256 as i64;
const RS256: i64 = COSEAlgorithm::RS256 as i64;

/// A ceremony that has begun.
#[derive(Debug)]
pub struct Begun {
    /// What the browser is asked.
    pub options: Value,
    /// What the second half needs. Who has it can repeat an answer, so it never leaves the service.
    pub state: Vec<u8>,
}

/// A passkey that was proven to be new and somebody's.
#[derive(Debug)]
pub struct NewPasskey {
    /// Its id.
    pub id: CredentialId,
    /// Its public key, and what the library keeps with it.
    pub credential: Credential,
    /// How to reach it.
    pub transports: Vec<Transport>,
}

/// What a proven use says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Use {
    /// The signature counter; 0 if the authenticator has none.
    pub counter: u32,
    /// Whether the passkey is copied to the owner's other devices.
    pub backed_up: bool,
}

impl RelyingParty {
    /// Begins the registration of a passkey beside the `others` of its owner. The library's own options suggest
    /// `residentKey: discouraged`, so ours take their place.
    pub fn begin_registration<'a>(
        &self,
        owner: Owner<'_>,
        others: impl Iterator<Item = &'a str>,
    ) -> Result<Begun, Refused> {
        let library = &self.library;
        let (options, state) = library
            .start_passkey_registration(owner.handle, owner.name, owner.name, None)
            .map_err(refused)?;
        let challenge = options.public_key.challenge;
        begun(self.creation_options(&challenge, owner, others), &state)
    }

    /// Verifies a registration: 1 it is well-formed; 2 the origin, outside of frames; 3 the attestation is none or the
    /// credential's own; 4 the library; 5 the algorithm was offered.
    pub fn finish_registration(
        &self,
        state: &[u8],
        response: Registration,
    ) -> Result<NewPasskey, Refused> {
        let attested = attested_id(&response.attestation)?;
        if attested != response.id {
            return Err(Refused::Malformed("id"));
        }
        client_data::check(&response.client_data, &self.origins)?;
        let state: PasskeyRegistration = restored(state)?;
        let library_response: RegisterPublicKeyCredential = to_library(
            &attested,
            &json!({
                "clientDataJSON": URL_SAFE_NO_PAD.encode(response.client_data),
                "attestationObject": URL_SAFE_NO_PAD.encode(response.attestation),
            }),
        )?;
        let library = &self.library;
        let verified = library.finish_passkey_registration(&library_response, &state);
        let credential = Credential::from(verified.map_err(refused)?);
        if !ALGORITHMS.contains(&(credential.cred.type_ as i64)) {
            return Err(Refused::Algorithm);
        }
        Ok(NewPasskey {
            id: attested,
            credential,
            transports: response.transports,
        })
    }

    /// Begins the use of one of the `allowed` passkeys, or of any without them. Whose it is is looked at when it is there.
    pub fn begin_use<'a>(&self, allowed: impl Iterator<Item = &'a str>) -> Result<Begun, Refused> {
        let (options, state) = self
            .library
            .start_discoverable_authentication()
            .map_err(refused)?;
        let challenge = options.public_key.challenge;
        begun(self.request_options(&challenge, allowed), &state)
    }

    /// Verifies the use of `credential`: 1 it is well-formed; 2 the origin, outside of frames; 3 the library, whose rules
    /// say that the user was verified, that the counter grew, and that a passkey of one device stays one (PK-3, PK-7,
    /// PK-8).
    pub fn finish_use(
        &self,
        state: &[u8],
        credential: &Credential,
        response: Assertion,
    ) -> Result<Use, Refused> {
        let well_formed = authenticator_data::read(&response.authenticator_data);
        well_formed.ok_or(Refused::Malformed("authenticator data"))?;
        client_data::check(&response.client_data, &self.origins)?;
        let state: DiscoverableAuthentication = restored(state)?;
        let library_response: PublicKeyCredential = to_library(
            &response.id,
            &json!({
                "clientDataJSON": URL_SAFE_NO_PAD.encode(response.client_data),
                "authenticatorData": URL_SAFE_NO_PAD.encode(response.authenticator_data),
                "signature": URL_SAFE_NO_PAD.encode(response.signature),
                "userHandle": null,
            }),
        )?;
        let library = &self.library;
        let verified =
            library.finish_discoverable_authentication_v2(&library_response, state, credential);
        let verified = verified.map_err(refused)?;
        Ok(Use {
            counter: verified.counter(),
            backed_up: verified.backup_state(),
        })
    }
}

/// The id in an attestation object whose statement needs no certificate: none, or the credential's own signature (PK-9).
fn attested_id(attestation: &[u8]) -> Result<CredentialId, Refused> {
    let malformed = || Refused::Malformed("attestation");
    let object = cbor::map(attestation).ok_or_else(malformed)?;
    let part = |name| cbor::value(&object, Key::Text(name)).ok_or_else(malformed);
    let format = cbor::text(part("fmt")?).ok_or_else(malformed)?;
    let statement = cbor::map(part("attStmt")?).ok_or_else(malformed)?;
    let without_certificate = match format {
        "none" => statement.is_empty(),
        "packed" => statement
            .iter()
            .all(|(name, _)| [Key::Text("alg"), Key::Text("sig")].contains(name)),
        _ => false,
    };
    if !without_certificate {
        return Err(Refused::Attestation);
    }
    let data = cbor::byte_string(part("authData")?).ok_or_else(malformed)?;
    let id = authenticator_data::read(data).and_then(|data| data.credential_id);
    id.and_then(CredentialId::of).ok_or_else(malformed)
}

fn begun(options: Value, state: &impl Serialize) -> Result<Begun, Refused> {
    let state = serde_json::to_vec(state).map_err(|error| Refused::Library(error.to_string()))?;
    Ok(Begun { options, state })
}

fn restored<T: DeserializeOwned>(state: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(state).map_err(|_| Refused::Malformed("state"))
}

/// The library's own type, by the form that browsers write. Extensions are left out: none was asked for.
fn to_library<T: DeserializeOwned>(id: &CredentialId, response: &Value) -> Result<T, Refused> {
    let whole = json!({
        "id": id.as_str(), "rawId": id.as_str(), "type": "public-key", "response": response,
    });
    serde_json::from_value(whole).map_err(|_| Refused::Malformed("credential"))
}

fn refused(error: WebauthnError) -> Refused {
    match error {
        WebauthnError::CredentialPossibleCompromise => Refused::Counter,
        other => Refused::Library(other.to_string()),
    }
}

#[cfg(test)]
mod recorded;
#[cfg(test)]
mod tests;
