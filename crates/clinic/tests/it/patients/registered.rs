//! Patients who registered, and whom the desk finds without having made them.

use std::sync::Arc;

use serde_json::json;

use super::names;
use crate::harness::{Clinic, DESK, OTHER_PATIENT, PATIENT};

async fn listed(clinic: &Clinic) -> Vec<String> {
    let mut found = names(&clinic.get(DESK, "/patients/list").await.expect(200));
    found.sort();
    found
}

// E1, PAT-11
#[tokio::test]
async fn the_desk_finds_who_registered_after_a_tick() {
    let clinic = Clinic::start().await;
    assert!(listed(&clinic).await.is_empty());
    clinic::tick(&clinic.app).await.unwrap();
    assert_eq!(listed(&clinic).await, ["Jane Doe", "John Roe"]);
    let found = clinic.get(DESK, "/patients/search?q=ja+doe").await;
    let found = &found.expect(200).body["patients"];
    assert_eq!(
        (&found[0]["patient_id"], &found[0]["match"]),
        (&json!(PATIENT), &json!("name"))
    );
    let again = json!({
        "name": "Jane Doe", "date_of_birth": "1990-05-17", "sex": "female", "doctor_id": crate::harness::DOCTOR,
    });
    clinic
        .post(DESK, "/patients", again)
        .await
        .refused(409, "POSSIBLE_DUPLICATE");
    // A new account is the newest one.
    let newer = clinic.people.register("PAT00000003", "Joan", "Poe");
    clinic::tick(&clinic.app).await.unwrap();
    assert_eq!(listed(&clinic).await, ["Jane Doe", "Joan Poe", "John Roe"]);
    let record = clinic.record(&newer).await;
    clinic::tick(&clinic.app).await.unwrap();
    assert_eq!(clinic.record(&newer).await.created_at, record.created_at);
}

// E1: an instance that died left the record of an older account out
#[tokio::test]
async fn each_start_visits_the_accounts_of_before() {
    let clinic = Clinic::start().await;
    // The newest account has its record, so the look at the newest accounts ends there.
    let newest = format!("/patients/{OTHER_PATIENT}");
    clinic.get(DESK, &newest).await.expect(200);
    assert_eq!(listed(&clinic).await, ["John Roe"]);
    for _ in 0..2 {
        clinic::tick(&clinic.app).await.unwrap();
    }
    assert_eq!(listed(&clinic).await, ["Jane Doe", "John Roe"]);
    // Two instances may do it at once.
    let second = clinic.another().await;
    clinic.people.register("PAT00000003", "Joan", "Poe");
    let apps = [Arc::clone(&clinic.app), Arc::clone(&second.app)];
    let (a, b) = tokio::join!(clinic::tick(&apps[0]), clinic::tick(&apps[1]));
    a.and(b).unwrap();
    assert_eq!(listed(&clinic).await, ["Jane Doe", "Joan Poe", "John Roe"]);
}
