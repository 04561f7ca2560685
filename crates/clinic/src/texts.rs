//! Texts of several lines that people type: complaints, notes, parts of a report.

use kernel::{
    error::RuleViolation,
    text::{breaks_line, trim_invisible, turns_direction},
};
use unicode_normalization::UnicodeNormalization;

/// The violation of a text with characters that it must not contain.
pub const FORBIDDEN: RuleViolation = RuleViolation::new(
    "forbidden_character",
    "Must not contain control characters or marks that change the direction of writing",
);

/// The violation of a change that changes nothing.
pub const NOTHING_TO_CHANGE: RuleViolation =
    RuleViolation::new("empty", "At least one field is required");

/// Reads a text of at most `limit` code points, which may be empty: in NFC, without blanks at its ends, its lines ended
/// by `\n` alone.
///
/// # Errors
/// `too_long`, or `forbidden_character` for a control character other than line breaks and tabs.
pub fn parse_text(
    limit: usize,
    too_long: RuleViolation,
    typed: &str,
) -> Result<String, RuleViolation> {
    let text: String = clean(typed)?;
    if text.chars().count() > limit {
        return Err(too_long);
    }
    Ok(text)
}

/// [`parse_text`] without a limit of its own, for the parts of a text that is limited as a whole.
pub fn clean(typed: &str) -> Result<String, RuleViolation> {
    let text = trim_invisible(typed)
        .replace("\r\n", "\n")
        .replace('\r', "\n");
    if text.chars().any(is_forbidden) {
        return Err(FORBIDDEN);
    }
    Ok(text.nfc().collect())
}

fn is_forbidden(c: char) -> bool {
    let control = breaks_line(c) && !matches!(c, '\n' | '\t' | '\u{2028}' | '\u{2029}');
    // A text in Hebrew or Arabic needs the plain marks; those that turn whole passages stay forbidden.
    let turns = turns_direction(c) && !matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}');
    control || turns
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOO_LONG: RuleViolation = RuleViolation::new("too_long", "too long");

    fn parse(typed: &str) -> Result<String, &'static str> {
        parse_text(5, TOO_LONG, typed).map_err(|violation| violation.kind)
    }

    #[test]
    fn a_text_keeps_its_lines_and_loses_its_ends() {
        assert_eq!(parse(" \u{feff}a\r\n\tb \n"), Ok("a\n\tb".to_owned()));
        assert_eq!(parse("a\r\nb\rc\n"), Ok("a\nb\nc".to_owned()));
        assert_eq!(parse(" \u{3000}\n"), Ok(String::new()));
    }

    // CON-6
    #[test]
    fn a_text_is_counted_in_composed_code_points() {
        assert_eq!(parse(&"e\u{301}".repeat(5)), Ok("é".repeat(5)));
        assert_eq!(parse(&"é".repeat(6)), Err("too_long"));
        assert_eq!(parse(&"😀".repeat(5)), Ok("😀".repeat(5)));
    }

    #[test]
    fn control_characters_and_turned_passages_are_refused() {
        for c in "\0\u{1b}\u{7f}\u{85}\u{202e}\u{2066}".chars() {
            assert_eq!(
                parse(&format!("a{c}b")),
                Err("forbidden_character"),
                "{c:?}"
            );
        }
        assert!(parse("א\u{200f}!").is_ok());
    }
}
