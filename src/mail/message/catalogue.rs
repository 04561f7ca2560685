//! The shape of a catalogue: every text that mails are made of, once per language.
//!
//! A catalogue is a constant of this type, so one that lacks a text does not compile. A text may hold `{{ values }}` and
//! `{% if … %}` as minijinja reads them; the tests hold every language to the values that English uses.

use serde::Serialize;

use super::languages;
use crate::domain::mail_language::MailLanguage;

/// A text with places for values.
pub(super) type Text = &'static str;

/// Every text of one language.
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
    pub(super) verification_code: Letter,
    pub(super) password_reset: Letter,
    pub(super) already_registered: Letter,
    pub(super) invitation: Letter,
    pub(super) first_password: Letter,
    pub(super) password_changed: Letter,
    pub(super) password_reset_done: Letter,
    pub(super) sign_in_after_failures: Letter,
    pub(super) refresh_token_replayed: Letter,
    pub(super) codes_blocked: Letter,
}

/// A number of things. One and more than one are all that our languages tell apart (CLDR, cardinal, whole numbers
/// from 1 to 999,999).
#[derive(Debug, Serialize)]
pub(super) struct Counted {
    pub(super) one: Text,
    pub(super) many: Text,
}

/// One mail.
#[derive(Debug, Serialize)]
pub(super) struct Letter {
    /// Holds no value: neither a name nor a code shows on a locked screen.
    pub(super) subject: Text,
    pub(super) body: &'static [Part],
}

/// What a mail is made of, from top to bottom.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) enum Part {
    /// A paragraph.
    Say(Text),
    /// The code, alone and large; nothing if there is none.
    Code,
    /// The link, as a button with this on it.
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
