//! Mail servers that refuse, hang or close the connection: the errors, and the timeouts.

use super::*;

const TEMPORARY: Act = Act::Reply("451 4.3.0 ana@example.com 012345 later");
const FINAL: Act = Act::Reply("550 5.1.1 ana@example.com 012345 unknown");
/// The timeout in seconds where a second mail follows the one that hangs. It is long enough for a busy machine.
const LIMIT: u64 = 3;

#[tokio::test]
async fn a_refusal_at_any_step_is_reported_with_its_code() {
    for step in [Step::Mail, Step::Rcpt, Step::Data, Step::Content] {
        for (act, ending) in [
            (TEMPORARY, ": refused with 451"),
            (FINAL, ": refused with 550"),
        ] {
            let error = failure_at(step, act).await.to_string();
            assert!(error.ends_with(ending), "{error}");
        }
    }
}

#[tokio::test]
async fn a_refused_greeting_is_reported() {
    for step in [Step::Greeting, Step::Ehlo] {
        let error = failure_at(step, FINAL).await.to_string();
        assert!(
            error.starts_with("connecting to the mail server: "),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_refused_smtp_password_is_reported() {
    let server = SmtpServer::start(Tls::Starttls).await;
    server.offer_auth("PLAIN LOGIN");
    server.always(
        Step::Auth,
        Act::Reply("535 5.7.8 desk s3cret-word is wrong"),
    );
    let error = failure(&with_credentials(smtp_settings(&server, SmtpTls::Starttls))).await;
    assert_eq!(
        error.to_string(),
        "signing in to the mail server: refused with 535"
    );
}

#[tokio::test]
async fn an_error_repeats_nothing_that_the_server_sent() {
    for act in [TEMPORARY, FINAL] {
        let error = failure_at(Step::Rcpt, act).await;
        for shown in [format!("{error}"), format!("{error:?}")] {
            assert!(!shown.contains("ana@example.com") && !shown.contains("012345"));
        }
    }
}

#[tokio::test]
async fn a_broken_connection_is_reported() {
    for step in [
        Step::Greeting,
        Step::Ehlo,
        Step::Rcpt,
        Step::Data,
        Step::Content,
    ] {
        let error = failure_at(step, Act::Drop).await.to_string();
        assert!(
            error.ends_with(": the server broke off, or its answer makes no sense"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_server_that_does_not_listen_is_reported() {
    let server = SmtpServer::start(Tls::None).await;
    let mut settings = smtp_settings(&server, SmtpTls::None);
    // The port is bound, so that no other process gets it, and it never listens.
    let deaf = tokio::net::TcpSocket::new_v4().unwrap();
    deaf.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    settings.config.email.smtp_port = deaf.local_addr().unwrap().port();
    let error = failure(&settings).await;
    assert_eq!(
        error.to_string(),
        "connecting to the mail server: connection refused"
    );
}

#[tokio::test]
async fn an_unknown_host_is_reported_in_plain_words() {
    let server = SmtpServer::start(Tls::None).await;
    for tls in [SmtpTls::None, SmtpTls::Implicit] {
        // One second is enough: without a DNS server the lookup only waits for the timeout.
        let mut settings = with_timeouts(1, smtp_settings(&server, tls));
        settings.config.email.smtp_host = "mail.clinic.invalid".to_owned(); // RFC 6761
        let error = failure(&settings).await.to_string();
        assert!(
            error.starts_with("looking up the name of the mail server: "),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_server_that_hangs_fails_after_the_command_timeout() {
    let steps = [
        Step::Greeting,
        Step::Ehlo,
        Step::Rcpt,
        Step::Data,
        Step::Content,
    ];
    let hanging = steps.map(|step| failure_within(1, step, Act::Hang));
    for error in futures_util::future::join_all(hanging).await {
        assert!(error.to_string().ends_with("no answer within 1 s"));
    }
}

#[tokio::test]
async fn a_server_that_hangs_in_the_tls_handshake_times_out() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = SmtpServer::start(Tls::Implicit).await;
    let mut settings = with_timeouts(1, smtp_settings(&server, SmtpTls::Implicit));
    settings.config.email.smtp_port = silent.local_addr().unwrap().port();
    assert!(
        failure(&settings)
            .await
            .to_string()
            .contains("no answer within")
    );
}

#[tokio::test]
async fn a_mail_takes_at_most_three_command_timeouts() {
    let server = SmtpServer::start(Tls::None).await;
    let pause = std::time::Duration::from_millis(1300);
    for step in [
        Step::Ehlo,
        Step::Mail,
        Step::Rcpt,
        Step::Data,
        Step::Content,
    ] {
        server.always(step, Act::Wait(pause));
    }
    let error = failure(&with_timeouts(2, smtp_settings(&server, SmtpTls::None))).await;
    assert_eq!(error.to_string(), "sending the mail: no answer within 6 s");
}

#[tokio::test]
async fn the_mail_after_a_timeout_uses_a_new_connection() {
    let server = SmtpServer::start(Tls::None).await;
    let mailer = plain_mailer_within(LIMIT, &server);
    server.once(Step::Content, Act::Hang);
    send(&mailer).await.unwrap_err();
    send(&mailer).await.unwrap();
    assert_eq!((server.received().len(), server.connections()), (1, 2));
}

#[tokio::test]
async fn a_late_answer_does_not_count_for_the_next_mail() {
    let server = SmtpServer::start(Tls::None).await;
    let mailer = plain_mailer_within(LIMIT, &server);
    server.once(Step::Content, Act::Hold);
    send(&mailer).await.unwrap_err();
    server.release();
    send(&mailer).await.unwrap();
    assert_eq!(server.connections(), 2);
}
