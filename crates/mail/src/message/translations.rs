//! Compares the texts of all languages, for the tests of letters.

use std::collections::BTreeSet;

use kernel::mail_language::MailLanguage;

use super::Text;

/// The texts that are the same as in English: the language's tag, and the text's path.
pub fn same_as_english(
    texts: impl Fn(MailLanguage) -> Vec<(String, Text)>,
) -> BTreeSet<(&'static str, String)> {
    let others = MailLanguage::ALL.into_iter();
    let others = others.filter(|language| *language != MailLanguage::English);
    let pairs = others.flat_map(|language| {
        let pairs = texts(MailLanguage::English)
            .into_iter()
            .zip(texts(language));
        pairs.map(move |pair| (language, pair))
    });
    pairs
        .filter(|(_, (english, other))| english == other)
        .map(|(language, (_, (path, _)))| (language.tag(), path))
        .collect()
}

/// The texts that lack a value which English names, or name another one. Each language has the texts that English has.
pub fn differing_values(texts: impl Fn(MailLanguage) -> Vec<(String, Text)>) -> Vec<String> {
    let english = texts(MailLanguage::English);
    let mut differing = Vec::new();
    for language in MailLanguage::ALL {
        let others = texts(language);
        if others.len() != english.len() {
            differing.push(format!("{language:?} has {} texts", others.len()));
        }
        for ((path, english), (other_path, other)) in english.iter().zip(&others) {
            // French has its own form for the first day of a month.
            let other = other.replace("{% if day == 1 %}er{% endif %}", "");
            if path != other_path || placeholders(english) != placeholders(&other) {
                differing.push(format!("{language:?} {path}"));
            }
        }
    }
    differing
}

/// The values that a text names, and its conditions, sorted.
fn placeholders(text: &str) -> Vec<&str> {
    let mut placeholders: Vec<&str> = Vec::new();
    for piece in text.split('{').skip(1) {
        let (inside, _) = piece.split_once('}').unwrap_or((piece, ""));
        placeholders.push(inside.trim_matches(['%', ' ']));
    }
    placeholders.retain(|placeholder| !placeholder.is_empty());
    placeholders.sort_unstable();
    placeholders
}
