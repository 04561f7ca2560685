//! The rule for a line of text that a person types (ID-4), and what the text types have in common.

use crate::error::Fault;

/// Code points that a line of text has at most.
pub const MAX_LINE: usize = 100;

const EMPTY: Fault = Fault::new("empty", "Must not be empty");
const TOO_LONG: Fault = Fault::new("too_long", "Must have at most 100 characters");
const FORBIDDEN: Fault = Fault::new(
    "forbidden_character",
    "Must not contain control characters or marks that change the direction of writing",
);

/// A new type over a text. Serde reads and writes it as a plain string and checks nothing: a
/// document of the older service must stay readable, whatever the rules say of its values today.
macro_rules! text_type {
    ($(#[$meta:meta])+ $name:ident) => {
        $(#[$meta])+
        #[derive(
            Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}
pub(crate) use text_type;

/// `typed` without the white space around it, if it is a line of 1 to 100 code points.
///
/// # Errors
/// `empty` (nothing that one can see), `too_long`, or `forbidden_character`.
pub fn parse_line(typed: &str) -> Result<String, Fault> {
    parse_line_up_to(MAX_LINE, TOO_LONG, typed)
}

/// [`parse_line`] with another limit of code points, and the fault that says so.
pub(super) fn parse_line_up_to(
    limit: usize,
    too_long: Fault,
    typed: &str,
) -> Result<String, Fault> {
    // Looked for before trimming, which would drop a line break at the end without a word.
    if typed.chars().any(is_forbidden) {
        return Err(FORBIDDEN);
    }
    if typed.chars().all(is_invisible) {
        return Err(EMPTY);
    }
    let line = typed.trim();
    if line.chars().count() > limit {
        return Err(too_long);
    }
    Ok(line.to_owned())
}

/// Trims and lower-cases, for comparing names. A spelling outside ASCII never becomes an ASCII one:
/// the Kelvin sign (U+212A), whose lower case is `k`, stays what it is (ID-1, CVE-2019-19844).
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.trim().chars() {
        let mut lower = c.to_lowercase();
        if c.is_ascii() || lower.len() > 1 || !lower.all(|l| l.is_ascii()) {
            folded.extend(c.to_lowercase());
        } else {
            folded.push(c);
        }
    }
    folded
}

/// Control characters, line and paragraph separators, and what turns the direction of writing.
pub(super) fn is_forbidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061C}' | '\u{200E}' | '\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}')
}

/// White space and the usual characters that draw nothing.
fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{115F}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2064}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_is_trimmed_and_counted_in_code_points() {
        assert_eq!(
            parse_line("  Zoë van der Berg "),
            Ok("Zoë van der Berg".to_owned())
        );
        assert!(parse_line(&"é".repeat(100)).is_ok());
        assert_eq!(parse_line(&"é".repeat(101)), Err(TOO_LONG));
    }

    #[test]
    fn a_line_that_shows_nothing_is_empty() {
        for blank in [
            "",
            "   ",
            "\u{3000}",
            "\u{200B}\u{FEFF}",
            " \u{2800} ",
            "\u{200D}",
        ] {
            assert_eq!(parse_line(blank), Err(EMPTY), "{blank:?}");
        }
    }

    #[test]
    fn control_and_direction_characters_are_refused_wherever_they_stand() {
        for c in "\0\r\n\t\u{1b}\u{7f}\u{85}\u{61c}\u{200e}\u{200f}\u{2028}\u{202a}\u{202e}\u{2066}\u{2069}".chars() {
            for text in [format!("a{c}b"), format!("{c}ab"), format!("ab{c}")] {
                assert_eq!(parse_line(&text), Err(FORBIDDEN), "{text:?}");
            }
        }
    }

    #[test]
    fn joiners_inside_a_name_stay() {
        assert_eq!(parse_line("می\u{200c}نا"), Ok("می\u{200c}نا".to_owned()));
    }

    #[test]
    fn folding_never_makes_ascii_of_something_else() {
        assert_eq!(fold(" ANNA.Müller "), "anna.müller");
        assert_eq!(fold("\u{212A}ate"), "\u{212A}ate");
        assert_eq!(fold("ÄK"), "äk");
    }

    proptest! {
        #[test]
        fn a_line_is_its_own_line(text in "\\PC*") {
            if let Ok(once) = parse_line(&text) {
                prop_assert_eq!(parse_line(&once), Ok(once.clone()));
            }
        }

        #[test]
        fn folding_twice_is_folding_once(text in any::<String>()) {
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }

        #[test]
        fn only_ascii_folds_to_ascii(text in any::<String>()) {
            prop_assert!(text.trim().is_ascii() || !fold(&text).is_ascii());
        }
    }
}
