//! Passwords that are equal to known data of a person, or trivially made from it (PW-5).

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::password::rules::{Password, lower_case};
use kernel::contact::digits;

/// Shorter values occur in many good passwords by accident.
const MIN_VALUE: usize = 3;
/// How many digits before or after a value do not make it a good password.
const MAX_DECORATION: usize = 4;
/// How many digits of a mobile number are enough to recognize it.
const MIN_MOBILE: usize = 6;
/// The service's own name.
const SERVICE: &str = "clinicauth";

/// The known data of the person who chooses a password; an unknown value is empty.
#[derive(Clone, Copy, Default)]
pub struct PasswordContext<'a> {
    /// The username.
    pub username: &'a str,
    /// The address in canonical form.
    pub email: &'a str,
    /// The user id.
    pub user_id: &'a str,
    /// The first name.
    pub first_name: &'a str,
    /// The last name.
    pub last_name: &'a str,
    /// The mobile number.
    pub mobile: &'a str,
    /// Whether the longer minimum length applies (`Role::is_privileged`, D3).
    pub privileged: bool,
}

impl PasswordContext<'_> {
    /// Whether the password is one of the values, its reverse or its double, with up to four digits before and after;
    /// or a part of the mobile number. Case and punctuation make no difference.
    pub(crate) fn reveals_identity(&self, password: &Password) -> bool {
        let password = core(&password.folded());
        self.values().any(|value| is_made_from(&password, &value))
            || is_part_of_mobile(&password, &core(self.mobile))
            || is_part_of_mobile(&password, &Zeroizing::new(digits(self.mobile)))
    }

    fn values(&self) -> impl Iterator<Item = Zeroizing<String>> {
        let (first, last) = (self.first_name, self.last_name);
        let local = self.email.split('@').next().unwrap_or_default();
        let words = first.split_whitespace().chain(last.split_whitespace());
        let values = [
            self.username,
            self.email,
            local,
            self.user_id,
            first,
            last,
            self.mobile,
            SERVICE,
        ]
        .into_iter();
        let number = self
            .user_id
            .trim_start_matches(|c: char| c.is_ascii_alphabetic());
        values
            .chain([number])
            .chain(words)
            .map(str::to_owned)
            .chain([format!("{first}{last}"), format!("{last}{first}")])
            .map(|value| core(&lower_case(&value.nfc().collect::<String>())))
            .filter(|value| value.chars().count() >= MIN_VALUE)
    }
}

/// The letters and digits of a text, because punctuation and spaces make no difference.
fn core(text: &str) -> Zeroizing<String> {
    let mut core = Zeroizing::new(String::with_capacity(text.len()));
    core.extend(text.chars().filter(|c| c.is_alphanumeric()));
    core
}

fn is_made_from(password: &str, value: &str) -> bool {
    let reversed: String = value.chars().rev().collect();
    let forms = [value.to_owned(), reversed, value.repeat(2)];
    let is_form_after = |before: usize, form: &str| {
        password
            .split_at_checked(before)
            .is_some_and(|(before, rest)| {
                is_decoration(before) && rest.strip_prefix(form).is_some_and(is_decoration)
            })
    };
    forms
        .iter()
        .any(|form| (0..=MAX_DECORATION).any(|before| is_form_after(before, form)))
}

fn is_decoration(text: &str) -> bool {
    text.len() <= MAX_DECORATION && text.bytes().all(|b| b.is_ascii_digit())
}

/// Compares without leading zeros, because people write a number with and without its country and trunk codes.
fn is_part_of_mobile(password: &str, mobile: &str) -> bool {
    let number = password.trim_start_matches('0');
    number.len() >= MIN_MOBILE && mobile.contains(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNA: PasswordContext<'static> = PasswordContext {
        username: "anna.m85",
        email: "a.meier+clinic@praxis-nord.de",
        user_id: "PAT04711234",
        first_name: "Anna Maria",
        last_name: "O'Meier",
        mobile: "+49 (170) 123-4567",
        privileged: false,
    };

    fn refused(context: &PasswordContext<'_>, typed: &str) -> bool {
        context.reveals_identity(&Password::parse_login(typed).unwrap())
    }

    #[test]
    fn a_value_itself_is_refused_in_any_case_and_punctuation() {
        for typed in [
            "anna.m85",
            "ANNA.M85",
            "a.meier+clinic@praxis-nord.de",
            "A.Meier+Clinic",
            "pat04711234",
            "04711234",
            "annamaria",
            "O'Meier",
            "omeier",
            "AnnaMariaO'Meier",
            "O'Meier, Anna Maria",
            "+49 (170) 123-4567",
            "491701234567",
            "0170 1234567",
            "clinic-auth",
            "Clinic Auth",
        ] {
            assert!(refused(&ANNA, typed), "{typed}");
        }
    }

    #[test]
    fn a_mobile_number_is_found_in_every_spelling() {
        for mobile in [
            "+49 (0)170 1234567",
            "０１７０／１２３４５６７",
            "٠١٧٠ ١٢٣٤٥٦٧",
        ] {
            let context = PasswordContext {
                mobile,
                ..PasswordContext::default()
            };
            for typed in ["0170 1234567", "1701234567"] {
                assert!(refused(&context, typed), "{mobile} {typed}");
            }
        }
    }

    #[test]
    fn trivial_variants_of_a_value_are_refused() {
        for typed in [
            "anna.m851",
            "1985-Annamaria!",
            "!!Maria!!2024!!",
            "58m.anna",
            "reiemo99",
            "maria.maria",
            "clinicauth123",
            "2024ClinicAuth",
        ] {
            assert!(refused(&ANNA, typed), "{typed}");
        }
    }

    #[test]
    fn a_password_that_only_contains_a_value_is_accepted() {
        for typed in [
            "maria likes tea",
            "annamaria12345",
            "xMariax99",
            "nordpraxis77",
            "clinic-authority",
            "1234 9876 5555",
            "ölkanne-meier-x",
        ] {
            assert!(!refused(&ANNA, typed), "{typed}");
        }
    }

    #[test]
    fn values_shorter_than_three_characters_are_ignored() {
        let context = PasswordContext {
            first_name: "Al",
            last_name: "Q",
            mobile: "",
            ..PasswordContext::default()
        };
        for typed in ["al1234!!", "AlAl-1234", "q9999q..", "--------", "12345"] {
            assert!(!refused(&context, typed), "{typed}");
        }
    }

    #[test]
    fn a_value_made_of_digits_is_found_among_digits() {
        let context = PasswordContext {
            username: "1121",
            ..PasswordContext::default()
        };
        assert!(refused(&context, "11211211"));
        assert!(!refused(&context, "112211221122"));
    }

    #[test]
    fn other_scripts_are_compared_in_lower_case_too() {
        let context = PasswordContext {
            first_name: "Зоя",
            last_name: "Ёлкина",
            ..PasswordContext::default()
        };
        assert!(refused(&context, "ЗОЯЁЛКИНА1"));
        assert!(refused(&context, "ёлкина-2024"));
        assert!(!refused(&context, "ёлка-2024"));
        let decomposed = PasswordContext {
            first_name: "Rene\u{301}",
            ..PasswordContext::default()
        };
        assert!(refused(&decomposed, "René1234"));
    }
}
