//! Answers that several operations share.

use poem_openapi::{Enum, Object, types::MaybeUndefined};

use super::Time;
use crate::{
    config::Secret,
    domain::{
        role::Role,
        user::{Status, User},
    },
    error::RuleViolation,
    service::tokens::TokenSet,
};

/// A role on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "lowercase")]
pub enum UserType {
    /// Somebody who is treated.
    Patient,
    /// Somebody who treats.
    Doctor,
    /// Somebody at the desk.
    Staff,
    /// Somebody who runs the service.
    Admin,
}

/// The error of a request that names an unknown user type.
pub(super) const INVALID_USER_TYPE: RuleViolation =
    RuleViolation::new("user_type_invalid", "Invalid user type");

impl From<Role> for UserType {
    fn from(role: Role) -> Self {
        match role {
            Role::Patient => Self::Patient,
            Role::Doctor => Self::Doctor,
            Role::Staff => Self::Staff,
            Role::Admin => Self::Admin,
        }
    }
}

/// Done, and nothing more to say.
#[derive(Debug, Object)]
pub struct Done {
    /// Always true
    pub success: bool,
    /// A sentence for people
    pub message: String,
}

impl Done {
    /// Done, with this sentence.
    pub fn saying(message: impl Into<String>) -> Self {
        Self {
            success: true,
            message: message.into(),
        }
    }
}

/// Done; a code may have been sent.
#[derive(Debug, Object)]
pub struct CodeSent {
    /// Always true
    pub success: bool,
    /// A sentence for people
    pub message: String,
    /// The code; only with `service.debug`, in development
    #[oai(skip_serializing_if_is_none)]
    pub debug_otp: Option<String>,
}

impl CodeSent {
    /// The answer with this sentence.
    #[must_use]
    pub fn saying(message: &str, code: Option<&Secret>) -> Self {
        Self {
            success: true,
            message: message.to_owned(),
            debug_otp: code.map(|code| code.expose().to_owned()),
        }
    }
}

/// Tokens for a session (login, refresh).
#[derive(Debug, Object)]
pub struct TokenResponse {
    /// Always true
    pub success: bool,
    /// A sentence for people
    pub message: String,
    /// A JWT for `Authorization: Bearer`
    pub access_token: String,
    /// Always `bearer`
    pub token_type: String,
    /// Seconds that the access token lives
    pub expires_in: u64,
    /// Gives new tokens once, by /auth/refresh
    pub refresh_token: String,
    /// Seconds that the refresh token lives
    pub refresh_expires_in: u64,
    /// The user
    pub user_id: String,
    /// The user's role
    pub user_type: UserType,
    /// The same as `user_type`
    pub role: UserType,
    /// The session
    pub session_id: String,
    /// The username, or the e-mail address of somebody who has none
    pub username: String,
    /// First and last name
    pub full_name: String,
}

impl TokenResponse {
    /// The answer with this sentence.
    #[must_use]
    pub fn new(message: &str, tokens: TokenSet) -> Self {
        let TokenSet {
            access_token,
            expires_in,
            refresh_token,
            refresh_expires_in,
            session,
            user,
        } = tokens;
        Self {
            success: true,
            message: message.to_owned(),
            access_token: access_token.expose().to_owned(),
            token_type: "bearer".to_owned(),
            expires_in,
            refresh_token: refresh_token.expose().to_owned(),
            refresh_expires_in,
            user_id: user.user_id.to_string(),
            user_type: user.user_type.into(),
            role: user.user_type.into(),
            session_id: session.session_id.to_string(),
            full_name: user.full_name(),
            username: user.login_name(),
        }
    }
}

/// A field that only some answers have. With `has`, an empty field is `null`; without it, the field is absent.
pub(super) fn shown_to<T>(has: bool, value: Option<T>) -> MaybeUndefined<T> {
    match (has, value) {
        (false, _) => MaybeUndefined::Undefined,
        (true, None) => MaybeUndefined::Null,
        (true, Some(value)) => MaybeUndefined::Value(value),
    }
}

/// An account as its owner sees it.
#[derive(Debug, Object)]
pub struct ProfileResponse {
    /// Always true
    pub success: bool,
    /// A sentence for people
    pub message: String,
    /// The user
    pub user_id: String,
    /// The same as `user_id`
    pub id: String,
    /// The username, if there is one
    #[oai(nullable)]
    pub username: Option<String>,
    /// The e-mail address, as it was typed at registration
    pub email: String,
    /// First and last name
    pub full_name: String,
    /// Given name
    pub first_name: String,
    /// Family name; may be empty
    pub last_name: String,
    /// Telephone
    #[oai(nullable)]
    pub mobile: Option<String>,
    /// The same as `mobile`
    #[oai(nullable)]
    pub phone: Option<String>,
    /// The language to write in, if one was chosen
    #[oai(nullable)]
    pub language: Option<String>,
    /// The role
    pub user_type: UserType,
    /// The same as `user_type`
    pub role: UserType,
    /// `active`, `invited` or `disabled`
    pub status: String,
    /// Whether `status` is `active`
    pub is_active: bool,
    /// Whether the e-mail address is proven
    pub is_verified: bool,
    /// When the account was made
    #[oai(nullable)]
    pub created_at: Option<Time>,
    /// When its owner logged in last
    #[oai(nullable)]
    pub last_login_at: Option<Time>,
    /// Patients
    #[oai(skip_serializing_if_is_none)]
    pub is_pregnant: Option<bool>,
    /// Patients; `YYYY-MM-DD`
    #[oai(nullable, skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub date_of_birth: MaybeUndefined<String>,
    /// Doctors
    #[oai(nullable, skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub specialization: MaybeUndefined<String>,
    /// Doctors
    #[oai(nullable, skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub license_number: MaybeUndefined<String>,
    /// Doctors: an administrator has seen the licence
    #[oai(skip_serializing_if_is_none)]
    pub approved: Option<bool>,
}

impl From<User> for ProfileResponse {
    fn from(user: User) -> Self {
        let full_name = user.full_name();
        let User {
            id: _,
            user_id,
            username,
            email,
            email_display,
            mobile,
            password_hash: _,
            user_type,
            first_name,
            last_name,
            fields,
            approved,
            is_verified,
            status,
            created_at,
            updated_at: _,
            last_login_at,
            sessions_at_most: _,
            lockout: _,
            login_addresses: _,
        } = user;
        let patient = user_type == Role::Patient;
        let doctor = user_type == Role::Doctor;
        Self {
            success: true,
            message: "Profile".to_owned(),
            id: user_id.to_string(),
            user_id: user_id.into(),
            username,
            email: email_display.unwrap_or(email),
            full_name,
            first_name,
            last_name,
            phone: mobile.clone(),
            mobile,
            language: fields.language,
            user_type: user_type.into(),
            role: user_type.into(),
            status: status.name().to_owned(),
            is_active: status == Status::Active,
            is_verified,
            created_at: created_at.map(Time),
            last_login_at: last_login_at.map(Time),
            is_pregnant: fields.is_pregnant.or(Some(false)).filter(|_| patient),
            date_of_birth: shown_to(patient, fields.date_of_birth),
            specialization: shown_to(doctor, fields.specialization),
            license_number: shown_to(doctor, fields.license_number),
            approved: approved.or(Some(false)).filter(|_| doctor),
        }
    }
}
