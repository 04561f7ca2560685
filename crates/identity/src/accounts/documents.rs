//! An account: a user whose e-mail address is proven. The struct is the document.

use bson::Bson;
use serde::{Deserialize, Serialize};

use crate::{
    factors::rules::account_factors::AccountFactors,
    login::rules::{
        lockout::LockoutCounter, login_address::LoginAddress, login_device::LoginDevice, recent,
    },
};
use kernel::{
    clock::Timestamp,
    ids::UserId,
    person::Person,
    role::Role,
    secret_hash::PasswordHash,
    stored::{optional_integer, optional_time},
};

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

/// An account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct User {
    /// The user id, or the `ObjectId` of a document of the older service.
    #[serde(rename = "_id")]
    pub id: Bson,
    /// The public id.
    pub user_id: UserId,
    /// The person. An address of the older service is as typed; if it is empty, the owner cannot log in.
    #[serde(flatten)]
    pub person: Person,
    /// `None` until an invitation is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<PasswordHash>,
    /// The role.
    pub user_type: Role,
    /// For doctors: whether an administrator has approved the license.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<bool>,
    /// Whether the address is proven.
    pub is_verified: bool,
    /// The status.
    pub status: Status,
    /// When it was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "optional_time")]
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "optional_time")]
    pub updated_at: Option<Timestamp>,
    /// When its owner last logged in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "optional_time")]
    pub last_login_at: Option<Timestamp>,
    /// An upper bound of its live sessions, which each login raises; `None` if it was never counted (SES-4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(deserialize_with = "optional_integer")]
    pub sessions_at_most: Option<i64>,
    /// Failed logins since the last success; `None` without any (LCK-1). Never shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(deserialize_with = "LockoutCounter::of_account")]
    pub lockout: Option<LockoutCounter>,
    /// Wrong second factors since the last success; `None` without any (MFA-10). Never shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(deserialize_with = "LockoutCounter::of_account")]
    pub second_step: Option<LockoutCounter>,
    /// From where its owner logged in last (RL-7). Never shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[serde(deserialize_with = "recent::readable")]
    pub login_addresses: Vec<LoginAddress>,
    /// On which devices its owner logged in last. Never shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[serde(deserialize_with = "recent::readable")]
    pub login_devices: Vec<LoginDevice>,
    /// When it goes, because its owner asked for its deletion and can still call it off. Administrators see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "optional_time")]
    pub deletes_at: Option<Timestamp>,
    /// Its second factors. Never shown.
    #[serde(flatten)]
    pub factors: AccountFactors,
}

impl User {
    /// Its own fields in a document that lists show (ADM-4), and a flag of the older service for its status.
    pub const LISTED: [&str; 11] = [
        "_id",
        "user_id",
        "user_type",
        "approved",
        "is_verified",
        "status",
        "created_at",
        "updated_at",
        "last_login_at",
        "deletes_at",
        "is_active",
    ];
    /// Fields of the person that lists show only to administrators (ADM-5).
    pub const PRIVATE: [&str; 2] = ["is_pregnant", "mobile"];

    /// A new account.
    #[must_use]
    pub fn new(user_id: UserId, role: Role, person: Person, now: Timestamp) -> Self {
        Self {
            id: user_id.as_str().into(),
            user_id,
            person,
            password_hash: None,
            user_type: role,
            approved: None,
            is_verified: true,
            status: Status::Active,
            created_at: Some(now),
            updated_at: Some(now),
            last_login_at: None,
            sessions_at_most: Some(0),
            lockout: None,
            second_step: None,
            login_addresses: Vec::new(),
            login_devices: Vec::new(),
            deletes_at: None,
            factors: AccountFactors::default(),
        }
    }

    /// The canonical address.
    #[must_use]
    pub fn email(&self) -> &str {
        self.person.contact.email.canonical()
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
    use crate::accounts::whole_person::whole;

    // ADM-4
    #[test]
    fn an_accounts_secrets_are_not_among_its_listed_fields() {
        let at = bson::DateTime::from_millis(0);
        let mut stored = whole();
        stored.extend(doc! {
            "_id": "DOC01234567", "user_id": "DOC01234567", "user_type": "doctor", "password_hash": "$2b$",
            "approved": true, "is_verified": true, "status": "active", "sessions_at_most": 1_i64,
            "created_at": at, "updated_at": at, "last_login_at": at,
            "lockout": { "failures": 1, "total": 1, "locks": 0, "window_ends_at": at, "expires_at": at },
            "second_step": { "failures": 1, "total": 1, "locks": 0, "window_ends_at": at, "expires_at": at },
            "login_addresses": [{ "address": "a", "at": at }],
            "login_devices": [{ "device": "d", "at": at }],
            "factors": ["totp"], "factors_epoch": 1_i64, "recovery_batch": "b", "user_handle": "h",
            "deletes_at": at,
        });
        let user: User = bson::deserialize_from_document(stored).unwrap();
        let mut unlisted = bson::serialize_to_document(&user).unwrap();
        for field in User::LISTED.into_iter().chain(Person::fields_without(&[])) {
            assert!(
                unlisted.remove(field).is_some() || field == "is_active",
                "{field}"
            );
        }
        let unlisted: Vec<&str> = unlisted.keys().map(String::as_str).collect();
        assert_eq!(
            unlisted,
            [
                "password_hash",
                "sessions_at_most",
                "lockout",
                "second_step",
                "login_addresses",
                "login_devices",
                "factors",
                "factors_epoch",
                "recovery_batch",
                "user_handle"
            ]
        );
        assert!(
            User::PRIVATE
                .iter()
                .all(|private| whole().contains_key(private))
        );
    }
}
