//! Accounts of the older service whose fields are missing, or stand there in other forms than ours: they log in, are
//! listed, and are completed on the way.

use std::{collections::BTreeSet, sync::Arc};

use bson::{Bson, Document, doc, oid::ObjectId};
use clinic_auth::{clock::Clock, domain::ids::UserId, mail::MemoryMailer};
use serde_json::{Value, json};

use crate::harness::{Database, PASSWORD, TestServer};

/// Made by another program from [`PASSWORD`].
const BCRYPT: &str = "$2b$05$86d3Ed8DSv2gBhbZWu2QFuQ.ew.kadDG/AzzY./.IN3RQOlLIcE/O";

/// Made in March 2023, by its id.
fn object_id(number: u8) -> ObjectId {
    let mut bytes = [number; 12];
    bytes[..4].copy_from_slice(&1_680_000_000_u32.to_be_bytes());
    ObjectId::from_bytes(bytes)
}

/// An account with as little as the older service wrote, and `fields`.
fn account(user_id: &str, number: u8, fields: Document) -> Document {
    let mut row = doc! {
        "_id": object_id(number), "user_id": user_id, "email": format!("{}@example.org", user_id.to_lowercase()),
        "password_hash": BCRYPT, "first_name": "Old", "last_name": "Timer",
    };
    row.extend(fields);
    row
}

fn patient(number: u8, fields: Document) -> Document {
    account(&format!("PAT{number:08}"), number, fields)
}

/// A ready server on a database that has these documents.
async fn with(patients: Vec<Document>, doctors: Vec<Document>) -> TestServer {
    let database = Arc::new(Database::new());
    let direct = database.open().await;
    for (home, rows) in [("patients_v2", patients), ("doctor_v2", doctors)] {
        if !rows.is_empty() {
            direct.store.raw(home).insert_many(rows).await.unwrap();
        }
    }
    drop(direct); // it serves the embedded store
    TestServer::start_on(database, Clock::manual(), MemoryMailer::new(), |_| {}).await
}

fn born() -> bson::DateTime {
    bson::DateTime::parse_rfc3339_str("1980-05-06T00:00:00Z").unwrap()
}

/// What a field is in the document of a patient, and what it is in the profile.
fn spellings() -> Vec<(&'static str, Bson, Value)> {
    let date = "date_of_birth";
    vec![
        (date, born().into(), json!("1980-05-06")),
        (date, "1980-05-06T00:00:00".into(), json!("1980-05-06")),
        (date, "".into(), Value::Null),
        (date, Bson::Null, Value::Null),
        (date, "the sixth of May".into(), Value::Null),
        ("status", Bson::Null, json!("active")),
        ("is_verified", Bson::Null, json!(true)),
        ("is_pregnant", "false".into(), json!(false)),
        ("is_pregnant", 0.into(), json!(false)),
        ("is_pregnant", "Yes".into(), json!(true)),
        ("is_pregnant", doc! { "weeks": 12 }.into(), json!(false)),
        ("mobile", 41_790_000_000_i64.into(), json!("41790000000")),
        ("mobile", 41_790_000_000_f64.into(), json!("41790000000")),
        ("user_type", "Patient".into(), json!("patient")),
        ("user_type", Bson::Null, json!("patient")),
        ("username", 12345.into(), json!("12345")),
        ("last_name", 3.into(), json!("3")),
        ("created_at", 1_680_000_000_i64.into(), Value::Null),
    ]
}

#[tokio::test]
async fn an_account_whose_fields_have_other_types_logs_in_and_its_profile_is_in_order() {
    let numbered = || (1..).zip(spellings());
    let documents =
        numbered().map(|(number, (field, value, _))| patient(number, doc! { field: value }));
    let doctor = account(
        "DOC00000001",
        1,
        doc! { "license_number": 4711, "approved": "true" },
    );
    let server = with(documents.collect(), vec![doctor]).await;
    for (number, (field, stored, shown)) in numbered() {
        let email = format!("pat{number:08}@example.org");
        let profile = async || {
            let token = server.login(&email, PASSWORD).await.expect(200).token();
            let profile = server.get_as(&token, "/users/me").await.expect(200);
            profile.body[field].clone()
        };
        // What only stands in the document is there from the first login on; the rest before and after it.
        if field != "created_at" {
            assert_eq!(profile().await, shown, "{field} {stored}");
            assert_eq!(
                profile().await,
                shown,
                "{field} {stored} once it was completed"
            );
        }
    }
    server.login("12345", PASSWORD).await.expect(200);
    let login = server.login("DOC00000001", PASSWORD).await.expect(200);
    let profile = server.get_as(&login.token(), "/users/me").await.expect(200);
    assert_eq!(profile.text("license_number"), "4711");
    assert_eq!(profile.body["approved"], true);
}

#[tokio::test]
async fn the_list_of_accounts_shows_every_one_that_it_counts() {
    let mut documents: Vec<Document> = (1..)
        .zip(spellings())
        .map(|(number, (field, value, _))| patient(number, doc! { field: value }))
        .collect();
    let mut nobody = patient(99, doc! {});
    nobody.remove("email");
    documents.push(nobody);
    let server = with(documents, Vec::new()).await;
    let admin = server.admin("boss").await;
    let mut ids = BTreeSet::new();
    let mut path = "/admin/users?limit=7".to_owned();
    loop {
        let page = server.get_as(&admin.token, &path).await.expect(200);
        for user in page.body["users"].as_array().unwrap() {
            ids.insert(user["user_id"].to_string());
        }
        assert_eq!(page.body["total_count"], spellings().len() + 2);
        let Some(cursor) = page.body["next_cursor"].as_str() else {
            break;
        };
        path = format!("/admin/users?limit=7&cursor={cursor}");
    }
    assert_eq!(ids.len(), spellings().len() + 2); // the one without an address, and the administrator
}

#[tokio::test]
async fn a_login_completes_a_document_that_lacks_the_newer_fields() {
    let server = with(
        vec![patient(
            1,
            doc! { "mobile": 41_790_000_000_i64, "date_of_birth": born() },
        )],
        Vec::new(),
    )
    .await;
    server.login("PAT00000001", PASSWORD).await.expect(200);
    let row = server.stored_account("PAT00000001").await;
    for (field, text) in [
        ("status", "active"),
        ("user_type", "patient"),
        ("email", "pat00000001@example.org"),
        ("email_display", "pat00000001@example.org"),
        ("mobile", "41790000000"),
        ("date_of_birth", "1980-05-06"),
    ] {
        assert_eq!(row.get_str(field).unwrap(), text, "{field}");
    }
    assert!(row.get_bool("is_verified").unwrap());
    let made = row.get_datetime("created_at").unwrap();
    assert_eq!(made.timestamp_millis(), 1_680_000_000_000); // as its id says
    assert_eq!(
        row.get_datetime("updated_at").unwrap().to_chrono(),
        server.clock.now()
    );
    assert_eq!(row.get_object_id("_id").unwrap(), object_id(1));
    server.advance(chrono::Duration::minutes(1)).await;
    server.login("PAT00000001", PASSWORD).await.expect(200);
    let again = server.stored_account("PAT00000001").await;
    assert_eq!(again.get("updated_at"), row.get("updated_at"));
    assert_eq!(again.get("created_at"), row.get("created_at"));
}

#[tokio::test]
async fn what_nobody_understands_stays_in_the_document_as_it_is() {
    let strange = doc! { "date_of_birth": "05/06/1980", "mobile": ["1", "2"], "ward": 7 };
    let server = with(vec![patient(1, strange.clone())], Vec::new()).await;
    server.login("PAT00000001", PASSWORD).await.expect(200);
    let row = server.stored_account("PAT00000001").await;
    for (field, value) in &strange {
        assert_eq!(row.get(field), Some(value), "{field}");
    }
    assert_eq!(row.get_str("status").unwrap(), "active");
}

#[tokio::test]
async fn what_others_did_to_an_account_while_it_logged_in_is_not_written_over() {
    let server = with(vec![patient(1, doc! {}), patient(2, doc! {})], Vec::new()).await;
    let accounts = server.app.store.accounts();
    let read = async |user_id| {
        accounts
            .find_by_user_id(&UserId::from_stored(user_id))
            .await
            .unwrap()
            .unwrap()
    };
    let (one, two) = (read("PAT00000001").await, read("PAT00000002").await);
    server
        .set_stored_account("PAT00000001", doc! { "status": "disabled" })
        .await;
    server
        .set_stored_account("PAT00000002", doc! { "mobile": "+41 79 000 00 00" })
        .await;
    let now = server.clock.now();
    assert!(
        accounts
            .note_login(&one, "address", 20, now)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        accounts
            .note_login(&two, "address", 20, now)
            .await
            .unwrap()
            .is_some()
    );
    let (one, two) = (read("PAT00000001").await, read("PAT00000002").await);
    assert_eq!(one.status.name(), "disabled");
    assert_eq!(two.mobile.unwrap(), "+41 79 000 00 00");
}

#[tokio::test]
async fn a_word_in_a_patients_document_makes_nobody_an_administrator() {
    let words = ["admin", "Admin", "doctor"];
    let documents = (1..)
        .zip(words)
        .map(|(number, word)| patient(number, doc! { "user_type": word }));
    let server = with(documents.collect(), Vec::new()).await;
    for number in 1..=words.len() {
        let login = server
            .login(&format!("PAT{number:08}"), PASSWORD)
            .await
            .expect(200);
        assert_eq!(login.text("user_type"), "patient");
        let list = server.get_as(&login.token(), "/admin/users").await;
        list.refused(403, "ACCESS_DENIED");
    }
}
