//! The slots against slow oracles: they walk through the instants and read the clock at each.

mod clocks;
mod walk;

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
    // Extra hours over the midnight of the last day end with the day.
    let extra = Exception::new(
        ExceptionKind::Extra,
        at("2026-06-02T10:30:00Z"),
        at("2026-06-02T12:00:00Z"),
        at(now),
    );
    let listed = listed(&hours, &[extra.unwrap()], range, &[], now);
    assert_eq!(listed, ["02 08:30", "02 23:30"]);
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
        ("2026-06-01T07:00:00Z", 20, Ok(())),
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
