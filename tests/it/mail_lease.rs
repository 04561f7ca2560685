//! The lease of a mail: short, renewed while the mail is being sent, and without it nothing is sent (MAIL-8, LIFE-2).

use std::sync::Arc;

use bson::doc;
use chrono::Duration;
use clinic_auth::{config::Settings, service::outbox};
use tokio::task::JoinHandle;

use crate::{
    harness::{TestServer, eventually},
    mail_worker::{code_in, mailing_by, mailing_settings, verifies},
    smtp_server::{Act, SmtpServer, Step, Tls},
};

/// A lease that is renewed every second.
const SHORT: i64 = 3;

/// Two instances that mail by `smtp` and have mails for a short time.
async fn with_short_leases(smtp: &SmtpServer) -> (TestServer, TestServer) {
    let change = |smtp: &SmtpServer| {
        let mailing = mailing_settings(smtp, 60);
        move |settings: &mut Settings| {
            mailing(settings);
            settings.config.email.lease_seconds = SHORT;
        }
    };
    let one = TestServer::start_with(change(smtp)).await;
    let other = one.another_with(change(smtp)).await;
    (one, other)
}

/// A worker that sends Jane's code while the mail server does `act` at `step`; it has opened a connection.
async fn sending(
    smtp: &SmtpServer,
    server: &TestServer,
    (step, act): (Step, Act),
) -> JoinHandle<bool> {
    server.register("jane").await.expect(200);
    assert!(outbox::work_on_next(&server.app).await.unwrap()); // the code is made
    smtp.once(step, act);
    let app = Arc::clone(&server.app);
    let worker = tokio::spawn(async move { outbox::work_on_next(&app).await.unwrap() });
    eventually("a connection", async || {
        (smtp.connections() == 1).then_some(())
    })
    .await;
    worker
}

/// When the one mail is due.
async fn due_at(server: &TestServer) -> bson::DateTime {
    let mails = server.stored("mail_outbox").await;
    assert_eq!(mails.len(), 1);
    *mails[0].get_datetime("due_at").unwrap()
}

#[tokio::test]
async fn the_mail_of_an_instance_that_died_goes_out_within_45_seconds() {
    let smtp = SmtpServer::start(Tls::None).await;
    let one = mailing_by(&smtp).await;
    let other = one.another_with(mailing_settings(&smtp, 60)).await;
    let dying = sending(&smtp, &one, (Step::Mail, Act::Hang)).await;
    dying.abort();
    assert!(dying.await.unwrap_err().is_cancelled());
    other.deliver().await;
    assert!(smtp.received().is_empty());
    one.clock.advance(Duration::seconds(40));
    other.deliver().await;
    assert_eq!(smtp.received().len(), 1);
    verifies(&other, &code_in(&smtp)).await;
}

#[tokio::test]
async fn the_request_of_an_instance_that_died_becomes_a_mail_within_45_seconds() {
    let server = TestServer::start().await;
    server.register("jane").await.expect(200);
    let lease = Duration::seconds(server.app.settings.config.email.lease_seconds);
    let now = server.clock.now();
    let claimed = server.app.store.outbox().claim(now, now + lease).await;
    assert!(claimed.unwrap().is_some());
    assert_eq!(server.mails_to("jane@example.org").await, 0);
    server.clock.advance(Duration::seconds(40));
    assert_eq!(server.mails_to("jane@example.org").await, 1);
}

#[tokio::test]
async fn a_mail_that_takes_long_stays_with_its_worker_and_is_sent_once() {
    let smtp = SmtpServer::start(Tls::None).await;
    let (one, other) = with_short_leases(&smtp).await;
    let worker = sending(&smtp, &one, (Step::Rcpt, Act::Hold)).await;
    for _ in 0..3 {
        let before = due_at(&one).await;
        one.clock.advance(Duration::seconds(SHORT - 1));
        eventually("a renewal", async || {
            (due_at(&one).await > before).then_some(())
        })
        .await;
        other.deliver().await; // finds nothing to do
    }
    smtp.let_go();
    worker.await.unwrap();
    other.deliver().await;
    assert_eq!((smtp.received().len(), smtp.connections()), (1, 1));
    verifies(&one, &code_in(&smtp)).await;
}

#[tokio::test]
async fn a_worker_that_lost_its_mail_stops_sending_it() {
    let smtp = SmtpServer::start(Tls::None).await;
    let (one, other) = with_short_leases(&smtp).await;
    let worker = sending(&smtp, &one, (Step::Rcpt, Act::Hang)).await;
    let theirs = doc! { "attempts": 2, "due_at": bson::DateTime::from_millis(0) };
    one.change_stored("mail_outbox", doc! {}, theirs).await; // as if another one had it, and failed
    eventually("the end of the first worker", async || {
        worker.is_finished().then_some(())
    })
    .await;
    assert_eq!(due_at(&one).await, bson::DateTime::from_millis(0)); // left as it was
    other.deliver().await;
    assert_eq!(smtp.received().len(), 1);
    verifies(&other, &code_in(&smtp)).await;
}
