//! The transport of tests.

use super::*;

#[tokio::test]
async fn it_keeps_mails_with_their_ids_and_clones_share_them() {
    let memory = MemoryMailer::new();
    let mailer = Mailer::Memory(memory.clone());
    send(&mailer).await.unwrap();
    assert_eq!(memory.sent(), [(mail(), "id-1".to_owned())]);
    assert_eq!(memory.last_to("ana@example.com"), Some(mail()));
    assert_eq!(memory.last_to("bob@example.com"), None);
}

#[tokio::test]
async fn it_fails_as_often_as_it_is_told() {
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
