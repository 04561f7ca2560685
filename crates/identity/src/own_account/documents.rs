//! The rows of changes that people make to their own account. The structs are the documents.

use kernel::{
    clock::Timestamp,
    ids::{SessionId, UserId},
    role::Role,
    stored::{integer, optional_time, time},
};
use serde::{Deserialize, Serialize};

/// What the code and the links of a row are derived from. Neither is stored (OTP-2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// 128 random bits in hex.
    pub proof_id: String,
    /// The id of the key.
    pub key_id: String,
}

/// A change of the e-mail address that waits for its proof, or that was proven and is being made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EmailChange {
    /// The user id: an account has one change at a time, and a newer one replaces it.
    #[serde(rename = "_id")]
    pub id: UserId,
    /// The account.
    pub user_id: UserId,
    /// What the code and the link are derived from.
    #[serde(flatten)]
    pub proof: Proof,
    /// The address that the account has, in canonical form.
    pub old_email: String,
    /// The new address, in canonical form.
    pub new_email: String,
    /// The new address, as it was typed.
    pub new_display: String,
    /// The session that asked. It stays when the others end.
    pub session_id: SessionId,
    /// The number of codes that were tried, counted before the comparison (OTP-3).
    #[serde(deserialize_with = "integer")]
    pub attempts: i32,
    /// When it was proven and the work began. `None` while it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "optional_time")]
    pub working_since: Option<Timestamp>,
    /// When code and link expire.
    #[serde(with = "time")]
    pub expires_at: Timestamp,
}

/// A change of the e-mail address that was made, and that the owner of the old address can undo (SELF-3).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EmailUndo {
    /// `USERID:PROOFID`, because an account can have several.
    #[serde(rename = "_id")]
    pub id: String,
    /// The account.
    pub user_id: UserId,
    /// What the link is derived from.
    #[serde(flatten)]
    pub proof: Proof,
    /// The address before the change, in canonical form.
    pub old_email: String,
    /// The address before the change, as it was typed.
    pub old_display: String,
    /// The address after the change, in canonical form.
    pub new_email: String,
    /// The factors that the account had, as the account lists them. Those that came later are void after the undo.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub factors: Vec<String>,
    /// The recovery codes that counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_batch: Option<String>,
    /// When the address was changed.
    #[serde(with = "time")]
    pub changed_at: Timestamp,
    /// When the link was used and the work began. `None` before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "optional_time")]
    pub working_since: Option<Timestamp>,
    /// When the link expires, and the old address is free.
    #[serde(with = "time")]
    pub expires_at: Timestamp,
}

impl EmailUndo {
    /// The `_id` of the row.
    #[must_use]
    pub fn id_of(user_id: &UserId, proof: &Proof) -> String {
        format!("{user_id}:{}", proof.proof_id)
    }
}

/// The deletion of an account, which its owner asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccountDeletion {
    /// The user id: an account has one deletion at a time.
    #[serde(rename = "_id")]
    pub id: UserId,
    /// What the links are derived from.
    #[serde(flatten)]
    pub proof: Proof,
    /// The address to which the links are mailed.
    pub email: String,
    /// The role with which the owner asked.
    pub user_type: Role,
    /// Until when it can be confirmed.
    #[serde(with = "time")]
    pub confirm_until: Timestamp,
    /// When it was confirmed and the work began. `None` before that, and when the work is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "optional_time")]
    pub working_since: Option<Timestamp>,
    /// When the account goes. `None` until it is confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "optional_time")]
    pub due_at: Option<Timestamp>,
    /// When the row is removed if nothing confirms it. `None` after that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "optional_time")]
    pub expires_at: Option<Timestamp>,
}
