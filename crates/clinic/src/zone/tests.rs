//! Local days and times against a slow oracle: it walks through the minutes of UTC and reads the clock at each.

use chrono::{Datelike, Duration, TimeZone as _, Utc};
use kernel::mail_language::MailLanguage;
use proptest::prelude::*;

use super::*;

/// Zones of many kinds: halves and quarters of an hour, a change of half an hour, a change at midnight, a day that was
/// skipped, the southern summer, none at all.
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

fn zone(name: &str) -> Zone {
    Zone::parse(name).unwrap()
}

fn at(text: &str) -> Timestamp {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn wall(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Every instant, to the minute, at which the clocks show `wall`.
fn slow_instants(zone: &Zone, wall: NaiveDateTime) -> Vec<Timestamp> {
    let near = wall.and_utc() - Duration::hours(26);
    (0..52 * 60)
        .map(|minute| near + Duration::minutes(minute))
        .filter(|&at| zone.wall(at) == wall)
        .collect()
}

fn found(zone: &Zone, wall: NaiveDateTime) -> Vec<Timestamp> {
    match zone.instants(wall) {
        WallTime::Once(at) => vec![at],
        WallTime::Skipped { .. } => vec![],
        WallTime::Twice { first, second } => vec![first, second],
    }
}

/// Both clock changes of four zones: the last minute before, the first and last doubtful minute, the first after.
// APT-10
#[test]
fn a_skipped_time_has_no_instant_and_a_doubled_one_two() {
    for (name, gap, gap_end, resumes, fold, fold_end, first, second) in [
        (
            "Europe/Zurich",
            "2026-03-29T02:00:00",
            "2026-03-29T03:00:00",
            "2026-03-29T01:00:00Z",
            "2026-10-25T02:00:00",
            "2026-10-25T03:00:00",
            "2026-10-25T00:00:00Z",
            "2026-10-25T01:00:00Z",
        ),
        (
            "America/New_York",
            "2026-03-08T02:00:00",
            "2026-03-08T03:00:00",
            "2026-03-08T07:00:00Z",
            "2026-11-01T01:00:00",
            "2026-11-01T02:00:00",
            "2026-11-01T05:00:00Z",
            "2026-11-01T06:00:00Z",
        ),
        (
            "Australia/Lord_Howe",
            "2026-10-04T02:00:00",
            "2026-10-04T02:30:00",
            "2026-10-03T15:30:00Z",
            "2026-04-05T01:30:00",
            "2026-04-05T02:00:00",
            "2026-04-04T14:30:00Z",
            "2026-04-04T15:00:00Z",
        ),
        (
            "America/Santiago",
            "2026-09-06T00:00:00",
            "2026-09-06T01:00:00",
            "2026-09-06T04:00:00Z",
            "2026-04-04T23:00:00",
            "2026-04-05T00:00:00",
            "2026-04-05T02:00:00Z",
            "2026-04-05T03:00:00Z",
        ),
    ] {
        let zone = zone(name);
        let minute = Duration::minutes(1);
        let resumes = at(resumes);
        for skipped in [wall(gap), wall(gap_end) - minute] {
            assert_eq!(
                zone.instants(skipped),
                WallTime::Skipped { resumes },
                "{name} {skipped}"
            );
            assert_eq!(zone.offered(skipped), None);
            assert_eq!(zone.reached(skipped), resumes);
        }
        assert_eq!(
            zone.instants(wall(gap) - minute),
            WallTime::Once(resumes - minute),
            "{name}"
        );
        assert_eq!(
            zone.instants(wall(gap_end)),
            WallTime::Once(resumes),
            "{name}"
        );

        let (first, second) = (at(first), at(second));
        assert_eq!(
            zone.instants(wall(fold)),
            WallTime::Twice { first, second },
            "{name}"
        );
        assert_eq!(zone.offered(wall(fold)), Some(first));
        assert_eq!(zone.reached(wall(fold)), first);
        let last = wall(fold_end) - wall(fold) - minute;
        let twice = WallTime::Twice {
            first: first + last,
            second: second + last,
        };
        assert_eq!(zone.instants(wall(fold_end) - minute), twice, "{name}");
        assert_eq!(
            zone.instants(wall(fold) - minute),
            WallTime::Once(first - minute),
            "{name}"
        );
        assert_eq!(
            zone.instants(wall(fold_end)),
            WallTime::Once(second + last + minute),
            "{name}"
        );
    }
}

#[test]
fn a_day_has_23_24_or_25_hours_or_none() {
    for (name, date, minutes) in [
        ("Europe/Zurich", "2026-03-28", 24 * 60),
        ("Europe/Zurich", "2026-03-29", 23 * 60),
        ("Europe/Zurich", "2026-10-25", 25 * 60),
        ("Australia/Lord_Howe", "2026-10-04", 23 * 60 + 30),
        ("America/Santiago", "2026-09-06", 23 * 60),
        ("America/Santiago", "2026-04-04", 25 * 60),
        ("Pacific/Apia", "2011-12-30", 0),
        ("UTC", "2024-02-29", 24 * 60),
        // The clocks went back at one minute past midnight.
        ("America/St_Johns", "1996-10-26", 24 * 60),
        ("America/St_Johns", "1996-10-27", 25 * 60),
    ] {
        let instants = zone(name).day(day(date));
        assert_eq!(
            (instants.end - instants.start).num_minutes(),
            minutes,
            "{name} {date}"
        );
    }
}

#[test]
fn the_29th_of_february_is_a_day_of_its_own() {
    let zurich = zone("Europe/Zurich");
    let leap = zurich.day(day("2028-02-29"));
    assert_eq!(leap.start, at("2028-02-28T23:00:00Z"));
    assert_eq!(zurich.date(leap.start), day("2028-02-29"));
    assert_eq!(zurich.date(leap.end), day("2028-03-01"));
    assert_eq!(
        zurich.read_from("2027-02-29").map_err(|v| v.kind),
        Err("time_invalid")
    );
}

#[test]
fn no_year_panics() {
    for name in ZONES {
        let zone = zone(name);
        for date in [
            NaiveDate::MIN,
            day("1890-06-01"),
            day("2100-02-28"),
            day("2100-07-01"),
            day("9999-12-31"),
            NaiveDate::MAX,
        ] {
            let instants = zone.day(date);
            assert!(instants.start <= instants.end, "{name} {date}");
            let _ = (
                zone.local_text(instants.start),
                zone.shown(instants.end, MailLanguage::Hindi),
            );
        }
        let ends = [Timestamp::MIN_UTC, Timestamp::MAX_UTC].map(|at| zone.wall(at).year());
        assert!(ends[0] <= -9999 && ends[1] >= 9999, "{ends:?}");
    }
    assert_eq!(
        zone("Europe/Zurich").local_text(at("1890-01-01T00:00:00Z")),
        "1890-01-01T00:29:46+00:30"
    );
    assert_eq!(
        zone("Europe/Zurich").local_text(at("2100-07-01T00:00:00Z")),
        "2100-07-01T02:00:00+02:00"
    );
}

// APT-11
#[test]
fn a_local_text_has_the_offset_of_its_instant() {
    for (name, text) in [
        ("Europe/Zurich", "2026-03-29T03:00:00+02:00"),
        ("Europe/Zurich", "2026-10-25T02:30:00+01:00"),
        ("America/St_Johns", "2026-01-01T12:00:00-03:30"),
        ("Asia/Kathmandu", "2026-01-01T12:00:00+05:45"),
        ("UTC", "2026-01-01T12:00:00+00:00"),
    ] {
        assert_eq!(zone(name).local_text(at(text)), text);
    }
}

#[test]
fn only_names_of_the_database_are_zones() {
    assert_eq!(zone("europe/zurich").name(), "Europe/Zurich");
    for other in [
        "",
        "Mars/Phobos",
        "+02:00",
        "CET-1CEST",
        "../etc/passwd",
        "Etc/Unknown",
        "right/Europe/Zurich",
        "posix/UTC",
        "CET",
        "localtime",
    ] {
        assert_eq!(Zone::parse(other), Err(ZONE_UNKNOWN), "{other:?}");
    }
}

#[test]
fn a_zone_is_stored_by_its_name() {
    let stored = serde_json::to_string(&zone("Asia/Kathmandu")).unwrap();
    assert_eq!(stored, r#""Asia/Kathmandu""#);
    assert_eq!(
        serde_json::from_str::<Zone>(&stored).unwrap(),
        zone("Asia/Kathmandu")
    );
    assert!(serde_json::from_str::<Zone>(r#""Nowhere""#).is_err());
}

#[test]
fn a_time_without_an_offset_is_local() {
    let zurich = zone("Europe/Zurich");
    for (typed, expected) in [
        ("2026-07-01T09:00:00Z", Ok("2026-07-01T09:00:00Z")),
        (
            "2026-07-01T09:00:00.1239-03:30",
            Ok("2026-07-01T12:30:00.123Z"),
        ),
        ("2026-07-01T09:00", Ok("2026-07-01T07:00:00Z")),
        ("2026-10-25T02:30:00", Ok("2026-10-25T00:30:00Z")),
        ("2026-03-29T02:30:00", Err("time_skipped")),
        ("2026-02-29T09:00:00Z", Err("time_invalid")),
        ("2026-07-01", Err("time_invalid")),
        ("2026-07-01T24:00", Err("time_invalid")),
        ("1890", Err("time_invalid")),
        ("2026-07-0\u{661}T09:00", Err("time_invalid")),
        ("+12026-07-01T09:00:00Z", Err("time_invalid")),
        ("", Err("time_invalid")),
    ] {
        let read = zurich
            .read_instant(typed)
            .map_err(|violation| violation.kind);
        assert_eq!(read, expected.map(at), "{typed:?}");
    }
}

// REP-1
#[test]
fn a_date_in_a_range_means_the_whole_local_day() {
    let zurich = zone("Europe/Zurich");
    assert_eq!(
        zurich.read_from("2026-03-29"),
        Ok(at("2026-03-28T23:00:00Z"))
    );
    assert_eq!(zurich.read_to("2026-03-29"), Ok(at("2026-03-29T22:00:00Z")));
    assert_eq!(
        zurich.read_to("2026-03-29T10:00:00Z"),
        Ok(at("2026-03-29T10:00:00Z"))
    );
    assert!(zurich.read_to("yesterday").is_err());
}

fn any_wall() -> impl Strategy<Value = (usize, NaiveDateTime)> {
    // Half of the days are near a clock change of the north or the south.
    let days = prop_oneof![
        0..36_500_i64,
        (0..60_i64).prop_map(|year| year * 365 + 20_000)
    ];
    (0..ZONES.len(), days, 0..24 * 60_i64).prop_map(|(zone, days, minute)| {
        let date = Utc.with_ymd_and_hms(1972, 1, 1, 0, 0, 0).unwrap();
        let date = (date + Duration::days(days) + Duration::minutes(minute)).naive_utc();
        (zone, date)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_wall_time_has_the_instants_that_a_walk_finds((index, wall) in any_wall()) {
        let zone = zone(ZONES[index]);
        prop_assert_eq!(found(&zone, wall), slow_instants(&zone, wall));
    }

    #[test]
    fn the_instants_of_a_day_are_those_with_its_date((index, wall) in any_wall()) {
        let zone = zone(ZONES[index]);
        let instants = zone.day(wall.date());
        // One day before 2012 in St. John's was shown in two parts, see `day`.
        let minute = Duration::minutes(1);
        let of_day = |at: Timestamp| zone.date(at) == wall.date();
        let whole = of_day(instants.start + minute) && !of_day(instants.end + minute);
        prop_assume!(instants.is_empty() || whole);
        let begin = wall.date().and_time(NaiveTime::MIN).and_utc() - Duration::hours(26);
        let minutes = (0..76 * 60).map(|minute| begin + Duration::minutes(minute));
        for at in minutes {
            prop_assert_eq!(instants.contains(&at), of_day(at), "{}", at);
        }
    }

    #[test]
    fn reading_anything_never_panics(text in any::<String>()) {
        let zone = zone("Europe/Zurich");
        let _ = (Zone::parse(&text), zone.read_from(&text), zone.read_to(&text));
    }
}

#[test]
fn days_near_each_clock_change_agree_with_the_walk() {
    for name in ZONES {
        let zone = zone(name);
        let mut day = day("2025-01-01");
        while day.year() < 2027 {
            let hours = (zone.day(day).end - zone.day(day).start).num_minutes();
            if hours != 24 * 60 {
                for minute in (0..5 * 60).chain(23 * 60..24 * 60).step_by(30) {
                    let wall = day.and_time(NaiveTime::MIN) + Duration::minutes(minute);
                    assert_eq!(
                        found(&zone, wall),
                        slow_instants(&zone, wall),
                        "{name} {wall}"
                    );
                }
            }
            day = day.succ_opt().unwrap();
        }
    }
}
