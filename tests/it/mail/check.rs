//! What the `check` command and the start log say about mail.

use super::*;

#[tokio::test]
async fn the_check_signs_in_and_sends_nothing() {
    let server = SmtpServer::start(Tls::Starttls).await;
    server.offer_auth("PLAIN");
    let settings = with_credentials(smtp_settings(&server, SmtpTls::Starttls));
    let mailer = Mailer::from_settings(settings.mail()).unwrap();
    mailer.check(now()).await.unwrap();
    assert_eq!((server.logins().len(), server.received().len()), (1, 0));
    server.always(Step::Auth, Act::Reply("535 no"));
    mailer.check(now()).await.unwrap_err();
}

#[tokio::test]
async fn the_check_tries_the_sender_and_resets_it() {
    let server = SmtpServer::start(Tls::None).await;
    let mailer = plain_mailer(&server);
    server.once(Step::Mail, Act::Reply("553 5.7.1 you may not send as that"));
    let error = mailer.check(now()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "naming the sender to the mail server: refused with 553"
    );
    mailer.check(now()).await.unwrap();
    send(&mailer).await.unwrap();
    assert_eq!((server.received().len(), server.connections()), (1, 3));
}

#[tokio::test]
async fn an_unwritable_outbox_is_an_error_without_its_path() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = outbox_mailer(file.path()).check(now()).await.unwrap_err();
    assert!(!error.to_string().contains(file.path().to_str().unwrap()));
}

#[test]
fn the_start_log_names_the_mail_transport() {
    let mut settings = settings();
    let outbox = Mailer::from_settings(settings.mail()).unwrap().describe();
    assert!(outbox.contains("not sent") && outbox.contains("data/outbox"));
    settings.mail_by_smtp = true;
    let smtp = Mailer::from_settings(with_credentials(settings).mail())
        .unwrap()
        .describe();
    assert_eq!(
        smtp,
        "mail goes to the SMTP server smtp.gmail.com:587 with STARTTLS"
    );
}
