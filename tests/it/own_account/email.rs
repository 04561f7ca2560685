//! Another e-mail address (SELF-1, SELF-2, SELF-4).

use chrono::Duration;

use super::{NEW, OLD};
use crate::harness::{PASSWORD, TestServer, wrong_code};

// SELF-1, SELF-4
#[tokio::test]
async fn the_old_address_holds_until_the_new_one_is_proven() {
    let server = TestServer::start().await;
    let other = server.another().await;
    let before = server.patient("jane").await;
    let jane = server.login("jane", PASSWORD).await.expect(200);
    other.get_as(&before.token(), "/users/me").await.expect(200);
    let asked = server
        .change_email(&jane.token(), "Jane.New@example.org")
        .await;
    asked.expect(200);
    assert_eq!(server.login_status(OLD).await, 200);
    assert_eq!(server.login_status(NEW).await, 401);
    let code = server.code_for(NEW).await;
    let wrong = server
        .confirm_email(&jane.token(), &wrong_code(&code, 0))
        .await;
    wrong.refused(400, "OTP_ERROR");
    assert_eq!(server.login_status(NEW).await, 401);
    let confirmed = server.confirm_email(&jane.token(), &code).await.expect(200);
    assert_eq!(confirmed.text("email"), "Jane.New@example.org");
    other.read_revocations().await;
    let me = other.get_as(&jane.token(), "/users/me").await.expect(200);
    assert_eq!(me.text("email"), "Jane.New@example.org");
    let ended = other.get_as(&before.token(), "/users/me").await;
    ended.refused(401, "SESSION_ERROR");
    assert_eq!(other.login_status(OLD).await, 401);
    assert_eq!(other.login_status(NEW).await, 200);
    let again = server.confirm_email(&jane.token(), &code).await;
    again.refused(400, "OTP_ERROR");
}

// SELF-1, SELF-5, SELF-7, MFA-16
#[tokio::test]
async fn ones_own_account_needs_a_fresh_proof() {
    let server = TestServer::start().await;
    let token = server.jane().await.token();
    server.advance(Duration::minutes(6)).await;
    let refused = [
        server.change_email(&token, NEW).await,
        server.ask_deletion(&token).await,
        server.call_as(&token, "/auth/export").await,
    ];
    for answer in refused {
        answer.refused(403, "REAUTH_REQUIRED");
    }
    for collection in ["email_changes", "account_deletions"] {
        assert!(server.stored(collection).await.is_empty(), "{collection}");
    }
}

// SELF-2, D1
#[tokio::test]
async fn a_taken_address_gets_the_same_answer_and_one_mail() {
    let server = TestServer::start().await;
    let token = server.jane().await.token();
    server.patient("owner").await;
    let subject = "Your e-mail address belongs to your account";
    let free = server.change_email(&token, NEW).await.expect(200);
    for _ in 0..2 {
        let answer = server.change_email(&token, "owner@example.org").await;
        assert_eq!(answer.expect(200).raw, free.raw);
        let notices = server.mails_with_subject("owner@example.org", subject);
        assert_eq!(notices.await, 1);
    }
    let confirmed = server.confirm_email(&token, "000000").await;
    confirmed.refused(400, "OTP_ERROR");
    server.advance(Duration::days(1)).await;
    let token = server.login("jane", PASSWORD).await.token();
    let answer = server.change_email(&token, "owner@example.org").await;
    answer.expect(200);
    let notices = server.mails_with_subject("owner@example.org", subject);
    assert_eq!(notices.await, 2);
}

// SELF-1
#[tokio::test]
async fn a_link_confirms_alone_unless_a_newer_change_replaced_it() {
    let server = TestServer::start().await;
    let token = server.jane().await.token();
    let path = "/auth/email/change/confirm";
    server.change_email(&token, NEW).await.expect(200);
    let older = server.link_token_for(NEW).await;
    server.change_email(&token, NEW).await.expect(200);
    let newer = server.link_token_for(NEW).await;
    let replaced = server.use_link(path, &older).await;
    replaced.refused(400, "OTP_ERROR");
    for other in [
        "/auth/email/change/undo",
        "/auth/account/delete/confirm",
        "/auth/account/delete/cancel",
    ] {
        let misused = server.use_link(other, &newer).await;
        misused.refused(400, "OTP_ERROR");
    }
    server.use_link(path, &newer).await.expect(200);
    assert_eq!(server.login_status(NEW).await, 200);
    server.get_as(&token, "/users/me").await.expect(200); // It asked.
}

// SELF-1, OTP-3, OTP-9
#[tokio::test]
async fn wrong_codes_and_time_end_a_change() {
    let server = TestServer::start().await;
    let token = server.jane().await.token();
    server.change_email(&token, NEW).await.expect(200);
    let code = server.code_for(NEW).await;
    for n in 0..5 {
        let wrong = server.confirm_email(&token, &wrong_code(&code, n)).await;
        wrong.refused(400, "OTP_ERROR");
    }
    let sixth = server.confirm_email(&token, &code).await;
    sixth.refused(400, "OTP_ERROR");
    server.change_email(&token, NEW).await.expect(200);
    let code = server.code_for(NEW).await;
    server.expire_stored("email_changes", "expires_at").await;
    let late = server.confirm_email(&token, &code).await;
    late.refused(400, "OTP_ERROR");
    assert_eq!(server.login_status(NEW).await, 401);
}

// SELF-4, RST-4
#[tokio::test]
async fn a_change_of_address_voids_resets_of_the_old_one() {
    let server = TestServer::start().await;
    let jane = server.jane().await;
    server.forgot(OLD).await.expect(200);
    let reset = server.link_token_for(OLD).await;
    let code = server.code_for(OLD).await;
    server.moved(&jane).await;
    let by_link = server.reset_by_link(&reset, "another long password").await;
    by_link.refused(400, "OTP_ERROR");
    let by_code = server
        .reset_by_code(OLD, &code, "another long password")
        .await;
    by_code.refused(400, "OTP_ERROR");
    server.advance(Duration::minutes(2)).await;
    let mails = server.mails_to(OLD).await;
    server.forgot(OLD).await.expect(200);
    assert_eq!(server.mails_to(OLD).await, mails);
}

// SELF-1
#[tokio::test]
async fn the_own_address_is_no_change() {
    let server = TestServer::start().await;
    let token = server.jane().await.token();
    let same = server.change_email(&token, "JANE@example.org").await;
    assert_eq!(same.validation_errors(), ["new_email email_unchanged"]);
}

// SELF-1
#[tokio::test]
async fn a_change_ends_with_the_session_that_asked_for_it() {
    let server = TestServer::start().await;
    let thief = server.jane().await.token();
    server.change_email(&thief, NEW).await.expect(200);
    let link = server.link_token_for(NEW).await;
    let owner = server.login("jane", PASSWORD).await.token();
    let changed = server
        .change_password(&owner, PASSWORD, "another long password")
        .await;
    changed.expect(200);
    let late = server.use_link("/auth/email/change/confirm", &link).await;
    late.refused(400, "OTP_ERROR");
}
