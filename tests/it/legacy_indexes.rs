//! Databases with the indexes of the older service (LEG-2): the start repairs them and becomes ready.

mod older;

use std::sync::Arc;

use bson::{doc, oid::ObjectId};
use chrono::Duration;
use identity::startup;
use kernel::clock::Clock;
use mail::MemoryMailer;
use platform::readiness::Phase;
use serde_json::json;

use self::older::{OBSOLETE, fill, index};
use crate::harness::{Database, Installation, PASSWORD, TestServer, ThreadLog};

async fn older_server() -> TestServer {
    let database = Arc::new(Database::new());
    let direct = database.open().await;
    fill(&direct).await;
    drop(direct); // The server opens the embedded store itself.
    let (clock, mails) = (Clock::manual(), MemoryMailer::new());
    TestServer::start_unprepared(database, clock, mails, |_| {}).await
}

async fn prepared() -> TestServer {
    let server = older_server().await;
    startup::prepare(&server.app).await.unwrap();
    assert_eq!(server.app.readiness.phase(), Phase::Ready);
    server
}

/// `name unique sparse` of each index of a collection.
async fn listed(server: &TestServer, collection: &str) -> Vec<String> {
    let mut cursor = server
        .app
        .store
        .raw(collection)
        .list_indexes()
        .await
        .unwrap();
    let mut lines = Vec::new();
    while cursor.advance().await.unwrap() {
        let options = cursor.deserialize_current().unwrap().options.unwrap();
        let flag = |on: Option<bool>, word| if on == Some(true) { word } else { "" };
        let (unique, sparse) = (
            flag(options.unique, " unique"),
            flag(options.sparse, " sparse"),
        );
        lines.push(format!("{}{unique}{sparse}", options.name.unwrap()));
    }
    lines
}

async fn names_are_sparse(server: &TestServer) -> bool {
    let patients = listed(server, "patients_v2").await;
    let doctors = listed(server, "doctor_v2").await;
    patients.contains(&"patients_username_unique_idx unique sparse".to_owned())
        && doctors.contains(&"doctors_username_unique_idx unique sparse".to_owned())
}

#[tokio::test]
async fn a_database_of_the_older_service_becomes_ready() {
    let server = prepared().await; // LEG-2
    server.get("/health/ready").await.expect(200);
    for (name, user_id) in [
        ("nora.lind", "PAT40718263"),
        ("otto.kern@example.org", "PAT59120374"),
        ("dr_weiss", "DOC10482957"),
    ] {
        let login = server.login(name, PASSWORD).await.expect(200);
        assert_eq!(login.text("user_id"), user_id);
    }
    assert!(names_are_sparse(&server).await);
}

#[tokio::test]
async fn accounts_register_with_and_without_a_username_afterwards() {
    let server = prepared().await;
    for name in ["rosa", "sven"] {
        server.patient(name).await;
        server.doctor(&format!("dr-{name}")).await;
        let bare = format!("bare-{name}");
        let body = json!({
            "full_name": "No Name", "email": format!("{bare}@example.org"), "password": PASSWORD,
        });
        let signed_up = server.post("/auth/signup", body).await.expect(200);
        let email = format!("{bare}@example.org");
        let (token, otp) = (
            signed_up.text("registration_token"),
            server.code_for(&email).await,
        );
        server.verify_with(&token, &email, &otp).await.expect(200);
        server.login(&email, PASSWORD).await.expect(200);
    }
    // The database enforces unique usernames again.
    let duplicate =
        doc! { "user_id": "PAT00000001", "email": "twin@example.org", "username": "nora.lind" };
    server
        .app
        .store
        .raw("patients_v2")
        .insert_one(duplicate)
        .await
        .unwrap_err();
}

#[tokio::test]
async fn obsolete_indexes_are_dropped_and_logged() {
    let log = ThreadLog::start();
    let server = prepared().await;
    for (collection, name, _) in OBSOLETE {
        let left = listed(&server, collection).await.join("\n");
        assert!(!left.contains(name), "{left}");
        assert!(
            log.text().contains(&format!("{collection}.{name}")),
            "{}",
            log.text()
        );
    }
    assert!(
        log.text()
            .contains("patients_v2.patients_username_unique_idx")
    );
}

#[tokio::test]
async fn an_obsolete_index_stays_until_the_names_are_unique() {
    let server = older_server().await;
    let duplicate = doc! {
        "user_id": "DOC00000009", "email": "NORA.lind@example.org", "username": "x", "doctor_id": "D-9",
    };
    server
        .app
        .store
        .raw("doctor_v2")
        .insert_one(duplicate)
        .await
        .unwrap();
    startup::prepare(&server.app).await.unwrap();
    assert!(matches!(server.app.readiness.phase(), Phase::Blocked(_)));
    let left = listed(&server, "patients_v2").await;
    for name in ["patient_id_1 unique", "patients_username_unique_idx unique"] {
        assert!(left.contains(&name.to_owned()), "{left:?}");
    }
}

#[tokio::test]
async fn the_index_lease_of_a_dead_instance_expires() {
    let server = older_server().await;
    server.fail_point.arm("indexes:replace"); // It fails after the drop, while it has the lease.
    startup::prepare(&server.app).await.unwrap_err();
    let indexes = listed(&server, "patients_v2").await.join("\n");
    assert!(
        !indexes.contains("patients_username_unique_idx"),
        "{indexes}"
    );
    let (database, clock) = (Arc::clone(&server.database), server.clock.clone());
    let other = TestServer::start_unprepared(database, clock, server.mails.clone(), |_| {}).await;
    server.clock.advance(Duration::seconds(16));
    startup::prepare(&other.app).await.unwrap();
    assert_eq!(other.app.readiness.phase(), Phase::Ready);
    assert!(names_are_sparse(&other).await);
}

#[tokio::test]
async fn an_instance_waits_while_another_replaces_the_indexes() {
    let server = older_server().await;
    let now = server.clock.now();
    let lease = server
        .app
        .store
        .lease("indexes", "another", Duration::seconds(15), now);
    assert!(lease.await.unwrap());
    startup::prepare(&server.app).await.unwrap();
    assert_eq!(server.app.readiness.phase(), Phase::Starting);
    let indexes = listed(&server, "patients_v2").await;
    assert!(indexes.contains(&"patients_username_unique_idx unique".to_owned()));
    server.clock.advance(Duration::seconds(16));
    startup::prepare(&server.app).await.unwrap();
    assert_eq!(server.app.readiness.phase(), Phase::Ready);
}

#[tokio::test]
async fn a_document_without_a_username_does_not_block_the_new_index() {
    let server = older_server().await;
    server.fail_point.arm("indexes:replace");
    startup::prepare(&server.app).await.unwrap_err();
    for (number, username) in [
        (1_u8, Some(bson::Bson::Null)),
        (2, Some("".into())),
        (3, None),
    ] {
        let mut row = doc! {
            "_id": ObjectId::from_bytes([number; 12]), "user_id": format!("PAT0000000{number}"),
            "email": format!("late{number}@example.org"), "patient_id": format!("PT-{number}"),
            "password_hash": "$2b$05$86d3Ed8DSv2gBhbZWu2QFuQ.ew.kadDG/AzzY./.IN3RQOlLIcE/O",
        };
        row.extend(username.map(|username| ("username".to_owned(), username)));
        server
            .app
            .store
            .raw("patients_v2")
            .insert_one(row)
            .await
            .unwrap();
    }
    server.clock.advance(Duration::seconds(16));
    startup::prepare(&server.app).await.unwrap();
    assert_eq!(server.app.readiness.phase(), Phase::Ready);
    assert!(names_are_sparse(&server).await);
    for number in 1..=3 {
        let name = format!("late{number}@example.org");
        server.login(&name, PASSWORD).await.expect(200);
    }
}

#[tokio::test]
async fn instances_that_start_together_all_become_ready() {
    let one = older_server().await;
    let mut all = vec![];
    for _ in 0..3 {
        let (database, clock) = (Arc::clone(&one.database), one.clock.clone());
        let mails = one.mails.clone();
        all.push(TestServer::start_unprepared(database, clock, mails, |_| {}).await);
    }
    all.push(one);
    for _ in 0..20 {
        // Like the loop of the process: an instance that is ready does not prepare again.
        let waiting = all
            .iter()
            .filter(|server| server.app.readiness.phase() != Phase::Ready);
        let starts = waiting.map(|server| startup::prepare(&server.app));
        for started in futures_util::future::join_all(starts).await {
            started.unwrap();
        }
    }
    for server in &all {
        assert_eq!(server.app.readiness.phase(), Phase::Ready);
        server.login("dr_weiss", PASSWORD).await.expect(200);
    }
    assert!(names_are_sparse(&all[0]).await);
}

#[tokio::test]
async fn a_foreign_unique_index_is_reported_with_its_remedy() {
    for (collection, name, key) in [
        ("patients_v2", "mobile_1", "mobile"),
        ("doctor_v2", "insurance_no_1", "insurance_no"),
        ("staff_v2", "badge_1", "badge"),
        ("pending_users", "username_1", "username"),
        ("user_sessions", "device_1", "device_name"),
        ("otp_codes", "email_1", "email"),
        ("identifiers", "owner_1", "owner"),
        ("mail_outbox", "email_1", "email"),
    ] {
        let server = older_server().await;
        index(&server.app.store, collection, name, doc! { key: 1 }, true).await;
        startup::prepare(&server.app).await.unwrap();
        let Phase::Blocked(reason) = server.app.readiness.phase() else {
            panic!("{collection}.{name} does not block")
        };
        let line = format!("db.{collection}.dropIndex(\"{name}\")");
        assert!(reason.contains(&line), "{reason}");
        server
            .get("/health/ready")
            .await
            .refused(503, "DATABASE_ERROR");
        server
            .login("dr_weiss", PASSWORD)
            .await
            .refused(503, "DATABASE_ERROR");
        server
            .app
            .store
            .raw(collection)
            .drop_index(name)
            .await
            .unwrap();
        startup::prepare(&server.app).await.unwrap();
        assert_eq!(server.app.readiness.phase(), Phase::Ready);
    }
}

#[tokio::test]
async fn check_repairs_indexes_and_names_the_remaining_work() {
    let installation = Installation::new();
    let direct = installation.open().await;
    fill(&direct).await;
    index(
        &direct.store,
        "patients_v2",
        "mobile_1",
        doc! { "mobile": 1 },
        true,
    )
    .await;
    let uri = format!("mongodb://{}/?directConnection=true", direct.server);
    let installation = installation.with("MONGO_URI", &uri);
    let printed = installation.run(&["check"]).await.failure();
    assert!(
        printed.contains("do: db.patients_v2.dropIndex(\"mobile_1\")"),
        "{printed}"
    );
    direct
        .store
        .raw("patients_v2")
        .drop_index("mobile_1")
        .await
        .unwrap();
    let printed = installation.run(&["check"]).await.success();
    for expected in [
        "patients_v2.patients_username_unique_idx",
        "doctor_v2.doctor_id_1",
    ] {
        assert!(printed.contains(expected), "{printed}");
    }
}
