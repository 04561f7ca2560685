//! Roles and their permissions: the only table.

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

/// What an operation asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// The caller's own profile.
    ProfileSelf,
    /// The caller's own password.
    PasswordSelf,
    /// The caller's own sessions.
    SessionsSelf,
    /// Read pending registrations.
    PendingRead,
    /// Send a registration's code again.
    PendingResend,
    /// Delete a registration.
    PendingDelete,
    /// Read accounts.
    UsersRead,
    /// Create, change, unlock and delete accounts.
    UsersWrite,
    /// Read the medical and private fields of other people's accounts.
    UsersReadPrivate,
    /// Read counts.
    StatsRead,
    /// Read the audit trail.
    AuditRead,
}

impl Permission {
    /// Every permission.
    pub const ALL: &'static [Self] = &[
        Self::ProfileSelf,
        Self::PasswordSelf,
        Self::SessionsSelf,
        Self::PendingRead,
        Self::PendingResend,
        Self::PendingDelete,
        Self::UsersRead,
        Self::UsersWrite,
        Self::UsersReadPrivate,
        Self::StatsRead,
        Self::AuditRead,
    ];

    /// Its name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ProfileSelf => "profile:self",
            Self::PasswordSelf => "password:self",
            Self::SessionsSelf => "sessions:self",
            Self::PendingRead => "pending:read",
            Self::PendingResend => "pending:resend",
            Self::PendingDelete => "pending:delete",
            Self::UsersRead => "users:read",
            Self::UsersWrite => "users:write",
            Self::UsersReadPrivate => "users:read-private",
            Self::StatsRead => "stats:read",
            Self::AuditRead => "audit:read",
        }
    }
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

    /// The table of roles and permissions.
    pub const fn allows(self, permission: Permission) -> bool {
        use Permission::{
            PasswordSelf, PendingRead, PendingResend, ProfileSelf, SessionsSelf, StatsRead,
            UsersRead,
        };
        match self {
            Self::Patient | Self::Doctor => {
                matches!(permission, ProfileSelf | PasswordSelf | SessionsSelf)
            }
            Self::Staff => matches!(
                permission,
                ProfileSelf
                    | PasswordSelf
                    | SessionsSelf
                    | PendingRead
                    | PendingResend
                    | UsersRead
                    | StatsRead
            ),
            Self::Admin => true,
        }
    }

    /// The names of the role's permissions.
    pub fn permissions(self) -> impl Iterator<Item = &'static str> {
        Permission::ALL
            .iter()
            .filter(move |p| self.allows(**p))
            .map(|p| p.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staff_reads_and_resends_but_changes_nothing() {
        assert!(
            Role::Staff.allows(Permission::PendingRead)
                && Role::Staff.allows(Permission::PendingResend)
        );
        assert!(
            !Role::Staff.allows(Permission::PendingDelete)
                && !Role::Staff.allows(Permission::UsersWrite)
        );
        assert!(
            !Role::Staff.allows(Permission::UsersReadPrivate)
                && !Role::Staff.allows(Permission::AuditRead)
        );
    }

    #[test]
    fn admin_has_every_permission_and_patient_only_its_own() {
        assert_eq!(Role::Admin.permissions().count(), Permission::ALL.len());
        assert!(
            Role::Patient
                .permissions()
                .all(|name| name.ends_with(":self"))
        );
    }
}
