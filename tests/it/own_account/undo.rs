//! The link that undoes a change of the e-mail address (SELF-3).

use bson::doc;
use chrono::Duration;

use super::{CHANGED, NEW, OLD};
use crate::harness::{PASSWORD, TestServer};

const AGAIN: &str = "yet another password";

// SELF-3
#[tokio::test]
async fn an_undo_restores_the_address_and_ends_everything() {
    let server = TestServer::start().await;
    let other = server.another().await;
    let jane = server.jane().await;
    let undo = server.moved(&jane).await;
    let thief = server.login(NEW, PASSWORD).await.expect(200);
    other.get_as(&thief.token(), "/users/me").await.expect(200);
    server.undo_email(&undo).await.expect(200);
    other.read_revocations().await;
    for token in [jane.token(), thief.token()] {
        let me = other.get_as(&token, "/users/me").await;
        me.refused(401, "SESSION_ERROR");
    }
    for name in [OLD, NEW, "jane"] {
        assert_eq!(server.login_status(name).await, 401, "{name}");
    }
    server.undo_email(&undo).await.refused(400, "OTP_ERROR");
    let reset = server.link_token_for(OLD).await;
    server.reset_by_link(&reset, AGAIN).await.expect(200);
    server.login(OLD, AGAIN).await.expect(200);
    server.login(NEW, AGAIN).await.refused(401, "AUTH_FAILED");
    assert!(server.stored("email_changes").await.is_empty());
}

// SELF-3
#[tokio::test]
async fn the_old_address_is_kept_as_long_as_it_can_be_undone() {
    let server = TestServer::start().await;
    let jane = server.jane().await;
    let undo = server.moved(&jane).await;
    let early = server.register_at(OLD, "stranger").await;
    early.refused(409, "USER_EXISTS");
    server.advance(Duration::days(7)).await;
    server.undo_email(&undo).await.refused(400, "OTP_ERROR");
    let late = server.register_at(OLD, "stranger").await.expect(200);
    let code = server.code_for(OLD).await;
    let made = server
        .verify_with(&late.text("registration_token"), OLD, &code)
        .await;
    made.expect(200);
    assert_eq!(server.login_status(NEW).await, 200);
}

// SELF-3
#[tokio::test]
async fn a_code_of_before_the_change_makes_no_account() {
    let server = TestServer::start().await;
    let jane = server.jane().await;
    server.change_email(&jane.token(), NEW).await.expect(200);
    let proof = server.code_for(NEW).await;
    let stranger = server.register_at(NEW, "stranger").await.expect(200);
    let code = server.code_for(NEW).await;
    let confirmed = server.confirm_email(&jane.token(), &proof).await;
    confirmed.expect(200);
    let made = server
        .verify_with(&stranger.text("registration_token"), NEW, &code)
        .await;
    made.refused(400, "OTP_ERROR");
    assert_eq!(server.accounts_stored().await, 1);
}

// SELF-3
#[tokio::test]
async fn factors_added_after_the_change_are_void_after_its_undo() {
    let server = TestServer::start().await;
    let jane = server.jane().await;
    let id = jane.text("user_id");
    let before = doc! {
        "factors": ["passkey:own"], "factors_epoch": 1_i64, "recovery_batch": "b",
    };
    server.set_stored_account(&id, before).await;
    // The session proved both.
    let proven = doc! { "amr": ["pwd", "otp", "mfa"] };
    let session = doc! { "session_id": jane.text("session_id") };
    server.change_stored("user_sessions", session, proven).await;
    let undo = server.moved(&jane).await;
    let after = doc! {
        "factors": ["passkey:own", "passkey:thief", "totp"], "factors_epoch": 3_i64,
    };
    server.set_stored_account(&id, after).await;
    server.undo_email(&undo).await.expect(200);
    let account = &server.stored("patients_v2").await[0];
    let factors = account.get_array("factors").unwrap();
    assert_eq!(factors, &vec![bson::Bson::from("passkey:own")]);
    assert_eq!(account.get_i64("factors_epoch").unwrap(), 4);
    assert_eq!(account.get_str("recovery_batch").unwrap(), "b");
}

// SELF-3
#[tokio::test]
async fn the_undo_of_an_earlier_change_ends_later_ones() {
    let server = TestServer::start().await;
    let jane = server.jane().await;
    let first = server.moved(&jane).await;
    let third = "jane.third@example.org";
    server.change_email(&jane.token(), third).await.expect(200);
    let code = server.code_for(third).await;
    let confirmed = server.confirm_email(&jane.token(), &code).await;
    confirmed.expect(200);
    let second = server.link_token_for(NEW).await;
    server.undo_email(&first).await.expect(200);
    server.undo_email(&second).await.refused(400, "OTP_ERROR");
    let reset = server.link_token_for(OLD).await;
    server.reset_by_link(&reset, AGAIN).await.expect(200);
    server.login(OLD, AGAIN).await.expect(200);
    for name in [NEW, third] {
        server.register_at(name, "free").await.expect(200);
        server.login(name, AGAIN).await.refused(401, "AUTH_FAILED");
        server.advance(Duration::minutes(31)).await;
    }
    assert_eq!(server.mails_with_subject(OLD, CHANGED).await, 1);
}
