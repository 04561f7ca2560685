//! A server that refuses, hangs or breaks off: what is said of it, and how long it is waited for.

use super::*;

const TEMPORARY: Act = Act::Reply("451 4.3.0 ana@example.com 012345 later");
const FINAL: Act = Act::Reply("550 5.1.1 ana@example.com 012345 unknown");
/// Seconds, where the mail after the one that hangs must have time enough on a machine that is busy otherwise.
const LIMIT: u64 = 3;

#[tokio::test]
async fn a_refusal_is_told_with_its_code_wherever_it_comes() {
    for step in [Step::Mail, Step::Rcpt, Step::Data, Step::Content] {
        for (act, told) in [
            (TEMPORARY, ": refused with 451"),
            (FINAL, ": refused with 550"),
        ] {
            let error = failure_at(step, act).await.to_string();
            assert!(error.ends_with(told), "{error}");
        }
    }
}

#[tokio::test]
async fn a_server_that_does_not_even_greet_is_told() {
    for step in [Step::Greeting, Step::Ehlo] {
        let error = failure_at(step, FINAL).await.to_string();
        assert!(
            error.starts_with("connecting to the mail server: "),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_wrong_password_is_told() {
    let server = SmtpServer::start(Tls::Starttls).await;
    server.offer_auth("PLAIN LOGIN");
    server.always(
        Step::Auth,
        Act::Reply("535 5.7.8 desk s3cret-word is wrong"),
    );
    let error = failure(&signing_in(leading_to(&server, SmtpTls::Starttls))).await;
    assert_eq!(
        error.to_string(),
        "signing in to the mail server: refused with 535"
    );
}

#[tokio::test]
async fn an_error_repeats_nothing_of_what_the_server_wrote() {
    for act in [TEMPORARY, FINAL] {
        let error = failure_at(Step::Rcpt, act).await;
        for shown in [format!("{error}"), format!("{error:?}")] {
            assert!(!shown.contains("ana@example.com") && !shown.contains("012345"));
        }
    }
}

#[tokio::test]
async fn a_connection_that_breaks_off_is_told() {
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
async fn a_server_that_is_not_there_is_told() {
    let server = SmtpServer::start(Tls::None).await;
    let mut settings = leading_to(&server, SmtpTls::None);
    // Bound, so that nobody else gets the port, and never listening.
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
async fn a_host_that_nobody_knows_is_told_in_plain_words() {
    let server = SmtpServer::start(Tls::None).await;
    for tls in [SmtpTls::None, SmtpTls::Implicit] {
        // A second is enough: a machine that nobody answers asks no longer.
        let mut settings = within(1, leading_to(&server, tls));
        settings.config.email.smtp_host = "mail.clinic.invalid".to_owned(); // RFC 6761
        let error = failure(&settings).await.to_string();
        assert!(
            error.starts_with("looking up the name of the mail server: "),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_server_that_hangs_is_left_after_the_commands_limit() {
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
async fn a_server_that_hangs_while_tls_begins_is_left_too() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = SmtpServer::start(Tls::Implicit).await;
    let mut settings = within(1, leading_to(&server, SmtpTls::Implicit));
    settings.config.email.smtp_port = silent.local_addr().unwrap().port();
    assert!(
        failure(&settings)
            .await
            .to_string()
            .contains("no answer within")
    );
}

#[tokio::test]
async fn a_mail_never_takes_longer_than_three_commands_may() {
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
    let error = failure(&within(2, leading_to(&server, SmtpTls::None))).await;
    assert_eq!(error.to_string(), "sending the mail: no answer within 6 s");
}

#[tokio::test]
async fn the_mail_after_a_timeout_does_not_begin_in_the_middle_of_the_last() {
    let server = SmtpServer::start(Tls::None).await;
    let mailer = plain_mailer_within(LIMIT, &server);
    server.once(Step::Content, Act::Hang);
    send(&mailer).await.unwrap_err();
    send(&mailer).await.unwrap();
    assert_eq!((server.received().len(), server.connections()), (1, 2));
}

#[tokio::test]
async fn an_answer_that_comes_late_is_not_taken_for_one_to_the_next_mail() {
    let server = SmtpServer::start(Tls::None).await;
    let mailer = plain_mailer_within(LIMIT, &server);
    server.once(Step::Content, Act::Hold);
    send(&mailer).await.unwrap_err();
    server.let_go();
    send(&mailer).await.unwrap();
    assert_eq!(server.connections(), 2);
}
