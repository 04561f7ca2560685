//! The embedded store: one file for several starts and several processes.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
};

use serde_json::json;

use crate::harness::{Answer, Installation, PASSWORD, Process, registration};

async fn with_patient(home: &Installation) -> (Process, String) {
    let process = home.serve_ready().await;
    let registered = process
        .post("/auth/register", registration("jane"))
        .await
        .expect(200);
    let proof = json!({ "email": "jane@example.org", "otp": registered.text("debug_otp") });
    let token = process
        .post("/auth/verify-otp", proof)
        .await
        .expect(200)
        .token();
    (process, token)
}

fn installation() -> Installation {
    Installation::embedded().with("DEBUG", "true")
}

async fn can_log_in(process: &Process) {
    let credentials = json!({ "username": "jane", "password": PASSWORD });
    process.post("/auth/login", credentials).await.expect(200);
}

#[tokio::test]
async fn the_store_restarts_with_every_index() {
    let home = installation();
    for _ in 0..3 {
        let process = home.serve_ready().await;
        let log = process.log();
        assert!(!log.contains("WARN") && !log.contains("ERROR"), "{log}");
        process.stop().await;
    }
}

#[tokio::test]
async fn the_files_are_readable_only_by_their_owner() {
    let home = installation();
    let (process, _) = with_patient(&home).await;
    let data = home.path().join("data");
    let mode = |path| fs::metadata(path).unwrap().mode() & 0o777;
    for file in [
        "clinic.db",
        "clinic.db-wal",
        "clinic.db-shm",
        "clinic.db.lock",
        "secret.key",
    ] {
        assert_eq!(mode(data.join(file)), 0o600, "{file}");
    }
    assert_eq!(
        (mode(data.clone()), mode(data.join("outbox"))),
        (0o700, 0o700)
    );
    process.stop().await;
}

#[tokio::test]
async fn a_copy_readable_by_others_is_made_private() {
    let home = installation();
    home.serve_ready().await.stop().await;
    let file = home.path().join("data/clinic.db");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let process = home.serve_ready().await;
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
    process.stop().await;
}

#[tokio::test]
async fn a_file_that_is_not_a_store_is_reported_clearly() {
    let home = installation();
    fs::create_dir(home.path().join("data")).unwrap();
    fs::write(
        home.path().join("data/clinic.db"),
        "not a database at all, but text",
    )
    .unwrap();
    let complaint = home.run(&["serve"]).await.failure();
    assert!(
        complaint.contains("the embedded store data/clinic.db cannot be opened"),
        "{complaint}"
    );
}

#[tokio::test]
async fn commands_work_beside_the_service_on_the_same_file() {
    let home = installation();
    let (process, token) = with_patient(&home).await;
    assert!(
        home.run(&["check"])
            .await
            .success()
            .contains("ok     database")
    );
    home.run(&["create-admin", "--email", "boss@example.org"])
        .await
        .success();
    let me = process.request("GET", "/users/me").bearer_auth(token);
    Answer::of(me).await.expect(200);
}

#[tokio::test]
async fn the_second_service_continues_when_the_first_stops() {
    let home = installation();
    let (first, token) = with_patient(&home).await;
    let second = home.serve_ready().await;
    let logout = first.request("POST", "/auth/logout").bearer_auth(&token);
    Answer::of(logout).await.expect(200);
    first.stop().await;
    second.wait_for_log("taken over").await;
    second.wait_until_ready().await;
    can_log_in(&second).await;
    let me = second.request("GET", "/users/me").bearer_auth(token);
    Answer::of(me).await.refused(401, "SESSION_ERROR");
}

#[tokio::test]
async fn the_second_service_continues_when_the_first_is_killed() {
    let home = installation();
    let (first, _) = with_patient(&home).await;
    let second = home.serve_ready().await;
    first.kill();
    second.wait_for_log("taken over").await;
    second.wait_until_ready().await;
    can_log_in(&second).await;
}

#[tokio::test]
async fn a_stale_address_of_a_crash_does_not_stop_the_next_start() {
    let home = installation();
    let (process, _) = with_patient(&home).await;
    process.kill();
    assert!(
        !fs::read_to_string(home.path().join("data/clinic.db.lock"))
            .unwrap()
            .is_empty()
    );
    home.run(&["check"]).await.success();
    let process = home.serve_ready().await;
    can_log_in(&process).await;
}
