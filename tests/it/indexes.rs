//! The indexes with their options and configured names, and what happens when one cannot be created.

use std::{collections::BTreeSet, sync::Arc};

use bson::{Document, doc, oid::ObjectId};
use clinic_auth::{config::Settings, database::index_table};
use identity::startup;
use kernel::clock::Clock;
use mail::MemoryMailer;
use mongodb::{IndexModel, options::IndexOptions};
use platform::readiness::Phase;

use crate::harness::{Database, Direct, TestServer};

/// `collection name keys options` of an index as the database lists it.
fn line(collection: &str, index: &IndexModel) -> String {
    let options = index.options.clone().unwrap();
    // The embedded store lists compound keys in alphabetical order.
    let keys: BTreeSet<&String> = index.keys.keys().collect();
    let mut line = format!("{collection} {} {keys:?}", options.name.unwrap());
    line += if options.unique == Some(true) {
        " unique"
    } else {
        ""
    };
    line += if options.sparse == Some(true) {
        " sparse"
    } else {
        ""
    };
    match options.expire_after {
        Some(after) => format!("{line} after {}", after.as_secs()),
        None => line,
    }
}

async fn listed(direct: &Direct, collection: &str) -> Vec<String> {
    let mut cursor = direct.store.raw(collection).list_indexes().await.unwrap();
    let mut lines = Vec::new();
    while cursor.advance().await.unwrap() {
        let index = cursor.deserialize_current().unwrap();
        lines.push(line(collection, &index));
    }
    lines.retain(|line| !line.contains(" _id_ "));
    lines.sort();
    lines
}

/// A server on `database`, which may have documents or indexes that conflict. The server has tried once to prepare the
/// database.
async fn prepared(database: &Arc<Database>, change: impl FnOnce(&mut Settings)) -> TestServer {
    let (clock, mails) = (Clock::manual(), MemoryMailer::new());
    let server = TestServer::start_unprepared(Arc::clone(database), clock, mails, change).await;
    startup::prepare(&server.app).await.unwrap();
    server
}

/// Why the server is not ready.
async fn reason(server: &TestServer) -> String {
    server
        .get("/health/ready")
        .await
        .refused(503, "DATABASE_ERROR");
    server
        .login("jane", "whatever it is")
        .await
        .refused(503, "DATABASE_ERROR");
    match server.app.readiness.phase() {
        Phase::Blocked(reason) => reason,
        other => panic!("{other:?}"),
    }
}

async fn index(direct: &Direct, collection: &str, name: &str, keys: Document, unique: bool) {
    let options = IndexOptions::builder()
        .name(name.to_owned())
        .unique(unique.then_some(true));
    let model = IndexModel::builder()
        .keys(keys)
        .options(options.build())
        .build();
    direct
        .store
        .raw(collection)
        .create_index(model)
        .await
        .unwrap();
}

fn patient(number: u32, email: &str) -> Document {
    let id = ObjectId::from_bytes([u8::try_from(number).unwrap(); 12]);
    doc! { "_id": id, "user_id": format!("PAT{number:08}"), "email": email }
}

#[tokio::test]
async fn every_index_exists_with_its_options() {
    let server = TestServer::start().await;
    let direct = server.database.open().await;
    let collections: BTreeSet<String> = index_table(&server.program.settings.config.database, true)
        .into_iter()
        .map(|index| index.collection)
        .collect();
    let mut lines = Vec::new();
    for collection in &collections {
        lines.extend(listed(&direct, collection).await);
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test]
async fn configured_names_are_used_in_the_database() {
    let server = TestServer::start_with(|settings| {
        settings.config.database.collections.identity.patients = "people".to_owned();
        settings
            .config
            .database
            .indexes
            .identity
            .patients_email_unique_idx = "people_by_email".to_owned();
    })
    .await;
    server.patient("jane").await;
    let direct = server.database.open().await;
    assert!(
        direct
            .find("people", doc! { "username": "jane" })
            .await
            .is_some()
    );
    assert!(direct.find("patients_v2", doc! {}).await.is_none());
    let indexes = listed(&direct, "people").await;
    assert!(indexes.contains(&r#"people people_by_email {"email"} unique"#.to_owned()));
}

#[tokio::test]
async fn the_same_index_under_another_name_is_accepted() {
    let database = Arc::new(Database::new());
    let direct = database.open().await;
    index(&direct, "patients_v2", "email_1", doc! { "email": 1 }, true).await;
    let server = prepared(&database, |_| {}).await;
    server.get("/health/ready").await.expect(200);
    let indexes = listed(&direct, "patients_v2").await.join("\n");
    assert!(indexes.contains("email_1") && !indexes.contains("patients_email_unique_idx"));
    let report = server.app.store.ensure_indexes().await.unwrap();
    assert_eq!(report.renamed, ["patients_email_unique_idx (email_1)"]);
}

#[tokio::test]
async fn documents_with_equal_keys_are_reported_and_kept() {
    let database = Arc::new(Database::new());
    let direct = database.open().await;
    let duplicates = [
        patient(1, "anna@example.org"),
        patient(2, "anna@example.org"),
    ];
    direct
        .store
        .raw("patients_v2")
        .insert_many(duplicates)
        .await
        .unwrap();
    let server = prepared(&database, |_| {}).await;
    let reason = reason(&server).await;
    for expected in [
        "patients_email_unique_idx",
        &"01".repeat(12),
        &"02".repeat(12),
    ] {
        assert!(reason.contains(expected), "{reason}");
    }
    assert!(!reason.contains("anna"), "{reason}");
    let left = direct
        .store
        .raw("patients_v2")
        .count_documents(doc! {})
        .await;
    assert_eq!(left.unwrap(), 2);
}

#[tokio::test]
async fn the_service_becomes_ready_when_the_duplicates_are_gone() {
    let database = Arc::new(Database::new());
    let direct = database.open().await;
    let duplicates = [
        patient(1, "anna@example.org"),
        patient(2, "anna@example.org"),
    ];
    direct
        .store
        .raw("patients_v2")
        .insert_many(duplicates)
        .await
        .unwrap();
    let server = prepared(&database, |_| {}).await;
    reason(&server).await;
    let one = doc! { "user_id": "PAT00000002" };
    direct
        .store
        .raw("patients_v2")
        .delete_one(one)
        .await
        .unwrap();
    startup::prepare(&server.app).await.unwrap();
    server.get("/health/ready").await.expect(200);
}

#[tokio::test]
async fn an_index_with_a_taken_name_is_reported_and_kept() {
    let database = Arc::new(Database::new());
    let direct = database.open().await;
    let name = "patients_email_unique_idx";
    index(
        &direct,
        "patients_v2",
        name,
        doc! { "first_name": 1 },
        false,
    )
    .await;
    let server = prepared(&database, |_| {}).await;
    assert!(reason(&server).await.contains(name));
    let indexes = listed(&direct, "patients_v2").await.join("\n");
    assert!(
        indexes.contains(r#"patients_email_unique_idx {"first_name"}"#),
        "{indexes}"
    );
}

#[tokio::test]
async fn a_too_strict_unique_index_is_reported_and_kept() {
    let database = Arc::new(Database::new());
    let direct = database.open().await;
    index(
        &direct,
        "pending_users",
        "email_1",
        doc! { "email": 1 },
        true,
    )
    .await; // Three registrations may share an address (D2).
    let server = prepared(&database, |_| {}).await;
    let line = r#"db.pending_users.dropIndex("email_1")"#;
    assert!(reason(&server).await.contains(line));
    let indexes = listed(&direct, "pending_users").await.join("\n");
    assert!(indexes.contains(r#"email_1 {"email"} unique"#), "{indexes}");
}

#[tokio::test]
async fn a_differing_non_unique_index_does_not_block_the_start() {
    let database = Arc::new(Database::new());
    let direct = database.open().await;
    let name = "patients_user_type_idx";
    index(&direct, "patients_v2", name, doc! { "last_name": 1 }, false).await;
    let server = prepared(&database, |_| {}).await;
    server.get("/health/ready").await.expect(200);
    let report = server.app.store.ensure_indexes().await.unwrap();
    assert_eq!(report.differing, [format!("{name} ({name})")]);
}
