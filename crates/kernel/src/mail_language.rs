//! The languages of the mails, the pages and the sentences in answers, and which one a person gets.

use serde::{Deserialize, Serialize};

/// A language of the mails. A person who reads none of them gets English.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MailLanguage {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// German.
    #[serde(rename = "de")]
    German,
    /// French.
    #[serde(rename = "fr")]
    French,
    /// Spanish.
    #[serde(rename = "es")]
    Spanish,
    /// Hindi.
    #[serde(rename = "hi")]
    Hindi,
}

impl MailLanguage {
    /// All languages.
    pub const ALL: [Self; 5] = [
        Self::English,
        Self::German,
        Self::French,
        Self::Spanish,
        Self::Hindi,
    ];

    /// The language's subtag (RFC 5646).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Hindi => "hi",
        }
    }

    /// The language of a tag such as `de-CH`; the first subtag decides.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let language = tag.split('-').next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|known| known.tag().eq_ignore_ascii_case(language))
    }

    /// The mail language that an `Accept-Language` header ranks highest (RFC 9110, 12.5.4); the first one if several
    /// are equal. `None` if the header names none of them, or ranks `*` higher: then any language will do.
    pub fn from_accept_language(header: &str) -> Option<Self> {
        let mut best = None;
        for range in header.split(',') {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, "q=1"));
            let language = Self::from_tag(tag.trim());
            if language.is_none() && tag.trim() != "*" {
                continue;
            }
            let weight = parameters.trim().strip_prefix("q=");
            let weight: f32 = weight
                .and_then(|weight| weight.parse().ok())
                .unwrap_or_default();
            if weight > best.map_or(0.0, |(_, weight)| weight) {
                best = Some((language, weight));
            }
        }
        best.and_then(|(language, _)| language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_subtag_of_a_tag_decides() {
        assert_eq!(MailLanguage::from_tag("de-CH"), Some(MailLanguage::German));
        assert_eq!(MailLanguage::from_tag("HI"), Some(MailLanguage::Hindi));
        for other in ["", "it", "den", "en_US", "*"] {
            assert_eq!(MailLanguage::from_tag(other), None, "{other:?}");
        }
    }

    #[test]
    fn the_highest_ranked_known_language_wins_the_first_of_equals() {
        for (header, expected) in [
            ("fr", Some(MailLanguage::French)),
            (
                "it-IT, es;q=0.7, de-AT;q=0.9, en;q=0.5",
                Some(MailLanguage::German),
            ),
            ("hi , en", Some(MailLanguage::Hindi)),
            ("de;q=0, es;q=0.1", Some(MailLanguage::Spanish)),
            ("de; q=0.2,fr;q=0.3", Some(MailLanguage::French)),
            ("it, *;q=0.5", None),
            ("*, de;q=0.5", None),
            ("de;q=0.5, *;q=0.1", Some(MailLanguage::German)),
            ("de;q=nonsense", None),
            ("", None),
        ] {
            assert_eq!(
                MailLanguage::from_accept_language(header),
                expected,
                "{header:?}"
            );
        }
    }

    #[test]
    fn a_language_is_stored_by_its_tag() {
        for language in MailLanguage::ALL {
            let stored = serde_json::to_value(language).unwrap();
            assert_eq!(stored, language.tag());
        }
    }
}
