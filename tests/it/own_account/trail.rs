//! What the audit trail records of changes to one's own account.

use std::collections::BTreeSet;

use chrono::Duration;
use identity::maintenance;

use super::OLD;
use crate::harness::{PASSWORD, TestServer};

// AUD-1
#[tokio::test]
async fn every_action_on_ones_own_account_is_recorded() {
    let server = TestServer::start().await;
    let jane = server.jane().await;
    let undo = server.moved(&jane).await;
    server.undo_email(&undo).await.expect(200);
    let reset = server.link_token_for(OLD).await;
    server.reset_by_link(&reset, PASSWORD).await.expect(200);
    for is_cancelled in [true, false] {
        let token = server.login(OLD, PASSWORD).await.token();
        server.call_as(&token, "/auth/export").await.expect(200);
        server.ask_deletion(&token).await.expect(200);
        let link = server.link_token_for(OLD).await;
        server.confirm_deletion(&link).await.expect(200);
        let cancel = server.link_token_for(OLD).await;
        if is_cancelled {
            server.cancel_deletion(&cancel).await.expect(200);
        }
    }
    server.advance(Duration::days(14)).await;
    maintenance::tick(&server.app).await.unwrap();
    let trail = server.stored("audit_log").await;
    let id = jane.text("user_id");
    let of_jane = |row: &&bson::Document| row.get_str("subject").ok() == Some(&id);
    let seen = trail
        .iter()
        .filter(of_jane)
        .filter_map(|row| row.get_str("action").ok());
    let seen: BTreeSet<_> = seen.collect();
    for action in super::ACTIONS {
        assert!(seen.contains(action), "{action} in {seen:?}");
    }
}
