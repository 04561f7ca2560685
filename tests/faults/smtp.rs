//! A mail server that refuses, hangs, is slow or answers 451. Everything except the mail still works (MAIL-2).

use std::time::{Duration, Instant};

use bson::doc;

use crate::{
    Plan,
    it::{
        harness::{Answer, Installation, PASSWORD, Process, eventually, registration},
        smtp_server::{Act, Step},
    },
    mailbox::{Mailbox, VERIFY},
    people::{unthrottled, verify},
};

/// The longest time that an answer may take while no mail can be sent (MAIL-2).
const WITHIN: Duration = Duration::from_secs(1);

const TROUBLES: [(&str, Step, Act); 4] = [
    ("refusing", Step::Mail, Act::Drop),
    ("hanging", Step::Mail, Act::Hang),
    ("slow", Step::Rcpt, Act::Wait(Duration::from_millis(1500))),
    ("451", Step::Rcpt, Act::Reply("451 4.3.0 try again later")),
];

pub(crate) async fn run(_: Plan) -> String {
    let mailbox = Mailbox::start().await;
    let home = mailbox
        .configure(unthrottled(Installation::new()))
        .with("CLINIC_AUTH__EMAIL__COMMAND_TIMEOUT_SECONDS", "2")
        .with("CLINIC_AUTH__EMAIL__RETRY_FIRST_SECONDS", "1")
        .with("CLINIC_AUTH__EMAIL__RETRY_MAX_SECONDS", "2");
    let process = home.serve_ready().await;
    person(&process, &mailbox, "jane").await;
    let mut figures = Vec::new();
    for (trouble, step, act) in TROUBLES {
        mailbox.smtp.always(step, act);
        let slowest = slowest_answer(&process, trouble).await;
        assert!(slowest < WITHIN, "{trouble}: {slowest:?}");
        mailbox.smtp.recover();
        let begin = Instant::now();
        let name = format!("mia-{trouble}");
        let otp = mailbox.code(&format!("{name}@example.org"), VERIFY).await;
        let took = begin.elapsed();
        verify(&process, &name, &otp).await.expect(200);
        figures.push(format!(
            "{trouble}: slowest answer {slowest:.0?}, mail {took:.1?} after"
        ));
    }
    process.stop().await;
    figures.push(shutdown_finishes_a_mail(&mailbox).await);
    let (census, again) = mailbox.census(VERIFY);
    assert!(census.values().all(|mails| *mails == 1), "{census:?}");
    assert_eq!(again, 0, "mails that came twice");
    figures.join("; ")
}

async fn person(process: &Process, mailbox: &Mailbox, name: &str) {
    let body = registration(name);
    process.post("/auth/register", body).await.expect(200);
    let otp = mailbox.code(&format!("{name}@example.org"), VERIFY).await;
    verify(process, name, &otp).await.expect(200);
}

/// Sends requests of several kinds. Returns the time of the slowest answer.
async fn slowest_answer(process: &Process, trouble: &str) -> Duration {
    let mut slowest = Duration::ZERO;
    let mut ask = async |request: reqwest::RequestBuilder| {
        let begin = Instant::now();
        let answer = Answer::of(request).await;
        slowest = slowest.max(begin.elapsed());
        answer.expect(200)
    };
    let post = |path: &str, body: serde_json::Value| process.request("POST", path).json(&body);
    ask(post(
        "/auth/register",
        registration(&format!("mia-{trouble}")),
    ))
    .await;
    for _ in 0..3 {
        let unknown_address = serde_json::json!({ "email": "nobody@example.org" });
        ask(post("/auth/forgot-password", unknown_address)).await;
        let credentials = serde_json::json!({ "username": "jane", "password": PASSWORD });
        let token = ask(post("/auth/login", credentials)).await.token();
        ask(process.request("GET", "/users/me").bearer_auth(token)).await;
        ask(process.request("GET", "/health/ready")).await;
    }
    slowest
}

/// Sends SIGTERM while the mail server has not confirmed a mail yet. The worker waits for the confirmation, so that the
/// mail is not sent twice (LIFE-1).
async fn shutdown_finishes_a_mail(mailbox: &Mailbox) -> String {
    let home = mailbox.configure(unthrottled(Installation::new()));
    let mut process = home.serve_ready().await;
    let pause = Duration::from_secs(8);
    mailbox.smtp.always(Step::Content, Act::Wait(pause));
    let body = registration("late");
    process.post("/auth/register", body).await.expect(200);
    eventually("the mail at the server", async || {
        let (census, _) = mailbox.census(VERIFY);
        census.get("late@example.org").copied()
    })
    .await;
    let begin = Instant::now();
    process.signal("TERM");
    assert!(process.wait_for_exit().await.success());
    let took = begin.elapsed();
    let log = process.log();
    assert!(!log.contains("did not finish in time"), "{log}");
    mailbox.smtp.recover();
    let direct = home.open().await;
    let left = direct.find("mail_outbox", doc! {}).await;
    assert!(left.is_none(), "{left:?}");
    format!("a mail on its way at SIGTERM was finished in {took:.1?}")
}
