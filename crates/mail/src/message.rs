//! The contents of mails: a letter with its values, in the words of a language, as text and as HTML. This module knows
//! no letter; it is given them ([`Letter`]).

pub mod examples;
mod languages;
mod layout;
pub mod translations;
mod words;

use std::fmt;

use minijinja::context;

use self::{
    languages::WORDS,
    words::{Words, duration, moment},
};
use super::{Mail, MailError, Sender};
pub use crate::notice::Notice;
use kernel::{clock::Timestamp, mail_language::MailLanguage, secret::Secret};

/// A text with placeholders: it may contain `{{ values }}` and `{% if … %}` in the syntax of minijinja.
pub type Text = &'static str;

/// An occasion for a mail. Its texts contain nothing medical (MAIL-6).
#[derive(Debug)]
pub struct Letter {
    /// The title on the page of examples.
    pub title: &'static str,
    /// When it is sent; it completes "Sent when …".
    pub when: &'static str,
    /// The kind of its notices, and the values for a notice that was enqueued at this time. `None` if the values contain
    /// a secret, which is never stored.
    pub notice: Option<(&'static str, NoticeValues)>,
    /// Most of its values, for the page of examples.
    pub example: fn() -> Values,
    /// Its texts.
    pub texts: Translated<MailTemplate>,
}

/// Something in each language: if a language is missing, it does not compile.
#[derive(Debug)]
pub struct Translated<T> {
    /// In English.
    pub en: T,
    /// In German, with the formal "Sie".
    pub de: T,
    /// In French.
    pub fr: T,
    /// In Spanish.
    pub es: T,
    /// In Hindi.
    pub hi: T,
}

impl<T> Translated<T> {
    /// The one in this language.
    #[must_use]
    pub const fn of(&self, language: MailLanguage) -> &T {
        match language {
            MailLanguage::English => &self.en,
            MailLanguage::German => &self.de,
            MailLanguage::French => &self.fr,
            MailLanguage::Spanish => &self.es,
            MailLanguage::Hindi => &self.hi,
        }
    }
}

/// The texts of a letter in one language.
#[derive(Debug)]
pub struct MailTemplate {
    /// Contains no value, so that a locked screen shows neither a name nor a code.
    pub subject: Text,
    /// The paragraphs. `{{ code }}` alone is shown large, and left out if there is no code. `[label]({{ link }})` is a
    /// button, and left out if there is no link.
    pub body: &'static [Text],
}

/// The values that the texts of a letter may use, by their names.
pub type Values = Vec<(&'static str, Value)>;

/// The values for a notice that was enqueued at a time.
pub type NoticeValues = fn(&Notice, Timestamp) -> Values;

/// A value. If it is `None`, the texts can ask with `{% if … %}`.
pub enum Value {
    /// A text.
    Text(Option<String>),
    /// The code.
    Code(Option<Secret>),
    /// A link; it must lead to this service.
    Link(Secret),
    /// A number of minutes, written in words.
    Minutes(Option<i64>),
    /// A time, written in words.
    Time(Timestamp),
}

// The output of `Debug` has no codes and no links (HASH-5).
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Value(…)")
    }
}

impl Value {
    /// The value as the texts show it, checked.
    fn written(&self, words: &Words, sender: &Sender) -> Result<Option<String>, MailError> {
        Ok(match self {
            Self::Text(text) => text.as_deref().map(plain).transpose()?,
            Self::Code(code) => code.as_ref().map(|code| plain(code.expose())).transpose()?,
            Self::Link(link) => Some(own_link(link, sender)?),
            Self::Minutes(minutes) => minutes
                .map(|minutes| duration(words, minutes))
                .transpose()?,
            Self::Time(at) => Some(moment(words, *at)?),
        })
    }
}

/// The values of a letter that says only when something happened.
#[must_use]
pub fn event_time(at: Timestamp) -> Values {
    vec![("at", Value::Time(at))]
}

/// The letter of a notice that was enqueued at a time, and its values. `None` if none of `letters` is of its kind.
#[must_use]
pub fn find_notice<'a>(
    letters: &[&'a Letter],
    notice: &Notice,
    at: Timestamp,
) -> Option<(&'a Letter, Values)> {
    letters.iter().find_map(|letter| {
        let (kind, values) = letter.notice?;
        (kind == notice.kind).then(|| (*letter, values(notice, at)))
    })
}

/// Makes the mail for a letter with its values in `language`, from `sender` to the canonical address `to`.
///
/// # Errors
/// A permanent error if a value contains a control character, or if a link leads to another site (MAIL-3, MAIL-4).
pub fn render(
    letter: &Letter,
    values: &Values,
    language: MailLanguage,
    to: &str,
    sender: &Sender,
) -> Result<Mail, MailError> {
    let words = WORDS.of(language);
    let mut written = Vec::new();
    for (name, value) in values {
        written.push((*name, value.written(words, sender)?));
    }
    let values = context! {
        service => sender.service_name.as_str(),
        base_url => sender.public_base_url(),
        ..minijinja::Value::from_pairs(written)
    };
    let template = letter.texts.of(language);
    let filled = layout::Filled::new(template, words.footer, &values)?;
    Ok(Mail {
        to: to.to_owned(),
        subject: template.subject.to_owned(),
        text: filled.text(),
        html: filled.html(language, &sender.service_name)?,
    })
}

/// Refuses control characters, because a line break in a name would add lines to our mail.
fn plain(value: &str) -> Result<String, MailError> {
    if value.chars().any(char::is_control) {
        return Err(MailError::new("a value holds a control character"));
    }
    Ok(value.to_owned())
}

fn own_link(link: &Secret, sender: &Sender) -> Result<String, MailError> {
    let link = plain(link.expose())?;
    if !sender.owns(&link) {
        return Err(MailError::new("a link does not lead to this service"));
    }
    Ok(link)
}

#[cfg(test)]
pub(crate) mod tests;
