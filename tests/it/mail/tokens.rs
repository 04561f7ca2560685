//! Login at the mail server with an access token (XOAUTH2): from a file or a command, renewed, refused.

use std::{fs, path::Path};

use chrono::Duration;
use clinic_auth::config::sections::SmtpAuth;
use tempfile::TempDir;

use super::*;
use crate::{
    harness::{TestServer, ThreadLog},
    smtp_server::Login,
};

/// These settings with tokens for the user `desk`.
fn with_tokens(mut settings: Settings, change: impl FnOnce(&mut Settings)) -> Settings {
    settings.secrets.smtp_user = Some(Secret::new("desk"));
    settings.config.email.auth = SmtpAuth::Xoauth2;
    change(&mut settings);
    settings
}

fn from_file(server: &SmtpServer, file: &Path) -> Settings {
    with_tokens(smtp_settings(server, SmtpTls::Starttls), |settings| {
        settings.config.email.token_file = Some(file.to_str().unwrap().to_owned());
    })
}

/// A command that prints one more token at each run, `token-1` first, with this text behind it.
fn from_command(server: &SmtpServer, dir: &TempDir, answer: &str) -> Settings {
    let count = dir.path().join("runs");
    let script = format!(
        "echo run >> {0}; n=$(wc -l < {0}); echo a secret of the command >&2; printf '{answer}' token-$((n))",
        count.display()
    );
    with_tokens(smtp_settings(server, SmtpTls::Starttls), |settings| {
        settings.config.email.token_command = vec!["sh".to_owned(), "-c".to_owned(), script];
    })
}

async fn server_with(tokens: &[&str]) -> SmtpServer {
    let server = SmtpServer::start(Tls::Starttls).await;
    server.accept_tokens(tokens);
    server
}

fn tokens_shown(server: &SmtpServer) -> Vec<String> {
    let token = |login: Login| {
        assert_eq!(
            (login.mechanism, login.user.as_str(), login.encrypted),
            ("XOAUTH2", "desk", true)
        );
        login.password
    };
    server.logins().into_iter().map(token).collect()
}

#[tokio::test]
async fn a_token_of_a_file_is_read_for_each_mail() {
    let server = server_with(&["one", "two"]).await;
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("token");
    fs::write(&file, "one\n").unwrap();
    let mailer = Mailer::from_settings(from_file(&server, &file).mail()).unwrap();
    assert!(
        mailer
            .describe()
            .ends_with("with STARTTLS, signed in with a token")
    );
    send(&mailer).await.unwrap();
    fs::write(&file, r#"{"access_token":"two","expires_in":3599}"#).unwrap();
    send(&mailer).await.unwrap();
    assert_eq!(tokens_shown(&server), ["one", "two"]);
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn a_token_of_a_command_is_renewed_before_it_ends() {
    let server = server_with(&["token-1", "token-2"]).await;
    let dir = TempDir::new().unwrap();
    let answer = r#"{"access_token":"%s","expires_in":3600}"#;
    let settings = from_command(&server, &dir, answer);
    let mailer = Mailer::from_settings(settings.mail()).unwrap();
    for minutes in [0, 54, 55] {
        let at = now() + Duration::minutes(minutes);
        mailer.send(&mail(), "id", at).await.unwrap();
    }
    assert_eq!(tokens_shown(&server), ["token-1", "token-1", "token-2"]);
}

#[tokio::test]
async fn mails_at_the_same_time_share_one_token() {
    let server = server_with(&["token-1"]).await;
    let dir = TempDir::new().unwrap();
    let settings = from_command(&server, &dir, "%s");
    let mailer = Mailer::from_settings(settings.mail()).unwrap();
    let sent = futures_util::future::join_all((0..4).map(|_| send(&mailer))).await;
    assert!(sent.iter().all(Result::is_ok), "{sent:?}");
    assert_eq!(tokens_shown(&server), ["token-1"; 4]);
}

// The provider ended the token early, such as after a change of the password.
#[tokio::test]
async fn a_refused_token_is_fetched_once_more() {
    let server = server_with(&["token-1"]).await;
    let dir = TempDir::new().unwrap();
    let settings = from_command(&server, &dir, "%s");
    let mailer = Mailer::from_settings(settings.mail()).unwrap();
    send(&mailer).await.unwrap();
    server.accept_tokens(&["token-2"]);
    send(&mailer).await.unwrap();
    assert_eq!(tokens_shown(&server), ["token-1", "token-1", "token-2"]);
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn a_mail_waits_while_its_token_is_refused() {
    let smtp = server_with(&["good"]).await;
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("token");
    fs::write(&file, "old-secret").unwrap();
    let email = from_file(&smtp, &file).config.email;
    let log = ThreadLog::start();
    let server = TestServer::start_with(|settings| {
        settings.mail_by_smtp = true;
        settings.config.email = email;
        settings.secrets.smtp_user = Some(Secret::new("desk"));
    })
    .await;
    server.register("jane").await.expect(200);
    server.deliver().await;
    assert_eq!(tokens_shown(&smtp), ["old-secret"]);
    let text = log.text();
    let line = text
        .lines()
        .find(|line| line.contains("it will be tried again"))
        .unwrap();
    assert!(
        line.contains("signing in to the mail server with a token: refused with 535"),
        "{line}"
    );
    assert!(!text.contains("old-secret") && !text.contains("not accepted"));
    fs::write(&file, "good").unwrap();
    server.clock.advance(Duration::seconds(60));
    server.deliver().await;
    assert_eq!(smtp.received().len(), 1);
}

#[tokio::test]
async fn a_missing_token_is_named_without_its_text() {
    let server = server_with(&["good"]).await;
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("token");
    let absent = failure(&from_file(&server, &file)).await;
    fs::write(&file, "two words").unwrap();
    let useless = failure(&from_file(&server, &file)).await;
    let silent = failure(&from_command(&server, &dir, "no token: %s")).await;
    let failed = failure(&from_command(&server, &dir, "%s'; exit 3; echo '")).await;
    let mut missing = from_command(&server, &dir, "%s");
    missing.config.email.token_command = vec!["/no/such/program".to_owned()];
    let missing = failure(&missing).await;
    server.offer_auth("PLAIN");
    fs::write(&file, "good").unwrap();
    let not_offered = failure(&from_file(&server, &file)).await;
    for (error, why) in [
        (absent, "email.token_file cannot be read"),
        (useless, "email.token_file holds no token"),
        (silent, "email.token_command printed no token"),
        (failed, "email.token_command failed"),
        (missing, "email.token_command cannot be run"),
        (not_offered, "the server does not offer XOAUTH2"),
    ] {
        let text = format!("signing in to the mail server with a token: {why}");
        assert_eq!(error.to_string(), text);
        assert!(error.remedy().contains("email.token_command"));
    }
    assert!(server.logins().is_empty());
}
