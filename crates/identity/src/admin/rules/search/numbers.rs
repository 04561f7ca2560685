//! The form of telephone numbers in a search: digits, with or without the country.

use unicode_normalization::UnicodeNormalization;

use kernel::{
    contact::{digit, split_country},
    folding::{is_apostrophe, is_hyphen, is_mark},
};

/// From this number of digits on, a number contains its country, even if nothing marks it.
const WITH_COUNTRY: usize = 11;

/// Digits, and the characters that people write between them.
fn is_of_number(c: char) -> bool {
    digit(c).is_some()
        || c.is_whitespace()
        || is_mark(c)
        || "+().[]/".contains(c)
        || is_hyphen(c)
        || (is_apostrophe(c) && c != '\'')
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

/// The country of an international number without its zeros, and the number inside that country without its own.
fn parts(digits: &str) -> (&str, &str) {
    let (country, rest) = split_country(digits);
    (country, without_zeros(rest))
}

/// The forms of a stored number that a typed one can match: inside its country, and with the country if it is known.
pub(crate) fn numbers(stored: &str) -> Vec<String> {
    let (digits, is_international) = digits_of(stored);
    let plain = without_zeros(&digits);
    let (country, rest) = parts(plain);
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
    let (country, rest) = parts(plain);
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
