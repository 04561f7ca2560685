//! A crash before any step of verify leaves what the next try, or the sweeper, finishes (REG-4, LIFE-2).

use chrono::Duration;
use clinic_auth::service::{maintenance, verification::STEPS};
use futures_util::future::join;

use crate::harness::{PASSWORD, TestServer};

const JANE: &str = "jane@example.org";

/// Jane's verify was cut off before `step`: the instance where that happened, which is asked nothing any more but holds
/// the embedded store; the one that was started then; her token and code.
async fn cut_off_before(step: &str) -> (TestServer, TestServer, [String; 2]) {
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

/// The sweeper comes by, twice, a while after whatever happened.
async fn sweep(server: &TestServer) {
    for _ in 0..2 {
        server.advance(Duration::seconds(36)).await;
        maintenance::tick(&server.app).await.unwrap();
    }
}

/// There is one account, it is jane's, she can log in, and nothing is left over.
async fn jane_has_the_only_account(server: &TestServer) {
    let login = server.login(JANE, PASSWORD).await.expect(200);
    assert_eq!(login.text("username"), "jane");
    assert_eq!(server.accounts_stored().await, 1);
    assert!(server.stored("pending_users").await.is_empty());
    let codes = server.stored("otp_codes").await;
    assert!(codes.iter().all(|code| code.contains_key("used_at"))); // It may come again for a while (REG-5).
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
async fn a_verify_that_is_cut_off_before_any_step_ends_in_one_account() {
    for step in STEPS {
        let (_crashed, server, [token, otp]) = cut_off_before(step).await;
        let again = server.verify_with(&token, JANE, &otp).await;
        assert_eq!(again.status, 200, "{step}"); // REG-5
        sweep(&server).await;
        jane_has_the_only_account(&server).await;
    }
}

#[tokio::test]
async fn nobody_needs_to_come_back_for_a_verify_that_was_cut_off() {
    for step in &STEPS[1..] {
        let (_crashed, server, _) = cut_off_before(step).await;
        sweep(&server).await;
        jane_has_the_only_account(&server).await;
    }
}

#[tokio::test]
async fn two_sweepers_at_once_make_one_account() {
    for step in &STEPS[2..] {
        let (_crashed, server, _) = cut_off_before(step).await;
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
async fn a_sweep_leaves_requests_that_still_run_alone() {
    let (_crashed, server, _) = cut_off_before("verify:email").await;
    server.advance(Duration::seconds(34)).await;
    maintenance::tick(&server.app).await.unwrap();
    assert_eq!(server.accounts_stored().await, 0);
}

#[tokio::test]
async fn an_activation_is_finished_after_its_reservations_have_expired() {
    for step in &STEPS[2..] {
        let (_crashed, server, _) = cut_off_before(step).await;
        server.advance(Duration::hours(2)).await;
        sweep(&server).await;
        let login = server.login("jane", PASSWORD).await.expect(200);
        assert_eq!(login.text("username"), "jane");
        assert_eq!(server.accounts_stored().await, 1);
    }
}

#[tokio::test]
async fn whoever_registers_again_before_the_sweeper_comes_ends_with_one_account() {
    for step in ["verify:begin", "verify:email"] {
        let (_crashed, server, _) = cut_off_before(step).await;
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
async fn a_row_that_cannot_be_read_does_not_stop_maintenance() {
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
