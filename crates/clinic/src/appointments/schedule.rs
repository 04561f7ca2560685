//! A doctor's week: the hours, the length of the slots, and how early and how late patients may book.

#[cfg(test)]
mod tests;

use std::fmt;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use kernel::error::{FieldError, RuleViolation};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::zone::Zone;

/// The largest number of rows of a week.
pub const MAX_HOURS: usize = 70;
/// All times of a schedule are multiples of it, so that two slots never share a cell of five minutes (E6).
const STEP: i64 = 5;

const DAY_UNKNOWN: RuleViolation =
    RuleViolation::new("day_unknown", "Must be a day such as monday");
const TIME_INVALID: RuleViolation = RuleViolation::new(
    "time_invalid",
    "Must be a time from 00:00 to 24:00 in steps of five minutes",
);
const HOURS_EMPTY: RuleViolation = RuleViolation::new("interval_empty", "Must be later than from");
const HOURS_OVERLAP: RuleViolation =
    RuleViolation::new("hours_overlap", "Must not overlap other hours of the day");
const TOO_MANY_HOURS: RuleViolation = RuleViolation::new("too_many", "Must have at most 70 rows");
const SLOT_INVALID: RuleViolation = RuleViolation::new(
    "slot_minutes_invalid",
    "Must be a multiple of 5, from 5 to 480",
);
const BUFFER_INVALID: RuleViolation = RuleViolation::new(
    "buffer_minutes_invalid",
    "Must be a multiple of 5, from 0 to 240",
);
const NOTICE_INVALID: RuleViolation =
    RuleViolation::new("min_notice_minutes_invalid", "Must be from 0 to 43200");
const DAYS_INVALID: RuleViolation =
    RuleViolation::new("max_days_ahead_invalid", "Must be from 0 to 730");
const CAPACITY_INVALID: RuleViolation =
    RuleViolation::new("capacity_invalid", "Must be from 0 to 10");

/// A doctor's schedule, made by [`Schedule::parse`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// The zone of the place where the doctor works.
    pub time_zone: Zone,
    /// The hours of the week, by day and time, without overlaps.
    pub weekly: Vec<Hours>,
    /// The length of a slot.
    pub slot_minutes: u16,
    /// The time that stays free between two appointments.
    pub buffer_minutes: u16,
    /// How long before its start a patient may still book a slot.
    pub min_notice_minutes: u32,
    /// How many local days after today patients may book; 0 is today only.
    pub max_days_ahead: u16,
    /// How many appointments may stand beside another one on purpose (APT-7).
    pub capacity: u8,
}

impl Schedule {
    /// The schedule of a doctor who has not set one: no hours, so patients find no free time.
    pub const fn empty(time_zone: Zone) -> Self {
        Self {
            time_zone,
            weekly: Vec::new(),
            slot_minutes: 30,
            buffer_minutes: 0,
            min_notice_minutes: 60,
            max_days_ahead: 90,
            capacity: 0,
        }
    }
}

/// Hours of one day of the week, in the local time of the schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Hours {
    /// The day.
    pub day: Day,
    /// When the hours begin.
    pub from: DayTime,
    /// When they end: `24:00` at the latest.
    pub to: DayTime,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Day {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

/// A local time of day to the minute, up to `24:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DayTime(u16);

/// A schedule as it is typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypedSchedule {
    /// A name of the IANA database.
    pub time_zone: String,
    /// Rows of day (`monday`), from and to (`HH:MM`).
    pub weekly: Vec<TypedHours>,
    /// See [`Schedule`].
    pub slot_minutes: i64,
    /// See [`Schedule`].
    pub buffer_minutes: i64,
    /// See [`Schedule`].
    pub min_notice_minutes: i64,
    /// See [`Schedule`].
    pub max_days_ahead: i64,
    /// See [`Schedule`].
    pub capacity: i64,
}

/// A row of a week as it is typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypedHours {
    /// `monday` to `sunday`.
    pub day: String,
    /// `HH:MM`.
    pub from: String,
    /// `HH:MM`, up to `24:00`.
    pub to: String,
}

impl Schedule {
    /// Reads a schedule.
    ///
    /// # Errors
    /// All violations, each at its field (`weekly.2.to`).
    pub fn parse(typed: &TypedSchedule) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let time_zone = Zone::parse(&typed.time_zone);
        let time_zone = noted(time_zone.map_err(|v| v.at("time_zone")), &mut errors);
        let weekly = parse_week(&typed.weekly, &mut errors);
        let mut number = |field, value: i64, allowed, step, violation: RuleViolation| {
            let number = in_steps(value, allowed, step).ok_or(violation.at(field));
            noted(number, &mut errors)
        };
        let slot = number(
            "slot_minutes",
            typed.slot_minutes,
            5..=480,
            STEP,
            SLOT_INVALID,
        );
        let buffer = number(
            "buffer_minutes",
            typed.buffer_minutes,
            0..=240,
            STEP,
            BUFFER_INVALID,
        );
        let notice = number(
            "min_notice_minutes",
            typed.min_notice_minutes,
            0..=43_200,
            1,
            NOTICE_INVALID,
        );
        let days = number(
            "max_days_ahead",
            typed.max_days_ahead,
            0..=730,
            1,
            DAYS_INVALID,
        );
        let capacity = number("capacity", typed.capacity, 0..=10, 1, CAPACITY_INVALID);
        match (time_zone, slot, buffer, notice, days, capacity) {
            (
                Some(time_zone),
                Some(slot),
                Some(buffer),
                Some(notice),
                Some(days),
                Some(capacity),
            ) if errors.is_empty() => Ok(Self {
                time_zone,
                weekly,
                slot_minutes: u16::try_from(slot).unwrap_or_default(),
                buffer_minutes: u16::try_from(buffer).unwrap_or_default(),
                min_notice_minutes: notice,
                max_days_ahead: u16::try_from(days).unwrap_or_default(),
                capacity: u8::try_from(capacity).unwrap_or_default(),
            }),
            _ => Err(errors),
        }
    }

    /// The hours of a local day, as wall times.
    pub fn hours_of(
        &self,
        date: NaiveDate,
    ) -> impl Iterator<Item = (NaiveDateTime, NaiveDateTime)> {
        let day = Day::of(date);
        let hours = self.weekly.iter().filter(move |hours| hours.day == day);
        hours.map(move |hours| (hours.from.on(date), hours.to.on(date)))
    }
}

impl Day {
    /// All days.
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// Its name in the API and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Monday => "monday",
            Self::Tuesday => "tuesday",
            Self::Wednesday => "wednesday",
            Self::Thursday => "thursday",
            Self::Friday => "friday",
            Self::Saturday => "saturday",
            Self::Sunday => "sunday",
        }
    }

    /// Reads a name, in any case.
    pub fn parse(typed: &str) -> Result<Self, RuleViolation> {
        let mut all = Self::ALL.into_iter();
        all.find(|day| day.name().eq_ignore_ascii_case(typed))
            .ok_or(DAY_UNKNOWN)
    }

    /// The day of the week of a date.
    pub fn of(date: NaiveDate) -> Self {
        match date.weekday() {
            Weekday::Mon => Self::Monday,
            Weekday::Tue => Self::Tuesday,
            Weekday::Wed => Self::Wednesday,
            Weekday::Thu => Self::Thursday,
            Weekday::Fri => Self::Friday,
            Weekday::Sat => Self::Saturday,
            Weekday::Sun => Self::Sunday,
        }
    }
}

impl DayTime {
    /// Reads `HH:MM` in steps of five minutes, `24:00` included.
    pub fn parse(typed: &str) -> Result<Self, RuleViolation> {
        let read = || {
            let two = |text: &str| -> Option<u16> {
                let digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
                digits.then(|| text.parse().ok()).flatten()
            };
            let (hour, minute) = typed.split_once(':')?;
            let (hour, minute) = (two(hour)?, two(minute)?);
            let minutes = hour * 60 + minute;
            (minute < 60 && minutes <= 24 * 60 && minutes % 5 == 0).then_some(Self(minutes))
        };
        read().ok_or(TIME_INVALID)
    }

    /// The wall time on `date`; `24:00` is midnight of the day after.
    fn on(self, date: NaiveDate) -> NaiveDateTime {
        let midnight = date.and_time(NaiveTime::MIN);
        let passed = chrono::Duration::minutes(self.0.into());
        midnight.checked_add_signed(passed).unwrap_or(midnight)
    }
}

impl fmt::Display for DayTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Serialize for DayTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DayTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|violation| D::Error::custom(violation.message))
    }
}

/// The rows that have no violation, in order.
fn parse_week(typed: &[TypedHours], errors: &mut Vec<FieldError>) -> Vec<Hours> {
    if typed.len() > MAX_HOURS {
        errors.push(TOO_MANY_HOURS.at("weekly"));
        return Vec::new();
    }
    let mut weekly: Vec<Hours> = Vec::new();
    for (row, hours) in typed.iter().enumerate() {
        let field = |name: &str| format!("weekly.{row}.{name}");
        let day = noted(
            Day::parse(&hours.day).map_err(|v| v.at(field("day"))),
            errors,
        );
        let from = noted(
            DayTime::parse(&hours.from).map_err(|v| v.at(field("from"))),
            errors,
        );
        let to = noted(
            DayTime::parse(&hours.to).map_err(|v| v.at(field("to"))),
            errors,
        );
        let (Some(day), Some(from), Some(to)) = (day, from, to) else {
            continue;
        };
        if to <= from {
            errors.push(HOURS_EMPTY.at(field("to")));
        } else if weekly
            .iter()
            .any(|other| other.day == day && from < other.to && other.from < to)
        {
            errors.push(HOURS_OVERLAP.at(field("from")));
        } else {
            weekly.push(Hours { day, from, to });
        }
    }
    weekly.sort_unstable();
    weekly
}

fn in_steps(value: i64, allowed: std::ops::RangeInclusive<i64>, step: i64) -> Option<u32> {
    let fits = allowed.contains(&value) && value % step == 0;
    fits.then(|| u32::try_from(value).ok()).flatten()
}

/// The value, or `None` after noting its violation.
fn noted<T>(read: Result<T, FieldError>, errors: &mut Vec<FieldError>) -> Option<T> {
    read.map_err(|error| errors.push(error)).ok()
}
