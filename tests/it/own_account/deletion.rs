//! The deletion of one's own account (SELF-5, SELF-6, SELF-8).

use bson::doc;
use chrono::Duration;
use identity::maintenance;
use kernel::role::Role;
use serde_json::json;

use super::{NEW, OLD};
use crate::harness::{Answer, PASSWORD, TestServer};

impl TestServer {
    /// Jane has confirmed the deletion of her account; the token of the link that calls it off.
    async fn leaving(&self, jane: &Answer) -> String {
        self.ask_deletion(&jane.token()).await.expect(200);
        let link = self.link_token_for(OLD).await;
        self.confirm_deletion(&link).await.expect(200);
        self.link_token_for(OLD).await
    }

    async fn tick_after_days(&self, days: i64) {
        self.advance(Duration::days(days)).await;
        maintenance::tick(&self.app).await.unwrap();
    }
}

// SELF-5
#[tokio::test]
async fn a_confirmed_deletion_ends_sessions_and_can_be_called_off() {
    let server = TestServer::start().await;
    let other = server.another().await;
    let jane = server.jane().await;
    let admin = server.admin("boss").await;
    let path = format!("/admin/users/{}", jane.text("user_id"));
    let own = jane.token();
    let feed = server.post_as(&own, "/appointments/feed", json!({}));
    let feed = feed.await.expect(200).text("url");
    let feed = feed.split_once("/appointments/").unwrap().1;
    let feed = format!("/appointments/{feed}");
    server.get(&feed).await.expect(200);
    server.ask_deletion(&jane.token()).await.expect(200);
    let link = server.link_token_for(OLD).await;
    other.get_as(&jane.token(), "/users/me").await.expect(200);
    let confirmed = server.confirm_deletion(&link).await.expect(200);
    let in_two_weeks = server.clock.now() + Duration::days(14);
    let said = confirmed.text("deletes_at");
    assert_eq!(said[..16], in_two_weeks.to_rfc3339()[..16]);
    other.get(&feed).await.refused(404, "RECORD_NOT_FOUND");
    let seen = other.get_as(&admin.token, &path).await.expect(200);
    assert_eq!(seen.body["deletes_at"], said);
    other.read_revocations().await;
    let me = other.get_as(&jane.token(), "/users/me").await;
    me.refused(401, "SESSION_ERROR");
    assert_eq!(other.login_status("jane").await, 403);
    server
        .confirm_deletion(&link)
        .await
        .refused(400, "OTP_ERROR");
    let cancel = server.link_token_for(OLD).await;
    server.tick_after_days(13).await;
    server.cancel_deletion(&cancel).await.expect(200);
    assert_eq!(other.login_status("jane").await, 200);
    other.get(&feed).await.expect(200);
    let admin = server.login("boss@example.org", PASSWORD).await.expect(200);
    let seen = other.get_as(&admin.token(), &path).await.expect(200);
    assert!(seen.body.get("deletes_at").is_none(), "{}", seen.raw);
    server
        .cancel_deletion(&cancel)
        .await
        .refused(400, "OTP_ERROR");
    server.tick_after_days(2).await;
    assert_eq!(other.login_status("jane").await, 200);
}

// SELF-5, UID-1
#[tokio::test]
async fn a_due_deletion_goes_as_by_an_administrator() {
    let server = TestServer::start().await;
    let jane = server.jane().await;
    let id = jane.text("user_id");
    let cancel = server.leaving(&jane).await;
    server.tick_after_days(14).await;
    server
        .cancel_deletion(&cancel)
        .await
        .refused(400, "OTP_ERROR");
    assert_eq!(server.login_status("jane").await, 401);
    assert_eq!(server.accounts_stored().await, 0);
    assert!(server.stored("account_deletions").await.is_empty());
    let key = format!("user_id:{id}");
    let rows = server.stored("identifiers").await;
    let left: Vec<_> = rows.iter().map(|row| row.get_str("_id").unwrap()).collect();
    assert_eq!(left, [key]);
    let trail = server.stored("audit_log").await;
    let deleted = trail.iter().filter(|row| {
        let is = |field, value| row.get_str(field).is_ok_and(|it| it == value);
        is("action", "account_delete") && is("subject", &id)
    });
    assert_eq!(deleted.count(), 1);
    server.patient("jane").await;
}

// SELF-6, ADM-3
#[tokio::test]
async fn only_the_roles_of_the_setting_delete_their_account() {
    let server = TestServer::start_with(|settings| {
        settings.config.account.deletion_roles = vec![Role::Patient, Role::Admin];
    })
    .await;
    server.doctor("doc").await;
    let doctor = server.login("doc", PASSWORD).await.token();
    let refused = server.ask_deletion(&doctor).await;
    refused.refused(403, "ACCESS_DENIED");
    let boss = server.admin("boss").await;
    let last = server.ask_deletion(&boss.token).await;
    last.refused(403, "ACCESS_DENIED");
    let second = server.admin("second").await;
    for admin in [&boss, &second] {
        server.ask_deletion(&admin.token).await.expect(200);
    }
    let (first, last) = (
        server.link_token_for(&boss.email).await,
        server.link_token_for(&second.email).await,
    );
    server.confirm_deletion(&first).await.expect(200);
    let refused = server.confirm_deletion(&last).await;
    refused.refused(403, "ACCESS_DENIED");
    assert_eq!(server.login_status(&second.email).await, 200);
}

// SELF-8
#[tokio::test]
async fn an_administrators_decision_ends_a_deletion() {
    let server = TestServer::start().await;
    let admin = server.admin("boss").await;
    let jane = server.jane().await;
    let path = format!("/admin/users/{}", jane.text("user_id"));
    let cancel = server.leaving(&jane).await;
    let disable = json!({ "status": "disabled" });
    server
        .patch_as(&admin.token, &path, disable)
        .await
        .expect(200);
    server
        .cancel_deletion(&cancel)
        .await
        .refused(400, "OTP_ERROR");
    server.tick_after_days(15).await;
    assert_eq!(server.login_status("jane").await, 403);
    let admin = server.logged_in(&admin.email).await;
    let enable = json!({ "status": "active" });
    server
        .patch_as(&admin.token, &path, enable)
        .await
        .expect(200);
    let jane = server.login("jane", PASSWORD).await.expect(200);
    let cancel = server.leaving(&jane).await;
    server.delete_as(&admin.token, &path).await.expect(200);
    server
        .cancel_deletion(&cancel)
        .await
        .refused(400, "OTP_ERROR");
    assert!(server.stored("account_deletions").await.is_empty());
}

// SELF-8
#[tokio::test]
async fn a_deletion_and_a_change_of_address_exclude_each_other() {
    let server = TestServer::start().await;
    let jane = server.jane().await;
    // The change is confirmed first: the deletion was asked for from the old address.
    server.ask_deletion(&jane.token()).await.expect(200);
    let deletion = server.link_token_for(OLD).await;
    let undo = server.moved(&jane).await;
    server
        .confirm_deletion(&deletion)
        .await
        .refused(400, "OTP_ERROR");
    assert_eq!(server.login_status(NEW).await, 200);
    // A thief deletes the account from the new address: the undo keeps it.
    server.ask_deletion(&jane.token()).await.expect(200);
    let deletion = server.link_token_for(NEW).await;
    server.confirm_deletion(&deletion).await.expect(200);
    let cancel = server.link_token_for(NEW).await;
    server.undo_email(&undo).await.expect(200);
    server
        .cancel_deletion(&cancel)
        .await
        .refused(400, "OTP_ERROR");
    server.tick_after_days(15).await;
    assert_eq!(server.accounts_stored().await, 1);
    server.forgot(OLD).await.expect(200);
    let reset = server.link_token_for(OLD).await;
    server.reset_by_link(&reset, PASSWORD).await.expect(200);
    // The deletion is confirmed first: the change is lost.
    let jane = server.login(OLD, PASSWORD).await.expect(200);
    server.change_email(&jane.token(), NEW).await.expect(200);
    let change = server.link_token_for(NEW).await;
    let cancel = server.leaving(&jane).await;
    let path = "/auth/email/change/confirm";
    let lost = server.use_link(path, &change).await;
    lost.refused(400, "OTP_ERROR");
    server.cancel_deletion(&cancel).await.expect(200);
    assert_eq!(server.login_status(OLD).await, 200);
}

// SELF-5
#[tokio::test]
async fn a_deletion_is_confirmed_in_time_or_not_at_all() {
    let server = TestServer::start().await;
    let jane = server.jane().await;
    server.ask_deletion(&jane.token()).await.expect(200);
    let link = server.link_token_for(OLD).await;
    server.advance(Duration::minutes(15)).await;
    server
        .confirm_deletion(&link)
        .await
        .refused(400, "OTP_ERROR");
    let disabled = doc! { "status": "disabled" };
    let rows = server.app.store.raw("patients_v2");
    assert_eq!(rows.count_documents(disabled).await.unwrap(), 0);
}
