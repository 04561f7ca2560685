//! The counts of accounts, registrations, logins and sessions.

use chrono::Duration;
use serde_json::json;

use super::clinic;
use crate::harness::{PASSWORD, TestServer};

const STATUS: &str = "/admin/collections-status";

#[tokio::test]
async fn collections_are_counted_under_their_configured_names() {
    let server = TestServer::start_with(|settings| {
        "people".clone_into(&mut settings.config.database.collections.identity.patients);
    })
    .await;
    let admin = server.admin("boss").await;
    let staff = server.staff(&admin, "desk").await;
    server.patient("jane").await;
    server.doctor("house").await;
    server.register("new").await.expect(200);
    let answer = server.get_as(&staff.token, STATUS).await.expect(200);
    let collections = answer.body["collections"].as_object().unwrap();
    assert_eq!(collections.len(), 19);
    for (name, count) in [
        ("people", 1),
        ("doctor_v2", 1),
        ("staff_v2", 2),
        ("user_sessions", 4),
    ] {
        assert_eq!(collections[name]["count"], json!(count), "{name}");
        assert!(
            !collections[name]["description"]
                .as_str()
                .unwrap()
                .is_empty()
        );
    }
    assert_eq!(answer.body["total_verified_users"], 4);
    assert_eq!(answer.body["active_sessions"], 4);
    assert_eq!(
        answer.text("timestamp"),
        kernel::clock::rfc3339(server.clock.now())
    );
}

#[tokio::test]
async fn pending_and_expired_registrations_are_counted_apart() {
    let (server, admin) = clinic().await;
    server.register("early").await.expect(200);
    server.advance(Duration::minutes(29)).await;
    server.register("late").await.expect(200);
    server.advance(Duration::minutes(1)).await;
    let admin = server.logged_in(&admin.email).await;
    let answer = server.get_as(&admin.token, STATUS).await.expect(200);
    let pending = &answer.body["collections"]["pending_users"];
    let counts =
        ["total_count", "active_count", "expired_count"].map(|name| pending[name].as_u64());
    assert_eq!(counts, [Some(2), Some(1), Some(1)]);
}

#[tokio::test]
async fn failed_logins_count_for_an_hour_and_ended_sessions_do_not() {
    let (server, admin) = clinic().await;
    let jane = server.patient("jane").await.token();
    server.call_as(&jane, "/auth/logout").await.expect(200);
    for name in ["jane", "nobody", "jane"] {
        server
            .login(name, "a wrong password")
            .await
            .refused(401, "AUTH_FAILED");
    }
    let answer = server.get_as(&admin.token, STATUS).await.expect(200);
    assert_eq!(
        (
            &answer.body["failed_logins_last_hour"],
            &answer.body["active_sessions"]
        ),
        (&json!(3), &json!(1))
    );
    server.advance(Duration::minutes(61)).await;
    let admin = server.login(&admin.email, PASSWORD).await.token();
    let answer = server.get_as(&admin, STATUS).await.expect(200);
    assert_eq!(answer.body["failed_logins_last_hour"], 0);
}

#[tokio::test]
async fn an_invited_account_is_not_counted_as_verified() {
    let (server, admin) = clinic().await;
    let invitation = crate::harness::invitation("dana", "staff");
    server
        .post_as(&admin.token, "/admin/users", invitation)
        .await
        .expect(200);
    let answer = server.get_as(&admin.token, STATUS).await.expect(200);
    assert_eq!(answer.body["total_verified_users"], 1);
    assert_eq!(answer.body["collections"]["staff_v2"]["count"], 2);
}
