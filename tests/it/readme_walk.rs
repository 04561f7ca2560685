//! The commands of the section "A walk" of README.md, run without a change.

use tokio::process::Command;

use crate::harness::{Installation, Process, registration};

/// Writes a mail with another person's code that stays the newest mail.
async fn another_persons_mail(installation: &Installation, process: &Process) {
    let other = registration("somebody");
    process.post("/auth/register", other).await.expect(200);
    let mail = installation.mail(0).await;
    let newest = installation
        .path()
        .join("data/outbox/99991231T235959999Z-0.eml");
    std::fs::write(newest, mail).unwrap();
}

#[tokio::test]
async fn the_walk_of_the_readme_works_as_written() {
    let readme = include_str!("../../README.md");
    let (_, walk) = readme.split_once("\n## A walk\n").unwrap();
    let (_, walk) = walk.split_once("```bash\n").unwrap();
    let (walk, _) = walk.split_once("```").unwrap();
    let installation = Installation::new();
    let process = installation.serve_ready().await;
    another_persons_mail(&installation, &process).await;
    let here = format!("base=http://{}", process.address());
    let walk = walk.replace("base=http://localhost:5001", &here);
    assert!(walk.contains(&here));
    let typed = ["-euo", "pipefail", "-c", walk.as_str()];
    let ended = Command::new("bash").args(typed).output().await.unwrap();
    let output = String::from_utf8(ended.stdout).unwrap();
    assert!(ended.status.success(), "{output}");
    let lines: Vec<&str> = output.lines().collect();
    let expected = [
        "registered successfully",
        "the mail says ",
        r#""status":"verified""#,
        r#""first_name":"Jane""#,
        r#""success":true"#,
        "SESSION_ERROR",
    ];
    assert_eq!(lines.len(), expected.len(), "{output}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.contains(expected), "{expected} in {line}");
    }
}
