//! What an appointment gives its doctor of the patient's record, and what takes it back (ACC-2).

use chrono::Duration;
use kernel::ids::UserId;
use serde_json::json;

use crate::{
    appointment_races::Two,
    booking_desk::{at, book, open, slot, with},
    harness::{Clinic, DESK, DOCTOR, OTHER_DOCTOR, PATIENT},
};

/// Whether the doctor may read the patient's record; if not, it is as if there was none.
async fn reads(clinic: &Clinic, doctor: &str, patient: &str) -> bool {
    let answer = clinic.get(doctor, &format!("/patients/{patient}")).await;
    if answer.status != 200 {
        answer.refused(404, "RECORD_NOT_FOUND");
        return false;
    }
    true
}

async fn set(clinic: &Clinic, id: &str, change: serde_json::Value) {
    let path = format!("/appointments/{id}");
    clinic.patch(DESK, &path, change).await.expect(200);
}

// ACC-2
#[tokio::test]
async fn a_booking_of_ones_own_lengthens_no_care() {
    let clinic = Clinic::start().await;
    open(&clinic, OTHER_DOCTOR, json!({})).await;
    let patient = clinic.patient_of(DOCTOR, "Anna Bell").await.to_string();
    let until = kernel::clock::rfc3339(clinic.clock.now() + Duration::minutes(10));
    let care = json!({
        "doctor_id": OTHER_DOCTOR, "kind": "covering", "until": until, "reason": "lunch",
    });
    let team = format!("/patients/{patient}/care-team");
    clinic.post(DOCTOR, &team, care).await.expect(200);
    let own = with(
        slot(OTHER_DOCTOR, at(&clinic, 20, 9, 0)),
        json!({ "patient_id": patient }),
    );
    let booked = book(&clinic, OTHER_DOCTOR, own).await.expect(201);
    assert!(reads(&clinic, OTHER_DOCTOR, &patient).await);
    clinic.clock.advance(Duration::minutes(10));
    assert!(!reads(&clinic, OTHER_DOCTOR, &patient).await);
    // When the desk says that the patient is here, the doctor needs the record.
    clinic
        .clock
        .advance(at(&clinic, 20, 9, 0) - clinic.clock.now());
    let id = booked.text("appointment_id");
    set(&clinic, &id, json!({ "status": "arrived" })).await;
    assert!(reads(&clinic, OTHER_DOCTOR, &patient).await);
}

// ACC-2
#[tokio::test]
async fn a_cancelled_appointment_takes_its_doctors_access_back() {
    let clinic = Clinic::start().await;
    open(&clinic, OTHER_DOCTOR, json!({})).await;
    let booking = async |days| {
        let body = slot(OTHER_DOCTOR, at(&clinic, days, 9, 0));
        let booked = book(&clinic, PATIENT, body).await.expect(201);
        format!("/appointments/{}", booked.text("appointment_id"))
    };
    let (first, second) = (booking(3).await, booking(5).await);
    for path in [&second, &first] {
        assert!(reads(&clinic, OTHER_DOCTOR, PATIENT).await);
        clinic.delete(DESK, path).await.expect(200);
    }
    assert!(!reads(&clinic, OTHER_DOCTOR, PATIENT).await);
    // The desk's assignment stays.
    let care = json!({ "doctor_id": OTHER_DOCTOR, "kind": "treating", "reason": "asked for" });
    let team = format!("/patients/{PATIENT}/care-team");
    clinic.post(DESK, &team, care).await.expect(200);
    let third = booking(6).await;
    clinic.delete(DESK, &third).await.expect(200);
    assert!(reads(&clinic, OTHER_DOCTOR, PATIENT).await);
}

// ACC-2
#[tokio::test]
async fn an_appointment_that_goes_to_another_doctor_takes_the_access_along() {
    let clinic = Clinic::start().await;
    for doctor in [DOCTOR, OTHER_DOCTOR] {
        open(&clinic, doctor, json!({})).await;
    }
    let body = slot(OTHER_DOCTOR, at(&clinic, 3, 9, 0));
    let booked = book(&clinic, PATIENT, body).await.expect(201);
    let id = booked.text("appointment_id");
    assert!(!reads(&clinic, DOCTOR, PATIENT).await);
    set(&clinic, &id, json!({ "doctor_id": DOCTOR })).await;
    assert!(reads(&clinic, DOCTOR, PATIENT).await);
    assert!(!reads(&clinic, OTHER_DOCTOR, PATIENT).await);
}

// ACC-2
#[tokio::test]
async fn a_booking_beside_a_cancellation_keeps_its_doctors_access() {
    let two = Two::start(6).await;
    open(&two.a, OTHER_DOCTOR, json!({})).await;
    for (patient, days) in two.patients.iter().map(UserId::as_str).zip(3..) {
        let of = |hour| {
            let body = slot(OTHER_DOCTOR, at(&two.a, days, hour, 0));
            with(body, json!({ "patient_id": patient }))
        };
        let first = book(&two.a, DESK, of(9)).await.expect(201);
        let path = format!("/appointments/{}", first.text("appointment_id"));
        let (gone, booked) = tokio::join!(two.a.delete(DESK, &path), book(&two.b, DESK, of(10)));
        gone.expect(200);
        booked.expect(201);
        assert!(reads(&two.b, OTHER_DOCTOR, patient).await, "{days}");
    }
}
