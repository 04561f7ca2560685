//! What a consultation does to the appointment that it was started from.

use serde_json::json;

use crate::{
    booking_desk::{at, book, open, slot},
    consultations::start,
    harness::{Clinic, DOCTOR, OTHER_DOCTOR, OTHER_PATIENT, treat},
};

// CON-7, APT-3
#[tokio::test]
async fn an_appointment_arrives_and_is_completed_once() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let patient = clinic.patient_of(DOCTOR, "Anna Müller").await;
    let time = slot(DOCTOR, at(&clinic, 3, 9, 0));
    let booked = book(&clinic, patient.as_str(), time.clone()).await;
    let appointment = booked.expect(201).text("appointment_id");
    let is = async |status: &str, version: i64| {
        let path = format!("/appointments/{appointment}");
        let seen = clinic.get(DOCTOR, &path).await.expect(200).body;
        assert_eq!(
            (&seen["status"], &seen["version"]),
            (&json!(status), &json!(version))
        );
    };
    let begin = json!({ "appointment_id": appointment });
    let id = start(&clinic, &patient, begin.clone())
        .await
        .expect(200)
        .text("session_id");
    is("arrived", 2).await;
    start(&clinic, &patient, begin.clone())
        .await
        .refused(409, "CONSULTATION_ACTIVE");
    // Who is here still has the time; what is over early frees it.
    let another = async || book(&clinic, OTHER_PATIENT, time.clone()).await;
    another().await.refused(409, "SLOT_TAKEN");
    let path = format!("/consultation/{id}/stop");
    for _ in 0..2 {
        clinic.post(DOCTOR, &path, json!({})).await.expect(200);
        is("completed", 3).await;
    }
    another().await.expect(201);
    start(&clinic, &patient, begin.clone())
        .await
        .refused(409, "STATE_CONFLICT");
    let unknown = json!({"appointment_id": "APT2"});
    start(&clinic, &patient, unknown)
        .await
        .refused(404, "RECORD_NOT_FOUND");
    let other = clinic.patient_of(DOCTOR, "Eva Berg").await;
    start(&clinic, &other, begin.clone())
        .await
        .refused(404, "RECORD_NOT_FOUND");
    treat(&clinic, OTHER_DOCTOR, &patient).await;
    let mut of_other_doctor = begin;
    of_other_doctor["patient_id"] = json!(patient);
    clinic
        .post(OTHER_DOCTOR, "/consultation/start", of_other_doctor)
        .await
        .refused(404, "RECORD_NOT_FOUND");
}

// CON-7
#[tokio::test]
async fn a_forced_start_completes_the_appointment_of_the_old_one() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let patient = clinic.patient_of(DOCTOR, "Anna Müller").await;
    let mut paths = Vec::new();
    for hour in [9, 10] {
        let time = slot(DOCTOR, at(&clinic, 3, hour, 0));
        let booked = book(&clinic, patient.as_str(), time).await.expect(201);
        let appointment = booked.text("appointment_id");
        let begin = json!({ "appointment_id": appointment, "force": true });
        start(&clinic, &patient, begin).await.expect(200);
        paths.push(format!("/appointments/{appointment}"));
    }
    for (path, status) in paths.iter().zip(["completed", "arrived"]) {
        assert_eq!(clinic.get(DOCTOR, path).await.text("status"), status);
    }
}
