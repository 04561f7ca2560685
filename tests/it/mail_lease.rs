//! The lease of a mail is short, and its worker renews it while it sends the mail. Without a lease no worker sends
//! (MAIL-8, LIFE-2).

use std::sync::Arc;

use bson::doc;
use chrono::Duration;
use clinic_auth::config::Settings;
use identity::mails::outbox;
use tokio::task::JoinHandle;

use crate::{
    harness::{TestServer, eventually},
    mail_worker::{check_code_works, code_in, smtp_settings, start_with_smtp},
    smtp_server::{Act, SmtpServer, Step, Tls},
};

/// The seconds of a lease that is renewed every second.
const SHORT: i64 = 3;

/// Two instances that send mail to `smtp` and use short leases.
async fn with_short_leases(smtp: &SmtpServer) -> (TestServer, TestServer) {
    let change = |smtp: &SmtpServer| {
        let mailing = smtp_settings(smtp, 60);
        move |settings: &mut Settings| {
            mailing(settings);
            settings.config.email.lease_seconds = SHORT;
        }
    };
    let one = TestServer::start_with(change(smtp)).await;
    let other = one.another_with(change(smtp)).await;
    (one, other)
}

/// Starts a worker that sends Jane's code to a mail server that does `act` at `step`. Returns when it has connected.
async fn start_sending(
    smtp: &SmtpServer,
    server: &TestServer,
    (step, act): (Step, Act),
) -> JoinHandle<bool> {
    server.register("jane").await.expect(200);
    assert!(outbox::work_on_next(&server.app).await.unwrap()); // The worker makes the code.
    smtp.once(step, act);
    let app = Arc::clone(&server.app);
    let worker = tokio::spawn(async move { outbox::work_on_next(&app).await.unwrap() });
    eventually("a connection", async || {
        (smtp.connections() == 1).then_some(())
    })
    .await;
    worker
}

/// The time when the only mail is due.
async fn due_at(server: &TestServer) -> bson::DateTime {
    let mails = server.stored("mail_outbox").await;
    assert_eq!(mails.len(), 1);
    *mails[0].get_datetime("due_at").unwrap()
}

#[tokio::test]
async fn the_mail_of_a_dead_instance_is_sent_within_45_seconds() {
    let smtp = SmtpServer::start(Tls::None).await;
    let one = start_with_smtp(&smtp).await;
    let other = one.another_with(smtp_settings(&smtp, 60)).await;
    let dead = start_sending(&smtp, &one, (Step::Mail, Act::Hang)).await;
    dead.abort();
    assert!(dead.await.unwrap_err().is_cancelled());
    other.deliver().await;
    assert!(smtp.received().is_empty());
    one.clock.advance(Duration::seconds(40));
    other.deliver().await;
    assert_eq!(smtp.received().len(), 1);
    check_code_works(&other, &code_in(&smtp)).await;
}

#[tokio::test]
async fn the_mail_job_of_a_dead_instance_is_done_within_45_seconds() {
    let server = TestServer::start().await;
    server.register("jane").await.expect(200);
    let lease = Duration::seconds(server.app.platform.settings.email.lease_seconds);
    let now = server.clock.now();
    let claimed = server.app.store.outbox().claim(now, now + lease).await;
    assert!(claimed.unwrap().is_some());
    assert_eq!(server.mails_to("jane@example.org").await, 0);
    server.clock.advance(Duration::seconds(40));
    assert_eq!(server.mails_to("jane@example.org").await, 1);
}

#[tokio::test]
async fn a_slow_mail_keeps_its_lease_and_is_sent_once() {
    let smtp = SmtpServer::start(Tls::None).await;
    let (one, other) = with_short_leases(&smtp).await;
    let worker = start_sending(&smtp, &one, (Step::Rcpt, Act::Hold)).await;
    for _ in 0..3 {
        let before = due_at(&one).await;
        one.clock.advance(Duration::seconds(SHORT - 1));
        eventually("a renewal", async || {
            (due_at(&one).await > before).then_some(())
        })
        .await;
        other.deliver().await; // The other instance finds no work.
    }
    smtp.release();
    worker.await.unwrap();
    other.deliver().await;
    assert_eq!((smtp.received().len(), smtp.connections()), (1, 1));
    check_code_works(&one, &code_in(&smtp)).await;
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_stops_sending() {
    let smtp = SmtpServer::start(Tls::None).await;
    let (one, other) = with_short_leases(&smtp).await;
    let worker = start_sending(&smtp, &one, (Step::Rcpt, Act::Hang)).await;
    let retaken = doc! { "attempts": 2, "due_at": bson::DateTime::from_millis(0) };
    one.change_stored("mail_outbox", doc! {}, retaken).await; // The state after another worker took it and failed.
    eventually("the end of the first worker", async || {
        worker.is_finished().then_some(())
    })
    .await;
    assert_eq!(due_at(&one).await, bson::DateTime::from_millis(0)); // unchanged
    other.deliver().await;
    assert_eq!(smtp.received().len(), 1);
    check_code_works(&other, &code_in(&smtp)).await;
}
