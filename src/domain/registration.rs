//! A registration: a user whose e-mail address is not proven yet. The struct is the document.

use serde::{Deserialize, Serialize};

use super::{
    ids::UserId,
    mail_state::CodeMail,
    role::Role,
    secret_hash::PasswordHash,
    stored::{lenient_text, optional_text, optional_time, time},
    user::{RoleFields, Status, User},
};
use crate::clock::Timestamp;

/// A registration. `_id` is the user id that the account will have.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PendingUser {
    /// The reserved user id.
    #[serde(rename = "_id")]
    pub id: UserId,
    /// The same id, under the name that other readers of the collection know.
    pub user_id: UserId,
    /// As typed.
    #[serde(
        default,
        deserialize_with = "optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub username: Option<String>,
    /// The canonical address; it is not reserved before it is proven (D2).
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
    /// The hash that the account will have; `None` if the account is made without a password (REG-8).
    #[serde(default, skip_serializing_if = "Option::is_none")]
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
    #[serde(
        default,
        with = "optional_time",
        skip_serializing_if = "Option::is_none"
    )]
    pub expires_at: Option<Timestamp>,
    /// When it began to become an account.
    #[serde(
        default,
        with = "optional_time",
        skip_serializing_if = "Option::is_none"
    )]
    pub activating_since: Option<Timestamp>,
    /// When it was created.
    #[serde(with = "time")]
    pub created_at: Timestamp,
}

impl PendingUser {
    /// The account that this registration becomes at `now`.
    #[must_use]
    pub fn into_account(self, now: Timestamp) -> User {
        let Self {
            id: _,
            user_id,
            username,
            email,
            email_display,
            mobile,
            password_hash,
            user_type,
            first_name,
            last_name,
            fields,
            registration_digest: _,
            mail: _,
            rivals: _,
            replaced_by: _,
            expires_at: _,
            activating_since: _,
            created_at: _,
        } = self;
        User {
            id: user_id.as_str().into(),
            approved: (user_type == Role::Doctor).then_some(false),
            user_id,
            username,
            email,
            email_display,
            mobile,
            password_hash,
            user_type,
            first_name,
            last_name,
            fields,
            is_verified: true,
            status: Status::Active,
            created_at: Some(now),
            updated_at: Some(now),
            last_login_at: None,
            sessions_at_most: Some(0),
            lockout: None,
            login_addresses: Vec::new(),
        }
    }
}

/// A registration as lists show it. Its hash and its digest are not read (ADM-4).
#[derive(Debug, Clone, Deserialize)]
pub struct PendingSummary {
    /// The user id that the account will have.
    pub user_id: UserId,
    /// As typed.
    #[serde(default, deserialize_with = "optional_text")]
    pub username: Option<String>,
    /// The canonical address.
    pub email: String,
    /// The address as typed.
    #[serde(default, deserialize_with = "optional_text")]
    pub email_display: Option<String>,
    /// Telephone.
    #[serde(default, deserialize_with = "optional_text")]
    pub mobile: Option<String>,
    /// The role.
    pub user_type: Role,
    /// Given name.
    #[serde(default, deserialize_with = "lenient_text")]
    pub first_name: String,
    /// Family name; may be empty.
    #[serde(default, deserialize_with = "lenient_text")]
    pub last_name: String,
    /// The state of the mail with its newest code.
    #[serde(default)]
    pub mail: Option<CodeMail>,
    /// The fields of the role.
    #[serde(flatten)]
    pub fields: RoleFields,
    /// When it expires.
    #[serde(with = "time")]
    pub expires_at: Timestamp,
    /// When it was created.
    #[serde(with = "time")]
    pub created_at: Timestamp,
}

impl PendingSummary {
    /// The fields that are also read if the caller may see them (ADM-5).
    pub const PRIVATE_FIELDS: &'static [&'static str] = &["is_pregnant"];
    /// Its fields in the document.
    pub const FIELDS: &'static [&'static str] = &[
        "user_id",
        "username",
        "email",
        "email_display",
        "mobile",
        "user_type",
        "first_name",
        "last_name",
        "mail",
        "date_of_birth",
        "specialization",
        "license_number",
        "expires_at",
        "created_at",
    ];
}
