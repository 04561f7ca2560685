//! Signing and amending reports, through the API.

use futures_util::future::join_all;
use serde_json::json;

use crate::{
    harness::{ADMIN, Clinic, DESK, DOCTOR, OTHER_DOCTOR, PASSWORD, treat},
    reports::{report, seen, sign},
};

// REP-5
#[tokio::test]
async fn a_signature_needs_the_password_and_the_seen_version() {
    let clinic = Clinic::start().await;
    let patient = clinic.patient_of(DOCTOR, "Anna Müller").await;
    let id = report(&clinic, &patient).await;
    let path = format!("/reports/{id}/sign");
    let wrong = json!({"version": 1, "password": "wrong"});
    clinic
        .post(DOCTOR, &path, wrong)
        .await
        .refused(401, "AUTH_FAILED");
    let missing = clinic.post(DOCTOR, &path, json!({"version": 1})).await;
    assert_eq!(missing.validation_errors(), ["password missing"]);
    sign(&clinic, &id, 2).await.refused(409, "VERSION_CONFLICT");
    treat(&clinic, OTHER_DOCTOR, &patient).await;
    let body = json!({"version": 1, "password": PASSWORD});
    clinic
        .post(OTHER_DOCTOR, &path, body.clone())
        .await
        .refused(403, "ACCESS_DENIED");
    for role in [DESK, ADMIN, patient.as_str()] {
        clinic
            .post(role, &path, body.clone())
            .await
            .refused(403, "ACCESS_DENIED");
    }
    assert_eq!(seen(&clinic, DOCTOR, &id).await["status"], "completed");
    sign(&clinic, &id, 1).await.expect(200);
}

// REP-5
#[tokio::test]
async fn one_of_twenty_signatures_counts() {
    let clinic = Clinic::start().await;
    let second = clinic.another().await;
    let patient = clinic.patient_of(DOCTOR, "Anna Müller").await;
    let id = report(&clinic, &patient).await;
    let answers = join_all((0..20).map(|n| sign([&clinic, &second][n % 2], &id, 1))).await;
    assert_eq!(answers.iter().filter(|it| it.status == 200).count(), 1);
    for answer in answers.iter().filter(|it| it.status != 200) {
        answer.refused(409, "STATE_CONFLICT");
    }
    let row = clinic.find_raw("reports", &id).await;
    assert_eq!(row.get_array("signatures").unwrap().len(), 1);
    assert_eq!(seen(&second, DOCTOR, &id).await["status"], "signed");
}

// REP-5
#[tokio::test]
async fn a_signature_and_a_change_never_both_count() {
    let clinic = Clinic::start().await;
    let second = clinic.another().await;
    let patient = clinic.patient_of(DOCTOR, "Anna Müller").await;
    for round in 0..10 {
        let id = report(&clinic, &patient).await;
        let path = format!("/reports/{id}");
        let change = second.patch(
            DOCTOR,
            &path,
            json!({"version": 1, "generated_content": "other"}),
        );
        let (signed, changed) = tokio::join!(sign(&clinic, &id, 1), change);
        let seen = seen(&clinic, DOCTOR, &id).await;
        if signed.status == 200 {
            changed.refused(409, "STATE_CONFLICT");
            assert_eq!(
                (&seen["status"], &seen["generated_content"]),
                (&json!("signed"), &json!("migraine"))
            );
        } else {
            signed.refused(409, "VERSION_CONFLICT");
            changed.expect(200);
            assert_eq!(
                (&seen["status"], &seen["generated_content"]),
                (&json!("completed"), &json!("other")),
                "{round}"
            );
        }
    }
}

// REP-4
#[tokio::test]
async fn an_amendment_keeps_the_text_that_was_signed() {
    let clinic = Clinic::start().await;
    let second = clinic.another().await;
    let patient = clinic.patient_of(DOCTOR, "Anna Müller").await;
    let id = report(&clinic, &patient).await;
    let path = format!("/reports/{id}/amend");
    let body = |n: usize| json!({"version": 1, "password": PASSWORD, "generated_content": format!("tension {n}")});
    clinic
        .post(DOCTOR, &path, body(0))
        .await
        .refused(409, "STATE_CONFLICT");
    sign(&clinic, &id, 1).await.expect(200);
    let wrong = json!({"version": 1, "password": "wrong", "generated_content": "x"});
    clinic
        .post(DOCTOR, &path, wrong)
        .await
        .refused(401, "AUTH_FAILED");
    let amendments = (0..8).map(|n| [&clinic, &second][n % 2].post(DOCTOR, &path, body(n)));
    let answers = join_all(amendments).await;
    let won: Vec<_> = answers.iter().filter(|it| it.status == 200).collect();
    assert_eq!(won.len(), 1);
    for answer in answers.iter().filter(|it| it.status != 200) {
        answer.refused(409, "VERSION_CONFLICT");
    }
    let now = seen(&clinic, DOCTOR, &id).await;
    assert_eq!(
        (&now["version"], &now["status"]),
        (&json!(2), &json!("signed"))
    );
    assert_eq!(now["generated_content"], won[0].body["generated_content"]);
    let old = clinic
        .get(DOCTOR, &format!("/reports/{id}?version=1"))
        .await
        .expect(200)
        .body;
    assert_eq!(
        (&old["version"], &old["generated_content"]),
        (&json!(1), &json!("migraine"))
    );
    for unknown in [0, 3] {
        let path = format!("/reports/{id}?version={unknown}");
        clinic
            .get(DOCTOR, &path)
            .await
            .refused(404, "RECORD_NOT_FOUND");
    }
}
