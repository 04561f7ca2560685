//! The mail worker with dead, slow and hanging servers, with workers that die, and with late codes (MAIL-1, MAIL-2).

use chrono::Duration;
use clinic_auth::config::{Settings, sections::SmtpTls};
use identity::mails::{documents::MailJob, outbox};
use platform::outbox::{MailRequest, OutboxRow};
use serde_json::json;

use crate::{
    harness::{PASSWORD, TestServer, eventually},
    smtp_server::{Act, SmtpServer, Step, Tls},
};

/// A service that sends mail to `smtp`, with a command timeout that is long enough for a busy machine.
pub(crate) async fn start_with_smtp(smtp: &SmtpServer) -> TestServer {
    start_with_smtp_timeout(smtp, 60).await
}

/// A service that sends mail to `smtp`, with a command timeout of `seconds`.
async fn start_with_smtp_timeout(smtp: &SmtpServer, seconds: u64) -> TestServer {
    let change = smtp_settings(smtp, seconds);
    TestServer::start_with(change).await
}

/// The settings of a service that sends mail to `smtp`, with a command timeout of `seconds`.
pub(crate) fn smtp_settings(smtp: &SmtpServer, seconds: u64) -> impl FnOnce(&mut Settings) + use<> {
    let port = smtp.address.port();
    move |settings: &mut Settings| {
        settings.mail_by_smtp = true;
        let email = &mut settings.config.email;
        "127.0.0.1".clone_into(&mut email.smtp_host);
        email.smtp_port = port;
        email.tls = SmtpTls::None;
        email.from = Some("no-reply@clinic.example".to_owned());
        email.command_timeout_seconds = seconds;
    }
}

/// The code in the newest mail that `smtp` received.
pub(crate) fn code_in(smtp: &SmtpServer) -> String {
    let mail = smtp.received().last().unwrap().mail();
    let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
    mail.lines()
        .map(str::trim)
        .find(is_code)
        .unwrap()
        .to_owned()
}

fn message_ids(smtp: &SmtpServer) -> Vec<String> {
    let id = |mail: String| {
        mail.lines()
            .find(|line| line.starts_with("Message-ID:"))
            .map(str::to_owned)
    };
    smtp.received()
        .iter()
        .map(|received| id(received.mail()).unwrap())
        .collect()
}

pub(crate) async fn check_code_works(server: &TestServer, otp: &str) {
    let proof = json!({ "email": "jane@example.org", "otp": otp });
    server.post("/auth/verify-otp", proof).await.expect(200);
    server.login("jane", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_dead_mail_server_delays_but_does_not_lose_a_registration() {
    let smtp = SmtpServer::start(Tls::None).await;
    smtp.once(Step::Greeting, Act::Drop);
    let server = start_with_smtp(&smtp).await;
    server.register("jane").await.expect(200);
    server.deliver().await;
    assert!(smtp.received().is_empty());
    server.clock.advance(Duration::seconds(5));
    server.deliver().await;
    check_code_works(&server, &code_in(&smtp)).await;
}

#[tokio::test]
async fn a_mail_server_that_refuses_the_sender_loses_no_registration() {
    let smtp = SmtpServer::start(Tls::None).await;
    smtp.once(Step::Mail, Act::Reply("550 5.7.1 relaying denied"));
    let server = start_with_smtp(&smtp).await;
    server.register("jane").await.expect(200);
    server.deliver().await;
    server.clock.advance(Duration::seconds(60));
    server.deliver().await;
    check_code_works(&server, &code_in(&smtp)).await;
}

#[tokio::test]
async fn a_mail_with_a_temporary_refusal_is_tried_again() {
    let smtp = SmtpServer::start(Tls::None).await;
    smtp.always(Step::Rcpt, Act::Reply("451 4.3.0 try again later"));
    let server = start_with_smtp(&smtp).await;
    server.register("jane").await.expect(200);
    server.deliver().await;
    server.clock.advance(Duration::seconds(5));
    server.deliver().await;
    assert!(smtp.received().is_empty());
    smtp.recover();
    server.clock.advance(Duration::seconds(10));
    server.deliver().await;
    assert_eq!(message_ids(&smtp).len(), 1);
    check_code_works(&server, &code_in(&smtp)).await;
}

#[tokio::test]
async fn a_slow_mail_server_gets_each_mail_once() {
    let smtp = SmtpServer::start(Tls::None).await;
    let pause = std::time::Duration::from_millis(800);
    for step in [Step::Greeting, Step::Mail, Step::Data, Step::Content] {
        smtp.always(step, Act::Wait(pause)); // The sum of the pauses is longer than the timeout of one command.
    }
    let server = start_with_smtp_timeout(&smtp, 3).await;
    server.register("jane").await.expect(200);
    server.deliver().await;
    assert_eq!(message_ids(&smtp).len(), 1);
    check_code_works(&server, &code_in(&smtp)).await;
}

#[tokio::test]
async fn a_hanging_mail_server_blocks_no_request_and_no_other_mail() {
    let smtp = SmtpServer::start(Tls::None).await;
    smtp.once(Step::Mail, Act::Hang);
    let server = start_with_smtp(&smtp).await;
    server.register("john").await.expect(200);
    let app = std::sync::Arc::clone(&server.app);
    let hanging = tokio::spawn(async move { outbox::work_on_next(&app).await });
    hanging.await.unwrap().unwrap(); // The first step makes the code and its mail.
    let app = std::sync::Arc::clone(&server.app);
    let hanging = tokio::spawn(async move { outbox::work_on_next(&app).await });
    eventually("a connection", async || {
        (smtp.connections() == 1).then_some(())
    })
    .await;
    server.register("jane").await.expect(200);
    server.deliver().await;
    assert!(!hanging.is_finished());
    check_code_works(&server, &code_in(&smtp)).await;
}

#[tokio::test]
async fn a_mail_sent_twice_is_the_same_mail() {
    let smtp = SmtpServer::start(Tls::None).await;
    let server = start_with_smtp(&smtp).await;
    server.register("jane").await.expect(200);
    assert!(outbox::work_on_next(&server.app).await.unwrap());
    let rows = server.app.store.raw("mail_outbox");
    let mut row = rows.find_one(bson::doc! {}).await.unwrap().unwrap();
    server.deliver().await;
    row.insert("attempts", 1); // A worker that dies between sending and deleting leaves this state.
    rows.insert_one(row).await.unwrap();
    server.deliver().await;
    let ids = message_ids(&smtp);
    assert_eq!((ids.len(), &ids[0]), (2, &ids[1]));
    let received = smtp.received();
    assert_eq!(
        received[0].mail().lines().last(),
        received[1].mail().lines().last()
    );
    check_code_works(&server, &code_in(&smtp)).await;
}

#[tokio::test]
async fn the_retry_delay_doubles_up_to_its_maximum() {
    let server = TestServer::start().await;
    server.mails.fail();
    server.register("jane").await.expect(200);
    server.deliver().await;
    for wait in [5, 10, 20, 40, 60, 60] {
        server.clock.advance(Duration::seconds(wait - 1));
        assert_eq!(outbox::tick(&server.app).await.unwrap(), 0, "before {wait}");
        server.clock.advance(Duration::seconds(1));
        assert_eq!(outbox::tick(&server.app).await.unwrap(), 1, "after {wait}");
    }
}

#[tokio::test]
async fn an_expired_code_is_not_mailed_and_a_new_one_can_be_requested() {
    let server = TestServer::start().await;
    server.mails.fail();
    server.register("jane").await.expect(200);
    server.deliver().await;
    server.clock.advance(Duration::minutes(11));
    server.mails.recover();
    assert_eq!(server.mails_to("jane@example.org").await, 0);
    server
        .post("/auth/generate-otp", json!({ "email": "jane@example.org" }))
        .await
        .expect(200);
    let otp = server.code_for("jane@example.org").await;
    check_code_works(&server, &otp).await;
}

#[tokio::test]
async fn a_notice_that_is_too_late_is_dropped() {
    let server = TestServer::start().await;
    let token = server.patient("jane").await.token();
    let before = server.mails.sent();
    server.mails.fail();
    let changed = server.change_password(&token, PASSWORD, "another long enough one");
    changed.await.expect(200);
    server.deliver().await;
    let hours = server.app.platform.settings.email.notice_hours;
    server.clock.advance(Duration::hours(hours));
    server.mails.recover();
    server.deliver().await;
    assert_eq!(server.mails.sent(), before);
    assert!(server.stored("mail_outbox").await.is_empty());
}

#[tokio::test]
async fn a_replaced_code_is_not_mailed() {
    let server = TestServer::start().await;
    server.mails.fail();
    server.register("jane").await.expect(200);
    server.deliver().await;
    server.clock.advance(Duration::seconds(61));
    server
        .post("/auth/generate-otp", json!({ "email": "jane@example.org" }))
        .await
        .expect(200);
    server.deliver().await; // The worker makes the new code, which cannot be mailed either.
    server.clock.advance(Duration::seconds(60));
    server.mails.recover();
    assert_eq!(server.mails_to("jane@example.org").await, 1);
    let otp = server.code_for("jane@example.org").await;
    check_code_works(&server, &otp).await;
}

#[tokio::test]
async fn two_workers_send_each_mail_once() {
    let (one, other) = {
        let one = TestServer::start().await;
        let other = one.another().await;
        (one, other)
    };
    for number in 0..10 {
        one.register(&format!("patient{number}")).await.expect(200);
    }
    tokio::join!(
        one.deliver(),
        other.deliver(),
        one.deliver(),
        other.deliver()
    );
    let mut sent: Vec<String> = one
        .mails
        .sent()
        .into_iter()
        .map(|(mail, _)| mail.to)
        .collect();
    sent.sort();
    let expected: Vec<String> = (0..10)
        .map(|number| format!("patient{number}@example.org"))
        .collect();
    assert_eq!(sent, expected);
}

/// Claims the next mail as a worker does that dies before it sends the mail.
async fn claim_and_die(server: &TestServer) -> OutboxRow {
    let now = server.clock.now();
    let lease = Duration::seconds(server.app.platform.settings.email.lease_seconds);
    server
        .app
        .store
        .outbox()
        .claim(now, now + lease)
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test]
async fn the_mail_of_a_dead_worker_is_sent_when_its_lease_ends() {
    let smtp = SmtpServer::start(Tls::None).await;
    smtp.once(Step::Mail, Act::Hang);
    let server = start_with_smtp(&smtp).await;
    server.register("jane").await.expect(200);
    assert!(outbox::work_on_next(&server.app).await.unwrap());
    let app = std::sync::Arc::clone(&server.app);
    let dying = tokio::spawn(async move { outbox::work_on_next(&app).await });
    eventually("a connection", async || {
        (smtp.connections() == 1).then_some(())
    })
    .await;
    dying.abort();
    server.deliver().await;
    assert!(smtp.received().is_empty());
    server.clock.advance(Duration::seconds(120));
    server.deliver().await;
    check_code_works(&server, &code_in(&smtp)).await;
}

// With two writes, a crash between them would mail a code, and then a second code that makes the first one invalid
// (MAIL-1).
#[tokio::test]
async fn a_mail_job_becomes_its_mail_in_one_write() {
    let server = TestServer::start().await;
    server.register("jane").await.expect(200);
    let late = claim_and_die(&server).await;
    server.clock.advance(Duration::seconds(120));
    assert!(outbox::work_on_next(&server.app).await.unwrap());
    let rows = server.stored("mail_outbox").await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].get_str("_id").unwrap(), late.id);
    let job = rows[0].get_document("intent").unwrap();
    assert_eq!(job.get_str("kind").unwrap(), "code");
    let outbox = server.app.store.outbox();
    assert!(!outbox.replace(&late, &late).await.unwrap());
    outbox.delete(&late).await.unwrap();
    assert_eq!(server.stored("mail_outbox").await, rows);
}

#[tokio::test]
async fn the_mail_job_of_a_dead_worker_is_done_when_its_lease_ends() {
    let server = TestServer::start().await;
    server.register("jane").await.expect(200);
    claim_and_die(&server).await;
    assert_eq!(server.mails_to("jane@example.org").await, 0);
    server.clock.advance(Duration::seconds(120));
    assert_eq!(server.mails_to("jane@example.org").await, 1);
}

#[tokio::test]
async fn a_login_works_while_no_mail_can_be_sent() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    server.mails.fail();
    server
        .post(
            "/auth/forgot-password",
            json!({ "email": "jane@example.org" }),
        )
        .await
        .expect(200);
    server.deliver().await;
    server.login("jane", PASSWORD).await.expect(200);
}

// During an upgrade, an instance of the newer version sends it.
#[tokio::test]
async fn a_notice_that_only_a_newer_version_knows_is_kept() {
    let server = TestServer::start().await;
    let request = MailRequest {
        at: server.app.clock.now(),
        language: None,
    };
    let job = MailJob::notice("of_a_newer_version", [("room", "7".to_owned())]);
    let email = "jane@example.org";
    outbox::enqueue_notice(&server.app, request, email, job.clone())
        .await
        .unwrap();
    server.deliver().await;
    assert_eq!(server.mails_to(email).await, 0);
    server.clock.advance(Duration::minutes(30));
    let (now, lease) = (server.app.clock.now(), Duration::seconds(60));
    let kept = server.app.store.outbox().claim(now, now + lease).await;
    assert_eq!(kept.unwrap().unwrap().read::<MailJob>().unwrap().job, job);
}
