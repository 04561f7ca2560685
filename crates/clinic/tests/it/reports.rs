//! Reports through the API: writing, signing, amending, reading.

use chrono::Duration;
use kernel::ids::UserId;
use serde_json::{Value, json};

use crate::harness::{
    ADMIN, Clinic, DESK, DOCTOR, OTHER_DOCTOR, OTHER_PATIENT, PASSWORD, end_care, treat,
};

/// A new consultation of `DOCTOR`, which is stopped.
pub(crate) async fn session(clinic: &Clinic, patient: &UserId, kind: &str) -> String {
    let body = json!({
        "patient_id": patient.as_str(), "session_type": kind, "force": true, "chief_complaint": "headache",
    });
    let started = clinic.post(DOCTOR, "/consultation/start", body).await;
    started.expect(200).text("session_id")
}

/// A completed report of a new consultation.
pub(crate) async fn report(clinic: &Clinic, patient: &UserId) -> String {
    let session = session(clinic, patient, "consultation").await;
    let body = json!({"session_id": session, "report_type": "consultation", "generated_content": "migraine"});
    let made = clinic.post(DOCTOR, "/reports", body).await;
    made.expect(200).text("report_id")
}

/// Signs a version.
pub(crate) async fn sign(clinic: &Clinic, id: &str, version: u32) -> testkit::Answer {
    let body = json!({"version": version, "password": PASSWORD});
    clinic
        .post(DOCTOR, &format!("/reports/{id}/sign"), body)
        .await
}

pub(crate) async fn seen(clinic: &Clinic, caller: &str, id: &str) -> Value {
    clinic
        .get(caller, &format!("/reports/{id}"))
        .await
        .expect(200)
        .body
}

// REP-4
#[tokio::test]
async fn a_report_goes_from_draft_to_signature() {
    let clinic = Clinic::start().await;
    let patient = clinic.patient_of(DOCTOR, "Anna Müller").await;
    let session = session(&clinic, &patient, "followup").await;
    let body = json!({"session_id": session, "report_type": "summary"});
    let made = clinic.post(DOCTOR, "/reports", body).await.expect(200);
    let (id, path) = (
        made.text("report_id"),
        format!("/reports/{}", made.text("report_id")),
    );
    assert_eq!(
        (&made.body["status"], &made.body["version"]),
        (&json!("pending"), &json!(1))
    );
    let change = async |body: Value| clinic.patch(DOCTOR, &path, body).await;
    let empty = change(json!({"version": 1, "status": "completed"})).await;
    empty.refused(409, "STATE_CONFLICT");
    change(json!({"version": 1, "status": "generating"}))
        .await
        .expect(200);
    let empty = change(json!({"version": 2, "status": "completed"})).await;
    assert_eq!(empty.validation_errors(), ["generated_content missing"]);
    let content = json!({
        "version": 2, "status": "completed", "generated_content": "migraine", "confidence_score": 0.5, "ai_model": "m1",
        "diagnoses": [{"diagnosis": "Migraine", "icd_code": "G43"}, {}],
        "medication_plan": [{"drug_name": "Ibuprofen", "dosage": "400 mg"}],
        "recommendations": [{"recommendation": "Sleep", "priority": "high"}],
        "follow_up_plan": "in a week", "additional_notes": "-", "transcription_text": "spoken",
    });
    let done = change(content).await.expect(200);
    assert_eq!(
        (&done.body["status"], &done.body["version"]),
        (&json!("completed"), &json!(3))
    );
    change(json!({"version": 3, "status": "failed"}))
        .await
        .refused(409, "STATE_CONFLICT");
    change(json!({"version": 2, "generated_content": "x"}))
        .await
        .refused(409, "VERSION_CONFLICT");
    sign(&clinic, &id, 3).await.expect(200);
    change(json!({"version": 3, "generated_content": "x"}))
        .await
        .refused(409, "STATE_CONFLICT");

    let seen = seen(&clinic, DOCTOR, &id).await;
    for (field, value) in [
        ("status", json!("signed")),
        ("version", json!(3)),
        ("has_been_signed", json!(true)),
        ("signed_by", json!("Ada Lovelace")),
        ("patient_name", json!("Anna Müller")),
        ("patient_sex", json!("female")),
        ("session_id", json!(session)),
        ("session_identifier", json!(session)),
        ("session_type", json!("followup")),
        ("report_type", json!("summary")),
        ("chief_complaint", json!("headache")),
        ("confidence_score", json!(0.5)),
        ("ai_model", json!("m1")),
        (
            "diagnoses",
            json!([{"diagnosis": "Migraine", "icd_code": "G43", "severity": "", "notes": ""}]),
        ),
        ("follow_up_plan", json!("in a week")),
        ("transcription_text", Value::Null),
        ("content_withheld", json!(false)),
    ] {
        assert_eq!(seen[field], value, "{field}");
    }
    let whole = clinic
        .get(DOCTOR, &format!("{path}?include_transcription=true"))
        .await;
    assert_eq!(whole.expect(200).body["transcription_text"], "spoken");
    let history = clinic
        .get(DOCTOR, &format!("/consultation/history/{patient}"))
        .await;
    let row = &history.expect(200).body["consultations"][0];
    assert_eq!(
        (
            &row["has_report"],
            &row["has_transcription"],
            &row["report_id"]
        ),
        (&json!(true), &json!(true), &json!(id))
    );
}

// REP-8, ACC-5
#[tokio::test]
async fn a_patient_reads_signed_and_released_reports_only() {
    let clinic = Clinic::start_with(|settings| settings.reports.release_hours = 24).await;
    let patient = clinic.patient_of(DOCTOR, "Anna Müller").await;
    let id = report(&clinic, &patient).await;
    let (me, path) = (patient.as_str(), format!("/reports/{id}"));
    let hidden = async || {
        clinic.get(me, &path).await.refused(404, "RECORD_NOT_FOUND");
        clinic
            .get(me, &format!("{path}/print"))
            .await
            .refused(404, "RECORD_NOT_FOUND");
        let list = clinic.get(me, "/reports/list").await.expect(200).body;
        assert_eq!(
            (&list["reports"], &list["pagination"]["total"]),
            (&json!([]), &json!(0))
        );
        let history = clinic
            .get(me, &format!("/consultation/history/{patient}"))
            .await
            .expect(200)
            .body;
        assert_eq!(history["consultations"][0]["has_report"], false);
    };
    hidden().await;
    sign(&clinic, &id, 1).await.expect(200);
    clinic.clock.advance(Duration::hours(23));
    hidden().await;
    clinic.clock.advance(Duration::hours(1));
    assert_eq!(
        seen(&clinic, me, &id).await["generated_content"],
        "migraine"
    );
    let list = clinic.get(me, "/reports/list").await.expect(200).body;
    assert_eq!(
        (
            &list["reports"][0]["report_id"],
            &list["pagination"]["total"]
        ),
        (&json!(id), &json!(1))
    );

    let body = json!({"version": 1, "password": PASSWORD, "generated_content": "tension"});
    clinic
        .post(DOCTOR, &format!("{path}/amend"), body)
        .await
        .expect(200);
    let first = seen(&clinic, me, &id).await;
    assert_eq!(
        (&first["version"], &first["generated_content"]),
        (&json!(1), &json!("migraine"))
    );
    clinic
        .get(me, &format!("{path}?version=2"))
        .await
        .refused(404, "RECORD_NOT_FOUND");
    clinic.clock.advance(Duration::hours(24));
    let second = seen(&clinic, me, &id).await;
    assert_eq!(
        (&second["version"], &second["generated_content"]),
        (&json!(2), &json!("tension"))
    );
}

// ACC-3, ACC-6, ACC-7
#[tokio::test]
async fn foreign_reports_are_unknown_and_administrators_see_no_text() {
    let clinic = Clinic::start().await;
    let patient = clinic.patient_of(DOCTOR, "Anna Müller").await;
    let id = report(&clinic, &patient).await;
    sign(&clinic, &id, 1).await.expect(200);
    let path = format!("/reports/{id}");
    for foreign in [OTHER_DOCTOR, OTHER_PATIENT] {
        for path in [path.as_str(), "/reports/REP0000000000000000"] {
            clinic
                .get(foreign, path)
                .await
                .refused(404, "RECORD_NOT_FOUND");
            clinic
                .get(foreign, &format!("{path}/print"))
                .await
                .refused(404, "RECORD_NOT_FOUND");
        }
    }
    clinic
        .get(ADMIN, "/reports/REP0000000000000000")
        .await
        .refused(404, "RECORD_NOT_FOUND");
    clinic.get(DESK, &path).await.refused(403, "ACCESS_DENIED");
    clinic
        .get(ADMIN, &format!("{path}/print"))
        .await
        .refused(403, "ACCESS_DENIED");
    let body = json!({"version": 1, "generated_content": "x"});
    clinic
        .patch(OTHER_DOCTOR, &path, body)
        .await
        .refused(404, "RECORD_NOT_FOUND");
    let one = clinic.get(ADMIN, &path).await.expect(200);
    let list = clinic.get(ADMIN, "/reports/list").await.expect(200);
    assert_eq!(one.body["content_withheld"], true);
    assert_eq!(list.body["reports"][0]["content_withheld"], true);
    for answer in [&one.raw, &list.raw] {
        assert!(
            !answer.contains("migraine") && !answer.contains("headache"),
            "{answer}"
        );
    }
}

// ACC-2
#[tokio::test]
async fn after_care_ended_a_doctor_reads_his_signed_reports_only() {
    let clinic = Clinic::start().await;
    let patient = clinic.patient_of(DOCTOR, "Anna Müller").await;
    let (signed, draft) = (
        report(&clinic, &patient).await,
        report(&clinic, &patient).await,
    );
    sign(&clinic, &signed, 1).await.expect(200);
    end_care(&clinic, DOCTOR, &patient).await;
    assert_eq!(
        seen(&clinic, DOCTOR, &signed).await["generated_content"],
        "migraine"
    );
    clinic
        .get(DOCTOR, &format!("/reports/{draft}"))
        .await
        .refused(404, "RECORD_NOT_FOUND");
    for path in [
        "/reports/list".to_owned(),
        format!("/reports/list?patient_id={patient}"),
    ] {
        let list = clinic.get(DOCTOR, &path).await.expect(200).body;
        assert_eq!(
            (
                &list["reports"][0]["report_id"],
                &list["pagination"]["total"]
            ),
            (&json!(signed), &json!(1))
        );
    }
    let stats = clinic.get(DOCTOR, "/reports/stats").await.expect(200).body;
    assert_eq!(
        (&stats["total"], &stats["by_status"]["completed"]),
        (&json!(1), &json!(0))
    );
    let body = json!({"version": 1, "password": PASSWORD, "generated_content": "x"});
    let amend = format!("/reports/{signed}/amend");
    clinic
        .post(DOCTOR, &amend, body)
        .await
        .refused(404, "RECORD_NOT_FOUND");
}

// REP-7
#[tokio::test]
async fn a_printed_report_names_everything_but_in_its_file_name() {
    let clinic = Clinic::start().await;
    let patient = clinic.patient_of(DOCTOR, "Anna <Müller> अनिता").await;
    let id = report(&clinic, &patient).await;
    sign(&clinic, &id, 1).await.expect(200);
    let page = clinic
        .get(DOCTOR, &format!("/reports/{id}/print"))
        .await
        .expect(200);
    for part in [
        "Anna &lt;Müller&gt; अनिता",
        "1990-05-17",
        "<dt>Version</dt><dd>1</dd>",
        "Ada Lovelace",
        "Zurich)",
        "counter(pages)",
        "migraine",
    ] {
        assert!(page.raw.contains(part), "{part}");
    }
    assert!(!page.raw.contains("<script") && !page.raw.contains("http"));
    let header = |name: &str| page.headers[name].to_str().unwrap().to_owned();
    assert_eq!(
        header("content-disposition"),
        format!("inline; filename=\"{id}-v1.html\"")
    );
    assert!(page.raw.contains(&format!("<title>{id}-v1</title>")));
    assert_eq!(header("content-type"), "text/html; charset=utf-8");
    assert_eq!(header("cache-control"), "no-store");
    let policy = header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    let last = clinic.audit().await.pop().unwrap();
    assert_eq!(
        (&last["action"], &last["part"]),
        (&json!("record_export"), &json!("own_signed_reports"))
    );
}

// REP-4, ACC-7
#[tokio::test]
async fn only_the_consultations_doctor_makes_its_report() {
    let clinic = Clinic::start().await;
    let patient = clinic.patient_of(DOCTOR, "Anna Müller").await;
    let session = session(&clinic, &patient, "consultation").await;
    let body =
        json!({"session_id": session, "report_type": "consultation", "generated_content": "x"});
    clinic
        .post(OTHER_DOCTOR, "/reports", body.clone())
        .await
        .refused(404, "RECORD_NOT_FOUND");
    treat(&clinic, OTHER_DOCTOR, &patient).await;
    clinic
        .post(OTHER_DOCTOR, "/reports", body)
        .await
        .refused(403, "ACCESS_DENIED");
    let unknown = json!({"session_id": "x", "report_type": "consultation"});
    clinic
        .post(DOCTOR, "/reports", unknown)
        .await
        .refused(404, "RECORD_NOT_FOUND");
    let bad = json!({
        "session_id": session, "report_type": "letter", "status": "signed", "confidence_score": 2, "generated_content": 1,
    });
    let refused = clinic
        .post(DOCTOR, "/reports", bad)
        .await
        .validation_errors();
    let expected = [
        "generated_content type",
        "confidence_score confidence_invalid",
        "report_type report_type_invalid",
    ];
    assert_eq!(refused, expected);
    let signed = json!({"session_id": session, "report_type": "summary", "status": "signed", "generated_content": "x"});
    let refused = clinic
        .post(DOCTOR, "/reports", signed)
        .await
        .validation_errors();
    assert_eq!(refused, ["status status_invalid"]);
}
