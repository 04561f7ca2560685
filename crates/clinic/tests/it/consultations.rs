//! Consultations through the API.

use chrono::Duration;
use futures_util::future::join_all;
use kernel::ids::UserId;
use serde_json::{Value, json};
use testkit::Answer;

use crate::harness::{ADMIN, Clinic, DESK, DOCTOR, NEW_DOCTOR, OTHER_DOCTOR, PATIENT, treat};

/// Starts a consultation of `DOCTOR`.
pub(crate) async fn start(clinic: &Clinic, patient: &UserId, more: Value) -> Answer {
    let mut body = json!({"patient_id": patient.as_str()});
    let more = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    clinic.post(DOCTOR, "/consultation/start", body).await
}

/// The id of a new consultation of `DOCTOR`.
pub(crate) async fn started(clinic: &Clinic, patient: &UserId) -> String {
    let complaint = json!({"chief_complaint": "headache"});
    start(clinic, patient, complaint)
        .await
        .expect(200)
        .text("session_id")
}

async fn history(clinic: &Clinic, patient: &UserId) -> Value {
    let path = format!("/consultation/history/{patient}?limit=100");
    clinic.get(DOCTOR, &path).await.expect(200).body
}

/// The consultations of a history in a state.
fn in_state(history: &Value, state: &str) -> usize {
    let rows = history["consultations"].as_array().unwrap().iter();
    rows.filter(|row| row["status"] == state).count()
}

// CON-1
#[tokio::test]
async fn a_doctor_starts_a_consultation_with_his_patient() {
    let clinic = Clinic::start().await;
    let patient = clinic.patient_of(DOCTOR, "Anna Müller").await;
    let body =
        json!({"doctor_id": DOCTOR, "session_type": "followup", "chief_complaint": "headache"});
    let answer = start(&clinic, &patient, body).await.expect(200);
    let id = answer.text("session_id");
    assert!(id.starts_with("CS-") && id.len() == 20, "{id}");
    assert_eq!(answer.body["consultation_id"], id);
    assert_eq!(answer.body["patient_name"], "Anna Müller");
    assert_eq!(answer.body["session_type"], "followup");
    assert_eq!(answer.body["status"], "in_progress");
    assert_eq!(answer.body["forced"], false);

    let seen = clinic
        .get(DOCTOR, &format!("/consultation/{id}/status"))
        .await
        .expect(200);
    assert_eq!(seen.body["chief_complaint"], "headache");
    let path = format!("/consultation/detail/{id}");
    let seen = clinic.get(DOCTOR, &path).await.expect(200);
    assert_eq!(
        (&seen.body["notes"], &seen.body["doctor_name"]),
        (&json!(""), &json!("Ada Lovelace"))
    );
    let record = clinic.record(&patient).await;
    assert_eq!(record.last_visit, Some(clinic.clock.now()));
    assert_eq!(record.version, 1);
}

// CON-1, ACC-3, ACC-7, ACC-11
#[tokio::test]
async fn only_the_patients_own_doctor_starts_one() {
    let clinic = Clinic::start().await;
    let patient = clinic.patient_of(DOCTOR, "Anna Müller").await;
    let other = json!({"doctor_id": OTHER_DOCTOR});
    start(&clinic, &patient, other)
        .await
        .refused(403, "ACCESS_DENIED");
    let body = json!({"patient_id": patient.as_str()});
    let path = "/consultation/start";
    clinic
        .post(OTHER_DOCTOR, path, body.clone())
        .await
        .refused(404, "RECORD_NOT_FOUND");
    let unknown = json!({"patient_id": "PAT77777777"});
    clinic
        .post(OTHER_DOCTOR, path, unknown)
        .await
        .refused(404, "RECORD_NOT_FOUND");
    clinic
        .post(NEW_DOCTOR, path, body.clone())
        .await
        .refused(403, "CREDENTIAL_REQUIRED");
    for role in [PATIENT, DESK, ADMIN] {
        clinic
            .post(role, path, body.clone())
            .await
            .refused(403, "ACCESS_DENIED");
    }
}

// CON-2
#[tokio::test]
async fn one_of_twenty_starts_begins_and_the_others_learn_its_id() {
    let clinic = Clinic::start().await;
    let second = clinic.another().await;
    let patient = clinic.patient_of(DOCTOR, "Anna Müller").await;
    let starts = (0..20).map(|n| start([&clinic, &second][n % 2], &patient, json!({})));
    let answers = join_all(starts).await;
    let begun: Vec<_> = answers.iter().filter(|it| it.status == 200).collect();
    assert_eq!(begun.len(), 1);
    let id = begun[0].text("session_id");
    for answer in answers.iter().filter(|it| it.status != 200) {
        answer.refused(409, "CONSULTATION_ACTIVE");
        assert_eq!(answer.body["error"]["details"]["session_id"], id);
    }
    let history = history(&second, &patient).await;
    assert_eq!(
        (
            &history["total_consultations"],
            in_state(&history, "in_progress")
        ),
        (&json!(1), 1)
    );
}

// CON-3
#[tokio::test]
async fn twenty_forced_starts_leave_one_open() {
    let clinic = Clinic::start().await;
    let second = clinic.another().await;
    let patient = clinic.patient_of(DOCTOR, "Anna Müller").await;
    started(&clinic, &patient).await;
    let force = json!({"force": true});
    let starts = (0..20).map(|n| start([&clinic, &second][n % 2], &patient, force.clone()));
    for answer in join_all(starts).await {
        assert_eq!(answer.expect(200).body["forced"], true);
    }
    let history = history(&clinic, &patient).await;
    assert_eq!(history["total_consultations"], 21);
    assert_eq!(in_state(&history, "in_progress"), 1);
    assert_eq!(in_state(&history, "completed"), 20);
}

// CON-3
#[tokio::test]
async fn a_forced_start_keeps_the_duration_of_the_old_one() {
    let clinic = Clinic::start().await;
    let patient = clinic.patient_of(DOCTOR, "Anna Müller").await;
    let old = started(&clinic, &patient).await;
    clinic.clock.advance(Duration::minutes(17));
    let body = json!({"patient_id": patient.as_str()});
    let forced = clinic
        .post(DOCTOR, "/consultation/start?force=true", body)
        .await
        .expect(200);
    assert_ne!(forced.text("session_id"), old);
    let old = clinic
        .get(DOCTOR, &format!("/consultation/{old}/status"))
        .await
        .expect(200);
    assert_eq!(
        (&old.body["status"], &old.body["duration_minutes"]),
        (&json!("completed"), &json!(17))
    );
}

// CON-4
#[tokio::test]
async fn a_second_stop_answers_the_first_end() {
    let clinic = Clinic::start().await;
    let patient = clinic.patient_of(DOCTOR, "Anna Müller").await;
    let id = started(&clinic, &patient).await;
    let post = async |step: &str| {
        clinic
            .post(DOCTOR, &format!("/consultation/{id}/{step}"), json!({}))
            .await
    };
    clinic.clock.advance(Duration::minutes(10));
    assert_eq!(post("pause").await.expect(200).body["status"], "paused");
    clinic.clock.advance(Duration::minutes(10));
    assert_eq!(
        post("resume").await.expect(200).body["status"],
        "in_progress"
    );
    clinic.clock.advance(Duration::minutes(5));
    let first = post("stop").await.expect(200);
    assert_eq!(first.body["duration_minutes"], 15);
    clinic.clock.advance(Duration::minutes(30));
    let again = post("stop").await.expect(200);
    assert_eq!(again.body, first.body);
    post("pause").await.refused(409, "STATE_CONFLICT");
    post("resume").await.refused(409, "STATE_CONFLICT");
    started(&clinic, &patient).await;
}

// CON-4
#[tokio::test]
async fn twenty_stops_have_one_end() {
    let clinic = Clinic::start().await;
    let second = clinic.another().await;
    let patient = clinic.patient_of(DOCTOR, "Anna Müller").await;
    let id = started(&clinic, &patient).await;
    let path = format!("/consultation/{id}/stop");
    let stops = (0..20).map(|n| {
        let body = json!({"notes": format!("note {n}")});
        [&clinic, &second][n % 2].post(DOCTOR, &path, body)
    });
    for answer in join_all(stops).await {
        assert_eq!(answer.expect(200).body["status"], "completed");
    }
    assert_eq!(in_state(&history(&clinic, &patient).await, "completed"), 1);
}

// CON-4
#[tokio::test]
async fn only_its_doctor_changes_a_consultation() {
    let clinic = Clinic::start().await;
    let patient = clinic.patient_of(DOCTOR, "Anna Müller").await;
    let id = started(&clinic, &patient).await;
    let path = format!("/consultation/{id}/stop");
    clinic
        .post(OTHER_DOCTOR, &path, json!({}))
        .await
        .refused(404, "RECORD_NOT_FOUND");
    treat(&clinic, OTHER_DOCTOR, &patient).await;
    clinic
        .post(OTHER_DOCTOR, &path, json!({}))
        .await
        .refused(403, "ACCESS_DENIED");
    let path = format!("/consultation/{id}");
    clinic
        .patch(OTHER_DOCTOR, &path, json!({"notes": "x"}))
        .await
        .refused(403, "ACCESS_DENIED");
    for unknown in ["CS-20260101-0123ABCD", "x"] {
        let path = format!("/consultation/{unknown}/pause");
        clinic
            .post(DOCTOR, &path, json!({}))
            .await
            .refused(404, "RECORD_NOT_FOUND");
    }
}

// CON-6
#[tokio::test]
async fn texts_change_and_keep_their_limits() {
    let clinic = Clinic::start().await;
    let patient = clinic.patient_of(DOCTOR, "Anna Müller").await;
    let id = started(&clinic, &patient).await;
    let path = format!("/consultation/{id}");
    // As a change of a patient without a field.
    let record = format!("/patients/{patient}");
    for (path, nothing) in [(&path, json!({})), (&record, json!({ "version": 1 }))] {
        let refused = clinic.patch(DOCTOR, path, nothing).await.expect(422);
        assert_eq!(refused.validation_errors(), ["body empty"], "{path}");
    }
    let seen = async || {
        clinic
            .get(DOCTOR, &format!("{path}/status"))
            .await
            .expect(200)
            .body
    };
    clinic
        .patch(DOCTOR, &path, json!({"notes": "slept badly"}))
        .await
        .expect(200);
    assert_eq!(
        (&seen().await["notes"], &seen().await["chief_complaint"]),
        (&json!("slept badly"), &json!("headache"))
    );
    clinic
        .post(DOCTOR, &format!("{path}/stop"), json!({"notes": "ok"}))
        .await
        .expect(200);
    clinic
        .patch(DOCTOR, &path, json!({"chief_complaint": ""}))
        .await
        .expect(200);
    assert_eq!(
        (&seen().await["notes"], &seen().await["chief_complaint"]),
        (&json!("ok"), &json!(""))
    );
    let long = json!({"notes": "é".repeat(2001), "chief_complaint": "é".repeat(501)});
    let refused = clinic.patch(DOCTOR, &path, long).await;
    assert_eq!(
        refused.validation_errors(),
        ["chief_complaint too_long", "notes too_long"]
    );
}

// AUDX-1, CON-6
#[tokio::test]
async fn a_consultation_leaves_its_record_without_its_words() {
    let clinic = Clinic::start().await;
    let patient = clinic.patient_of(DOCTOR, "Anna Müller").await;
    let id = started(&clinic, &patient).await;
    clinic
        .get(DOCTOR, &format!("/consultation/{id}/status"))
        .await
        .expect(200);
    let records = clinic.audit().await;
    let of: Vec<_> = records
        .iter()
        .map(|it| {
            (
                it["action"].as_str().unwrap(),
                it["part"].as_str().unwrap(),
                it["basis"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        of,
        [
            ("consultation", "clinical", "care"),
            ("record_read", "drafts", "care")
        ]
    );
    assert!(
        records
            .iter()
            .all(|it| it["subjects"] == json!([patient.as_str()]))
    );
    let stored = format!(
        "{records:?}{:?}",
        clinic.find_raw("consultations", &id).await
    );
    assert!(!stored.contains("headache"));
}
