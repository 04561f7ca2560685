//! Who needs a second factor, and when (D13).

use kernel::role::Role;

use super::account_factors::AccountFactors;

/// What a login needs after its first proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing more.
    Nothing,
    /// One of the account's factors.
    Factor,
    /// A first factor: the role must have one.
    Enrolment,
}

/// What the owner of these factors needs to log in, where the roles `required` must have a factor.
#[must_use]
pub fn need(factors: &AccountFactors, role: Role, required: &[Role]) -> Need {
    if factors.has_any() {
        Need::Factor
    } else if required.contains(&role) {
        Need::Enrolment
    } else {
        Need::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::{super::account_factors::Factor, *};

    #[test]
    fn only_factors_and_required_roles_need_a_second_step() {
        let none = AccountFactors::default();
        let app = AccountFactors {
            confirmed: vec![Factor::Totp],
            ..AccountFactors::default()
        };
        let required = [Role::Staff, Role::Admin];
        for role in Role::ALL {
            assert_eq!(need(&none, role, &[]), Need::Nothing);
            assert_eq!(need(&app, role, &[]), Need::Factor);
            assert_eq!(need(&app, role, &required), Need::Factor);
        }
        assert_eq!(need(&none, Role::Staff, &required), Need::Enrolment);
        assert_eq!(need(&none, Role::Patient, &required), Need::Nothing);
    }
}
