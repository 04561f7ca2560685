//! `create-admin` where mail is sent: what it says of the link is what became of it (ADM-2).

use bson::doc;
use serde_json::json;

use crate::{
    harness::{Home, Process, eventually, registration},
    smtp_server::{Act, SmtpServer, Step, Tls},
};

const BOSS: [&str; 3] = ["create-admin", "--email", "boss@example.org"];
const NEW: &str = "a long enough new password";

/// A machine that mails by `smtp`, with the password that it was given.
fn mailing_by(smtp: &SmtpServer) -> Home {
    smtp.offer_auth("PLAIN");
    Home::new()
        .with("SMTP_HOST", "127.0.0.1")
        .with("SMTP_PORT", &smtp.address.port().to_string())
        .with("SMTP_USER", "desk@clinic.example")
        .with("SMTP_PASSWORD", "s3cret-word")
        .with("CLINIC_AUTH__EMAIL__TLS", "none")
        .with("CLINIC_AUTH__EMAIL__RETRY_FIRST_SECONDS", "1")
}

/// The token of the link in the mail that the administrator got.
fn link_token(smtp: &SmtpServer) -> Option<String> {
    let to_boss = |mail: &crate::smtp_server::Received| mail.to == "boss@example.org";
    let mail = smtp.received().into_iter().find(to_boss)?.mail();
    let mail = mail.replace("=\r\n", "").replace("=3D", "=");
    let (_, token) = mail.split_once("#token=")?;
    token.split_whitespace().next().map(str::to_owned)
}

async fn accepts(home: &Home, smtp: &SmtpServer) {
    accepts_at(&home.serve_ready().await, smtp).await;
}

async fn accepts_at(process: &Process, smtp: &SmtpServer) {
    let token = eventually("the mail with the link", async || link_token(smtp)).await;
    let body = json!({ "token": token, "new_password": NEW, "confirm_password": NEW });
    process.post("/auth/reset-password", body).await.expect(200);
}

#[tokio::test]
async fn a_link_that_the_mail_server_took_was_mailed() {
    let smtp = SmtpServer::start(Tls::None).await;
    let home = mailing_by(&smtp);
    let said = home.run(&BOSS).await.good();
    assert!(said.contains("was mailed"), "{said}");
    assert!(link_token(&smtp).is_some());
    accepts(&home, &smtp).await;
}

#[tokio::test]
async fn a_link_that_could_not_be_mailed_is_said_to_wait_with_the_reason_and_comes_later() {
    let smtp = SmtpServer::start(Tls::None).await;
    smtp.always(Step::Auth, Act::Reply("535 5.7.8 desk is wrong"));
    let home = mailing_by(&smtp);
    let said = home.run(&BOSS).await.good();
    for part in [
        "is not mailed yet",
        "signing in to the mail server: refused with 535",
        "correct SMTP_USER and SMTP_PASSWORD",
    ] {
        assert!(said.contains(part), "{part:?} in {said}");
    }
    assert!(!said.contains("was mailed"), "{said}");
    smtp.recover();
    accepts(&home, &smtp).await;
}

#[tokio::test]
async fn a_link_that_the_mail_server_refuses_for_good_is_told_with_the_reason_and_not_tried_again()
{
    let smtp = SmtpServer::start(Tls::None).await;
    smtp.always(Step::Rcpt, Act::Reply("550 5.1.1 unknown"));
    let home = mailing_by(&smtp).with("CLINIC_AUTH__OTP__COOLDOWN_SECONDS", "0");
    let said = home.run(&BOSS).await.good();
    for part in [
        "was not mailed",
        "refused by the mail server: no such mailbox",
        "ask for one later on http://localhost:5001/static/reset.html",
    ] {
        assert!(said.contains(part), "{part:?} in {said}");
    }
    smtp.recover();
    let process = home.serve_ready().await;
    let body = json!({ "email": "boss@example.org" });
    process
        .post("/auth/forgot-password", body)
        .await
        .expect(200);
    accepts_at(&process, &smtp).await;
    assert_eq!(smtp.received().len(), 1); // MAIL-8: the mail that was asked for, and not the refused one
}

#[tokio::test]
async fn the_mails_of_others_are_left_to_the_service() {
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
    home.run(&BOSS).await.good();
    let to: Vec<_> = smtp.received().into_iter().map(|mail| mail.to).collect();
    assert_eq!(to, ["boss@example.org"]);
}

#[tokio::test]
async fn an_address_with_too_many_codes_gets_no_link_and_that_is_said() {
    let home = Home::new().with("CLINIC_AUTH__OTP__MAX_PER_HOUR", "1");
    home.run(&BOSS).await.good();
    let direct = home.open().await;
    for collection in ["staff_v2", "identifiers"] {
        let rows = direct.store.raw(collection);
        rows.delete_many(doc! {}).await.unwrap();
    }
    drop(direct);
    let said = home.run(&BOSS).await.good();
    assert!(
        said.contains("No link to set the password was made"),
        "{said}"
    );
    assert!(!said.contains("mailed"), "{said}");
}
