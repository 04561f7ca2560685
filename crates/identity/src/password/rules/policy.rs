//! The rules for a new password; the same in every operation that sets one (PW-6).

use crate::password::rules::{
    BreachList, MAX_BYTES, MAX_CODE_POINTS, Password, PasswordContext, common::is_common,
};
use kernel::error::RuleViolation;

const TOO_LONG: RuleViolation = RuleViolation::new(
    "password_too_long",
    "The password must have at most 128 characters",
);
const COMMON: RuleViolation = RuleViolation::new(
    "password_common",
    "This password is among the most common ones; choose another",
);
const BREACHED: RuleViolation = RuleViolation::new(
    "password_breached",
    "This password is known from a data breach; choose another",
);
const GIVES_AWAY: RuleViolation = RuleViolation::new(
    "password_contains_identity",
    "The password must not be made from your name, username, email, mobile number or user id, \
     nor from the name of this service",
);
const COMPOSITION: RuleViolation = RuleViolation::new(
    "password_composition",
    "The password must contain an upper-case letter and a digit",
);

/// The rules for a new password.
#[derive(Debug, Clone)]
pub struct PasswordPolicy {
    min_length: usize,
    min_length_privileged: usize,
    require_upper_and_digit: bool,
    breached: BreachList,
}

impl PasswordPolicy {
    /// The policy of the configuration, with the list of `breach_list`, or an empty one.
    pub fn new(config: &crypto::settings::Password, breached: BreachList) -> Self {
        Self {
            min_length: config.min_length,
            min_length_privileged: config.min_length_privileged,
            require_upper_and_digit: config.require_upper_and_digit,
            breached,
        }
    }

    /// Returns the password, if it breaks no rule for the person of `context`.
    ///
    /// # Errors
    /// The first rule that it breaks: `password_too_long`, `password_too_short`, `password_composition` (only if
    /// configured), `password_contains_identity`, `password_common` or `password_breached`.
    pub fn check(
        &self,
        typed: &str,
        context: &PasswordContext<'_>,
    ) -> Result<Password, RuleViolation> {
        let password = Password::normalize(typed).ok_or(TOO_LONG)?;
        let length = password.0.chars().count();
        if length > MAX_CODE_POINTS || password.0.len() > MAX_BYTES {
            return Err(TOO_LONG);
        }
        let min_length = self.min_length(context.privileged);
        if length < min_length {
            return Err(too_short(min_length));
        }
        if self.require_upper_and_digit && !has_upper_and_digit(&password) {
            return Err(COMPOSITION);
        }
        if context.reveals_identity(&password) {
            return Err(GIVES_AWAY);
        }
        if is_common(&password.folded()) {
            return Err(COMMON);
        }
        if self.breached.contains(&password) {
            return Err(BREACHED);
        }
        Ok(password)
    }

    /// The smallest number of code points of a password.
    pub fn min_length(&self, privileged: bool) -> usize {
        if privileged {
            self.min_length_privileged.max(self.min_length)
        } else {
            self.min_length
        }
    }
}

/// The text of a violation is fixed, so it names the number only for the two defaults.
fn too_short(min_length: usize) -> RuleViolation {
    let message = match min_length {
        8 => "The password must have at least 8 characters",
        15 => "The password must have at least 15 characters",
        _ => "The password has too few characters",
    };
    RuleViolation::new("password_too_short", message)
}

fn has_upper_and_digit(password: &Password) -> bool {
    password.0.chars().any(char::is_uppercase) && password.0.chars().any(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn policy() -> PasswordPolicy {
        PasswordPolicy::new(
            &crypto::settings::Password::default(),
            BreachList::default(),
        )
    }

    fn kind(typed: &str) -> Option<&'static str> {
        let context = PasswordContext {
            username: "anna85",
            ..PasswordContext::default()
        };
        policy()
            .check(typed, &context)
            .err()
            .map(|violation| violation.kind)
    }

    #[test]
    fn length_is_counted_in_code_points_from_8_to_128() {
        assert_eq!(kind("zmxnqwv"), Some("password_too_short"));
        assert_eq!(kind("zmxnqwvy"), None);
        assert_eq!(kind(&"🩺".repeat(8)), None);
        assert_eq!(kind(&"🩺🚑".repeat(64)), None);
        assert_eq!(kind(&"x".repeat(129)), Some("password_too_long"));
        assert_eq!(kind(&"x".repeat(1_000_000)), Some("password_too_long"));
    }

    #[test]
    fn length_is_counted_after_nfc() {
        assert_eq!(kind(&"e\u{301}".repeat(7)), Some("password_too_short"));
        assert_eq!(kind(&"e\u{301}".repeat(128)), None);
    }

    #[test]
    fn staff_and_admins_need_15() {
        let admin = PasswordContext {
            privileged: true,
            ..PasswordContext::default()
        };
        let violation = policy().check("zmxnqwvyzmxnqw", &admin).unwrap_err();
        assert_eq!(violation, too_short(15));
        assert!(policy().check("zmxnqwvyzmxnqwv", &admin).is_ok());
    }

    #[test]
    fn common_passwords_are_refused_in_any_case() {
        for typed in ["password123", "PassWord123", "qwertyuiop"] {
            assert_eq!(kind(typed), Some("password_common"), "{typed}");
        }
    }

    #[test]
    fn the_passwords_of_the_request_collection_are_accepted() {
        assert_eq!(kind("securepass123"), None);
        assert_eq!(kind("doctorpass123"), None);
    }

    #[test]
    fn the_own_username_with_a_digit_is_refused() {
        assert_eq!(kind("anna851!"), Some("password_contains_identity"));
    }

    #[test]
    fn composition_rules_apply_only_if_configured() {
        assert_eq!(kind("only lower case and spaces"), None);
        let config = crypto::settings::Password {
            require_upper_and_digit: true,
            ..crypto::settings::Password::default()
        };
        let strict = PasswordPolicy::new(&config, BreachList::default());
        let check = |typed: &str| strict.check(typed, &PasswordContext::default()).err();
        assert_eq!(check("only lower case"), Some(COMPOSITION));
        assert_eq!(check("Upper case only"), Some(COMPOSITION));
        assert_eq!(check("Upper case and 1"), None);
    }

    #[test]
    fn a_breached_password_is_refused() {
        let list = BreachList::load("fc8c5eb19480").unwrap();
        let policy = PasswordPolicy::new(&crypto::settings::Password::default(), list);
        let violation = policy
            .check("hunter2hunter2", &PasswordContext::default())
            .unwrap_err();
        assert_eq!(violation, BREACHED);
    }

    #[test]
    fn an_accepted_password_can_log_in() {
        let chosen = policy()
            .check("  Grüße\0aus Ulm ", &PasswordContext::default())
            .unwrap();
        let typed = Password::parse_login("  Gru\u{308}ße\0aus Ulm ").unwrap();
        assert_eq!(chosen.as_bytes(), typed.as_bytes());
    }

    proptest! {
        #[test]
        fn checking_anything_never_panics(typed in any::<String>(), value in any::<String>()) {
            let context = PasswordContext { username: &value, email: &value, user_id: &value,
                first_name: &value, last_name: &value, mobile: &value, privileged: false };
            let _ = policy().check(&typed, &context);
        }

        #[test]
        fn sixty_four_characters_are_always_accepted(typed in "\\PC{64}") {
            prop_assert_eq!(kind(&typed), None);
        }

        #[test]
        fn every_spelling_of_a_text_gets_the_same_answer(text in "\\PC{0,140}") {
            use unicode_normalization::UnicodeNormalization;
            prop_assert_eq!(kind(&text.nfd().collect::<String>()), kind(&text));
        }

        #[test]
        fn a_username_with_up_to_four_digits_around_it_is_refused(
            name in "[a-z][a-z0-9]{7,20}", before in "[0-9]{0,4}", after in "[0-9!.]{0,4}",
        ) {
            let context = PasswordContext { username: &name, ..PasswordContext::default() };
            let password = format!("{before}{}{after}", name.to_uppercase());
            prop_assert_eq!(policy().check(&password, &context).unwrap_err(), GIVES_AWAY);
        }
    }
}
