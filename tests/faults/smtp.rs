//! A mail server that refuses, hangs, is slow or answers 451: everything but the mail goes on (MAIL-2).

use std::time::{Duration, Instant};

use bson::doc;

use crate::{
    Plan,
    it::{
        harness::{Answer, Home, PASSWORD, Process, eventually, registration},
        smtp_server::{Act, Step},
    },
    mailbox::{Mailbox, VERIFY},
    people::{unthrottled, verify},
};

/// What MAIL-2 promises while no mail can be sent.
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
        .for_home(unthrottled(Home::new()))
        .with("CLINIC_AUTH__EMAIL__COMMAND_TIMEOUT_SECONDS", "2")
        .with("CLINIC_AUTH__EMAIL__RETRY_FIRST_SECONDS", "1")
        .with("CLINIC_AUTH__EMAIL__RETRY_MAX_SECONDS", "2");
    let process = home.serve_ready().await;
    person(&process, &mailbox, "jane").await;
    let mut figures = Vec::new();
    for (trouble, step, act) in TROUBLES {
        mailbox.smtp.always(step, act);
        let slowest = everything_goes_on(&process, trouble).await;
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
    figures.push(a_mail_on_its_way_is_finished(&mailbox).await);
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

/// The slowest answer of a registration, a forgotten password, a log-in and a profile, three times.
async fn everything_goes_on(process: &Process, trouble: &str) -> Duration {
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
        let nobody = serde_json::json!({ "email": "nobody@example.org" });
        ask(post("/auth/forgot-password", nobody)).await;
        let typed = serde_json::json!({ "username": "jane", "password": PASSWORD });
        let token = ask(post("/auth/login", typed)).await.token();
        ask(process.request("GET", "/users/me").bearer_auth(token)).await;
        ask(process.request("GET", "/health/ready")).await;
    }
    slowest
}

/// SIGTERM while the mail server thinks about a mail: the worker waits for its answer (LIFE-1), so that nobody sends it
/// again.
async fn a_mail_on_its_way_is_finished(mailbox: &Mailbox) -> String {
    let home = mailbox.for_home(unthrottled(Home::new()));
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
    assert!(process.ended().await.success());
    let took = begin.elapsed();
    let log = process.log();
    assert!(!log.contains("did not finish in time"), "{log}");
    mailbox.smtp.recover();
    let direct = home.open().await;
    let left = direct.find("mail_outbox", doc! {}).await;
    assert!(left.is_none(), "{left:?}");
    format!("a mail on its way at SIGTERM was finished in {took:.1?}")
}
