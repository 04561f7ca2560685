//! The bodies of requests and answers about passkeys.

use kernel::names::DeviceName;
use poem_openapi::{Object, types::Any};
use serde_json::Value;
use web::{RequestBody, Time, body::Unknown};

use crate::{
    factors::{
        http::factors::EnrolledResponse,
        passkeys::{
            Accepted, Added, Ceremony,
            documents::Passkey,
            rules::{
                PasskeyName, Refused,
                responses::{Assertion, Common, Registration},
            },
        },
    },
    http::text::Text,
};

/// Nothing: the same for everybody.
#[derive(Debug, Object)]
pub(super) struct BeginPasskeyLoginRequest {}

impl RequestBody for BeginPasskeyLoginRequest {
    const OPTIONAL: bool = true;
}

/// A ceremony that has begun.
#[derive(Debug, Object)]
pub(super) struct PasskeyCeremonyResponse {
    /// Always true
    pub(super) success: bool,
    /// A sentence for people
    pub(super) message: String,
    /// Names it in the second half
    pub(super) challenge_id: String,
    /// Seconds in which it can be finished
    pub(super) expires_in: u64,
    /// What the browser is asked: `PublicKeyCredentialRequestOptionsJSON` or `PublicKeyCredentialCreationOptionsJSON`
    /// (`WebAuthn` Level 3)
    pub(super) public_key: Any<Value>,
}

impl From<Ceremony> for PasskeyCeremonyResponse {
    fn from(ceremony: Ceremony) -> Self {
        let Ceremony {
            challenge_id,
            expires_in,
            options,
        } = ceremony;
        Self {
            success: true,
            message: "Ask the browser for the passkey".to_owned(),
            challenge_id: challenge_id.expose().to_owned(),
            expires_in: expires_in.unsigned_abs(),
            public_key: Any(options),
        }
    }
}

/// A login by passkey. Fields that browsers add are ignored.
#[derive(Debug, Object)]
pub(super) struct FinishPasskeyLoginRequest {
    /// From the answer that began it
    pub(super) challenge_id: String,
    /// What the browser gave
    pub(super) credential: AssertionCredential,
    /// What the device is called in the list of sessions: any text, of which 100 characters are kept
    pub(super) device_name: Option<Text<DeviceName>>,
}

impl RequestBody for FinishPasskeyLoginRequest {
    const UNKNOWN: Unknown = Unknown::Ignore;
}

/// The use of a passkey, as `PublicKeyCredential.toJSON()` writes it (`AuthenticationResponseJSON`).
#[derive(Debug, Object)]
pub(crate) struct AssertionCredential {
    /// The passkey
    pub(super) id: String,
    /// The same
    #[oai(rename = "rawId")]
    pub(super) raw_id: String,
    /// Always `public-key`
    #[oai(rename = "type")]
    pub(super) kind: String,
    /// What the device signed
    pub(super) response: AssertionResponse,
}

/// What the device signed, in base64url.
#[derive(Debug, Object)]
pub(super) struct AssertionResponse {
    /// What the browser says it signed
    #[oai(rename = "clientDataJSON")]
    pub(super) client_data: String,
    /// What the device says of itself
    #[oai(rename = "authenticatorData")]
    pub(super) authenticator_data: String,
    /// The signature over both
    pub(super) signature: String,
    /// The account's name in the passkey
    #[oai(rename = "userHandle")]
    pub(super) user_handle: Option<String>,
}

impl AssertionCredential {
    /// The answer, decoded.
    pub(crate) fn read(&self) -> Result<Assertion, Refused> {
        let common = Common {
            id: &self.id,
            raw_id: &self.raw_id,
            kind: &self.kind,
            client_data: &self.response.client_data,
        };
        let response = &self.response;
        Assertion::read(
            common,
            &response.authenticator_data,
            &response.signature,
            response.user_handle.as_deref(),
        )
    }
}

/// Who adds a passkey.
#[derive(Debug, Object)]
pub(super) struct BeginPasskeyRequest {
    /// From `details` of `MFA_ENROLMENT_REQUIRED`; without it, the access token counts
    pub(super) mfa_token: Option<String>,
}

impl RequestBody for BeginPasskeyRequest {
    const OPTIONAL: bool = true;
}

/// A new passkey. Fields that browsers add are ignored.
#[derive(Debug, Object)]
pub(super) struct AddPasskeyRequest {
    /// From the answer that began it
    pub(super) challenge_id: String,
    /// What the browser gave
    pub(super) credential: AttestationCredential,
    /// What its owner calls it: 1 to 60 characters; without it, it gets a number
    pub(super) name: Option<Text<PasskeyName>>,
    /// From `details` of `MFA_ENROLMENT_REQUIRED`; without it, the access token counts
    pub(super) mfa_token: Option<String>,
}

impl RequestBody for AddPasskeyRequest {
    const UNKNOWN: Unknown = Unknown::Ignore;
}

/// A new passkey, as `PublicKeyCredential.toJSON()` writes it (`RegistrationResponseJSON`).
#[derive(Debug, Object)]
pub(super) struct AttestationCredential {
    /// The passkey
    pub(super) id: String,
    /// The same
    #[oai(rename = "rawId")]
    pub(super) raw_id: String,
    /// Always `public-key`
    #[oai(rename = "type")]
    pub(super) kind: String,
    /// What the device made
    pub(super) response: AttestationResponse,
}

/// What the device made, in base64url.
#[derive(Debug, Object)]
pub(super) struct AttestationResponse {
    /// What the browser says it signed
    #[oai(rename = "clientDataJSON")]
    pub(super) client_data: String,
    /// The new public key, and what the device says of itself
    #[oai(rename = "attestationObject")]
    pub(super) attestation: String,
    /// How to reach the device
    pub(super) transports: Option<Vec<String>>,
}

impl AttestationCredential {
    pub(super) fn read(&self) -> Result<Registration, Refused> {
        let common = Common {
            id: &self.id,
            raw_id: &self.raw_id,
            kind: &self.kind,
            client_data: &self.response.client_data,
        };
        let transports = self.response.transports.as_deref().unwrap_or_default();
        Registration::read(common, &self.response.attestation, transports)
    }
}

/// A passkey that was added.
#[derive(Debug, Object)]
pub(super) struct PasskeyAddedResponse {
    /// The passkey
    pub(super) passkey_id: String,
    #[oai(flatten)]
    pub(super) enrolled: EnrolledResponse,
}

impl From<Added> for PasskeyAddedResponse {
    fn from(added: Added) -> Self {
        let Added { id, enrolled } = added;
        Self {
            passkey_id: id.as_str().to_owned(),
            enrolled: enrolled.into(),
        }
    }
}

/// A passkey as its owner sees it.
#[derive(Debug, Object)]
pub(crate) struct PasskeyView {
    /// The passkey: the credential's id
    pub(super) passkey_id: String,
    /// What its owner calls it
    pub(super) name: String,
    /// When it was registered
    pub(super) created_at: Time,
    /// When it was used last
    #[oai(nullable)]
    pub(super) last_used_at: Option<Time>,
    /// Whether its owner's devices share it
    pub(super) synced: bool,
    /// How to reach the device
    pub(super) transports: Vec<String>,
}

impl From<Passkey> for PasskeyView {
    fn from(passkey: Passkey) -> Self {
        let transports = passkey.transports.iter();
        Self {
            transports: transports.map(|it| it.name().to_owned()).collect(),
            passkey_id: passkey.id.as_str().to_owned(),
            name: passkey.name,
            created_at: Time(passkey.created_at),
            last_used_at: passkey.last_used_at.map(Time),
            synced: passkey.backed_up,
        }
    }
}

/// A new name.
#[derive(Debug, Object)]
pub(super) struct RenamePasskeyRequest {
    /// 1 to 60 characters
    pub(super) name: Text<PasskeyName>,
}

impl RequestBody for RenamePasskeyRequest {}

/// A passkey was removed.
#[derive(Debug, Object)]
pub(super) struct PasskeyRemovedResponse {
    /// Always true
    pub(super) success: bool,
    /// A sentence for people
    pub(super) message: String,
    /// What is left, for the browser
    pub(super) accepted: AcceptedPasskeysView,
}

/// The passkeys that are still accepted (`AllAcceptedCredentialsOptions`).
#[derive(Debug, Object)]
pub(super) struct AcceptedPasskeysView {
    /// The domain
    #[oai(rename = "rpId")]
    pub(super) rp_id: String,
    /// The account's name in its passkeys
    #[oai(rename = "userId")]
    pub(super) user_id: String,
    /// Their ids
    #[oai(rename = "allAcceptedCredentialIds")]
    pub(super) ids: Vec<String>,
}

impl From<Accepted> for PasskeyRemovedResponse {
    fn from(accepted: Accepted) -> Self {
        let Accepted {
            rp_id,
            user_handle,
            ids,
        } = accepted;
        Self {
            success: true,
            message: "Passkey removed".to_owned(),
            accepted: AcceptedPasskeysView {
                rp_id,
                user_id: user_handle,
                ids,
            },
        }
    }
}
