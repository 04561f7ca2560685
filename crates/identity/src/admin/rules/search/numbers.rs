//! The form of telephone numbers in a search: digits, with or without the country.

use unicode_normalization::UnicodeNormalization;

use crate::admin::rules::search::{is_joint, is_mark};
use kernel::contact::digit;

/// From this number of digits on, a number contains its country, even if nothing marks it.
const WITH_COUNTRY: usize = 11;

/// Digits, and the characters that people write between them.
fn is_of_number(c: char) -> bool {
    digit(c).is_some()
        || c.is_whitespace()
        || is_mark(c)
        || "+().[]/".contains(c)
        || (is_joint(c) && c != '\'')
}

pub(crate) fn is_number(word: &str) -> bool {
    word.nfkc().all(is_of_number)
}

/// The digits of a number, and whether its country is written before it.
fn digits_of(number: &str) -> (String, bool) {
    let number = number.nfkc().filter(|c| !is_mark(*c));
    let number: String = number.map(|c| digit(c).unwrap_or(c)).collect();
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let is_international = number.trim_start().starts_with('+') || digits.starts_with("00");
    (digits, is_international)
}

/// Drops leading zeros: countries and their numbers begin with none, but inside a country a zero is dialled first.
fn without_zeros(digits: &str) -> &str {
    digits.trim_start_matches('0')
}

/// Splits an international number without its zeros into country and number inside that country (ITU-T E.164).
fn split_country(digits: &str) -> (&str, &str) {
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
    let (country, rest) = digits.split_at(length.min(digits.len()));
    (country, without_zeros(rest))
}

/// The forms of a stored number that a typed one can match: inside its country, and with the country if it is known.
pub(crate) fn numbers(stored: &str) -> Vec<String> {
    let (digits, is_international) = digits_of(stored);
    let plain = without_zeros(&digits);
    let (country, rest) = split_country(plain);
    let numbers = if is_international {
        vec![format!("{country}{rest}"), rest.to_owned()]
    } else if digits.len() >= WITH_COUNTRY && !digits.starts_with('0') {
        vec![plain.to_owned(), rest.to_owned()]
    } else {
        vec![plain.to_owned()]
    };
    numbers
        .into_iter()
        .filter(|number| !number.is_empty())
        .collect()
}

/// The typed number without leading zeros. An international number also loses its country, unless only the country was
/// typed.
pub(crate) fn number(typed: &str) -> Option<String> {
    let (digits, is_international) = digits_of(typed);
    let plain = without_zeros(&digits);
    let (country, rest) = split_country(plain);
    let number = match (is_international, rest) {
        (true, "") => country,
        (true, rest) => rest,
        (false, _) => plain,
    };
    (!number.is_empty()).then(|| number.to_owned())
}

/// The digits at the start of a username, an address or a word; a caller who types them seems to type a number.
pub(crate) fn leading_number(word: &str) -> Option<String> {
    let begins = word.starts_with(|c: char| c.is_ascii_digit());
    let end = word.find(|c: char| !is_of_number(c)).unwrap_or(word.len());
    number(&word[..end]).filter(|_| begins)
}
