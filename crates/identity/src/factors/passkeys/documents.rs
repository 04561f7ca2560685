//! What is stored of a passkey. The struct is the document.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};
use webauthn_rs::prelude::Credential;

use super::rules::{CredentialId, Transport, ceremonies::NewPasskey};
use kernel::{
    clock::Timestamp,
    ids::UserId,
    stored::{integer, optional_time, time},
};

/// A passkey. It counts as long as its account names it among its factors.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Passkey {
    /// The credential's id, which no other account can have too (PK-4).
    #[serde(rename = "_id")]
    pub id: CredentialId,
    /// The owner.
    pub user_id: UserId,
    /// The owner's name in it.
    pub user_handle: String,
    /// The domain that it is bound to.
    pub rp_id: String,
    /// What its owner calls it.
    pub name: String,
    /// The public key, and what the library keeps with it, as at the registration: JSON, in the library's own form.
    #[serde(serialize_with = "write", deserialize_with = "read")]
    credential: Credential,
    /// The last signature counter; 0 if the authenticator has none.
    #[serde(deserialize_with = "integer")]
    pub counter: i64,
    /// Whether its owner's devices share it, as at the last use.
    pub backed_up: bool,
    /// How to reach the authenticator.
    #[serde(default)]
    pub transports: Vec<Transport>,
    /// When it was registered.
    #[serde(with = "time")]
    pub created_at: Timestamp,
    /// When it was used last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "optional_time")]
    pub last_used_at: Option<Timestamp>,
    /// When its counter did not grow (PK-7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "optional_time")]
    pub flagged_at: Option<Timestamp>,
}

/// Whose a new passkey is.
#[derive(Debug, Clone)]
pub struct Belonging {
    /// The owner.
    pub user_id: UserId,
    /// The owner's name in it.
    pub user_handle: String,
    /// The domain that it is bound to.
    pub rp_id: String,
    /// What its owner calls it.
    pub name: String,
}

impl Passkey {
    /// The document of a passkey that was just proven.
    #[must_use]
    pub fn new(new: NewPasskey, belonging: Belonging, now: Timestamp) -> Self {
        Self {
            id: new.id,
            user_id: belonging.user_id,
            user_handle: belonging.user_handle,
            rp_id: belonging.rp_id,
            name: belonging.name,
            counter: new.credential.counter.into(),
            backed_up: new.credential.backup_state,
            credential: new.credential,
            transports: new.transports,
            created_at: now,
            last_used_at: None,
            flagged_at: None,
        }
    }

    /// The credential as at the last use.
    #[must_use]
    pub fn credential(&self) -> Credential {
        let mut credential = self.credential.clone();
        // A counter of another shape refuses every use.
        credential.counter = u32::try_from(self.counter).unwrap_or(u32::MAX);
        credential.backup_state = self.backed_up;
        credential
    }

    /// Whether its owner's devices can share it.
    #[must_use]
    pub fn can_be_shared(&self) -> bool {
        self.credential.backup_eligible
    }
}

fn write<S: Serializer>(credential: &Credential, serializer: S) -> Result<S::Ok, S::Error> {
    let text = serde_json::to_string(credential).map_err(S::Error::custom)?;
    serializer.serialize_str(&text)
}

fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Credential, D::Error> {
    let text = String::deserialize(deserializer)?;
    serde_json::from_str(&text).map_err(|_| D::Error::custom("not a credential"))
}
