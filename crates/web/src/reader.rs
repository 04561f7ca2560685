//! The language of an answer's sentences for people.

use kernel::mail_language::MailLanguage;
use poem::{Request, http::header::ACCEPT_LANGUAGE};

/// Finds the sentence that says the same as an English one in another language; `None` if there is none.
pub type Localize = fn(&str, MailLanguage) -> Option<String>;

/// The data of an answer that is another one in another language; caches are told by `Vary`.
#[derive(Debug, Clone, Copy)]
pub struct DependsOnLanguage;

/// What the caller reads, and where sentences of that language are found.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    /// The language.
    pub language: MailLanguage,
    /// Where the sentences are found.
    pub localize: Localize,
}

impl Reader {
    /// Somebody who reads English.
    pub const ENGLISH: Self = Self {
        language: MailLanguage::English,
        localize: |_, _| None,
    };

    /// The one who sent `request`; English if it asks for no language that we have.
    pub fn of(request: &Request, localize: Localize) -> Self {
        let language = asked(request).unwrap_or_default();
        Self { language, localize }
    }

    /// Whether the caller reads English, or nothing else that we have.
    pub fn is_english(self) -> bool {
        self.language == MailLanguage::English
    }

    /// The sentence in the caller's language; `None` if that is English, or if there is no such sentence.
    pub fn localized(self, message: &str) -> Option<String> {
        (!self.is_english())
            .then(|| (self.localize)(message, self.language))
            .flatten()
    }
}

/// The language that `Accept-Language` asks for.
pub fn asked(request: &Request) -> Option<MailLanguage> {
    let header = request.header(ACCEPT_LANGUAGE);
    header.and_then(MailLanguage::from_accept_language)
}
