//! The data keys are wrapped anew while the service works, and records are compared with what stands beside them.

use bson::{Bson, doc};
use clinic::{
    app::PrepareError,
    upkeep::{
        inspect::{Finding, inspect},
        rewrap::{Outcome, count, rewrap},
    },
};
use futures_util::future::{join_all, try_join_all};
use kernel::ids::UserId;
use serde_json::json;

use crate::harness::{Clinic, DESK, DOCTOR, FIELD_KEY, OTHER_DOCTOR, field_keys, field_keys_after};

const NEW_KEY: &str = "a newer field key of the tests, 32 bytes or more";

async fn patients(clinic: &Clinic, count: usize) -> Vec<UserId> {
    let mut ids = Vec::new();
    for number in 0..count {
        let doctor = [DOCTOR, OTHER_DOCTOR][number % 2];
        ids.push(clinic.patient_of(doctor, &format!("Anna Nr{number}")).await);
    }
    ids
}

// ENC-4
#[tokio::test]
async fn records_are_rewrapped_under_load_without_a_failure() {
    let old = Clinic::start().await;
    let ids = patients(&old, 120).await;
    let keys = || field_keys_after(NEW_KEY, Some(FIELD_KEY));
    let one = old.another_with_key(keys()).await;
    let other = old.another_with_key(keys()).await;
    let counts = count(&one.app, |_| {}).await.unwrap();
    let previous = field_keys(FIELD_KEY).current_id().to_string();
    assert_eq!(counts.records, [(previous, 120)].into());
    assert!(!counts.canary_is_current);

    let load = async {
        for round in 0..5 {
            let each = ids.iter().step_by(12).enumerate().map(|(number, id)| {
                let clinic = [&one, &other][number % 2];
                async move {
                    let path = format!("/patients/{id}");
                    let read = clinic.get(DESK, &path).await.expect(200);
                    let change = json!({
                        "last_name": format!("Round{round}"), "version": read.body["version"],
                    });
                    clinic.patch(DESK, &path, change).await.expect(200);
                }
            });
            join_all(each).await;
        }
    };
    // It breaks off in the middle, as by a crash, and the second call goes on.
    one.server.platform.fail_point.arm("rewrap:batch");
    let (broken, ()) = tokio::join!(rewrap(&one.app, |_| {}), load);
    assert!(broken.is_err());
    let (done, ()) = tokio::join!(rewrap(&other.app, |_| {}), async {
        for id in &ids[100..] {
            one.get(DESK, &format!("/patients/{id}")).await.expect(200);
        }
    });
    let Outcome::Done(done) = done.unwrap() else {
        panic!("busy")
    };
    assert_eq!((done.seen, done.wrapped, done.unopened), (120, 20, vec![]));
    assert!(done.is_complete);
    let current = keys().current_id().to_string();
    let counts = count(&one.app, |_| {}).await.unwrap();
    assert_eq!(
        (counts.others(&current), counts.canary_is_current),
        ((0, 0), true)
    );

    // The newer key alone starts a service and opens everything; the older one alone does not.
    let alone = old.another_with_key(field_keys(NEW_KEY)).await;
    let read = ids.iter().step_by(10).map(async |id| {
        let read = alone
            .get(DESK, &format!("/patients/{id}"))
            .await
            .expect(200);
        assert!(read.body["name"].as_str().unwrap().starts_with("Anna "));
    });
    join_all(read).await;
    let refused = old.app_with_key(field_keys(FIELD_KEY)).prepare().await;
    assert!(matches!(refused, Err(PrepareError::Canary(_))));
    let trail = alone.audit().await;
    let rewraps = trail.iter().filter(|it| it["action"] == "keys_rewrap");
    assert_eq!(rewraps.count(), 2);
}

// ENC-4
#[tokio::test]
async fn one_rewrap_works_at_a_time_until_its_lease_is_over() {
    let clinic = Clinic::start().await;
    patients(&clinic, 2).await;
    let rows = &clinic.server.platform.store;
    let length = chrono::Duration::seconds(10);
    let now = clinic.clock.now();
    assert!(
        rows.lease("keys-rewrap", "a dead one", length, now)
            .await
            .unwrap()
    );
    let outcome = rewrap(&clinic.app, |_| {}).await.unwrap();
    assert_eq!(outcome, Outcome::Busy);
    clinic.clock.advance(length);
    let outcome = rewrap(&clinic.app, |_| {}).await.unwrap();
    assert!(matches!(outcome, Outcome::Done(done) if done.is_complete));
}

// ENC-2
#[tokio::test]
async fn what_was_swapped_or_changed_is_reported_by_its_id() {
    let clinic = Clinic::start().await;
    let ids = patients(&clinic, 8).await;
    let start = clinic.clock.now() + chrono::Duration::days(2);
    let bookings = ids.iter().zip(0..).take(3).map(|(id, hour)| {
        let start = start + chrono::Duration::hours(hour);
        let body = json!({
            "title": "Visit", "patient_id": id, "doctor_id": DOCTOR, "start_time": start,
            "duration_minutes": 30,
        });
        let clinic = &clinic;
        async move {
            let made = clinic.post(DESK, "/appointments", body).await.expect(201);
            Ok::<_, ()>(made.text("appointment_id"))
        }
    });
    let booked = try_join_all(bookings).await.unwrap();
    let clean = inspect(&clinic.app, None, |_| {}).await.unwrap();
    assert!(clean.findings.is_empty(), "{:?}", clean.findings);
    assert_eq!(
        (clean.records, clean.texts, clean.without_doctor),
        (8, 19, 0)
    );
    let sample = inspect(&clinic.app, Some(3), |_| {}).await.unwrap();
    assert!((1..=3).contains(&sample.records), "{sample:?}");

    let records = clinic.database.raw("patient_records").await;
    let appointments = clinic.database.raw("appointments").await;
    let relations = clinic.database.raw("care_relations").await;
    let get = async |id: &UserId, field: &str| {
        let row = clinic.find_raw("patient_records", id.as_str()).await;
        row.get(field).unwrap().clone()
    };
    let set = async |id: &UserId, field: &str, value: Bson| {
        let update = doc! { "$set": { field: value } };
        let one = doc! { "_id": id.as_str() };
        assert_eq!(
            records.update_one(one, update).await.unwrap().matched_count,
            1
        );
    };
    // The clinical groups of two patients; the key of a third one; a group of one patient in the place of the other.
    let (zero, one) = (
        get(&ids[0], "clinical").await,
        get(&ids[1], "clinical").await,
    );
    set(&ids[0], "clinical", one).await;
    set(&ids[1], "clinical", zero).await;
    set(&ids[2], "key", get(&ids[3], "key").await).await;
    set(&ids[4], "who", get(&ids[4], "clinical").await).await;
    set(&ids[5], "tokens", Bson::Array(vec![Bson::Int64(1)])).await;
    let texts = [&booked[0], &booked[1]];
    let first = clinic.find_raw("appointments", texts[0]).await;
    let update = doc! { "$set": { "text": first.get("text").unwrap().clone() } };
    appointments
        .update_one(doc! { "_id": texts[1] }, update)
        .await
        .unwrap();
    let of_six = doc! { "patient_id": ids[6].as_str() };
    let cut = doc! { "$set": { "tokens": [] } };
    relations.update_one(of_six, cut).await.unwrap();
    records
        .delete_one(doc! { "_id": ids[7].as_str() })
        .await
        .unwrap();

    let report = inspect(&clinic.app, None, |_| {}).await.unwrap();
    let mut found: Vec<_> = report
        .findings
        .iter()
        .flat_map(|(finding, (_, ids))| ids.iter().map(move |id| (*finding, id.clone())))
        .collect();
    found.sort();
    let relation = |doctor: &str, id: &UserId| format!("CLN00000001/{doctor}/{id}");
    let mut expected = vec![
        (Finding::Key, ids[2].to_string()),
        (Finding::Sealed, ids[0].to_string()),
        (Finding::Sealed, ids[1].to_string()),
        (Finding::Sealed, ids[4].to_string()),
        (Finding::Sealed, booked[1].clone()),
        (Finding::Tokens, ids[5].to_string()),
        (Finding::Relation, relation(DOCTOR, &ids[6])),
        (Finding::NoRecord, relation(OTHER_DOCTOR, &ids[7])),
    ];
    expected.sort();
    assert_eq!(found, expected);
    // The service does not show them either.
    for id in [&ids[0], &ids[1]] {
        let read = clinic.get(DOCTOR, &format!("/patients/{id}")).await;
        assert!(read.status != 200, "{}", read.body);
    }
}
