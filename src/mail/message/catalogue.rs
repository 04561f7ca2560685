//! The type of a catalogue: all texts of the mails, once for each language.
//!
//! A catalogue is a constant of this type, so a catalogue that lacks a text does not compile. A text may contain `{{
//! values }}` and `{% if … %}` in the syntax of minijinja. The tests check that each language uses the same values as
//! English.

use serde::Serialize;

use super::languages;
use crate::domain::mail_language::MailLanguage;

/// A text with placeholders for values.
pub(super) type Text = &'static str;

/// All texts of one language.
#[derive(Debug, Serialize)]
pub(super) struct Catalogue {
    /// The end of each mail.
    pub(super) footer: Text,
    /// `{{ day }}`, `{{ month }}`, `{{ year }}` and `{{ time }}`, as they follow "on".
    pub(super) moment: Text,
    /// January to December.
    pub(super) months: [Text; 12],
    /// `{{ n }}` of each unit, as they follow "for" or "within".
    pub(super) minutes: Counted,
    pub(super) hours: Counted,
    pub(super) days: Counted,
    pub(super) verification_code: MailTemplate,
    pub(super) password_reset: MailTemplate,
    pub(super) already_registered: MailTemplate,
    pub(super) invitation: MailTemplate,
    pub(super) first_password: MailTemplate,
    pub(super) password_changed: MailTemplate,
    pub(super) password_reset_done: MailTemplate,
    pub(super) sign_in_after_failures: MailTemplate,
    pub(super) refresh_token_replayed: MailTemplate,
    pub(super) codes_blocked: MailTemplate,
}

/// A number of things. Our languages have two forms, one and more than one (CLDR, cardinal, whole numbers from 1 to
/// 999,999).
#[derive(Debug, Serialize)]
pub(super) struct Counted {
    pub(super) one: Text,
    pub(super) many: Text,
}

/// One mail.
#[derive(Debug, Serialize)]
pub(super) struct MailTemplate {
    /// Contains no value, so that a locked screen shows neither a name nor a code.
    pub(super) subject: Text,
    pub(super) body: &'static [Part],
}

/// A part of a mail; the parts follow each other from top to bottom.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) enum Part {
    /// A paragraph.
    Say(Text),
    /// The code, alone and large; left out if there is no code.
    Code,
    /// The link, as a button with this label.
    Link(Text),
}

/// The catalogue of a language.
pub(super) const fn of(language: MailLanguage) -> &'static Catalogue {
    match language {
        MailLanguage::English => &languages::en::CATALOGUE,
        MailLanguage::German => &languages::de::CATALOGUE,
        MailLanguage::French => &languages::fr::CATALOGUE,
        MailLanguage::Spanish => &languages::es::CATALOGUE,
        MailLanguage::Hindi => &languages::hi::CATALOGUE,
    }
}
