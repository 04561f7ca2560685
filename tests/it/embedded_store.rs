//! The embedded store: one file that several starts and several processes share.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
};

use serde_json::json;

use crate::harness::{Answer, Home, PASSWORD, Process, registration};

async fn with_patient(home: &Home) -> (Process, String) {
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

fn home() -> Home {
    Home::embedded().with("DEBUG", "true")
}

async fn can_log_in(process: &Process) {
    let typed = json!({ "username": "jane", "password": PASSWORD });
    process.post("/auth/login", typed).await.expect(200);
}

#[tokio::test]
async fn it_starts_stops_and_starts_with_every_index() {
    let home = home();
    for _ in 0..3 {
        let process = home.serve_ready().await;
        let log = process.log();
        assert!(!log.contains("WARN") && !log.contains("ERROR"), "{log}");
        process.stop().await;
    }
}

#[tokio::test]
async fn its_files_are_this_users_alone() {
    let home = home();
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
async fn a_copy_that_others_could_read_is_closed_to_them() {
    let home = home();
    home.serve_ready().await.stop().await;
    let file = home.path().join("data/clinic.db");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let process = home.serve_ready().await;
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
    process.stop().await;
}

#[tokio::test]
async fn a_file_that_is_no_store_is_a_clear_message() {
    let home = home();
    fs::create_dir(home.path().join("data")).unwrap();
    fs::write(
        home.path().join("data/clinic.db"),
        "not a database at all, but text",
    )
    .unwrap();
    let complaint = home.run(&["serve"]).await.bad();
    assert!(
        complaint.contains("the embedded store data/clinic.db cannot be opened"),
        "{complaint}"
    );
}

#[tokio::test]
async fn commands_work_beside_the_service_on_the_same_file() {
    let home = home();
    let (process, token) = with_patient(&home).await;
    assert!(
        home.run(&["check"])
            .await
            .good()
            .contains("ok     database")
    );
    home.run(&["create-admin", "--email", "boss@example.org"])
        .await
        .good();
    home.run(&["demo-data"]).await.good();
    let me = process.request("GET", "/users/me").bearer_auth(token);
    Answer::of(me).await.expect(200);
}

#[tokio::test]
async fn two_services_share_one_file_and_the_second_goes_on_when_the_first_ends() {
    let home = home();
    let (first, token) = with_patient(&home).await;
    let second = home.serve_ready().await;
    let logout = first.request("POST", "/auth/logout").bearer_auth(&token);
    Answer::of(logout).await.expect(200);
    first.stop().await;
    second.log_with("taken over").await;
    second.is_ready().await;
    can_log_in(&second).await;
    let me = second.request("GET", "/users/me").bearer_auth(token);
    Answer::of(me).await.refused(401, "SESSION_ERROR");
}

#[tokio::test]
async fn the_second_service_goes_on_when_the_first_is_killed() {
    let home = home();
    let (first, _) = with_patient(&home).await;
    let second = home.serve_ready().await;
    first.kill();
    second.log_with("taken over").await;
    second.is_ready().await;
    can_log_in(&second).await;
}

#[tokio::test]
async fn an_address_that_a_crash_left_behind_does_not_mislead_the_next_start() {
    let home = home();
    let (process, _) = with_patient(&home).await;
    process.kill();
    assert!(
        !fs::read_to_string(home.path().join("data/clinic.db.lock"))
            .unwrap()
            .is_empty()
    );
    home.run(&["check"]).await.good();
    let process = home.serve_ready().await;
    can_log_in(&process).await;
}
