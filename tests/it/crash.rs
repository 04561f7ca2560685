//! After a crash before any step of verify, the next try or the sweeper finishes the work (REG-4, LIFE-2).

use chrono::Duration;
use futures_util::future::join;
use identity::{maintenance, verification::STEPS};

use crate::harness::{PASSWORD, TestServer};

const JANE: &str = "jane@example.org";

/// Interrupts jane's verify before `step`. Returns the crashed instance, which only keeps the embedded store open, a
/// new instance, and her token and code.
async fn interrupted_before(step: &str) -> (TestServer, TestServer, [String; 2]) {
    let crashed = TestServer::start().await;
    crashed.register_at(JANE, "stranger").await.expect(200);
    let token = crashed.register("jane").await.expect(200);
    let token = token.text("registration_token");
    let otp = crashed.code_for(JANE).await;
    crashed.fail_point.arm(step);
    crashed
        .verify_with(&token, JANE, &otp)
        .await
        .refused(500, "INTERNAL_ERROR");
    let server = crashed.another().await;
    (crashed, server, [token, otp])
}

/// Runs the sweeper twice, some time after the crash.
async fn sweep(server: &TestServer) {
    for _ in 0..2 {
        server.advance(Duration::seconds(36)).await;
        maintenance::tick(&server.app).await.unwrap();
    }
}

/// Checks that there is only jane's account, that she can log in, and that nothing else is left.
async fn jane_has_the_only_account(server: &TestServer) {
    let login = server.login(JANE, PASSWORD).await.expect(200);
    assert_eq!(login.text("username"), "jane");
    assert_eq!(server.accounts_stored().await, 1);
    assert!(server.stored("pending_users").await.is_empty());
    let codes = server.stored("otp_codes").await;
    assert!(codes.iter().all(|code| code.contains_key("used_at"))); // A used code stays usable for a repeat (REG-5).
    let identifiers = server.stored("identifiers").await;
    assert_eq!(identifiers.len(), 3);
    assert!(
        identifiers
            .iter()
            .all(|row| row.get_str("state").unwrap() == "active")
    );
    server
        .register_at("stranger@example.org", "stranger")
        .await
        .expect(200);
}

#[tokio::test]
async fn a_verify_interrupted_at_any_step_ends_in_one_account() {
    for step in STEPS {
        let (_crashed, server, [token, otp]) = interrupted_before(step).await;
        let again = server.verify_with(&token, JANE, &otp).await;
        assert_eq!(again.status, 200, "{step}"); // REG-5
        sweep(&server).await;
        jane_has_the_only_account(&server).await;
    }
}

#[tokio::test]
async fn the_sweeper_finishes_an_interrupted_verify() {
    for step in &STEPS[1..] {
        let (_crashed, server, _) = interrupted_before(step).await;
        sweep(&server).await;
        jane_has_the_only_account(&server).await;
    }
}

#[tokio::test]
async fn two_parallel_sweepers_create_one_account() {
    for step in &STEPS[2..] {
        let (_crashed, server, _) = interrupted_before(step).await;
        let other = server.another().await;
        server.advance(Duration::seconds(36)).await;
        let sweeps = [&server, &other].map(|instance| Box::pin(maintenance::tick(&instance.app)));
        let [one, two] = sweeps;
        let (one, two) = join(one, two).await;
        one.and(two).unwrap();
        jane_has_the_only_account(&server).await;
    }
}

#[tokio::test]
async fn the_sweeper_does_not_touch_running_requests() {
    let (_crashed, server, _) = interrupted_before("verify:email").await;
    server.advance(Duration::seconds(34)).await;
    maintenance::tick(&server.app).await.unwrap();
    assert_eq!(server.accounts_stored().await, 0);
}

#[tokio::test]
async fn an_activation_with_expired_reservations_is_finished() {
    for step in &STEPS[2..] {
        let (_crashed, server, _) = interrupted_before(step).await;
        server.advance(Duration::hours(2)).await;
        sweep(&server).await;
        let login = server.login("jane", PASSWORD).await.expect(200);
        assert_eq!(login.text("username"), "jane");
        assert_eq!(server.accounts_stored().await, 1);
    }
}

#[tokio::test]
async fn registering_again_before_the_sweeper_gives_one_account() {
    for step in ["verify:begin", "verify:email"] {
        let (_crashed, server, _) = interrupted_before(step).await;
        let token = server
            .register_at(JANE, "jane2")
            .await
            .expect(200)
            .text("registration_token");
        let otp = server.code_for(JANE).await;
        server.verify_with(&token, JANE, &otp).await.expect(200);
        sweep(&server).await;
        assert_eq!(
            server
                .login(JANE, PASSWORD)
                .await
                .expect(200)
                .text("username"),
            "jane2"
        );
        assert_eq!(server.accounts_stored().await, 1);
        assert!(server.stored("pending_users").await.is_empty());
        server
            .register_at("other@example.org", "jane")
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn an_unreadable_row_does_not_stop_maintenance() {
    let server = TestServer::start().await;
    server.register("jane").await.expect(200);
    let unreadable = bson::doc! {
        "_id": "x", "activating_since": bson::DateTime::from_millis(0), "registration_digest": "x",
    };
    let pending = server.app.store.raw("pending_users");
    pending.insert_one(unreadable).await.unwrap();
    maintenance::tick(&server.app).await.unwrap();
    assert_eq!(server.app.metrics.mail_queue.get(), 1);
}
