//! Who sees which record.

use reqwest::Method;
use serde_json::{Value, json};

use super::{anna, with};
use crate::harness::{
    ADMIN, Clinic, DESK, DOCTOR, NEW_DOCTOR, OTHER_DOCTOR, OTHER_PATIENT, PATIENT,
};

const CLINICAL: [&str; 4] = [
    "illness_duration",
    "informants",
    "precipitating_factor",
    "symptoms",
];

fn ill() -> Value {
    with(
        anna(),
        json!({ "illness_duration": { "value": 3, "unit": "days" }, "symptoms": [{ "symptom_name": "Headache" }] }),
    )
}

// ACC-2, ACC-3
#[tokio::test]
async fn a_foreign_patient_and_an_unknown_one_look_alike() {
    let clinic = Clinic::start().await;
    let id = clinic.make(DOCTOR, ill()).await;
    let bare = |body: &Value| {
        let mut body = body.clone();
        let error = body["error"].as_object_mut().unwrap();
        error.remove("timestamp");
        error.remove("request_id");
        body
    };
    let queries = || {
        clinic
            .server
            .platform
            .metrics
            .database_duration
            .get_sample_count()
    };
    let before = queries();
    let foreign = clinic.get(OTHER_DOCTOR, &format!("/patients/{id}")).await;
    let between = queries();
    let unknown = clinic.get(OTHER_DOCTOR, "/patients/PAT99999999").await;
    foreign.refused(404, "RECORD_NOT_FOUND");
    assert_eq!(bare(&foreign.body), bare(&unknown.body));
    assert_eq!(between - before, queries() - between);
    for known in [
        "Müller",
        "Anna",
        "079",
        "example.org",
        "1990",
        "Headache",
        id.as_str(),
    ] {
        assert!(!foreign.raw.contains(known), "{known}");
        let mut values = foreign.headers.values();
        assert!(!values.any(|it| it.to_str().is_ok_and(|it| it.contains(known))));
    }
}

// ACC-7
#[tokio::test]
async fn no_foreign_id_is_obeyed_by_any_operation() {
    let clinic = Clinic::start().await;
    let id = clinic.make(DOCTOR, ill()).await;
    let other = clinic
        .make(OTHER_DOCTOR, with(super::person("Otto Frei", 1), json!({})))
        .await;
    let read = clinic.get(DOCTOR, &format!("/patients/{id}")).await;
    let symptom = read.body["symptoms"][0]["symptom_id"].as_str().unwrap();
    let care = json!({ "doctor_id": OTHER_DOCTOR, "kind": "covering", "reason": "holiday" });
    let operations = |id: &str, symptom: &str| {
        vec![
            (Method::GET, format!("/patients/{id}"), None),
            (
                Method::PATCH,
                format!("/patients/{id}"),
                Some(json!({ "version": 1, "sex": "other" })),
            ),
            (
                Method::POST,
                format!("/patients/{id}/symptoms"),
                Some(json!({ "symptom_name": "x" })),
            ),
            (
                Method::PATCH,
                format!("/patients/{id}/symptoms/{symptom}"),
                Some(json!({ "notes": "x" })),
            ),
            (
                Method::DELETE,
                format!("/patients/{id}/symptoms/{symptom}"),
                None,
            ),
            (
                Method::POST,
                format!("/patients/{id}/invite"),
                Some(json!({})),
            ),
            (Method::GET, format!("/patients/{id}/care-team"), None),
            (
                Method::POST,
                format!("/patients/{id}/care-team"),
                Some(care.clone()),
            ),
            (
                Method::DELETE,
                format!("/patients/{id}/care-team/{OTHER_DOCTOR}"),
                None,
            ),
        ]
    };
    for (method, path, body) in operations(&id, symptom)
        .into_iter()
        .chain(operations("PAT99999999", "SYM1"))
    {
        for (caller, status) in [(OTHER_DOCTOR, 404), (NEW_DOCTOR, 403)] {
            let answer = clinic
                .call(method.clone(), caller, &path, body.clone())
                .await;
            assert_eq!(
                answer.status, status,
                "{method} {path} {caller}: {}",
                answer.raw
            );
        }
        let answer = clinic
            .call(method.clone(), OTHER_PATIENT, &path, body)
            .await;
        assert!(
            matches!(answer.status, 403 | 404),
            "{method} {path}: {}",
            answer.raw
        );
    }
    // A symptom of another record is none of this one.
    let path = format!("/patients/{other}/symptoms/{symptom}");
    clinic
        .delete(OTHER_DOCTOR, &path)
        .await
        .refused(404, "RECORD_NOT_FOUND");
    clinic
        .patch(OTHER_DOCTOR, &path, json!({ "notes": "x" }))
        .await
        .refused(404, "RECORD_NOT_FOUND");
    // Another doctor's list and care are refused.
    let path = format!("/patients/list?doctor_id={OTHER_DOCTOR}");
    clinic
        .get(DOCTOR, &path)
        .await
        .refused(403, "ACCESS_DENIED");
    let path = format!("/patients/{id}/care-team/{OTHER_DOCTOR}");
    clinic
        .delete(DOCTOR, &path)
        .await
        .refused(403, "ACCESS_DENIED");
    let after = clinic
        .get(DOCTOR, &format!("/patients/{id}"))
        .await
        .expect(200);
    assert_eq!(
        (&after.body["version"], &after.body["symptoms"]),
        (&json!(1), &read.body["symptoms"])
    );
}

// ACC-4
#[tokio::test]
async fn the_desk_reads_a_record_whose_clinical_group_no_key_opens() {
    let clinic = Clinic::start().await;
    let id = clinic.make(DOCTOR, ill()).await;
    let records = clinic.server.database.raw("patient_records").await;
    let record = records
        .find_one(bson::doc! { "_id": &id })
        .await
        .unwrap()
        .unwrap();
    let who = record.get("who").unwrap().clone();
    let swap = bson::doc! { "$set": { "clinical": who } };
    records
        .update_one(bson::doc! { "_id": &id }, swap)
        .await
        .unwrap();
    let path = format!("/patients/{id}");
    clinic
        .get(DOCTOR, &path)
        .await
        .refused(500, "INTERNAL_ERROR");
    for caller in [DESK, ADMIN] {
        let read = clinic.get(caller, &path).await.expect(200);
        assert_eq!(read.body["access"]["basis"], "desk");
        let listed = clinic.get(caller, "/patients/list").await.expect(200);
        for field in CLINICAL {
            assert!(read.body.get(field).is_none(), "{field}");
            assert!(listed.body["patients"][0].get(field).is_none(), "{field}");
        }
        let found = clinic
            .get(caller, "/patients/search?q=anna")
            .await
            .expect(200);
        assert_eq!(found.body["count"], 1);
    }
    let change = json!({ "version": 1, "address": "Side St 2" });
    clinic.patch(DESK, &path, change).await.expect(200);
    let history = json!({ "version": 2, "illness_duration": null });
    let refused = clinic.patch(DESK, &path, history).await;
    assert_eq!(
        refused.validation_errors(),
        ["illness_duration not_applicable"]
    );
    let path = format!("{path}/symptoms");
    let symptom = json!({ "symptom_name": "x" });
    clinic
        .post(DESK, &path, symptom)
        .await
        .refused(403, "ACCESS_DENIED");
}

// ACC-5, E1
#[tokio::test]
async fn a_patient_reads_the_own_record_and_no_other() {
    let clinic = Clinic::start().await;
    let foreign = clinic.make(DOCTOR, ill()).await;
    let own = clinic
        .get(PATIENT, &format!("/patients/{PATIENT}"))
        .await
        .expect(200);
    assert_eq!(own.body["access"]["basis"], "self");
    assert_eq!(
        (&own.body["name"], &own.body["has_account"]),
        (&json!("Jane Doe"), &json!(true))
    );
    assert_eq!(own.body["symptoms"], json!([]));
    for path in [
        format!("/patients/{foreign}"),
        format!("/patients/{OTHER_PATIENT}"),
    ] {
        clinic
            .get(PATIENT, &path)
            .await
            .refused(404, "RECORD_NOT_FOUND");
    }
    for path in ["/patients/list", "/patients/search?q=anna"] {
        clinic
            .get(PATIENT, path)
            .await
            .refused(403, "ACCESS_DENIED");
    }
}

// ACC-11
#[tokio::test]
async fn a_doctor_whose_approval_ends_sees_nothing() {
    let clinic = Clinic::start().await;
    let id = clinic.make(DOCTOR, ill()).await;
    for doctor in clinic.people.doctors.lock().unwrap().values_mut() {
        doctor.is_approved = false;
    }
    for path in [
        "/patients/list".to_owned(),
        "/patients/search?q=anna".to_owned(),
        format!("/patients/{id}"),
        format!("/patients/{id}/care-team"),
    ] {
        clinic
            .get(DOCTOR, &path)
            .await
            .refused(403, "CREDENTIAL_REQUIRED");
    }
}
