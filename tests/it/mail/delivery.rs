//! Tests of delivered mails: their bytes, and the connections that they use.

use std::time::Duration;

use super::*;
use crate::harness::eventually;

/// A shorter time than the transport waits for the answer to QUIT.
const LIMIT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_mail_arrives_with_its_headers_and_both_parts() {
    let server = SmtpServer::start(Tls::None).await;
    send(&plain_mailer(&server)).await.unwrap();
    let received = server.received().remove(0);
    assert_eq!(received.from, "no-reply@clinic.test");
    assert_eq!(received.to, "ana@example.com");
    insta::assert_snapshot!(received.mail().replace("\r\n", "\n"), @r#"
    From: "North Clinic" <no-reply@clinic.test>
    To: ana@example.com
    Subject: Your verification code
    Message-ID: <id-1@auth.clinic.test>
    Date: Thu, 15 Jan 2026 10:30:00 +0000
    Auto-Submitted: auto-generated
    X-Auto-Response-Suppress: All
    MIME-Version: 1.0
    Content-Type: multipart/alternative; boundary="=_alternative-part_="

    --=_alternative-part_=
    Content-Type: text/plain; charset=utf-8
    Content-Transfer-Encoding: 7bit

    Your code is

        012345

    --=_alternative-part_=
    Content-Type: text/html; charset=utf-8
    Content-Transfer-Encoding: 7bit

    <p>012345</p>

    --=_alternative-part_=--
    "#);
}

#[tokio::test]
async fn lines_that_begin_with_a_dot_arrive_unchanged() {
    let server = SmtpServer::start(Tls::None).await;
    let mail = mail_with_text("one\n.\n.two\n..three\n");
    plain_mailer(&server)
        .send(&mail, "id", now())
        .await
        .unwrap();
    let received = server.received().remove(0);
    assert!(received.wire.contains("one\r\n..\r\n..two\r\n...three\r\n"));
    assert!(received.mail().contains("one\r\n.\r\n.two\r\n..three\r\n"));
}

#[tokio::test]
async fn a_sent_mail_has_no_bare_line_end() {
    let server = SmtpServer::start(Tls::None).await;
    let mail = mail_with_text("unix\n.\nwindows\r\n.\r\ném\n.\n");
    plain_mailer(&server)
        .send(&mail, "id", now())
        .await
        .unwrap();
    let wire = server.received().remove(0).wire.replace("\r\n", "");
    assert!(!wire.contains(['\r', '\n']));
    assert!(wire.is_ascii());
}

#[tokio::test]
async fn a_bare_cr_is_refused_before_connecting() {
    let server = SmtpServer::start(Tls::None).await;
    let mail = mail_with_text("one\r.\rRCPT TO:<eve@example.com>");
    let error = plain_mailer(&server).send(&mail, "id", now()).await;
    let message = error.unwrap_err().to_string();
    assert_eq!(message, "a text holds a bare CR or a NUL");
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_line_break_in_any_header_value_is_refused() {
    let server = SmtpServer::start(Tls::None).await;
    let mailer = plain_mailer(&server);
    for line_break in ["\r", "\n", "\r\n"] {
        let injected = |value: &str| format!("{value}{line_break}Bcc: eve@example.com");
        let (mut subject, mut to) = (mail(), mail());
        subject.subject = injected("Hello");
        to.to = injected("ana@example.com");
        let id = injected("id");
        for (mail, id) in [(&subject, "id"), (&to, "id"), (&mail(), &id)] {
            mailer.send(mail, id, now()).await.unwrap_err();
        }
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_recipient_that_is_not_ascii_needs_smtputf8() {
    let server = SmtpServer::start(Tls::None).await;
    let mut mail = mail();
    "zoë@example.com".clone_into(&mut mail.to);
    let refused = plain_mailer(&server).send(&mail, "id", now()).await;
    let message = refused.unwrap_err().to_string();
    assert!(
        message.contains("takes no address that is not ASCII"),
        "{message}"
    );
    assert!(server.received().is_empty());
    server.always(Step::Ehlo, Act::Reply("250-test\r\n250 SMTPUTF8"));
    let sent = plain_mailer(&server).send(&mail, "id", now()).await;
    sent.unwrap();
    assert_eq!(server.received()[0].to, "zoë@example.com");
}

#[tokio::test]
async fn an_older_address_is_sent_in_standard_form() {
    for (stored, to) in [
        ("ana..lee@example.com", "\"ana..lee\"@example.com"),
        ("ana.@example.com", "\"ana.\"@example.com"),
        ("ana@example.com.", "ana@example.com"),
        ("\"ana lee\"@example.com", "\"ana lee\"@example.com"),
    ] {
        let server = SmtpServer::start(Tls::None).await;
        let mut mail = mail();
        stored.clone_into(&mut mail.to);
        plain_mailer(&server)
            .send(&mail, "id", now())
            .await
            .unwrap();
        assert_eq!(server.received()[0].to, to);
    }
}

#[tokio::test]
async fn a_long_link_is_not_cut() {
    let server = SmtpServer::start(Tls::None).await;
    let link = format!("https://auth.clinic.test/reset#token={}", "t".repeat(200));
    plain_mailer(&server)
        .send(&mail_with_text(&link), "id", now())
        .await
        .unwrap();
    assert!(server.received()[0].wire.contains(&link));
}

#[tokio::test]
async fn each_mail_has_a_connection_of_its_own_that_is_closed() {
    let server = SmtpServer::start(Tls::None).await;
    let mailer = plain_mailer(&server);
    for mails in 1..=3 {
        send(&mailer).await.unwrap();
        assert_eq!(
            (server.received().len(), server.connections()),
            (mails, mails)
        );
        eventually("a goodbye", async || {
            (server.goodbyes() == mails).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_refused_mail_sends_quit_and_a_broken_connection_does_not() {
    let server = SmtpServer::start(Tls::None).await;
    let mailer = plain_mailer_within(3, &server);
    server.once(Step::Rcpt, Act::Reply("550 5.1.1 unknown"));
    send(&mailer).await.unwrap_err();
    eventually("a goodbye", async || (server.goodbyes() == 1).then_some(())).await;
    server.once(Step::Rcpt, Act::Hold);
    send(&mailer).await.unwrap_err();
    server.release();
    send(&mailer).await.unwrap();
    eventually("a goodbye", async || (server.goodbyes() == 2).then_some(())).await;
}

#[tokio::test]
async fn an_accepted_mail_does_not_wait_for_quit() {
    let server = SmtpServer::start(Tls::None).await;
    server.always(Step::Quit, Act::Hang);
    let sending = tokio::time::timeout(LIMIT, async { send(&plain_mailer(&server)).await });
    sending.await.unwrap().unwrap();
    assert_eq!(server.received().len(), 1);
}
