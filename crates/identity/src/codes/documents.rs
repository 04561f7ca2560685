//! An issued one-time code. The struct is the document. The code is derived when it is needed, never stored (OTP-2).

use serde::{Deserialize, Serialize};

use kernel::{
    clock::Timestamp,
    ids::UserId,
    stored::{integer, optional_time, time},
};

/// The purpose of a code. A code for one purpose is not valid for the other (OTP-8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OtpPurpose {
    /// Proves the address of a registration.
    Verification,
    /// Sets a new password.
    PasswordReset,
}

impl OtpPurpose {
    /// Its name in the database and in the derivation of the code.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Verification => "verification",
            Self::PasswordReset => "password_reset",
        }
    }
}

/// The `_id` of the one challenge that `subject` has for `purpose`; so a new code replaces the old one (OTP-6).
#[must_use]
pub fn challenge_id(purpose: OtpPurpose, subject: &UserId) -> String {
    format!("{}:{subject}", purpose.name())
}

/// The purpose of the challenge with this `_id`.
#[must_use]
pub fn purpose_of(challenge_id: &str) -> Option<OtpPurpose> {
    let (name, _) = challenge_id.split_once(':')?;
    let mut all = [OtpPurpose::Verification, OtpPurpose::PasswordReset].into_iter();
    all.find(|purpose| purpose.name() == name)
}

/// The subject of the challenge with this `_id`.
#[must_use]
pub fn subject_of(challenge_id: &str) -> Option<UserId> {
    let (_, subject) = challenge_id.split_once(':')?;
    Some(UserId::from_stored(subject.to_owned()))
}

/// An issued code, and the count of its tries.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OtpChallenge {
    /// [`challenge_id`].
    #[serde(rename = "_id")]
    pub id: String,
    /// The canonical address that the code was sent to.
    pub email: String,
    /// The purpose.
    #[serde(rename = "type")]
    pub purpose: OtpPurpose,
    /// The registration or account that it was issued for.
    pub subject: UserId,
    /// 128 random bits in hex, from which the code and the link are derived with a key of the service.
    pub otp_id: String,
    /// The id of the key.
    pub key_id: String,
    /// The digest of the registration's token. A try with the token is compared with this code alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_digest: Option<String>,
    /// The number of tries, counted before the comparison (OTP-3).
    #[serde(deserialize_with = "integer")]
    pub attempts: i32,
    /// When it was consumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "optional_time")]
    pub used_at: Option<Timestamp>,
    /// Whether it was consumed together with its registration's token (REG-8).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_token: bool,
    /// Whether the work for which it was consumed is done.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_done: bool,
    /// When the code expires.
    #[serde(with = "time")]
    pub code_expires_at: Timestamp,
    /// When the link expires. A row of an earlier version lacks it; there, the row's end counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "optional_time")]
    pub link_expires_at: Option<Timestamp>,
    /// When the row expires: with the code or with the link, at the later of the two times.
    #[serde(with = "time")]
    pub expires_at: Timestamp,
    /// When it was issued.
    #[serde(with = "time")]
    pub created_at: Timestamp,
}

impl OtpChallenge {
    /// Whether there is only a link.
    #[must_use]
    pub fn has_no_code(&self) -> bool {
        self.code_expires_at <= self.created_at
    }

    /// When the link expires.
    #[must_use]
    pub fn link_expires_at(&self) -> Timestamp {
        self.link_expires_at
            .map_or(self.expires_at, |end| end.min(self.expires_at))
    }
}
