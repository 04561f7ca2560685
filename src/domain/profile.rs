//! The data of an account about its person, besides the name.

use chrono::{Datelike, Duration, NaiveDate};

use crate::{clock::Timestamp, error::RuleViolation};

use super::{
    mail_language::MailLanguage,
    text::{parse_line, text_type},
};

/// The largest number of characters of a language tag (RFC 5646 §4.4.1).
const MAX_LANGUAGE: usize = 35;

const DATE_INVALID: RuleViolation =
    RuleViolation::new("date_invalid", "Must be a date written YYYY-MM-DD");
const DATE_TOO_EARLY: RuleViolation =
    RuleViolation::new("date_too_early", "Must not be before 1900");
const DATE_IN_FUTURE: RuleViolation =
    RuleViolation::new("date_in_future", "Must not be in the future");
text_type! {
    /// A date of birth, `YYYY-MM-DD`.
    DateOfBirth
}

text_type! {
    /// A doctor's specialization: a line of 1 to 100 code points.
    Specialization
}

text_type! {
    /// A doctor's license number: a line of 1 to 100 code points.
    LicenseNumber
}

text_type! {
    /// The language that a person reads: a well-formed tag (RFC 5646; `en`, `de-CH`) of a language of the mails.
    Language
}

impl DateOfBirth {
    /// Reads `YYYY-MM-DD`: an existing day, from 1900 to today. Today is taken in the first time zone (UTC+14), because
    /// the person may have been born anywhere.
    ///
    /// # Errors
    /// `date_invalid`, `date_too_early` or `date_in_future`.
    pub fn parse(typed: &str, now: Timestamp) -> Result<Self, RuleViolation> {
        let date = read_date(typed).ok_or(DATE_INVALID)?;
        if date.year() < 1900 {
            return Err(DATE_TOO_EARLY);
        }
        if date > (now + Duration::hours(14)).date_naive() {
            return Err(DATE_IN_FUTURE);
        }
        Ok(Self(typed.to_owned()))
    }
}

/// Reads a day written `YYYY-MM-DD`. It is strict, because chrono's own parser accepts signs, spaces and single digits.
#[must_use]
pub fn read_date(typed: &str) -> Option<NaiveDate> {
    let shape = typed.len() == 10
        && typed.bytes().enumerate().all(|(i, b)| match i {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
    if !shape {
        return None;
    }
    let (year, month, day) = (&typed[..4], &typed[5..7], &typed[8..]);
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

impl Specialization {
    /// Reads a specialization.
    pub fn parse(typed: &str) -> Result<Self, RuleViolation> {
        parse_line(typed).map(Self)
    }
}

impl LicenseNumber {
    /// Reads a license number.
    pub fn parse(typed: &str) -> Result<Self, RuleViolation> {
        parse_line(typed).map(Self)
    }
}

impl Language {
    /// Reads a language tag: a language of the mails, then subtags of up to eight letters or digits; at most 35
    /// characters. `None` for any other text, because devices send such texts too, and no request is refused for one.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        let mut parts = typed.split('-').skip(1);
        let is_known = typed.len() <= MAX_LANGUAGE
            && MailLanguage::from_tag(typed).is_some()
            && parts.all(|part| {
                (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
            });
        is_known.then(|| Self(typed.to_owned()))
    }
}

impl From<MailLanguage> for Language {
    fn from(language: MailLanguage) -> Self {
        Self(language.tag().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn morning() -> Timestamp {
        Timestamp::UNIX_EPOCH + Duration::days(20_468) + Duration::hours(9) // 2026-01-15T09:00:00Z
    }

    fn kind_at(now: Timestamp, typed: &str) -> Option<&'static str> {
        DateOfBirth::parse(typed, now)
            .err()
            .map(|violation| violation.kind)
    }

    fn kind(typed: &str) -> Option<&'static str> {
        kind_at(morning(), typed)
    }

    #[test]
    fn a_date_of_birth_is_a_day_from_1900_to_today() {
        assert_eq!(kind("2000-02-29"), None);
        assert_eq!(kind("1900-01-01"), None);
        assert_eq!(kind("2026-01-15"), None);
        assert_eq!(kind("1899-12-31"), Some("date_too_early"));
        assert_eq!(kind("2026-01-16"), Some("date_in_future"));
    }

    #[test]
    fn today_begins_in_the_first_time_zone() {
        let begins = morning() + Duration::hours(1); // Midnight at UTC+14.
        assert_eq!(kind_at(begins, "2026-01-16"), None);
        assert_eq!(kind_at(begins, "2026-01-17"), Some("date_in_future"));
    }

    #[test]
    fn other_spellings_and_days_that_do_not_exist_are_refused() {
        for bad in [
            "",
            "1990-2-3",
            "1990-02-30",
            "1990/02/03",
            "03-02-1990",
            "1990-02-03T00:00:00Z",
            " 1990-02-03",
            "+990-02-03",
            "１990-02-0",
        ] {
            assert_eq!(kind(bad), Some("date_invalid"), "{bad:?}");
        }
    }

    #[test]
    fn a_language_tag_names_a_language_of_the_mails() {
        for good in ["en", "de-CH", "FR", "hi-Deva-IN", "es-419"] {
            assert_eq!(Language::parse(good).unwrap().as_str(), good);
        }
        assert_eq!(Language::parse(" de-CH\n").unwrap().as_str(), "de-CH");
        for bad in [
            "",
            "e",
            "it",
            "gsw",
            "xx-!!",
            "en-!!",
            "en_US",
            "english",
            "de_CH",
            "de-",
            "en--us",
            "d3",
            "en-123456789",
            "ü",
            &format!("en{}", "-abcdefgh".repeat(4)),
        ] {
            assert_eq!(Language::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn specialization_and_license_obey_the_rule_of_lines() {
        assert_eq!(
            Specialization::parse(" Cardiology ").unwrap().as_str(),
            "Cardiology"
        );
        assert!(Specialization::parse("a\u{202e}b").is_err());
        assert!(LicenseNumber::parse("").is_err());
        assert_eq!(
            LicenseNumber::parse("MD-12345/Z").unwrap().as_str(),
            "MD-12345/Z"
        );
    }

    proptest! {
        #[test]
        fn reading_a_date_never_panics(typed in any::<String>()) {
            let _ = DateOfBirth::parse(&typed, morning());
        }

        #[test]
        fn every_day_that_exists_is_read_back(days in 0i64..46_000) {
            let day = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap() + chrono::Duration::days(days);
            prop_assert!(DateOfBirth::parse(&day.to_string(), morning()).is_ok());
        }

        #[test]
        fn reading_a_language_never_panics(typed in any::<String>()) {
            let _ = Language::parse(&typed);
        }
    }
}
