//! Passwords: the secret itself, and the rules for choosing one (PW-1 to PW-6).

mod breach_list;
mod common;
mod identity;
mod policy;

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

pub use breach_list::{BreachList, BreachListError};
pub use identity::PasswordContext;
pub use policy::PasswordPolicy;

/// The largest number of code points of a password (PW-2).
pub const MAX_CODE_POINTS: usize = 128;
/// The largest number of bytes of a password in UTF-8 (PW-2).
pub const MAX_BYTES: usize = 1024;
/// NFC never makes a text shorter than a quarter. So a longer text is too long in any form, and is refused before any
/// work is done on it.
const MAX_TYPED_BYTES: usize = 4 * MAX_BYTES;

/// A password in NFC, otherwise as typed (D4). It is wiped from memory and never shown (HASH-5).
///
/// On purpose, it implements neither `Clone` nor `PartialEq` nor the traits of serde.
pub struct Password(Zeroizing<String>);

impl Password {
    /// Reads a password that is typed to log in. `None` if it is too long to be an account's password; the caller
    /// treats it as a wrong one.
    pub fn parse_login(typed: &str) -> Option<Self> {
        let password = Self::normalize(typed)?;
        (password.0.len() <= MAX_BYTES).then_some(password)
    }

    /// The bytes to hash or to verify.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    fn normalize(typed: &str) -> Option<Self> {
        if typed.len() > MAX_TYPED_BYTES {
            return None;
        }
        // NFC never makes a text longer than three times its bytes (UAX #15). The memory is allocated once, so that no
        // copy is left unwiped.
        let mut text = Zeroizing::new(String::with_capacity(typed.len() * 3));
        text.extend(typed.nfc());
        Some(Self(text))
    }

    /// In lower case, for comparing with lists and names.
    fn folded(&self) -> Zeroizing<String> {
        lower_case(&self.0)
    }
}

/// In lower case, character by character; the text never becomes longer than three times its bytes.
fn lower_case(text: &str) -> Zeroizing<String> {
    let mut lower = Zeroizing::new(String::with_capacity(text.len() * 3));
    lower.extend(text.chars().flat_map(char::to_lowercase));
    lower
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes(typed: &str) -> Option<Vec<u8>> {
        Password::parse_login(typed).map(|password| password.as_bytes().to_vec())
    }

    #[test]
    fn composed_and_decomposed_spellings_are_one_password() {
        assert_eq!(bytes("caf\u{e9} au lait"), bytes("cafe\u{301} au lait"));
    }

    #[test]
    fn a_password_is_only_changed_by_nfc() {
        for typed in [
            "  Two  Spaces ",
            "NUL\0inside",
            "ﬁancé ﬀ",
            "ＡＢＣ",
            "ẞtraße",
            "",
        ] {
            assert_eq!(bytes(typed), Some(typed.as_bytes().to_vec()), "{typed:?}");
        }
    }

    #[test]
    fn passwords_that_differ_after_72_bytes_are_different() {
        let start = "a".repeat(127);
        assert_ne!(bytes(&format!("{start}x")), bytes(&format!("{start}y")));
    }

    #[test]
    fn a_text_above_1024_bytes_is_not_a_password() {
        assert!(bytes(&"a".repeat(1024)).is_some());
        assert!(bytes(&"a".repeat(1025)).is_none());
        assert!(bytes(&"a".repeat(1_000_000)).is_none());
    }

    #[test]
    fn bytes_are_counted_after_nfc() {
        let syllables = "\u{1112}\u{1161}\u{11ab}".repeat(341);
        assert_eq!(bytes(&syllables).map(|b| b.len()), Some(1023));
    }

    #[test]
    fn debug_does_not_show_the_password() {
        assert_eq!(
            format!("{:?}", Password::parse_login("hunter2")),
            "Some(Password(…))"
        );
    }

    proptest! {
        #[test]
        fn every_spelling_of_a_text_is_the_same_password(text in "\\PC{0,60}") {
            let decomposed: String = text.nfd().collect();
            prop_assert_eq!(bytes(&decomposed), bytes(&text));
        }

        #[test]
        fn normalizing_never_needs_more_than_the_reserved_memory(text in any::<String>()) {
            if let Some(normal) = bytes(&text) {
                prop_assert!(normal.len() <= 3 * text.len());
            }
        }
    }
}
