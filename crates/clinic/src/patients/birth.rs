//! When a patient was born, and how old that makes the patient (PAT-15).

use chrono::Datelike;
use jiff::civil::Date;
use kernel::{
    clock::Timestamp,
    error::{FieldError, RuleViolation},
    profile::DateOfBirth,
};
use serde::{Deserialize, Serialize};

use crate::zone::Zone;

/// The greatest age that is believed.
const MAX_AGE: i64 = 130;

const MISSING: RuleViolation =
    RuleViolation::new("missing", "Either date_of_birth or age is required");
const AGE_INVALID: RuleViolation =
    RuleViolation::new("age_invalid", "Must be a whole number from 0 to 130");

/// When a patient was born.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Birth {
    /// The day.
    Date(DateOfBirth),
    /// Only an age was told: the year in which the patient was that old, less the age. The true year is this one or the
    /// one before.
    EstimatedYear(i16),
    /// Nothing was told: the account of a patient who registered has no date of birth.
    Unknown,
}

/// When a person who was born on 29 February turns a year older in other years (`clinic.leap_birthday`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum LeapBirthday {
    /// On 28 February.
    #[serde(rename = "february_28")]
    February28,
    /// On 1 March.
    #[default]
    #[serde(rename = "march_1")]
    March1,
}

impl Birth {
    /// Reads a date of birth or, without one, an age. With both, the date counts, because older clients send both.
    /// `today` is the clinic's local date.
    ///
    /// # Errors
    /// A validation error of `date_of_birth` or `age`.
    pub fn parse(
        date_of_birth: Option<&str>,
        age: Option<i64>,
        now: Timestamp,
        today: Date,
    ) -> Result<Self, FieldError> {
        match (date_of_birth, age) {
            (Some(date), _) => DateOfBirth::parse(date, now)
                .map(Self::Date)
                .map_err(|violation| violation.at("date_of_birth")),
            (None, Some(age)) => Self::of_age(age, today).map_err(|violation| violation.at("age")),
            (None, None) => Err(MISSING.at("date_of_birth")),
        }
    }

    fn of_age(age: i64, today: Date) -> Result<Self, RuleViolation> {
        let known = (0..=MAX_AGE).contains(&age);
        let age = i16::try_from(age).ok().filter(|_| known);
        let age = age.ok_or(AGE_INVALID)?;
        Ok(Self::EstimatedYear(today.year() - age))
    }

    /// The day of birth, `YYYY-MM-DD`; `None` if only an age was told.
    pub fn date(&self) -> Option<&DateOfBirth> {
        match self {
            Self::Date(date) => Some(date),
            Self::EstimatedYear(_) | Self::Unknown => None,
        }
    }

    /// The year, exact or estimated; `None` for a stored date that is none.
    pub fn year(&self) -> Option<i16> {
        match self {
            Self::Date(_) => self.day().map(Date::year),
            Self::EstimatedYear(year) => Some(*year),
            Self::Unknown => None,
        }
    }

    /// The age in full years at `today`, the clinic's local date. `None` for a stored date that is none.
    pub fn age(&self, today: Date, leap: LeapBirthday) -> Option<u16> {
        let years = match self {
            Self::EstimatedYear(year) => today.year() - year,
            Self::Date(_) => full_years(self.day()?, today, leap),
            Self::Unknown => return None,
        };
        // East of the clinic, a child may be born tomorrow.
        u16::try_from(years.max(0)).ok()
    }

    fn day(&self) -> Option<Date> {
        self.date()?.as_str().parse().ok()
    }
}

/// The clinic's local date.
pub fn local_date(zone: &Zone, now: Timestamp) -> Option<Date> {
    let date = zone.date(now);
    let (month, day) = (i8::try_from(date.month()), i8::try_from(date.day()));
    let year = i16::try_from(date.year());
    Date::new(year.ok()?, month.ok()?, day.ok()?).ok()
}

fn full_years(born: Date, today: Date, leap: LeapBirthday) -> i16 {
    let (month, mut day) = (born.month(), born.day());
    let has_no_birthday = (month, day) == (2, 29) && !today.in_leap_year();
    if has_no_birthday && leap == LeapBirthday::February28 {
        day = 28;
    }
    let before_birthday = (today.month(), today.day()) < (month, day);
    today.year() - born.year() - i16::from(before_birthday)
}

#[cfg(test)]
mod tests {
    use chrono::Duration;
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn now() -> Timestamp {
        Timestamp::UNIX_EPOCH + Duration::days(20_468) // 2026-01-15
    }

    const TODAY: Date = date(2026, 1, 15);

    fn born(day: &str) -> Birth {
        Birth::parse(Some(day), None, now(), TODAY).unwrap()
    }

    fn age(day: &str, today: Date, leap: LeapBirthday) -> u16 {
        born(day).age(today, leap).unwrap()
    }

    // PAT-15
    #[test]
    fn a_person_turns_older_on_the_birthday() {
        let on = |today| age("1990-05-17", today, LeapBirthday::March1);
        assert_eq!(on(date(2026, 5, 16)), 35);
        assert_eq!(on(date(2026, 5, 17)), 36);
        assert_eq!(on(date(1990, 5, 16)), 0);
    }

    // PAT-15
    #[test]
    fn born_on_29_february_a_person_ages_as_the_setting_says() {
        let on = |today, leap| age("2000-02-29", today, leap);
        for (today, march, february) in [
            (date(2025, 2, 27), 24, 24),
            (date(2025, 2, 28), 24, 25),
            (date(2025, 3, 1), 25, 25),
            (date(2024, 2, 28), 23, 23),
            (date(2024, 2, 29), 24, 24),
            (date(2100, 2, 28), 99, 100),
        ] {
            assert_eq!(on(today, LeapBirthday::March1), march, "{today}");
            assert_eq!(on(today, LeapBirthday::February28), february, "{today}");
        }
    }

    #[test]
    fn an_age_alone_is_an_estimated_year() {
        let birth = Birth::parse(None, Some(36), now(), TODAY).unwrap();
        assert_eq!(birth, Birth::EstimatedYear(1990));
        assert_eq!(birth.age(TODAY, LeapBirthday::March1), Some(36));
        assert_eq!(birth.age(date(2027, 1, 1), LeapBirthday::March1), Some(37));
        assert_eq!((birth.date(), birth.year()), (None, Some(1990)));
    }

    #[test]
    fn the_date_counts_where_both_are_told() {
        let both = Birth::parse(Some("1990-05-17"), Some(99), now(), TODAY);
        assert_eq!(both, Ok(born("1990-05-17")));
        assert_eq!(born("1990-05-17").year(), Some(1990));
    }

    #[test]
    fn what_is_no_birth_is_refused_at_its_field() {
        let refused = |day, age| {
            let error = Birth::parse(day, age, now(), TODAY).unwrap_err();
            (error.field.into_owned(), error.kind)
        };
        let at = |field: &str, kind| (field.to_owned(), kind);
        assert_eq!(refused(None, None), at("date_of_birth", "missing"));
        for (day, kind) in [
            ("1890-01-01", "date_too_early"),
            ("2100-01-01", "date_in_future"),
            ("2025-02-29", "date_invalid"),
        ] {
            assert_eq!(refused(Some(day), Some(3)), at("date_of_birth", kind));
        }
        for age in [-1, 131, i64::MAX] {
            assert_eq!(refused(None, Some(age)), at("age", "age_invalid"));
        }
    }

    #[test]
    fn a_birth_is_read_back_as_it_was_stored() {
        for (birth, stored) in [
            (born("1990-05-17"), r#"{"date":"1990-05-17"}"#),
            (Birth::EstimatedYear(1990), r#"{"estimated_year":1990}"#),
        ] {
            assert_eq!(serde_json::to_string(&birth).unwrap(), stored);
            assert_eq!(serde_json::from_str::<Birth>(stored).unwrap(), birth);
        }
    }

    proptest! {
        #[test]
        fn a_person_ages_by_one_a_year(days in 0_i32..46_000, later in 0_i32..40_000) {
            let birthday = date(1900, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
            prop_assume!(birthday <= TODAY);
            let today = TODAY.checked_add(jiff::Span::new().days(later)).unwrap();
            let next = today.checked_add(jiff::Span::new().days(366)).unwrap();
            for leap in [LeapBirthday::March1, LeapBirthday::February28] {
                let (now, then) = (full_years(birthday, today, leap), full_years(birthday, next, leap));
                prop_assert!(then == now + 1 || then == now + 2);
            }
        }
    }
}
