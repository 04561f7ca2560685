//! Tests of care relationships.

use super::*;

fn at(day: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + Duration::days(20_000 + day)
}

fn reason() -> CareReason {
    CareReason::parse("holiday").unwrap()
}

fn care(kind: CareKind, until: Option<i64>) -> Care {
    Care {
        kind,
        since: at(0),
        until: until.map(at),
        reason: reason(),
    }
}

// ACC-2
#[test]
fn care_stands_until_its_end_and_not_at_it() {
    assert!(care(CareKind::Primary, None).is_live(at(9000)));
    let covering = care(CareKind::Covering, Some(7));
    assert!(covering.is_live(at(7) - Duration::milliseconds(1)));
    assert!(!covering.is_live(at(7)));
}

#[test]
fn a_visit_begins_care_until_some_days_after_its_start() {
    let begun = Care::visit(None, at(10), 90, at(1)).unwrap();
    assert_eq!(begun.kind, CareKind::Treating);
    assert_eq!((begun.since, begun.until), (at(1), Some(at(100))));
    let ended = care(CareKind::Primary, Some(1));
    assert_eq!(Care::visit(Some(&ended), at(10), 90, at(1)), Some(begun));
    assert_eq!(Care::visit(None, at(0), 90, at(90)), None);
}

#[test]
fn a_visit_extends_care_and_never_shortens_it() {
    let primary = care(CareKind::Primary, None);
    assert_eq!(Care::visit(Some(&primary), at(10), 90, at(1)), None);
    let covering = care(CareKind::Covering, Some(50));
    let longer = Care::visit(Some(&covering), at(10), 90, at(1)).unwrap();
    assert_eq!(
        (longer.kind, longer.until),
        (CareKind::Covering, Some(at(100)))
    );
    assert_eq!(Care::visit(Some(&longer), at(5), 90, at(1)), None);
}

// ACC-2
#[test]
fn a_cancelled_visit_takes_back_what_it_gave() {
    let begun = Care::visit(None, at(10), 90, at(1)).unwrap();
    let without = |care: &Care, last: Option<i64>, now: i64| {
        let left = care.without_visit(last.map(at), 90, at(now));
        left.map(|care| care.until.unwrap())
    };
    assert_eq!(without(&begun, None, 2), Some(at(2)));
    assert_eq!(without(&begun, Some(5), 2), Some(at(95)));
    assert_eq!(without(&begun, Some(10), 2), None);
    // An older visit gives nothing any more.
    let later = Care::visit(Some(&begun), at(200), 90, at(99)).unwrap();
    assert_eq!(without(&later, Some(10), 150), Some(at(150)));
    assert_eq!(without(&begun, None, 100), None);
    assert_eq!(without(&care(CareKind::Covering, Some(50)), None, 2), None);
}

#[test]
fn ending_care_twice_changes_nothing() {
    let ended = care(CareKind::Primary, None)
        .ended(reason(), at(3))
        .unwrap();
    assert_eq!(ended.until, Some(at(3)));
    assert_eq!(ended.ended(reason(), at(4)), None);
}

#[test]
fn an_end_in_the_past_is_refused() {
    let assigned = |until| Care::assigned(CareKind::Referral, Some(until), reason(), at(3));
    assert_eq!(assigned(at(3)), Err(UNTIL_PAST));
    assert_eq!(assigned(at(4)).unwrap().until, Some(at(4)));
}

#[test]
fn only_a_primary_doctor_hands_the_patient_over() {
    let over = |own: &Care| own.hand_over(CareKind::Primary, None, reason(), 90, at(2));
    let done = over(&care(CareKind::Primary, None)).unwrap();
    assert_eq!(
        (done.given.kind, done.given.until),
        (CareKind::Primary, None)
    );
    let kept = done.kept.unwrap();
    assert_eq!((kept.kind, kept.until), (CareKind::Treating, Some(at(92))));
    for own in [
        care(CareKind::Covering, None),
        care(CareKind::Primary, Some(2)),
    ] {
        assert_eq!(over(&own), Err(CareRefusal::NotOwn));
    }
}

#[test]
fn a_doctor_gives_no_longer_than_he_has() {
    let own = care(CareKind::Covering, Some(7));
    let give = |until: Option<i64>| {
        let done = own.hand_over(CareKind::Referral, until.map(at), reason(), 90, at(2));
        done.map(|it| (it.given.until, it.kept))
    };
    assert_eq!(give(None), Ok((Some(at(7)), None)));
    assert_eq!(give(Some(30)), Ok((Some(at(7)), None)));
    assert_eq!(give(Some(5)), Ok((Some(at(5)), None)));
    assert_eq!(give(Some(1)), Err(CareRefusal::Rule(UNTIL_PAST)));
}

#[test]
fn a_hand_over_takes_nothing_from_the_other_doctor() {
    let given = |kind, until| HandOver {
        given: care(kind, until),
        kept: None,
    };
    let covering = given(CareKind::Covering, Some(7));
    assert!(covering.improves(None, at(1)));
    assert!(covering.improves(Some(&care(CareKind::Referral, Some(5))), at(1)));
    assert!(covering.improves(Some(&care(CareKind::Primary, Some(1))), at(1)));
    assert!(!covering.improves(Some(&care(CareKind::Primary, None)), at(1)));
    let primary = given(CareKind::Primary, None);
    assert!(primary.improves(Some(&care(CareKind::Treating, None)), at(1)));
    assert!(!primary.improves(Some(&care(CareKind::Primary, None)), at(1)));
}

#[test]
fn a_kind_is_read_in_its_own_spelling() {
    for kind in [
        CareKind::Primary,
        CareKind::Treating,
        CareKind::Covering,
        CareKind::Referral,
    ] {
        assert_eq!(CareKind::parse(kind.name()), Ok(kind));
        let stored = serde_json::to_string(&kind).unwrap();
        assert_eq!(stored, format!("\"{}\"", kind.name()));
    }
    assert_eq!(CareKind::parse("Primary"), Err(KIND_UNKNOWN));
}
