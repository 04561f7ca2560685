//! An earlier version wrote locks into `throttles`. After the upgrade they hold on the accounts (LCK-1, LCK-7).

use bson::{Document, doc};
use chrono::Duration;
use serde_json::json;

use crate::harness::{PASSWORD, TestServer};

const NEW: &str = "another long secret";

/// Writes a lock as the earlier version did. It ends in `locked_for` seconds.
async fn insert_older_lock(server: &TestServer, user_id: &str, total: i32, locked_for: i64) {
    let now = server.clock.now();
    let date = bson::DateTime::from_chrono;
    let row: Document = doc! {
        "_id": format!("lock:{user_id}"), "failures": 5, "total": total, "locks": total / 5,
        "window_ends_at": date(now + Duration::minutes(10)),
        "locked_until": date(now + Duration::seconds(locked_for)),
        "expires_at": date(now + Duration::days(30)),
    };
    let throttles = server.app.store.raw("throttles");
    throttles.insert_one(row).await.unwrap();
}

#[tokio::test]
async fn a_lock_of_an_earlier_version_holds_and_ends() {
    let server = TestServer::start().await;
    let id = server.patient("jane").await.text("user_id");
    insert_older_lock(&server, &id, 10, 90).await;
    let upgraded = server.another().await;
    let locked = upgraded.login("jane", PASSWORD).await;
    locked.refused(429, "RATE_LIMIT");
    assert_eq!(locked.headers["retry-after"], "90");
    server.advance(Duration::seconds(90)).await;
    for _ in 0..5 {
        upgraded.login("jane", "wrong").await.expect(401);
    }
    // This is the third lock of the account.
    let locked = upgraded.login("jane", "wrong").await;
    assert_eq!(locked.headers["retry-after"], "240");
}

#[tokio::test]
async fn a_hard_limit_of_an_earlier_version_holds_until_a_reset() {
    let server = TestServer::start().await;
    let id = server.patient("jane").await.text("user_id");
    insert_older_lock(&server, &id, 100, 900).await;
    let upgraded = server.another().await;
    server.advance(Duration::days(1)).await;
    let locked = upgraded.login("jane", PASSWORD).await;
    locked.refused(429, "RATE_LIMIT");
    upgraded.forgot("jane@example.org").await.expect(200);
    let token = upgraded.link_token_for("jane@example.org").await;
    let reset = json!({ "token": token, "new_password": NEW, "confirm_password": NEW });
    upgraded
        .post("/auth/reset-password", reset)
        .await
        .expect(200);
    // The next start does not restore the lock.
    let restarted = server.another().await;
    restarted.login("jane", NEW).await.expect(200);
}

#[tokio::test]
async fn locks_of_names_without_an_account_hold_after_an_upgrade() {
    let server = TestServer::start().await;
    for _ in 0..5 {
        server.login("nobody", "wrong").await.expect(401);
    }
    for _ in 0..2 {
        let upgraded = server.another().await;
        let locked = upgraded.login("nobody", "wrong").await;
        locked.refused(429, "RATE_LIMIT");
        assert_eq!(locked.headers["retry-after"], "60");
    }
}

#[tokio::test]
async fn one_instance_at_a_time_moves_the_locks() {
    let server = TestServer::start().await;
    let id = server.patient("jane").await.text("user_id");
    insert_older_lock(&server, &id, 10, 90).await;
    let lease = doc! {
        "_id": "lease:lockouts", "holder": "another",
        "expires_at": bson::DateTime::from_chrono(server.clock.now() + Duration::seconds(30)),
    };
    let throttles = server.app.store.raw("throttles");
    throttles.insert_one(lease).await.unwrap();
    let prepare = || identity::startup::prepare(&server.app);
    prepare().await.unwrap();
    assert!(!server.stored_account(&id).await.contains_key("lockout"));
    server.advance(Duration::seconds(31)).await;
    prepare().await.unwrap();
    assert!(server.stored_account(&id).await.contains_key("lockout"));
}
