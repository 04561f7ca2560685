//! Schedules, typed and stored.

use super::*;

fn typed() -> TypedSchedule {
    let hours = |day: &str, from: &str, to: &str| TypedHours {
        day: day.to_owned(),
        from: from.to_owned(),
        to: to.to_owned(),
    };
    TypedSchedule {
        time_zone: "Europe/Zurich".to_owned(),
        weekly: vec![
            hours("Tuesday", "13:30", "24:00"),
            hours("tuesday", "08:00", "13:30"),
            hours("monday", "00:00", "00:05"),
        ],
        slot_minutes: 20,
        buffer_minutes: 5,
        min_notice_minutes: 61,
        max_days_ahead: 90,
        capacity: 2,
    }
}

fn errors(change: impl FnOnce(&mut TypedSchedule)) -> Vec<(String, &'static str)> {
    let mut typed = typed();
    change(&mut typed);
    let errors = Schedule::parse(&typed).err().unwrap_or_default();
    errors
        .into_iter()
        .map(|error| (error.field.into_owned(), error.kind))
        .collect()
}

#[test]
fn a_schedule_is_read_sorted_and_stored() {
    let schedule = Schedule::parse(&typed()).unwrap();
    let rows: Vec<String> = schedule
        .weekly
        .iter()
        .map(|hours| format!("{} {}-{}", hours.day.name(), hours.from, hours.to))
        .collect();
    assert_eq!(
        rows,
        [
            "monday 00:00-00:05",
            "tuesday 08:00-13:30",
            "tuesday 13:30-24:00"
        ]
    );
    let stored = serde_json::to_string(&schedule).unwrap();
    assert!(
        stored.contains(r#"{"day":"tuesday","from":"13:30","to":"24:00"}"#),
        "{stored}"
    );
    assert_eq!(serde_json::from_str::<Schedule>(&stored).unwrap(), schedule);
}

#[test]
fn all_violations_of_a_schedule_are_told_at_once() {
    let found = errors(|typed| {
        typed.time_zone = "Nowhere".to_owned();
        typed.weekly[0].day = "someday".to_owned();
        typed.weekly[1].from = "8:00".to_owned();
        typed.weekly[2].to = "00:00".to_owned();
        typed.slot_minutes = 7;
        typed.buffer_minutes = -5;
        typed.min_notice_minutes = 43_201;
        typed.max_days_ahead = 731;
        typed.capacity = 11;
    });
    let fields: Vec<&str> = found.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "time_zone",
            "weekly.0.day",
            "weekly.1.from",
            "weekly.2.to",
            "slot_minutes",
            "buffer_minutes",
            "min_notice_minutes",
            "max_days_ahead",
            "capacity",
        ]
    );
}

#[test]
fn hours_of_a_day_do_not_overlap() {
    let found = errors(|typed| typed.weekly[1].to = "13:35".to_owned());
    assert_eq!(found, [("weekly.1.from".to_owned(), "hours_overlap")]);
    assert!(errors(|typed| typed.weekly[1].day = "monday".to_owned()).is_empty());
    let many = errors(|typed| typed.weekly = vec![typed.weekly[0].clone(); 71]);
    assert_eq!(many, [("weekly".to_owned(), "too_many")]);
}

#[test]
fn numbers_of_a_schedule_end_at_their_limits() {
    type Set = fn(&mut TypedSchedule, i64);
    let numbers: [(Set, i64, i64, i64); 5] = [
        (|typed, value| typed.slot_minutes = value, 5, 480, 5),
        (|typed, value| typed.buffer_minutes = value, 0, 240, 5),
        (
            |typed, value| typed.min_notice_minutes = value,
            0,
            43_200,
            1,
        ),
        (|typed, value| typed.max_days_ahead = value, 0, 730, 1),
        (|typed, value| typed.capacity = value, 0, 10, 1),
    ];
    for (set, least, most, step) in numbers {
        for (value, fits) in [
            (least, true),
            (most, true),
            (least - step, false),
            (most + step, false),
            (i64::MIN, false),
            (i64::MAX, false),
        ] {
            assert_eq!(
                errors(|typed| set(typed, value)).is_empty(),
                fits,
                "{value}"
            );
        }
    }
}

#[test]
fn a_time_of_day_is_two_and_two_digits_in_fives() {
    for (typed, minutes) in [("00:00", 0), ("08:05", 485), ("24:00", 1440)] {
        assert_eq!(DayTime::parse(typed), Ok(DayTime(minutes)));
    }
    for bad in [
        "",
        "8:00",
        "08:60",
        "24:05",
        "25:00",
        "08:01",
        "08:00:00",
        "+8:00",
        "０８:00",
        "99:99",
        "08",
    ] {
        assert_eq!(DayTime::parse(bad), Err(TIME_INVALID), "{bad:?}");
    }
}

#[test]
fn hours_of_a_date_are_those_of_its_weekday() {
    let schedule = Schedule::parse(&typed()).unwrap();
    let of = |date: &str| schedule.hours_of(date.parse().unwrap()).collect::<Vec<_>>();
    // A Tuesday, and a Wednesday.
    assert_eq!(of("2028-02-29").len(), 2);
    assert_eq!(of("2028-02-29")[1].1.to_string(), "2028-03-01 00:00:00");
    assert!(of("2028-03-01").is_empty());
    let _ = of(&NaiveDate::MAX.to_string());
}
