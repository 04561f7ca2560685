//! The commands other than `serve`: their output, their exit codes, and that they can run at the same time.

use bson::doc;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{Installation, Process};

const NEW: &str = "a long enough new password";

/// Sets the password with the link that a command printed, and logs in.
async fn accept_link(process: &Process, printed: &str, email: &str) -> String {
    let (_, token) = printed.split_once("/static/reset.html#token=").unwrap();
    let token = token.split(['&', '\r', '\n']).next().unwrap();
    let body = json!({ "token": token, "new_password": NEW, "confirm_password": NEW });
    process.post("/auth/reset-password", body).await.expect(200);
    let credentials = json!({ "email": email, "password": NEW });
    process
        .post("/auth/login", credentials)
        .await
        .expect(200)
        .text("user_type")
}

#[tokio::test]
async fn the_link_of_create_admin_creates_an_administrator() {
    let home = Installation::new();
    let arguments = [
        "create-admin",
        "--email",
        "Boss@Example.org",
        "--username",
        "boss",
    ];
    let printed = home.run(&arguments).await.success(); // ADM-2
    let process = home.serve_ready().await;
    let credentials = json!({ "username": "boss", "password": NEW });
    process
        .post("/auth/login", credentials)
        .await
        .refused(401, "AUTH_FAILED");
    assert_eq!(
        accept_link(&process, &printed, "boss@example.org").await,
        "admin"
    );
}

#[tokio::test]
async fn the_link_of_create_admin_works_once() {
    let home = Installation::new();
    let printed = home
        .run(&["create-admin", "--email", "boss@example.org"])
        .await
        .success();
    let process = home.serve_ready().await;
    accept_link(&process, &printed, "boss@example.org").await;
    let (_, token) = printed.split_once("#token=").unwrap();
    let body = json!({ "token": token, "new_password": NEW, "confirm_password": NEW });
    process
        .post("/auth/reset-password", body)
        .await
        .refused(400, "OTP_ERROR"); // RST-1
}

#[tokio::test]
async fn parallel_create_admin_calls_create_one_account() {
    let home = Installation::new();
    let spellings = [
        "boss@example.org",
        "BOSS@example.org",
        "Boss@Example.Org",
        "boss@EXAMPLE.org",
    ];
    let arguments = spellings.map(|email| ["create-admin", "--email", email]);
    let ended = join_all(arguments.iter().map(|arguments| home.run(arguments))).await; // ADM-2
    let process = home.serve_ready().await;
    let (made, refused): (Vec<_>, Vec<_>) = ended.into_iter().partition(|one| one.code == Some(0));
    for one in refused {
        let complaint = one.failure();
        assert!(
            complaint.contains("an account with this email or username already exists"),
            "{complaint}"
        );
    }
    let staff = home
        .open()
        .await
        .store
        .raw("staff_v2")
        .count_documents(doc! {})
        .await;
    assert_eq!((made.len(), staff.unwrap()), (1, 1));
    assert_eq!(
        accept_link(&process, &made[0].stdout, "boss@example.org").await,
        "admin"
    );
}

#[tokio::test]
async fn create_admin_refuses_an_invalid_address() {
    let complaint = Installation::new()
        .run(&["create-admin", "--email", "boss"])
        .await
        .failure();
    assert!(complaint.contains("--email"), "{complaint}");
}

#[tokio::test]
async fn create_admin_reports_an_unreachable_database() {
    let home = Installation::new().with("MONGO_URI", "mongodb://127.0.0.1:1/");
    let complaint = home
        .run(&["create-admin", "--email", "boss@example.org"])
        .await
        .failure();
    assert!(
        complaint.contains("the database cannot be used"),
        "{complaint}"
    );
}

#[tokio::test]
async fn demo_data_is_refused_in_production() {
    let complaint = Installation::new()
        .in_production()
        .run(&["demo-data"])
        .await
        .failure();
    assert!(
        complaint.contains("demo data is for development only"),
        "{complaint}"
    );
}

#[tokio::test]
async fn openapi_prints_the_document_of_the_service() {
    let home = Installation::new();
    let printed: Value = serde_json::from_str(&home.run(&["openapi"]).await.success()).unwrap();
    let answered = home
        .serve()
        .await
        .get("/openapi.json")
        .await
        .expect(200)
        .body;
    assert_eq!(printed, answered);
}

#[tokio::test]
async fn every_commands_help_is_complete() {
    let home = Installation::new();
    let mut commands = vec![Vec::new()];
    let mut seen = 0;
    while let Some(command) = commands.pop() {
        let arguments = [command.as_slice(), &["--help".to_owned()]].concat();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let help = home.run(&arguments).await.success();
        let below = help.split_once("\nCommands:\n").map(|(_, below)| below);
        let names = below.into_iter().flat_map(str::lines).map_while(|line| {
            let name = line.strip_prefix("  ")?.split_whitespace().next()?;
            Some(name.to_owned())
        });
        let names: Vec<String> = names.filter(|name| name != "help").collect();
        if names.is_empty() || command.is_empty() {
            for part in ["Examples:\n  ", "Exit codes:\n  0", "Environment"] {
                assert!(help.contains(part), "{command:?} lacks {part:?}: {help}");
            }
            assert!(
                help.lines().all(|line| line.chars().count() <= 120),
                "{help}"
            );
            seen += 1;
        }
        commands.extend(
            names
                .into_iter()
                .map(|name| [command.clone(), vec![name]].concat()),
        );
    }
    assert!(seen > 10, "{seen}");
}

#[tokio::test]
async fn progress_is_shown_only_on_a_terminal() {
    let home = Installation::new();
    home.run(&["create-admin", "--email", "boss@example.org"])
        .await
        .success();
    let verify = ["audit", "verify"];
    let piped = home.run(&verify).await;
    assert_eq!((piped.code, piped.stderr.as_str()), (Some(0), ""));
    let into_a_file = ["audit", "export", ">", "trail.ndjson"];
    for command in [&verify[..], &into_a_file] {
        let watched = home.run_on_a_terminal(command).await.success();
        assert!(
            watched.contains(" %  1 of ") && watched.contains(" records"),
            "{watched}"
        );
    }
    let both = home.run_on_a_terminal(&into_a_file[..2]).await.success();
    assert!(!both.contains(" %  1 of "), "{both}");
}

#[tokio::test]
async fn the_pass_over_older_accounts_shows_its_progress() {
    let moving = async || {
        let home = Installation::new();
        let account =
            |n| doc! { "user_id": format!("PAT{n:08}"), "email": format!("{n}@example.org") };
        let accounts: Vec<_> = (0..600).map(account).collect();
        let direct = home.open().await;
        let patients = direct.store.raw("patients_v2");
        patients.insert_many(accounts).await.unwrap();
        home
    };
    let check = moving().await.run_on_a_terminal(&["check"]).await;
    let watched = check.success();
    assert!(watched.contains(" 83 %  500 of 600 accounts"), "{watched}");
    let log = moving().await.serve_ready().await.log();
    assert!(
        log.contains("looking for accounts without identifiers seen=500 total=600"),
        "{log}"
    );
}
