//! What operations on accounts ask for, and which roles have it.

kernel::permissions! {
    /// The caller's own profile.
    ProfileSelf = "profile:self" for [Patient, Doctor, Staff, Admin];
    /// The caller's own password.
    PasswordSelf = "password:self" for [Patient, Doctor, Staff, Admin];
    /// The caller's own sessions.
    SessionsSelf = "sessions:self" for [Patient, Doctor, Staff, Admin];
    /// The caller's own second factors and remembered devices.
    FactorsSelf = "factors:self" for [Patient, Doctor, Staff, Admin];
    /// The caller's own account: its address, its export and its deletion.
    AccountSelf = "account:self" for [Patient, Doctor, Staff, Admin];
    /// Read pending registrations.
    PendingRead = "pending:read" for [Staff, Admin];
    /// Send a registration's code again.
    PendingResend = "pending:resend" for [Staff, Admin];
    /// Delete a registration.
    PendingDelete = "pending:delete" for [Admin];
    /// Read accounts.
    UsersRead = "users:read" for [Staff, Admin];
    /// Help the owner of an account to log in again: unlock it, mail a reset. Without `users:write`, patients only.
    UsersHelp = "users:help" for [Staff, Admin];
    /// Create, change and delete accounts.
    UsersWrite = "users:write" for [Admin];
    /// Read the medical and private fields of other people's accounts.
    UsersReadPrivate = "users:read-private" for [Admin];
    /// Read which mails do not arrive.
    MailsRead = "mails:read" for [Admin];
    /// Have a mail tried again.
    MailsRetry = "mails:retry" for [Admin];
    /// Read counts.
    StatsRead = "stats:read" for [Staff, Admin];
    /// Read the audit trail.
    AuditRead = "audit:read" for [Admin];
}

#[cfg(test)]
mod tests {
    use kernel::role::Role;

    use super::ALL;

    fn names(role: Role) -> Vec<&'static str> {
        let allowed = ALL.iter().filter(|permission| role.allows(**permission));
        allowed.map(|permission| permission.name).collect()
    }

    #[test]
    fn staff_reads_resends_and_helps_but_changes_nothing() {
        let staff = names(Role::Staff);
        for allowed in ["pending:read", "pending:resend", "users:help"] {
            assert!(staff.contains(&allowed), "{allowed}");
        }
        for refused in [
            "pending:delete",
            "users:write",
            "users:read-private",
            "audit:read",
        ] {
            assert!(!staff.contains(&refused), "{refused}");
        }
    }

    #[test]
    fn admin_has_every_permission_and_patient_only_its_own() {
        assert_eq!(names(Role::Admin).len(), ALL.len());
        assert!(
            names(Role::Patient)
                .iter()
                .all(|name| name.ends_with(":self"))
        );
    }
}
