//! The rule for a line of text that a person types (ID-4), and the common part of the text types.

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use crate::error::RuleViolation;

/// The largest number of code points of a line.
pub const MAX_LINE: usize = 100;

pub(super) const EMPTY: RuleViolation = RuleViolation::new("empty", "Must not be empty");
const TOO_LONG: RuleViolation = RuleViolation::new("too_long", "Must have at most 100 characters");
pub(super) const FORBIDDEN: RuleViolation = RuleViolation::new(
    "forbidden_character",
    "Must not contain control characters or marks that change the direction of writing",
);

/// A new type over a text. Serde reads and writes it as a plain string and checks nothing, because a document of the
/// older service must stay readable even if today's rules refuse its values. The default is the empty text, which such a
/// document may have in place of a name.
macro_rules! text_type {
    ($(#[$meta:meta])+ $name:ident) => {
        $(#[$meta])+
        #[derive(
            Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize,
            serde::Deserialize,
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

/// `text` without the invisible characters at its ends: blanks, line breaks, and characters that keyboards and
/// clipboards leave there (Unicode `White_Space` and `Cf`: direction marks, zero-width characters, soft hyphen, BOM).
#[must_use]
pub fn trim_invisible(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_format(c))
}

/// Whether `text` has only blanks and format characters; such a field counts as absent.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    trim_invisible(text).is_empty()
}

/// Reads a line of 1 to 100 code points: in NFC, without blanks at its ends. Composed and decomposed spellings become
/// one text (TXT-1).
///
/// # Errors
/// `empty` (no visible character), `too_long` or `forbidden_character`.
pub fn parse_line(typed: &str) -> Result<String, RuleViolation> {
    parse_line_up_to(MAX_LINE, TOO_LONG, typed)
}

/// [`parse_line`] with another limit of code points, and its violation.
pub(super) fn parse_line_up_to(
    limit: usize,
    too_long: RuleViolation,
    typed: &str,
) -> Result<String, RuleViolation> {
    let line = trim_invisible(typed);
    if line.chars().any(is_forbidden) {
        return Err(FORBIDDEN);
    }
    if line.chars().all(is_invisible) {
        return Err(EMPTY);
    }
    let line: String = line.nfc().collect();
    if line.chars().count() > limit {
        return Err(too_long);
    }
    Ok(line)
}

/// Drops the invisible characters at the ends and makes lower case, so that names can be compared. A character outside
/// ASCII never becomes an ASCII one: the Kelvin sign (U+212A), whose lower case is `k`, does not change (ID-1,
/// CVE-2019-19844).
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in trim_invisible(text).chars() {
        let mut lower = c.to_lowercase();
        if c.is_ascii() || lower.len() > 1 || !lower.all(|l| l.is_ascii()) {
            folded.extend(c.to_lowercase());
        } else {
            folded.push(c);
        }
    }
    folded
}

/// Characters that a line may not contain.
pub(super) fn is_forbidden(c: char) -> bool {
    breaks_line(c) || turns_direction(c)
}

/// Control characters, line and paragraph separators.
pub(super) fn breaks_line(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Characters that change or mark the direction of writing.
pub(super) fn turns_direction(c: char) -> bool {
    matches!(c,
        '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Unicode `Cf`: invisible format characters.
pub(super) fn is_format(c: char) -> bool {
    // ASCII, which is in every text, needs no look into the table.
    !c.is_ascii() && c.general_category() == GeneralCategory::Format
}

/// White space, format characters, and other invisible characters.
pub(super) fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || is_format(c)
        || matches!(c,
            '\u{034F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{2800}'
            | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FFA0}' | '\u{E0100}'..='\u{E01EF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_ends_are_every_blank_and_every_format_character() {
        // Another library's table of Unicode.
        let dropped = regex::Regex::new(r"^[\p{White_Space}\p{Cf}]$").unwrap();
        for c in (0..=0x10_FFFF).filter_map(char::from_u32) {
            let text = c.to_string();
            assert_eq!(is_blank(&text), dropped.is_match(&text), "{c:?}");
        }
        assert_eq!(
            trim_invisible("\u{feff} a\u{ad}b\u{200b}\r\n\u{2060}"),
            "a\u{ad}b"
        );
    }

    #[test]
    fn composed_and_decomposed_are_one_line() {
        assert_eq!(parse_line("Zoe\u{308}"), Ok("Zo\u{eb}".to_owned()));
        assert_eq!(parse_line(&"e\u{301}".repeat(100)), Ok("é".repeat(100)));
        assert_eq!(parse_line(&"e\u{301}".repeat(101)), Err(TOO_LONG));
    }

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
    fn an_invisible_line_is_empty() {
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
    fn control_characters_are_refused_everywhere() {
        for c in "\0\u{1}\u{8}\u{1b}\u{1f}\u{7f}\u{80}\u{9f}".chars() {
            for text in [format!("a{c}b"), format!("{c}ab"), format!("ab{c}")] {
                assert_eq!(parse_line(&text), Err(FORBIDDEN), "{text:?}");
            }
        }
    }

    #[test]
    fn line_breaks_and_direction_marks_are_only_dropped_at_the_ends() {
        for c in
            "\r\n\t\u{85}\u{61c}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202e}\u{2066}\u{2069}"
                .chars()
        {
            assert_eq!(parse_line(&format!("a{c}b")), Err(FORBIDDEN), "{c:?}");
            let around = format!("{c}{c} ab{c}");
            assert_eq!(parse_line(&around), Ok("ab".to_owned()), "{c:?}");
        }
    }

    #[test]
    fn joiners_inside_a_name_stay() {
        assert_eq!(parse_line("می\u{200c}نا"), Ok("می\u{200c}نا".to_owned()));
    }

    #[test]
    fn folding_never_makes_other_characters_ascii() {
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
            prop_assert!(trim_invisible(&text).is_ascii() || !fold(&text).is_ascii());
        }
    }
}
