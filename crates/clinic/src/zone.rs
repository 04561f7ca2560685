//! The clinic's time zone: local days and times, and their instants.
//!
//! Only this file and `zone/` know the library of zones. Beyond them an instant is a [`Timestamp`] and a local time is a
//! `NaiveDateTime`, here called a wall time, because a clock on the wall of the clinic shows it.

mod shown;
#[cfg(test)]
mod tests;

use std::{cmp::Ordering, ops::Range};

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use jiff::{
    civil,
    tz::{AmbiguousOffset, Offset, TimeZone},
};
use kernel::{clock::Timestamp, error::RuleViolation, profile::read_date};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

pub use shown::ShownTime;

const ZONE_UNKNOWN: RuleViolation = RuleViolation::new(
    "time_zone_unknown",
    "Must be a name of the IANA time zone database, such as Europe/Zurich",
);
const TIME_INVALID: RuleViolation = RuleViolation::new(
    "time_invalid",
    "Must be a time of RFC 3339, such as 2026-01-15T10:30:00Z",
);
const TIME_SKIPPED: RuleViolation = RuleViolation::new(
    "time_skipped",
    "Clocks are put forward over this local time, so it does not exist",
);

/// A time zone of the IANA database. Documents hold its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// The instants at which the clocks of a zone show a wall time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WallTime {
    /// One instant, as nearly always.
    Once(Timestamp),
    /// No instant, because the clocks are put forward over this time; they change at `resumes`.
    Skipped {
        /// The first instant after the gap.
        resumes: Timestamp,
    },
    /// Two instants, because the clocks are put back.
    Twice {
        /// The first of them, before the clocks are put back.
        first: Timestamp,
        /// The second of them.
        second: Timestamp,
    },
}

impl Zone {
    /// Reads a name such as `Europe/Zurich`, in any case, or `UTC`. Other names without a region, such as `CET` or a
    /// system's own `localtime`, have no city to show (APT-14).
    pub fn parse(name: &str) -> Result<Self, RuleViolation> {
        let zone = TimeZone::get(name).map_err(|_| ZONE_UNKNOWN)?;
        match zone.iana_name() {
            Some("Etc/Unknown") | None => Err(ZONE_UNKNOWN),
            Some(known) if known.contains('/') || known == "UTC" => Ok(Self(zone)),
            Some(_) => Err(ZONE_UNKNOWN),
        }
    }

    /// The zone of this machine; `None` if the machine does not name it.
    pub fn of_machine() -> Option<Self> {
        let zone = TimeZone::try_system().ok()?;
        Self::parse(zone.iana_name()?).ok()
    }

    /// UTC, for a clinic whose zone is not known.
    pub const fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// The name in the IANA database.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// What the clocks show at `at`. Times beyond the years -9999 and 9999 are taken as those years' ends.
    pub fn wall(&self, at: Timestamp) -> NaiveDateTime {
        from_civil(self.0.to_datetime(to_instant(at)))
    }

    /// The local day of `at`.
    pub fn date(&self, at: Timestamp) -> NaiveDate {
        self.wall(at).date()
    }

    /// The instants at which the clocks show `wall`.
    pub fn instants(&self, wall: NaiveDateTime) -> WallTime {
        let civil = to_civil(wall);
        let at = |offset: Offset| {
            offset
                .to_timestamp(civil)
                .map_or_else(|_| clamped(wall), instant)
        };
        match self.0.to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Unambiguous { offset } => WallTime::Once(at(offset)),
            AmbiguousOffset::Fold { before, after } => WallTime::Twice {
                first: at(before),
                second: at(after),
            },
            AmbiguousOffset::Gap { before, after } => WallTime::Skipped {
                resumes: self.change(at(after), at(before)),
            },
        }
    }

    /// The instant of `wall` that appointments use: the first of two; `None` for a time that the clocks skip (APT-10).
    pub fn offered(&self, wall: NaiveDateTime) -> Option<Timestamp> {
        match self.instants(wall) {
            WallTime::Once(at) | WallTime::Twice { first: at, .. } => Some(at),
            WallTime::Skipped { .. } => None,
        }
    }

    /// The first instant at which the clocks show `wall` or, if they skip it, a later time.
    pub fn reached(&self, wall: NaiveDateTime) -> Timestamp {
        match self.instants(wall) {
            WallTime::Once(at)
            | WallTime::Twice { first: at, .. }
            | WallTime::Skipped { resumes: at } => at,
        }
    }

    /// The instants of a local day: 23, 24 or 25 hours, or none if the zone skipped the day.
    ///
    /// Where the clocks went back from one minute past midnight into the day before (St. John's until 2011), the new day
    /// begins at the first midnight, although the clocks show the day before once more.
    pub fn day(&self, date: NaiveDate) -> Range<Timestamp> {
        let begin = |date: NaiveDate| self.reached(date.and_time(NaiveTime::MIN));
        begin(date)..begin(date.succ_opt().unwrap_or(date))
    }

    /// The wall time of `at` with its offset, as answers show it (`local_start`, APT-11): `2026-03-29T09:00:00+02:00`.
    ///
    /// An appointment stores it. If it is another text for the same instant later, the rules of the zone have changed
    /// (APT-13). An offset is rounded to minutes, because RFC 3339 knows no seconds in it; zones have had none since 1972.
    pub fn local_text(&self, at: Timestamp) -> String {
        let offset = self.0.to_offset(to_instant(at));
        let minutes = (f64::from(offset.seconds()) / 60.0).round().abs();
        let sign = if offset.seconds() < 0 { '-' } else { '+' };
        let (hours, minutes) = ((minutes / 60.0).floor(), minutes % 60.0);
        let wall = self.wall(at).format("%Y-%m-%dT%H:%M:%S");
        format!("{wall}{sign}{hours:02}:{minutes:02}")
    }

    /// Reads a time of RFC 3339. Without an offset it is a wall time of this zone, because the older scheduler's clients
    /// send such times; the first of two instants counts.
    ///
    /// # Errors
    /// `time_invalid`, or `time_skipped` for a wall time that does not exist.
    pub fn read_instant(&self, typed: &str) -> Result<Timestamp, RuleViolation> {
        let shape =
            typed.is_ascii() && matches!(typed.as_bytes().get(10), Some(b'T' | b't' | b' '));
        let (day, time) = typed.split_at_checked(10).ok_or(TIME_INVALID)?;
        if !shape {
            return Err(TIME_INVALID);
        }
        if let Ok(at) = DateTime::parse_from_rfc3339(typed) {
            let millis = at.timestamp_millis();
            return DateTime::from_timestamp_millis(millis).ok_or(TIME_INVALID);
        }
        let forms = ["%H:%M", "%H:%M:%S", "%H:%M:%S%.f"];
        let mut times = forms
            .iter()
            .filter_map(|form| NaiveTime::parse_from_str(time.get(1..)?, form).ok());
        let (day, time) = read_date(day).zip(times.next()).ok_or(TIME_INVALID)?;
        self.offered(day.and_time(time)).ok_or(TIME_SKIPPED)
    }

    /// Reads the begin of a range: a time, or a local day, which means its first instant (REP-1).
    pub fn read_from(&self, typed: &str) -> Result<Timestamp, RuleViolation> {
        match read_date(typed) {
            Some(date) => Ok(self.day(date).start),
            None => self.read_instant(typed),
        }
    }

    /// Reads the end of a range, which is not part of it: a time, or a local day, which is part of it as a whole (REP-1).
    pub fn read_to(&self, typed: &str) -> Result<Timestamp, RuleViolation> {
        match read_date(typed) {
            Some(date) => Ok(self.day(date).end),
            None => self.read_instant(typed),
        }
    }

    /// The instant in `(from, to]` at which the offset becomes that of `to`.
    fn change(&self, from: Timestamp, to: Timestamp) -> Timestamp {
        let after = self.0.to_offset(to_instant(to));
        let mut changes = self.0.following(to_instant(from));
        let change = changes.find(|change| change.offset() == after);
        change.map_or(to, |change| instant(change.timestamp()))
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::parse(&name).map_err(|violation| D::Error::custom(violation.message))
    }
}

fn to_instant(at: Timestamp) -> jiff::Timestamp {
    let millis = at.timestamp_millis();
    jiff::Timestamp::from_millisecond(millis).unwrap_or(if millis < 0 {
        jiff::Timestamp::MIN
    } else {
        jiff::Timestamp::MAX
    })
}

fn instant(at: jiff::Timestamp) -> Timestamp {
    DateTime::from_timestamp_millis(at.as_millisecond()).unwrap_or_default()
}

/// The end of the library's years that is nearest to `wall`.
fn clamped(wall: NaiveDateTime) -> Timestamp {
    instant(match wall.year().cmp(&0) {
        Ordering::Less => jiff::Timestamp::MIN,
        _ => jiff::Timestamp::MAX,
    })
}

fn to_civil(wall: NaiveDateTime) -> civil::DateTime {
    let small = |part: u32| i8::try_from(part).unwrap_or_default();
    let year = i16::try_from(wall.year()).ok();
    let date =
        year.and_then(|year| civil::Date::new(year, small(wall.month()), small(wall.day())).ok());
    let milli = i32::try_from(wall.nanosecond() % 1_000_000_000 / 1_000_000).unwrap_or_default();
    let time = civil::Time::new(
        small(wall.hour()),
        small(wall.minute()),
        small(wall.second()),
        milli * 1_000_000,
    );
    match (date, time) {
        (Some(date), Ok(time)) => date.to_datetime(time),
        _ if wall.year() < 0 => civil::DateTime::MIN,
        _ => civil::DateTime::MAX,
    }
}

fn from_civil(civil: civil::DateTime) -> NaiveDateTime {
    let large = |part: i8| u32::try_from(part).unwrap_or_default();
    let date = NaiveDate::from_ymd_opt(
        civil.year().into(),
        large(civil.month()),
        large(civil.day()),
    );
    let milli = u32::try_from(civil.millisecond()).unwrap_or_default();
    let time = NaiveTime::from_hms_milli_opt(
        large(civil.hour()),
        large(civil.minute()),
        large(civil.second()),
        milli,
    );
    date.unwrap_or_default().and_time(time.unwrap_or_default())
}
