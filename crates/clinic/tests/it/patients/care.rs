//! Who treats a patient.

use std::cell::Cell;

use serde_json::{Value, json};
use testkit::Answer;

use super::{anna, names};
use crate::harness::{ADMIN, Clinic, DESK, DOCTOR, NEW_DOCTOR, OTHER_DOCTOR, PATIENT};

fn kinds(answer: &Answer) -> Vec<(String, String)> {
    let team = answer.body["care_team"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    team.iter()
        .map(|it| (text(&it["name"]), text(&it["kind"])))
        .collect()
}

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter()
        .map(|(one, other)| ((*one).to_owned(), (*other).to_owned()))
        .collect()
}

// ACC-2
#[tokio::test]
async fn ended_care_ends_access_at_once_on_every_instance() {
    let one = Clinic::start().await;
    let other = one.another().await;
    let id = one.make(DOCTOR, anna()).await;
    let path = format!("/patients/{id}");
    other.get(DOCTOR, &path).await.expect(200);
    let end = format!("{path}/care-team/{DOCTOR}");
    let left = one.delete(DESK, &end).await.expect(200);
    assert_eq!(left.body["care_team"], json!([]));
    one.delete(DESK, &end).await.expect(200);
    for clinic in [&one, &other] {
        clinic
            .get(DOCTOR, &path)
            .await
            .refused(404, "RECORD_NOT_FOUND");
        assert!(names(&clinic.get(DOCTOR, "/patients/list").await).is_empty());
        assert!(names(&clinic.get(DOCTOR, "/patients/search?q=anna").await).is_empty());
        assert!(names(&clinic.get(DOCTOR, "/patients/list?search=anna").await).is_empty());
        let by_id = format!("/patients/search?q={id}");
        assert!(names(&clinic.get(DOCTOR, &by_id).await).is_empty());
    }
}

// ACC-2
#[tokio::test]
async fn care_with_an_end_ends_by_itself() {
    let clinic = Clinic::start().await;
    let id = clinic.make(DOCTOR, anna()).await;
    let until = kernel::clock::rfc3339(clinic.clock.now() + chrono::Duration::minutes(5));
    let care = json!({ "doctor_id": OTHER_DOCTOR, "kind": "covering", "until": until, "reason": "holiday" });
    let path = format!("/patients/{id}");
    let given = clinic
        .post(DOCTOR, &format!("{path}/care-team"), care)
        .await
        .expect(200);
    assert_eq!(
        kinds(&given),
        pairs(&[("Ada Lovelace", "primary"), ("Grace Hopper", "covering")])
    );
    let read = clinic.get(OTHER_DOCTOR, &path).await.expect(200);
    assert_eq!(
        read.body["access"],
        json!({ "basis": "care", "until": until })
    );
    assert_eq!(
        names(&clinic.get(OTHER_DOCTOR, "/patients/search?q=muller").await),
        ["Anna Müller"]
    );
    clinic.clock.advance(chrono::Duration::seconds(300));
    clinic
        .get(OTHER_DOCTOR, &path)
        .await
        .refused(404, "RECORD_NOT_FOUND");
    assert!(names(&clinic.get(OTHER_DOCTOR, "/patients/list").await).is_empty());
    clinic.get(DOCTOR, &path).await.expect(200);
}

#[tokio::test]
async fn a_primary_doctor_hands_the_patient_over() {
    let clinic = Clinic::start().await;
    let id = clinic.make(DOCTOR, anna()).await;
    let path = format!("/patients/{id}/care-team");
    let care =
        |doctor: &str, kind: &str| json!({ "doctor_id": doctor, "kind": kind, "reason": "moved" });
    let over = clinic
        .post(DOCTOR, &path, care(OTHER_DOCTOR, "primary"))
        .await
        .expect(200);
    let mut team = kinds(&over);
    team.sort();
    assert_eq!(
        team,
        pairs(&[("Ada Lovelace", "treating"), ("Grace Hopper", "primary")])
    );
    // He is not the primary doctor any more.
    let again = clinic
        .post(DOCTOR, &path, care(OTHER_DOCTOR, "primary"))
        .await;
    again.refused(403, "ACCESS_DENIED");
    let own = clinic.post(DOCTOR, &path, care(DOCTOR, "referral")).await;
    own.refused(409, "STATE_CONFLICT");
    for unknown in ["DOC99999999", NEW_DOCTOR] {
        let refused = clinic.post(DOCTOR, &path, care(unknown, "referral")).await;
        assert_eq!(refused.validation_errors(), ["doctor_id doctor_unknown"]);
    }
    let ended = clinic
        .delete(DOCTOR, &format!("{path}/{DOCTOR}"))
        .await
        .expect(200);
    assert_eq!(kinds(&ended), pairs(&[("Grace Hopper", "primary")]));
    clinic
        .get(DOCTOR, &path)
        .await
        .refused(404, "RECORD_NOT_FOUND");
}

#[tokio::test]
async fn the_desk_assigns_a_doctor_and_others_do_not() {
    let clinic = Clinic::start().await;
    let id = clinic.make(DOCTOR, anna()).await;
    let path = format!("/patients/{id}/care-team");
    let care = json!({ "doctor_id": OTHER_DOCTOR, "kind": "referral", "reason": "heart" });
    for caller in [ADMIN, PATIENT] {
        clinic
            .post(caller, &path, care.clone())
            .await
            .refused(403, "ACCESS_DENIED");
    }
    let given = clinic.post(DESK, &path, care).await.expect(200);
    assert_eq!(
        kinds(&given),
        pairs(&[("Ada Lovelace", "primary"), ("Grace Hopper", "referral")])
    );
    assert_eq!(kinds(&clinic.get(ADMIN, &path).await), kinds(&given));
    let past =
        json!({ "doctor_id": OTHER_DOCTOR, "kind": "x", "until": "2001-01-01", "reason": " " });
    let refused = clinic.post(DESK, &path, past).await;
    assert_eq!(
        refused.validation_errors(),
        ["kind choice_unknown", "reason empty"]
    );
    let past = json!({ "doctor_id": OTHER_DOCTOR, "kind": "referral", "until": "2001-01-01", "reason": "x" });
    let refused = clinic.post(DESK, &path, past).await;
    assert_eq!(refused.validation_errors(), ["until until_past"]);
    let never = format!("{path}/DOC00000009");
    clinic
        .delete(DESK, &never)
        .await
        .refused(404, "RECORD_NOT_FOUND");
}

// ACC-2: care ends while a page and a record are read
#[tokio::test]
async fn a_page_read_while_care_ends_is_old_or_new_never_half() {
    let one = Clinic::start().await;
    let other = one.another().await;
    let id = one.make(DOCTOR, anna()).await;
    let (path, list) = (format!("/patients/{id}"), "/patients/list");
    let team = format!("{path}/care-team");
    let care = json!({ "doctor_id": DOCTOR, "kind": "treating", "reason": "again" });
    one.post(DESK, &team, care.clone()).await.expect(200);
    let old = one.get(DOCTOR, list).await.expect(200).body;
    let is_over = Cell::new(false);
    // Pages are read all the time, so that care ends between any two queries of one of them.
    let ends = async {
        for _ in 0..20 {
            let end = one.delete(DESK, &format!("{team}/{DOCTOR}")).await;
            end.expect(200);
            for clinic in [&one, &other] {
                clinic.get(DOCTOR, &path).await.expect(404);
                assert!(names(&clinic.get(DOCTOR, list).await).is_empty());
            }
            one.post(DESK, &team, care.clone()).await.expect(200);
            // The limit of reads begins anew.
            one.clock.advance(chrono::Duration::minutes(1));
        }
        is_over.set(true);
    };
    let read = async |clinic: &Clinic| {
        let mut seen = [0, 0];
        while !is_over.get() {
            let (page, record) = tokio::join!(clinic.get(DOCTOR, list), clinic.get(DOCTOR, &path));
            let page = page.expect(200).body;
            let rows = page["patients"].as_array().unwrap();
            assert!(
                page["patients"] == old["patients"] || rows.is_empty(),
                "{page}"
            );
            assert_eq!(page["pagination"]["total"], rows.len(), "{page}");
            seen[rows.len()] += 1;
            match record.status {
                200 => assert_eq!(record.body["name"], "Anna Müller"),
                _ => drop(record.refused(404, "RECORD_NOT_FOUND")),
            }
        }
        seen
    };
    let ((), a, b, c, d) = tokio::join!(ends, read(&one), read(&other), read(&one), read(&other));
    for seen in [a, b, c, d] {
        assert!(seen.iter().all(|times| *times > 0), "{seen:?}");
    }
}

// design 9: a race of hand-overs
#[tokio::test]
async fn parallel_hand_overs_leave_the_patient_with_a_doctor() {
    let one = Clinic::start().await;
    let other = one.another().await;
    let id = one.make(DOCTOR, anna()).await;
    let path = format!("/patients/{id}/care-team");
    let care = json!({ "doctor_id": OTHER_DOCTOR, "kind": "primary", "reason": "moved" });
    let tries = (0..20).map(|number| {
        let clinic = if number % 2 == 0 { &one } else { &other };
        clinic.post(DOCTOR, &path, care.clone())
    });
    let answers = futures_util::future::join_all(tries).await;
    assert!(
        answers.iter().all(|it| matches!(it.status, 200 | 403)),
        "{:?}",
        answers.iter().map(|it| it.status).collect::<Vec<_>>()
    );
    assert!(answers.iter().any(|it| it.status == 200));
    let mut team = kinds(&one.get(DESK, &path).await);
    team.sort();
    assert_eq!(
        team,
        pairs(&[("Ada Lovelace", "treating"), ("Grace Hopper", "primary")])
    );
}

// E1
#[tokio::test]
async fn an_invitation_is_for_the_record_and_happens_once() {
    let clinic = Clinic::start().await;
    let id = clinic.make(DOCTOR, anna()).await;
    let path = format!("/patients/{id}/invite");
    let invited = clinic.post(DESK, &path, json!({})).await.expect(200);
    assert_eq!(invited.body["status"], "invited");
    let known = clinic.people.invited.lock().unwrap().clone();
    assert_eq!(
        (known[0].patient_id.as_str(), known[0].email.as_str()),
        (id.as_str(), "anna@example.org")
    );
    let listed = clinic.get(DOCTOR, "/patients/list").await;
    assert_eq!(listed.body["patients"][0]["has_account"], true);
    let path = format!("/patients/{PATIENT}/invite");
    clinic
        .post(DESK, &path, json!({}))
        .await
        .refused(409, "STATE_CONFLICT");
    let bare = clinic.make(DOCTOR, super::person("Otto Frei", 1)).await;
    let refused = clinic
        .post(DOCTOR, &format!("/patients/{bare}/invite"), json!({}))
        .await;
    assert_eq!(refused.validation_errors(), ["email missing"]);
}
