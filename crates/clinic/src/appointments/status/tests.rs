//! The state machine as a table, and who may do what.

use chrono::DateTime;

use super::*;

/// Row: from; column: to. `b` by booking only; `s` doctor and desk; `p` these and the patient in time; `.` never.
const TABLE: &str = "
           held pending confirmed arrived completed cancelled no_show
held       .    b       b         .       .         .         .
pending    .    .       s         .       .         p         .
confirmed  .    .       .         s       .         p         s
arrived    .    .       .         .       s         s         .
completed  .    .       .         .       .         .         .
cancelled  .    .       .         .       .         .         .
no_show    .    .       .         .       .         .         .
";

const ROLES: [Role; 4] = Role::ALL;

fn at(hour: i64) -> Timestamp {
    DateTime::from_timestamp(1_800_000_000 + hour * 3600, 0).unwrap()
}

fn rules(now: i64) -> ChangeRules {
    ChangeRules {
        cancel_hours: 24,
        now: at(now),
    }
}

/// An appointment that begins at hour 100.
fn facts(status: AppointmentStatus) -> AppointmentFacts {
    AppointmentFacts {
        status,
        start: at(100),
    }
}

fn table() -> Vec<(AppointmentStatus, AppointmentStatus, char)> {
    let mut lines = TABLE.trim_start_matches('\n').lines();
    let columns: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    let mut cells = Vec::new();
    for line in lines {
        let mut words = line.split_whitespace();
        let from = AppointmentStatus::parse(words.next().unwrap()).unwrap();
        for (column, cell) in columns.iter().zip(words) {
            let to = AppointmentStatus::parse(column).unwrap();
            cells.push((from, to, cell.chars().next().unwrap()));
        }
    }
    assert_eq!(cells.len(), 49);
    cells
}

// APT-16
#[test]
fn states_follow_each_other_as_the_table_says() {
    for (from, to, cell) in table() {
        assert_eq!(from.may_become(to), cell != '.', "{from:?} {to:?}");
        for by in ROLES {
            // In the middle of the appointment's hour, where no time forbids the staff anything, and long before.
            let during = rules(100).change(by, facts(from), to).is_ok();
            let before = rules(0).change(by, facts(from), to).is_ok();
            let staff = matches!(by, Role::Doctor | Role::Staff) && matches!(cell, 's' | 'p');
            assert_eq!(during, staff, "{by:?} {from:?} {to:?}");
            let too_early = to == AppointmentStatus::NoShow;
            let patient = by == Role::Patient && cell == 'p';
            assert_eq!(
                before,
                (staff && !too_early) || patient,
                "{by:?} {from:?} {to:?}"
            );
        }
    }
}

#[test]
fn a_patient_never_confirms_or_completes() {
    for from in AppointmentStatus::ALL {
        for to in AppointmentStatus::ALL {
            if to != AppointmentStatus::Cancelled {
                let refused = rules(0).change(Role::Patient, facts(from), to);
                assert_eq!(refused, Err(Refusal::NotAllowed), "{from:?} {to:?}");
            }
        }
    }
}

#[test]
fn a_patient_cancels_and_moves_until_the_limit() {
    let visit = facts(AppointmentStatus::Confirmed);
    let cancel = |by, rules: ChangeRules| rules.change(by, visit, AppointmentStatus::Cancelled);
    let change = |late_cancel| Change {
        to: AppointmentStatus::Cancelled,
        late_cancel,
    };
    assert_eq!(cancel(Role::Patient, rules(76)), Ok(change(false)));
    assert_eq!(rules(76).move_by(Role::Patient, visit), Ok(()));
    assert_eq!(cancel(Role::Patient, rules(77)), Err(Refusal::TooLate));
    assert_eq!(
        rules(77).move_by(Role::Patient, visit),
        Err(Refusal::TooLate)
    );
    for by in [Role::Staff, Role::Doctor] {
        assert_eq!(cancel(by, rules(76)), Ok(change(false)));
        assert_eq!(cancel(by, rules(77)), Ok(change(true)), "{by:?}");
        assert_eq!(rules(200).move_by(by, visit), Ok(()));
    }
    let free = ChangeRules {
        cancel_hours: 0,
        now: at(100),
    };
    assert_eq!(cancel(Role::Patient, free), Ok(change(false)));
    let far = ChangeRules {
        cancel_hours: u32::MAX,
        now: at(0),
    };
    assert_eq!(cancel(Role::Patient, far), Err(Refusal::TooLate));
}

#[test]
fn only_what_is_to_come_is_moved() {
    for status in AppointmentStatus::ALL {
        let movable = matches!(
            status,
            AppointmentStatus::Pending | AppointmentStatus::Confirmed
        );
        for by in ROLES {
            let moved = rules(0).move_by(by, facts(status));
            assert_eq!(
                moved.is_ok(),
                movable && by != Role::Admin,
                "{by:?} {status:?}"
            );
        }
    }
}

#[test]
fn an_absence_is_noted_from_the_start_on() {
    let absent = |now| {
        rules(now).change(
            Role::Staff,
            facts(AppointmentStatus::Confirmed),
            AppointmentStatus::NoShow,
        )
    };
    assert_eq!(absent(99), Err(Refusal::WrongState));
    assert!(absent(100).is_ok());
}

// APT-3
#[test]
fn live_states_hold_the_time_and_no_other() {
    let holding: Vec<&str> = AppointmentStatus::ALL
        .into_iter()
        .filter(|status| status.holds_time())
        .map(AppointmentStatus::name)
        .collect();
    assert_eq!(holding, ["held", "pending", "confirmed", "arrived"]);
}

#[test]
fn a_booking_is_confirmed_as_the_clinic_says() {
    use AppointmentStatus::{Confirmed, Pending};
    assert_eq!(
        AppointmentStatus::booked(Confirmation::Automatic, true),
        Confirmed
    );
    assert_eq!(
        AppointmentStatus::booked(Confirmation::Automatic, false),
        Pending
    );
    assert_eq!(AppointmentStatus::booked(Confirmation::Desk, true), Pending);
    assert_eq!(
        AppointmentStatus::booked(Confirmation::Desk, false),
        Pending
    );
}

// CON-7
#[test]
fn a_consultation_moves_its_appointment_once() {
    for status in AppointmentStatus::ALL {
        for next in [
            status.when_consultation_starts(),
            status.when_consultation_ends(),
        ]
        .into_iter()
        .flatten()
        {
            assert!(status.may_become(next));
        }
    }
    let arrived = AppointmentStatus::Confirmed
        .when_consultation_starts()
        .unwrap();
    assert_eq!(arrived.when_consultation_starts(), None);
    let completed = arrived.when_consultation_ends().unwrap();
    assert_eq!(completed.when_consultation_ends(), None);
}

#[test]
fn a_state_is_stored_by_its_name() {
    for status in AppointmentStatus::ALL {
        assert_eq!(serde_json::to_value(status).unwrap(), status.name());
        assert_eq!(AppointmentStatus::parse(status.name()), Some(status));
    }
    assert_eq!(AppointmentStatus::parse("Confirmed"), None);
}
