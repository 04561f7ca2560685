//! The mailer that keeps mails in memory, for tests.

use super::*;

#[tokio::test]
async fn clones_of_the_memory_mailer_share_the_sent_mails() {
    let memory = MemoryMailer::new();
    let mailer = Mailer::Memory(memory.clone());
    send(&mailer).await.unwrap();
    assert_eq!(memory.sent(), [(mail(), "id-1".to_owned())]);
    assert_eq!(memory.last_to("ana@example.com"), Some(mail()));
    assert_eq!(memory.last_to("bob@example.com"), None);
}

#[tokio::test]
async fn the_memory_mailer_fails_as_often_as_requested() {
    let memory = MemoryMailer::new();
    let mailer = Mailer::Memory(memory.clone());
    memory.fail_next(2);
    send(&mailer).await.unwrap_err();
    send(&mailer).await.unwrap_err();
    send(&mailer).await.unwrap();
    memory.fail();
    send(&mailer).await.unwrap_err();
    memory.recover();
    send(&mailer).await.unwrap();
    assert_eq!(memory.sent().len(), 2);
}
