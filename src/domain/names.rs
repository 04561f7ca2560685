//! The names of people and devices (ID-4).

use crate::error::RuleViolation;

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use super::text::{
    EMPTY, FORBIDDEN, MAX_LINE, breaks_line, is_forbidden, parse_line, text_type, trim_invisible,
};

text_type! {
    /// A first or last name: a line of 1 to 100 code points.
    PersonName
}

text_type! {
    /// A last name of 0 to 100 code points; a person who signed up with one word has an empty one.
    LastName
}

text_type! {
    /// The name that a client gives its device: a line of 1 to 100 code points.
    DeviceName
}

impl PersonName {
    /// Reads a name.
    pub fn parse(typed: &str) -> Result<Self, RuleViolation> {
        parse_line(typed).map(Self)
    }
}

impl LastName {
    /// Reads a last name. A blank one is allowed and becomes empty.
    ///
    /// # Errors
    /// `too_long` or `forbidden_character`.
    pub fn parse(typed: &str) -> Result<Self, RuleViolation> {
        match parse_line(typed) {
            Ok(name) => Ok(Self(name)),
            Err(EMPTY) => Ok(Self::none()),
            Err(violation) => Err(violation),
        }
    }

    /// The last name of a person who has none.
    #[must_use]
    pub const fn none() -> Self {
        Self(String::new())
    }
}

impl DeviceName {
    /// Makes a device name of any text, because a login must not fail for an odd name, which is only shown. It is in
    /// NFC, without control and direction characters, and cut to 100 code points at the end of a visible character.
    /// `None` if nothing is left.
    #[must_use]
    pub fn of(typed: &str) -> Option<Self> {
        let shown = typed.chars().filter(|&c| !is_forbidden(c));
        let shown: String = shown.nfc().collect();
        let name = trim_invisible(cut(trim_invisible(&shown), MAX_LINE));
        (!name.is_empty()).then(|| Self(name.to_owned()))
    }
}

/// The longest beginning of `text` with at most `limit` code points that ends with a complete grapheme; if even the
/// first grapheme is too long, it is cut.
fn cut(text: &str, limit: usize) -> &str {
    let Some((most, _)) = text.char_indices().nth(limit) else {
        return text;
    };
    let ends = text
        .grapheme_indices(true)
        .map(|(start, grapheme)| start + grapheme.len());
    match ends.take_while(|&end| end <= most).last() {
        Some(end) => &text[..end],
        None => &text[..most],
    }
}

/// Splits a full name: the first word is the first name, the rest the last name, which may be empty.
pub fn split_full_name(typed: &str) -> Result<(PersonName, LastName), RuleViolation> {
    let typed = trim_invisible(typed);
    // A line break is not allowed, so it does not count as a space.
    if typed.chars().any(breaks_line) {
        return Err(FORBIDDEN);
    }
    match typed.split_once(char::is_whitespace) {
        Some((first, rest)) => Ok((PersonName::parse(first)?, LastName::parse(rest)?)),
        None => Ok((PersonName::parse(typed)?, LastName::none())),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(typed: &str) -> Option<(String, String)> {
        let (first, last) = split_full_name(typed).ok()?;
        Some((first.into(), last.into()))
    }

    #[test]
    fn the_first_word_is_the_first_name_and_the_rest_the_last() {
        let expected = Some(("Anna".to_owned(), "Maria  van Dyck".to_owned()));
        assert_eq!(split("  Anna   Maria  van Dyck "), expected);
    }

    #[test]
    fn one_word_leaves_the_last_name_empty() {
        assert_eq!(
            split("Madonna"),
            Some(("Madonna".to_owned(), String::new()))
        );
    }

    #[test]
    fn a_full_name_obeys_the_rule_of_names() {
        assert_eq!(split("   "), None);
        assert_eq!(split("Anna\nMeier"), None);
        assert_eq!(split("Anna\u{2028} Meier"), None);
        assert_eq!(split(&format!("{} Meier", "a".repeat(101))), None);
        assert_eq!(split(&format!("Anna {}", "b".repeat(101))), None);
    }

    #[test]
    fn an_invisible_last_name_becomes_empty() {
        for blank in ["", " ", "\n", "\u{200f}\u{200b}", "\u{2800}"] {
            assert_eq!(LastName::parse(blank), Ok(LastName::none()), "{blank:?}");
            assert_eq!(split(&format!("Madonna {blank}")), split("Madonna"));
        }
        assert_eq!(LastName::parse("a\u{202e}b"), Err(FORBIDDEN));
    }

    #[test]
    fn direction_marks_around_either_word_are_dropped() {
        let expected = Some(("דוד".to_owned(), "לוי".to_owned()));
        assert_eq!(split("\u{200f}דוד\u{200f} \u{200f}לוי\u{200f}\n"), expected);
    }

    #[test]
    fn any_text_makes_a_device_name_or_none() {
        let of = |typed: &str| DeviceName::of(typed).map(String::from);
        assert_eq!(of("  "), None);
        assert_eq!(of("\0\u{200f}\u{1b}"), None);
        assert_eq!(of(" Ward 3\n").as_deref(), Some("Ward 3"));
        assert_eq!(of(&"x".repeat(101)), Some("x".repeat(100)));
    }

    #[test]
    fn a_device_name_is_cut_where_a_character_ends() {
        let of = |typed: &str| DeviceName::of(typed).map(String::from);
        let before = "x".repeat(97);
        assert_eq!(of(&format!("{before}👩\u{200d}👧\u{200d}👦")), Some(before));
        assert_eq!(
            of(&format!("a{}", "\u{323}".repeat(200))).map(|it| it.chars().count()),
            Some(100)
        );
    }

    #[test]
    fn a_name_is_a_plain_string_in_a_document() {
        let name = PersonName::parse("Zoë").unwrap();
        assert_eq!(serde_json::to_string(&name).unwrap(), "\"Zoë\"");
    }

    proptest! {
        #[test]
        fn a_device_name_is_its_own_device_name(typed in any::<String>()) {
            let once = DeviceName::of(&typed);
            prop_assert!(once.as_ref().is_none_or(|name| name.as_str().chars().count() <= MAX_LINE));
            prop_assert_eq!(once.as_ref().and_then(|name| DeviceName::of(name.as_str())), once);
        }

        #[test]
        fn splitting_and_joining_a_name_keeps_it(typed in any::<String>()) {
            if let Ok((first, last)) = split_full_name(&typed) {
                prop_assert_eq!(split_full_name(&format!("{first} {last}")), Ok((first, last)));
            }
        }
    }
}
