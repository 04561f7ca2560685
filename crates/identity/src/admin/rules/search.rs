//! The search terms of people: words without case, accents and apostrophes, and telephone digits (TXT-1).
//!
//! An account stores the beginnings of its words. A typed word is looked up by equality with one of them, which every
//! store can answer from an index. Both sides are folded here, in the same way.

mod numbers;

use std::collections::BTreeSet;

use self::numbers::{is_number, leading_number, number, numbers};
use crate::{accounts::documents::User, admin::rules::filter::SearchText};
use kernel::{
    contact::Mobile,
    folding::{fold, is_apostrophe, is_gapless, is_hyphen, spellings},
    person::Person,
    username::Username,
};

/// The lengths of the stored beginnings of a word; the full word is stored as well.
const STEPS: [usize; 5] = [1, 2, 3, 5, 8];
/// The mark before telephone digits, so that callers who may not see them cannot find them.
const NUMBER: char = '#';

/// The terms of an account, as its document contains them.
#[must_use]
pub fn terms_of(user: &User) -> Vec<String> {
    let Person { names, contact, .. } = &user.person;
    let spoken = names.spoken();
    let parts: Vec<&str> = spoken
        .iter()
        .flat_map(|name| name.split_whitespace())
        .collect();
    let mut words: BTreeSet<String> = parts.iter().copied().flat_map(forms).collect();
    if spoken.iter().any(|name| name.chars().any(is_gapless)) {
        let mut backwards = spoken;
        backwards.reverse();
        words.extend([spoken, backwards].map(|names| fold(&names.concat())));
    }
    let ids = [
        Some(user.user_id.as_str()),
        Some(contact.email.canonical()),
        Some(contact.email.display()),
        names.username.as_ref().map(Username::as_str),
    ];
    words.extend(ids.into_iter().flatten().map(fold));
    let mobile = contact.mobile.as_ref().map(Mobile::as_str);
    let mobile = mobile.map(numbers).unwrap_or_default();
    let others = parts.into_iter().chain(ids.into_iter().flatten());
    let numbers = mobile.into_iter().chain(others.filter_map(leading_number));
    let terms: BTreeSet<String> = words
        .iter()
        .flat_map(|word| beginnings(word, ""))
        .chain(numbers.flat_map(|digits| beginnings(&digits, &NUMBER.to_string())))
        .collect();
    terms.into_iter().collect()
}

/// A typed term; an account matches if one of its words or numbers begins with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term(String);

impl Term {
    /// The stored beginning that every matching account has.
    #[must_use]
    pub fn key(&self) -> &str {
        let mark = usize::from(self.0.starts_with(NUMBER));
        let length = self.length();
        let step = STEPS
            .iter()
            .rev()
            .find(|step| **step <= length)
            .unwrap_or(&0)
            + mark;
        let end = self
            .0
            .char_indices()
            .nth(step)
            .map_or(self.0.len(), |(at, _)| at);
        &self.0[..end]
    }

    /// The full term, if it is longer than its [`key`](Self::key).
    #[must_use]
    pub fn rest(&self) -> Option<&str> {
        (!STEPS.contains(&self.length())).then_some(&self.0)
    }

    fn length(&self) -> usize {
        self.0.trim_start_matches(NUMBER).chars().count()
    }
}

/// The terms of a search, the longest first; each term must match. `None` if nothing can match, because a typed word
/// has no character that counts. With `with_numbers`, telephone numbers are searched, for callers who may see them.
#[must_use]
pub fn terms_in(typed: &SearchText, with_numbers: bool) -> Option<Vec<Term>> {
    let mut terms: Vec<String> = Vec::new();
    let mut number = String::new();
    for word in typed.as_str().split_whitespace() {
        if with_numbers && is_number(word) {
            number = format!("{number} {word}");
            continue;
        }
        terms.extend(terms_of_number(&std::mem::take(&mut number))?);
        terms.push(term_of_word(word)?);
    }
    terms.extend(terms_of_number(&number)?);
    terms.sort_by_key(|term| std::cmp::Reverse(term.chars().count()));
    let mut kept: Vec<Term> = Vec::new();
    for term in terms {
        // An account that matches the longer term matches this one too.
        if !kept.iter().any(|longer| longer.0.starts_with(&term)) {
            kept.push(Term(term));
        }
    }
    Some(kept)
}

/// Words that look like a telephone number become one term; without a digit that counts, they stay words.
fn terms_of_number(words: &str) -> Option<Vec<String>> {
    match number(words) {
        Some(digits) => Some(vec![format!("{NUMBER}{digits}")]),
        None => words.split_whitespace().map(term_of_word).collect(),
    }
}

fn term_of_word(word: &str) -> Option<String> {
    let folded = fold(word.trim_end_matches(is_stop));
    // Only the service's own mark makes a term a number.
    (!folded.is_empty() && !folded.starts_with(NUMBER)).then_some(folded)
}

/// The spellings of a word of a name: the parts around hyphens and apostrophes, and the full word; each with umlauts as
/// one letter and as two.
fn forms(word: &str) -> Vec<String> {
    let word = word.trim_end_matches(is_stop);
    let bare = word.trim_matches(is_bracket);
    let is_joint = |c| is_hyphen(c) || is_apostrophe(c);
    let parts = word.split(is_joint).chain([word, bare]);
    parts.flat_map(spellings).collect()
}

/// Punctuation that may follow a word.
const fn is_stop(c: char) -> bool {
    matches!(c, ',' | ';' | '.')
}

/// Brackets and quotes around a nickname.
const fn is_bracket(c: char) -> bool {
    matches!(
        c,
        '(' | ')' | '[' | ']' | '"' | '\u{201C}'..='\u{201F}' | '«' | '»'
    )
}

/// The stored beginnings of a word, each after `mark`.
fn beginnings(word: &str, mark: &str) -> Vec<String> {
    let steps = STEPS
        .iter()
        .filter_map(|step| word.char_indices().nth(*step));
    let beginnings = steps.map(|(end, _)| &word[..end]).chain([word]);
    beginnings.map(|begin| format!("{mark}{begin}")).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn user(first: &str, last: &str, mobile: &str) -> User {
        let row = bson::doc! {
            "_id": "PAT01234567", "user_id": "PAT01234567", "email": "x@y.org", "user_type": "patient",
            "first_name": first, "last_name": last, "mobile": mobile, "is_verified": true, "status": "active",
        };
        bson::deserialize_from_document(row).unwrap()
    }

    fn finds(typed: &str, user: &User) -> bool {
        let Some(text) = SearchText::parse(typed).unwrap() else {
            return true;
        };
        let stored = terms_of(user);
        let has = |term: &Term| {
            let rest = term.rest();
            let begins = rest.is_none_or(|rest| stored.iter().any(|own| own.starts_with(rest)));
            stored.iter().any(|own| own == term.key()) && begins
        };
        terms_in(&text, true).is_some_and(|terms| terms.iter().all(has))
    }

    #[test]
    fn numbers_are_compared_inside_their_country() {
        for (stored, typed) in [
            ("+41 79 123 45 67", "079 123"),
            ("+41 79 123 45 67", "+41 (0)79 1"),
            ("079 123 45 67", "+41 79 123"),
            ("0041791234567", "41791"),
            ("41791234567", "+41 79"),
            ("+1 (555) 010-0199", "555.010"),
            ("+972 50 123 4567", "050-123"),
            ("112", "112"),
            ("+41 79 123 45 67", "+4"),
        ] {
            assert!(finds(typed, &user("A", "B", stored)), "{typed} {stored}");
        }
        for (stored, typed) in [
            ("+41 79 123 45 67", "123"),
            ("+41 79 123 45 67", "+41 79 124"),
            ("079 123 45 67", "41"),
        ] {
            assert!(!finds(typed, &user("A", "B", stored)), "{typed} {stored}");
        }
    }

    #[test]
    fn a_typed_mark_finds_no_number() {
        let text = SearchText::parse("#4179").unwrap().unwrap();
        assert_eq!(terms_in(&text, false), None);
    }

    #[test]
    fn a_long_name_has_few_terms() {
        let user = user(
            "Maximiliane Josefine",
            "von der Schulenburg-Wolfsburg",
            "+49 30 901820",
        );
        assert!(terms_of(&user).len() < 80, "{:?}", terms_of(&user).len());
    }

    proptest! {
        #[test]
        fn a_person_is_found_by_every_beginning_of_a_name(
            first in "[a-zA-ZäöüßéñłøışЖйфकमला王'’-]{1,12}", last in "\\PC{0,20}", cut in 1_usize..12,
        ) {
            let person = user(&first, &last, "");
            let begin: String = first.chars().take(cut).collect();
            // A mark alone is not a word.
            if !fold(&begin).is_empty() {
                prop_assert!(finds(&begin, &person), "{begin:?} {first:?}");
            }
        }

        #[test]
        fn searching_anything_never_panics(typed in any::<String>(), numbers in any::<bool>()) {
            if let Ok(Some(text)) = SearchText::parse(&typed) {
                for term in terms_in(&text, numbers).unwrap_or_default() {
                    prop_assert!(term.0.starts_with(term.key()));
                }
            }
            let _ = terms_of(&user(&typed, &typed, &typed));
        }
    }
}
