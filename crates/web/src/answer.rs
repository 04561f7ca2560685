//! Answers that several slices share.

use kernel::{error::RuleViolation, role::Role};
use poem_openapi::{Enum, Object};

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
pub const INVALID_USER_TYPE: RuleViolation =
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
