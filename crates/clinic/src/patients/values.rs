//! The small values of a record: texts with their limits, and choices.

use kernel::{
    error::RuleViolation,
    text::{
        breaks_line, is_invisible, parse_line, parse_line_up_to, text_type, trim_invisible,
        turns_direction,
    },
};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

const EMPTY: RuleViolation = RuleViolation::new("empty", "Must not be empty");
const FORBIDDEN: RuleViolation =
    RuleViolation::new("forbidden_character", "Must not contain control characters");
const LONGER_THAN_200: RuleViolation =
    RuleViolation::new("too_long", "Must have at most 200 characters");
const LONGER_THAN_500: RuleViolation =
    RuleViolation::new("too_long", "Must have at most 500 characters");
const SEX_UNKNOWN: RuleViolation =
    RuleViolation::new("choice_unknown", "Must be male, female, other or unknown");
const UNIT_UNKNOWN: RuleViolation = RuleViolation::new(
    "choice_unknown",
    "Must be minutes, hours, days, weeks, months or years",
);
const VALUE_INVALID: RuleViolation =
    RuleViolation::new("value_invalid", "Must be a whole number from 0 to 9999");

text_type! {
    /// A postal address: a text of 1 to 500 code points, with line breaks.
    Address
}

text_type! {
    /// Who referred the patient: a line of 1 to 200 code points.
    ReferredBy
}

text_type! {
    /// How a person to call in an emergency is related to the patient: a line of 1 to 100 code points.
    Relation
}

impl Address {
    /// Reads an address.
    pub fn parse(typed: &str) -> Result<Self, RuleViolation> {
        parse_text_up_to(500, LONGER_THAN_500, typed).map(Self)
    }
}

impl ReferredBy {
    /// Reads the referring person or office.
    pub fn parse(typed: &str) -> Result<Self, RuleViolation> {
        parse_line_up_to(200, LONGER_THAN_200, typed).map(Self)
    }
}

impl Relation {
    /// Reads a relation such as `mother`.
    pub fn parse(typed: &str) -> Result<Self, RuleViolation> {
        parse_line(typed).map(Self)
    }
}

/// Reads a text of several lines and 1 to `limit` code points: in NFC, without invisible characters at its ends, each
/// line break one line feed. Marks that change the direction of writing are dropped, because keyboards of
/// right-to-left scripts write them into ordinary texts.
///
/// # Errors
/// `empty`, `too_long`, or `forbidden_character` for a control character that is no line break or tab.
pub fn parse_text_up_to(
    limit: usize,
    too_long: RuleViolation,
    typed: &str,
) -> Result<String, RuleViolation> {
    let text = trim_invisible(typed).replace("\r\n", "\n");
    let text = text.replace(['\r', '\u{85}', '\u{2028}', '\u{2029}'], "\n");
    let is_break = |c| matches!(c, '\n' | '\t');
    if text.chars().any(|c| breaks_line(c) && !is_break(c)) {
        return Err(FORBIDDEN);
    }
    if text.chars().all(is_invisible) {
        return Err(EMPTY);
    }
    let text: String = text
        .chars()
        .filter(|&c| !turns_direction(c))
        .nfc()
        .collect();
    if text.chars().count() > limit {
        return Err(too_long);
    }
    Ok(text)
}

/// The sex of a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sex {
    /// Male.
    Male,
    /// Female.
    Female,
    /// Another one.
    Other,
    /// Not known, or not said.
    Unknown,
}

impl Sex {
    /// Every sex.
    pub const ALL: [Self; 4] = [Self::Male, Self::Female, Self::Other, Self::Unknown];

    /// Reads a sex in small or capital letters.
    pub fn parse(typed: &str) -> Result<Self, RuleViolation> {
        choose(Self::ALL, Self::name, typed).ok_or(SEX_UNKNOWN)
    }

    /// Its name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Male => "male",
            Self::Female => "female",
            Self::Other => "other",
            Self::Unknown => "unknown",
        }
    }
}

/// The unit of a [`Lasting`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Minutes.
    Minutes,
    /// Hours.
    Hours,
    /// Days.
    Days,
    /// Weeks.
    Weeks,
    /// Months.
    Months,
    /// Years.
    Years,
}

impl Unit {
    /// Every unit.
    pub const ALL: [Self; 6] = [
        Self::Minutes,
        Self::Hours,
        Self::Days,
        Self::Weeks,
        Self::Months,
        Self::Years,
    ];

    /// Its name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Minutes => "minutes",
            Self::Hours => "hours",
            Self::Days => "days",
            Self::Weeks => "weeks",
            Self::Months => "months",
            Self::Years => "years",
        }
    }
}

/// How long an illness or a symptom has lasted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lasting {
    /// How many.
    pub value: u16,
    /// Of what.
    pub unit: Unit,
}

impl Lasting {
    /// Reads a value from 0 to 9999 and a unit, in small or capital letters, as one or many (`day`, `Days`).
    ///
    /// # Errors
    /// `value_invalid` or `choice_unknown`, which stands at the field `unit`.
    pub fn parse(value: i64, unit: &str) -> Result<Self, RuleViolation> {
        let one = |unit: Unit| unit.name().trim_end_matches('s');
        let many = choose(Unit::ALL, Unit::name, unit);
        Ok(Self {
            unit: many
                .or_else(|| choose(Unit::ALL, one, unit))
                .ok_or(UNIT_UNKNOWN)?,
            value: u16::try_from(value)
                .ok()
                .filter(|value| *value <= 9999)
                .ok_or(VALUE_INVALID)?,
        })
    }
}

/// The choice with the typed name; upper and lower case are equal, because older clients write `Male`.
pub(super) fn choose<T: Copy, const N: usize>(
    all: [T; N],
    name: impl Fn(T) -> &'static str,
    typed: &str,
) -> Option<T> {
    let typed = trim_invisible(typed);
    all.into_iter()
        .find(|choice| name(*choice).eq_ignore_ascii_case(typed))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(typed: &str) -> Result<String, &'static str> {
        parse_text_up_to(500, LONGER_THAN_500, typed).map_err(|violation| violation.kind)
    }

    #[test]
    fn a_text_keeps_its_lines_and_loses_direction_marks() {
        assert_eq!(
            text(" Main St 1\r\n8000 Zu\u{308}rich\u{200f}\n"),
            Ok("Main St 1\n8000 Z\u{fc}rich".to_owned())
        );
        assert_eq!(text("a\u{202e}b\u{2028}c\td"), Ok("ab\nc\td".to_owned()));
    }

    #[test]
    fn a_text_has_a_visible_character_and_no_control_character() {
        assert_eq!(text(" \u{200b}\n"), Err("empty"));
        assert_eq!(text("a\0b"), Err("forbidden_character"));
        assert_eq!(text("a\u{1b}[31m"), Err("forbidden_character"));
    }

    #[test]
    fn the_limits_count_code_points() {
        assert!(text(&"é".repeat(500)).is_ok());
        assert_eq!(text(&"é".repeat(501)), Err("too_long"));
        assert!(ReferredBy::parse(&"é".repeat(200)).is_ok());
        assert_eq!(ReferredBy::parse(&"é".repeat(201)), Err(LONGER_THAN_200));
        assert!(Address::parse(&"e\u{301}".repeat(500)).is_ok());
        assert!(Relation::parse(&"x".repeat(101)).is_err());
    }

    #[test]
    fn a_sex_is_read_in_small_and_capital_letters() {
        for sex in Sex::ALL {
            assert_eq!(Sex::parse(sex.name()), Ok(sex));
            assert_eq!(Sex::parse(&sex.name().to_uppercase()), Ok(sex));
            let stored = serde_json::to_string(&sex).unwrap();
            assert_eq!(stored, format!("\"{}\"", sex.name()));
        }
        assert_eq!(Sex::parse("Male"), Ok(Sex::Male));
        assert_eq!(Sex::parse("m"), Err(SEX_UNKNOWN));
    }

    #[test]
    fn a_duration_is_a_small_number_of_a_known_unit() {
        let days = |value| Lasting {
            value,
            unit: Unit::Days,
        };
        for unit in ["days", "Days", "DAY", "day"] {
            assert_eq!(Lasting::parse(3, unit), Ok(days(3)));
        }
        assert_eq!(Lasting::parse(9999, "days"), Ok(days(9999)));
        for value in [-1, 10_000, i64::MAX] {
            assert_eq!(Lasting::parse(value, "days"), Err(VALUE_INVALID));
        }
        assert_eq!(Lasting::parse(3, "fortnights"), Err(UNIT_UNKNOWN));
        let stored = serde_json::to_string(&days(3)).unwrap();
        assert_eq!(stored, r#"{"value":3,"unit":"days"}"#);
    }

    proptest! {
        #[test]
        fn a_text_is_its_own_text(typed in any::<String>()) {
            if let Ok(once) = text(&typed) {
                prop_assert_eq!(text(&once), Ok(once.clone()));
            }
        }
    }
}
