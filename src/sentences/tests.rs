//! Rules for the sentences of all languages.

use std::collections::{BTreeMap, BTreeSet};

use mail::message::translations::differing_values;

use super::*;
use crate::slices::SLICES;
use platform::slice;

/// Fewer letters may be a word that two languages share, such as `Administration`.
const SHORT: usize = 16;

/// The text without its values.
fn bare(text: &str) -> String {
    let parts = text.split("{{").map(|part| part.split("}}").last());
    parts.flatten().collect()
}

fn all() -> impl Iterator<Item = &'static Sentence> {
    OF_PAGES.iter().chain(OF_ANSWERS).copied().flatten()
}

/// The elements within a text, sorted.
fn tags(text: &str) -> Vec<&str> {
    let parts = text.split('<').skip(1);
    let mut tags: Vec<_> = parts.filter_map(|part| part.split('>').next()).collect();
    tags.sort_unstable();
    tags
}

fn texts(language: MailLanguage) -> Vec<(String, Text)> {
    all()
        .map(|sentence| (sentence.en.to_owned(), *sentence.of(language)))
        .collect()
}

#[test]
fn every_language_names_the_values_and_elements_of_the_english() {
    assert_eq!(differing_values(texts), Vec::<String>::new());
    for language in MailLanguage::ALL {
        for sentence in all() {
            let other = sentence.of(language);
            assert_eq!(tags(sentence.en), tags(other), "{other}");
            assert!(
                !other.trim().is_empty() && other.trim() == *other,
                "{other:?}"
            );
        }
    }
}

#[test]
fn every_sentence_stands_once() {
    for tables in [OF_PAGES, OF_ANSWERS] {
        let mut found = BTreeSet::new();
        for sentence in tables.iter().copied().flatten() {
            assert!(found.insert(sentence.en), "{}", sentence.en);
        }
    }
}

#[test]
fn no_language_repeats_the_english() {
    let is_hindi = |c: char| ('\u{900}'..'\u{980}').contains(&c);
    for sentence in all() {
        let others = [&sentence.de, &sentence.fr, &sentence.es];
        for other in others {
            assert!(
                *other != sentence.en || bare(other).len() < SHORT,
                "{other}"
            );
            assert!(!other.contains(is_hindi), "{other}");
        }
        assert!(sentence.hi.contains(is_hindi), "{}", sentence.hi);
        // A line must not begin with one of these marks.
        for mark in [" :", " ;", " ?", " !", "« ", " »"] {
            assert!(!sentence.fr.contains(mark), "{}", sentence.fr);
        }
    }
}

#[test]
fn every_row_of_the_error_table_has_its_sentence() {
    for code in slice::errors(SLICES) {
        let found = localize(code.message(), MailLanguage::French);
        assert!(found.is_some(), "{:?}: {}", code, code.message());
    }
}

#[test]
fn numbers_of_an_english_sentence_stand_in_the_others() {
    let german = |english| localize(english, MailLanguage::German);
    for (english, expected) in [
        (
            "Must have at most 200 characters",
            "Darf höchstens 200 Zeichen haben",
        ),
        (
            "Must be a number from 1 to 100",
            "Muss eine Zahl von 1 bis 100 sein",
        ),
        ("Logged out 3 sessions", "Abgemeldete Sitzungen: 3"),
    ] {
        assert_eq!(german(english).as_deref(), Some(expected));
    }
    assert_eq!(german("Nobody says this 1 to 2"), None);
}

#[test]
fn the_same_english_is_the_same_everywhere() {
    // A sentence that pages and answers share has one translation.
    let pages: BTreeMap<_, _> = (OF_PAGES.iter().copied().flatten())
        .map(|sentence| (sentence.en, sentence))
        .collect();
    for answer in OF_ANSWERS.iter().copied().flatten() {
        if let Some(page) = pages.get(answer.en).filter(|page| page.en.contains(' ')) {
            assert_eq!((answer.de, answer.hi), (page.de, page.hi));
        }
    }
}
