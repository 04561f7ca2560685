//! The slots against slow oracles: they walk through the instants and read the clock at each.

mod walk;

use std::collections::HashMap;

use chrono::DateTime;

use super::*;
use crate::{
    appointments::schedule::{Day, TypedHours, TypedSchedule},
    zone::Zone,
};

const ZONES: [&str; 12] = [
    "Europe/Zurich",
    "America/New_York",
    "America/Los_Angeles",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Beirut",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Pacific/Chatham",
    "America/St_Johns",
    "UTC",
];

fn at(text: &str) -> Timestamp {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn minutes(minutes: i64) -> Duration {
    Duration::minutes(minutes)
}

fn visit(start: &str, length: i64) -> Interval {
    Interval::lasting(at(start), length).unwrap()
}

/// The same hours on each day of the week.
fn schedule(zone: &str, hours: &[(&str, &str)], slot: i64, buffer: i64) -> Schedule {
    let rows = Day::ALL.iter().flat_map(|day| {
        hours.iter().map(|(from, to)| TypedHours {
            day: day.name().to_owned(),
            from: (*from).to_owned(),
            to: (*to).to_owned(),
        })
    });
    let typed = TypedSchedule {
        time_zone: zone.to_owned(),
        weekly: rows.collect(),
        slot_minutes: slot,
        buffer_minutes: buffer,
        min_notice_minutes: 0,
        max_days_ahead: 730,
        capacity: 0,
    };
    Schedule::parse(&typed).unwrap()
}

/// The free slots of the schedule's length, as their local times to the minute.
fn listed(
    schedule: &Schedule,
    exceptions: &[Exception],
    (from, to): (&str, &str),
    busy: &[Interval],
    now: &str,
) -> Vec<String> {
    let availability = Availability {
        schedule,
        exceptions,
    };
    let range = SlotRange::new(at(from), at(to)).unwrap();
    let length = slot_length(schedule, None).unwrap();
    let found = availability.slots(range, length, busy, at(now));
    let local = |slot: &Interval| {
        schedule
            .time_zone
            .wall(slot.start())
            .format("%d %H:%M")
            .to_string()
    };
    found.slots.iter().map(local).collect()
}

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

#[test]
fn appointments_take_their_slots_and_their_buffers() {
    let hours = schedule("UTC", &[("08:00", "10:00")], 20, 10);
    let day = ("2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z");
    let now = "2026-05-01T00:00:00Z";
    let all = ["01 08:00", "01 08:30", "01 09:00", "01 09:30"];
    assert_eq!(listed(&hours, &[], day, &[], now), all);
    for (start, length, left) in [
        (
            "2026-06-01T08:30:00Z",
            20,
            &["01 08:00", "01 09:00", "01 09:30"][..],
        ),
        ("2026-06-01T08:30:00Z", 21, &["01 08:00", "01 09:30"]),
        ("2026-06-01T08:29:00Z", 21, &["01 09:00", "01 09:30"]),
        ("2026-05-31T12:00:00Z", 24 * 60, &[]),
    ] {
        let busy = [visit(start, length)];
        assert_eq!(
            listed(&hours, &[], day, &busy, now),
            left,
            "{start} {length}"
        );
    }
}

// APT-23
#[test]
fn exceptions_win_over_the_week_and_time_off_over_all() {
    let hours = schedule("Europe/Zurich", &[("08:00", "10:00")], 30, 0);
    let now = "2026-05-01T00:00:00Z";
    let exception = |kind, from, to| Exception::new(kind, at(from), at(to), at(now)).unwrap();
    let off = exception(
        ExceptionKind::Off,
        "2026-06-01T06:30:00Z",
        "2026-06-01T07:00:00Z",
    );
    let extra = exception(
        ExceptionKind::Extra,
        "2026-06-01T21:00:00Z",
        "2026-06-01T22:30:00Z",
    );
    let day = ("2026-05-31T22:00:00Z", "2026-06-02T00:00:00Z");
    assert_eq!(
        listed(&hours, &[off, extra], day, &[], now),
        [
            "01 08:00", "01 09:00", "01 09:30", "01 23:00", "01 23:30", "02 00:00"
        ]
    );
    let away = exception(
        ExceptionKind::Off,
        "2026-06-01T00:00:00Z",
        "2026-06-02T00:00:00Z",
    );
    assert!(listed(&hours, &[away, extra], day, &[], now).is_empty());
    let same = exception(
        ExceptionKind::Extra,
        "2026-06-01T06:00:00Z",
        "2026-06-01T07:00:00Z",
    );
    assert_eq!(listed(&hours, &[same], day, &[], now).len(), 4);
}

// APT-12
#[test]
fn notice_and_days_ahead_count_in_the_schedules_zone() {
    let mut hours = schedule("Pacific/Apia", &[("08:00", "09:00")], 30, 0);
    hours.min_notice_minutes = 60;
    hours.max_days_ahead = 1;
    let range = ("2026-06-01T00:00:00Z", "2026-06-10T00:00:00Z");
    // In Apia (UTC+13) it is the 2nd already, 07:30.
    let now = "2026-06-01T18:30:00Z";
    assert_eq!(
        listed(&hours, &[], range, &[], now),
        ["02 08:30", "03 08:00", "03 08:30"]
    );
    // One minute later 08:30 is too soon.
    let later = listed(&hours, &[], range, &[], "2026-06-01T18:31:00Z");
    assert_eq!(later, ["03 08:00", "03 08:30"]);
    hours.max_days_ahead = 0;
    assert_eq!(listed(&hours, &[], range, &[], now), ["02 08:30"]);
}

// APT-24
#[test]
fn a_list_has_31_days_and_500_slots_at_most_and_goes_on() {
    let hours = schedule("UTC", &[("00:00", "24:00")], 30, 0);
    let availability = Availability {
        schedule: &hours,
        exceptions: &[],
    };
    let (from, to) = (at("2026-06-01T00:00:00Z"), at("2026-07-02T00:00:00Z"));
    let (mut next, mut pages, mut found) = (Some(from), 0, Vec::new());
    while let Some(begin) = next {
        let range = SlotRange::new(begin, to).unwrap();
        let page = availability.slots(range, minutes(30), &[], at("2026-05-01T00:00:00Z"));
        assert!(page.slots.len() <= MAX_SLOTS);
        found.extend(page.slots);
        (next, pages) = (page.next_from, pages + 1);
    }
    assert_eq!((found.len(), pages), (31 * 48, 3));
    assert!(found.is_sorted_by(|a, b| a.start() < b.start()));
    assert!(SlotRange::new(from, to + Duration::hours(4)).is_err());
    assert!(SlotRange::new(from, from).is_err());
    assert!(SlotRange::new(at("1890-01-01T00:00:00Z"), at("2100-01-01T00:00:00Z")).is_err());
}

#[test]
fn a_list_in_1890_or_2100_is_empty() {
    let hours = schedule("Europe/Zurich", &[("00:00", "24:00")], 30, 0);
    for (from, to) in [
        ("1890-01-01T00:00:00Z", "1890-01-31T00:00:00Z"),
        ("2100-02-28T00:00:00Z", "2100-03-02T00:00:00Z"),
        ("9999-12-01T00:00:00Z", "9999-12-31T23:59:59Z"),
    ] {
        assert!(
            listed(&hours, &[], (from, to), &[], "2026-01-01T00:00:00Z").is_empty(),
            "{from}"
        );
    }
}

#[test]
fn a_patient_asks_only_for_slots() {
    let mut hours = schedule("Europe/Zurich", &[("08:00", "10:00")], 20, 10);
    hours.min_notice_minutes = 60;
    hours.max_days_ahead = 30;
    let now = at("2026-06-01T06:00:00Z");
    let off = Exception::new(
        ExceptionKind::Off,
        at("2026-06-02T07:00:00Z"),
        at("2026-06-02T07:30:00Z"),
        now,
    );
    let exceptions = [off.unwrap()];
    let availability = Availability {
        schedule: &hours,
        exceptions: &exceptions,
    };
    for (start, length, expected) in [
        ("2026-06-02T06:00:00Z", 20, Ok(())),
        ("2026-06-02T06:30:00Z", 20, Ok(())),
        ("2026-06-02T06:30:00Z", 30, Ok(())),
        ("2026-06-02T06:30:00Z", 35, Err("outside_schedule")),
        ("2026-06-02T06:10:00Z", 20, Err("outside_schedule")),
        ("2026-06-02T07:00:00Z", 20, Err("outside_schedule")),
        ("2026-06-02T07:30:00Z", 35, Err("outside_schedule")),
        ("2026-06-02T06:00:00Z", 21, Err("outside_schedule")),
        ("2026-06-02T05:30:00Z", 20, Err("outside_schedule")),
        ("2026-06-01T06:30:00Z", 20, Err("too_soon")),
        ("2026-05-01T06:30:00Z", 20, Err("too_soon")),
        ("2026-07-01T07:00:00Z", 20, Ok(())),
        ("2026-07-02T07:00:00Z", 20, Err("too_far_ahead")),
        ("2100-02-28T07:00:00Z", 20, Err("too_far_ahead")),
    ] {
        let checked = availability
            .check(visit(start, length), now)
            .map_err(|v| v.kind);
        assert_eq!(checked, expected, "{start} {length}");
    }
}

#[test]
fn a_length_is_the_schedules_unless_asked_for() {
    let hours = schedule("UTC", &[], 20, 0);
    assert_eq!(slot_length(&hours, None), Ok(minutes(20)));
    assert_eq!(slot_length(&hours, Some(480)), Ok(minutes(480)));
    for bad in [0, 4, 7, 485, -5, i64::MAX] {
        assert_eq!(
            slot_length(&hours, Some(bad)),
            Err(DURATION_INVALID),
            "{bad}"
        );
    }
}
