//! Databases of the older service (DB-6): their accounts log in, and duplicate accounts are reported.

use std::sync::Arc;

use bson::{Document, doc};
use chrono::Duration;
use identity::startup;
use kernel::clock::Clock;
use mail::MemoryMailer;
use platform::readiness::Phase;

use crate::harness::{Database, Installation, TestServer};

pub(super) const BACKUP: &str = include_str!("fixtures/older_service.json");
pub(super) const DUPLICATES: &str = include_str!("fixtures/twins.json");

/// The passwords of the fixtures. Another program made their hashes.
const SPRING: &str = "Spring-Meadow-42";
const AUTUMN: &str = "Autumn-River-77";
const WINTER: &str = "Winter-Stone-13";

async fn restored(backup: &str) -> TestServer {
    let database = Arc::new(Database::new());
    let direct = database.open().await;
    direct.restore(backup).await;
    let (clock, mails) = (Clock::manual(), MemoryMailer::new());
    let server = TestServer::start_unprepared(database, clock, mails, |_| {}).await;
    drop(direct);
    server
}

pub(super) async fn prepared(backup: &str) -> TestServer {
    let server = restored(backup).await;
    startup::prepare(&server.app).await.unwrap();
    assert_eq!(server.app.readiness.phase(), Phase::Ready);
    server
}

async fn document(server: &TestServer, collection: &str, user_id: &str) -> Document {
    let rows = server.app.store.raw(collection);
    rows.find_one(doc! { "user_id": user_id })
        .await
        .unwrap()
        .unwrap()
}

async fn identifiers(server: &TestServer) -> u64 {
    server
        .app
        .store
        .raw("identifiers")
        .count_documents(doc! {})
        .await
        .unwrap()
}

/// The id of the account that this name and password log in.
async fn user_of(server: &TestServer, name: &str, password: &str) -> String {
    server
        .login(name, password)
        .await
        .expect(200)
        .text("user_id")
}

#[tokio::test]
async fn older_accounts_log_in_by_every_identifier_in_any_case() {
    let server = prepared(BACKUP).await;
    for name in [
        "Anna.Meier",
        "anna.meier",
        "anna.meier@example.org",
        "ANNA.MEIER@EXAMPLE.ORG",
        "pat00000101",
    ] {
        assert_eq!(
            user_of(&server, name, SPRING).await,
            "PAT00000101",
            "{name}"
        );
    }
    for name in ["dr_house", "house@example.org", "DOC00000201"] {
        assert_eq!(
            user_of(&server, name, AUTUMN).await,
            "DOC00000201",
            "{name}"
        );
    }
}

#[tokio::test]
async fn older_usernames_that_the_rules_refuse_still_log_in() {
    let server = prepared(BACKUP).await;
    assert_eq!(user_of(&server, "jo@home", WINTER).await, "PAT00000104");
    assert_eq!(user_of(&server, "PAT77", AUTUMN).await, "PAT00000105");
    assert_eq!(user_of(&server, "old name", AUTUMN).await, "PAT00000106");
}

#[tokio::test]
async fn accounts_without_a_username_fit_the_unique_index() {
    let server = prepared(BACKUP).await;
    assert_eq!(
        user_of(&server, "ben@example.org", AUTUMN).await,
        "PAT00000102"
    );
    assert_eq!(
        user_of(&server, "carla@example.org", AUTUMN).await,
        "PAT00000103"
    );
    let ben = document(&server, "patients_v2", "PAT00000102").await;
    assert!(!ben.contains_key("username"), "null was removed");
    let indexes = server
        .app
        .store
        .raw("patients_v2")
        .list_index_names()
        .await
        .unwrap();
    assert!(indexes.contains(&"patients_username_unique_idx".to_owned()));
}

#[tokio::test]
async fn a_login_upgrades_hash_and_document() {
    let server = prepared(BACKUP).await;
    user_of(&server, "anna.meier", SPRING).await;
    let anna = document(&server, "patients_v2", "PAT00000101").await; // HASH-2
    assert!(
        anna.get_str("password_hash")
            .unwrap()
            .starts_with("$argon2id$v=19$")
    );
    assert_eq!(anna.get_str("email").unwrap(), "anna.meier@example.org");
    assert_eq!(
        anna.get_str("email_display").unwrap(),
        "Anna.Meier@Example.ORG"
    );
    assert!(anna.get_object_id("_id").is_ok());
    user_of(&server, "anna.meier", SPRING).await;
    server
        .login("anna.meier", AUTUMN)
        .await
        .refused(401, "AUTH_FAILED");
}

#[tokio::test]
async fn the_profile_of_an_older_account_is_complete() {
    let server = prepared(BACKUP).await;
    let token = server.login("anna.meier", SPRING).await.expect(200).token();
    let profile = server.get_as(&token, "/users/me").await.expect(200);
    assert_eq!(profile.text("created_at"), "2023-04-01T09:30:00.123Z");
    assert_eq!(profile.text("status"), "active");
    let token = server.login("dr_house", AUTUMN).await.expect(200).token();
    let profile = server.get_as(&token, "/users/me").await.expect(200);
    assert_eq!(
        (profile.text("user_type"), profile.text("specialization")),
        ("doctor".into(), "Cardiology".into())
    );
    let token = server
        .login("ben@example.org", AUTUMN)
        .await
        .expect(200)
        .token();
    let profile = server.get_as(&token, "/users/me").await.expect(200);
    assert_eq!(
        (profile.text("last_name"), profile.text("user_type")),
        (String::new(), "patient".into())
    );
}

#[tokio::test]
async fn names_of_older_accounts_are_taken() {
    let server = prepared(BACKUP).await;
    let mut body = crate::harness::registration("new");
    body["email"] = "ANNA.meier@example.org".into();
    server
        .post("/auth/register", body.clone())
        .await
        .refused(409, "USER_EXISTS");
    body["email"] = "new@example.org".into();
    body["username"] = "ANNA.MEIER".into();
    server
        .post("/auth/register", body)
        .await
        .refused(409, "USER_EXISTS");
}

#[tokio::test]
async fn writing_the_identifiers_again_changes_nothing() {
    let server = prepared(BACKUP).await;
    let before = identifiers(&server).await;
    assert_eq!(before, 7 * 2 + 5); // Each account has an id and an address, and five accounts have a username.
    let other = server.another().await;
    assert_eq!(identifiers(&other).await, before);
}

#[tokio::test]
async fn an_interrupted_pass_is_continued() {
    let server = restored(BACKUP).await;
    server.fail_point.arm("backfill:batch");
    startup::prepare(&server.app).await.unwrap_err();
    let written = identifiers(&server).await;
    assert!((1..19).contains(&written), "{written}");
    server
        .get("/health/ready")
        .await
        .refused(503, "DATABASE_ERROR");
    startup::prepare(&server.app).await.unwrap();
    assert_eq!(identifiers(&server).await, 19);
    assert_eq!(user_of(&server, "dr_house", AUTUMN).await, "DOC00000201");
}

#[tokio::test]
async fn the_backfill_lease_of_a_dead_instance_expires() {
    let server = restored(BACKUP).await;
    server.fail_point.arm("backfill:batch"); // The pass fails while it has the lease.
    startup::prepare(&server.app).await.unwrap_err();
    let (database, clock) = (Arc::clone(&server.database), server.clock.clone());
    let other = TestServer::start_unprepared(database, clock, server.mails.clone(), |_| {}).await;
    startup::prepare(&other.app).await.unwrap();
    assert_eq!(other.app.readiness.phase(), Phase::Starting);
    server.clock.advance(Duration::seconds(15));
    startup::prepare(&other.app).await.unwrap();
    assert_eq!(user_of(&other, "dr_house", AUTUMN).await, "DOC00000201");
}

#[tokio::test]
async fn an_older_account_wins_over_a_pending_registration() {
    let server = TestServer::start().await;
    server.register("dr_house").await.expect(200);
    let backup: serde_json::Value = serde_json::from_str(BACKUP).unwrap();
    let doctors = serde_json::json!({ "doctor_v2": backup["doctor_v2"] });
    server
        .database
        .open()
        .await
        .restore(&doctors.to_string())
        .await;
    let other = server.another().await;
    assert_eq!(user_of(&other, "dr_house", AUTUMN).await, "DOC00000201");
    let otp = server.code_for("dr_house@example.org").await;
    let proof = serde_json::json!({ "email": "dr_house@example.org", "otp": otp });
    other
        .post("/auth/verify-otp", proof)
        .await
        .refused(400, "OTP_ERROR");
}

#[tokio::test]
async fn duplicate_accounts_are_named_by_id_and_block_the_service() {
    let server = restored(DUPLICATES).await;
    startup::prepare(&server.app).await.unwrap();
    let Phase::Blocked(reason) = server.app.readiness.phase() else {
        panic!("{:?}", server.app.readiness.phase())
    };
    for id in ["PAT00000301 and PAT00000302", "PAT00000301 and DOC00000303"] {
        assert!(reason.contains(id), "{reason}");
    }
    assert!(!reason.to_lowercase().contains("eva"), "{reason}");
    server
        .get("/health/ready")
        .await
        .refused(503, "DATABASE_ERROR");
    server
        .login("eva", SPRING)
        .await
        .refused(503, "DATABASE_ERROR");
    server.register("jane").await.refused(503, "DATABASE_ERROR");
}

#[tokio::test]
async fn the_remaining_one_of_the_duplicate_accounts_logs_in() {
    for (left, collection, name) in [
        ("PAT00000302", "patients_v2", "eva2"),
        ("DOC00000303", "doctor_v2", "dr_kern"),
    ] {
        let server = restored(DUPLICATES).await;
        startup::prepare(&server.app).await.unwrap();
        let others = doc! { "user_id": { "$ne": left } };
        for accounts in ["patients_v2", "doctor_v2"] {
            server
                .app
                .store
                .raw(accounts)
                .delete_many(others.clone())
                .await
                .unwrap();
        }
        startup::prepare(&server.app).await.unwrap();
        for name in ["eva@example.org", name, left] {
            assert_eq!(user_of(&server, name, AUTUMN).await, left, "{name}");
        }
        let mended = document(&server, collection, left).await;
        assert_eq!(mended.get_str("email").unwrap(), "eva@example.org");
    }
}

#[tokio::test]
async fn an_account_with_a_corrected_address_is_no_duplicate() {
    let server = restored(DUPLICATES).await;
    startup::prepare(&server.app).await.unwrap();
    let patients = server.app.store.raw("patients_v2");
    let to = doc! { "$set": { "email": "eva.senior@example.org" } };
    patients
        .update_one(doc! { "user_id": "PAT00000301" }, to)
        .await
        .unwrap();
    server
        .app
        .store
        .raw("doctor_v2")
        .delete_many(doc! {})
        .await
        .unwrap();
    startup::prepare(&server.app).await.unwrap();
    assert_eq!(
        user_of(&server, "eva@example.org", AUTUMN).await,
        "PAT00000302"
    );
    assert_eq!(
        user_of(&server, "eva.senior@example.org", SPRING).await,
        "PAT00000301"
    );
}

#[tokio::test]
async fn the_process_becomes_ready_when_the_duplicates_are_gone() {
    let installation = Installation::new();
    let direct = installation.open().await;
    direct.restore(DUPLICATES).await;
    drop(direct);
    let process = installation.serve().await;
    let log = process
        .wait_for_log("not ready: the data has to be looked at first")
        .await;
    assert!(log.contains("PAT00000301 and PAT00000302"), "{log}");
    process
        .get("/health/ready")
        .await
        .refused(503, "DATABASE_ERROR");
    let direct = installation.open().await;
    direct
        .store
        .raw("patients_v2")
        .delete_one(doc! { "user_id": "PAT00000301" })
        .await
        .unwrap();
    direct
        .store
        .raw("doctor_v2")
        .delete_many(doc! {})
        .await
        .unwrap();
    process.wait_until_ready().await;
    let reported = process.log().matches("not ready: the data").count();
    assert!(reported <= 2, "reported {reported} times"); // The line names three duplicates, and a second line may name two.
}
