//! The mails that do not arrive, as an administrator sees them and has them tried again (MAIL-8).

use std::sync::Arc;

use chrono::Duration;
use futures_util::future::join_all;
use kernel::role::Role;
use mail::state::MailReason;
use platform::outbox::undelivered;
use serde_json::{Value, json};

use super::{all_pages, clinic, column};
use crate::{
    harness::{PASSWORD, TestServer, eventually},
    mail_worker::{check_code_works, smtp_settings, start_with_smtp},
    smtp_server::{Act, SmtpServer, Step, Tls},
};

const LIST: &str = "/admin/mails";

/// The mails that an administrator sees.
async fn listed(server: &TestServer, admin: &str) -> Vec<Value> {
    let answer = server.get_as(admin, LIST).await.expect(200);
    answer.body["mails"].as_array().unwrap().clone()
}

fn retry_of(mail: &Value) -> String {
    format!("{LIST}/{}/retry", mail["mail_id"].as_str().unwrap())
}

#[tokio::test]
async fn refused_and_long_waiting_mails_are_listed_with_a_reason() {
    let (server, admin) = clinic().await;
    server.deliver().await;
    server.mails.refuse(MailReason::NoSuchMailbox);
    let jane = server.register("jane").await.expect(200).text("user_id");
    server.deliver().await;
    server.mails.recover();
    server.mails.fail();
    server.clock.advance(Duration::seconds(1));
    server.register("john").await.expect(200);
    server.deliver().await;
    server.advance(Duration::minutes(10)).await;
    let refused = json!({
        "mail_id": listed(&server, &admin.token).await[0]["mail_id"],
        "kind": "verification",
        "user_id": jane,
        "email": "jane@example.org",
        "state": "refused",
        "reason": "refused by the mail server: no such mailbox",
        "attempts": 1,
        "created_at": kernel::clock::rfc3339(server.clock.now() - Duration::seconds(601)),
        "next_attempt_at": null,
    });
    assert_eq!(
        listed(&server, &admin.token).await,
        std::slice::from_ref(&refused)
    );
    server.clock.advance(Duration::milliseconds(1));
    let mails = listed(&server, &admin.token).await;
    assert_eq!((mails.len(), &mails[1]), (2, &refused));
    let shown = ["email", "state", "reason"].map(|field| mails[0][field].as_str().unwrap());
    let reason = "not taken by the mail server so far";
    assert_eq!(shown, ["john@example.org", "waiting", reason]);
    assert!(mails[0]["next_attempt_at"].is_string());
    let pages = all_pages(&server, &admin.token, LIST, ("mails", "mail_id"), 1).await;
    let all = server.get_as(&admin.token, LIST).await;
    assert_eq!(pages, column(&all, "mails", "mail_id"));
}

#[tokio::test]
async fn a_refused_mail_that_is_retried_by_many_is_sent_once() {
    let smtp = SmtpServer::start(Tls::None).await;
    smtp.once(
        Step::Rcpt,
        Act::Reply("550 5.1.1 <jane@example.org>: no such user"),
    );
    let one = start_with_smtp(&smtp).await;
    let other = Arc::new(one.another_with(smtp_settings(&smtp, 60)).await);
    one.register("jane").await.expect(200);
    one.deliver().await;
    let admin = one.token_of(Role::Admin).await;
    one.deliver().await;
    let answer = one.get_as(&admin, LIST).await.expect(200);
    assert!(!answer.raw.contains("no such user"), "{}", answer.raw);
    let retry = retry_of(&answer.body["mails"][0]);
    let id = answer.body["mails"][0]["mail_id"].as_str().unwrap();
    let seen = one.app.platform.store.outbox().find(id).await.unwrap();
    let refused_at = seen.unwrap().refusal.unwrap().at;
    let before = smtp.received().len();
    let press = async || {
        let at = |n| if n % 2 == 0 { &one } else { &*other };
        let presses = (0..8).map(|n| at(n).call_as(&admin, &retry));
        join_all(presses)
            .await
            .into_iter()
            .for_each(|answer| drop(answer.expect(200)));
    };
    smtp.once(Step::Content, Act::Hold);
    press().await;
    // A caller who saw the refusal, and writes after the others have, changes nothing.
    let late = undelivered::retry_refused(&one.app, id, refused_at, one.clock.now());
    assert!(!late.await.unwrap());
    let sender = Arc::clone(&other);
    let sending = tokio::spawn(async move { sender.deliver().await });
    eventually("the mail at the server", async || {
        (smtp.received().len() > before).then_some(())
    })
    .await;
    press().await;
    one.deliver().await;
    smtp.release();
    sending.await.unwrap();
    one.deliver().await;
    assert_eq!(smtp.received().len(), before + 1);
    let pending = one.get_as(&admin, "/admin/pending-users").await.expect(200);
    assert_eq!(column(&pending, "pending_users", "mail"), ["sent"]);
    assert!(listed(&one, &admin).await.is_empty());
    one.call_as(&admin, &retry).await.refused(404, "NOT_FOUND");
    check_code_works(&one, &crate::mail_worker::code_in(&smtp)).await;
}

#[tokio::test]
async fn a_mail_that_is_out_of_date_is_not_retried() {
    let (server, admin) = clinic().await;
    let jane = server.patient("jane").await.token();
    server.deliver().await;
    server.mails.refuse(MailReason::MailboxFull);
    server.register("john").await.expect(200);
    let change = server.change_password(&jane, PASSWORD, "another long enough one");
    change.await.expect(200);
    server.deliver().await;
    server.mails.recover();
    server.advance(Duration::minutes(11)).await;
    for mail in listed(&server, &admin.token).await {
        let answer = server.call_as(&admin.token, &retry_of(&mail)).await;
        match mail["kind"].as_str().unwrap() {
            "verification" => drop(answer.refused(409, "VERSION_CONFLICT")),
            _ => drop(answer.expect(200)),
        }
    }
    // What happened is still true.
    assert_eq!(
        server
            .mails_with_subject("jane@example.org", "Your password was changed")
            .await,
        1
    );
    let left = column(&server.get_as(&admin.token, LIST).await, "mails", "email");
    assert_eq!(left, ["john@example.org"]);
}

#[tokio::test]
async fn a_waiting_mail_is_brought_forward() {
    let server = TestServer::start_with(|settings| {
        let email = &mut settings.config.email;
        (email.retry_first_seconds, email.retry_max_seconds) = (1200, 1200);
    })
    .await;
    let admin = server.admin("boss").await;
    let jane = server.patient("jane").await.token();
    server.deliver().await;
    server.mails.fail();
    let change = server.change_password(&jane, PASSWORD, "another long enough one");
    change.await.expect(200);
    server.deliver().await;
    server.advance(Duration::minutes(11)).await;
    server.mails.recover();
    server.deliver().await;
    let mail = listed(&server, &admin.token).await.remove(0);
    server
        .call_as(&admin.token, &retry_of(&mail))
        .await
        .expect(200);
    server.deliver().await;
    assert!(listed(&server, &admin.token).await.is_empty());
    assert_eq!(
        server
            .mails_with_subject("jane@example.org", "Your password was changed")
            .await,
        1
    );
}
