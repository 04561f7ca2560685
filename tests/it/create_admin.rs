//! `create-admin` with a mail server: it reports correctly whether the link was mailed (ADM-2).

use bson::doc;
use serde_json::json;

use crate::{
    harness::{Installation, Process, eventually, registration},
    smtp_server::{Act, SmtpServer, Step, Tls},
};

const BOSS: [&str; 3] = ["create-admin", "--email", "boss@example.org"];
const NEW: &str = "a long enough new password";

/// An installation that mails by `smtp`, with a password for it.
fn mailing_by(smtp: &SmtpServer) -> Installation {
    smtp.offer_auth("PLAIN");
    Installation::new()
        .with("SMTP_HOST", "127.0.0.1")
        .with("SMTP_PORT", &smtp.address.port().to_string())
        .with("SMTP_USER", "desk@clinic.example")
        .with("SMTP_PASSWORD", "s3cret-word")
        .with("CLINIC_AUTH__EMAIL__TLS", "none")
        .with("CLINIC_AUTH__EMAIL__RETRY_FIRST_SECONDS", "1")
}

/// The token of the link in the administrator's mail. `None` if there is no mail.
fn link_token(smtp: &SmtpServer) -> Option<String> {
    let to_boss = |mail: &crate::smtp_server::Received| mail.to == "boss@example.org";
    let mail = smtp.received().into_iter().find(to_boss)?.mail();
    let mail = mail.replace("=\r\n", "").replace("=3D", "=");
    let (_, token) = mail.split_once("#token=")?;
    token.split(['&', '\r', '\n']).next().map(str::to_owned)
}

async fn accept_link(home: &Installation, smtp: &SmtpServer) {
    accept_link_at(&home.serve_ready().await, smtp).await;
}

async fn accept_link_at(process: &Process, smtp: &SmtpServer) {
    let token = eventually("the mail with the link", async || link_token(smtp)).await;
    let body = json!({ "token": token, "new_password": NEW, "confirm_password": NEW });
    process.post("/auth/reset-password", body).await.expect(200);
}

#[tokio::test]
async fn a_link_that_the_mail_server_accepts_is_mailed() {
    let smtp = SmtpServer::start(Tls::None).await;
    let home = mailing_by(&smtp);
    let output = home.run(&BOSS).await.success();
    assert!(output.contains("was mailed"), "{output}");
    assert!(link_token(&smtp).is_some());
    accept_link(&home, &smtp).await;
}

#[tokio::test]
async fn a_link_that_fails_temporarily_is_reported_and_sent_later() {
    let smtp = SmtpServer::start(Tls::None).await;
    smtp.always(Step::Auth, Act::Reply("535 5.7.8 desk is wrong"));
    let home = mailing_by(&smtp);
    let output = home.run(&BOSS).await.success();
    for part in [
        "is not mailed yet",
        "signing in to the mail server: refused with 535",
        "correct SMTP_USER and SMTP_PASSWORD",
    ] {
        assert!(output.contains(part), "{part:?} in {output}");
    }
    assert!(!output.contains("was mailed"), "{output}");
    smtp.recover();
    accept_link(&home, &smtp).await;
}

#[tokio::test]
async fn a_permanently_refused_link_is_not_sent_again() {
    let smtp = SmtpServer::start(Tls::None).await;
    smtp.always(Step::Rcpt, Act::Reply("550 5.1.1 unknown"));
    let home = mailing_by(&smtp).with("CLINIC_AUTH__OTP__COOLDOWN_SECONDS", "0");
    let output = home.run(&BOSS).await.success();
    for part in [
        "was not mailed",
        "refused by the mail server: no such mailbox",
        "ask for one later on http://localhost:5001/static/reset.html",
    ] {
        assert!(output.contains(part), "{part:?} in {output}");
    }
    smtp.recover();
    let process = home.serve_ready().await;
    let body = json!({ "email": "boss@example.org" });
    process
        .post("/auth/forgot-password", body)
        .await
        .expect(200);
    accept_link_at(&process, &smtp).await;
    assert_eq!(smtp.received().len(), 1); // The requested mail arrived, the refused one did not (MAIL-8).
}

#[tokio::test]
async fn create_admin_sends_no_other_mails() {
    let smtp = SmtpServer::start(Tls::None).await;
    let home = mailing_by(&smtp);
    smtp.always(Step::Auth, Act::Reply("454 later"));
    let process = home.serve_ready().await;
    for name in ["jane", "john", "joan"] {
        let answer = process.post("/auth/register", registration(name)).await;
        answer.expect(200);
    }
    process.stop().await;
    smtp.recover();
    home.run(&BOSS).await.success();
    let to: Vec<_> = smtp.received().into_iter().map(|mail| mail.to).collect();
    assert_eq!(to, ["boss@example.org"]);
}

#[tokio::test]
async fn an_address_with_too_many_codes_gets_no_link() {
    let home = Installation::new().with("CLINIC_AUTH__OTP__MAX_PER_HOUR", "1");
    home.run(&BOSS).await.success();
    let direct = home.open().await;
    for collection in ["staff_v2", "identifiers"] {
        let rows = direct.store.raw(collection);
        rows.delete_many(doc! {}).await.unwrap();
    }
    drop(direct);
    let output = home.run(&BOSS).await.success();
    assert!(
        output.contains("No link to set the password was made"),
        "{output}"
    );
    assert!(!output.contains("mailed"), "{output}");
}
