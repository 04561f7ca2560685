//! The sender of mails.

use super::*;

/// The sender and the Message-ID of a mail under `settings`.
async fn from_and_id(settings: Settings) -> (String, String) {
    let received = Box::pin(received_under(settings)).await;
    let mail = received.mail();
    let id = mail.lines().find_map(|l| l.strip_prefix("Message-ID: "));
    (received.from, id.unwrap().to_owned())
}

/// A mail as it arrives under `settings`.
async fn received_under(mut settings: Settings) -> crate::smtp_server::Received {
    let server = SmtpServer::start(Tls::None).await;
    settings.mail_by_smtp = true;
    settings.config.email.tls = SmtpTls::None;
    settings.config.email.smtp_host = "127.0.0.1".into();
    settings.config.email.smtp_port = server.address.port();
    send(&Mailer::from_settings(settings.mail()).unwrap())
        .await
        .unwrap();
    server.received().remove(0)
}

fn without_from(smtp_user: Option<&str>, public_base_url: &str) -> Settings {
    let mut settings = settings();
    settings.config.email.from = None;
    settings.config.service.public_base_url = public_base_url.into();
    settings.secrets.smtp_user = smtp_user.map(Secret::new);
    settings
}

#[tokio::test]
async fn without_email_from_the_smtp_user_is_the_sender() {
    let (from, _) = from_and_id(without_from(Some("desk@clinic.test"), "https://c.test")).await;
    assert_eq!(from, "desk@clinic.test");
}

#[tokio::test]
async fn without_any_address_the_sender_is_at_the_public_host() {
    for user in [Some("apikey"), None] {
        let (from, id) = from_and_id(without_from(user, "https://c.test:8443/auth")).await;
        assert_eq!((&*from, &*id), ("no-reply@c.test", "<id-1@c.test>"));
    }
}

#[tokio::test]
async fn an_ip_address_as_public_host_gives_a_sender() {
    for (host, domain) in [
        ("localhost", "localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "localhost"),
    ] {
        let (from, _) = from_and_id(without_from(None, &format!("http://{host}:5001"))).await;
        assert_eq!(from, format!("no-reply@{domain}"));
    }
}

#[test]
fn an_invalid_email_from_is_refused() {
    for from in [
        "",
        "clinic",
        "a@b.test\r\nBcc: eve@example.com",
        "\n<a@b.test>",
    ] {
        let mut settings = settings();
        settings.config.email.from = Some(from.to_owned());
        let error = Mailer::from_settings(settings.mail()).unwrap_err();
        assert_eq!(error.to_string(), "email.from is not an address");
    }
}

#[tokio::test]
async fn an_international_sender_domain_is_sent_in_ascii() {
    for (from, header) in [
        (
            "noreply@klinik-zürich.example",
            "From: noreply@xn--klinik-zrich-klb.example",
        ),
        (
            "Clinic <No.Reply@KLINIK-ZÜRICH.example>",
            "From: Clinic <No.Reply@xn--klinik-zrich-klb.example>",
        ),
        (
            "Klinik Zürich <noreply@klinik-zürich.example>",
            "From: =?utf-8?b?S2xpbmlrIFrDvHJpY2g=?= <noreply@xn--klinik-zrich-klb.example>",
        ),
    ] {
        let mut settings = settings();
        settings.config.email.from = Some(from.to_owned());
        let received = received_under(settings).await;
        let local = if from.contains("No.") {
            "No.Reply"
        } else {
            "noreply"
        };
        assert_eq!(
            received.from,
            format!("{local}@xn--klinik-zrich-klb.example")
        );
        let mail = received.mail().replace("\r\n ", " ");
        assert!(mail.lines().any(|line| line == header), "{mail}");
        assert!(received.wire.is_ascii());
    }
}

#[tokio::test]
async fn an_smtp_user_may_have_an_international_domain() {
    let (from, _) = from_and_id(without_from(
        Some("desk@klinik-zürich.example"),
        "https://c.test",
    ))
    .await;
    assert_eq!(from, "desk@xn--klinik-zrich-klb.example");
}

#[test]
fn a_sender_without_an_ascii_form_is_refused() {
    for from in [
        "zoë@clinic.test",
        "a@-ü.test",
        "a@ü_x.test",
        "Clinic <zoë@klinik-zürich.example>",
    ] {
        let mut settings = settings();
        settings.config.email.from = Some(from.to_owned());
        let error = Mailer::from_settings(settings.mail()).unwrap_err();
        assert_eq!(error.to_string(), "email.from is not an address", "{from}");
    }
}
