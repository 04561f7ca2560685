//! The rules of bookings through the API: holds, overbooking, states, limits.

use chrono::Duration;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Answer;

use crate::{
    booking_desk::{at, book, free, open, slot, with},
    harness::{ADMIN, Clinic, DESK, DOCTOR, NEW_DOCTOR, OTHER_DOCTOR, OTHER_PATIENT, PATIENT},
};

async fn hold(clinic: &Clinic, caller: &str, start: chrono::DateTime<chrono::Utc>) -> Answer {
    let end = start + Duration::minutes(30);
    let body = json!({
        "doctor_id": DOCTOR, "start_time": start.to_rfc3339(), "end_time": end.to_rfc3339(),
    });
    clinic.post(caller, "/appointments/holds", body).await
}

// APT-8
#[tokio::test]
async fn a_held_time_is_taken_for_others_until_its_minute() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let start = at(&clinic, 3, 9, 0);
    let held = hold(&clinic, PATIENT, start).await.expect(201);
    book(&clinic, OTHER_PATIENT, slot(DOCTOR, start))
        .await
        .refused(409, "SLOT_TAKEN");
    hold(&clinic, OTHER_PATIENT, start)
        .await
        .refused(409, "SLOT_TAKEN");
    assert!(!free(&clinic, 3).await.contains(&"09:00".to_owned()));
    let of_other = with(
        slot(DOCTOR, start),
        json!({ "hold_id": held.text("hold_id") }),
    );
    book(&clinic, OTHER_PATIENT, of_other.clone())
        .await
        .refused(404, "RECORD_NOT_FOUND");
    let own = book(&clinic, PATIENT, of_other).await.expect(201);
    assert_eq!(own.text("appointment_id"), held.text("hold_id"));
    let other = at(&clinic, 3, 10, 0);
    let held = hold(&clinic, PATIENT, other).await.expect(201);
    clinic.clock.advance(Duration::minutes(5));
    assert!(free(&clinic, 3).await.contains(&"10:00".to_owned()));
    let late = with(
        slot(DOCTOR, other),
        json!({ "hold_id": held.text("hold_id") }),
    );
    book(&clinic, OTHER_PATIENT, slot(DOCTOR, other))
        .await
        .expect(201);
    // Who took the time removed the hold.
    book(&clinic, PATIENT, late)
        .await
        .refused(404, "RECORD_NOT_FOUND");
}

// APT-8
#[tokio::test]
async fn a_hold_that_does_not_fit_books_nothing() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    open(&clinic, OTHER_DOCTOR, json!({})).await;
    let (start, later) = (at(&clinic, 3, 9, 0), at(&clinic, 3, 10, 0));
    let held = hold(&clinic, PATIENT, start).await.expect(201);
    let by_hold = |doctor, start, id: &str| with(slot(doctor, start), json!({ "hold_id": id }));
    let id = held.text("hold_id");
    let mut without_doctor = by_hold(DOCTOR, start, &id);
    without_doctor["doctor_id"] = Value::Null;
    for body in [
        by_hold(OTHER_DOCTOR, start, &id),
        by_hold(DOCTOR, later, &id),
        without_doctor,
    ] {
        book(&clinic, PATIENT, body)
            .await
            .refused(409, "STATE_CONFLICT");
    }
    let mine = book(&clinic, PATIENT, by_hold(DOCTOR, later, "APT0")).await;
    let foreign = book(&clinic, OTHER_PATIENT, by_hold(DOCTOR, start, &id)).await;
    assert_eq!(
        mine.refused(404, "RECORD_NOT_FOUND"),
        foreign.refused(404, "RECORD_NOT_FOUND")
    );
    clinic.clock.advance(Duration::minutes(5));
    book(&clinic, PATIENT, by_hold(DOCTOR, start, &id))
        .await
        .refused(409, "SLOT_TAKEN");
    let listed = clinic.get(DESK, "/appointments").await.expect(200);
    assert_eq!(listed.body["appointments"], json!([]));
}

// APT-8
#[tokio::test]
async fn a_person_has_three_holds_and_gives_back_only_his_own() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let mut ids = Vec::new();
    for hour in 9..12 {
        ids.push(
            hold(&clinic, PATIENT, at(&clinic, 3, hour, 0))
                .await
                .expect(201)
                .text("hold_id"),
        );
    }
    hold(&clinic, PATIENT, at(&clinic, 3, 13, 0))
        .await
        .refused(409, "STATE_CONFLICT");
    let path = format!("/appointments/holds/{}", ids[0]);
    clinic
        .delete(OTHER_PATIENT, &path)
        .await
        .refused(404, "RECORD_NOT_FOUND");
    clinic.delete(PATIENT, &path).await.expect(200);
    clinic
        .delete(PATIENT, &path)
        .await
        .refused(404, "RECORD_NOT_FOUND");
    hold(&clinic, PATIENT, at(&clinic, 3, 13, 0))
        .await
        .expect(201);
    // A hold is no appointment.
    let found = format!("/appointments/{}", ids[1]);
    clinic
        .get(PATIENT, &found)
        .await
        .refused(404, "RECORD_NOT_FOUND");
    assert_eq!(
        clinic.get(DOCTOR, "/appointments").await.body["appointments"],
        json!([])
    );
    clinic.clock.advance(Duration::minutes(6));
    for hour in 14..17 {
        hold(&clinic, PATIENT, at(&clinic, 3, hour, 0))
            .await
            .expect(201);
    }
}

// APT-7
#[tokio::test]
async fn the_desk_overbooks_with_a_reason_up_to_the_capacity() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({ "capacity": 1 })).await;
    let start = at(&clinic, 3, 9, 0);
    let of = |patient: &str| with(slot(DOCTOR, start), json!({ "patient_id": patient }));
    let beside = |body: Value| with(body, json!({ "overbook": true, "overbook_reason": "pain" }));
    book(&clinic, PATIENT, slot(DOCTOR, start))
        .await
        .expect(201);
    book(&clinic, PATIENT, beside(slot(DOCTOR, start)))
        .await
        .refused(403, "ACCESS_DENIED");
    let unsaid = with(of(OTHER_PATIENT), json!({ "overbook": true }));
    assert_eq!(
        book(&clinic, DESK, unsaid)
            .await
            .expect(422)
            .validation_errors(),
        ["overbook_reason missing"]
    );
    book(&clinic, DESK, of(OTHER_PATIENT))
        .await
        .refused(409, "SLOT_TAKEN");
    let second = book(&clinic, DESK, beside(of(OTHER_PATIENT)))
        .await
        .expect(201);
    assert_eq!(second.body["overbooked"], true);
    let third = clinic.patient_of(DOCTOR, "Third Patient").await;
    book(&clinic, DESK, beside(of(third.as_str())))
        .await
        .refused(409, "SLOT_TAKEN");
}

// APT-4
#[tokio::test]
async fn a_patient_is_not_in_two_places_at_once() {
    let clinic = Clinic::start().await;
    for doctor in [DOCTOR, OTHER_DOCTOR] {
        open(&clinic, doctor, json!({})).await;
    }
    let start = at(&clinic, 3, 9, 0);
    book(&clinic, PATIENT, slot(DOCTOR, start))
        .await
        .expect(201);
    book(&clinic, PATIENT, slot(OTHER_DOCTOR, start))
        .await
        .refused(409, "SLOT_TAKEN");
    book(&clinic, OTHER_PATIENT, slot(OTHER_DOCTOR, start))
        .await
        .expect(201);
}

// APT-12
#[tokio::test]
async fn a_patient_keeps_to_the_schedule_and_the_desk_need_not() {
    let clinic = Clinic::start().await;
    let week = json!({ "min_notice_minutes": 2880, "max_days_ahead": 10, "buffer_minutes": 15 });
    open(&clinic, DOCTOR, week).await;
    for (days, hour, minute, error) in [
        (1, 8, 0, "start_time too_soon"),
        (12, 8, 0, "start_time too_far_ahead"),
        (4, 8, 10, "start_time outside_schedule"),
        (4, 19, 0, "start_time outside_schedule"),
    ] {
        let start = at(&clinic, days, hour, minute);
        let refused = book(&clinic, PATIENT, slot(DOCTOR, start))
            .await
            .expect(422);
        assert_eq!(refused.validation_errors(), [error]);
        let by_desk = with(slot(DOCTOR, start), json!({ "patient_id": PATIENT }));
        book(&clinic, DESK, by_desk).await.expect(201);
    }
    // The desk's appointment from 19:00 ends no buffer before any slot; one from 9:20 does.
    let near = with(
        slot(DOCTOR, at(&clinic, 5, 9, 20)),
        json!({ "patient_id": OTHER_PATIENT }),
    );
    book(&clinic, DESK, near).await.expect(201);
    book(&clinic, PATIENT, slot(DOCTOR, at(&clinic, 5, 8, 45)))
        .await
        .refused(409, "SLOT_TAKEN");
    for doctor in [NEW_DOCTOR, "DOC99999999"] {
        let start = at(&clinic, 4, 11, 0);
        book(&clinic, PATIENT, slot(doctor, start))
            .await
            .refused(404, "RECORD_NOT_FOUND");
    }
}

// APT-16
#[tokio::test]
async fn without_a_doctor_it_is_pending_until_the_desk_finds_one() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let start = at(&clinic, 3, 9, 0);
    let body = json!({ "title": "Any", "start_time": start.to_rfc3339(), "duration_minutes": 30 });
    let asked = book(&clinic, PATIENT, body).await.expect(201);
    assert_eq!(asked.text("status"), "pending");
    assert!(asked.body["doctor_id"].is_null());
    let path = format!("/appointments/{}", asked.text("appointment_id"));
    clinic
        .get(DOCTOR, &path)
        .await
        .refused(404, "RECORD_NOT_FOUND");
    let confirm = json!({ "status": "confirmed" });
    clinic
        .patch(PATIENT, &path, confirm.clone())
        .await
        .refused(403, "ACCESS_DENIED");
    clinic
        .patch(DESK, &path, confirm)
        .await
        .refused(409, "STATE_CONFLICT");
    let both = json!({ "status": "confirmed", "doctor_id": DOCTOR });
    let confirmed = clinic.patch(DESK, &path, both).await.expect(200);
    assert_eq!(confirmed.text("status"), "confirmed");
    clinic.get(DOCTOR, &path).await.expect(200);
}

// APT-16
#[tokio::test]
async fn patients_cancel_until_the_limit_and_the_desk_always() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let start = at(&clinic, 1, 17, 30);
    clinic
        .clock
        .advance(start - Duration::hours(20) - clinic.clock.now());
    let booked = book(&clinic, PATIENT, slot(DOCTOR, start))
        .await
        .expect(201);
    let path = format!("/appointments/{}", booked.text("appointment_id"));
    clinic
        .delete(PATIENT, &path)
        .await
        .refused(409, "STATE_CONFLICT");
    let moved = json!({ "start_time": (start + Duration::days(1)).to_rfc3339() });
    clinic
        .patch(PATIENT, &path, moved)
        .await
        .refused(409, "STATE_CONFLICT");
    clinic
        .delete(ADMIN, &path)
        .await
        .refused(403, "ACCESS_DENIED");
    let reason = Some(json!({ "reason": "The doctor is ill" }));
    clinic
        .call(Method::DELETE, DESK, &path, reason)
        .await
        .expect(200);
    let seen = clinic.get(PATIENT, &path).await.expect(200);
    assert_eq!(seen.text("cancel_reason"), "The doctor is ill");
    assert_eq!(
        (
            &seen.body["late_cancel"],
            seen.body["cancelled_at"].is_null()
        ),
        (&json!(true), false)
    );
    clinic
        .delete(DESK, &path)
        .await
        .refused(409, "STATE_CONFLICT");
    clinic
        .patch(DESK, &path, json!({ "status": "arrived" }))
        .await
        .refused(409, "STATE_CONFLICT");
}

// APT-16
#[tokio::test]
async fn a_change_of_an_older_version_is_refused() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let booked = book(&clinic, PATIENT, slot(DOCTOR, at(&clinic, 3, 9, 0)))
        .await
        .expect(201);
    let path = format!("/appointments/{}", booked.text("appointment_id"));
    let change = |title: &str| json!({ "title": title, "version": 1 });
    clinic.patch(DESK, &path, change("One")).await.expect(200);
    clinic
        .patch(DESK, &path, change("Two"))
        .await
        .refused(409, "VERSION_CONFLICT");
    let seen = clinic.get(PATIENT, &path).await.expect(200);
    assert_eq!(
        (seen.text("title"), &seen.body["version"]),
        ("One".to_owned(), &json!(2))
    );
}

// APT-5
#[tokio::test]
async fn a_move_that_overlaps_only_itself_works() {
    let clinic = Clinic::start().await;
    let booked = {
        open(&clinic, DOCTOR, json!({})).await;
        book(&clinic, PATIENT, slot(DOCTOR, at(&clinic, 3, 9, 0)))
            .await
            .expect(201)
    };
    let path = format!("/appointments/{}", booked.text("appointment_id"));
    let start = json!({ "start_time": at(&clinic, 3, 9, 5).to_rfc3339() });
    let moved = clinic.patch(DESK, &path, start).await.expect(200);
    assert!(
        moved.text("local_end").contains("T09:35:00"),
        "{}",
        moved.raw
    );
    let by_minute = json!({ "start_time": at(&clinic, 3, 9, 7).to_rfc3339() });
    clinic.patch(DESK, &path, by_minute).await.expect(200);
}
