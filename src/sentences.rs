//! What people read on the patients' pages and in `localized_message`, in the languages of the mails.
//!
//! A sentence is found by its English text, which the pages, the scripts and the rules say themselves. A text may have
//! values in the form of the mails, `{{ name }}`. On pages a sentence may have links and words of weight; then it is HTML.

mod account;
mod account_dialogs;
mod answers;
mod booking;
mod clinic_answers;
mod codes;
mod faults;
mod my;
mod refusals;
mod sessions;
mod shared;
mod visits;

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use kernel::mail_language::MailLanguage;
use mail::message::{Text, Translated};

/// A sentence in all languages.
pub type Sentence = Translated<Text>;

/// Declares sentences: the English text, then the same in the other languages. Without one of them it does not compile.
macro_rules! sentences {
    ($($en:literal de $de:literal fr $fr:literal es $es:literal hi $hi:literal;)+) => {
        &[$(mail::message::Translated {
            en: $en,
            de: $de,
            fr: $fr,
            es: $es,
            hi: $hi,
        }),+]
    };
}
use sentences;

/// What the pages and their scripts say.
pub const OF_PAGES: &[&[Sentence]] = &[
    shared::SENTENCES,
    codes::SENTENCES,
    account::SENTENCES,
    account_dialogs::SENTENCES,
    sessions::SENTENCES,
    my::SENTENCES,
    booking::SENTENCES,
    visits::SENTENCES,
];

/// What answers and errors say.
pub const OF_ANSWERS: &[&[Sentence]] = &[
    answers::SENTENCES,
    clinic_answers::SENTENCES,
    refusals::SENTENCES,
    faults::SENTENCES,
];

/// The sentences of pages, and those of answers.
static FOUND: LazyLock<[HashMap<Text, &Sentence>; 2]> = LazyLock::new(|| {
    [OF_PAGES, OF_ANSWERS].map(|all| {
        let all = all.iter().copied().flatten();
        all.map(|sentence| (sentence.en, sentence)).collect()
    })
});

/// A sentence of a page, by its English text.
pub fn of_page(english: &str, language: MailLanguage) -> Option<Text> {
    let [pages, _] = &*FOUND;
    pages.get(english).map(|sentence| *sentence.of(language))
}

/// What an English sentence of an answer or an error says in another language; `None` if it is not in the catalogue. Its
/// first two numbers are the values `n` and `m`.
pub fn localize(english: &str, language: MailLanguage) -> Option<String> {
    const NAMES: [&str; 2] = ["{{ n }}", "{{ m }}"];
    let [_, answers] = &*FOUND;
    if let Some(sentence) = answers.get(english) {
        return Some((*sentence.of(language)).to_owned());
    }
    let mut pattern = Cow::Borrowed(english);
    let numbers: Vec<_> = numbers(english).zip(NAMES).collect();
    for (number, name) in &numbers {
        pattern = pattern.replacen(number, name, 1).into();
    }
    let sentence = answers.get(&*pattern)?.of(language);
    let filled = numbers
        .iter()
        .fold((*sentence).to_owned(), |text, (number, name)| {
            text.replace(name, number)
        });
    Some(filled)
}

fn numbers(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|c: char| !c.is_ascii_digit());
    parts.filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests;
