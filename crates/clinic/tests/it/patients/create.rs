//! New patients.

use serde_json::{Value, json};

use super::{anna, person, with};
use crate::harness::{ADMIN, Clinic, DESK, DOCTOR, NEW_DOCTOR, OTHER_DOCTOR, PATIENT};

// ACC-2, PAT-1
#[tokio::test]
async fn a_doctor_makes_a_patient_and_reads_the_record() {
    let clinic = Clinic::start().await;
    let full = with(
        anna(),
        json!({
            "address": "Main St 1\n8000 Zürich", "referred_by": "Dr. Who", "language": "de-CH",
            "emergency_contact": { "name": "Eva", "relation": "mother", "phone": "+41 44 111 22 33" },
            "illness_duration": { "value": 3, "unit": "Weeks" },
            "informants": { "selection": ["Self", "Mother"], "other_details": "a neighbour" },
            "precipitating_factor": { "narrative": "after a fall", "tags": ["fall"] },
            "symptoms": [{ "symptom_name": "Headache", "severity": "mild", "frequency": "Daily",
                "duration": { "value": 2, "unit": "days" }, "notes": "in the morning" }],
        }),
    );
    let made = clinic.post(DOCTOR, "/patients", full).await.expect(201);
    let id = made.text("patient_id");
    let read = clinic
        .get(DOCTOR, &format!("/patients/{id}"))
        .await
        .expect(200);
    let mut body = read.body.clone();
    let of = |body: &Value| body.as_object().unwrap().clone();
    let (mut one, mut other) = (of(&made.body), of(&body));
    one.remove("message");
    other.remove("message");
    assert_eq!(one, other);
    assert!(
        body["symptoms"][0]["symptom_id"]
            .as_str()
            .unwrap()
            .starts_with("SYM")
    );
    let symptom = body["symptoms"][0].as_object_mut().unwrap();
    symptom.remove("symptom_id");
    for (field, expected) in [
        ("id", json!(id)),
        ("name", json!("Anna Müller")),
        ("first_name", json!("Anna")),
        ("last_name", json!("Müller")),
        ("sex", json!("female")),
        ("date_of_birth", json!("1990-05-17")),
        ("phone", json!("079 000 00 01")),
        ("email", json!("Anna@Example.org")),
        ("address", json!("Main St 1\n8000 Zürich")),
        ("referred_by", json!("Dr. Who")),
        ("language", json!("de-CH")),
        ("illness_duration", json!({ "value": 3, "unit": "weeks" })),
        (
            "informants",
            json!({ "selection": ["Self", "Mother"], "other_details": "a neighbour" }),
        ),
        (
            "precipitating_factor",
            json!({ "narrative": "after a fall", "tags": ["fall"] }),
        ),
        (
            "emergency_contact",
            json!({ "name": "Eva", "relation": "mother", "phone": "+41 44 111 22 33" }),
        ),
        ("relationship", json!("primary")),
        ("has_account", json!(false)),
        ("last_visit", Value::Null),
        ("next_appointment", Value::Null),
        ("access", json!({ "basis": "care", "until": null })),
        ("version", json!(1)),
    ] {
        assert_eq!(body[field], expected, "{field}");
    }
    assert_eq!(body["care_team"][0]["name"], "Ada Lovelace");
    assert_eq!(body["symptoms"][0]["severity"], "Mild");
}
