//! A mail states how long its code or link is still valid at the time of sending.

use chrono::Duration;
use kernel::mail_language::MailLanguage;
use serde_json::json;

use crate::harness::{TestServer, registration_with};

const JANE: &str = "jane@example.org";

/// The text of Jane's newest mail on one line.
async fn text(server: &TestServer) -> String {
    let mail = server.mail_to(JANE).await;
    mail.text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The mail server does not work for the time `late`; then the mails that are still useful are sent.
async fn delay_mails_by(server: &TestServer, late: Duration) {
    server.mails.fail();
    server.deliver().await;
    server.clock.advance(late);
    server.mails.recover();
    server.deliver().await;
}

async fn register_in_language(server: &TestServer, language: MailLanguage) {
    let body = registration_with("jane", "language", json!(language.tag()));
    server.post("/auth/register", body).await.expect(200);
}

#[tokio::test]
async fn a_late_code_states_the_minutes_left_in_every_language() {
    for (language, left) in [
        (MailLanguage::English, "is valid for 4 minutes."),
        (MailLanguage::German, "Der Code ist 4 Minuten gültig."),
        (MailLanguage::French, "est valable pendant 4 minutes."),
        (MailLanguage::Spanish, "es válido durante 4 minutos."),
        (MailLanguage::Hindi, "यह कोड 4 मिनट तक मान्य है।"),
    ] {
        let server = TestServer::start().await;
        register_in_language(&server, language).await;
        delay_mails_by(&server, Duration::minutes(6)).await;
        let text = text(&server).await;
        assert!(text.contains(left), "{text}");
    }
}

#[tokio::test]
async fn one_minute_left_is_written_in_the_singular() {
    for (language, left) in [
        (MailLanguage::English, "is valid for 1 minute."),
        (MailLanguage::German, "Der Code ist 1 Minute gültig."),
        (MailLanguage::French, "est valable pendant 1 minute."),
        (MailLanguage::Spanish, "es válido durante 1 minuto."),
        (MailLanguage::Hindi, "यह कोड 1 मिनट तक मान्य है।"),
    ] {
        let server =
            TestServer::start_with(|settings| settings.config.otp.expire_minutes = 2).await;
        register_in_language(&server, language).await;
        delay_mails_by(&server, Duration::minutes(1)).await;
        let text = text(&server).await;
        assert!(text.contains(left), "{text}");
    }
}

#[tokio::test]
async fn minutes_left_are_rounded_down_after_a_tolerance_of_10_s() {
    for (late, left) in [(5, 10), (10, 10), (11, 9), (70, 9), (331, 4), (480, 2)] {
        let server = TestServer::start().await;
        server.register("jane").await.expect(200);
        delay_mails_by(&server, Duration::seconds(late)).await;
        let text = text(&server).await;
        let left = format!("is valid for {left} minutes.");
        assert!(text.contains(&left), "{late}: {text}");
    }
}

#[tokio::test]
async fn a_code_with_less_than_two_minutes_left_is_not_sent() {
    let server = TestServer::start().await;
    server.register("jane").await.expect(200);
    delay_mails_by(&server, Duration::seconds(481)).await;
    assert_eq!(server.mails_to(JANE).await, 0);
    server.send_otp(JANE).await.expect(200);
    let otp = server.code_for(JANE).await;
    server.verify(JANE, &otp).await.expect(200);
}

#[tokio::test]
async fn a_code_is_valid_no_longer_than_its_registration() {
    let server = TestServer::start().await;
    server.register("jane").await.expect(200);
    server.deliver().await;
    server.clock.advance(Duration::minutes(25));
    server.send_otp(JANE).await.expect(200);
    let text = text(&server).await;
    assert!(text.contains("is valid for 5 minutes."), "{text}");
    server.clock.advance(Duration::seconds(181));
    server.send_otp(JANE).await.expect(200);
    assert_eq!(server.mails_to(JANE).await, 2); // 1:59 left: not sent
}

#[tokio::test]
async fn a_late_reset_states_the_time_left_of_code_and_link() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    server.deliver().await;
    server.forgot(JANE).await.expect(200);
    delay_mails_by(&server, Duration::minutes(6)).await;
    let text = text(&server).await;
    assert!(text.contains("The code is valid for 4 minutes."), "{text}");
    assert!(
        text.contains("this link, which is valid for 9 minutes:"),
        "{text}"
    );
    let (otp, new) = (server.code_for(JANE).await, "another long enough one");
    server.reset_by_code(JANE, &otp, new).await.expect(200);
}

#[tokio::test]
async fn a_reset_with_an_expired_code_contains_only_the_link() {
    for (language, left) in [
        (MailLanguage::English, "This link is valid for 6 minutes:"),
        (MailLanguage::German, "Dieser Link ist 6 Minuten gültig:"),
        (
            MailLanguage::French,
            "Ce lien est valable pendant 6 minutes\u{a0}:",
        ),
        (
            MailLanguage::Spanish,
            "Este enlace es válido durante 6 minutos:",
        ),
        (MailLanguage::Hindi, "यह लिंक 6 मिनट तक मान्य है:"),
    ] {
        let server = TestServer::start().await;
        register_in_language(&server, language).await;
        let otp = server.code_for(JANE).await;
        server.verify(JANE, &otp).await.expect(200);
        server.forgot(JANE).await.expect(200);
        delay_mails_by(&server, Duration::minutes(9)).await;
        let mail = server.mail_to(JANE).await;
        let words = |text: &str| text.split(' ').map(str::trim).collect::<Vec<_>>().join(" ");
        let text = words(&mail.text.replace('\n', " "));
        assert!(text.contains(left), "{text}");
        let code = mail
            .text
            .lines()
            .map(str::trim)
            .find(|line| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit()));
        assert_eq!(code, None);
        let (token, new) = (server.link_token_for(JANE).await, "another long enough one");
        server.reset_by_link(&token, new).await.expect(200);
    }
}

#[tokio::test]
async fn a_reset_with_a_nearly_expired_link_is_not_sent() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    let before = server.mails_to(JANE).await;
    server.forgot(JANE).await.expect(200);
    delay_mails_by(&server, Duration::seconds(13 * 60 + 1)).await;
    assert_eq!(server.mails_to(JANE).await, before);
}

#[tokio::test]
async fn a_late_invitation_states_the_time_left() {
    for (late, left) in [
        (Duration::seconds(5), "3 days"),
        (Duration::minutes(5), "71 hours"),
        (Duration::hours(24), "2 days"),
        (Duration::hours(71), "1 hour"),
        (Duration::minutes(71 * 60 + 30), "30 minutes"),
    ] {
        let server = TestServer::start().await;
        let admin = server.admin("root").await;
        let invitation = crate::harness::invitation("jane", "staff");
        let invited = server
            .post_as(&admin.token, "/admin/users", invitation)
            .await;
        invited.expect(200);
        delay_mails_by(&server, late).await;
        let text = text(&server).await;
        let left = format!("This link is valid for {left}:");
        assert!(text.contains(&left), "{text}");
    }
}
