//! The list of patients.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use kernel::ids::UserId;
use serde_json::{Value, json};
use testkit::Answer;

use super::{anna, names, person, with};
use crate::harness::{ADMIN, Clinic, DESK, DOCTOR, OTHER_DOCTOR, PATIENT, treat};

async fn fill(clinic: &Clinic, doctor: &str, count: usize) {
    for number in 0..count {
        clinic
            .make(doctor, person(&format!("P{} Test", word(number)), number))
            .await;
        clinic.clock.advance(chrono::Duration::milliseconds(1));
    }
}

/// A number in letters, because a name is found by its letters.
fn word(number: usize) -> String {
    number
        .to_string()
        .bytes()
        .map(|digit| char::from(b'a' + digit - b'0'))
        .collect()
}

fn next(answer: &Answer) -> Option<String> {
    answer.body["pagination"]["next_cursor"]
        .as_str()
        .map(str::to_owned)
}

/// Walks a list by its cursor.
async fn walk(clinic: &Clinic, caller: &str, path: &str) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = clinic
            .get(caller, &format!("{path}&cursor={cursor}"))
            .await
            .expect(200);
        all.extend(names(&page));
        match next(&page) {
            Some(next) => cursor = next,
            None => return all,
        }
    }
}

// PAT-1
#[tokio::test]
async fn a_row_has_every_field_of_the_contract() {
    let clinic = Clinic::start().await;
    clinic
        .make(
            DOCTOR,
            with(
                anna(),
                json!({ "illness_duration": { "value": 3, "unit": "days" } }),
            ),
        )
        .await;
    let list = clinic.get(DOCTOR, "/patients/list").await.expect(200);
    let mut fields: Vec<&str> = list.body["patients"][0]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            "address",
            "age",
            "created_at",
            "date_of_birth",
            "email",
            "first_name",
            "has_account",
            "id",
            "illness_duration",
            "last_name",
            "last_visit",
            "name",
            "next_appointment",
            "patient_id",
            "phone",
            "referred_by",
            "relationship",
            "sex",
            "updated_at",
        ]
    );
    assert_eq!(
        list.body["patients"][0]["illness_duration"],
        json!({ "value": 3, "unit": "days" })
    );
    assert_eq!(
        list.body["pagination"],
        json!({
            "limit": 20, "offset": 0, "total": 1, "total_is_estimate": false, "has_more": false, "current_page": 1,
            "total_pages": 1, "next_cursor": null,
        })
    );
}

// ACC-2, E4
#[tokio::test]
async fn a_doctor_sees_his_own_and_the_desk_the_clinics_newest_first() {
    let clinic = Clinic::start().await;
    for (number, (doctor, name)) in [
        (DOCTOR, "Eva One"),
        (OTHER_DOCTOR, "Zacharias Two"),
        (DOCTOR, "Ida Three"),
    ]
    .into_iter()
    .enumerate()
    {
        clinic.make(doctor, person(name, number)).await;
        clinic.clock.advance(chrono::Duration::seconds(1));
    }
    let list = async |caller: &str, query: &str| {
        names(
            &clinic
                .get(caller, &format!("/patients/list{query}"))
                .await
                .expect(200),
        )
    };
    assert_eq!(list(DOCTOR, "").await, ["Ida Three", "Eva One"]);
    assert_eq!(list(OTHER_DOCTOR, "").await, ["Zacharias Two"]);
    for caller in [DESK, ADMIN] {
        assert_eq!(
            list(caller, "").await,
            ["Ida Three", "Zacharias Two", "Eva One"]
        );
        assert_eq!(
            list(caller, &format!("?doctor_id={DOCTOR}")).await,
            ["Ida Three", "Eva One"]
        );
        assert!(list(caller, "?doctor_id=DOC99999999").await.is_empty());
        assert_eq!(list(caller, "?search=zach").await, ["Zacharias Two"]);
        assert!(
            list(caller, &format!("?search=zach&doctor_id={DOCTOR}"))
                .await
                .is_empty()
        );
    }
    assert_eq!(list(DOCTOR, &format!("?doctor_id={DOCTOR}")).await.len(), 2);
    assert!(list(DOCTOR, "?search=zach").await.is_empty());
}

// PAT-4
#[tokio::test]
async fn a_walk_shows_every_standing_row_once_while_rows_change() {
    let one = Clinic::start().await;
    let other = one.another().await;
    fill(&one, DOCTOR, 30).await;
    let gone = one.make(DOCTOR, person("Gone Person", 999)).await;
    let mut standing = names(&one.get(DOCTOR, "/patients/list?limit=100").await);
    standing.retain(|name| name != "Gone Person");
    assert_eq!(standing.len(), 30);
    for caller in [DOCTOR, DESK] {
        let insert = async {
            for number in 0..25 {
                let new = person(
                    &format!("N{} New", word(number)),
                    400 + number + usize::from(caller == DESK) * 100,
                );
                other.make(DOCTOR, new).await;
            }
            let path = format!("/patients/{gone}/care-team/{DOCTOR}");
            other.delete(DESK, &path).await.expect(200);
        };
        let (seen, ()) = tokio::join!(walk(&one, caller, "/patients/list?limit=3"), insert);
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for name in &seen {
            *counts.entry(name.as_str()).or_default() += 1;
        }
        for name in &standing {
            assert_eq!(counts.get(name.as_str()), Some(&1), "{caller} {name}");
        }
        let order: Vec<_> = seen.iter().filter(|name| standing.contains(name)).collect();
        assert_eq!(order, standing.iter().collect::<Vec<_>>());
    }
}

// PAT-5
#[tokio::test]
async fn the_last_page_has_no_more_with_one_row_less_or_more() {
    let clinic = Clinic::start().await;
    fill(&clinic, DOCTOR, 6).await;
    for (limit, pages) in [(5, 2), (6, 1), (7, 1), (3, 2), (2, 3), (1, 6)] {
        for caller in [DOCTOR, DESK] {
            for search in ["", "&search=test"] {
                let path = format!("/patients/list?limit={limit}{search}");
                let mut page = clinic.get(caller, &path).await.expect(200);
                for number in 1..=pages {
                    let place = &page.body["pagination"];
                    assert_eq!(place["has_more"], json!(number < pages), "{path} {number}");
                    assert_eq!(
                        (&place["total"], &place["total_pages"]),
                        (&json!(6), &json!(pages))
                    );
                    let Some(cursor) = next(&page) else { break };
                    page = clinic
                        .get(caller, &format!("{path}&cursor={cursor}"))
                        .await
                        .expect(200);
                }
            }
        }
    }
}

// PAT-4
#[tokio::test]
async fn an_offset_shows_the_same_rows_as_the_cursor() {
    let clinic = Clinic::start().await;
    fill(&clinic, DOCTOR, 7).await;
    for caller in [DOCTOR, DESK] {
        for search in ["", "&search=test"] {
            let path = format!("/patients/list?limit=3{search}");
            let walked = walk(&clinic, caller, &path).await;
            let mut skipped = Vec::new();
            for offset in [0, 3, 6, 9] {
                let page = clinic
                    .get(caller, &format!("{path}&offset={offset}"))
                    .await
                    .expect(200);
                assert_eq!(page.body["pagination"]["current_page"], offset / 3 + 1);
                skipped.extend(names(&page));
            }
            assert_eq!(walked, skipped);
        }
    }
    let far = clinic.get(DOCTOR, "/patients/list?offset=10001").await;
    assert!(
        far.refused(422, "VALIDATION_ERROR").len() > 3 && far.raw.contains("cursor"),
        "{}",
        far.raw
    );
}

// PAT-4, ACC-7
#[tokio::test]
async fn a_cursor_of_another_list_shows_no_foreign_row() {
    let clinic = Clinic::start().await;
    fill(&clinic, OTHER_DOCTOR, 3).await;
    let page = clinic.get(OTHER_DOCTOR, "/patients/list?limit=1").await;
    let cursor = next(&page).unwrap();
    let foreign = clinic
        .get(DOCTOR, &format!("/patients/list?cursor={cursor}"))
        .await
        .expect(200);
    assert!(names(&foreign).is_empty());
}

// PAT-1
#[tokio::test]
async fn a_bad_parameter_is_named() {
    let clinic = Clinic::start().await;
    for (path, field) in [
        ("/patients/list?limit=0", "Must be a number from 1 to 100"),
        ("/patients/list?limit=101", "limit"),
        ("/patients/list?offset=10001", "offset"),
        ("/patients/list?cursor=abc", "cursor"),
        ("/patients/list?search=x", "search"),
        ("/patients/list?serach=anna", "serach"),
        ("/patients/search?q=x", "q"),
        ("/patients/search", "This field is required"),
        (
            "/patients/search?q=anna&limit=51",
            "Must be a number from 1 to 50",
        ),
    ] {
        let refused = clinic.get(DOCTOR, path).await;
        refused.refused(422, "VALIDATION_ERROR");
        assert!(refused.raw.contains(field), "{path}: {}", refused.raw);
    }
}

// PAT-2
#[tokio::test]
async fn a_page_reads_each_patient_once_and_the_rows_once() {
    let clinic = Clinic::start().await;
    fill(&clinic, DOCTOR, 10).await;
    let trips = || {
        clinic
            .server
            .platform
            .metrics
            .database_duration
            .get_sample_count()
    };
    // Rows, count, audit; then for each patient the next appointment, side by side. A doctor's rows lead to the records;
    // those of the desk are the records.
    for (caller, each) in [(DOCTOR, 2), (DESK, 1)] {
        let mut counts = Vec::new();
        for limit in [1, 10] {
            let before = trips();
            clinic
                .get(caller, &format!("/patients/list?limit={limit}"))
                .await
                .expect(200);
            counts.push(trips() - before);
        }
        assert_eq!(counts, [3 + each, 3 + 10 * each], "{caller}");
    }
}

// PAT-2
#[tokio::test]
async fn rows_with_and_without_an_account_take_the_same_steps() {
    let clinic = Clinic::start().await;
    clinic.make(DOCTOR, anna()).await;
    clinic::tick(&clinic.app).await.unwrap();
    let registered = UserId::from_stored(PATIENT);
    treat(&clinic, OTHER_DOCTOR, &registered).await;
    let platform = Arc::clone(&clinic.server.platform);
    let trips = move || platform.metrics.database_duration.get_sample_count();
    let mut pages = Vec::new();
    for (caller, has_account) in [(DOCTOR, false), (OTHER_DOCTOR, true)] {
        let (before, at, count) = (trips(), Arc::<Mutex<Vec<u64>>>::default(), trips.clone());
        let note = Arc::clone(&at);
        let hook = move || note.lock().unwrap().push(count() - before);
        *clinic.people.when_asked.lock().unwrap() = Some(Box::new(hook));
        let page = clinic.get(caller, "/patients/list").await.expect(200);
        let row = page.body["patients"][0].as_object().unwrap();
        assert_eq!(row["has_account"], has_account);
        let fields: Vec<_> = row.keys().cloned().collect();
        let asked = at.lock().unwrap().clone();
        // The rows and their number were there, and no record yet.
        assert_eq!(asked, [2], "{caller}");
        pages.push((trips() - before, fields));
    }
    assert_eq!(pages[0], pages[1]);
}

#[tokio::test]
async fn the_next_appointment_is_the_first_later_one() {
    let clinic = Clinic::start().await;
    let id = clinic.make(DOCTOR, anna()).await;
    let now = clinic.clock.now();
    let rows = clinic.server.database.raw("appointments").await;
    for (number, (hours, status)) in [
        (-1, "confirmed"),
        (1, "cancelled"),
        (2, "pending"),
        (3, "confirmed"),
    ]
    .into_iter()
    .enumerate()
    {
        let at = now + chrono::Duration::hours(hours);
        let key = clinic::list_keys::list_key(&["CLN00000001", &id], at, &format!("APT{number}"));
        let row = bson::doc! { "_id": format!("APT{number}"), "by_patient": key, "status": status };
        rows.insert_one(row).await.unwrap();
    }
    let expected = kernel::clock::rfc3339(now + chrono::Duration::hours(2));
    let list = clinic.get(DOCTOR, "/patients/list").await;
    assert_eq!(
        list.body["patients"][0]["next_appointment"],
        Value::from(expected.clone())
    );
    let read = clinic.get(DESK, &format!("/patients/{id}")).await;
    assert_eq!(read.text("next_appointment"), expected);
}
