//! The times that patients can book: the hours of the schedule, less what is taken (APT-10, APT-12, APT-24).

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use chrono::{Duration, NaiveDate, NaiveDateTime};
use kernel::{clock::Timestamp, error::RuleViolation};

use super::{
    exceptions::{Exception, ExceptionKind},
    interval::Interval,
    schedule::Schedule,
};

/// The largest number of slots of an answer.
pub const MAX_SLOTS: usize = 500;

const RANGE_EMPTY: RuleViolation = RuleViolation::new("interval_empty", "Must be later than from");
const RANGE_TOO_LONG: RuleViolation =
    RuleViolation::new("interval_too_long", "Must be at most 31 days after from");
const DURATION_INVALID: RuleViolation = RuleViolation::new(
    "duration_minutes_invalid",
    "Must be a multiple of 5, from 5 to 480",
);
const OUTSIDE: RuleViolation = RuleViolation::new(
    "outside_schedule",
    "Must be one of the times that the doctor offers",
);
const TOO_SOON: RuleViolation =
    RuleViolation::new("too_soon", "Must not begin sooner than the doctor allows");
const TOO_FAR: RuleViolation = RuleViolation::new(
    "too_far_ahead",
    "Must not be further ahead than the doctor allows",
);

/// When a doctor can be booked: the week and its exceptions.
#[derive(Debug, Clone, Copy)]
pub struct Availability<'a> {
    /// The week.
    pub schedule: &'a Schedule,
    /// The exceptions, which win over the week.
    pub exceptions: &'a [Exception],
}

/// The range of a list of slots, of 31 days at most: the slots that begin in it are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotRange {
    from: Timestamp,
    to: Timestamp,
}

/// Slots, the earliest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slots {
    /// The slots, 500 at most.
    pub slots: Vec<Interval>,
    /// Where the next list begins; `None` if this one is complete.
    pub next_from: Option<Timestamp>,
}

/// Hours on one day or beyond midnight: the wall times between which slots begin, and the instants between which they
/// lie.
struct Open {
    from: NaiveDateTime,
    to: NaiveDateTime,
    begin: Timestamp,
    end: Timestamp,
}

impl SlotRange {
    /// The range `[from, to)`.
    ///
    /// # Errors
    /// A violation of `to`: `interval_empty` or `interval_too_long`.
    pub fn new(from: Timestamp, to: Timestamp) -> Result<Self, RuleViolation> {
        // A month of local days has some hours more if the clocks are put back.
        let longest = Duration::days(31) + Duration::hours(3);
        if to <= from {
            Err(RANGE_EMPTY)
        } else if to - from > longest {
            Err(RANGE_TOO_LONG)
        } else {
            Ok(Self { from, to })
        }
    }

    /// The range of the appointments that can take slots of this range: pass those of the doctor to
    /// [`Availability::slots`].
    pub fn busy_range(self, schedule: &Schedule) -> (Timestamp, Timestamp) {
        // An appointment lasts a day at most, a slot eight hours.
        let buffer = Duration::minutes(schedule.buffer_minutes.into());
        let before = Duration::hours(24) + buffer;
        let after = Duration::hours(8) + buffer;
        let from = self.from.checked_sub_signed(before);
        let to = self.to.checked_add_signed(after);
        (from.unwrap_or(self.from), to.unwrap_or(self.to))
    }
}

/// Reads the length of slots that a patient asks for; without one it is the schedule's.
pub fn slot_length(schedule: &Schedule, minutes: Option<i64>) -> Result<Duration, RuleViolation> {
    let minutes = minutes.unwrap_or(schedule.slot_minutes.into());
    let fits = (5..=480).contains(&minutes) && minutes % 5 == 0;
    fits.then(|| Duration::minutes(minutes))
        .ok_or(DURATION_INVALID)
}

impl Availability<'_> {
    /// The free slots of `length` that begin in `range`. `busy` are the doctor's live appointments and holds, in any
    /// order; the buffer is kept before and after each.
    ///
    /// A slot begins where the hours begin and then after each slot and buffer, by the clocks on the wall: times that the
    /// clocks skip are left out, and of a doubled hour the first counts (APT-10).
    pub fn slots(
        &self,
        range: SlotRange,
        length: Duration,
        busy: &[Interval],
        now: Timestamp,
    ) -> Slots {
        let taken = self.taken(busy);
        let earliest = range.from.max(self.earliest(now));
        let last_day = self.last_day(now);
        let free = |slot: &Interval| {
            earliest <= slot.start()
                && slot.start() < range.to
                && self.schedule.time_zone.date(slot.start()) <= last_day
                && !overlaps_any(&taken, *slot)
        };
        let zone = &self.schedule.time_zone;
        let days = zone.date(earliest)..=zone.date(range.to);
        let mut slots: Vec<Interval> = self
            .offered(days, length)
            .into_iter()
            .filter(free)
            .collect();
        let next_from = slots.get(MAX_SLOTS).map(|slot| slot.start());
        slots.truncate(MAX_SLOTS);
        Slots { slots, next_from }
    }

    /// Whether a patient may ask for `interval`: it is one of the slots of its length, whether or not it is taken, which
    /// only the insertion decides (E6). The desk and doctors book at any time and need no such check.
    ///
    /// # Errors
    /// `too_soon`, `too_far_ahead` or `outside_schedule`.
    pub fn check(&self, interval: Interval, now: Timestamp) -> Result<(), RuleViolation> {
        let date = self.schedule.time_zone.date(interval.start());
        if interval.start() < self.earliest(now) {
            return Err(TOO_SOON);
        }
        if date > self.last_day(now) {
            return Err(TOO_FAR);
        }
        let offered = slot_length(self.schedule, Some(interval.length().num_minutes())).is_ok()
            && self
                .offered(date..=date, interval.length())
                .contains(&interval)
            && !overlaps_any(&self.taken(&[]), interval);
        if offered { Ok(()) } else { Err(OUTSIDE) }
    }

    /// The slots of the week on `days`, and those of extra hours that touch these, taken or not.
    fn offered(
        &self,
        days: std::ops::RangeInclusive<NaiveDate>,
        length: Duration,
    ) -> BTreeSet<Interval> {
        let zone = &self.schedule.time_zone;
        let step = self.schedule.slot_minutes + self.schedule.buffer_minutes;
        let step = Duration::minutes(step.max(5).into());
        let mut offered = BTreeSet::new();
        for open in self.open(&days) {
            let mut wall = open.from;
            while wall < open.to {
                if let Some(start) = zone.offered(wall)
                    && let Ok(slot) = Interval::new(start, start + length)
                    && open.begin <= slot.start()
                    && slot.end() <= open.end
                {
                    offered.insert(slot);
                }
                wall += step;
            }
        }
        offered
    }

    /// The hours of the week on `days`, and the extra hours that touch them.
    fn open(&self, days: &std::ops::RangeInclusive<NaiveDate>) -> Vec<Open> {
        let zone = &self.schedule.time_zone;
        let (first, last) = (*days.start(), *days.end());
        let dates = first.iter_days().take_while(|date| *date <= last);
        let week = dates.flat_map(|date| self.schedule.hours_of(date));
        let week = week.map(|(from, to)| Open {
            from,
            to,
            begin: zone.reached(from),
            end: zone.reached(to),
        });
        let extra = self.exceptions.iter().filter(|exception| {
            exception.kind == ExceptionKind::Extra
                && zone.date(exception.from) <= last
                && zone.date(exception.to) >= first
        });
        let extra = extra.map(|extra| {
            let (from, to) = (zone.wall(extra.from), zone.wall(extra.to));
            // If the clocks are put back meanwhile, they may show less at the end than the hours are long.
            let to = to.max(from + (extra.to - extra.from));
            Open {
                from,
                to,
                begin: extra.from,
                end: extra.to,
            }
        });
        week.chain(extra).collect()
    }

    /// What cannot be booked, in order and without overlaps: appointments with their buffers, and time off.
    fn taken(&self, busy: &[Interval]) -> Vec<(Timestamp, Timestamp)> {
        let buffer = Duration::minutes(self.schedule.buffer_minutes.into());
        let busy = busy
            .iter()
            .map(|busy| (busy.start() - buffer, busy.end() + buffer));
        let off = self
            .exceptions
            .iter()
            .filter(|exception| exception.kind == ExceptionKind::Off);
        let mut all: Vec<_> = busy.chain(off.map(|off| (off.from, off.to))).collect();
        all.sort_unstable();
        let mut merged: Vec<(Timestamp, Timestamp)> = Vec::with_capacity(all.len());
        for (start, end) in all {
            match merged.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => merged.push((start, end)),
            }
        }
        merged
    }

    /// The first moment that a patient may book.
    fn earliest(&self, now: Timestamp) -> Timestamp {
        let notice = Duration::minutes(self.schedule.min_notice_minutes.into());
        now.checked_add_signed(notice).unwrap_or(now)
    }

    /// The last local day that a patient may book: today's date in the schedule's zone and the days ahead (APT-12).
    fn last_day(&self, now: Timestamp) -> NaiveDate {
        let ahead = Duration::days(self.schedule.max_days_ahead.into());
        let today = self.schedule.time_zone.date(now);
        today.checked_add_signed(ahead).unwrap_or(today)
    }
}

/// Whether `slot` overlaps one of `taken`, which are in order and without overlaps.
fn overlaps_any(taken: &[(Timestamp, Timestamp)], slot: Interval) -> bool {
    let after = taken.partition_point(|(_, end)| *end <= slot.start());
    taken
        .get(after)
        .is_some_and(|(start, _)| *start < slot.end())
}
