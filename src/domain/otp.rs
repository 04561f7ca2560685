//! A one-time code that was issued. The struct is the document; what proves the code is derived, never stored (OTP-2).

use serde::{Deserialize, Serialize};

use super::{
    ids::UserId,
    stored::{optional_time, time, whole},
};
use crate::clock::Timestamp;

/// What a code is for; a code for one purpose is nothing for the other (OTP-8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OtpPurpose {
    /// Proves the address of a registration.
    Verification,
    /// Sets a new password.
    PasswordReset,
}

impl OtpPurpose {
    /// Its name in the database and in what the code is derived from.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Verification => "verification",
            Self::PasswordReset => "password_reset",
        }
    }
}

/// The `_id` of the one challenge that `subject` has for `purpose`: a new code replaces the old one (OTP-6).
#[must_use]
pub fn challenge_id(purpose: OtpPurpose, subject: &UserId) -> String {
    format!("{}:{subject}", purpose.name())
}

/// Whose challenge has this `_id`.
#[must_use]
pub fn subject_of(challenge_id: &str) -> Option<UserId> {
    let (_, subject) = challenge_id.split_once(':')?;
    Some(UserId::from_stored(subject.to_owned()))
}

/// A code that was issued, and how often it was tried.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OtpChallenge {
    /// [`challenge_id`].
    #[serde(rename = "_id")]
    pub id: String,
    /// The canonical address that the code was sent to.
    pub email: String,
    /// What it is for.
    #[serde(rename = "type")]
    pub purpose: OtpPurpose,
    /// The registration or account that it was issued for.
    pub subject: UserId,
    /// 128 random bits in hex, from which the code and the link are derived with a key of the service.
    pub otp_id: String,
    /// Which key.
    pub key_id: String,
    /// The registration's token, digested, so that a try with the token is compared with this code alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_digest: Option<String>,
    /// Tries, counted before the comparison (OTP-3).
    #[serde(deserialize_with = "whole")]
    pub attempts: i32,
    /// When it was consumed.
    #[serde(
        default,
        with = "optional_time",
        skip_serializing_if = "Option::is_none"
    )]
    pub used_at: Option<Timestamp>,
    /// It was consumed together with its registration's token (REG-8).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_token: bool,
    /// What it was consumed for is done.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_done: bool,
    /// When the code ends.
    #[serde(with = "time")]
    pub code_expires_at: Timestamp,
    /// When the link ends; rows of before this was written down have the row's end.
    #[serde(
        default,
        with = "optional_time",
        skip_serializing_if = "Option::is_none"
    )]
    pub link_expires_at: Option<Timestamp>,
    /// When the row ends: the code's end, or that of the link beside it.
    #[serde(with = "time")]
    pub expires_at: Timestamp,
    /// When it was issued.
    #[serde(with = "time")]
    pub created_at: Timestamp,
}

impl OtpChallenge {
    /// There is only a link.
    #[must_use]
    pub fn has_no_code(&self) -> bool {
        self.code_expires_at <= self.created_at
    }

    /// When the link ends.
    #[must_use]
    pub fn link_expires_at(&self) -> Timestamp {
        self.link_expires_at
            .map_or(self.expires_at, |end| end.min(self.expires_at))
    }
}
