//! Schedules, free times, lists and repetitions of appointments through the API.

use chrono::Duration;
use serde_json::{Value, json};
use testkit::Answer;

use crate::{
    booking_desk::{at, book, day, free, open, slot, with},
    harness::{Clinic, DESK, DOCTOR, OTHER_DOCTOR, OTHER_PATIENT, PATIENT},
};

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
    let path = format!("/appointments/slots?doctor_id={DOCTOR}&to={to}");
    let without = clinic.get(PATIENT, &path).await.expect(422);
    assert_eq!(without.validation_errors(), ["from missing"]);
    for (from, to, at_fault) in [
        ("2026-02-30", "2026-03-01", "from time_invalid"),
        ("today", "2026-03-01", "from time_invalid"),
        ("2026-03-02", "2026-03-01", "to interval_empty"),
    ] {
        let path = format!("/appointments/slots?doctor_id={DOCTOR}&from={from}&to={to}");
        let wrong = clinic.get(PATIENT, &path).await.expect(422);
        assert_eq!(wrong.validation_errors(), [at_fault]);
    }
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

// PAT-6, PAT-7
#[tokio::test]
async fn a_doctor_is_found_by_words_in_any_order_without_accents() {
    let clinic = Clinic::start().await;
    let id = kernel::ids::UserId::from_stored(OTHER_DOCTOR);
    clinic
        .people
        .doctors
        .lock()
        .unwrap()
        .get_mut(&id)
        .unwrap()
        .name = "José Müller".to_owned();
    for (q, total) in [
        ("muller", 1),
        ("jose", 1),
        ("Müller José", 1),
        ("mueller", 1),
        ("jose ada", 0),
    ] {
        let found = clinic.get(PATIENT, &format!("/doctors?q={q}")).await;
        assert_eq!(found.expect(200).body["pagination"]["total"], total, "{q}");
    }
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
    let none = clinic.get(PATIENT, &none).await.expect(200);
    assert_eq!(
        (&none.body["weekly"], &none.body["version"]),
        (&json!([]), &json!(0))
    );
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
    let rest = list(DESK, &format!("?limit=3&cursor={cursor}")).await;
    assert_eq!(
        (titles(&rest), &rest.body["pagination"]["has_more"]),
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

// ACC-2, PAT-5
#[tokio::test]
async fn a_doctors_pages_and_total_are_without_patients_whose_care_has_ended() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    for (days, title) in (3..).zip(["a", "b", "c", "d", "e"]) {
        let patient = if ["b", "c"].contains(&title) {
            OTHER_PATIENT
        } else {
            PATIENT
        };
        let body = with(
            slot(DOCTOR, at(&clinic, days, 9, 0)),
            json!({ "title": title }),
        );
        book(&clinic, patient, body).await.expect(201);
    }
    let ended = format!("/patients/{OTHER_PATIENT}/care-team/{DOCTOR}");
    clinic.delete(DESK, &ended).await.expect(200);
    let page = async |caller: &str, query: &str| {
        let path = format!("/appointments?limit=2{query}");
        clinic.get(caller, &path).await.expect(200)
    };
    let first = page(DOCTOR, "").await;
    assert_eq!(titles(&first), ["a", "d"]);
    let pagination = &first.body["pagination"];
    assert_eq!(
        (&pagination["total"], &pagination["has_more"]),
        (&json!(3), &json!(true))
    );
    let cursor = pagination["next_cursor"].as_str().unwrap();
    let last = page(DOCTOR, &format!("&cursor={cursor}")).await;
    assert_eq!(titles(&last), ["e"]);
    assert_eq!(last.body["pagination"]["has_more"], false);
    assert_eq!(page(DESK, "").await.body["pagination"]["total"], 5);
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
