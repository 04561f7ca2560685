//! What is stored about second factors. The structs are the documents.

use kernel::{
    clock::Timestamp,
    ids::{SessionId, UserId},
    methods::Methods,
    sealed::Sealed,
    stored::{integer, optional_integer, optional_time, time},
};
use serde::{Deserialize, Serialize};

/// What a challenge is for. One for one purpose is not valid for another (MFA-9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChallengePurpose {
    /// The second step of a login.
    Login,
    /// The first factor of an account that must have one.
    Enrol,
    /// A passkey ceremony that nothing else begins: a login by passkey alone, or a registration.
    Passkey,
    /// A fresh proof by passkey.
    Reauth,
}

impl ChallengePurpose {
    /// Its name in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Enrol => "enrol",
            Self::Passkey => "passkey",
            Self::Reauth => "reauth",
        }
    }
}

/// Something that waits for a factor, and the count of its tries.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LoginChallenge {
    /// SHA-256 of the token that the client has.
    #[serde(rename = "_id")]
    pub id: String,
    /// The purpose.
    pub purpose: ChallengePurpose,
    /// The account. `None` for a login by passkey alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// The session that began it. `None` before there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<SessionId>,
    /// The state of a passkey ceremony.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Sealed>,
    /// [`proof_epoch`](super::rules::proof_epoch::proof_epoch) of the account when it was begun.
    #[serde(default)]
    pub proof_epoch: String,
    /// What was proven before.
    #[serde(default)]
    pub amr: Methods,
    /// What the client called its device at the first step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_name: Option<String>,
    /// The number of tries, counted before the comparison (MFA-10).
    #[serde(deserialize_with = "integer")]
    pub attempts: i32,
    /// When it was consumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "optional_time")]
    pub used_at: Option<Timestamp>,
    /// When it expires.
    #[serde(with = "time")]
    pub expires_at: Timestamp,
}

/// A recovery code.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecoveryCodeRow {
    /// The keyed digest of its owner and the code.
    #[serde(rename = "_id")]
    pub id: String,
    /// The owner.
    pub user_id: UserId,
    /// The batch, which the account names as long as it counts.
    pub batch: String,
    /// When it was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "optional_time")]
    pub used_at: Option<Timestamp>,
}

/// The `_id` of the authenticator app of an account.
#[must_use]
pub fn totp_id(user_id: &UserId) -> String {
    format!("totp:{user_id}")
}

/// An authenticator app, confirmed or begun. It counts if the account lists it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TotpRow {
    /// [`totp_id`].
    #[serde(rename = "_id")]
    pub id: String,
    /// The owner.
    pub user_id: UserId,
    /// The confirmed seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<Sealed>,
    /// When it was confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "optional_time")]
    pub confirmed_at: Option<Timestamp>,
    /// The last step that was accepted. Steps up to it are spent (MFA-11).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(deserialize_with = "optional_integer")]
    pub last_step: Option<i64>,
    /// When it was used last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "optional_time")]
    pub last_used_at: Option<Timestamp>,
    /// One that was begun and not confirmed, which then takes the place of the confirmed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<PendingTotp>,
}

/// An authenticator app that was begun.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PendingTotp {
    /// Its seed.
    pub seed: Sealed,
    /// The session or the login that began it, and alone can confirm it.
    pub bound_to: String,
    /// The number of codes that were tried.
    #[serde(deserialize_with = "integer")]
    pub attempts: i32,
    /// When it ends.
    #[serde(with = "time")]
    pub until: Timestamp,
}

/// A device that is remembered, and needs no second factor.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KnownDevice {
    /// SHA-256 of the token that the device has.
    #[serde(rename = "_id")]
    pub id: String,
    /// The id that its owner sees.
    pub device_id: String,
    /// The owner.
    pub user_id: UserId,
    /// [`proof_epoch`](super::rules::proof_epoch::proof_epoch) of the account; the device ends when it changes (MFA-20).
    pub epoch: String,
    /// What the client called it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// From where it was used last.
    #[serde(default)]
    pub ip: String,
    /// `User-Agent` when it was used last.
    #[serde(default)]
    pub user_agent: String,
    /// When it was remembered.
    #[serde(with = "time")]
    pub created_at: Timestamp,
    /// When it was used last.
    #[serde(with = "time")]
    pub last_used_at: Timestamp,
    /// When it expires.
    #[serde(with = "time")]
    pub expires_at: Timestamp,
}
