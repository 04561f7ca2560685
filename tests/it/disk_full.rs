//! The embedded store on a full disk. A limit of the file size simulates it.

use std::process::Command;

use serde_json::json;

use crate::harness::{Answer, Installation, PASSWORD, Process, registration};

/// Registers people until the store cannot write any more. Returns the numbers of those whose answer was 200, and the
/// other answers.
async fn fill(process: &Process) -> (Vec<usize>, Vec<Answer>) {
    let mut acknowledged = Vec::new();
    let mut refused = Vec::new();
    for number in 0..2000 {
        let answer = process
            .post("/auth/register", registration(&format!("patient{number}")))
            .await;
        if answer.status == 200 {
            acknowledged.push(number);
        } else {
            refused.push(answer);
            if refused.len() == 21 {
                break;
            }
        }
    }
    (acknowledged, refused)
}

fn limit_files(process: &Process, bytes: &str) {
    let (pid, limit) = (
        process.id().to_string(),
        format!("--fsize={bytes}:unlimited"),
    );
    let done = Command::new("prlimit")
        .args(["--pid", &pid, &limit])
        .status();
    assert!(done.unwrap().success());
}

#[tokio::test]
async fn a_full_disk_is_503_and_loses_nothing() {
    let home = Installation::embedded()
        .with("DEBUG", "true")
        .with("CLINIC_AUTH__THROTTLE__REGISTER_PER_IP__LIMIT", "100000")
        .surviving_file_limits();
    let process = home.serve_ready().await;
    let size = |name| std::fs::metadata(home.path().join(name)).unwrap().len();
    let room = size("data/clinic.db").max(size("data/clinic.db-wal")) + 2 * 1024 * 1024;
    limit_files(&process, &room.to_string());
    let (acknowledged, refused) = fill(&process).await;
    assert!(!acknowledged.is_empty() && refused.len() == 21);
    let (first, others) = refused.split_first().unwrap();
    // The write that failed may have been the mail job, which has its own error code (D11).
    if first.code() != "EMAIL_ERROR" {
        first.refused(503, "DATABASE_ERROR");
    }
    for answer in others {
        answer.refused(503, "DATABASE_ERROR");
    }
    for answer in &refused {
        assert_eq!(answer.status, 503);
        assert!(answer.headers.contains_key("retry-after"));
    }
    process.get("/health").await.expect(200);
    limit_files(&process, "unlimited");
    let registered = process
        .post("/auth/register", registration("jane"))
        .await
        .expect(200);
    let proof = json!({ "email": "jane@example.org", "otp": registered.text("debug_otp") });
    process.post("/auth/verify-otp", proof).await.expect(200);
    process.stop().await;

    let process = home.serve_ready().await;
    let credentials = json!({ "username": "jane", "password": PASSWORD });
    process.post("/auth/login", credentials).await.expect(200);
    let database = home.open().await;
    for number in acknowledged {
        let his = bson::doc! { "username": format!("patient{number}") };
        assert!(
            database.find("pending_users", his).await.is_some(),
            "{number}"
        );
    }
    process.stop().await;
    let verified = home.run(&["audit", "verify"]).await.success();
    assert!(verified.contains("nothing was altered"), "{verified}");
}
