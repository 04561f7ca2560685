//! An account: a user whose e-mail address is proven. The struct is the document.

use bson::{Bson, Document};
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    ids::UserId,
    lockout::LockoutCounter,
    login_address::LoginAddress,
    role::Role,
    secret_hash::{PasswordHash, optional_hash},
    stored::{
        flag_of, lenient_text, optional_day, optional_flag, optional_integer, optional_text,
        optional_time,
    },
};
use crate::clock::Timestamp;

/// The status of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// In use.
    #[default]
    Active,
    /// An administrator made it, and the invitation is not accepted yet.
    Invited,
    /// Disabled by an administrator.
    Disabled,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Active, Self::Invited, Self::Disabled];
    /// The statuses that an administrator can set.
    pub const GIVEN: [Self; 2] = [Self::Active, Self::Disabled];

    /// Its name in the API and in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Invited => "invited",
            Self::Disabled => "disabled",
        }
    }
}

/// Words besides `active` with which the older service and other programs mark an active account. An account without a
/// word is active too.
pub const WORDS_FOR_IN_USE: [&str; 3] = ["verified", "approved", "enabled"];
/// Fields of the older service that close an account if they say no.
pub const OLDER_FLAGS: [&str; 2] = ["is_active", "is_verified"];

impl Status {
    /// The status that the fields of an account's document give. A word that is not known to mean "in use" closes the
    /// account, and so does one of the older flags (LEG-1).
    #[must_use]
    pub fn of(account: &Document) -> Self {
        let off = |flag: &str| account.get(flag).and_then(flag_of) == Some(false);
        match account.get("status").map_or(Self::Active, Self::by_word) {
            // An invited person has not proven the address yet, so `is_verified` does not count.
            Self::Invited if !off("is_active") => Self::Invited,
            Self::Active if !OLDER_FLAGS.into_iter().any(off) => Self::Active,
            _ => Self::Disabled,
        }
    }

    fn by_word(stored: &Bson) -> Self {
        let word = match stored {
            Bson::Null => return Self::Active,
            Bson::String(word) => word.trim().to_lowercase(),
            _ => return Self::Disabled,
        };
        match word.as_str() {
            "" | "active" => Self::Active,
            "invited" => Self::Invited,
            other if WORDS_FOR_IN_USE.contains(&other) => Self::Active,
            _ => Self::Disabled,
        }
    }
}

/// The fields that only patients or only doctors have; empty for the other roles.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleFields {
    /// Patients.
    #[serde(
        default,
        deserialize_with = "optional_flag",
        skip_serializing_if = "Option::is_none"
    )]
    pub is_pregnant: Option<bool>,
    /// Patients; `YYYY-MM-DD`.
    #[serde(
        default,
        deserialize_with = "optional_day",
        skip_serializing_if = "Option::is_none"
    )]
    pub date_of_birth: Option<String>,
    /// Doctors.
    #[serde(
        default,
        deserialize_with = "optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub specialization: Option<String>,
    /// Doctors.
    #[serde(
        default,
        deserialize_with = "optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub license_number: Option<String>,
    /// All roles; BCP 47.
    #[serde(
        default,
        deserialize_with = "optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub language: Option<String>,
}

/// An account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct User {
    /// The user id, or the `ObjectId` of a document of the older service.
    #[serde(rename = "_id")]
    pub id: Bson,
    /// The public id.
    pub user_id: UserId,
    /// As typed at registration; `identifiers` compares it in lower case.
    #[serde(
        default,
        deserialize_with = "optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub username: Option<String>,
    /// The canonical address; in documents of the older service, as typed. If it is empty, the owner cannot log in.
    #[serde(default, deserialize_with = "lenient_text")]
    pub email: String,
    /// The address as typed.
    #[serde(
        default,
        deserialize_with = "optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub email_display: Option<String>,
    /// Telephone.
    #[serde(
        default,
        deserialize_with = "optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub mobile: Option<String>,
    /// `None` until an invitation is accepted.
    #[serde(
        default,
        deserialize_with = "optional_hash",
        skip_serializing_if = "Option::is_none"
    )]
    pub password_hash: Option<PasswordHash>,
    /// The role.
    pub user_type: Role,
    /// Given name.
    #[serde(default, deserialize_with = "lenient_text")]
    pub first_name: String,
    /// Family name; may be empty.
    #[serde(default, deserialize_with = "lenient_text")]
    pub last_name: String,
    /// The fields of the role.
    #[serde(flatten)]
    pub fields: RoleFields,
    /// For doctors: whether an administrator has approved the license.
    #[serde(
        default,
        deserialize_with = "optional_flag",
        skip_serializing_if = "Option::is_none"
    )]
    pub approved: Option<bool>,
    /// Whether the address is proven.
    #[serde(default = "proven", deserialize_with = "proven_or_not")]
    pub is_verified: bool,
    /// The status.
    #[serde(default)]
    pub status: Status,
    /// When it was created.
    #[serde(
        default,
        with = "optional_time",
        skip_serializing_if = "Option::is_none"
    )]
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    #[serde(
        default,
        with = "optional_time",
        skip_serializing_if = "Option::is_none"
    )]
    pub updated_at: Option<Timestamp>,
    /// When its owner last logged in.
    #[serde(
        default,
        with = "optional_time",
        skip_serializing_if = "Option::is_none"
    )]
    pub last_login_at: Option<Timestamp>,
    /// An upper bound of its live sessions, which each login raises; `None` if it was never counted (SES-4).
    #[serde(
        default,
        deserialize_with = "optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub sessions_at_most: Option<i64>,
    /// Failed logins since the last success; `None` without any (LCK-1). Never shown.
    #[serde(
        default,
        deserialize_with = "LockoutCounter::of_account",
        skip_serializing_if = "Option::is_none"
    )]
    pub lockout: Option<LockoutCounter>,
    /// From where its owner logged in last (RL-7). Never shown.
    #[serde(
        default,
        deserialize_with = "LoginAddress::of_account",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub login_addresses: Vec<LoginAddress>,
}

/// The default. The older service kept users with unproven addresses elsewhere, and did not always write the field.
const fn proven() -> bool {
    true
}

fn proven_or_not<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(optional_flag(deserializer)?.unwrap_or_else(proven))
}

impl User {
    /// First and last name as one text.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
            .trim()
            .to_owned()
    }

    /// The name that its owner knows: the username, or else the address as typed.
    #[must_use]
    pub fn login_name(&self) -> String {
        let address = self.email_display.as_ref().unwrap_or(&self.email);
        self.username.as_ref().unwrap_or(address).clone()
    }

    /// Whether its owner may log in with the right password (D7).
    #[must_use]
    pub fn may_log_in(&self, doctor_approval_required: bool) -> bool {
        let approved = self.user_type != Role::Doctor
            || !doctor_approval_required
            || self.approved == Some(true);
        self.status == Status::Active && approved
    }
}

#[cfg(test)]
mod tests {
    use bson::doc;

    use super::*;

    // LEG-1
    #[test]
    fn only_a_word_that_means_active_keeps_an_account_open() {
        for word in ["active", "Verified", " APPROVED ", "enabled", ""] {
            assert_eq!(
                Status::of(&doc! { "status": word }),
                Status::Active,
                "{word}"
            );
        }
        for word in ["deleted", "inactive", "suspended", "actve", "disabled"] {
            assert_eq!(
                Status::of(&doc! { "status": word }),
                Status::Disabled,
                "{word}"
            );
        }
        assert_eq!(Status::of(&doc! {}), Status::Active);
        assert_eq!(Status::of(&doc! { "status": Bson::Null }), Status::Active);
        assert_eq!(Status::of(&doc! { "status": true }), Status::Disabled);
    }

    #[test]
    fn a_flag_that_says_no_closes_an_account() {
        for no in [Bson::from(false), "No".into(), 0.into()] {
            for flag in OLDER_FLAGS {
                let account = doc! { "status": "active", flag: no.clone() };
                assert_eq!(Status::of(&account), Status::Disabled, "{account}");
            }
        }
        let invited = doc! { "status": "invited", "is_verified": false };
        assert_eq!(Status::of(&invited), Status::Invited);
        let closed = doc! { "status": "invited", "is_active": false };
        assert_eq!(Status::of(&closed), Status::Disabled);
        let unclear = doc! { "is_active": "x", "is_verified": Bson::Null };
        assert_eq!(Status::of(&unclear), Status::Active);
    }
}
