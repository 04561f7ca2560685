//! When the tries of a day are used up: who is shut out, and who is told (OTP-4).

use super::codes::{JANE, NEW, eager, spend_the_day};
use crate::harness::{TestServer, wrong_code};

#[tokio::test]
async fn the_owner_is_told_whoever_used_up_the_tries_and_however() {
    let token = "x".repeat(43);
    for registered in [true, false] {
        let server = TestServer::start_with(eager).await; // OTP-4
        let strange = async || {
            for _ in 0..25 {
                let wrong = server.verify_with(&token, JANE, "000000").await;
                wrong.refused(400, "OTP_ERROR");
            }
        };
        if !registered {
            strange().await;
        }
        server.register("jane").await.expect(200);
        let otp = server.code_for(JANE).await;
        if registered {
            strange().await;
        }
        server.verify(JANE, &otp).await.refused(400, "OTP_ERROR");
        server.verify(JANE, &otp).await.refused(400, "OTP_ERROR");
        assert_eq!(server.mails_saying(JANE, "Too many wrong codes").await, 1);
    }
}

#[tokio::test]
async fn twenty_wrong_tries_a_day_close_the_code_path_on_every_instance_and_the_owner_is_told() {
    let server = TestServer::start_with(eager).await; // OTP-4
    server.patient("jane").await;
    spend_the_day(&server).await;
    server.forgot(JANE).await.expect(200);
    let (otp, link) = (
        server.code_for(JANE).await,
        server.link_token_for(JANE).await,
    );
    let restarted = server.another_with(eager).await;
    restarted
        .reset_by_code(JANE, &otp, NEW)
        .await
        .refused(400, "OTP_ERROR");
    assert_eq!(server.mails_saying(JANE, "Too many wrong codes").await, 1);
    // RST-6, OTP-4: the owner is not shut out.
    server.reset_by_link(&link, NEW).await.expect(200);
    server.login("jane", NEW).await.expect(200);
}

#[tokio::test]
async fn own_registrations_of_an_address_buy_no_more_than_forty_guesses_a_day() {
    let server = TestServer::start_with(eager).await; // OTP-11
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
    assert!(opens(&server, JANE, "three").await.is_err());
    assert!(opens(&server, "other@example.org", "four").await.is_ok());
    assert_eq!(server.mails_saying(JANE, "Too many wrong codes").await, 1);
    server.advance(chrono::Duration::hours(24)).await;
    assert!(opens(&server, JANE, "five").await.is_ok());
}

#[tokio::test]
async fn tokens_that_nobody_has_use_up_no_guesses_of_those_that_somebody_has() {
    let server = TestServer::start_with(eager).await; // OTP-4, OTP-11
    for _ in 0..60 {
        let junk = server.verify_with(&"x".repeat(43), JANE, "000000").await;
        junk.refused(400, "OTP_ERROR");
    }
    assert!(opens(&server, JANE, "jane").await.is_ok());
}

/// Whether the right code with the right token opens a new registration.
async fn opens(server: &TestServer, email: &str, name: &str) -> Result<(), u16> {
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
