//! Appointments through the API.

use clinic::appointments::use_cases::clock_rules;
use serde_json::json;

use crate::{
    booking_desk::{at, book, open, slot, with},
    harness::{ADMIN, Clinic, DESK, DOCTOR, OTHER_DOCTOR, OTHER_PATIENT, PATIENT},
};

// APT-3, APT-11
#[tokio::test]
async fn a_patient_books_reads_moves_and_cancels_his_own() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let start = at(&clinic, 3, 9, 0);
    let booked = book(&clinic, PATIENT, slot(DOCTOR, start))
        .await
        .expect(201);
    assert_eq!(booked.text("status"), "confirmed");
    assert_eq!(booked.text("time_zone"), "Europe/Zurich");
    assert!(
        booked.text("local_start").contains("T09:00:00+0"),
        "{}",
        booked.raw
    );
    assert_eq!(booked.text("doctor_name"), "Ada Lovelace");
    assert_eq!(booked.text("patient_name"), "Jane Doe");
    let path = format!("/appointments/{}", booked.text("appointment_id"));
    assert_eq!(
        clinic.get(PATIENT, &path).await.expect(200).text("title"),
        "Checkup"
    );
    let taken = book(&clinic, OTHER_PATIENT, slot(DOCTOR, start)).await;
    taken.refused(409, "SLOT_TAKEN");
    let later = json!({ "start_time": at(&clinic, 3, 10, 0).to_rfc3339() });
    let moved = clinic.patch(PATIENT, &path, later).await.expect(200);
    assert!(moved.text("local_start").contains("T10:00:00"));
    assert_eq!(moved.body["version"], 2);
    book(&clinic, OTHER_PATIENT, slot(DOCTOR, start))
        .await
        .expect(201);
    let cancelled = clinic.delete(PATIENT, &path).await.expect(200);
    assert_eq!(cancelled.text("status"), "cancelled");
    book(&clinic, OTHER_PATIENT, slot(DOCTOR, at(&clinic, 3, 10, 0)))
        .await
        .expect(201);
}

// ACC-2, ACC-3, ACC-7
#[tokio::test]
async fn foreign_and_unknown_appointments_are_the_same() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let booked = book(&clinic, PATIENT, slot(DOCTOR, at(&clinic, 3, 9, 0)))
        .await
        .expect(201);
    let path = format!("/appointments/{}", booked.text("appointment_id"));
    for caller in [OTHER_PATIENT, OTHER_DOCTOR] {
        clinic
            .get(caller, &path)
            .await
            .refused(404, "RECORD_NOT_FOUND");
        clinic
            .patch(caller, &path, json!({ "title": "x" }))
            .await
            .refused(404, "RECORD_NOT_FOUND");
        clinic
            .delete(caller, &path)
            .await
            .refused(404, "RECORD_NOT_FOUND");
    }
    clinic
        .get(PATIENT, "/appointments/APT0")
        .await
        .refused(404, "RECORD_NOT_FOUND");
    for caller in [PATIENT, DOCTOR, DESK] {
        clinic.get(caller, &path).await.expect(200);
    }
    let other = with(
        slot(DOCTOR, at(&clinic, 3, 10, 0)),
        json!({ "patient_id": OTHER_PATIENT }),
    );
    book(&clinic, PATIENT, other)
        .await
        .refused(403, "ACCESS_DENIED");
    let query = format!("/appointments?patient_id={OTHER_PATIENT}");
    clinic
        .get(PATIENT, &query)
        .await
        .refused(403, "ACCESS_DENIED");
    let query = format!("/appointments?doctor_id={OTHER_DOCTOR}");
    clinic
        .get(DOCTOR, &query)
        .await
        .refused(403, "ACCESS_DENIED");
}

// ACC-5, ACC-6
#[tokio::test]
async fn notes_are_for_the_clinic_and_texts_not_for_admins() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let booked = book(&clinic, PATIENT, slot(DOCTOR, at(&clinic, 3, 9, 0)))
        .await
        .expect(201);
    let path = format!("/appointments/{}", booked.text("appointment_id"));
    let notes = json!({ "notes": "wheelchair" });
    clinic
        .patch(PATIENT, &path, notes.clone())
        .await
        .refused(403, "ACCESS_DENIED");
    let by_desk = clinic.patch(DESK, &path, notes).await.expect(200);
    assert_eq!(by_desk.text("notes"), "wheelchair");
    assert_eq!(clinic.get(DOCTOR, &path).await.text("notes"), "wheelchair");
    assert!(
        !clinic
            .get(PATIENT, &path)
            .await
            .expect(200)
            .raw
            .contains("wheelchair")
    );
    let admin = clinic.get(ADMIN, &path).await.expect(200);
    assert!(
        admin.body["title"].is_null() && !admin.raw.contains("wheelchair"),
        "{}",
        admin.raw
    );
}

// AUDX-1, AUDX-2, AUDX-6
#[tokio::test]
async fn each_read_and_change_has_its_audit_record() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let body = slot(DOCTOR, at(&clinic, 3, 9, 0));
    let booked = book(&clinic, PATIENT, body).await.expect(201);
    let path = format!("/appointments/{}", booked.text("appointment_id"));
    clinic.get(DESK, &path).await.expect(200);
    clinic.get(DESK, "/appointments").await.expect(200);
    clinic.delete(DESK, &path).await.expect(200);
    let log = clinic.database.raw("audit_log").await;
    let mut records = Vec::new();
    for (action, detail) in [
        ("appointment", Some("book")),
        ("record_read", None),
        ("record_read", Some("list")),
        ("appointment", Some("cancelled")),
    ] {
        let find = bson::doc! { "action": action, "detail": detail, "subjects": PATIENT };
        let found = log.find_one(find).await.unwrap();
        let found = found.unwrap_or_else(|| panic!("{action} {detail:?}"));
        assert!(!found.to_string().contains("Checkup"));
        records.push(found);
    }
    let basis = |at: usize| records[at].get_str("basis").unwrap();
    assert_eq!((basis(0), basis(1)), ("self", "desk"));
}

// APT-13
#[tokio::test]
async fn appointments_whose_clocks_changed_are_found() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let booked = book(&clinic, PATIENT, slot(DOCTOR, at(&clinic, 3, 9, 0)))
        .await
        .expect(201);
    let shifted = async || {
        clock_rules::shifted(&clinic.app, clinic.clock.now())
            .await
            .unwrap()
    };
    assert!(shifted().await.is_empty());
    // As the rules of before would have written it.
    let rows = clinic.database.raw("appointments").await;
    let older = bson::doc! { "$set": { "local": "2026-03-30T08:00:00+01:00" } };
    rows.update_one(bson::doc! {}, older).await.unwrap();
    let found = shifted().await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].as_str(), booked.text("appointment_id"));
}

// ACC-7
#[tokio::test]
async fn a_doctor_sees_only_his_own_of_a_shared_patient() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let patient = clinic.patient_of(OTHER_DOCTOR, "Anna Shared").await;
    let body = slot(DOCTOR, at(&clinic, 3, 9, 0));
    let booked = book(&clinic, patient.as_str(), body).await.expect(201);
    let path = format!("/appointments/{}", booked.text("appointment_id"));
    clinic.get(DOCTOR, &path).await.expect(200);
    for answer in [
        clinic.get(OTHER_DOCTOR, &path).await,
        clinic.delete(OTHER_DOCTOR, &path).await,
    ] {
        answer.refused(404, "RECORD_NOT_FOUND");
    }
}
