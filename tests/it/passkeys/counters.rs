//! Signature counters, and the flags of passkeys that devices share.

use testkit::authenticator::{Behaviour, SoftPasskey};

use super::honest;
use crate::harness::TestServer;

// PK-7
#[tokio::test]
async fn a_copy_shows_by_its_counter_and_its_owner_is_told() {
    let server = TestServer::start().await;
    let jane = server.fresh("jane").await;
    let mut passkey = server.add_passkey(&jane, &honest()).await;
    passkey.counter = 7;
    let mut copy: SoftPasskey = passkey.clone();
    server.log_in_by(&mut passkey, &honest()).await.expect(200);
    let refused = server.log_in_by(&mut copy, &honest()).await;
    refused.refused(400, "PASSKEY_ERROR");
    let mail = server.mail_to("jane@example.org").await;
    assert_eq!(mail.subject, "One of your passkeys may have been copied");
    let stored = server.stored("passkeys").await;
    assert!(stored[0].contains_key("flagged_at"), "{:?}", stored[0]);
    let trail = server.stored("audit_log").await;
    let recorded = trail.iter().filter(|record| {
        record.get_str("action").ok() == Some("passkey_login")
            && record.get_str("detail").ok() == Some("counter")
    });
    assert_eq!(recorded.count(), 1);
    // Without the key nobody causes such a mail.
    let stranger = Behaviour {
        user_verified: false,
        ..honest()
    };
    server.log_in_by(&mut copy, &stranger).await.expect(400);
    let subject = "One of your passkeys may have been copied";
    assert_eq!(
        server.mails_with_subject("jane@example.org", subject).await,
        1
    );
    // The original still works.
    server.log_in_by(&mut passkey, &honest()).await.expect(200);
}

// PK-8
#[tokio::test]
async fn whether_devices_share_a_passkey_follows_each_use() {
    let server = TestServer::start().await;
    let jane = server.fresh("jane").await;
    let with = |backup_eligible, backed_up| Behaviour {
        backup_eligible,
        backed_up,
        ..honest()
    };
    let mut passkey = server.add_passkey(&jane, &with(true, false)).await;
    let backed_up = async || {
        let stored = server.stored("passkeys").await;
        stored[0].get_bool("backed_up").unwrap()
    };
    assert!(!backed_up().await);
    server
        .log_in_by(&mut passkey, &with(true, true))
        .await
        .expect(200);
    assert!(backed_up().await);
    let refused = server.log_in_by(&mut passkey, &with(false, false)).await;
    refused.refused(400, "PASSKEY_ERROR");
    server
        .log_in_by(&mut passkey, &with(true, false))
        .await
        .expect(200);
    assert!(!backed_up().await);
}
