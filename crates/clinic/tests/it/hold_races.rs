//! Races of holds: requests split over two instances, then the end state through the API.

use chrono::{DateTime, Duration, Utc};
use futures_util::future::join_all;
use serde_json::json;
use testkit::Answer;

use crate::{
    appointment_races::{Two, winners},
    booking_desk::{at, book, slot, with},
    harness::{Clinic, DOCTOR, PATIENT},
};

/// Who want the time of a hold that has expired.
const TAKERS: usize = 8;

async fn hold(clinic: &Clinic, caller: &str, start: DateTime<Utc>) -> Answer {
    let end = start + Duration::minutes(30);
    let body = json!({
        "doctor_id": DOCTOR, "start_time": start.to_rfc3339(), "end_time": end.to_rfc3339(),
    });
    clinic.post(caller, "/appointments/holds", body).await
}

// APT-8
#[tokio::test]
async fn one_of_30_takers_gets_an_expired_hold() {
    let two = Two::start(30).await;
    for round in 0..5 {
        let start = at(&two.a, 3 + round, 9, 0);
        hold(&two.a, PATIENT, start).await.expect(201);
        two.a.clock.advance(Duration::minutes(5));
        let tries = two.patients.iter().enumerate().map(|(number, patient)| {
            book(two.instance(number), patient.as_str(), slot(DOCTOR, start))
        });
        let answers = join_all(tries).await;
        assert_eq!(winners(&answers, 201, "SLOT_TAKEN").len(), 1, "{round}");
        assert_eq!(two.live().await.len(), usize::try_from(round).unwrap() + 1);
    }
}

// APT-8
#[tokio::test]
async fn a_hold_that_expires_is_accepted_or_taken_never_both() {
    let two = Two::start(TAKERS + 1).await;
    // For the owner the hold stands, and for the takers it has expired.
    let ahead = &two.a.another_ahead(Duration::minutes(5)).await;
    let (owner, others) = two.patients.split_last().unwrap();
    for round in 0..12 {
        let start = at(&two.a, 3 + round, 9, 0);
        let held = hold(&two.a, owner.as_str(), start).await.expect(201);
        let accepted = with(
            slot(DOCTOR, start),
            json!({ "hold_id": held.text("hold_id") }),
        );
        // One after the other, so that the hold is accepted between any two steps of one of them.
        let tries = others
            .iter()
            .enumerate()
            .map(|(number, patient)| async move {
                for _ in 0..10 * number {
                    tokio::task::yield_now().await;
                }
                book(ahead, patient.as_str(), slot(DOCTOR, start)).await
            });
        let late = async {
            for _ in 0..16 * round {
                tokio::task::yield_now().await;
            }
            book(&two.a, owner.as_str(), accepted).await
        };
        let (accept, answers) = tokio::join!(late, join_all(tries));
        let mut won = winners(&answers, 201, "SLOT_TAKEN");
        match (accept.status, accept.code()) {
            (201, _) => won.push(&accept),
            (409, "SLOT_TAKEN") | (404, "RECORD_NOT_FOUND") => {}
            _ => panic!("{round}: {}", accept.raw),
        }
        let won: Vec<_> = won.iter().map(|answer| answer.text("user_id")).collect();
        let live = two.live().await;
        let live: Vec<_> = live
            .iter()
            .filter(|row| row.1 == start)
            .map(|row| row.0.clone())
            .collect();
        assert!(won.len() == 1 && live == won, "{round}: {won:?} {live:?}");
    }
}

// APT-8
#[tokio::test]
async fn a_person_never_has_more_than_three_holds() {
    let two = Two::start(0).await;
    let tries = (0..20).map(|number| {
        let start = at(&two.a, 3, 8, 0) + Duration::minutes(30) * number;
        hold(
            two.instance(usize::try_from(number).unwrap()),
            PATIENT,
            start,
        )
    });
    let answers = join_all(tries).await;
    assert_eq!(winners(&answers, 201, "STATE_CONFLICT").len(), 3);
}
