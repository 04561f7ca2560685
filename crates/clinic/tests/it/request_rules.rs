//! What requests may say: keys of repetitions, null and empty texts, changes without a change, all faults at once.

use serde_json::{Value, json};
use testkit::Answer;

use crate::{
    booking_desk::{at, book, open, slot, with},
    harness::{ADMIN, Clinic, DESK, DOCTOR, PASSWORD, PATIENT},
    reports::{report, seen, sign},
};

fn person(name: &str) -> Value {
    json!({ "name": name, "sex": "female", "date_of_birth": "1990-05-17" })
}

/// The path of a new appointment.
async fn appointment(clinic: &Clinic, more: Value) -> String {
    open(clinic, DOCTOR, json!({})).await;
    let body = with(slot(DOCTOR, at(clinic, 3, 9, 0)), more);
    let booked = book(clinic, PATIENT, body).await.expect(201);
    format!("/appointments/{}", booked.text("appointment_id"))
}

// PAT-12, APT-9
#[tokio::test]
async fn a_key_that_is_no_visible_ascii_is_refused_and_not_ignored() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let send = async |path: &str, keys: &[&[u8]], body: &Value| {
        let mut request = clinic.http.post(clinic.url(path)).bearer_auth(DESK);
        for key in keys {
            request = request.header("Idempotency-Key", *key);
        }
        Answer::of(request.json(body)).await
    };
    let long = [b'a'; 201];
    let bad: [&[&[u8]]; 7] = [
        &[b"abcdefgh\xfc"],
        &["schlüssel-1".as_bytes()],
        &[b"abcdefg"],
        &[&long],
        &[b"abcd efgh"],
        &[b""],
        &[b"abcdefgh", b"abcdefgh"],
    ];
    let booking = with(
        slot(DOCTOR, at(&clinic, 3, 9, 0)),
        json!({ "patient_id": PATIENT }),
    );
    let patient = with(person("Anna Meier"), json!({ "doctor_id": DOCTOR }));
    for (path, body) in [("/patients", &patient), ("/appointments", &booking)] {
        for keys in bad {
            let refused = send(path, keys, body).await;
            assert_eq!(
                refused.validation_errors(),
                ["Idempotency-Key idempotency_key_invalid"],
                "{path} {keys:?}"
            );
        }
    }
    let both = send(
        "/patients",
        &[b"abcdefgh\xfc"],
        &with(patient, json!({ "sex": "x" })),
    )
    .await;
    assert_eq!(
        both.validation_errors(),
        [
            "Idempotency-Key idempotency_key_invalid",
            "sex choice_unknown"
        ]
    );
    let found = clinic.get(DESK, "/patients/search?q=anna").await;
    assert_eq!(found.body["count"], 0);
}

#[tokio::test]
async fn a_record_is_taken_back_as_it_was_answered() {
    let clinic = Clinic::start().await;
    let full = with(
        person("Anna Meier"),
        json!({ "informants": { "selection": ["Self"] }, "emergency_contact": { "name": "Eva" },
            "precipitating_factor": { "narrative": "fall" } }),
    );
    let made = clinic.post(DOCTOR, "/patients", full).await.expect(201);
    let path = format!("/patients/{}", made.text("patient_id"));
    let read = clinic.get(DOCTOR, &path).await.expect(200).body;
    let mut change = json!({ "version": 1 });
    for field in [
        "informants",
        "emergency_contact",
        "precipitating_factor",
        "illness_duration",
    ] {
        change[field] = read[field].clone();
    }
    assert!(
        change["informants"]["other_details"].is_null()
            && change["emergency_contact"]["phone"].is_null()
    );
    let changed = clinic
        .patch(DOCTOR, &path, change.clone())
        .await
        .expect(200);
    for field in [
        "informants",
        "emergency_contact",
        "precipitating_factor",
        "illness_duration",
    ] {
        assert_eq!(changed.body[field], read[field], "{field}");
    }
    let nameless = json!({ "version": 2, "emergency_contact": { "name": null, "phone": null } });
    let refused = clinic.patch(DOCTOR, &path, nameless).await;
    assert_eq!(refused.validation_errors(), ["emergency_contact.name null"]);
}

#[tokio::test]
async fn null_and_an_empty_text_clear_a_text_of_an_appointment() {
    let clinic = Clinic::start().await;
    let path = appointment(&clinic, json!({ "description": "stairs" })).await;
    for empty in [json!(""), json!(" \u{200b}"), Value::Null] {
        let texts = json!({ "notes": "wheelchair", "description": "stairs" });
        let full = clinic.patch(DESK, &path, texts).await.expect(200);
        assert_eq!(full.text("notes"), "wheelchair");
        let change = json!({ "notes": empty, "description": empty });
        let cleared = clinic.patch(DESK, &path, change).await.expect(200);
        for answer in [cleared, clinic.get(DESK, &path).await] {
            assert_eq!(answer.body.get("notes"), Some(&Value::Null), "{empty}");
            assert_eq!(answer.body["description"], Value::Null, "{empty}");
        }
    }
    let title = clinic.patch(DESK, &path, json!({ "title": "" })).await;
    assert_eq!(title.validation_errors(), ["title empty"]);
}

#[tokio::test]
async fn null_and_an_empty_text_clear_a_part_of_a_report() {
    let clinic = Clinic::start().await;
    let patient = clinic.patient_of(DOCTOR, "Anna Müller").await;
    let path = format!("/reports/{}", report(&clinic, &patient).await);
    let full = json!({
        "follow_up_plan": "call", "additional_notes": "none", "confidence_score": 0.5, "ai_model": "m1",
        "diagnoses": [{ "diagnosis": "Migraine" }],
    });
    let nulls = json!({
        "follow_up_plan": null, "additional_notes": null, "confidence_score": null, "ai_model": null,
        "diagnoses": null,
    });
    let empty =
        json!({ "follow_up_plan": "", "additional_notes": " ", "ai_model": "", "diagnoses": [] });
    let mut version = 1;
    for clear in [nulls, empty] {
        for change in [full.clone(), clear.clone()] {
            let change = with(change, json!({ "version": version }));
            clinic.patch(DOCTOR, &path, change).await.expect(200);
            version += 1;
        }
        let read = clinic.get(DOCTOR, &path).await.expect(200);
        assert_eq!(read.text("generated_content"), "migraine");
        for field in clear
            .as_object()
            .unwrap()
            .keys()
            .filter(|it| *it != "diagnoses")
        {
            assert_eq!(read.body[field], Value::Null, "{field}");
        }
        assert_eq!(read.body["diagnoses"], json!([]));
    }
}

#[tokio::test]
async fn null_and_an_empty_text_clear_a_text_of_a_consultation() {
    let clinic = Clinic::start().await;
    let patient = clinic.patient_of(DOCTOR, "Anna Müller").await;
    let start = json!({ "patient_id": patient.as_str(), "session_type": "consultation", "chief_complaint": "cough" });
    let started = clinic
        .post(DOCTOR, "/consultation/start", start)
        .await
        .expect(200);
    let path = format!("/consultation/{}", started.text("session_id"));
    for empty in [Value::Null, json!("")] {
        let texts = json!({ "notes": "dry", "chief_complaint": "cough" });
        clinic.patch(DOCTOR, &path, texts).await.expect(200);
        let change = json!({ "notes": empty, "chief_complaint": empty });
        clinic.patch(DOCTOR, &path, change).await.expect(200);
        let read = clinic
            .get(DOCTOR, &format!("{path}/status"))
            .await
            .expect(200);
        assert_eq!(read.body["chief_complaint"], "", "{empty}");
        assert!(!read.raw.contains("dry"), "{}", read.raw);
    }
}

#[tokio::test]
async fn a_change_of_nothing_makes_no_version() {
    let clinic = Clinic::start().await;
    let path = appointment(&clinic, json!({})).await;
    for nothing in [json!({}), json!({ "title": null }), json!({ "version": 1 })] {
        let refused = clinic.patch(DESK, &path, nothing.clone()).await;
        assert_eq!(refused.validation_errors(), ["body empty"], "{nothing}");
    }
    assert_eq!(clinic.get(DESK, &path).await.body["version"], 1);
    let patient = clinic.patient_of(DOCTOR, "Anna Müller").await;
    let id = report(&clinic, &patient).await;
    let path = format!("/reports/{id}");
    let refused = clinic.patch(DOCTOR, &path, json!({ "version": 1 })).await;
    assert_eq!(refused.validation_errors(), ["body empty"]);
    sign(&clinic, &id, 1).await.expect(200);
    for more in [json!({}), json!({ "follow_up_plan": null })] {
        let body = with(json!({ "version": 1, "password": PASSWORD }), more);
        let refused = clinic.post(DOCTOR, &format!("{path}/amend"), body).await;
        assert_eq!(refused.validation_errors(), ["body empty"]);
    }
    assert_eq!(seen(&clinic, DOCTOR, &id).await["version"], 1);
}

// ACC-5
#[tokio::test]
async fn notes_that_nobody_wrote_are_null_for_all_but_the_patient() {
    let clinic = Clinic::start().await;
    let path = appointment(&clinic, json!({})).await;
    for caller in [DESK, DOCTOR, ADMIN] {
        let one = clinic.get(caller, &path).await.expect(200).body;
        let list = clinic.get(caller, "/appointments").await.expect(200).body;
        for shown in [&one, &list["appointments"][0]] {
            assert_eq!(shown.get("notes"), Some(&Value::Null), "{caller}");
        }
    }
    let own = clinic.get(PATIENT, &path).await.expect(200);
    assert_eq!(own.body.get("notes"), None);
}

#[tokio::test]
async fn all_faults_of_a_nested_body_are_told_at_once() {
    let clinic = Clinic::start().await;
    let symptom = json!({ "symptom_name": "x", "severity": "awful", "frequency": "Never",
        "duration": { "value": 1.5, "unit": "fortnight" } });
    let body = with(person("Anna Meier"), json!({ "symptoms": [symptom] }));
    let refused = clinic.post(DOCTOR, "/patients", body).await;
    assert_eq!(
        refused.validation_errors(),
        [
            "symptoms.0.duration.value type",
            "symptoms.0.duration.unit choice_unknown",
            "symptoms.0.severity choice_unknown",
            "symptoms.0.frequency choice_unknown"
        ]
    );
    let lasting = json!({ "illness_duration": { "value": -1, "unit": "fortnight" } });
    let refused = clinic
        .post(DOCTOR, "/patients", with(person("Anna Meier"), lasting))
        .await;
    assert_eq!(
        refused.validation_errors(),
        [
            "illness_duration.value value_invalid",
            "illness_duration.unit choice_unknown"
        ]
    );
    let booking =
        json!({ "title": "x", "doctor_id": DOCTOR, "start_time": "soon", "duration_minutes": 0 });
    let refused = book(&clinic, PATIENT, booking).await;
    assert_eq!(
        refused.validation_errors(),
        ["start_time time_invalid", "duration_minutes interval_empty"]
    );
}

#[tokio::test]
async fn a_fault_brings_no_false_one_with_it() {
    let clinic = Clinic::start().await;
    let made = clinic
        .post(DOCTOR, "/patients", person("Anna Meier"))
        .await
        .expect(201);
    let path = format!("/patients/{}", made.text("patient_id"));
    let change = clinic
        .patch(DOCTOR, &path, json!({ "version": 1, "first_name": null }))
        .await;
    assert_eq!(change.validation_errors(), ["first_name null"]);
    let change = clinic.patch(DOCTOR, &path, json!({})).await;
    assert_eq!(
        change.validation_errors(),
        ["version missing", "body empty"]
    );
    for (body, fault) in [
        (
            json!({ "name": "Anna Meier", "sex": "female", "age": "40" }),
            "age type",
        ),
        (
            json!({ "name": 5, "sex": "female", "age": 40 }),
            "name type",
        ),
        (
            with(
                person("Anna Meier"),
                json!({ "emergency_contact": { "name": "" } }),
            ),
            "emergency_contact.name empty",
        ),
    ] {
        let refused = clinic.post(DOCTOR, "/patients", body).await;
        assert_eq!(refused.validation_errors(), [fault]);
    }
    let contact = json!({ "version": 1, "emergency_contact": { "name": "" } });
    let refused = clinic.patch(DOCTOR, &path, contact).await;
    assert_eq!(
        refused.validation_errors(),
        ["emergency_contact.name empty"]
    );
    let start = at(&clinic, 3, 9, 0).to_rfc3339();
    let booking =
        json!({ "title": "x", "doctor_id": DOCTOR, "start_time": start, "duration_minutes": "30" });
    let refused = book(&clinic, PATIENT, booking).await;
    assert_eq!(refused.validation_errors(), ["duration_minutes type"]);
}

#[tokio::test]
async fn an_empty_choice_is_no_choice() {
    let clinic = Clinic::start().await;
    let made = clinic
        .post(DOCTOR, "/patients", person("Anna Meier"))
        .await
        .expect(201);
    let path = format!("/patients/{}/symptoms", made.text("patient_id"));
    let cough = json!({ "symptom_name": "Cough", "severity": "Mild" });
    let added = clinic.post(DOCTOR, &path, cough).await.expect(200);
    let one = format!(
        "{path}/{}",
        added.body["symptoms"][0]["symptom_id"].as_str().unwrap()
    );
    let empty = json!({ "symptom_name": "Cough", "severity": "", "frequency": "" });
    for refused in [
        clinic.post(DOCTOR, &path, empty.clone()).await,
        clinic.patch(DOCTOR, &one, empty).await,
    ] {
        assert_eq!(
            refused.validation_errors(),
            ["severity choice_unknown", "frequency choice_unknown"]
        );
    }
    let nothing = clinic.patch(DOCTOR, &one, json!({})).await;
    assert_eq!(nothing.validation_errors(), ["body empty"]);
}

#[tokio::test]
async fn a_range_that_ends_before_it_begins_is_refused() {
    let clinic = Clinic::start().await;
    clinic
        .get(DESK, &format!("/patients/{PATIENT}"))
        .await
        .expect(200);
    for path in ["/appointments", "/patients/me/access-log"] {
        let refused = clinic
            .get(PATIENT, &format!("{path}?from=2026-12-02&to=2026-12-01"))
            .await;
        assert_eq!(refused.validation_errors(), ["to interval_empty"], "{path}");
        let day = format!("{path}?from=2026-12-01&to=2026-12-01");
        clinic.get(PATIENT, &day).await.expect(200);
    }
}
