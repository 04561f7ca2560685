//! Roles, and the permissions that they have.

use serde::{Deserialize, Serialize};

/// The role of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A person who is treated.
    Patient,
    /// A person who treats patients.
    Doctor,
    /// A person at the front desk.
    Staff,
    /// A person who runs the service.
    Admin,
}

/// What an operation asks for, and the roles that have it. Each slice declares its own with
/// [`permissions!`](crate::permissions).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission {
    /// Its name in the API.
    pub name: &'static str,
    /// The roles that have it.
    pub roles: &'static [Role],
}

/// A permission as a type.
pub trait Needs: Send + Sync + 'static {
    /// The permission.
    const PERMISSION: Permission;

    /// Another permission that is enough as well.
    const OR: Option<Permission> = None;

    /// Whether a role may call the operation.
    fn allow(role: Role) -> bool {
        role.allows(Self::PERMISSION) || Self::OR.is_some_and(|other| role.allows(other))
    }
}

/// Declares the permissions of a slice as types, and `ALL` with each of them.
#[macro_export]
macro_rules! permissions {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal for [$($role:ident),+];)+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Debug)]
            pub enum $name {}

            impl $crate::role::Needs for $name {
                const PERMISSION: $crate::role::Permission = $crate::role::Permission {
                    name: $word,
                    roles: &[$($crate::role::Role::$role),+],
                };
            }
        )+

        /// Every permission of this table.
        pub const ALL: &[$crate::role::Permission] = &[$(<$name as $crate::role::Needs>::PERMISSION),+];
    };
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Patient, Self::Doctor, Self::Staff, Self::Admin];

    /// Its name in the API and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Doctor => "doctor",
            Self::Staff => "staff",
            Self::Admin => "admin",
        }
    }

    /// The three letters that its user ids begin with.
    pub const fn id_prefix(self) -> &'static str {
        match self {
            Self::Patient => "PAT",
            Self::Doctor => "DOC",
            Self::Staff => "STF",
            Self::Admin => "ADM",
        }
    }

    /// Whether the longer minimum length of passwords applies (D3).
    pub const fn is_privileged(self) -> bool {
        matches!(self, Self::Staff | Self::Admin)
    }

    /// Whether the role has a permission.
    pub fn allows(self, permission: Permission) -> bool {
        permission.roles.contains(&self)
    }
}
