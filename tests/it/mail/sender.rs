//! Who mails come from.

use super::*;

/// From whom a mail comes under `settings`, and its Message-ID.
async fn from_and_id(mut settings: Settings) -> (String, String) {
    let server = SmtpServer::start(Tls::None).await;
    settings.mail_by_smtp = true;
    settings.config.email.tls = SmtpTls::None;
    settings.config.email.smtp_host = "127.0.0.1".into();
    settings.config.email.smtp_port = server.address.port();
    send(&Mailer::from_settings(&settings).unwrap())
        .await
        .unwrap();
    let received = server.received().remove(0);
    let mail = received.mail();
    let id = mail.lines().find_map(|l| l.strip_prefix("Message-ID: "));
    (received.from, id.unwrap().to_owned())
}

fn without_from(smtp_user: Option<&str>, public_base_url: &str) -> Settings {
    let mut settings = settings();
    settings.config.email.from = None;
    settings.config.service.public_base_url = public_base_url.into();
    settings.secrets.smtp_user = smtp_user.map(Secret::new);
    settings
}

#[tokio::test]
async fn without_email_from_the_smtp_user_sends() {
    let (from, _) = from_and_id(without_from(Some("desk@clinic.test"), "https://c.test")).await;
    assert_eq!(from, "desk@clinic.test");
}

#[tokio::test]
async fn an_smtp_user_that_is_no_address_leaves_it_to_the_public_host() {
    for user in [Some("apikey"), None] {
        let (from, id) = from_and_id(without_from(user, "https://c.test:8443/auth")).await;
        assert_eq!((&*from, &*id), ("no-reply@c.test", "<id-1@c.test>"));
    }
}

#[tokio::test]
async fn whatever_the_public_host_is_there_is_an_address_to_send_from() {
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
fn an_email_from_that_is_no_address_is_a_fault() {
    for from in [
        "",
        "clinic",
        "a@b.test\r\nBcc: eve@example.com",
        "\n<a@b.test>",
    ] {
        let mut settings = settings();
        settings.config.email.from = Some(from.to_owned());
        let error = Mailer::from_settings(&settings).unwrap_err();
        assert_eq!(error.to_string(), "email.from is not an address");
    }
}
