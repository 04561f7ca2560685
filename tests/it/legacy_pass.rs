//! The pass that brings the older service's accounts over (DB-6): it only adds, goes on where it stopped, and a later
//! start finds that nothing is left.

use std::sync::Arc;

use bson::{Bson, Document, doc, oid::ObjectId};
use chrono::Duration;
use identity::startup::{self, Pass, Which};
use kernel::clock::Clock;
use mail::MemoryMailer;
use platform::readiness::Phase;

use super::legacy_data::{BACKUP, prepared};
use crate::harness::{Database, PASSWORD, TestServer};

/// The hash of [`PASSWORD`], created by another program.
const BCRYPT: &str = "$2b$05$86d3Ed8DSv2gBhbZWu2QFuQ.ew.kadDG/AzzY./.IN3RQOlLIcE/O";

/// An account as the older service writes it: each value in a form of its own.
fn older(number: u32) -> Document {
    let mut id = [0; 12];
    id[8..].copy_from_slice(&number.to_be_bytes());
    doc! {
        "_id": ObjectId::from_bytes(id), "user_id": format!("PAT{number:08}"),
        "email": format!("Old{number}@Example.ORG"), "username": format!("Old{number}"), "password_hash": BCRYPT,
        "first_name": "Old", "mobile": 41_790_000_000_i64, "user_type": "Patient", "status": "Verified",
        "is_verified": "yes", "created_at": "2023-04-01T09:30:00.123456", "date_of_birth": Bson::Null, "ward": 7,
    }
}

async fn server_with(rows: Vec<Document>) -> TestServer {
    let database = Arc::new(Database::new());
    let direct = database.open().await;
    let patients = direct.store.raw("patients_v2");
    patients.insert_many(rows).await.unwrap();
    drop(direct); // The server opens the embedded store itself.
    TestServer::start_unprepared(database, Clock::manual(), MemoryMailer::new(), |_| {}).await
}

async fn next_start(server: &TestServer) -> TestServer {
    let (database, clock) = (Arc::clone(&server.database), server.clock.clone());
    TestServer::start_unprepared(database, clock, server.mails.clone(), |_| {}).await
}

#[tokio::test]
async fn the_older_service_finds_its_own_fields_unchanged() {
    let mut closed = older(2);
    closed.extend(doc! { "status": Bson::Null, "is_active": false, "created_at": Bson::Null });
    let server = server_with(vec![older(1), closed.clone()]).await;
    startup::prepare(&server.app).await.unwrap();
    for (user_id, before) in [("PAT00000001", older(1)), ("PAT00000002", closed)] {
        let row = server.stored_account(user_id).await;
        for (field, value) in &before {
            assert_eq!(row.get(field), Some(value), "{user_id} {field}");
        }
        assert_eq!(
            row.get_str("email_display").unwrap(),
            before.get_str("email").unwrap()
        );
        assert!(row.contains_key("search"), "{row}");
        assert_eq!(row.get("last_name"), Some(&"".into()));
    }
    server.login("old1", PASSWORD).await.expect(200);
    server
        .login("old2", PASSWORD)
        .await
        .refused(403, "ACCESS_DENIED");
    // Its owner has moved: now the document is in today's form.
    let row = server.stored_account("PAT00000001").await;
    assert_eq!(row.get_str("email").unwrap(), "old1@example.org");
    assert_eq!(row.get_str("status").unwrap(), "active");
    assert_eq!(row.get_i32("ward").unwrap(), 7);
}

#[tokio::test]
async fn an_interrupted_pass_goes_on_where_it_stopped() {
    let server = server_with((1..=600).map(older).collect()).await;
    server.fail_point.arm("backfill:batch");
    startup::prepare(&server.app).await.unwrap_err();
    let mut seen = 0;
    let mut watch = |pass: &Pass| seen = pass.seen;
    startup::prepare_watched(&server.app, Which::New, &mut watch)
        .await
        .unwrap();
    assert_eq!(server.app.readiness.phase(), Phase::Ready);
    assert_eq!(seen, 100);
    let names = server.app.store.raw("identifiers");
    assert_eq!(names.count_documents(doc! {}).await.unwrap(), 600 * 3);
}

#[tokio::test]
async fn a_later_start_makes_no_pass_and_waits_for_none() {
    let server = prepared(BACKUP).await;
    let later = next_start(&server).await;
    let lease = later.app.store.lease(
        "backfill",
        "another",
        Duration::seconds(15),
        later.clock.now(),
    );
    assert!(lease.await.unwrap());
    startup::prepare(&later.app).await.unwrap();
    assert_eq!(later.app.readiness.phase(), Phase::Ready);
}

#[tokio::test]
async fn an_account_that_the_older_service_adds_later_is_brought_over() {
    let server = prepared(BACKUP).await;
    let patients = server.app.store.raw("patients_v2");
    // Its id is smaller than those that are there.
    patients.insert_one(older(1)).await.unwrap();
    let later = server.another().await;
    later.login("old1", PASSWORD).await.expect(200);
    // The older service moves it to another address, and replaces the document.
    let mut moved = older(1);
    moved.insert("email", "New1@Example.ORG");
    let mine = doc! { "user_id": "PAT00000001" };
    patients.replace_one(mine, moved).await.unwrap();
    let later = later.another().await;
    later.login("new1@example.org", PASSWORD).await.expect(200);
}
