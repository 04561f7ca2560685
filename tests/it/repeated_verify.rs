//! A repeated code gets 200 for ten minutes and finishes an interrupted verification (REG-4, REG-5).

use bson::doc;
use chrono::Duration;
use futures_util::future::join_all;
use identity::{maintenance, verification::STEPS};
use serde_json::json;

use crate::harness::{Answer, PASSWORD, TestServer, wrong_code};

const JANE: &str = "jane@example.org";
const NEW: &str = "another good passphrase";

/// Registers Jane. Returns her registration token and her code.
async fn registered(server: &TestServer) -> (String, String) {
    let token = server.register("jane").await.expect(200);
    (
        token.text("registration_token"),
        server.code_for(JANE).await,
    )
}

/// Enters the code, with the registration token or without it.
async fn verify(server: &TestServer, token: Option<&str>, otp: &str) -> Answer {
    match token {
        Some(token) => server.verify_with(token, JANE, otp).await,
        None => server.verify(JANE, otp).await,
    }
}

/// Fails unless exactly one account exists, Jane can log in, and no pending registration is left.
async fn check_complete(server: &TestServer, step: &str) {
    assert!(server.stored("pending_users").await.is_empty(), "{step}");
    let identifiers = server.stored("identifiers").await;
    assert_eq!(identifiers.len(), 3, "{step}");
    let active = |row: &bson::Document| row.get_str("state").unwrap() == "active";
    assert!(identifiers.iter().all(active), "{step}");
    assert_eq!(server.accounts_stored().await, 1, "{step}");
    let login = server.login("jane", PASSWORD).await.expect(200);
    assert_eq!(login.text("username"), "jane");
}

#[tokio::test]
async fn a_repeated_verify_is_answered_like_the_first() {
    for with_token in [true, false] {
        let server = TestServer::start().await;
        let (token, otp) = registered(&server).await;
        let token = with_token.then_some(token.as_str());
        let first = verify(&server, token, &otp).await.expect(200);
        let again = verify(&server, token, &otp).await.expect(200);
        for field in ["user_id", "user_type", "status", "username", "full_name"] {
            assert_eq!(first.text(field), again.text(field));
        }
        assert!(again.text("message").contains("verified"));
        for field in ["access_token", "refresh_token", "session_id", "expires_in"] {
            assert_eq!(again.body.get(field).is_some(), with_token, "{field}");
        }
        if with_token {
            server.get_as(&again.token(), "/users/me").await.expect(200);
        }
        check_complete(&server, "").await;
    }
}

#[tokio::test]
async fn a_used_code_is_refused_after_ten_minutes() {
    let server = TestServer::start().await;
    let (token, otp) = registered(&server).await;
    server.advance(Duration::minutes(9)).await;
    server.verify_with(&token, JANE, &otp).await.expect(200);
    server.advance(Duration::milliseconds(599_999)).await; // An unused code would have expired already.
    server.verify_with(&token, JANE, &otp).await.expect(200);
    server.advance(Duration::milliseconds(1)).await;
    for answer in [
        server.verify_with(&token, JANE, &otp).await,
        server.verify(JANE, &otp).await,
    ] {
        answer.refused(400, "OTP_ERROR");
    }
}

#[tokio::test]
async fn a_repeated_code_finishes_an_interrupted_verification() {
    for step in STEPS {
        for (token_first, token_again) in
            [(true, true), (true, false), (false, true), (false, false)]
        {
            let server = TestServer::start().await;
            let (token, otp) = registered(&server).await;
            server.fail_point.arm(step);
            let first = verify(&server, token_first.then_some(token.as_str()), &otp).await;
            first.refused(500, "INTERNAL_ERROR");
            let again = verify(&server, token_again.then_some(token.as_str()), &otp).await;
            assert_eq!(again.status, 200, "{step}: {}", again.raw);
            assert_eq!(again.text("status"), "verified");
            if token_again {
                server.get_as(&again.token(), "/users/me").await.expect(200);
            }
            check_complete(&server, step).await;
            maintenance::tick(&server.app).await.unwrap();
            server.advance(Duration::seconds(36)).await;
            maintenance::tick(&server.app).await.unwrap();
            check_complete(&server, step).await;
        }
    }
}

#[tokio::test]
async fn another_instance_finishes_only_with_the_right_code() {
    for step in &STEPS[1..] {
        let crashed = TestServer::start().await;
        let (token, otp) = registered(&crashed).await;
        crashed.fail_point.arm(step);
        crashed.verify_with(&token, JANE, &otp).await.expect(500);
        let server = crashed.another().await;
        let wrong = server.verify_with(&token, JANE, &wrong_code(&otp, 1)).await;
        wrong.refused(400, "OTP_ERROR");
        server.verify_with(&token, JANE, &otp).await.expect(200);
        check_complete(&server, step).await;
    }
}

#[tokio::test]
async fn the_sweeper_finishes_an_interrupted_verification() {
    for step in &STEPS[1..] {
        let server = TestServer::start().await;
        let (token, otp) = registered(&server).await;
        server.fail_point.arm(step);
        server.verify_with(&token, JANE, &otp).await.expect(500);
        server.advance(Duration::seconds(36)).await;
        maintenance::tick(&server.app).await.unwrap();
        check_complete(&server, step).await;
    }
}

#[tokio::test]
async fn a_code_used_in_the_last_second_still_makes_the_account() {
    for again in [true, false] {
        let server = TestServer::start().await;
        let (token, _) = registered(&server).await;
        server.advance(Duration::minutes(25)).await;
        server.send_otp(JANE).await.expect(200);
        let otp = server.code_for(JANE).await;
        server.advance(Duration::seconds(299)).await;
        server.fail_point.arm("verify:begin");
        server.verify_with(&token, JANE, &otp).await.expect(500);
        server.advance(Duration::seconds(36)).await;
        if again {
            server.verify_with(&token, JANE, &otp).await.expect(200);
        } else {
            maintenance::tick(&server.app).await.unwrap();
        }
        check_complete(&server, "").await;
    }
}

#[tokio::test]
async fn a_new_code_does_not_revoke_a_used_one() {
    let server = TestServer::start().await;
    let (token, otp) = registered(&server).await;
    server.fail_point.arm("verify:begin");
    server.verify_with(&token, JANE, &otp).await.expect(500);
    server.advance(Duration::minutes(2)).await;
    server.send_otp(JANE).await.expect(200); // a stranger can request it too
    server.deliver().await;
    server.verify_with(&token, JANE, &otp).await.expect(200);
    check_complete(&server, "").await;
}

#[tokio::test]
async fn a_used_code_has_as_many_tries_as_a_new_one() {
    for with_token in [true, false] {
        let server = TestServer::start().await;
        let (token, otp) = registered(&server).await;
        let token = with_token.then_some(token.as_str());
        verify(&server, token, &otp).await.expect(200);
        for n in 0..5 {
            let wrong = verify(&server, token, &wrong_code(&otp, n)).await;
            wrong.refused(400, "OTP_ERROR");
        }
        verify(&server, token, &otp).await.refused(400, "OTP_ERROR");
    }
}

#[tokio::test]
async fn repeats_of_the_right_code_spend_no_try() {
    let server = TestServer::start().await;
    let (token, otp) = registered(&server).await;
    for n in 0..12 {
        let token = (n % 2 == 0).then_some(token.as_str());
        verify(&server, token, &otp).await.expect(200);
    }
    let tries = server.stored("otp_codes").await[0].get_i32("attempts");
    assert_eq!(tries.unwrap(), 0);
}

#[tokio::test]
async fn a_reset_password_stops_logins_by_a_repeated_code() {
    let server = TestServer::start().await; // RST-4
    let (token, otp) = registered(&server).await;
    server.verify_with(&token, JANE, &otp).await.expect(200);
    server.advance(Duration::seconds(61)).await;
    server.forgot(JANE).await.expect(200);
    let reset = server.code_for(JANE).await;
    server.reset_by_code(JANE, &reset, NEW).await.expect(200);
    let again = server.verify_with(&token, JANE, &otp).await;
    assert_eq!(again.body.get("access_token"), None, "{}", again.raw);
    server.login("jane", NEW).await.expect(200);
}

#[tokio::test]
async fn a_repeated_code_does_not_restore_a_deleted_account() {
    let server = TestServer::start().await;
    let admin = server.admin("boss").await;
    let (token, otp) = registered(&server).await;
    let jane = server.verify_with(&token, JANE, &otp).await.expect(200);
    let path = format!("/admin/users/{}", jane.text("user_id"));
    server.delete_as(&admin.token, &path).await.expect(200);
    let again = server.verify_with(&token, JANE, &otp).await;
    again.refused(400, "OTP_ERROR");
    assert_eq!(server.stored("patients_v2").await.len(), 0);
}

#[tokio::test]
async fn a_repeated_code_gives_a_disabled_account_no_tokens() {
    let server = TestServer::start().await;
    let (token, otp) = registered(&server).await;
    let jane = server.verify_with(&token, JANE, &otp).await.expect(200);
    server
        .set_stored_account(&jane.text("user_id"), doc! { "status": "disabled" })
        .await;
    let again = server.verify_with(&token, JANE, &otp).await;
    assert_eq!(again.body.get("access_token"), None, "{}", again.raw);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_code_repeated_at_once_after_a_crash_makes_one_account() {
    for step in &STEPS[1..] {
        let one = TestServer::start().await;
        let other = one.another().await;
        let (token, otp) = registered(&one).await;
        one.fail_point.arm(step);
        one.verify_with(&token, JANE, &otp).await.expect(500);
        let servers = [&one, &other];
        let proof = json!({ "email": JANE, "otp": otp, "registration_token": token });
        let again = |n: usize| servers[n % 2].post("/auth/verify-otp", proof.clone());
        let answers = join_all((0..8).map(again)).await;
        for answer in &answers {
            assert!(
                [200, 400].contains(&answer.status),
                "{step}: {}",
                answer.raw
            );
        }
        assert!(answers.iter().any(|answer| answer.status == 200), "{step}");
        other.verify_with(&token, JANE, &otp).await.expect(200);
        check_complete(&one, step).await;
    }
}

// REG-5
#[tokio::test]
async fn four_uses_of_a_code_at_once_are_all_answered() {
    let one = TestServer::start().await;
    let other = one.another().await;
    let (token, otp) = registered(&one).await;
    let servers = [&one, &other];
    let uses = (0..4).map(|n: usize| servers[n % 2].verify_with(&token, JANE, &otp));
    for answer in join_all(uses).await {
        answer.expect(200);
    }
    check_complete(&one, "at once").await;
}

#[tokio::test]
async fn wrong_tries_before_a_verify_do_not_block_its_repeats() {
    let server = TestServer::start().await;
    let (token, otp) = registered(&server).await;
    for number in 1..5 {
        let wrong = wrong_code(&otp, number);
        let refused = server.verify_with(&token, JANE, &wrong).await;
        refused.refused(400, "OTP_ERROR");
    }
    for _ in 0..4 {
        let right = server.verify_with(&token, JANE, &otp).await;
        right.expect(200);
    }
}

#[tokio::test]
async fn a_repeated_code_does_not_log_in_after_a_logout() {
    for path in ["/auth/logout", "/auth/logout-all", "/auth/change-password"] {
        let server = TestServer::start().await;
        let (token, otp) = registered(&server).await;
        let first = server.verify_with(&token, JANE, &otp).await.expect(200);
        let body = json!({ "current_password": PASSWORD, "new_password": NEW });
        let body = if path.ends_with("password") {
            body
        } else {
            json!({})
        };
        server.advance(Duration::seconds(1)).await;
        let done = server.post_as(&first.token(), path, body).await;
        done.expect(200);
        let again = server.verify_with(&token, JANE, &otp).await.expect(200);
        assert_eq!(again.text("status"), "verified");
        assert_eq!(again.body.get("access_token"), None, "{path}");
    }
}
