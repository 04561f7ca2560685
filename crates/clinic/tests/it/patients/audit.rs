//! Who looked at whose record.

use serde_json::{Value, json};

use super::{anna, person, with};
use crate::harness::{
    ADMIN, Clinic, DESK, DOCTOR, NEW_DOCTOR, OTHER_DOCTOR, OTHER_PATIENT, PATIENT,
};

fn subjects(record: &bson::Document) -> Vec<&str> {
    let all = record
        .get_array("subjects")
        .map(Vec::as_slice)
        .unwrap_or_default();
    all.iter().filter_map(bson::Bson::as_str).collect()
}

fn texts<'a>(record: &'a bson::Document, fields: [&str; 4]) -> [&'a str; 4] {
    fields.map(|field| record.get_str(field).unwrap_or("-"))
}

// AUDX-1
#[tokio::test]
async fn every_read_names_who_whom_which_part_and_why() {
    let clinic = Clinic::start().await;
    let id = clinic.make(DOCTOR, anna()).await;
    let path = format!("/patients/{id}");
    let fields = ["actor", "part", "basis", "purpose"];
    for (caller, path, expected) in [
        (
            DOCTOR,
            path.clone(),
            [DOCTOR, "clinical", "care", "treatment"],
        ),
        (DESK, path.clone(), [DESK, "who", "desk", "administration"]),
        (
            DESK,
            format!("{path}/care-team"),
            [DESK, "care_team", "desk", "administration"],
        ),
        (
            ADMIN,
            format!("{path}/access-log"),
            [ADMIN, "access_log", "desk", "administration"],
        ),
    ] {
        clinic.get(caller, &path).await.expect(200);
        let trail = clinic.trail("record_read").await;
        let last = trail.last().unwrap();
        assert_eq!(texts(last, fields), expected);
        assert_eq!(subjects(last), [id.as_str()]);
    }
    let created = clinic.trail("record_create").await;
    assert_eq!(subjects(&created[0]), [id.as_str()]);
    clinic
        .patch(DOCTOR, &path, json!({ "version": 1, "sex": "other" }))
        .await
        .expect(200);
    clinic
        .post(
            DOCTOR,
            &format!("{path}/symptoms"),
            json!({ "symptom_name": "x" }),
        )
        .await
        .expect(200);
    let changed = clinic.trail("record_change").await;
    assert_eq!(
        changed
            .iter()
            .map(|it| it.get_str("part").unwrap())
            .collect::<Vec<_>>(),
        ["who", "clinical"]
    );
    clinic
        .post(DESK, &format!("{path}/invite"), json!({}))
        .await
        .expect(200);
    assert_eq!(
        subjects(&clinic.trail("record_invite").await[0]),
        [id.as_str()]
    );
    clinic
        .delete(DESK, &format!("{path}/care-team/{DOCTOR}"))
        .await
        .expect(200);
    assert_eq!(
        subjects(&clinic.trail("care_change").await[0]),
        [id.as_str()]
    );
}

// AUDX-1
#[tokio::test]
async fn without_the_trail_there_is_no_data_and_no_change() {
    let clinic = Clinic::start().await;
    let id = clinic.make(DOCTOR, anna()).await;
    let fail = || clinic.server.platform.fail_point.arm("audit:insert");
    let path = format!("/patients/{id}");
    for get in [
        path.as_str(),
        "/patients/list",
        "/patients/search?q=anna",
        &format!("{path}/care-team"),
    ] {
        fail();
        let refused = clinic.get(DOCTOR, get).await;
        refused.refused(503, "DATABASE_ERROR");
        assert!(!refused.raw.contains("Müller"));
    }
    fail();
    clinic
        .patch(DOCTOR, &path, json!({ "version": 1, "sex": "other" }))
        .await
        .refused(503, "DATABASE_ERROR");
    fail();
    clinic
        .post(DOCTOR, "/patients", person("Otto Frei", 1))
        .await
        .refused(503, "DATABASE_ERROR");
    let list = clinic.get(DOCTOR, "/patients/list").await.expect(200);
    assert_eq!(super::names(&list), ["Anna Müller"]);
    assert_eq!(list.body["patients"][0]["sex"], "female");
}

// AUDX-2, AUDX-6
#[tokio::test]
async fn a_page_is_one_record_and_a_search_shows_its_kind_and_length() {
    let clinic = Clinic::start().await;
    let mut ids = Vec::new();
    for number in 0..3 {
        let name = ["Anna One", "Anna Two", "Eva Three"][number];
        ids.push(clinic.make(DOCTOR, person(name, number)).await);
        clinic.clock.advance(chrono::Duration::seconds(1));
    }
    clinic
        .get(DOCTOR, "/patients/list?limit=2")
        .await
        .expect(200);
    let read = clinic.trail("record_read").await;
    assert_eq!(read.len(), 1);
    assert_eq!(subjects(&read[0]), [ids[2].as_str(), ids[1].as_str()]);
    assert_eq!(read[0].get_i64("count").unwrap(), 2);
    clinic
        .get(DESK, "/patients/search?q=anna%20o")
        .await
        .expect(200);
    clinic
        .get(DESK, "/patients/list?search=anna")
        .await
        .expect(200);
    clinic
        .get(DESK, "/patients/search?q=nobody")
        .await
        .expect(200);
    let found = clinic.trail("record_search").await;
    assert_eq!(
        found.iter().map(subjects).collect::<Vec<_>>(),
        [
            vec![ids[0].as_str()],
            vec![ids[1].as_str(), ids[0].as_str()],
            vec![]
        ]
    );
    assert_eq!(found[0].get_str("detail").unwrap(), "name, 6 characters");
}

// AUDX-6
#[tokio::test]
async fn no_text_of_a_patient_is_in_the_trail() {
    let clinic = Clinic::start().await;
    let full = with(
        anna(),
        json!({
            "address": "Secretstreet 1", "referred_by": "Whosis", "emergency_contact": { "name": "Evaline" },
            "illness_duration": { "value": 3, "unit": "days" }, "informants": { "selection": ["Neighbourly"] },
            "symptoms": [{ "symptom_name": "Headache", "notes": "throbbing" }],
        }),
    );
    let id = clinic.make(DOCTOR, full.clone()).await;
    clinic
        .post(DOCTOR, "/patients", full)
        .await
        .refused(409, "POSSIBLE_DUPLICATE");
    let path = format!("/patients/{id}");
    for get in [
        path.as_str(),
        "/patients/list?search=headache",
        "/patients/search?q=anna",
        "/patients/search?q=1990-05-17",
    ] {
        clinic.get(DOCTOR, get).await.expect(200);
    }
    clinic
        .get(OTHER_DOCTOR, &path)
        .await
        .refused(404, "RECORD_NOT_FOUND");
    let care = json!({ "doctor_id": OTHER_DOCTOR, "kind": "covering", "reason": "Maternity" });
    clinic
        .post(DOCTOR, &format!("{path}/care-team"), care)
        .await
        .expect(200);
    clinic
        .patch(
            DOCTOR,
            &path,
            json!({ "version": 1, "name": "Petronella Frei" }),
        )
        .await
        .expect(200);
    let rows = clinic.server.database.raw("audit_log").await;
    let all: Vec<bson::Document> =
        futures_util::TryStreamExt::try_collect(rows.find(bson::doc! {}).await.unwrap())
            .await
            .unwrap();
    assert!(all.len() > 8);
    let text = format!("{all:?}").to_lowercase();
    for word in [
        "anna",
        "müller",
        "muller",
        "079 0",
        "790000001",
        "example.org",
        "1990-",
        "secretstreet",
        "whosis",
        "evaline",
        "neighbourly",
        "headache",
        "throbbing",
        "maternity",
        "petronella",
    ] {
        assert!(!text.contains(word), "{word}");
    }
    // Nor in the database of the clinic.
    for collection in ["patient_records", "care_relations", "idempotency_keys"] {
        let rows = clinic.server.database.raw(collection).await;
        let all: Vec<bson::Document> =
            futures_util::TryStreamExt::try_collect(rows.find(bson::doc! {}).await.unwrap())
                .await
                .unwrap();
        let text = format!("{all:?}").to_lowercase();
        for word in ["anna", "müller", "secretstreet", "headache", "petronella"] {
            assert!(!text.contains(word), "{collection} {word}");
        }
    }
}

// AUDX-4
#[tokio::test]
async fn a_patient_reads_who_looked_and_that_is_recorded_too() {
    let clinic = Clinic::start().await;
    let path = format!("/patients/{PATIENT}");
    clinic.get(DESK, &path).await.expect(200);
    let care = json!({ "doctor_id": DOCTOR, "kind": "treating", "reason": "x" });
    clinic.clock.advance(chrono::Duration::seconds(60));
    clinic
        .post(DESK, &format!("{path}/care-team"), care)
        .await
        .expect(200);
    clinic.clock.advance(chrono::Duration::seconds(60));
    clinic.get(DOCTOR, &path).await.expect(200);
    clinic
        .get(OTHER_DOCTOR, &path)
        .await
        .refused(404, "RECORD_NOT_FOUND");
    clinic.clock.advance(chrono::Duration::seconds(60));
    let log = clinic
        .get(PATIENT, "/patients/me/access-log")
        .await
        .expect(200);
    let entries = log.body["entries"].as_array().unwrap();
    let bare: Vec<Value> = entries
        .iter()
        .map(|entry| {
            let mut entry = entry.clone();
            entry.as_object_mut().unwrap().remove("at");
            entry
        })
        .collect();
    let entry = |who: &str, role: &str, part: &str, basis: &str, purpose: &str| json!({ "who": who, "role": role, "part": part, "basis": basis, "purpose": purpose });
    let desk = format!("Desk {DESK}");
    assert_eq!(
        bare,
        [
            entry("Ada Lovelace", "doctor", "clinical", "care", "treatment"),
            entry(&desk, "staff", "care_team", "desk", "administration"),
            entry(&desk, "staff", "who", "desk", "administration"),
        ]
    );
    for hidden in [DOCTOR, "127.0.0.1", OTHER_DOCTOR, "Grace"] {
        assert!(!log.raw.contains(hidden), "{hidden}");
    }
    let again = clinic
        .get(PATIENT, &format!("{path}/access-log"))
        .await
        .expect(200);
    assert_eq!(again.body["entries"][0]["part"], "access_log");
    assert_eq!(again.body["pagination"]["total"], 4);
    let first = clinic
        .get(PATIENT, "/patients/me/access-log?limit=2")
        .await
        .expect(200);
    let cursor = first.body["pagination"]["next_cursor"].as_str().unwrap();
    let second = clinic
        .get(
            PATIENT,
            &format!("/patients/me/access-log?limit=20&cursor={cursor}"),
        )
        .await
        .expect(200);
    assert_eq!(second.body["entries"].as_array().unwrap().len(), 3);
    let from = entries[1]["at"].as_str().unwrap();
    let to = entries[0]["at"].as_str().unwrap();
    let part = clinic
        .get(
            PATIENT,
            &format!("/patients/me/access-log?from={from}&to={to}"),
        )
        .await
        .expect(200);
    assert_eq!(part.body["entries"].as_array().unwrap()[..], entries[1..2]);
}

// AUDX-4
#[tokio::test]
async fn nobody_else_reads_who_looked_but_an_administrator() {
    let clinic = Clinic::start().await;
    let path = format!("/patients/{PATIENT}/access-log");
    clinic
        .get(OTHER_PATIENT, &path)
        .await
        .refused(404, "RECORD_NOT_FOUND");
    clinic
        .get(OTHER_PATIENT, "/patients/PAT99999999/access-log")
        .await
        .refused(404, "RECORD_NOT_FOUND");
    for caller in [DOCTOR, NEW_DOCTOR, DESK] {
        clinic
            .get(caller, &path)
            .await
            .refused(403, "ACCESS_DENIED");
    }
    clinic.get(ADMIN, &path).await.expect(200);
    clinic
        .get(ADMIN, "/patients/PAT99999999/access-log")
        .await
        .refused(404, "RECORD_NOT_FOUND");
    let bad = clinic
        .get(ADMIN, &format!("{path}?from=x&to=y&limit=0&cursor=z"))
        .await;
    bad.refused(422, "VALIDATION_ERROR");
}

// AUDX-5
#[tokio::test]
async fn refused_tries_are_recorded_once_a_minute_and_pair() {
    let clinic = Clinic::start().await;
    let id = clinic.make(DOCTOR, anna()).await;
    let path = format!("/patients/{id}");
    for _ in 0..5 {
        clinic
            .get(OTHER_DOCTOR, &path)
            .await
            .refused(404, "RECORD_NOT_FOUND");
    }
    clinic
        .get(NEW_DOCTOR, &path)
        .await
        .refused(403, "CREDENTIAL_REQUIRED");
    let refused = clinic.trail("record_refused").await;
    assert_eq!(
        refused
            .iter()
            .map(|it| it.get_str("detail").unwrap())
            .collect::<Vec<_>>(),
        ["RECORD_NOT_FOUND", "CREDENTIAL_REQUIRED"]
    );
    assert_eq!(subjects(&refused[0]), [id.as_str()]);
    clinic.clock.advance(chrono::Duration::seconds(61));
    clinic
        .get(OTHER_DOCTOR, &path)
        .await
        .refused(404, "RECORD_NOT_FOUND");
    assert_eq!(clinic.trail("record_refused").await.len(), 3);
}
