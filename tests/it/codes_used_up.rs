//! When the tries of a day are used up: which paths are locked, and who is notified (OTP-4).

use super::codes::{JANE, NEW, spend_the_day, without_request_limits};
use crate::harness::{TestServer, wrong_code};

#[tokio::test]
async fn the_owner_is_notified_when_all_tries_are_used_up() {
    let token = "x".repeat(43);
    for registered in [true, false] {
        let server = TestServer::start_with(without_request_limits).await; // OTP-4
        let invented = async || {
            for _ in 0..25 {
                let wrong = server.verify_with(&token, JANE, "000000").await;
                wrong.refused(400, "OTP_ERROR");
            }
        };
        if !registered {
            invented().await;
        }
        server.register("jane").await.expect(200);
        let otp = server.code_for(JANE).await;
        if registered {
            invented().await;
        }
        server.verify(JANE, &otp).await.refused(400, "OTP_ERROR");
        server.verify(JANE, &otp).await.refused(400, "OTP_ERROR");
        assert_eq!(
            server
                .mails_with_subject(JANE, "Too many wrong codes")
                .await,
            1
        );
    }
}

#[tokio::test]
async fn twenty_wrong_codes_a_day_lock_the_code_path_everywhere() {
    let server = TestServer::start_with(without_request_limits).await; // OTP-4
    server.patient("jane").await;
    spend_the_day(&server).await;
    server.forgot(JANE).await.expect(200);
    let (otp, link) = (
        server.code_for(JANE).await,
        server.link_token_for(JANE).await,
    );
    let restarted = server.another_with(without_request_limits).await;
    restarted
        .reset_by_code(JANE, &otp, NEW)
        .await
        .refused(400, "OTP_ERROR");
    assert_eq!(
        server
            .mails_with_subject(JANE, "Too many wrong codes")
            .await,
        1
    );
    // The owner can still use the link (RST-6, OTP-4).
    server.reset_by_link(&link, NEW).await.expect(200);
    server.login("jane", NEW).await.expect(200);
}

#[tokio::test]
async fn more_registrations_give_no_more_than_forty_guesses_a_day() {
    let server = TestServer::start_with(without_request_limits).await; // OTP-11
    for name in ["one", "two"] {
        let token = server.register_at(JANE, name).await.expect(200);
        let token = token.text("registration_token");
        for _ in 0..4 {
            server.send_otp(JANE).await.expect(200);
            let otp = server.code_for(JANE).await;
            for n in 0..5 {
                let wrong = wrong_code(&otp, 1000 + n);
                let refused = server.verify_with(&token, JANE, &wrong).await;
                refused.refused(400, "OTP_ERROR");
            }
        }
    }
    assert!(can_register(&server, JANE, "three").await.is_err());
    assert!(
        can_register(&server, "other@example.org", "four")
            .await
            .is_ok()
    );
    assert_eq!(
        server
            .mails_with_subject(JANE, "Too many wrong codes")
            .await,
        1
    );
    server.advance(chrono::Duration::hours(24)).await;
    assert!(can_register(&server, JANE, "five").await.is_ok());
}

#[tokio::test]
async fn invented_tokens_use_up_no_tries_of_real_ones() {
    let server = TestServer::start_with(without_request_limits).await; // OTP-4, OTP-11
    for _ in 0..60 {
        let junk = server.verify_with(&"x".repeat(43), JANE, "000000").await;
        junk.refused(400, "OTP_ERROR");
    }
    assert!(can_register(&server, JANE, "jane").await.is_ok());
}

/// Whether the right code with the right token completes a new registration. The error is the status.
async fn can_register(server: &TestServer, email: &str, name: &str) -> Result<(), u16> {
    let token = server.register_at(email, name).await.expect(200);
    let otp = server.code_for(email).await;
    let token = token.text("registration_token");
    let answer = server.verify_with(&token, email, &otp).await;
    if answer.status == 200 {
        Ok(())
    } else {
        Err(answer.status)
    }
}
