//! When the tries of a day are used up: who is shut out, and who is told (OTP-4).

use super::codes::{JANE, NEW, eager, spend_the_day};
use crate::harness::TestServer;

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
