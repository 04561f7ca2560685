//! A registration: a user whose e-mail address is not proven yet. The struct is the document.

use serde::{Deserialize, Serialize};

use crate::accounts::documents::User;
use kernel::{
    clock::Timestamp,
    ids::UserId,
    person::Person,
    role::Role,
    secret_hash::PasswordHash,
    stored::{optional_time, time},
};
use mail::state::CodeMail;

/// A registration. `_id` is the user id that the account will have.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PendingUser {
    /// The reserved user id.
    #[serde(rename = "_id")]
    pub id: UserId,
    /// The same id, under the name that other readers of the collection know.
    pub user_id: UserId,
    /// The person. The address is not reserved before it is proven (D2).
    #[serde(flatten)]
    pub person: Person,
    /// The hash that the account will have; `None` if the account is made without a password (REG-8).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<PasswordHash>,
    /// The role.
    pub user_type: Role,
    /// SHA-256 of the registration token.
    pub registration_digest: String,
    /// The state of the mail with its newest code; `None` if no worker has handled it yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<CodeMail>,
    /// The address's other registrations that were live when this one began (REG-8).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rivals: Vec<UserId>,
    /// The registration that replaced this one, which has then ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<UserId>,
    /// When it expires; absent while it is becoming an account, so that it is not deleted (REG-4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "optional_time")]
    pub expires_at: Option<Timestamp>,
    /// When it began to become an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "optional_time")]
    pub activating_since: Option<Timestamp>,
    /// When it was created.
    #[serde(with = "time")]
    pub created_at: Timestamp,
}

impl PendingUser {
    /// The canonical address.
    #[must_use]
    pub fn email(&self) -> &str {
        self.person.contact.email.canonical()
    }

    /// The account that this registration becomes at `now`.
    #[must_use]
    pub fn into_account(self, now: Timestamp) -> User {
        User {
            password_hash: self.password_hash,
            approved: (self.user_type == Role::Doctor).then_some(false),
            ..User::new(self.user_id, self.user_type, self.person, now)
        }
    }
}

/// A registration as lists show it. Its hash and its digest are not read (ADM-4).
#[derive(Debug, Clone, Deserialize)]
pub struct PendingSummary {
    /// The user id that the account will have.
    pub user_id: UserId,
    /// The person.
    #[serde(flatten)]
    pub person: Person,
    /// The role.
    pub user_type: Role,
    /// The state of the mail with its newest code.
    #[serde(default)]
    pub mail: Option<CodeMail>,
    /// When it expires.
    #[serde(with = "time")]
    pub expires_at: Timestamp,
    /// When it was created.
    #[serde(with = "time")]
    pub created_at: Timestamp,
}

impl PendingSummary {
    /// Its own fields in the document.
    pub const LISTED: [&str; 5] = ["user_id", "user_type", "mail", "expires_at", "created_at"];
    /// Fields of the person that lists show only to administrators (ADM-5).
    pub const PRIVATE: [&str; 1] = ["is_pregnant"];
}

#[cfg(test)]
mod tests {
    use bson::doc;

    use super::*;
    use crate::accounts::whole_person::whole;

    // ADM-4
    #[test]
    fn a_registrations_secrets_are_not_among_its_listed_fields() {
        let at = bson::DateTime::from_millis(0);
        let mut stored = whole();
        stored.extend(doc! {
            "_id": "PAT01234567", "user_id": "PAT01234567", "password_hash": "$2b$", "user_type": "patient",
            "registration_digest": "00", "mail": { "since": at, "state": "sent" }, "rivals": ["PAT1"],
            "replaced_by": "PAT2", "expires_at": at, "activating_since": at, "created_at": at,
        });
        let pending: PendingUser = bson::deserialize_from_document(stored).unwrap();
        let mut unlisted = bson::serialize_to_document(&pending).unwrap();
        for field in PendingSummary::LISTED
            .into_iter()
            .chain(Person::fields_without(&[]))
        {
            assert!(unlisted.remove(field).is_some(), "{field}");
        }
        let unlisted: Vec<&str> = unlisted.keys().map(String::as_str).collect();
        let secret = [
            "_id",
            "password_hash",
            "registration_digest",
            "rivals",
            "replaced_by",
        ];
        assert_eq!(unlisted, [&secret[..], &["activating_since"]].concat());
        assert!(
            PendingSummary::PRIVATE
                .iter()
                .all(|private| whole().contains_key(private))
        );
    }
}
