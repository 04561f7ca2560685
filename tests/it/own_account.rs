//! One's own account: another e-mail address, the deletion, the export.

mod crashes;
mod deletion;
mod email;
mod export;
mod races;
mod trail;
mod undo;

use chrono::Duration;
use identity::maintenance;
use serde_json::json;

use crate::harness::{Answer, PASSWORD, TestServer};

pub(crate) const OLD: &str = "jane@example.org";
pub(crate) const NEW: &str = "jane.new@example.org";
pub(crate) const CHANGED: &str = "Your e-mail address was changed";

/// What the audit trail calls these changes.
pub(crate) const ACTIONS: [&str; 6] = [
    "email_change",
    "email_undo",
    "account_delete_request",
    "account_delete_cancel",
    "account_delete",
    "export",
];

impl TestServer {
    /// A patient jane who has just logged in.
    pub(crate) async fn jane(&self) -> Answer {
        self.patient("jane").await;
        self.login("jane", PASSWORD).await.expect(200)
    }

    pub(crate) async fn change_email(&self, token: &str, new: &str) -> Answer {
        let body = json!({ "new_email": new });
        self.post_as(token, "/auth/email/change", body).await
    }

    pub(crate) async fn confirm_email(&self, token: &str, otp: &str) -> Answer {
        let body = json!({ "otp": otp });
        self.post_as(token, "/auth/email/change/confirm", body)
            .await
    }

    /// Uses a link of a mail.
    pub(crate) async fn use_link(&self, path: &str, token: &str) -> Answer {
        self.post(path, json!({ "token": token })).await
    }

    pub(crate) async fn undo_email(&self, token: &str) -> Answer {
        self.use_link("/auth/email/change/undo", token).await
    }

    pub(crate) async fn ask_deletion(&self, token: &str) -> Answer {
        self.call_as(token, "/auth/account/delete").await
    }

    pub(crate) async fn confirm_deletion(&self, token: &str) -> Answer {
        self.use_link("/auth/account/delete/confirm", token).await
    }

    pub(crate) async fn cancel_deletion(&self, token: &str) -> Answer {
        self.use_link("/auth/account/delete/cancel", token).await
    }

    /// Jane has the address [`NEW`]; the token of the link that undoes it.
    pub(crate) async fn moved(&self, jane: &Answer) -> String {
        self.change_email(&jane.token(), NEW).await.expect(200);
        let code = self.code_for(NEW).await;
        let confirmed = self.confirm_email(&jane.token(), &code).await;
        confirmed.expect(200);
        self.link_token_for(OLD).await
    }

    /// Runs the sweeper some time after a crash.
    pub(crate) async fn sweep_later(&self) {
        self.advance(Duration::seconds(36)).await;
        maintenance::tick(&self.app).await.unwrap();
        self.read_revocations().await;
    }

    /// The status of a login with this name.
    pub(crate) async fn login_status(&self, name: &str) -> u16 {
        self.login(name, PASSWORD).await.status
    }
}
