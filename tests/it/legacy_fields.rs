//! Accounts of the older service with missing fields, or with fields of other types: they log in, they are listed, and
//! a login completes their documents.

use std::{collections::BTreeSet, sync::Arc};

use bson::{Bson, Document, doc, oid::ObjectId};
use kernel::{clock::Clock, ids::UserId};
use mail::MemoryMailer;
use serde_json::{Value, json};

use crate::harness::{Database, PASSWORD, TestServer};

/// The hash of [`PASSWORD`], created by another program.
const BCRYPT: &str = "$2b$05$86d3Ed8DSv2gBhbZWu2QFuQ.ew.kadDG/AzzY./.IN3RQOlLIcE/O";

/// An object id that says: created in March 2023.
fn object_id(number: u8) -> ObjectId {
    let mut bytes = [number; 12];
    bytes[..4].copy_from_slice(&1_680_000_000_u32.to_be_bytes());
    ObjectId::from_bytes(bytes)
}

/// An account with the fewest fields that the older service wrote, and `fields`.
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
    for (collection, rows) in [("patients_v2", patients), ("doctor_v2", doctors)] {
        if !rows.is_empty() {
            direct
                .store
                .raw(collection)
                .insert_many(rows)
                .await
                .unwrap();
        }
    }
    drop(direct); // The server opens the embedded store itself.
    TestServer::start_on(database, Clock::manual(), MemoryMailer::new(), |_| {}).await
}

fn born() -> bson::DateTime {
    bson::DateTime::parse_rfc3339_str("1980-05-06T00:00:00Z").unwrap()
}

/// A field, its value in a patient's document, and its value in the profile.
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
async fn older_field_types_are_read_at_login_and_in_the_profile() {
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
        // `created_at` appears after the first login only; the other fields are the same before and after it.
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
async fn the_list_of_accounts_shows_every_account_it_counts() {
    let mut documents: Vec<Document> = (1..)
        .zip(spellings())
        .map(|(number, (field, value, _))| patient(number, doc! { field: value }))
        .collect();
    let mut without_address = patient(99, doc! {});
    without_address.remove("email");
    documents.push(without_address);
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
    // The two others are the account without an address and the administrator.
    assert_eq!(ids.len(), spellings().len() + 2);
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
    let created = row.get_datetime("created_at").unwrap();
    assert_eq!(created.timestamp_millis(), 1_680_000_000_000); // The object id contains this time.
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
async fn unreadable_fields_stay_in_the_document() {
    let unreadable = doc! { "date_of_birth": "05/06/1980", "mobile": ["1", "2"], "ward": 7 };
    let server = with(vec![patient(1, unreadable.clone())], Vec::new()).await;
    server.login("PAT00000001", PASSWORD).await.expect(200);
    let row = server.stored_account("PAT00000001").await;
    for (field, value) in &unreadable {
        assert_eq!(row.get(field), Some(value), "{field}");
    }
    assert_eq!(row.get_str("status").unwrap(), "active");
}

#[tokio::test]
async fn a_login_does_not_overwrite_a_concurrent_change() {
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
            .note_login(&one, ("address", "device"), 20, now)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        accounts
            .note_login(&two, ("address", "device"), 20, now)
            .await
            .unwrap()
            .is_some()
    );
    let (one, two) = (read("PAT00000001").await, read("PAT00000002").await);
    assert_eq!(one.status.name(), "disabled");
    assert_eq!(
        two.person.contact.mobile.unwrap().as_str(),
        "+41 79 000 00 00"
    );
}

#[tokio::test]
async fn a_user_type_in_a_patient_document_gives_no_other_role() {
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
