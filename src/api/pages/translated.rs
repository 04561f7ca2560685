//! The patients' pages in the languages of the mails. A page is written in English, and its texts are replaced here, before
//! the browser gets it: a script would show the English page for a moment. The sentences of the scripts are in a file for each
//! language.

use std::{borrow::Cow, sync::LazyLock};

use kernel::mail_language::MailLanguage;
use serde_json::{Map, Value};

use crate::sentences::{self, OF_PAGES};

/// The pages that patients see.
pub(super) const PAGES: [&str; 6] = [
    "reset.html",
    "otp.html",
    "account.html",
    "account-link.html",
    "sessions.html",
    "my.html",
];

/// The attributes that people read or hear.
const ATTRIBUTES: [&str; 2] = ["aria-label", "placeholder"];

/// What the link to the file of sentences stands before: the browser gets that file together with the scripts.
const ICON: &str = "<link rel=\"icon\"";

/// The elements that may stand within a sentence.
const WITHIN: [&str; 4] = ["a", "code", "em", "strong"];

/// The files of sentences, which are modules: their names and contents. Scripts load the one that the page names.
static FILES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let others = MailLanguage::ALL.into_iter();
    let others = others.filter(|language| *language != MailLanguage::English);
    others
        .map(|language| {
            let module = format!("export default {};\n", sentences_of(language));
            (file_of(language), module)
        })
        .collect()
});

/// The names and contents of the files of sentences.
pub(super) fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
}

fn file_of(language: MailLanguage) -> String {
    format!("words-{}.js", language.tag())
}

fn sentences_of(language: MailLanguage) -> Value {
    let all = OF_PAGES.iter().copied().flatten();
    let pair = |sentence: &sentences::Sentence| {
        let text = (*sentence.of(language)).into();
        (sentence.en.to_owned(), text)
    };
    Value::Object(all.map(pair).collect::<Map<_, _>>())
}

/// The page in a language, with the name of the file for its scripts.
pub(super) fn page(english: &'static str, language: MailLanguage) -> Cow<'static, str> {
    if language == MailLanguage::English {
        return english.into();
    }
    let tag = language.tag();
    let words = file_of(language);
    let html = format!("<html lang=\"{tag}\" data-words=\"./{words}\">");
    rewrite(english, |text| sentences::of_page(text, language))
        .replace("<html lang=\"en\">", &html)
        .replace(
            ICON,
            &format!("<link rel=\"modulepreload\" href=\"./{words}\">\n  {ICON}"),
        )
        .into()
}

/// The page with other texts, where `translate` knows one.
pub(super) fn rewrite(
    page: &str,
    mut translate: impl FnMut(&str) -> Option<&'static str>,
) -> String {
    let mut written = String::with_capacity(page.len());
    let mut run = Run::default();
    for piece in pieces(page) {
        if run.takes(piece) {
            run.text.push_str(piece);
            continue;
        }
        written.push_str(&run.end(&mut translate));
        written.push_str(&attributes(piece, &mut translate));
    }
    written + &run.end(&mut translate)
}

/// The tags of a page, and the texts between them.
fn pieces(page: &str) -> impl Iterator<Item = &str> {
    let parts = page.split_inclusive('>');
    let pieces = parts.flat_map(|part| {
        let (text, tag) = part.split_at(part.find('<').unwrap_or(part.len()));
        [text, tag]
    });
    pieces.filter(|piece| !piece.is_empty())
}

/// A text, with the elements within it.
#[derive(Default)]
struct Run {
    text: String,
    /// How many elements within the text are open.
    depth: usize,
}

impl Run {
    /// Whether `piece` belongs to the text.
    fn takes(&mut self, piece: &str) -> bool {
        let Some(tag) = piece.strip_prefix('<') else {
            return true;
        };
        if self.text.trim().is_empty() {
            return false;
        }
        let name = tag.trim_start_matches('/').split([' ', '>']).next();
        if !WITHIN.contains(&name.unwrap_or_default()) {
            return false;
        }
        let depth = if tag.starts_with('/') {
            self.depth.checked_sub(1)
        } else {
            Some(self.depth + 1)
        };
        self.depth = depth.unwrap_or_default();
        depth.is_some()
    }

    /// The text as it is written, between the white space that was around it.
    fn end(&mut self, translate: &mut impl FnMut(&str) -> Option<&'static str>) -> String {
        let text = std::mem::take(self).text;
        let sentence = text.trim();
        if sentence.is_empty() {
            return text;
        }
        match translate(sentence) {
            Some(other) => text.replace(sentence, other),
            None => text,
        }
    }
}

/// The tag with other texts in its attributes.
fn attributes(tag: &str, translate: &mut impl FnMut(&str) -> Option<&'static str>) -> String {
    let mut written = tag.to_owned();
    for name in ATTRIBUTES {
        let value = tag.split_once(&format!(" {name}=\""));
        let value = value.and_then(|(_, rest)| rest.split('"').next());
        if let Some((value, other)) = value.and_then(|value| Some((value, translate(value)?))) {
            let (old, new) = (format!("{name}=\"{value}\""), format!("{name}=\"{other}\""));
            written = written.replace(&old, &new);
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_replaced_with_the_elements_within_it() {
        let page = "<p id=\"a\">\n  Go <a href=\"./x\">there</a>.</p><p>Go</p> <a aria-label=\"Go\">Go</a>";
        let mut seen = Vec::new();
        let written = rewrite(page, |text| {
            seen.push(text.to_owned());
            (text == "Go").then_some("Los")
        });
        let one = "Go <a href=\"./x\">there</a>.";
        assert_eq!(seen, [one, "Go", "Go", "Go"]);
        assert_eq!(
            written,
            page.replace("<p>Go", "<p>Los")
                .replace("\"Go\">Go", "\"Los\">Los")
        );
    }
}
