//! The state of the mail with a registration's code, as an administrator sees it: waiting, sent, or refused with a
//! reason (MAIL-8).

use std::sync::Arc;

use chrono::Duration;
use identity::mails::outbox;
use kernel::role::Role;
use serde_json::Value;

use crate::{
    harness::{PASSWORD, TestServer, eventually},
    mail_worker::{smtp_settings, start_with_smtp},
    smtp_server::{Act, SmtpServer, Step, Tls},
};

/// The mail state of the newest pending registration, and its reason, as an administrator sees them.
async fn shown(server: &TestServer) -> (String, Option<String>) {
    let admin = server.token_of(Role::Admin).await;
    let path = "/admin/pending-users?include_expired=true";
    let answer = server.get_as(&admin, path).await.expect(200);
    let row = &answer.body["pending_users"][0];
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let state = text(&row["mail"]).unwrap_or_else(|| panic!("no mail in {row}"));
    (state, text(&row["mail_reason"]))
}

async fn assert_shown(server: &TestServer, state: &str, reason: Option<&str>) {
    let expected = (state.to_owned(), reason.map(str::to_owned));
    assert_eq!(shown(server).await, expected);
}

const NO_SUCH_MAILBOX: &str = "refused by the mail server: no such mailbox";
const UNKNOWN: Act = Act::Reply("550 5.1.1 <jane@example.org>: no such user here");

async fn resend(server: &TestServer, user_id: &str) {
    let admin = server.token_of(Role::Admin).await;
    let path = format!("/admin/pending-users/{user_id}/resend-otp");
    server.call_as(&admin, &path).await.expect(200);
}

#[tokio::test]
async fn a_codes_mail_is_shown_as_waiting_and_then_as_sent() {
    let smtp = SmtpServer::start(Tls::None).await;
    smtp.once(Step::Rcpt, Act::Reply("450 4.2.1 greylisted"));
    let server = start_with_smtp(&smtp).await;
    server.register("jane").await.expect(200);
    assert_shown(&server, "waiting", None).await;
    server.deliver().await;
    assert_shown(&server, "waiting", None).await;
    server.clock.advance(Duration::seconds(5));
    server.deliver().await;
    assert_shown(&server, "sent", None).await;
}

#[tokio::test]
async fn a_refusal_is_shown_in_plain_words() {
    for (step, reply, reason) in [
        (
            Step::Rcpt,
            "550 5.1.1 <jane@example.org> unknown",
            "no such mailbox",
        ),
        (Step::Rcpt, "550 unknown", "no such mailbox"),
        (
            Step::Rcpt,
            "550 5.1.2 bad domain",
            "the domain of this address takes no mail",
        ),
        (Step::Rcpt, "550 5.2.1 gone", "the mailbox is disabled"),
        (Step::Rcpt, "552 5.2.2 full", "the mailbox is full"),
        (
            Step::Rcpt,
            "553 5.1.3 bad syntax",
            "it does not take this for an address",
        ),
        (
            Step::Data,
            "554 5.7.1 spam",
            "it does not want this message",
        ),
        (
            Step::Content,
            "550 5.7.26 no DMARC",
            "it does not want this message",
        ),
        (
            Step::Content,
            "552 5.3.4 too big",
            "the message is too large",
        ),
        (
            Step::Content,
            "521 5.9.9 something",
            "for a reason of its own",
        ),
    ] {
        let smtp = SmtpServer::start(Tls::None).await;
        smtp.always(step, Act::Reply(reply));
        let server = start_with_smtp(&smtp).await;
        server.register("jane").await.expect(200);
        server.deliver().await;
        let reason = format!("refused by the mail server: {reason}");
        assert_eq!(
            shown(&server).await,
            ("refused".to_owned(), Some(reason)),
            "{reply}"
        );
    }
}

#[tokio::test]
async fn staff_see_the_reason_and_no_text_of_the_mail_server() {
    let smtp = SmtpServer::start(Tls::None).await;
    smtp.always(Step::Rcpt, UNKNOWN);
    let server = start_with_smtp(&smtp).await;
    server.register("jane").await.expect(200);
    server.deliver().await;
    let staff = server.token_of(Role::Staff).await;
    let answer = server
        .get_as(&staff, "/admin/pending-users")
        .await
        .expect(200);
    assert!(answer.raw.contains(NO_SUCH_MAILBOX), "{}", answer.raw);
    assert!(!answer.raw.contains("no such user here"), "{}", answer.raw);
}

#[tokio::test]
async fn a_resent_code_is_shown_as_waiting_at_once() {
    let smtp = SmtpServer::start(Tls::None).await;
    smtp.once(Step::Rcpt, UNKNOWN);
    let server = start_with_smtp(&smtp).await;
    let user_id = server.register("jane").await.expect(200).text("user_id");
    server.deliver().await;
    assert_shown(&server, "refused", Some(NO_SUCH_MAILBOX)).await;
    resend(&server, &user_id).await;
    assert_shown(&server, "waiting", None).await;
    server.deliver().await;
    assert_shown(&server, "sent", None).await;
}

#[tokio::test]
async fn a_code_requested_again_is_shown_as_sent() {
    let smtp = SmtpServer::start(Tls::None).await;
    smtp.once(Step::Rcpt, UNKNOWN);
    let server = start_with_smtp(&smtp).await;
    server.register("jane").await.expect(200);
    server.deliver().await;
    server.clock.advance(Duration::seconds(61));
    server.send_otp("jane@example.org").await.expect(200);
    server.deliver().await;
    assert_shown(&server, "sent", None).await;
}

/// Starts sending a mail and stops it at the mail server, so that a newer code can be requested meanwhile.
async fn hold_a_mail(smtp: &SmtpServer, server: &TestServer) -> tokio::task::JoinHandle<()> {
    assert!(outbox::work_on_next(&server.app).await.unwrap()); // The worker makes the code.
    smtp.once(Step::Content, Act::Hold);
    let app = Arc::clone(&server.app);
    let sending = tokio::spawn(async move {
        outbox::work_on_next(&app).await.unwrap();
    });
    eventually("the mail at the server", async || {
        (!smtp.received().is_empty()).then_some(())
    })
    .await;
    server.clock.advance(Duration::seconds(1));
    sending
}

#[tokio::test]
async fn an_older_mail_does_not_hide_the_state_of_a_newer_one() {
    let smtp = SmtpServer::start(Tls::None).await;
    let one = start_with_smtp(&smtp).await;
    let other = one.another_with(smtp_settings(&smtp, 60)).await;
    let user_id = one.register("jane").await.expect(200).text("user_id");
    let older = hold_a_mail(&smtp, &one).await;
    smtp.once(Step::Rcpt, UNKNOWN);
    resend(&one, &user_id).await;
    other.deliver().await;
    assert_shown(&one, "refused", Some(NO_SUCH_MAILBOX)).await;
    smtp.release();
    older.await.unwrap();
    assert_shown(&one, "refused", Some(NO_SUCH_MAILBOX)).await;
}

#[tokio::test]
async fn a_newer_code_waits_after_an_older_mail_was_sent() {
    let smtp = SmtpServer::start(Tls::None).await;
    let server = start_with_smtp(&smtp).await;
    let user_id = server.register("jane").await.expect(200).text("user_id");
    let older = hold_a_mail(&smtp, &server).await;
    resend(&server, &user_id).await;
    smtp.release();
    older.await.unwrap();
    assert_shown(&server, "waiting", None).await;
    server.deliver().await;
    assert_shown(&server, "sent", None).await;
}

#[tokio::test]
async fn workers_of_two_instances_agree_on_the_state_of_a_mail() {
    let smtp = SmtpServer::start(Tls::None).await;
    let one = start_with_smtp(&smtp).await;
    let other = one.another_with(smtp_settings(&smtp, 60)).await;
    let user_id = one.register("jane").await.expect(200).text("user_id");
    for round in 0..4 {
        let (act, state) = match round % 2 {
            0 => (UNKNOWN, "refused"),
            _ => (Act::Wait(std::time::Duration::ZERO), "sent"),
        };
        smtp.always(Step::Rcpt, act);
        one.clock.advance(Duration::seconds(1));
        resend(&one, &user_id).await;
        tokio::join!(
            one.deliver(),
            other.deliver(),
            one.deliver(),
            other.deliver()
        );
        assert_eq!(shown(&other).await.0, state, "round {round}");
    }
}

#[tokio::test]
async fn a_code_that_was_not_sent_in_time_is_shown_so() {
    let server = TestServer::start().await;
    server.mails.fail();
    server.register("jane").await.expect(200);
    server.deliver().await;
    server.clock.advance(Duration::minutes(8));
    server.deliver().await;
    assert_shown(&server, "waiting", None).await;
    server.clock.advance(Duration::seconds(1)); // Less than two minutes are left.
    let late = "not sent: the mail server did not take it while the code was good";
    assert_shown(&server, "refused", Some(late)).await;
    server.mails.recover();
    server.deliver().await;
    assert_shown(&server, "refused", Some(late)).await;
    assert!(server.mails.sent().is_empty());
}

#[tokio::test]
async fn a_registration_that_expired_before_its_mail_is_shown_so() {
    let server = TestServer::start().await;
    server.register("jane").await.expect(200); // No worker runs.
    server.clock.advance(Duration::minutes(30));
    let late = "not sent: the mail server did not take it while the code was good";
    assert_shown(&server, "refused", Some(late)).await;
}

#[tokio::test]
async fn a_code_beyond_the_limits_of_its_address_is_shown_so() {
    let server = TestServer::start_with(|settings| settings.config.otp.max_per_hour = 1).await;
    let user_id = server.register("jane").await.expect(200).text("user_id");
    server.deliver().await;
    assert_shown(&server, "sent", None).await;
    resend(&server, &user_id).await;
    server.deliver().await;
    let too_many = "not sent: too many codes were sent to this address, try again later";
    assert_shown(&server, "refused", Some(too_many)).await;
    assert_eq!(server.mails.sent().len(), 1);
}

#[tokio::test]
async fn a_registration_of_a_taken_address_is_shown_so() {
    let server = TestServer::start_with(|settings| {
        settings.config.registration.disclosure = clinic_auth::config::sections::Disclosure::Strict;
    })
    .await;
    server.patient("jane").await;
    server
        .register_at("jane@example.org", "joan")
        .await
        .expect(200);
    server.deliver().await;
    let taken = "not sent: somebody has an account with this address";
    assert_shown(&server, "refused", Some(taken)).await;
    server.login("jane", PASSWORD).await.expect(200);
}
