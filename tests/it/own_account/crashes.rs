//! A crash between two writes of a change of one's own account does no harm: the sweeper finishes it (SELF-5, LIFE-2).

use chrono::Duration;
use identity::{
    admin::account_status::DELETE_STEPS,
    maintenance,
    own_account::{deletion::CONFIRM_STEPS, email::CHANGE_STEPS, email_undo::UNDO_STEPS},
};

use super::{NEW, OLD};
use crate::harness::{PASSWORD, TestServer};

impl TestServer {
    /// Jane sets her password with the link that an undo mailed.
    async fn set_password_again(&self) {
        let reset = self.link_token_for(OLD).await;
        self.reset_by_link(&reset, PASSWORD).await.expect(200);
    }
}

// SELF-1, LIFE-2
#[tokio::test]
async fn the_sweeper_finishes_an_interrupted_change_of_address() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    for step in CHANGE_STEPS {
        let jane = server.login("jane", PASSWORD).await.expect(200);
        let other = server.login("jane", PASSWORD).await.token();
        server.change_email(&jane.token(), NEW).await.expect(200);
        let code = server.code_for(NEW).await;
        server.fail_point.arm(step);
        let cut_off = server.confirm_email(&jane.token(), &code).await;
        cut_off.refused(500, "INTERNAL_ERROR");
        server.sweep_later().await;
        assert_eq!(server.login_status(NEW).await, 200, "{step}");
        assert_eq!(server.login_status(OLD).await, 401, "{step}");
        server.get_as(&jane.token(), "/users/me").await.expect(200);
        server.get_as(&other, "/users/me").await.expect(401);
        let undo = server.link_token_for(OLD).await;
        server.sweep_later().await;
        server.undo_email(&undo).await.expect(200);
        server.set_password_again().await;
        server.advance(Duration::days(1)).await; // Five changes a day are allowed.
    }
}

// SELF-3, LIFE-2
#[tokio::test]
async fn the_sweeper_finishes_an_interrupted_undo() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    for step in UNDO_STEPS {
        let jane = server.login("jane", PASSWORD).await.expect(200);
        let undo = server.moved(&jane).await;
        server.fail_point.arm(step);
        let cut_off = server.undo_email(&undo).await;
        cut_off.refused(500, "INTERNAL_ERROR");
        server.sweep_later().await;
        server.get_as(&jane.token(), "/users/me").await.expect(401);
        server.set_password_again().await;
        server.sweep_later().await;
        assert_eq!(server.login_status(OLD).await, 200, "{step}");
        assert_eq!(server.login_status(NEW).await, 401, "{step}");
        assert!(server.stored("email_changes").await.is_empty(), "{step}");
        let names = server.stored("identifiers").await;
        assert_eq!(names.len(), 3, "{step}: {names:?}");
        server.advance(Duration::days(1)).await;
    }
}

// SELF-5, LIFE-2
#[tokio::test]
async fn the_sweeper_finishes_an_interrupted_confirmation() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    for step in CONFIRM_STEPS {
        let jane = server.login("jane", PASSWORD).await.expect(200);
        server.ask_deletion(&jane.token()).await.expect(200);
        let link = server.link_token_for(OLD).await;
        server.fail_point.arm(step);
        let cut_off = server.confirm_deletion(&link).await;
        cut_off.refused(500, "INTERNAL_ERROR");
        server.sweep_later().await;
        assert_eq!(server.login_status("jane").await, 403, "{step}");
        server.get_as(&jane.token(), "/users/me").await.expect(401);
        let cancel = server.link_token_for(OLD).await;
        server.cancel_deletion(&cancel).await.expect(200);
        server.sweep_later().await;
        assert_eq!(server.login_status("jane").await, 200, "{step}");
    }
}

// SELF-5, LIFE-2
#[tokio::test]
async fn an_interrupted_due_deletion_is_finished() {
    let server = TestServer::start().await;
    for (n, step) in DELETE_STEPS.into_iter().enumerate() {
        let jane = server.jane().await;
        server.ask_deletion(&jane.token()).await.expect(200);
        let link = server.link_token_for(OLD).await;
        server.confirm_deletion(&link).await.expect(200);
        server.advance(Duration::days(14)).await;
        server.fail_point.arm(step);
        maintenance::tick(&server.app).await.unwrap();
        server.advance(Duration::seconds(61)).await;
        maintenance::tick(&server.app).await.unwrap();
        assert_eq!(server.accounts_stored().await, 0, "{step}");
        // Only the user ids of those who left.
        assert_eq!(server.stored("identifiers").await.len(), n + 1, "{step}");
        for left in ["account_deletions", "email_changes"] {
            assert!(server.stored(left).await.is_empty(), "{step}");
        }
    }
}
