//! Changes of records.

use serde_json::{Value, json};

use super::{anna, names, with};
use crate::harness::{Clinic, DESK, DOCTOR, OTHER_DOCTOR, PATIENT};

// PATCH × 20 with one version
#[tokio::test]
async fn twenty_changes_of_one_version_are_one_change() {
    let one = Clinic::start().await;
    let other = one.another().await;
    let id = one.make(DOCTOR, anna()).await;
    let path = format!("/patients/{id}");
    let tries = (0..20).map(|number| {
        let clinic = if number % 2 == 0 { &one } else { &other };
        clinic.patch(
            DOCTOR,
            &path,
            json!({ "version": 1, "last_name": format!("Meier{}", char::from(b'a' + number)) }),
        )
    });
    let answers = futures_util::future::join_all(tries).await;
    let won: Vec<_> = answers.iter().filter(|it| it.status == 200).collect();
    assert_eq!(won.len(), 1);
    for lost in answers.iter().filter(|it| it.status != 200) {
        lost.refused(409, "VERSION_CONFLICT");
    }
    let read = one.get(DOCTOR, &path).await;
    assert_eq!(
        (&read.body["version"], &read.body["name"]),
        (&json!(2), &won[0].body["name"])
    );
    let name = read.text("last_name");
    for caller in [DOCTOR, DESK] {
        let found = one.get(caller, &format!("/patients/search?q={name}")).await;
        assert_eq!(names(&found).len(), 1);
        assert!(names(&one.get(caller, "/patients/search?q=muller").await).is_empty());
    }
}

#[tokio::test]
async fn what_is_absent_stays_and_null_clears() {
    let clinic = Clinic::start().await;
    let full = with(
        anna(),
        json!({ "address": "Main St 1", "referred_by": "Dr. Who", "illness_duration": { "value": 3, "unit": "days" },
            "informants": { "selection": ["Self"] }, "emergency_contact": { "name": "Eva" } }),
    );
    let id = clinic.make(DOCTOR, full).await;
    let path = format!("/patients/{id}");
    let before = clinic.get(DOCTOR, &path).await;
    let changed = clinic
        .patch(DOCTOR, &path, json!({ "version": 1, "sex": "other" }))
        .await
        .expect(200);
    let expected = with(
        before.body.clone(),
        json!({ "sex": "other", "version": 2, "message": "Patient changed" }),
    );
    assert_eq!(changed.body, expected);
    let cleared = json!({ "version": 2, "address": null, "referred_by": null, "phone": null, "email": null,
        "last_name": null, "illness_duration": null, "informants": null, "emergency_contact": null });
    let cleared = clinic.patch(DOCTOR, &path, cleared).await.expect(200);
    for field in [
        "address",
        "referred_by",
        "phone",
        "email",
        "illness_duration",
        "informants",
        "emergency_contact",
    ] {
        assert_eq!(cleared.body[field], Value::Null, "{field}");
    }
    assert_eq!(cleared.body["name"], "Anna");
    for typed in [
        json!({ "version": 3 }),
        json!({ "sex": "male" }),
        json!({ "version": 3, "first_name": null }),
        json!({ "version": 3, "name": "A B", "last_name": "C" }),
        json!({ "version": 3, "doctor_id": "DOC1" }),
    ] {
        let refused = clinic.patch(DOCTOR, &path, typed.clone()).await;
        refused.refused(422, "VALIDATION_ERROR");
    }
    let stale = clinic
        .patch(DOCTOR, &path, json!({ "version": 1, "sex": "male" }))
        .await;
    stale.refused(409, "VERSION_CONFLICT");
}

// E13
#[tokio::test]
async fn names_and_telephone_change_on_the_account_as_well() {
    let clinic = Clinic::start().await;
    let path = format!("/patients/{PATIENT}");
    clinic.get(DESK, &path).await.expect(200);
    let change = json!({ "version": 1, "name": "Janet Doe", "phone": "+41 79 111 22 33", "address": "Main St 1" });
    let changed = clinic.patch(DESK, &path, change).await.expect(200);
    assert_eq!(
        (&changed.body["name"], &changed.body["phone"]),
        (&json!("Janet Doe"), &json!("+41 79 111 22 33"))
    );
    let holder =
        clinic.people.holders.lock().unwrap()[&kernel::ids::UserId::from_stored(PATIENT)].clone();
    assert_eq!(
        (holder.first_name.as_str(), holder.mobile.as_deref()),
        ("Janet", Some("+41 79 111 22 33"))
    );
    let email = clinic
        .patch(
            DESK,
            &path,
            json!({ "version": 2, "email": "x@example.org" }),
        )
        .await;
    assert_eq!(email.validation_errors(), ["email not_applicable"]);
    let stale = clinic
        .patch(DESK, &path, json!({ "version": 1, "name": "Jo Doe" }))
        .await;
    stale.refused(409, "VERSION_CONFLICT");
    let own = clinic.get(PATIENT, &path).await;
    assert_eq!(own.body["name"], "Janet Doe");
    clinic
        .patch(PATIENT, &path, json!({ "version": 2, "sex": "male" }))
        .await
        .refused(403, "ACCESS_DENIED");
}

// E13
#[tokio::test]
async fn a_name_that_its_owner_changed_is_found() {
    let clinic = Clinic::start().await;
    let id = kernel::ids::UserId::from_stored(PATIENT);
    clinic
        .get(DESK, &format!("/patients/{PATIENT}"))
        .await
        .expect(200);
    clinic
        .people
        .holders
        .lock()
        .unwrap()
        .get_mut(&id)
        .unwrap()
        .last_name = "Newname".to_owned();
    clinic::patients::use_cases::change::account_changed(&clinic.app, &id)
        .await
        .unwrap();
    assert_eq!(
        names(&clinic.get(DESK, "/patients/search?q=newname").await),
        ["Jane Newname"]
    );
}

#[tokio::test]
async fn tokens_of_every_doctor_follow_a_change() {
    let clinic = Clinic::start().await;
    let id = clinic.make(DOCTOR, anna()).await;
    let path = format!("/patients/{id}");
    let care = json!({ "doctor_id": OTHER_DOCTOR, "kind": "covering", "reason": "holiday" });
    clinic
        .post(DESK, &format!("{path}/care-team"), care)
        .await
        .expect(200);
    let change = json!({ "version": 1, "name": "Petra Frei", "phone": "044 111 22 33", "date_of_birth": "1991-06-18" });
    clinic.patch(DESK, &path, change).await.expect(200);
    for caller in [DOCTOR, OTHER_DOCTOR, DESK] {
        for q in ["petra", "frei", "0441112233", "2233", "1991-06-18"] {
            assert_eq!(
                names(&clinic.get(caller, &format!("/patients/search?q={q}")).await),
                ["Petra Frei"],
                "{caller} {q}"
            );
        }
        assert!(names(&clinic.get(caller, "/patients/search?q=0790000001").await).is_empty());
    }
}

#[tokio::test]
async fn parallel_symptoms_are_all_kept() {
    let one = Clinic::start().await;
    let other = one.another().await;
    let id = one.make(DOCTOR, anna()).await;
    let path = format!("/patients/{id}/symptoms");
    let tries = (0..12).map(|number| {
        let clinic = if number % 2 == 0 { &one } else { &other };
        clinic.post(
            DOCTOR,
            &path,
            json!({ "symptom_name": format!("symptom {number}") }),
        )
    });
    for answer in futures_util::future::join_all(tries).await {
        answer.expect(200);
    }
    let read = one.get(DOCTOR, &format!("/patients/{id}")).await;
    assert_eq!(read.body["symptoms"].as_array().unwrap().len(), 12);
    assert_eq!(read.body["version"], 13);
}

#[tokio::test]
async fn a_symptom_is_changed_and_removed() {
    let clinic = Clinic::start().await;
    let id = clinic.make(DOCTOR, anna()).await;
    let path = format!("/patients/{id}/symptoms");
    let full = json!({ "symptom_name": "Cough", "severity": "Mild", "notes": "dry" });
    let added = clinic.post(DOCTOR, &path, full).await.expect(200);
    let symptom = added.body["symptoms"][0]["symptom_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let one = format!("{path}/{symptom}");
    let change =
        json!({ "severity": "severe", "notes": null, "duration": { "value": 2, "unit": "weeks" } });
    let changed = clinic.patch(DOCTOR, &one, change).await.expect(200);
    let row = &changed.body["symptoms"][0];
    assert_eq!(
        (&row["severity"], &row["notes"], &row["symptom_name"]),
        (&json!("Severe"), &Value::Null, &json!("Cough"))
    );
    assert_eq!(row["duration"], json!({ "value": 2, "unit": "weeks" }));
    let refused = clinic
        .patch(
            DOCTOR,
            &one,
            json!({ "severity": "bad", "symptom_name": null }),
        )
        .await;
    assert_eq!(
        refused.validation_errors(),
        ["symptom_name null", "severity choice_unknown"]
    );
    let removed = clinic.delete(DOCTOR, &one).await.expect(200);
    assert_eq!(removed.body["symptoms"], json!([]));
    clinic
        .delete(DOCTOR, &one)
        .await
        .refused(404, "RECORD_NOT_FOUND");
}
