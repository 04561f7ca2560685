//! From when to when: the interval of an appointment, a hold or a slot.

use chrono::Duration;
use kernel::{clock::Timestamp, error::RuleViolation, role::Role};

const EMPTY: RuleViolation = RuleViolation::new("interval_empty", "Must end after it begins");
const TOO_LONG: RuleViolation =
    RuleViolation::new("interval_too_long", "Must not be longer than 24 hours");
const IN_PAST: RuleViolation = RuleViolation::new("in_past", "Must not be in the past");

/// A time from its start, which belongs to it, to its end, which does not; longer than nothing, 24 hours at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    start: Timestamp,
    end: Timestamp,
}

impl Interval {
    /// An interval.
    ///
    /// # Errors
    /// `interval_empty` if it does not end after it begins, `interval_too_long` beyond 24 hours.
    pub fn new(start: Timestamp, end: Timestamp) -> Result<Self, RuleViolation> {
        if end <= start {
            return Err(EMPTY);
        }
        if end - start > Duration::hours(24) {
            return Err(TOO_LONG);
        }
        Ok(Self { start, end })
    }

    /// The interval of `minutes` from `start`.
    ///
    /// # Errors
    /// As [`Interval::new`].
    pub fn lasting(start: Timestamp, minutes: i64) -> Result<Self, RuleViolation> {
        let end =
            Duration::try_minutes(minutes).and_then(|length| start.checked_add_signed(length));
        let too_far = if minutes > 0 { TOO_LONG } else { EMPTY };
        Self::new(start, end.ok_or(too_far)?)
    }

    /// Its first moment.
    pub const fn start(self) -> Timestamp {
        self.start
    }

    /// The first moment after it.
    pub const fn end(self) -> Timestamp {
        self.end
    }

    /// How long it is.
    pub fn length(self) -> Duration {
        self.end - self.start
    }

    /// Whether the two have a moment in common. Intervals that only touch have none.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether `by` may book it now. A patient cannot book a time that has begun. The desk and doctors can until it is
    /// over, because they write down who has just walked in.
    ///
    /// # Errors
    /// `in_past`.
    pub fn check_not_past(self, by: Role, now: Timestamp) -> Result<(), RuleViolation> {
        let limit = match by {
            Role::Patient => self.start,
            Role::Doctor | Role::Staff | Role::Admin => self.end,
        };
        if limit <= now { Err(IN_PAST) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn at(minute: i64) -> Timestamp {
        DateTime::from_timestamp(1_800_000_000 + minute * 60, 0).unwrap()
    }

    fn interval(start: i64, end: i64) -> Result<Interval, &'static str> {
        Interval::new(at(start), at(end)).map_err(|violation| violation.kind)
    }

    #[test]
    fn an_interval_is_longer_than_nothing_and_at_most_a_day() {
        assert_eq!(interval(0, 0), Err("interval_empty"));
        assert_eq!(interval(1, 0), Err("interval_empty"));
        assert!(interval(0, 24 * 60).is_ok());
        assert_eq!(interval(0, 24 * 60 + 1), Err("interval_too_long"));
        assert_eq!(Interval::lasting(at(0), 30).ok(), interval(0, 30).ok());
        for (minutes, kind) in [
            (0, "interval_empty"),
            (i64::MIN, "interval_empty"),
            (i64::MAX, "interval_too_long"),
            (1441, "interval_too_long"),
        ] {
            let lasting = Interval::lasting(at(0), minutes);
            assert_eq!(lasting.map_err(|v| v.kind), Err(kind), "{minutes}");
        }
        assert!(Interval::new(Timestamp::MIN_UTC, Timestamp::MAX_UTC).is_err());
    }

    // APT-2
    #[test]
    fn an_overlap_of_one_minute_is_an_overlap() {
        let overlaps = |a: (i64, i64), b: (i64, i64)| {
            let (a, b) = (interval(a.0, a.1).unwrap(), interval(b.0, b.1).unwrap());
            assert_eq!(a.overlaps(b), b.overlaps(a));
            a.overlaps(b)
        };
        assert!(
            overlaps((0, 30), (29, 60))
                && overlaps((0, 30), (0, 30))
                && overlaps((0, 30), (10, 20))
        );
        assert!(!overlaps((0, 30), (30, 60)) && !overlaps((0, 30), (31, 60)));
    }

    #[test]
    fn a_patient_books_before_the_start_others_before_the_end() {
        let visit = interval(0, 30).unwrap();
        for (role, now, allowed) in [
            (Role::Patient, -1, true),
            (Role::Patient, 0, false),
            (Role::Staff, 0, true),
            (Role::Doctor, 29, true),
            (Role::Staff, 30, false),
            (Role::Doctor, 30, false),
        ] {
            assert_eq!(
                visit.check_not_past(role, at(now)).is_ok(),
                allowed,
                "{role:?} {now}"
            );
        }
    }
}
