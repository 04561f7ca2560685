//! Usernames: which ones may be chosen, and how two are compared (ID-2).

use std::ops::RangeInclusive;

use crate::error::RuleViolation;

use super::{
    ids::is_id_shaped,
    text::{fold, text_type, trim_invisible},
};

/// How many characters a username has.
pub const LENGTH: RangeInclusive<usize> = 3..=32;

const INVALID: RuleViolation = RuleViolation::new(
    "username_invalid",
    "Must have 3 to 32 characters: letters a to z, digits, dot, underscore or hyphen",
);
const RESERVED: RuleViolation =
    RuleViolation::new("username_reserved", "This username is reserved");

/// Names that could be taken for the service, its people or a missing value; without separators.
const RESERVED_WORDS: &[&str] = &[
    "abuse",
    "admin",
    "administrator",
    "anonymous",
    "api",
    "audit",
    "auth",
    "clinic",
    "clinicauth",
    "daemon",
    "everyone",
    "false",
    "help",
    "helpdesk",
    "hostmaster",
    "login",
    "logout",
    "mail",
    "mailerdaemon",
    "me",
    "moderator",
    "nil",
    "nobody",
    "none",
    "noreply",
    "null",
    "operator",
    "postmaster",
    "register",
    "root",
    "security",
    "self",
    "service",
    "staff",
    "superuser",
    "support",
    "sysadmin",
    "system",
    "true",
    "undefined",
    "unknown",
    "webmaster",
];

text_type! {
    /// A username as it was typed, without blanks at its ends. It is stored and shown in this form.
    Username
}

impl Username {
    /// Reads a username, after invisible characters at its ends are dropped: `^[A-Za-z0-9._-]{3,32}$` with a letter or
    /// digit in it. It must not have the form of a user id, nor be a reserved word, with or without separators.
    ///
    /// # Errors
    /// `username_invalid` or `username_reserved`.
    pub fn parse(typed: &str) -> Result<Self, RuleViolation> {
        let typed = trim_invisible(typed);
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        if !LENGTH.contains(&typed.len()) || !typed.bytes().all(allowed) {
            return Err(INVALID);
        }
        let mut word = typed.to_ascii_lowercase();
        word.retain(|c| c.is_ascii_alphanumeric());
        if word.is_empty() {
            return Err(INVALID);
        }
        // At login, a username with the form of a user id would be looked up in the wrong namespace (ID-2, ID-3).
        if is_id_shaped(typed) || RESERVED_WORDS.contains(&word.as_str()) {
            return Err(RESERVED);
        }
        Ok(Self(typed.to_owned()))
    }

    /// The form by which two usernames are compared.
    pub fn canonical(&self) -> String {
        fold(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kind(typed: &str) -> Option<&'static str> {
        Username::parse(typed).err().map(|violation| violation.kind)
    }

    #[test]
    fn a_username_keeps_its_spelling_and_is_compared_in_lower_case() {
        let name = Username::parse("Anna.Meier-1_x").unwrap();
        assert_eq!(name.as_str(), "Anna.Meier-1_x");
        assert_eq!(name.canonical(), "anna.meier-1_x");
    }

    #[test]
    fn length_and_alphabet_are_those_of_the_pattern() {
        assert_eq!(kind("abc"), None);
        assert_eq!(kind(&"a".repeat(32)), None);
        for bad in [
            "",
            "ab",
            &"a".repeat(33),
            "a b",
            "a@b",
            "an\nna",
            "an\u{200b}na",
            "...",
            "аnna",
            "ａｎｎａ",
            "\u{212A}ate",
        ] {
            assert_eq!(kind(bad), Some("username_invalid"), "{bad:?}");
        }
    }

    #[test]
    fn invisible_characters_around_a_username_are_dropped() {
        let name = Username::parse("\u{feff} Anna\u{200b}\u{a0}\r\n").unwrap();
        assert_eq!(name.as_str(), "Anna");
        assert_eq!(kind("ab \u{200b}"), Some("username_invalid"));
        assert_eq!(kind("\u{200f}admin "), Some("username_reserved"));
        assert_eq!(kind(" PAT00000001\u{2060}"), Some("username_reserved"));
    }

    #[test]
    fn reserved_words_are_refused_in_any_case_and_with_separators() {
        for word in [
            "admin",
            "ADMIN",
            "root",
            "me.",
            "Clinic-Auth",
            "clinic_auth",
            "null",
            "-api-",
        ] {
            assert_eq!(kind(word), Some("username_reserved"), "{word}");
        }
    }

    #[test]
    fn names_that_only_begin_like_reserved_ones_are_free() {
        for free in [
            "pat",
            "patrick7",
            "pat12a",
            "doc_martin",
            "administratrix",
            "stf-1",
        ] {
            assert_eq!(kind(free), None, "{free}");
        }
    }

    #[test]
    fn the_reserved_words_are_written_as_they_are_compared() {
        for word in RESERVED_WORDS {
            assert!(word.bytes().all(|b| b.is_ascii_lowercase()), "{word}");
        }
    }

    proptest! {
        #[test]
        fn an_id_shaped_name_is_always_refused(name in "(?i:PAT|DOC|STF|ADM)[0-9]{1,29}") {
            prop_assert!(Username::parse(&name).is_err());
        }

        #[test]
        fn reading_never_panics_and_obeys_the_pattern(typed in any::<String>()) {
            if let Ok(name) = Username::parse(&typed) {
                prop_assert!(name.as_str().is_ascii() && (3..=32).contains(&name.as_str().len()));
            }
        }
    }
}
