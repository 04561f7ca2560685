//! Whom a caller may help to log in again, by an unlock or a reset by mail.

use crate::permissions::{UsersHelp, UsersWrite};
use kernel::role::{Needs, Role};

/// Whose accounts a role may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Helps {
    /// No account at all.
    Nobody,
    /// The accounts of patients: the desk knows them, and must not get at the accounts of colleagues.
    Patients,
    /// Every account.
    Everybody,
}

impl Helps {
    /// Whom `role` may help.
    #[must_use]
    pub fn of(role: Role) -> Self {
        if role.allows(UsersWrite::PERMISSION) {
            Self::Everybody
        } else if role.allows(UsersHelp::PERMISSION) {
            Self::Patients
        } else {
            Self::Nobody
        }
    }

    /// Whether the owner may be an account with `role`.
    #[must_use]
    pub fn includes(self, role: Role) -> bool {
        match self {
            Self::Nobody => false,
            Self::Patients => role == Role::Patient,
            Self::Everybody => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_desk_helps_patients_and_administrators_everybody() {
        for owner in Role::ALL {
            let may = |caller| Helps::of(caller).includes(owner);
            assert_eq!(may(Role::Staff), owner == Role::Patient, "{owner:?}");
            assert!(may(Role::Admin) && !may(Role::Doctor) && !may(Role::Patient));
        }
    }
}
