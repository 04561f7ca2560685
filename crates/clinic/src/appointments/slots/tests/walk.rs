//! Random schedules against a walk in steps of five minutes.

use proptest::prelude::*;

use super::*;

/// Whether a slot begins at `at`, found by a walk in steps of five minutes.
fn slow_is_free(
    availability: &Availability<'_>,
    at: Timestamp,
    length: Duration,
    busy: &[Interval],
) -> bool {
    let schedule = availability.schedule;
    let zone: &Zone = &schedule.time_zone;
    let wall = zone.wall(at);
    let steps = |from: i64, to: i64| (from..to).map(|step| at + minutes(step * 5));
    let step = i64::from(schedule.slot_minutes + schedule.buffer_minutes);
    let on_grid = |from: NaiveDateTime| wall >= from && (wall - from).num_minutes() % step == 0;
    let first = || steps(-24, 0).all(|earlier| zone.wall(earlier) != wall);
    let in_week = schedule.hours_of(wall.date()).any(|(from, to)| {
        let closes = || steps(0, 400).find(|later| zone.wall(*later) >= to).unwrap();
        on_grid(from) && wall < to && at + length <= closes()
    });
    let in_extra = availability.exceptions.iter().any(|extra| {
        extra.kind == ExceptionKind::Extra
            && extra.from <= at
            && at + length <= extra.to
            && on_grid(zone.wall(extra.from))
    });
    let off = availability.exceptions.iter().any(|off| {
        off.kind == ExceptionKind::Off
            && steps(0, length.num_minutes() / 5).any(|at| off.from <= at && at < off.to)
    });
    let buffer = minutes(schedule.buffer_minutes.into());
    let busy = busy
        .iter()
        .any(|busy| at < busy.end() + buffer && busy.start() < at + length + buffer);
    (in_week || in_extra) && !off && !busy && first()
}

/// A day near a clock change, or any.
fn any_day() -> impl Strategy<Value = NaiveDate> {
    let change = prop::sample::select(vec![
        "2026-03-29",
        "2026-10-25",
        "2026-03-08",
        "2026-11-01",
        "2026-10-04",
        "2026-04-05",
        "2026-09-06",
        "2026-04-04",
        "2026-09-27",
        "2028-02-29",
    ]);
    prop_oneof![
        change.prop_map(|day| day.parse::<NaiveDate>().unwrap()),
        (0..700_u64)
            .prop_map(|n| "2025-01-01".parse::<NaiveDate>().unwrap() + chrono::Days::new(n)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn slots_are_those_that_a_walk_finds(
        zone in prop::sample::select(ZONES.to_vec()),
        day in any_day(),
        (from, hours) in (0..20_i64, 1..30_i64),
        (slot, buffer, length) in (1..12_i64, 0..4_i64, 1..20_i64),
        exceptions in prop::collection::vec((any::<bool>(), 0..576_i64, 1..200_i64), 0..4),
        busy in prop::collection::vec((0..2880_i64, 1..300_i64), 0..6),
    ) {
        let clock = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
        let to = (from * 60 + hours * 50 / 5 * 5).min(24 * 60);
        let schedule = schedule(zone, &[(&clock(from * 60), &clock(to))], slot * 5, buffer * 5);
        let begin = schedule.time_zone.day(day).start - minutes(12 * 60);
        let now = begin - Duration::days(100);
        let exceptions: Vec<Exception> = exceptions.into_iter().map(|(off, from, steps)| {
            let kind = if off { ExceptionKind::Off } else { ExceptionKind::Extra };
            let from = begin + minutes(from * 5);
            Exception::new(kind, from, from + minutes(steps * 5), now).unwrap()
        }).collect();
        let busy: Vec<Interval> = busy.into_iter().map(|(from, length)| {
            Interval::lasting(begin + minutes(from), length).unwrap()
        }).collect();
        let availability = Availability { schedule: &schedule, exceptions: &exceptions };
        let length = minutes(length * 5);
        let range = SlotRange::new(begin, begin + minutes(2880)).unwrap();
        let found = availability.slots(range, length, &busy, now);
        let mut walked: Vec<Timestamp> = (0..576)
            .map(|step| begin + minutes(step * 5))
            .filter(|at| slow_is_free(&availability, *at, length, &busy))
            .collect();
        prop_assert_eq!(found.next_from, walked.get(MAX_SLOTS).copied());
        walked.truncate(MAX_SLOTS);
        let starts: Vec<Timestamp> = found.slots.iter().map(|slot| slot.start()).collect();
        prop_assert_eq!(starts, walked);
        for slot in found.slots {
            prop_assert_eq!(availability.check(slot, now), Ok(()));
        }
    }
}
