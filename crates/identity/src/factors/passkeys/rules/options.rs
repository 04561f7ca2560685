//! What a browser is asked, in the form that `PublicKeyCredential.parseCreationOptionsFromJSON` and
//! `parseRequestOptionsFromJSON` read (`WebAuthn` Level 3, 5.4 and 5.5).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{RelyingParty, ceremonies::ALGORITHMS};

/// Whose passkey will be made.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    /// The account's name in its passkeys: it tells nothing about the person (PK-5).
    pub handle: Uuid,
    /// What the owner logs in with; only the device shows it.
    pub name: &'a str,
    /// The owner's name.
    pub display_name: &'a str,
}

impl RelyingParty {
    /// The options of a registration. The account's other passkeys are excluded, so that no authenticator makes two.
    pub(super) fn creation_options<'a>(
        &self,
        challenge: &[u8],
        owner: Owner<'_>,
        others: impl Iterator<Item = &'a str>,
    ) -> Value {
        let algorithms = ALGORITHMS.map(|alg| json!({ "type": "public-key", "alg": alg }));
        json!({
            "rp": { "id": self.id, "name": self.name },
            "user": {
                "id": encoded_handle(owner.handle),
                "name": owner.name,
                "displayName": owner.display_name,
            },
            "challenge": URL_SAFE_NO_PAD.encode(challenge),
            "pubKeyCredParams": algorithms,
            "timeout": self.timeout_ms(),
            "excludeCredentials": others.map(descriptor).collect::<Vec<_>>(),
            "authenticatorSelection": {
                "residentKey": "required", "requireResidentKey": true, "userVerification": "required",
            },
            "attestation": "none",
        })
    }

    /// The options of a use: of one of these passkeys, or of any without them.
    pub(super) fn request_options<'a>(
        &self,
        challenge: &[u8],
        allowed: impl Iterator<Item = &'a str>,
    ) -> Value {
        let mut options = json!({
            "challenge": URL_SAFE_NO_PAD.encode(challenge),
            "timeout": self.timeout_ms(),
            "rpId": self.id,
            "userVerification": "required",
        });
        let allowed: Vec<_> = allowed.map(descriptor).collect();
        if !allowed.is_empty() {
            options["allowCredentials"] = allowed.into();
        }
        options
    }

    fn timeout_ms(&self) -> u64 {
        u64::try_from(self.timeout.as_millis()).unwrap_or(u64::MAX)
    }
}

/// A handle as browsers write it.
#[must_use]
pub fn encoded_handle(handle: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(handle.as_bytes())
}

fn descriptor(id: &str) -> Value {
    json!({ "type": "public-key", "id": id })
}
