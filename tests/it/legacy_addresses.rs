//! Accounts of the older service with an address that today's rule refuses: their owners can still reset the password.

use bson::doc;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::harness::TestServer;

const NEW: &str = "another good passphrase";

/// A server with one account that has this address.
async fn with_address(address: &str) -> (TestServer, String) {
    let server = TestServer::start().await;
    let user_id = server.patient("jane").await.text("user_id");
    server
        .set_stored_account(&user_id, doc! { "email": address })
        .await;
    let names = server.app.store.raw("identifiers");
    names
        .delete_one(doc! { "_id": "email:jane@example.org" })
        .await
        .unwrap();
    identity::startup::visit_accounts(&server.app, &CancellationToken::default())
        .await
        .unwrap();
    (server, user_id)
}

#[tokio::test]
async fn an_older_address_finds_its_account_and_can_reset_it() {
    for (address, typed) in [
        ("m\u{fc}ller@example.org", "M\u{fc}ller@Example.org"),
        ("\"jane doe\"@example.org", "\"Jane Doe\"@example.org"),
        ("jane..doe@example.org", "Jane..Doe@example.org"),
        ("jane@example.org.", "JANE@example.org."),
        ("jane.@example.org", "jane.@example.org"),
        ("jane@localhost", "jane@localhost"),
    ] {
        let (server, user_id) = with_address(address).await;
        server.forgot(typed).await.expect(200);
        server.deliver().await;
        let (mail, _) = server.mails.sent().pop().unwrap();
        let otp = mail
            .text
            .lines()
            .map(str::trim)
            .find(|line| line.len() == 6);
        let otp = otp.filter(|line| line.bytes().all(|byte| byte.is_ascii_digit()));
        let otp = otp
            .unwrap_or_else(|| panic!("{address}: {}", mail.text))
            .to_owned();
        server.reset_by_code(typed, &otp, NEW).await.expect(200);
        let login = server.login(typed, NEW).await.expect(200);
        assert_eq!(login.text("user_id"), user_id, "{address}");
    }
}

#[tokio::test]
async fn an_unknown_older_address_is_answered_like_any_other() {
    let server = TestServer::start().await;
    let known = server.forgot("nobody@example.org").await.expect(200);
    for typed in [
        "müller@example.org",
        "\"a b\"@example.org",
        "a@b",
        "x@example.org.",
    ] {
        let answer = server.forgot(typed).await.expect(200);
        assert_eq!(answer.raw, known.raw, "{typed}");
        server
            .reset_by_code(typed, "123456", NEW)
            .await
            .refused(400, "OTP_ERROR");
        server
            .verify(typed, "123456")
            .await
            .refused(400, "OTP_ERROR");
    }
    for nonsense in ["nobody", "", "@", "a\u{0}@example.org"] {
        let answer = server.forgot(nonsense).await;
        assert_eq!(
            answer.expect(422).validation_errors()[0],
            "email email_invalid",
            "{nonsense:?}"
        );
    }
    let long = format!("{}@example.org", "ü".repeat(300));
    server.forgot(&long).await.expect(422);
}

#[tokio::test]
async fn an_administrator_is_told_of_an_unmailable_address() {
    for address in ["no address", "jane@exa mple.org", "@example.org"] {
        let (server, user_id) = with_address(address).await;
        let admin = server.admin("boss").await;
        let path = format!("/admin/users/{user_id}/reset-password");
        let answer = server.call_as(&admin.token, &path).await;
        answer.refused(422, "VALIDATION_ERROR");
        assert_eq!(
            answer.validation_errors(),
            ["email email_unmailable"],
            "{address}"
        );
        server.deliver().await;
        assert!(server.stored("mail_outbox").await.is_empty());
        let to = json!({ "email": "jane@example.org" });
        server
            .set_stored_account(&user_id, doc! { "email": to["email"].as_str().unwrap() })
            .await;
        server.call_as(&admin.token, &path).await.expect(200);
    }
}

#[tokio::test]
async fn no_code_is_made_for_an_unmailable_address() {
    let (server, _) = with_address("jane@exa mple.org").await;
    let mails = server.mails.sent().len();
    server.forgot("jane@exa mple.org").await.expect(200);
    server.deliver().await;
    assert_eq!(server.mails.sent().len(), mails);
    assert!(server.stored("mail_outbox").await.is_empty());
    let codes = server.stored("otp_codes").await;
    let resets = codes.iter().filter(|code| {
        code.get_str("type")
            .is_ok_and(|kind| kind == "password_reset")
    });
    assert_eq!(resets.count(), 0);
}
