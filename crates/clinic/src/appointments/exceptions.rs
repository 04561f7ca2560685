//! Exceptions from the week: days off and extra hours (APT-23).

use chrono::Duration;
use kernel::{clock::Timestamp, error::RuleViolation, stored};
use serde::{Deserialize, Serialize};

use super::interval::Interval;

/// The largest number of exceptions of a schedule.
pub const MAX_EXCEPTIONS: usize = 400;

const EMPTY: RuleViolation = RuleViolation::new("interval_empty", "Must be later than from");
const OFF_TOO_LONG: RuleViolation =
    RuleViolation::new("interval_too_long", "Must be at most 366 days after from");
const EXTRA_TOO_LONG: RuleViolation =
    RuleViolation::new("interval_too_long", "Must be at most 24 hours after from");
const NOT_IN_FIVES: RuleViolation =
    RuleViolation::new("not_in_fives", "Must be a multiple of five minutes");
const OVER: RuleViolation = RuleViolation::new("in_past", "Must not be over");
const TOO_MANY: RuleViolation =
    RuleViolation::new("too_many", "A schedule has at most 400 exceptions");

/// What an exception does to the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExceptionKind {
    /// The doctor is away. It wins over the week and over extra hours, so that no patient comes for nothing.
    Off,
    /// The doctor works although the week does not say so.
    Extra,
}

/// An exception from the week: instants, not local days, so it begins and ends once even if the clocks change. Two that
/// are equal are the same exception; that is how one is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Exception {
    /// Its first moment.
    #[serde(with = "stored::time")]
    pub from: Timestamp,
    /// The first moment after it.
    #[serde(with = "stored::time")]
    pub to: Timestamp,
    /// What it does.
    pub kind: ExceptionKind,
}

impl ExceptionKind {
    /// Reads `off` or `extra`; `None` for every other text.
    pub fn parse(typed: &str) -> Option<Self> {
        match typed {
            "off" => Some(Self::Off),
            "extra" => Some(Self::Extra),
            _ => None,
        }
    }

    /// Its name in the API and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Extra => "extra",
        }
    }
}

impl Exception {
    /// An exception. Extra hours last a day at most, time off 366.
    ///
    /// # Errors
    /// A violation of `to`: `interval_empty`, `interval_too_long`, `in_past`; or `not_in_fives`.
    pub fn new(
        kind: ExceptionKind,
        from: Timestamp,
        to: Timestamp,
        now: Timestamp,
    ) -> Result<Self, RuleViolation> {
        let (longest, too_long) = match kind {
            ExceptionKind::Off => (Duration::days(366), OFF_TOO_LONG),
            ExceptionKind::Extra => (Duration::hours(24), EXTRA_TOO_LONG),
        };
        if to <= from {
            return Err(EMPTY);
        }
        if to - from > longest {
            return Err(too_long);
        }
        if [from, to]
            .iter()
            .any(|at| at.timestamp_millis() % 300_000 != 0)
        {
            return Err(NOT_IN_FIVES);
        }
        if to <= now {
            return Err(OVER);
        }
        Ok(Self { from, to, kind })
    }

    /// Whether an appointment at `interval` falls into it. Time off that covers live appointments lists them unless the
    /// caller keeps them (APT-23).
    pub fn covers(&self, interval: Interval) -> bool {
        interval.start() < self.to && self.from < interval.end()
    }
}

/// `exceptions` with `added`, by time, without those that are over at `now`. Adding one that is there changes nothing.
///
/// # Errors
/// `too_many` beyond 400.
pub fn with_exception(
    exceptions: &[Exception],
    added: Exception,
    now: Timestamp,
) -> Result<Vec<Exception>, RuleViolation> {
    let live = exceptions
        .iter()
        .copied()
        .filter(|exception| exception.to > now);
    let mut all: Vec<Exception> = live.chain([added]).collect();
    all.sort_unstable();
    all.dedup();
    if all.len() > MAX_EXCEPTIONS {
        return Err(TOO_MANY);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    const MONTH: i64 = 30 * 24 * 60;

    fn at(minute: i64) -> Timestamp {
        DateTime::from_timestamp(1_800_000_000 + minute * 60, 0).unwrap()
    }

    fn exception(kind: ExceptionKind, from: i64, to: i64) -> Result<Exception, &'static str> {
        Exception::new(kind, at(from), at(to), at(0)).map_err(|violation| violation.kind)
    }

    #[test]
    fn an_exception_has_the_length_of_its_kind() {
        use ExceptionKind::{Extra, Off};
        for (kind, from, to, expected) in [
            (Off, 0, 366 * 24 * 60, None),
            (Off, 0, 366 * 24 * 60 + 5, Some("interval_too_long")),
            (Extra, 0, 24 * 60, None),
            (Extra, 0, 24 * 60 + 5, Some("interval_too_long")),
            (Extra, 5, 5, Some("interval_empty")),
            (Off, 10, 5, Some("interval_empty")),
            (Off, 0, 61, Some("not_in_fives")),
            (Off, 1, 60, Some("not_in_fives")),
            (Off, -60, 0, Some("in_past")),
            (Off, -60, 5, None),
        ] {
            assert_eq!(
                exception(kind, from, to).err(),
                expected,
                "{kind:?} {from} {to}"
            );
        }
    }

    #[test]
    fn exceptions_are_kept_in_order_once_and_while_they_last() {
        let off = exception(ExceptionKind::Off, 0, 60).unwrap();
        let extra = exception(ExceptionKind::Extra, -60, 60).unwrap();
        let all = with_exception(&[off, extra], off, at(0)).unwrap();
        assert_eq!(all, [extra, off]);
        let later = exception(ExceptionKind::Off, 100, 200).unwrap();
        assert_eq!(with_exception(&all, later, at(60)), Ok(vec![later]));
    }

    #[test]
    fn a_schedule_has_at_most_400_exceptions() {
        let many: Vec<Exception> = (0..400)
            .map(|i| exception(ExceptionKind::Off, MONTH + i * 5, MONTH + i * 5 + 5).unwrap())
            .collect();
        let more = exception(ExceptionKind::Off, 5, 10).unwrap();
        assert_eq!(with_exception(&many, more, at(0)), Err(TOO_MANY));
        assert_eq!(with_exception(&many, many[0], at(0)).unwrap().len(), 400);
        assert_eq!(with_exception(&many[1..], more, at(0)).unwrap().len(), 400);
    }

    // APT-23
    #[test]
    fn time_off_covers_what_it_overlaps() {
        let off = exception(ExceptionKind::Off, 60, 120).unwrap();
        let visit = |from, to| Interval::new(at(from), at(to)).unwrap();
        assert!(
            off.covers(visit(119, 130)) && off.covers(visit(0, 61)) && off.covers(visit(0, 300))
        );
        assert!(!off.covers(visit(120, 130)) && !off.covers(visit(0, 60)));
    }

    #[test]
    fn an_exceptions_kind_is_read_by_its_name() {
        for kind in [ExceptionKind::Off, ExceptionKind::Extra] {
            assert_eq!(ExceptionKind::parse(kind.name()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
        assert_eq!(ExceptionKind::parse("OFF"), None);
    }
}
