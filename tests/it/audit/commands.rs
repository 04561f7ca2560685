//! The commands `audit verify` and `audit export` beside the running service (AUD-2, AUD-3).

use bson::doc;
use chrono::Duration;
use serde_json::Value;

use super::{audit_log, id, records};
use crate::{
    binary::{run, run_with_secret},
    harness::{PASSWORD, TestServer},
};

/// A server with a master secret that the binary accepts as well.
async fn server() -> TestServer {
    TestServer::start_with(|settings| {
        settings.secrets.master.current = kernel::secret::Secret::new(SECRET);
    })
    .await
}

const SECRET: &str = "7Qm2vXb9LwT4ZcYr1KpN8sHd6FgJ3eUa";
const OTHER_SECRET: &str = "pR5tWz8BnM1qXv4LkJ7hGf2DsA9yUc3E";

#[tokio::test]
async fn verify_finds_nothing_in_an_unchanged_trail() {
    let server = server().await;
    server.patient("jane").await;
    let ran = run(&server, &["audit", "verify"]).await;
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let count = records(&server).await.len();
    assert!(
        ran.out.starts_with(&format!("{count} records in 1 chains")),
        "{}",
        ran.out
    );
}

#[tokio::test]
async fn verify_names_the_first_record_that_was_altered() {
    let server = server().await;
    server.patient("jane").await;
    let records = records(&server).await;
    for record in &records[2..4] {
        let change = doc! { "$set": { "ip": "192.0.2.1" } };
        audit_log(&server)
            .update_one(doc! { "_id": id(record) }, change)
            .await
            .unwrap();
    }
    let ran = run(&server, &["audit", "verify"]).await;
    assert_eq!(ran.code, 1);
    assert!(
        ran.out
            .contains(&format!("{} was altered", id(&records[2]))),
        "{}",
        ran.out
    );
    assert!(!ran.out.contains(id(&records[3])));
}

#[tokio::test]
async fn records_whose_key_is_gone_are_unverifiable_and_not_altered() {
    // KEY-2
    let server = server().await;
    server.patient("jane").await;
    let ran = run_with_secret(&server, OTHER_SECRET, &["audit", "verify"]).await;
    assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
    assert!(
        ran.out.contains("UNVERIFIABLE") && !ran.out.contains("FAULT"),
        "{}",
        ran.out
    );
}

#[tokio::test]
async fn a_changed_secret_still_verifies_old_and_new_records() {
    // KEY-2
    let server = server().await;
    server.patient("jane").await;
    let changed = server
        .another_with(|settings| {
            let master = &mut settings.secrets.master;
            master.previous = Some(kernel::secret::Secret::new(SECRET));
            master.current = kernel::secret::Secret::new(OTHER_SECRET);
        })
        .await;
    changed.login("jane", PASSWORD).await.expect(200);
    let report = super::verified(&changed).await;
    assert_eq!(
        (
            report.chains,
            report.findings.len(),
            report.unverifiable.len()
        ),
        (2, 0, 0) // Each key has one chain of seals.
    );
}

#[tokio::test]
async fn export_prints_each_record_of_the_time_span_as_json() {
    // AUD-3
    let server = server().await;
    server.patient("jane").await;
    server.advance(Duration::hours(1)).await;
    let from = kernel::clock::rfc3339(server.clock.now());
    server.login("jane", PASSWORD).await.expect(200);
    server.advance(Duration::hours(1)).await;
    let to = kernel::clock::rfc3339(server.clock.now());
    server.login("jane", PASSWORD).await.expect(200);
    let ran = run(&server, &["audit", "export", "--from", &from, "--to", &to]).await;
    let lines: Vec<Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 1, "{}{}", ran.out, ran.err);
    assert_eq!(
        (&lines[0]["action"], &lines[0]["at"]),
        (&"login".into(), &from.into())
    );
    let whole = run(&server, &["audit", "export"]).await;
    assert_eq!(whole.out.lines().count(), records(&server).await.len());
}

#[tokio::test]
async fn export_refuses_an_invalid_time() {
    let server = server().await;
    let ran = run(&server, &["audit", "export", "--from", "yesterday"]).await;
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("neither a date"), "{}", ran.err);
}
