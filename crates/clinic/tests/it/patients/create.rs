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

/// The number of patients whom the desk sees.
async fn total(clinic: &Clinic) -> u64 {
    let list = clinic.get(DESK, "/patients/list").await.expect(200);
    list.body["pagination"]["total"].as_u64().unwrap()
}

// PAT-12
#[tokio::test]
async fn twenty_creations_with_one_key_make_one_patient() {
    let one = Clinic::start().await;
    let other = one.another().await;
    let anna = anna();
    let tries = (0..20).map(|number| {
        let clinic = if number % 2 == 0 { &one } else { &other };
        clinic.make_once(DOCTOR, "key-of-this-patient", &anna)
    });
    let answers = futures_util::future::join_all(tries).await;
    for answer in &answers {
        assert_eq!(
            (answer.status, &answer.body),
            (201, &answers[0].body),
            "{}",
            answer.raw
        );
    }
    assert_eq!(total(&one).await, 1);
    let again = with(anna.clone(), json!({ "name": "Anna Meier" }));
    let conflict = one.make_once(DOCTOR, "key-of-this-patient", &again).await;
    conflict.refused(409, "IDEMPOTENCY_CONFLICT");
}

// PAT-12
#[tokio::test]
async fn a_refused_creation_leaves_its_key_free() {
    let clinic = Clinic::start().await;
    clinic.make(DOCTOR, anna()).await;
    let again = clinic
        .make_once(DOCTOR, "key-of-this-patient", &anna())
        .await;
    again.refused(409, "POSSIBLE_DUPLICATE");
    let confirmed = with(anna(), json!({ "confirm_duplicate": true }));
    clinic
        .make_once(DOCTOR, "key-of-this-patient", &confirmed)
        .await
        .expect(201);
    let short = clinic.make_once(DOCTOR, "short", &confirmed).await;
    short.refused(422, "VALIDATION_ERROR");
}

// PAT-11
#[tokio::test]
async fn a_possible_duplicate_is_refused_until_confirmed() {
    let clinic = Clinic::start().await;
    let id = clinic.make(DOCTOR, anna()).await;
    for (patient, reason) in [
        (
            json!({ "name": "Ana Mueller", "date_of_birth": "1990-05-17", "sex": "female" }),
            "date_of_birth_and_name",
        ),
        (
            with(person("Otto Frei", 1), json!({ "phone": "+41790000001" })),
            "phone",
        ),
        (
            with(
                person("Otto Frei", 1),
                json!({ "email": "anna@example.ORG" }),
            ),
            "email",
        ),
    ] {
        let refused = clinic.post(DOCTOR, "/patients", patient.clone()).await;
        refused.refused(409, "POSSIBLE_DUPLICATE");
        let details = &refused.body["error"]["details"];
        assert_eq!(details["hidden"], 0);
        let candidate = &details["candidates"][0];
        assert_eq!(
            (&candidate["patient_id"], &candidate["reason"]),
            (&json!(id), &json!(reason))
        );
    }
    assert_eq!(total(&clinic).await, 1);
    let confirmed = with(anna(), json!({ "confirm_duplicate": true }));
    clinic.make(OTHER_DOCTOR, confirmed).await;
    clinic.make(OTHER_DOCTOR, person("Otto Frei", 1)).await;
    assert_eq!(total(&clinic).await, 3);
}

// PAT-11, ACC-8
#[tokio::test]
async fn a_foreign_duplicate_is_only_counted() {
    let clinic = Clinic::start().await;
    let id = clinic.make(DOCTOR, anna()).await;
    let refused = clinic.post(OTHER_DOCTOR, "/patients", anna()).await;
    refused.refused(409, "POSSIBLE_DUPLICATE");
    let details = &refused.body["error"]["details"];
    assert_eq!(
        (&details["candidates"], &details["hidden"]),
        (&json!([]), &json!(1))
    );
    for known in ["Müller", "Anna", "079", "example", "1990", id.as_str()] {
        assert!(!refused.raw.contains(known), "{known}");
    }
    let at_desk = with(anna(), json!({ "doctor_id": OTHER_DOCTOR }));
    let refused = clinic.post(DESK, "/patients", at_desk).await;
    assert_eq!(
        refused.body["error"]["details"]["candidates"][0]["patient_id"],
        json!(id)
    );
}

// ACC-4
#[tokio::test]
async fn the_desk_names_a_doctor_and_writes_nothing_clinical() {
    let clinic = Clinic::start().await;
    let refused = clinic.post(DESK, "/patients", anna()).await;
    assert_eq!(refused.validation_errors(), ["doctor_id missing"]);
    for doctor in ["DOC99999999", NEW_DOCTOR, PATIENT] {
        let named = with(anna(), json!({ "doctor_id": doctor }));
        let refused = clinic.post(DESK, "/patients", named).await;
        assert_eq!(refused.validation_errors(), ["doctor_id doctor_unknown"]);
    }
    for clinical in [
        json!({ "illness_duration": { "value": 3, "unit": "days" } }),
        json!({ "informants": { "selection": [] } }),
        json!({ "precipitating_factor": { "narrative": "x" } }),
        json!({ "symptoms": [] }),
    ] {
        let field = clinical.as_object().unwrap().keys().next().unwrap().clone();
        let typed = with(with(anna(), json!({ "doctor_id": DOCTOR })), clinical);
        let refused = clinic.post(DESK, "/patients", typed).await;
        assert_eq!(
            refused.validation_errors(),
            [format!("{field} not_applicable")]
        );
    }
    let id = clinic
        .make(DESK, with(anna(), json!({ "doctor_id": DOCTOR })))
        .await;
    let read = clinic
        .get(DOCTOR, &format!("/patients/{id}"))
        .await
        .expect(200);
    assert_eq!(read.body["relationship"], "primary");
}

// ACC-7, ACC-11
#[tokio::test]
async fn only_an_approved_doctor_makes_patients_and_only_his_own() {
    let clinic = Clinic::start().await;
    let of_other = with(anna(), json!({ "doctor_id": OTHER_DOCTOR }));
    clinic
        .post(DOCTOR, "/patients", of_other)
        .await
        .refused(403, "ACCESS_DENIED");
    clinic
        .post(NEW_DOCTOR, "/patients", anna())
        .await
        .refused(403, "CREDENTIAL_REQUIRED");
    for caller in [PATIENT, ADMIN] {
        clinic
            .post(caller, "/patients", anna())
            .await
            .refused(403, "ACCESS_DENIED");
    }
    clinic
        .make(DOCTOR, with(anna(), json!({ "doctor_id": DOCTOR })))
        .await;
}

#[tokio::test]
async fn every_fault_of_a_new_patient_is_named() {
    let clinic = Clinic::start().await;
    let faults = json!({
        "last_name": "x", "age": 131, "sex": "m", "phone": "12", "email": "x", "address": "a\u{0}b",
        "referred_by": "x".repeat(201), "illness_duration": { "value": 10_000, "unit": "days" },
        "informants": { "selection": ["x".repeat(101)] }, "precipitating_factor": { "tags": ["x".repeat(51)] },
        "symptoms": [{ "symptom_name": "x", "severity": "bad", "duration": { "value": 1, "unit": "moons" } }],
        "emergency_contact": { "name": "x", "phone": "12" }, "colour": "red",
    });
    let refused = clinic.post(DOCTOR, "/patients", faults).await;
    let mut faults = refused.validation_errors();
    faults.sort();
    assert_eq!(
        faults,
        [
            "address forbidden_character",
            "age age_invalid",
            "colour unknown",
            "email email_invalid",
            "emergency_contact.phone mobile_invalid",
            "first_name missing",
            "illness_duration.value value_invalid",
            "informants.selection too_long",
            "phone mobile_invalid",
            "precipitating_factor.tags too_long",
            "referred_by too_long",
            "sex choice_unknown",
            "symptoms.0.duration.unit choice_unknown",
            "symptoms.0.severity choice_unknown",
        ]
    );
}

// PAT-1
#[tokio::test]
async fn the_older_intake_paths_work() {
    let clinic = Clinic::start().await;
    let made = clinic
        .post(DOCTOR, "/intake/patients", anna())
        .await
        .expect(201);
    let id = made.text("patient_id");
    let path = format!("/intake/patients/{id}/symptoms");
    let symptom = json!({ "symptom_name": "Cough" });
    let added = clinic.post(DOCTOR, &path, symptom).await.expect(200);
    let symptom = added.body["symptoms"][0]["symptom_id"].as_str().unwrap();
    let path = format!("{path}/{symptom}");
    clinic
        .patch(DOCTOR, &path, json!({ "severity": "Severe" }))
        .await
        .expect(200);
    let removed = clinic.delete(DOCTOR, &path).await.expect(200);
    assert_eq!(removed.body["symptoms"], json!([]));
}

// design: a crash between record and relationship
#[tokio::test]
async fn the_tick_makes_a_relationship_that_a_crash_left_out() {
    let clinic = Clinic::start().await;
    let id = clinic.patient_of(DOCTOR, "Anna Müller").await;
    let relations = clinic.server.database.raw("care_relations").await;
    relations.delete_many(bson::doc! {}).await.unwrap();
    let path = format!("/patients/{id}");
    clinic
        .get(DOCTOR, &path)
        .await
        .refused(404, "RECORD_NOT_FOUND");
    clinic::patients::use_cases::tick::tick(&clinic.app)
        .await
        .unwrap();
    clinic.get(DOCTOR, &path).await.expect(200);
    clinic
        .delete(DESK, &format!("{path}/care-team/{DOCTOR}"))
        .await
        .expect(200);
    clinic::patients::use_cases::tick::tick(&clinic.app)
        .await
        .unwrap();
    clinic
        .get(DOCTOR, &path)
        .await
        .refused(404, "RECORD_NOT_FOUND");
}

// PAT-11
#[tokio::test]
async fn an_import_refuses_faulty_and_known_rows_by_line() {
    use clinic::patients::use_cases::import::{Import, import};
    let clinic = Clinic::start().await;
    clinic.make(DOCTOR, anna()).await;
    let csv = "\u{feff}name,sex,date_of_birth,age,phone,address,doctor_id,unknown\r\n\
        \"Frei, Otto\",male,1981-02-03,,044 111 22 33,\"Main St 1\n8000 \"\"Zürich\"\"\",DOC00000002,x\r\n\
        Anna Mueller,f,1990-05-17,,12,,,\r\n\
        Anna Mueller,female,1990-05-17,,,,,\r\n\
        Ida Roth,female,,40,,,DOC99999999,\r\n\
        Eva Li,female,,40,,,,\r\n\
        \"Li, Eva\",female,,41,,,,\r\n\
        Eva Ott,female,,41,,Main St 1, 8000 Zürich,,x\r\n\
        \"Eva Open,female,,41,,,,\r\n";
    let run = async |dry_run| {
        let mut seen = 0;
        let import_of = Import {
            csv,
            doctor_id: Some(kernel::ids::UserId::from_stored(DOCTOR)),
            dry_run,
        };
        let report = import(&clinic.app, &import_of, |done, all| {
            assert!(done <= all && all == 8);
            seen += 1;
        });
        let report = report.await.unwrap();
        assert_eq!(seen, 8);
        assert_eq!(report.skipped, [8]);
        let refused = report.refused.iter();
        let refused: Vec<_> = refused
            .map(|it| format!("{} {} {}", it.line, it.field, it.kind))
            .collect();
        (report.created, refused)
    };
    let faults = [
        "4 sex choice_unknown",
        "4 phone mobile_invalid",
        "5 row possible_duplicate",
        "6 doctor_id doctor_unknown",
        "8 row possible_duplicate",
        "9 row too_many_cells",
        "10 row quote_open",
    ];
    let faults = faults.map(str::to_owned).to_vec();
    assert_eq!(run(true).await, (2, faults.clone()));
    assert_eq!(total(&clinic).await, 1);
    assert_eq!(run(false).await, (2, faults));
    assert_eq!(total(&clinic).await, 3);
    let read = clinic.get(OTHER_DOCTOR, "/patients/list").await;
    let row = &read.body["patients"][0];
    assert_eq!(
        (&row["name"], &row["address"]),
        (&json!("Otto Frei"), &json!("Main St 1\n8000 \"Zürich\""))
    );
    assert_eq!(run(false).await.0, 0);
    assert_eq!(clinic.trail("record_create").await.len(), 3);
    assert_eq!(clinic.trail("record_import").await.len(), 3);
}
