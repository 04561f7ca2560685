//! The indexes that the older service's own start made, and those that it left (LEG-2): the database becomes ready.

mod older;

use std::sync::Arc;

use bson::{doc, oid::ObjectId};
use chrono::Duration;
use clinic_auth::{app::Phase, clock::Clock, mail::MemoryMailer, service::startup};
use serde_json::json;

use self::older::{LEFT, fill, index};
use crate::harness::{Database, Home, PASSWORD, TestServer, ThreadLog};

async fn older() -> TestServer {
    let database = Arc::new(Database::new());
    let direct = database.open().await;
    fill(&direct).await;
    drop(direct); // it serves the embedded store
    let (clock, mails) = (Clock::manual(), MemoryMailer::new());
    TestServer::start_unprepared(database, clock, mails, |_| {}).await
}

async fn prepared() -> TestServer {
    let server = older().await;
    startup::prepare(&server.app).await.unwrap();
    assert_eq!(server.app.readiness.phase(), Phase::Ready);
    server
}

/// `name unique sparse` of each index of a collection.
async fn listed(server: &TestServer, home: &str) -> Vec<String> {
    let mut cursor = server.app.store.raw(home).list_indexes().await.unwrap();
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
async fn a_database_that_the_older_service_made_becomes_ready() {
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
async fn after_it_many_register_with_and_without_a_username() {
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
    // Uniqueness of those that are there is the database's own again.
    let twin =
        doc! { "user_id": "PAT00000001", "email": "twin@example.org", "username": "nora.lind" };
    server
        .app
        .store
        .raw("patients_v2")
        .insert_one(twin)
        .await
        .unwrap_err();
}

#[tokio::test]
async fn indexes_on_keys_of_the_past_are_dropped_and_told() {
    let log = ThreadLog::start();
    let server = prepared().await;
    for (home, name, _) in LEFT {
        let left = listed(&server, home).await.join("\n");
        assert!(!left.contains(name), "{left}");
        assert!(
            log.text().contains(&format!("{home}.{name}")),
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
async fn an_index_of_the_clean_up_list_stays_until_the_names_are_unique() {
    let server = older().await;
    let twin = doc! {
        "user_id": "DOC00000009", "email": "NORA.lind@example.org", "username": "x", "doctor_id": "D-9",
    };
    server
        .app
        .store
        .raw("doctor_v2")
        .insert_one(twin)
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
async fn one_instance_replaces_and_a_dead_one_is_not_waited_for_long() {
    let server = older().await;
    server.fail_point.arm("indexes:replace"); // it dies with the lease, after the drop
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
async fn while_another_instance_replaces_them_an_instance_waits() {
    let server = older().await;
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
async fn documents_without_a_username_between_drop_and_create_are_fine() {
    let server = older().await;
    server.fail_point.arm("indexes:replace");
    startup::prepare(&server.app).await.unwrap_err();
    for (number, none) in [
        (1_u8, Some(bson::Bson::Null)),
        (2, Some("".into())),
        (3, None),
    ] {
        let mut row = doc! {
            "_id": ObjectId::from_bytes([number; 12]), "user_id": format!("PAT0000000{number}"),
            "email": format!("late{number}@example.org"), "patient_id": format!("PT-{number}"),
            "password_hash": "$2b$05$86d3Ed8DSv2gBhbZWu2QFuQ.ew.kadDG/AzzY./.IN3RQOlLIcE/O",
        };
        row.extend(none.map(|none| ("username".to_owned(), none)));
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
async fn instances_that_start_at_once_all_become_ready() {
    let one = older().await;
    let mut all = vec![];
    for _ in 0..3 {
        let (database, clock) = (Arc::clone(&one.database), one.clock.clone());
        let mails = one.mails.clone();
        all.push(TestServer::start_unprepared(database, clock, mails, |_| {}).await);
    }
    all.push(one);
    for _ in 0..20 {
        // As its loop does: one that is ready does not prepare again.
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
async fn a_foreign_unique_index_is_named_with_what_to_do() {
    for (home, name, key) in [
        ("patients_v2", "mobile_1", "mobile"),
        ("doctor_v2", "insurance_no_1", "insurance_no"),
        ("staff_v2", "badge_1", "badge"),
        ("pending_users", "username_1", "username"),
        ("user_sessions", "device_1", "device_name"),
        ("otp_codes", "email_1", "email"),
        ("identifiers", "owner_1", "owner"),
        ("mail_outbox", "email_1", "email"),
    ] {
        let server = older().await;
        index(&server.app.store, home, name, doc! { key: 1 }, true).await;
        startup::prepare(&server.app).await.unwrap();
        let Phase::Blocked(reason) = server.app.readiness.phase() else {
            panic!("{home}.{name} does not block")
        };
        let line = format!("db.{home}.dropIndex(\"{name}\")");
        assert!(reason.contains(&line), "{reason}");
        server
            .get("/health/ready")
            .await
            .refused(503, "DATABASE_ERROR");
        server
            .login("dr_weiss", PASSWORD)
            .await
            .refused(503, "DATABASE_ERROR");
        server.app.store.raw(home).drop_index(name).await.unwrap();
        startup::prepare(&server.app).await.unwrap();
        assert_eq!(server.app.readiness.phase(), Phase::Ready);
    }
}

#[tokio::test]
async fn check_replaces_drops_and_names_what_is_left_to_do() {
    let home = Home::new();
    let direct = home.open().await;
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
    let home = home.with("MONGO_URI", &uri);
    let printed = home.run(&["check"]).await.bad();
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
    let printed = home.run(&["check"]).await.good();
    for told in [
        "patients_v2.patients_username_unique_idx",
        "doctor_v2.doctor_id_1",
    ] {
        assert!(printed.contains(told), "{printed}");
    }
}
