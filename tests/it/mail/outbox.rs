//! The outbox folder.

use mail::WrittenMail;

use super::*;

async fn list(mailer: &Mailer, limit: usize) -> Vec<WrittenMail> {
    let Mailer::Outbox(outbox) = mailer else {
        panic!("not an outbox")
    };
    outbox.list(limit).await.unwrap()
}

#[tokio::test]
async fn the_code_can_be_read_in_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let mailer = outbox_mailer(dir.path());
    let greeting = mail_with_text("Hello Zoë,\n\n    012345\n");
    mailer.send(&greeting, "id-1", now()).await.unwrap();
    let file = dir.path().join("20260115T103000000Z-0000-id-1.eml");
    let eml = std::fs::read_to_string(file).unwrap();
    assert!(eml.contains("Hello Zoë,\r\n\r\n    012345\r\n"));
}

#[tokio::test]
async fn a_non_ascii_subject_is_listed_unchanged() {
    let dir = tempfile::tempdir().unwrap();
    let mailer = outbox_mailer(dir.path());
    let mut hindi = mail();
    "आपका सत्यापन कोड".clone_into(&mut hindi.subject);
    mailer.send(&hindi, "id-1", now()).await.unwrap();
    assert_eq!(list(&mailer, 1).await[0].subject, hindi.subject);
}

#[tokio::test]
async fn written_mails_are_listed_newest_first() {
    let dir = tempfile::tempdir().unwrap();
    let mailer = outbox_mailer(&dir.path().join("made/on/the/way"));
    assert!(list(&mailer, 10).await.is_empty());
    for id in ["b", "a", "c"] {
        mailer.send(&mail(), id, now()).await.unwrap();
    }
    let newest = list(&mailer, 2).await;
    let files: Vec<&str> = newest.iter().map(|mail| mail.file.as_str()).collect();
    assert!(files[0].ends_with("-c.eml") && files[1].ends_with("-a.eml"));
    assert_eq!(newest[0].to, "ana@example.com");
    assert_eq!(newest[0].subject, "Your verification code");
    assert_eq!(newest[0].text, mail().text);
    assert_eq!((newest.len(), newest[0].written_at), (2, now()));
}

#[tokio::test]
async fn other_files_in_the_outbox_are_ignored() {
    let dir = tempfile::tempdir().unwrap();
    let mailer = outbox_mailer(dir.path());
    for name in ["notes.txt", "20260115T103000000Z-0000-x.eml", "9-.eml"] {
        std::fs::write(dir.path().join(name), "\u{0}not a mail").unwrap();
    }
    send(&mailer).await.unwrap();
    assert_eq!(list(&mailer, 10).await.len(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_outbox() {
    use std::os::unix::fs::PermissionsExt;
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("outbox");
    send(&outbox_mailer(&dir)).await.unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let files: Vec<_> = dir.read_dir().unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(
        (mode(&dir), mode(&files[0]), files.len()),
        (0o700, 0o600, 1)
    );
}
