//! Tests of TLS: which certificates the transport trusts, and when it sends credentials.

use super::*;

#[tokio::test]
async fn a_trusted_certificate_works_for_starttls_and_implicit_tls() {
    for (server, tls) in [
        (Tls::Starttls, SmtpTls::Starttls),
        (Tls::Implicit, SmtpTls::Implicit),
    ] {
        let server = SmtpServer::start(server).await;
        let mailer = Mailer::from_settings(smtp_settings(&server, tls).mail()).unwrap();
        send(&mailer).await.unwrap();
        assert!(server.received()[0].encrypted);
    }
}

#[tokio::test]
async fn an_authority_that_is_not_trusted_is_refused() {
    for (server, tls) in [
        (Tls::Starttls, SmtpTls::Starttls),
        (Tls::Implicit, SmtpTls::Implicit),
    ] {
        let server = SmtpServer::start(server).await;
        let mut settings = smtp_settings(&server, tls);
        settings.config.email.ca_file = None;
        let error = failure(&settings).await;
        assert!(error.to_string().contains("authority is not known"));
        assert!(server.received().is_empty());
    }
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused() {
    for (server, tls) in [
        (Tls::Starttls, SmtpTls::Starttls),
        (Tls::Implicit, SmtpTls::Implicit),
    ] {
        let server = SmtpServer::start_as(server, "mail.elsewhere.test").await;
        let error = failure(&smtp_settings(&server, tls)).await;
        assert!(error.to_string().contains("for another host"));
        assert!(server.received().is_empty());
    }
}

#[tokio::test]
async fn a_server_without_starttls_gets_neither_password_nor_mail() {
    let server = SmtpServer::start(Tls::None).await;
    server.offer_auth("PLAIN");
    let error = failure(&with_credentials(smtp_settings(&server, SmtpTls::Starttls))).await;
    assert!(error.to_string().contains("does not offer it"));
    assert!(server.logins().is_empty() && server.received().is_empty());
}

#[tokio::test]
async fn an_answer_injected_before_tls_is_not_trusted() {
    let server = SmtpServer::start(Tls::Starttls).await;
    server.always(
        Step::Starttls,
        Act::Reply("220 go\r\n250-test\r\n250 AUTH PLAIN"),
    );
    let error = failure(&smtp_settings(&server, SmtpTls::Starttls)).await;
    assert!(error.to_string().contains("TLS handshake failed"));
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn credentials_arrive_only_under_tls_by_plain_and_by_login() {
    for mechanism in ["PLAIN", "LOGIN"] {
        let server = SmtpServer::start(Tls::Starttls).await;
        server.offer_auth(mechanism);
        let settings = with_credentials(smtp_settings(&server, SmtpTls::Starttls));
        send(&Mailer::from_settings(settings.mail()).unwrap())
            .await
            .unwrap();
        let login = server.logins().remove(0);
        assert_eq!(login.mechanism, mechanism);
        assert_eq!((&*login.user, &*login.password), ("desk", "s3cret-word"));
        assert!(login.encrypted && server.logins().len() == 1);
    }
}

#[tokio::test]
async fn a_password_is_never_sent_in_clear_beyond_loopback() {
    let mut settings = with_credentials(settings());
    settings.mail_by_smtp = true;
    settings.config.email.tls = SmtpTls::None;
    settings.config.email.smtp_host = "mail.elsewhere.test".to_owned();
    let error = Mailer::from_settings(settings.mail()).unwrap_err();
    assert!(error.to_string().contains("in clear"));
}

#[tokio::test]
async fn a_loopback_server_without_auth_gets_the_mail_without_login() {
    let server = SmtpServer::start(Tls::None).await;
    let settings = with_credentials(smtp_settings(&server, SmtpTls::None));
    send(&Mailer::from_settings(settings.mail()).unwrap())
        .await
        .unwrap();
    assert_eq!((server.received().len(), server.logins().len()), (1, 0));
}

#[test]
fn a_ca_file_without_a_certificate_is_an_error() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut settings = settings();
    settings.mail_by_smtp = true;
    settings.config.email.ca_file = Some(file.path().to_str().unwrap().to_owned());
    let error = Mailer::from_settings(settings.mail()).unwrap_err();
    assert!(error.to_string().contains("email.ca_file"));
}
