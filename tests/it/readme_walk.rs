//! The walk of README.md, as somebody types it.

use tokio::process::Command;

use crate::harness::{Home, Process, registration};

/// A mail with a code for somebody else, which stays the newest.
async fn another_persons_mail(home: &Home, process: &Process) {
    let somebody = registration("somebody");
    process.post("/auth/register", somebody).await.expect(200);
    let mail = home.mail(0).await;
    let newest = home.path().join("data/outbox/99991231T235959999Z-0.eml");
    std::fs::write(newest, mail).unwrap();
}

#[tokio::test]
async fn the_walk_of_the_readme_goes_from_registration_to_the_end_of_the_session() {
    let readme = include_str!("../../README.md");
    let (_, walk) = readme.split_once("\n## A walk\n").unwrap();
    let (_, walk) = walk.split_once("```bash\n").unwrap();
    let (walk, _) = walk.split_once("```").unwrap();
    let home = Home::new();
    let process = home.serve_ready().await;
    another_persons_mail(&home, &process).await;
    let here = format!("base=http://{}", process.address());
    let walk = walk.replace("base=http://localhost:5001", &here);
    assert!(walk.contains(&here));
    let typed = ["-euo", "pipefail", "-c", walk.as_str()];
    let ended = Command::new("bash").args(typed).output().await.unwrap();
    let said = String::from_utf8(ended.stdout).unwrap();
    assert!(ended.status.success(), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    let expected = [
        "registered successfully",
        "the mail says ",
        r#""status":"verified""#,
        r#""first_name":"Jane""#,
        r#""success":true"#,
        "SESSION_ERROR",
    ];
    assert_eq!(lines.len(), expected.len(), "{said}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.contains(expected), "{expected} in {line}");
    }
}
