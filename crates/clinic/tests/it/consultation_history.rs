//! The history of a patient's consultations, through the API.

use chrono::Duration;
use serde_json::json;

use crate::{
    consultations::{start, started},
    harness::{ADMIN, Clinic, DESK, DOCTOR, OTHER_DOCTOR, OTHER_PATIENT},
};

// CON-5, ACC-5
#[tokio::test]
async fn a_history_is_for_those_who_may_see_it() {
    let clinic = Clinic::start().await;
    let patient = clinic.patient_of(DOCTOR, "Anna Müller").await;
    let id = started(&clinic, &patient).await;
    let path = format!("/consultation/history/{patient}");
    let own = clinic.get(patient.as_str(), &path).await.expect(200);
    assert_eq!(own.body["consultations"][0]["chief_complaint"], "headache");
    let detail = format!("/consultation/detail/{id}");
    let own = clinic.get(patient.as_str(), &detail).await.expect(200);
    assert_eq!(own.body.get("notes"), None);
    for foreign in [OTHER_DOCTOR, OTHER_PATIENT] {
        clinic
            .get(foreign, &path)
            .await
            .refused(404, "RECORD_NOT_FOUND");
        clinic
            .get(foreign, &detail)
            .await
            .refused(404, "RECORD_NOT_FOUND");
        let unknown = "/consultation/detail/CS-20260101-0123ABCD";
        clinic
            .get(foreign, unknown)
            .await
            .refused(404, "RECORD_NOT_FOUND");
    }
    for role in [DESK, ADMIN] {
        clinic.get(role, &path).await.refused(403, "ACCESS_DENIED");
    }
}

// CON-5
#[tokio::test]
async fn a_history_is_paged_from_the_newest() {
    let clinic = Clinic::start().await;
    let patient = clinic.patient_of(DOCTOR, "Anna Müller").await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        clinic.clock.advance(Duration::minutes(1));
        let force = json!({"force": true});
        ids.push(
            start(&clinic, &patient, force)
                .await
                .expect(200)
                .text("session_id"),
        );
    }
    ids.reverse();
    let path = format!("/consultation/history/{patient}?limit=2");
    let mut walked = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = clinic
            .get(DOCTOR, &format!("{path}&cursor={cursor}"))
            .await
            .expect(200)
            .body;
        assert_eq!(page["pagination"]["total"], 5);
        let rows = page["consultations"].as_array().unwrap().clone();
        walked.extend(
            rows.iter()
                .map(|row| row["session_id"].as_str().unwrap().to_owned()),
        );
        match page["pagination"]["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(walked, ids);
    let skipped = clinic
        .get(DOCTOR, &format!("{path}&offset=3"))
        .await
        .expect(200)
        .body;
    assert_eq!(skipped["consultations"][0]["session_id"], ids[3]);
    let refused = clinic.get(DOCTOR, &format!("{path}&state=open")).await;
    assert_eq!(refused.validation_errors(), ["state unknown"]);
}
