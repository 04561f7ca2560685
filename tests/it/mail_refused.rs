//! A mail that the server refuses permanently is not tried again; after every other failure it is (MAIL-8).

use std::sync::Arc;

use bson::{Document, doc};
use chrono::Duration;
use identity::{
    accounts::{self, FirstLink},
    mails::outbox,
    maintenance,
};
use kernel::{contact::EmailAddress, role::Role};
use serde_json::json;

use crate::{
    harness::{PASSWORD, TestServer, eventually},
    mail_worker::{check_code_works, code_in, smtp_settings, start_with_smtp},
    smtp_server::{Act, SmtpServer, Step, Tls},
};

const JANE: &str = "jane@example.org";
const UNKNOWN: Act = Act::Reply("550 5.1.1 <jane@example.org>: no such user here");

/// A server that sends mail to `smtp`, with a patient Jane whose earlier mails have arrived; the server that she
/// registered at; and her access token.
async fn with_a_patient(smtp: &SmtpServer) -> (TestServer, TestServer, String) {
    let first = TestServer::start().await;
    let token = first.patient("jane").await.token();
    first.deliver().await;
    let server = first.another_with(smtp_settings(smtp, 60)).await;
    (server, first, token)
}

/// Advances the clock by `step`, `steps` times, and sends the due mails each time.
async fn deliver_repeatedly(server: &TestServer, step: Duration, steps: u32) {
    for _ in 0..steps {
        server.clock.advance(step);
        server.deliver().await;
    }
}

/// The only stored mail.
async fn stored_mail(server: &TestServer) -> Document {
    let mut mails = server.stored("mail_outbox").await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    mails.remove(0)
}

#[tokio::test]
async fn a_permanently_refused_code_is_tried_once() {
    for (step, act) in [
        (Step::Rcpt, UNKNOWN),
        (Step::Rcpt, Act::Reply("550 no")),
        (Step::Data, Act::Reply("554 5.7.1 no")),
        (Step::Content, Act::Reply("552 5.2.2 full")),
    ] {
        let smtp = SmtpServer::start(Tls::None).await;
        smtp.always(step, act);
        let server = start_with_smtp(&smtp).await;
        server.register("jane").await.expect(200);
        server.deliver().await;
        deliver_repeatedly(&server, Duration::seconds(30), 20).await;
        assert_eq!(smtp.connections(), 1);
    }
}

#[tokio::test]
async fn a_permanently_refused_notice_is_tried_once() {
    let smtp = SmtpServer::start(Tls::None).await;
    let (server, _first, token) = with_a_patient(&smtp).await;
    smtp.always(Step::Rcpt, UNKNOWN);
    let changed = server.change_password(&token, PASSWORD, "another long enough one");
    changed.await.expect(200);
    server.deliver().await;
    deliver_repeatedly(&server, Duration::minutes(30), 96).await; // 48 hours
    assert_eq!(smtp.connections(), 1);
}

#[tokio::test]
async fn two_instances_try_a_refused_mail_once() {
    let smtp = SmtpServer::start(Tls::None).await;
    smtp.always(Step::Rcpt, UNKNOWN);
    let one = start_with_smtp(&smtp).await;
    let other = one.another_with(smtp_settings(&smtp, 60)).await;
    one.register("jane").await.expect(200);
    for _ in 0..10 {
        tokio::join!(
            one.deliver(),
            other.deliver(),
            one.deliver(),
            other.deliver()
        );
        one.clock.advance(Duration::seconds(30));
    }
    assert_eq!(smtp.connections(), 1);
}

#[tokio::test]
async fn a_temporary_or_early_refusal_is_tried_again() {
    for (step, act) in [
        (Step::Greeting, Act::Reply("554 5.3.2 no service here")),
        (Step::Ehlo, Act::Reply("550 who are you")),
        (Step::Mail, Act::Reply("550 5.7.1 you may not send")),
        (Step::Mail, Act::Reply("530 5.7.0 log in first")),
        (Step::Rcpt, Act::Reply("450 4.2.1 greylisted")),
        (Step::Rcpt, Act::Reply("421 4.3.2 shutting down")),
        (Step::Data, Act::Reply("451 4.3.0 later")),
        (Step::Content, Act::Reply("452 4.2.2 full for now")),
        (Step::Rcpt, Act::Drop),
        (Step::Data, Act::Drop),
        (Step::Text, Act::Drop), // The connection ends in the middle of DATA.
        (Step::Content, Act::Drop),
    ] {
        let smtp = SmtpServer::start(Tls::None).await;
        smtp.always(step, act);
        let server = start_with_smtp(&smtp).await;
        server.register("jane").await.expect(200);
        server.deliver().await;
        server.clock.advance(Duration::seconds(4));
        server.deliver().await;
        assert_eq!(smtp.connections(), 1); // The delay has not ended.
        server.clock.advance(Duration::seconds(1));
        server.deliver().await;
        assert_eq!(smtp.connections(), 2);
        smtp.recover();
        server.clock.advance(Duration::seconds(10));
        server.deliver().await;
        check_code_works(&server, &code_in(&smtp)).await;
        assert_eq!(smtp.received().len(), 1);
    }
}

#[tokio::test]
async fn a_refused_smtp_login_is_tried_again() {
    let smtp = SmtpServer::start(Tls::None).await;
    smtp.offer_auth("PLAIN");
    smtp.always(Step::Auth, Act::Reply("535 5.7.8 wrong"));
    let change = smtp_settings(&smtp, 60);
    let server = TestServer::start_with(|settings| {
        change(settings);
        settings.secrets.smtp_user = Some(kernel::secret::Secret::new("desk"));
        settings.secrets.smtp_password = Some(kernel::secret::Secret::new("s3cret-word"));
    })
    .await;
    server.register("jane").await.expect(200);
    server.deliver().await;
    smtp.recover();
    server.clock.advance(Duration::seconds(5));
    server.deliver().await;
    check_code_works(&server, &code_in(&smtp)).await;
}

#[tokio::test]
async fn an_unmailable_address_is_refused_without_connecting() {
    let smtp = SmtpServer::start(Tls::None).await;
    let (server, _first, token) = with_a_patient(&smtp).await;
    let older = doc! { "email": "jane@exa mple.org" }; // No mail server accepts this address.
    server
        .change_stored("patients_v2", doc! { "email": JANE }, older)
        .await;
    let another = server.another_with(smtp_settings(&smtp, 60)).await; // This instance has no account in memory.
    let changed = another.change_password(&token, PASSWORD, "another long enough one");
    changed.await.expect(200);
    another.deliver().await;
    deliver_repeatedly(&another, Duration::minutes(1), 10).await;
    let refusal = stored_mail(&another).await;
    let refusal = refusal.get_document("refusal").unwrap();
    assert_eq!(refusal.get_str("reason").unwrap(), "not_an_address");
    assert_eq!(smtp.connections(), 0);
}

#[tokio::test]
async fn a_refused_mail_is_kept_for_a_month_without_secrets() {
    let smtp = SmtpServer::start(Tls::None).await;
    smtp.always(Step::Content, Act::Reply("552 5.2.2 jane is full 012345"));
    let server = start_with_smtp(&smtp).await;
    let user_id = server.register("jane").await.expect(200).text("user_id");
    server.deliver().await;
    let mail = stored_mail(&server).await;
    let refusal = mail.get_document("refusal").unwrap();
    assert_eq!(refusal.get_str("reason").unwrap(), "mailbox_full");
    assert_eq!(refusal.get_i32("reply").unwrap(), 552);
    assert_eq!(refusal.get_str("enhanced").unwrap(), "5.2.2");
    let now = bson::DateTime::from_millis(server.clock.now().timestamp_millis());
    assert_eq!(refusal.get_datetime("at").unwrap(), &now);
    assert_eq!(mail.get_str("user_id").unwrap(), user_id);
    assert_eq!(mail.get_i32("attempts").unwrap(), 1);
    assert!(!mail.contains_key("due_at"), "{mail:?}");
    let until = server.clock.now() + Duration::days(30);
    let until = bson::DateTime::from_millis(until.timestamp_millis());
    assert_eq!(mail.get_datetime("expires_at").unwrap(), &until);
    let text = mail.to_string();
    assert!(
        !text.contains("012345") && !text.contains("is full"),
        "{text}"
    );
}

#[tokio::test]
async fn a_refused_mail_is_counted_and_leaves_the_queue() {
    let smtp = SmtpServer::start(Tls::None).await;
    smtp.always(Step::Rcpt, UNKNOWN);
    let server = start_with_smtp(&smtp).await;
    server.register("jane").await.expect(200);
    server.deliver().await;
    server.clock.advance(Duration::minutes(10));
    maintenance::tick(&server.app).await.unwrap();
    let metrics = server.get("/metrics").await.expect(200).raw;
    for line in [
        "clinic_auth_mails_total{outcome=\"refused\"} 1",
        "clinic_auth_mails_total{outcome=\"failed\"} 0",
        "clinic_auth_mails_waiting 0",
        "clinic_auth_mail_oldest_seconds 0",
    ] {
        assert!(metrics.lines().any(|l| l == line), "{line} in {metrics}");
    }
}

#[tokio::test]
async fn a_refused_code_is_audited_with_its_reason() {
    let smtp = SmtpServer::start(Tls::None).await;
    smtp.always(Step::Rcpt, UNKNOWN);
    let server = start_with_smtp(&smtp).await;
    let user_id = server.register("jane").await.expect(200).text("user_id");
    server.deliver().await;
    let admin = server.token_of(Role::Admin).await;
    let path = format!("/admin/audit-log?action=code_sent&subject={user_id}");
    let log = server.get_as(&admin, &path).await.expect(200);
    let entry = &log.body["entries"][0];
    assert_eq!(
        (&entry["outcome"], &entry["detail"]),
        (&json!("failure"), &json!("no_such_mailbox"))
    );
}

/// The worker dies after the refusal is stored in the registration and before it is stored in the mail (LIFE-2).
#[tokio::test]
async fn after_a_crash_the_last_answer_of_the_mail_server_counts() {
    let smtp = SmtpServer::start(Tls::None).await;
    let server = start_with_smtp(&smtp).await;
    server.register("jane").await.expect(200);
    assert!(outbox::work_on_next(&server.app).await.unwrap()); // The worker makes the code.
    let rows = server.app.store.raw("mail_outbox");
    let mut row = rows.find_one(doc! {}).await.unwrap().unwrap();
    smtp.once(Step::Rcpt, UNKNOWN);
    server.deliver().await;
    row.insert("attempts", 1);
    rows.delete_many(doc! {}).await.unwrap();
    rows.insert_one(row).await.unwrap();
    server.deliver().await;
    check_code_works(&server, &code_in(&smtp)).await;
    assert!(server.stored("mail_outbox").await.is_empty());
}

#[tokio::test]
async fn a_refused_first_link_is_reported_with_its_reason() {
    let smtp = SmtpServer::start(Tls::None).await;
    smtp.always(Step::Rcpt, UNKNOWN);
    let server = start_with_smtp(&smtp).await;
    let address = EmailAddress::parse("boss@example.org").unwrap();
    let account_id = accounts::create_admin(&server.app, &address, None).await;
    let link = accounts::first_link(&server.app, &account_id.unwrap(), &address).await;
    let FirstLink::Refused { reason } = link.unwrap() else {
        panic!("not refused")
    };
    assert_eq!(reason.name(), "no_such_mailbox");
}

/// A stranger cannot see from any answer whether a mail was sent or refused (ENUM-3).
#[tokio::test]
async fn answers_do_not_show_whether_a_mail_was_refused() {
    let smtp = SmtpServer::start(Tls::None).await;
    smtp.always(Step::Rcpt, UNKNOWN);
    let server = start_with_smtp(&smtp).await;
    server.register("jane").await.expect(200);
    server.deliver().await;
    let server = Arc::new(server);
    let ask = async |path: &str, email: &str| {
        let body = json!({ "email": email, "otp": "000000", "new_password": PASSWORD });
        let body = match path {
            "/auth/verify-otp" => json!({ "email": email, "otp": body["otp"] }),
            "/auth/reset-password" => body,
            _ => json!({ "email": email }),
        };
        let answer = server.post(path, body).await;
        let mut shown = answer.body.clone();
        if let Some(error) = shown["error"].as_object_mut() {
            error.retain(|field, _| field == "code" || field == "message");
        }
        (answer.status, shown)
    };
    for path in [
        "/auth/send-otp",
        "/auth/generate-otp",
        "/auth/forgot-password",
        "/auth/verify-otp",
        "/auth/reset-password",
    ] {
        let known = ask(path, JANE).await;
        let unknown = ask(path, "nobody@example.org").await;
        assert_eq!(known, unknown, "{path}");
        server.deliver().await;
    }
}

#[tokio::test]
async fn an_administrator_resends_a_code_after_a_refusal() {
    let smtp = SmtpServer::start(Tls::None).await;
    smtp.once(Step::Rcpt, Act::Reply("552 5.2.2 full"));
    let server = start_with_smtp(&smtp).await;
    let user_id = server.register("jane").await.expect(200).text("user_id");
    server.deliver().await;
    assert!(smtp.received().is_empty());
    server.clock.advance(Duration::minutes(2));
    let admin = server.token_of(Role::Admin).await;
    let path = format!("/admin/pending-users/{user_id}/resend-otp");
    server.call_as(&admin, &path).await.expect(200);
    server.deliver().await;
    check_code_works(&server, &code_in(&smtp)).await;
}

#[tokio::test]
async fn a_new_code_can_be_requested_after_a_refusal() {
    let smtp = SmtpServer::start(Tls::None).await;
    smtp.once(Step::Data, Act::Reply("554 5.7.1 spam"));
    let server = start_with_smtp(&smtp).await;
    server.register("jane").await.expect(200);
    server.deliver().await;
    server.clock.advance(Duration::seconds(61));
    server.send_otp(JANE).await.expect(200);
    server.deliver().await;
    check_code_works(&server, &code_in(&smtp)).await;
}

/// The worker continues with the next mail at once.
#[tokio::test]
async fn a_refused_mail_does_not_delay_the_next() {
    let smtp = SmtpServer::start(Tls::None).await;
    smtp.once(Step::Rcpt, UNKNOWN);
    let server = start_with_smtp(&smtp).await;
    server.register("john").await.expect(200);
    server.deliver().await;
    server.register("jane").await.expect(200);
    server.deliver().await;
    eventually("the mail to Jane", async || {
        smtp.received()
            .iter()
            .any(|mail| mail.to == JANE)
            .then_some(())
    })
    .await;
    check_code_works(&server, &code_in(&smtp)).await;
}
