//! How a time is held: one key for each five minutes that an appointment touches, under a unique index (E6).
//!
//! The keys bear no clinic, so that a doctor cannot be in two clinics at one time (APT-4). Two appointments that share
//! five minutes exclude each other even if one ends at 10:02 and the other begins there; the schedules' times are
//! multiples of five minutes, so booked slots never do.

use std::ops::RangeInclusive;

use chrono::Duration;
use kernel::{clock::Timestamp, ids::UserId, role::Role};

use super::interval::Interval;

/// The length of a cell. It is no setting: another length would not exclude the appointments of before.
const CELL_MILLIS: i64 = 5 * 60 * 1000;

/// The cells that `interval` touches: UTC minutes ÷ 5.
pub fn cells(interval: Interval) -> RangeInclusive<i64> {
    let first = interval.start().timestamp_millis().div_euclid(CELL_MILLIS);
    // The end does not belong to the interval, so the cell that begins there is not touched.
    let last = (interval.end().timestamp_millis() - 1).div_euclid(CELL_MILLIS);
    first..=last.max(first)
}

/// The keys of an appointment: `DOC…/<cell>` and `PAT…/<cell>`. Without a doctor only the patient's time is held.
pub fn holds(doctor: Option<&UserId>, patient: &UserId, interval: Interval) -> Vec<String> {
    let people = doctor.into_iter().chain([patient]);
    let key = |person: &UserId, cell: i64| format!("{person}/{cell}");
    people
        .flat_map(|person| cells(interval).map(move |cell| key(person, cell)))
        .collect()
}

/// The keys of an appointment beside another one on purpose: `DOC…/<cell>/<position>`, with one of
/// [`overbooking_positions`]. The patient's keys are the ordinary ones, because no patient is in two places (APT-7).
pub fn overbooked_holds(
    doctor: &UserId,
    position: u8,
    patient: &UserId,
    interval: Interval,
) -> Vec<String> {
    let beside = cells(interval).map(|cell| format!("{doctor}/{cell}/{position}"));
    beside.chain(holds(None, patient, interval)).collect()
}

/// The positions beside an ordinary appointment that `by` may try, one after the other, until one is free: as many as
/// the schedule's capacity for the desk and doctors, none for the others (APT-7).
pub fn overbooking_positions(by: Role, capacity: u8) -> RangeInclusive<u8> {
    let positions = match by {
        Role::Doctor | Role::Staff => capacity,
        Role::Patient | Role::Admin => 0,
    };
    1..=positions
}

/// When a hold that is made now ends (APT-8).
pub fn hold_expires_at(now: Timestamp, hold_minutes: u32) -> Timestamp {
    now + Duration::minutes(hold_minutes.into())
}

/// Whether a hold has ended. It ends at its minute, whether or not the database has removed it (APT-8).
pub fn hold_has_expired(expires_at: Timestamp, now: Timestamp) -> bool {
    expires_at <= now
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;

    fn id(text: &str) -> UserId {
        UserId::from_stored(text)
    }

    fn interval(start: i64, length: i64) -> Interval {
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        Interval::new(at(start), at(start + length)).unwrap()
    }

    #[test]
    fn an_appointment_holds_each_cell_of_both_people() {
        let visit = interval(600, 600);
        let (doctor, patient) = (id("DOC1"), id("PAT1"));
        let both = holds(Some(&doctor), &patient, visit);
        assert_eq!(both, ["DOC1/2", "DOC1/3", "PAT1/2", "PAT1/3"]);
        assert_eq!(holds(None, &patient, visit), ["PAT1/2", "PAT1/3"]);
        let beside = overbooked_holds(&doctor, 1, &patient, visit);
        assert_eq!(beside, ["DOC1/2/1", "DOC1/3/1", "PAT1/2", "PAT1/3"]);
    }

    #[test]
    fn a_cell_that_is_only_reached_is_not_touched() {
        assert_eq!(cells(interval(0, 300)), 0..=0);
        assert_eq!(cells(interval(0, 301)), 0..=1);
        assert_eq!(cells(interval(299, 2)), 0..=1);
        assert_eq!(cells(interval(-1, 2)), -1..=0);
        assert_eq!(cells(interval(-300, 300)), -1..=-1);
        assert_eq!(cells(interval(0, 24 * 3600)).count(), 288);
    }

    // APT-7
    #[test]
    fn only_the_desk_and_doctors_overbook_up_to_the_capacity() {
        let positions = |by, capacity| overbooking_positions(by, capacity).collect::<Vec<_>>();
        for by in [Role::Doctor, Role::Staff] {
            assert_eq!(positions(by, 2), [1, 2]);
            assert!(positions(by, 0).is_empty());
        }
        for by in [Role::Patient, Role::Admin] {
            assert!(positions(by, 10).is_empty(), "{by:?}");
        }
    }

    // APT-8
    #[test]
    fn a_hold_ends_at_its_minute() {
        let now = interval(0, 1).start();
        let expires = hold_expires_at(now, 5);
        assert_eq!((expires - now).num_seconds(), 300);
        assert!(!hold_has_expired(
            expires,
            expires - Duration::milliseconds(1)
        ));
        assert!(hold_has_expired(expires, expires));
    }

    /// The five minutes of the interval's seconds, one second at a time.
    fn slow_cells(interval: Interval) -> HashSet<i64> {
        let (start, end) = (interval.start().timestamp(), interval.end().timestamp());
        (start..end).map(|second| second.div_euclid(300)).collect()
    }

    proptest! {
        // APT-2
        #[test]
        fn holds_collide_where_intervals_share_five_minutes(
            a in (-4000..4000_i64, 1..7200_i64), b in (-4000..4000_i64, 1..7200_i64),
        ) {
            let (a, b) = (interval(a.0, a.1), interval(b.0, b.1));
            let keys = |interval| holds(Some(&id("DOC1")), &id("PAT1"), interval);
            let (of_a, of_b) = (keys(a), keys(b));
            let shared = of_a.iter().any(|key| of_b.contains(key));
            prop_assert_eq!(shared, !slow_cells(a).is_disjoint(&slow_cells(b)));
            // An overlap is never missed.
            prop_assert!(shared || !a.overlaps(b));
        }

        #[test]
        fn whole_cells_collide_exactly_where_they_overlap(
            a in (-20..20_i64, 1..24_i64), b in (-20..20_i64, 1..24_i64),
        ) {
            let (a, b) = (interval(a.0 * 300, a.1 * 300), interval(b.0 * 300, b.1 * 300));
            let shared = cells(a).any(|cell| cells(b).contains(&cell));
            prop_assert_eq!(shared, a.overlaps(b));
        }
    }
}
