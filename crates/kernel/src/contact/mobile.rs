//! Telephone numbers (ID-4).

use std::ops::RangeInclusive;

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use crate::{
    error::RuleViolation,
    text::{breaks_line, is_format, text_type, trim_invisible, turns_direction},
};

/// The largest number of characters of a telephone number, as typed.
const MAX_MOBILE: usize = 40;
/// How many digits a telephone number has (ITU-T E.164), without the `+` or its substitute.
const DIGITS: RangeInclusive<usize> = 4..=15;

const MOBILE_INVALID: RuleViolation = RuleViolation::new(
    "mobile_invalid",
    "Must be a telephone number: 4 to 15 digits, with blanks, dashes, dots, slashes and parentheses, after a + if any",
);

text_type! {
    /// A telephone number as it was typed, without blanks at its ends.
    Mobile
}

impl Mobile {
    /// Reads a number as people write it (ID-4): 4 to 15 digits of any keyboard, with blanks, dashes, dots, slashes and
    /// parentheses of any kind between them, after an optional `+`; at most 40 characters. Invisible characters are
    /// ignored. The number is kept as typed, without invisible characters at its ends and without those that would show
    /// its digits in another order.
    pub fn parse(typed: &str) -> Result<Self, RuleViolation> {
        let number: String = trim_invisible(typed)
            .chars()
            .filter(|&c| !turns_direction(c))
            .collect();
        let is_written = |c| is_plus(c) || digit(c).is_some() || is_separator(c);
        let before_digits = number.find(|c| digit(c).is_some()).unwrap_or_default();
        let pluses = number.matches(is_plus).count();
        let is_number = number.chars().count() <= MAX_MOBILE
            && number.chars().all(is_written)
            && pluses == number[..before_digits].matches(is_plus).count()
            && pluses <= 1
            && DIGITS.contains(&digits(&number).len());
        if is_number {
            Ok(Self(number))
        } else {
            Err(MOBILE_INVALID)
        }
    }
}

/// The digits of a telephone number as `0` to `9`, for comparing two spellings of it. In an international number, `+`
/// and `00` mean the same and are dropped, and so is the `(0)` that is dialled only inside the country.
pub fn digits(number: &str) -> String {
    let mut plain = String::with_capacity(number.len());
    for c in number.chars() {
        match c {
            '(' | '（' => plain.push('('),
            ')' | '）' => plain.push(')'),
            c if is_plus(c) => plain.push('+'),
            c => plain.extend(digit(c)),
        }
    }
    let dialled = plain.trim_start_matches(['(', ')']);
    let is_international = dialled.starts_with('+') || dialled.starts_with("00");
    if is_international {
        plain = plain.replacen("(0)", "", 1);
    }
    plain.retain(|c| c.is_ascii_digit());
    match plain.strip_prefix("00") {
        Some(rest) if is_international => rest.to_owned(),
        _ => plain,
    }
}

/// Splits the digits of an international number into country and number inside that country (ITU-T E.164). The codes of
/// one and two digits are listed; all others have three.
pub fn split_country(digits: &str) -> (&str, &str) {
    let two = digits.get(..2).and_then(|code| code.parse::<u8>().ok());
    let length = match (digits.as_bytes().first(), two) {
        (Some(b'1' | b'7'), _) => 1,
        (
            _,
            Some(
                20
                | 27
                | 30..=34
                | 36
                | 39..=41
                | 43..=49
                | 51..=58
                | 60..=66
                | 81
                | 82
                | 84
                | 86
                | 90..=95
                | 98,
            ),
        ) => 2,
        _ => 3,
    };
    digits.split_at(length.min(digits.len()))
}

/// The zeros of the digits on people's keyboards; the other nine digits follow each zero.
const ZEROS: [char; 13] = [
    '0', '\u{0660}', // Arabic
    '\u{06F0}', // Persian, Urdu
    '\u{0966}', // Devanagari
    '\u{09E6}', // Bengali
    '\u{0A66}', // Gurmukhi
    '\u{0AE6}', // Gujarati
    '\u{0BE6}', // Tamil
    '\u{0C66}', // Telugu
    '\u{0CE6}', // Kannada
    '\u{0D66}', // Malayalam
    '\u{0E50}', // Thai
    '\u{FF10}', // full-width
];

/// The value `0` to `9` of a digit of some keyboard.
pub fn digit(c: char) -> Option<char> {
    ZEROS.iter().find_map(|&zero| {
        let value = u32::from(c).checked_sub(u32::from(zero))?;
        char::from_digit(value, 10)
    })
}

fn is_plus(c: char) -> bool {
    matches!(c, '+' | '＋')
}

/// Blanks, dashes, dots, slashes, parentheses, and invisible characters.
fn is_separator(c: char) -> bool {
    let is_blank = c.is_whitespace() && !breaks_line(c);
    let is_dash = c.general_category() == GeneralCategory::DashPunctuation;
    // Minus signs, and the dashes of a Japanese keyboard.
    let is_like_a_dash = matches!(c, '\u{2212}' | '\u{2043}' | 'ー' | 'ｰ');
    let is_dot = matches!(c, '.' | '．' | '·' | '・' | '･');
    let is_slash = matches!(c, '/' | '／' | '\u{2044}' | '\u{2215}');
    let is_parenthesis = matches!(c, '(' | ')' | '（' | '）' | '[' | ']');
    is_blank || is_dash || is_like_a_dash || is_dot || is_slash || is_parenthesis || is_format(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_mobile_number_is_kept_as_typed() {
        for good in [
            "+49 (170) 123-4567",
            "1120",
            "+1234",
            "079.123/45–67",
            "＋８１（０）９０１２３４",
        ] {
            assert_eq!(Mobile::parse(good).unwrap().as_str(), good);
            let around = format!("\u{202a} {good}\u{202c}\n");
            assert_eq!(Mobile::parse(&around).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "123",
            "+12 3",
            "++1234",
            "12+34",
            "1234+",
            "12345678901234567",
            "12a45",
            "12\n34",
            "1234\0",
            "( - )",
            "①②③④",
        ] {
            assert_eq!(Mobile::parse(bad), Err(MOBILE_INVALID), "{bad:?}");
        }
        assert!(Mobile::parse(&format!("0{}123", "-".repeat(36))).is_ok());
        assert!(Mobile::parse(&format!("0{}123", "-".repeat(37))).is_err());
    }

    #[test]
    fn the_spellings_of_one_number_have_the_same_digits() {
        for (spellings, expected) in [
            (
                "+49 170 1234567|0049 170 1234567|+49 (0) 170/123 45 67|(+49) 170-1234567|0049 (0)170.1234567",
                "491701234567",
            ),
            (
                "0170/1234567|(0170) 123 45 67|０１７０−１２３４５６７|٠١٧٠ ١٢٣٤٥٦٧|०१७०१२३४५६७",
                "01701234567",
            ),
            ("(0)170 1234567", "01701234567"),
            (
                "＋８１（０）９０・１２３４・５６７８|+81\u{200b}90ー1234ー5678",
                "819012345678",
            ),
        ] {
            for typed in spellings.split('|') {
                assert_eq!(
                    digits(Mobile::parse(typed).unwrap().as_str()),
                    expected,
                    "{typed}"
                );
            }
        }
        assert_eq!(digits("no number"), "");
    }

    #[test]
    fn every_digit_of_a_keyboard_has_its_value() {
        for zero in ZEROS {
            let all = (0..10).filter_map(|n| char::from_u32(u32::from(zero) + n));
            let all: String = all.collect();
            assert_eq!(digits(&format!("1{all}")), "10123456789");
            assert!(all.chars().all(char::is_numeric));
        }
    }

    #[test]
    fn direction_marks_are_removed_from_a_number() {
        let number = Mobile::parse("+49\u{202e}170\u{202c} 123\u{200f}4567").unwrap();
        assert_eq!(number.as_str(), "+49170 1234567");
    }

    proptest! {
        #[test]
        fn reading_never_panics_and_keeps_the_digits(typed in "[\\PC0-9+() -]{0,50}") {
            if let Ok(number) = Mobile::parse(&typed) {
                prop_assert!(DIGITS.contains(&digits(number.as_str()).len()));
                prop_assert_eq!(digits(number.as_str()), digits(&typed));
                prop_assert_eq!(Mobile::parse(number.as_str()), Ok(number.clone()));
            }
        }
    }
}
