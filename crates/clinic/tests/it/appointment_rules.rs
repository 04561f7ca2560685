//! The rules of bookings through the API: holds, overbooking, exceptions, states, slots, lists, repetitions.

use chrono::Duration;
use clinic::appointments::{AppointmentId, consultation_ended, consultation_started};
use kernel::ids::UserId;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Answer;

use crate::{
    booking_desk::{at, book, day, open, slot, with},
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
        .refused(409, "SLOT_TAKEN");
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
    book(&clinic, PATIENT, late)
        .await
        .refused(409, "SLOT_TAKEN");
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

async fn free(clinic: &Clinic, days: i64) -> Vec<String> {
    let day = day(clinic, days);
    let path = format!("/appointments/slots?doctor_id={DOCTOR}&from={day}&to={day}");
    let answer = clinic.get(PATIENT, &path).await.expect(200);
    let slots = answer.body["slots"].as_array().unwrap();
    let local = |slot: &Value| slot["local_start"].as_str().unwrap()[11..16].to_owned();
    slots.iter().map(local).collect()
}

// APT-10, APT-24
#[tokio::test]
async fn free_times_are_those_of_the_week_without_what_is_taken() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    assert_eq!(free(&clinic, 3).await.len(), 20);
    book(&clinic, PATIENT, slot(DOCTOR, at(&clinic, 3, 9, 0)))
        .await
        .expect(201);
    let left = free(&clinic, 3).await;
    assert!(
        left.len() == 19 && !left.contains(&"09:00".to_owned()),
        "{left:?}"
    );
    let (from, to) = (day(&clinic, 1), day(&clinic, 40));
    let path = format!("/appointments/slots?doctor_id={DOCTOR}&from={from}&to={to}");
    let long = clinic.get(PATIENT, &path).await.expect(422);
    assert_eq!(long.validation_errors(), ["to interval_too_long"]);
    let to = day(&clinic, 31);
    let path = format!("/appointments/slots?doctor_id={DOCTOR}&from={from}&to={to}");
    let month = clinic.get(PATIENT, &path).await.expect(200);
    assert_eq!(month.body["slots"].as_array().unwrap().len(), 500);
    assert!(month.body["next_from"].is_string());
}

// APT-23
#[tokio::test]
async fn time_off_lists_what_it_covers_unless_it_is_kept() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let booked = book(&clinic, PATIENT, slot(DOCTOR, at(&clinic, 3, 9, 0)))
        .await
        .expect(201);
    let path = format!("/doctors/{DOCTOR}/exceptions");
    let off = json!({ "from": day(&clinic, 3), "to": day(&clinic, 3), "kind": "off" });
    let refused = clinic.post(DESK, &path, off.clone()).await;
    refused.refused(409, "STATE_CONFLICT");
    let listed = &refused.body["error"]["details"]["appointments"];
    assert_eq!(
        listed[0]["appointment_id"],
        booked.text("appointment_id").as_str()
    );
    assert_eq!(
        clinic.get(DESK, &path).await.expect(200).body["exceptions"],
        json!([])
    );
    assert_eq!(free(&clinic, 3).await.len(), 19);
    let kept = with(off, json!({ "keep": true }));
    let kept = clinic.post(DOCTOR, &path, kept).await.expect(200);
    assert!(free(&clinic, 3).await.is_empty());
    let other = book(&clinic, OTHER_PATIENT, slot(DOCTOR, at(&clinic, 3, 10, 0))).await;
    assert_eq!(
        other.expect(422).validation_errors(),
        ["start_time outside_schedule"]
    );
    let one = &kept.body["exceptions"][0];
    let (from, to) = (one["from"].as_str().unwrap(), one["to"].as_str().unwrap());
    let gone = format!("{path}?from={from}&to={to}&kind=off");
    clinic
        .delete(OTHER_DOCTOR, &gone)
        .await
        .refused(404, "RECORD_NOT_FOUND");
    clinic
        .delete(PATIENT, &gone)
        .await
        .refused(403, "ACCESS_DENIED");
    clinic.delete(DESK, &gone).await.expect(200);
    clinic
        .delete(DESK, &gone)
        .await
        .refused(404, "RECORD_NOT_FOUND");
    assert_eq!(free(&clinic, 3).await.len(), 19);
}

// APT-23
#[tokio::test]
async fn extra_hours_are_offered_beyond_the_week() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let (from, to) = (at(&clinic, 3, 19, 0), at(&clinic, 3, 20, 0));
    let extra = json!({ "from": from.to_rfc3339(), "to": to.to_rfc3339(), "kind": "extra" });
    let path = format!("/doctors/{DOCTOR}/exceptions");
    clinic.post(DESK, &path, extra).await.expect(200);
    assert_eq!(free(&clinic, 3).await[20..], ["19:00", "19:30"]);
    book(&clinic, PATIENT, slot(DOCTOR, from)).await.expect(201);
}

#[tokio::test]
async fn doctors_are_listed_with_whether_they_take_bookings() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let all = clinic.get(PATIENT, "/doctors").await.expect(200);
    let names: Vec<_> = all.body["doctors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|doctor| {
            (
                doctor["name"].as_str().unwrap(),
                doctor["accepts_bookings"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(names, [("Ada Lovelace", true), ("Grace Hopper", false)]);
    let one = clinic
        .get(PATIENT, "/doctors?q=HOPPER&specialization=cardio")
        .await
        .expect(200);
    assert_eq!(
        (
            &one.body["pagination"]["total"],
            one.body["doctors"].as_array().unwrap().len()
        ),
        (&json!(1), 1)
    );
    let first = clinic.get(PATIENT, "/doctors?limit=1").await.expect(200);
    let cursor = first.body["pagination"]["next_cursor"].as_str().unwrap();
    let second = clinic
        .get(PATIENT, &format!("/doctors?limit=1&cursor={cursor}"))
        .await
        .expect(200);
    assert_eq!(second.body["doctors"][0]["name"], "Grace Hopper");
    assert_eq!(second.body["pagination"]["has_more"], false);
}

#[tokio::test]
async fn a_schedule_is_changed_by_its_doctor_and_the_desk() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let path = format!("/doctors/{DOCTOR}/schedule");
    let week = json!({ "weekly": [{ "day": "monday", "from": "08:00", "to": "12:00" }] });
    clinic.put(DOCTOR, &path, week.clone()).await.expect(200);
    clinic
        .put(OTHER_DOCTOR, &path, week.clone())
        .await
        .refused(404, "RECORD_NOT_FOUND");
    clinic
        .put(PATIENT, &path, week.clone())
        .await
        .refused(403, "ACCESS_DENIED");
    let wrong = json!({ "weekly": [{ "day": "noday", "from": "08:00", "to": "12:01" }] });
    assert_eq!(
        clinic
            .put(DOCTOR, &path, wrong)
            .await
            .expect(422)
            .validation_errors(),
        ["weekly.0.day day_unknown", "weekly.0.to time_invalid"]
    );
    let seen = clinic.get(PATIENT, &path).await.expect(200);
    assert_eq!(seen.body["weekly"], week["weekly"]);
    assert_eq!(
        (seen.text("time_zone"), &seen.body["version"]),
        ("Europe/Zurich".to_owned(), &json!(2))
    );
    let none = format!("/doctors/{OTHER_DOCTOR}/schedule");
    clinic
        .get(PATIENT, &none)
        .await
        .refused(404, "RECORD_NOT_FOUND");
}

fn titles(answer: &Answer) -> Vec<&str> {
    let rows = answer.body["appointments"].as_array().unwrap();
    rows.iter()
        .map(|row| row["title"].as_str().unwrap())
        .collect()
}

// PAT-4, PAT-5
#[tokio::test]
async fn a_list_is_by_start_filtered_and_in_pages() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    open(&clinic, OTHER_DOCTOR, json!({})).await;
    for (days, patient, doctor, title) in [
        (5, PATIENT, DOCTOR, "c"),
        (3, PATIENT, OTHER_DOCTOR, "a"),
        (4, OTHER_PATIENT, DOCTOR, "b"),
        (6, PATIENT, DOCTOR, "d"),
    ] {
        let body = with(
            slot(doctor, at(&clinic, days, 9, 0)),
            json!({ "title": title }),
        );
        book(&clinic, patient, body).await.expect(201);
    }
    let list = async |caller: &str, query: &str| {
        clinic
            .get(caller, &format!("/appointments{query}"))
            .await
            .expect(200)
    };
    assert_eq!(titles(&list(DESK, "").await), ["a", "b", "c", "d"]);
    assert_eq!(titles(&list(DOCTOR, "").await), ["b", "c", "d"]);
    assert_eq!(titles(&list(PATIENT, "").await), ["a", "c", "d"]);
    let of = format!("?doctor_id={DOCTOR}&patient_id={PATIENT}");
    assert_eq!(titles(&list(DESK, &of).await), ["c", "d"]);
    assert_eq!(
        titles(&list(DOCTOR, &format!("?patient_id={PATIENT}")).await),
        ["c", "d"]
    );
    let days = format!("?from={}&to={}", day(&clinic, 4), day(&clinic, 5));
    assert_eq!(titles(&list(DESK, &days).await), ["b", "c"]);
    assert!(titles(&list(DESK, "?status=pending").await).is_empty());
    assert_eq!(titles(&list(DESK, "?skip=1&limit=2").await), ["b", "c"]);
    let first = list(DESK, "?limit=3").await;
    let page = &first.body["pagination"];
    assert_eq!(
        (&page["total"], &page["has_more"]),
        (&json!(4), &json!(true))
    );
    let cursor = page["next_cursor"].as_str().unwrap();
    let last = list(DESK, &format!("?limit=3&cursor={cursor}")).await;
    assert_eq!(
        (titles(&last), &last.body["pagination"]["has_more"]),
        (vec!["d"], &json!(false))
    );
    for (query, error) in [
        ("?status=held", "status choice_unknown"),
        ("?from=yesterday", "from time_invalid"),
        ("?offset=1&skip=1", "skip one_of"),
        ("?docter_id=x", "docter_id unknown"),
    ] {
        let refused = clinic
            .get(DESK, &format!("/appointments{query}"))
            .await
            .expect(422);
        assert_eq!(refused.validation_errors(), [error]);
    }
}

// E2
#[tokio::test]
async fn the_older_schedulers_list_is_a_bare_array() {
    let clinic = Clinic::start_with(|settings| settings.appointments.bare_list = true).await;
    open(&clinic, DOCTOR, json!({})).await;
    book(&clinic, PATIENT, slot(DOCTOR, at(&clinic, 3, 9, 0)))
        .await
        .expect(201);
    let list = clinic.get(PATIENT, "/appointments").await.expect(200);
    assert_eq!(list.body[0]["title"], "Checkup");
}

// ACC-2
#[tokio::test]
async fn a_confirmed_appointment_lets_its_doctor_see_the_patient() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let body = with(
        slot(DOCTOR, at(&clinic, 3, 9, 0)),
        json!({ "patient_id": PATIENT }),
    );
    book(&clinic, DOCTOR, body.clone())
        .await
        .refused(404, "RECORD_NOT_FOUND");
    book(&clinic, PATIENT, slot(DOCTOR, at(&clinic, 4, 9, 0)))
        .await
        .expect(201);
    book(&clinic, DOCTOR, body).await.expect(201);
    // The relationship lasts 90 days after the visit.
    clinic.clock.advance(Duration::days(96));
    let list = clinic.get(DOCTOR, "/appointments").await.expect(200);
    assert_eq!(list.body["appointments"], json!([]));
}

// CON-7
#[tokio::test]
async fn a_consultation_moves_its_appointment_once() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let start = at(&clinic, 3, 9, 0);
    let booked = book(&clinic, PATIENT, slot(DOCTOR, start))
        .await
        .expect(201);
    let id = AppointmentId::from_stored(booked.text("appointment_id"));
    let path = format!("/appointments/{id}");
    let (doctor, patient) = (UserId::from_stored(DOCTOR), UserId::from_stored(PATIENT));
    let now = clinic.clock.now();
    let other = UserId::from_stored(OTHER_DOCTOR);
    assert!(
        consultation_started(&clinic.app, &id, (&other, &patient), now)
            .await
            .is_err()
    );
    for _ in 0..2 {
        consultation_started(&clinic.app, &id, (&doctor, &patient), now)
            .await
            .unwrap();
        let seen = clinic.get(PATIENT, &path).await;
        assert_eq!(
            (seen.text("status"), &seen.body["version"]),
            ("arrived".to_owned(), &json!(2))
        );
    }
    book(&clinic, OTHER_PATIENT, slot(DOCTOR, start))
        .await
        .refused(409, "SLOT_TAKEN");
    for _ in 0..2 {
        consultation_ended(&clinic.app, &id, (&doctor, &patient), now)
            .await
            .unwrap();
    }
    consultation_started(&clinic.app, &id, (&doctor, &patient), now)
        .await
        .unwrap();
    let seen = clinic.get(PATIENT, &path).await;
    assert_eq!(
        (seen.text("status"), &seen.body["version"]),
        ("completed".to_owned(), &json!(3))
    );
    // It is over early, so its time is free.
    book(&clinic, OTHER_PATIENT, slot(DOCTOR, start))
        .await
        .expect(201);
}

// APT-9
#[tokio::test]
async fn a_repeated_booking_is_answered_as_the_first_time() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let send = async |body: Value| {
        let request = clinic
            .http
            .post(clinic.url("/appointments"))
            .bearer_auth(PATIENT);
        Answer::of(
            request
                .header("Idempotency-Key", "key-12345678")
                .json(&body),
        )
        .await
    };
    let body = slot(DOCTOR, at(&clinic, 3, 9, 0));
    let first = send(body.clone()).await.expect(201);
    let second = send(body).await.expect(201);
    assert_eq!(first.body, second.body);
    let other = slot(DOCTOR, at(&clinic, 3, 10, 0));
    send(other).await.refused(409, "IDEMPOTENCY_CONFLICT");
}

// ENC-1, AUDX-6
#[tokio::test]
async fn no_text_of_an_appointment_stands_in_the_database() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let words = json!({ "title": "Xylograph", "description": "Yttrium" });
    let body = with(slot(DOCTOR, at(&clinic, 3, 9, 0)), words);
    let booked = book(&clinic, PATIENT, body).await.expect(201);
    let path = format!("/appointments/{}", booked.text("appointment_id"));
    clinic
        .patch(DESK, &path, json!({ "notes": "Zeppelin" }))
        .await
        .expect(200);
    let rows = clinic.database.raw("appointments").await;
    let row = rows.find_one(bson::doc! {}).await.unwrap().unwrap();
    let stored = bson::serialize_to_vec(&row).unwrap();
    for word in ["Xylograph", "Yttrium", "Zeppelin", "Jane"] {
        let found = stored
            .windows(word.len())
            .any(|part| part == word.as_bytes());
        assert!(!found, "{word}");
    }
}
