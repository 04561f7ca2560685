//! The slots of the days on which the clocks change.

use std::collections::HashMap;

use super::*;

/// Each day of two years: the offered local times are the configured ones that exist, each at its first instant.
// APT-10
#[test]
fn each_day_of_two_years_offers_the_hours_on_the_wall() {
    let hours = [("00:00", "05:00"), ("08:30", "09:30"), ("22:00", "24:00")];
    let configured: Vec<i64> = (0..10).chain(17..19).chain(44..48).collect();
    let first_day: NaiveDate = "2025-01-01".parse().unwrap();
    for name in ZONES {
        let schedule = schedule(name, &hours, 30, 0);
        let zone = &schedule.time_zone;
        let begin = zone.day(first_day).start;
        let mut first_instant = HashMap::new();
        // Clock changes are of half an hour or a whole one, so these instants are the half hours on the wall.
        for half in 0..(731 * 48) {
            let at = begin + minutes(half * 30);
            first_instant.entry(zone.wall(at)).or_insert(at);
        }
        let mut expected = Vec::new();
        for day in first_day.iter_days().take(730) {
            let walls = configured
                .iter()
                .map(|half| day.and_time(chrono::NaiveTime::MIN) + minutes(half * 30));
            expected.extend(walls.filter_map(|wall| first_instant.get(&wall).copied()));
        }
        let availability = Availability {
            schedule: &schedule,
            exceptions: &[],
        };
        let mut offered = Vec::new();
        for part in 0..25 {
            let day = |n: i64| zone.day(first_day + Duration::days(n.min(730))).start;
            let range = SlotRange::new(day(part * 30), day(part * 30 + 30)).unwrap();
            let slots = availability.slots(range, minutes(30), &[], day(-1));
            assert_eq!(slots.next_from, None);
            offered.extend(slots.slots.iter().map(|slot| slot.start()));
        }
        assert_eq!(offered, expected, "{name}");
    }
}

/// Both clock changes of four zones in full.
// APT-10
#[test]
fn clock_changes_skip_the_gap_and_offer_the_doubled_hour_once() {
    for (zone, hours, range, expected) in [
        (
            "Europe/Zurich",
            ("01:00", "04:00"),
            ("2026-03-29T00:00:00Z", "2026-03-29T12:00:00Z"),
            &["29 01:00", "29 01:30", "29 03:00", "29 03:30"][..],
        ),
        (
            "Europe/Zurich",
            ("01:00", "04:00"),
            ("2026-10-24T22:00:00Z", "2026-10-25T12:00:00Z"),
            &[
                "25 01:00", "25 01:30", "25 02:00", "25 02:30", "25 03:00", "25 03:30",
            ],
        ),
        (
            "America/New_York",
            ("01:00", "03:30"),
            ("2026-03-08T05:00:00Z", "2026-03-08T12:00:00Z"),
            &["08 01:00", "08 01:30", "08 03:00"],
        ),
        (
            "America/New_York",
            ("00:30", "02:30"),
            ("2026-11-01T04:00:00Z", "2026-11-01T12:00:00Z"),
            &["01 00:30", "01 01:00", "01 01:30", "01 02:00"],
        ),
        (
            "Australia/Lord_Howe",
            ("01:00", "03:30"),
            ("2026-10-03T14:00:00Z", "2026-10-04T02:00:00Z"),
            &["04 01:00", "04 01:30", "04 02:30", "04 03:00"],
        ),
        (
            "Australia/Lord_Howe",
            ("01:00", "03:00"),
            ("2026-04-04T13:00:00Z", "2026-04-05T02:00:00Z"),
            &["05 01:00", "05 01:30", "05 02:00", "05 02:30"],
        ),
        (
            "America/Santiago",
            ("00:00", "02:00"),
            ("2026-09-06T03:00:00Z", "2026-09-06T12:00:00Z"),
            &["06 01:00", "06 01:30"],
        ),
        (
            "America/Santiago",
            ("22:30", "24:00"),
            ("2026-04-04T12:00:00Z", "2026-04-05T12:00:00Z"),
            &["04 22:30", "04 23:00", "04 23:30"],
        ),
    ] {
        let schedule = schedule(zone, &[hours], 30, 0);
        let listed = listed(&schedule, &[], range, &[], "2026-01-01T00:00:00Z");
        assert_eq!(listed, expected, "{zone} {}", range.0);
    }
}

#[test]
fn a_slot_over_a_clock_change_has_its_real_length() {
    let schedule = schedule("Europe/Zurich", &[("01:00", "04:00")], 90, 0);
    let availability = Availability {
        schedule: &schedule,
        exceptions: &[],
    };
    let range = SlotRange::new(at("2026-03-28T23:00:00Z"), at("2026-03-29T12:00:00Z")).unwrap();
    let slots = availability
        .slots(range, minutes(90), &[], at("2026-01-01T00:00:00Z"))
        .slots;
    // 01:00 to 03:30 on the wall; 02:30 does not exist.
    assert_eq!(slots, [visit("2026-03-29T00:00:00Z", 90)]);
}

// APT-10, APT-23
#[test]
fn extra_hours_in_a_doubled_hour_are_offered_once() {
    let hours = schedule("Europe/Zurich", &[], 30, 0);
    let now = at("2026-10-01T00:00:00Z");
    let range = ("2026-10-24T22:00:00Z", "2026-10-25T12:00:00Z");
    // 02:00 comes at 00:00 and at 01:00 UTC.
    for (from, to, expected) in [
        (
            "2026-10-25T00:00:00Z",
            "2026-10-25T01:00:00Z",
            &["25 02:00", "25 02:30"][..],
        ),
        (
            "2026-10-25T00:30:00Z",
            "2026-10-25T01:00:00Z",
            &["25 02:30"],
        ),
        (
            "2026-10-25T01:00:00Z",
            "2026-10-25T02:30:00Z",
            &["25 03:00"],
        ),
        (
            "2026-10-24T23:30:00Z",
            "2026-10-25T02:00:00Z",
            &["25 01:30", "25 02:00", "25 02:30"],
        ),
    ] {
        let extra = Exception::new(ExceptionKind::Extra, at(from), at(to), now).unwrap();
        let found = listed(&hours, &[extra], range, &[], "2026-10-01T00:00:00Z");
        assert_eq!(found, expected, "{from}");
    }
}
