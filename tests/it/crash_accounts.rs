//! A crash between the writes of an administrator's change or of a new password does no harm (LIFE-2). The sweeper
//! finishes the change, and no session of the old password stays valid.

use bson::doc;
use chrono::Duration;
use identity::{
    accounts::CREATE_STEPS, admin::account_status::DELETE_STEPS, maintenance, password::reset,
};
use serde_json::json;

use crate::harness::{Answer, PASSWORD, Person, TestServer, ThreadLog, invitation};

const NEW: &str = "another long password";

/// Runs the sweeper some time after the crash.
async fn sweep(server: &TestServer) {
    server.advance(Duration::seconds(36)).await;
    maintenance::tick(&server.app).await.unwrap();
    let left = server.app.store.unfinished();
    assert!(left.list(server.clock.now()).await.unwrap().is_empty());
}

async fn states_of(server: &TestServer, owner: &str) -> Vec<String> {
    let rows = server.stored("identifiers").await;
    let his = rows
        .iter()
        .filter(|row| row.get_str("owner").unwrap() == owner);
    let mut states: Vec<String> = his
        .map(|row| {
            format!(
                "{} {}",
                row.get_str("_id").unwrap(),
                row.get_str("state").unwrap()
            )
        })
        .collect();
    states.sort();
    states
}

#[tokio::test]
async fn the_sweeper_finishes_an_interrupted_deletion() {
    for step in DELETE_STEPS {
        let server = TestServer::start().await;
        let admin = server.admin("boss").await;
        let jane = server.patient("jane").await;
        let id = jane.text("user_id");
        server.fail_point.arm(step);
        let path = format!("/admin/users/{id}");
        let cut_off = server.delete_as(&admin.token, &path).await;
        cut_off.refused(500, "INTERNAL_ERROR");
        sweep(&server).await;
        let login = server.login("jane", PASSWORD).await;
        if step == DELETE_STEPS[0] {
            login.expect(200); // The account was not changed before the crash.
            continue;
        }
        login.refused(401, "AUTH_FAILED");
        let me = server.get_as(&jane.token(), "/users/me").await;
        me.refused(401, "SESSION_ERROR");
        assert_eq!(
            states_of(&server, &id).await,
            [format!("user_id:{id} retired")],
            "{step}"
        );
        assert_eq!(server.accounts_stored().await, 1, "{step}");
        server.patient("jane").await;
    }
}

#[tokio::test]
async fn the_sweeper_does_not_touch_a_running_deletion() {
    let server = TestServer::start().await;
    let admin = server.admin("boss").await;
    let id = server.patient("jane").await.text("user_id");
    server.fail_point.arm("delete:account");
    let path = format!("/admin/users/{id}");
    server.delete_as(&admin.token, &path).await.expect(500);
    server.advance(Duration::seconds(34)).await;
    maintenance::tick(&server.app).await.unwrap();
    assert_eq!(server.accounts_stored().await, 2);
}

async fn invite(server: &TestServer, admin: &Person) -> Answer {
    let mut dana = invitation("dana", "staff");
    dana["username"] = json!("dana");
    server.post_as(&admin.token, "/admin/users", dana).await
}

#[tokio::test]
async fn an_interrupted_invitation_is_finished_or_frees_its_names() {
    for step in CREATE_STEPS {
        let server = TestServer::start().await;
        let admin = server.admin("boss").await;
        server.fail_point.arm(step);
        let cut_off = invite(&server, &admin).await;
        cut_off.refused(500, "INTERNAL_ERROR");
        sweep(&server).await;
        if server.accounts_stored().await == 1 {
            let again = invite(&server, &admin).await.expect(200);
            assert_eq!(states_of(&server, &again.text("user_id")).await.len(), 3);
            continue;
        }
        assert_eq!(server.accounts_stored().await, 2, "{step}");
        let found = server
            .get_as(&admin.token, "/admin/users?user_type=staff")
            .await;
        let id = found.body["users"][0]["user_id"]
            .as_str()
            .unwrap()
            .to_owned();
        let states = states_of(&server, &id).await;
        assert!(
            states.iter().all(|state| state.ends_with(" active")),
            "{step}: {states:?}"
        );
        // The invitation was not sent yet, so an administrator sends it.
        let path = format!("/admin/users/{id}/reset-password");
        server.call_as(&admin.token, &path).await.expect(200);
        let token = server.link_token_for("dana@example.org").await;
        server.accept("dana@example.org", &token).await;
    }
}

#[tokio::test]
async fn a_name_taken_before_the_sweeper_is_logged() {
    let server = TestServer::start().await;
    let admin = server.admin("boss").await;
    server.fail_point.arm("create:names");
    invite(&server, &admin).await.expect(500);
    let dana = &server.stored("staff_v2").await[1];
    server.advance(Duration::minutes(6)).await; // The outage is long.
    let other = server.register_at("other@example.org", "dana").await;
    other.expect(200);
    let log = ThreadLog::start();
    sweep(&server).await;
    let log = log.text();
    let line = log.lines().find(|line| line.contains("ERROR")).unwrap();
    assert!(line.contains("stands without a name"), "{line}");
    assert!(line.contains(dana.get_str("user_id").unwrap()), "{line}");
    assert!(line.contains("kind=\"username\""), "{line}");
}

#[tokio::test]
async fn an_unreserved_address_of_an_account_is_refused() {
    let server = TestServer::start().await;
    let admin = server.admin("boss").await;
    invite(&server, &admin).await.expect(200);
    let names = server.app.store.raw("identifiers");
    names
        .delete_many(bson::doc! { "_id": "email:dana@example.org" })
        .await
        .unwrap();
    invite(&server, &admin).await.refused(409, "USER_EXISTS");
    sweep(&server).await;
    assert_eq!(server.accounts_stored().await, 2);
    assert!(
        server
            .app
            .store
            .identifiers()
            .find("email:dana@example.org")
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn an_interrupted_reset_leaves_no_session_of_the_old_password() {
    for step in reset::STEPS {
        let server = TestServer::start().await;
        let earlier_login = server.patient("jane").await;
        server.forgot("jane@example.org").await.expect(200);
        let token = server.link_token_for("jane@example.org").await;
        server.fail_point.arm(step);
        server.reset_by_link(&token, NEW).await.expect(500);
        let is_new = step == "reset:rest";
        let (right, wrong) = if is_new {
            (NEW, PASSWORD)
        } else {
            (PASSWORD, NEW)
        };
        let me = server.get_as(&earlier_login.token(), "/users/me").await;
        if is_new {
            me.refused(401, "SESSION_ERROR"); // RST-4
            assert_eq!(
                server
                    .mails_with_subject("jane@example.org", "Your password was reset")
                    .await,
                1
            );
        }
        server
            .login("jane", wrong)
            .await
            .refused(401, "AUTH_FAILED");
        server.login("jane", right).await.expect(200);
        server.advance(Duration::minutes(2)).await;
        server.forgot("jane@example.org").await.expect(200);
        let token = server.link_token_for("jane@example.org").await;
        server
            .reset_by_link(&token, "yet another password")
            .await
            .expect(200);
        server
            .login("jane", "yet another password")
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn an_interrupted_password_change_leaves_no_other_session() {
    let server = TestServer::start().await;
    let earlier_login = server.patient("jane").await;
    let here = server.login("jane", PASSWORD).await.expect(200);
    server.fail_point.arm("change-password:rest");
    let body = json!({ "current_password": PASSWORD, "new_password": NEW });
    let cut_off = server
        .post_as(&here.token(), "/auth/change-password", body)
        .await;
    cut_off.expect(500);
    let me = server.get_as(&earlier_login.token(), "/users/me").await;
    me.refused(401, "SESSION_ERROR"); // PW-7
    server.get_as(&here.token(), "/users/me").await.expect(200);
    server.login("jane", NEW).await.expect(200);
}

#[tokio::test]
async fn an_interrupted_password_change_is_mailed_to_its_owner() {
    let server = TestServer::start().await;
    let jane = server.patient("jane").await;
    server.fail_point.arm("change-password:rest");
    let cut_off = server.change_password(&jane.token(), PASSWORD, NEW).await;
    cut_off.expect(500);
    server.login("jane", NEW).await.expect(200);
    let mails = server.mails_with_subject("jane@example.org", "Your password was changed");
    assert_eq!(mails.await, 1); // PW-7
}

#[tokio::test]
async fn sessions_left_by_an_interrupted_disabling_stay_revoked() {
    let server = TestServer::start().await;
    let admin = server.admin("boss").await;
    let jane = server.patient("jane").await;
    let id = jane.text("user_id");
    server
        .set_stored_account(&id, doc! { "status": "disabled" })
        .await; // The state after a crash before the sessions are revoked.
    let path = format!("/admin/users/{id}");
    let enabled = server
        .patch_as(&admin.token, &path, json!({ "status": "active" }))
        .await;
    enabled.expect(200);
    let me = server.get_as(&jane.token(), "/users/me").await;
    me.refused(401, "SESSION_ERROR");
    server.login("jane", PASSWORD).await.expect(200);
}
