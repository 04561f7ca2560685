//! Three instances on one database. What one of them does is valid on all of them.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use bson::doc;
use futures_util::future::join_all;
use serde_json::json;

use crate::{
    Plan,
    it::harness::{Answer, Installation, PASSWORD, Process, eventually, registration},
    mailbox::{Mailbox, VERIFY},
    people::{call, logged_in, login, me, patient, refresh, unthrottled, verify, with_codes},
};

/// The default of `sessions.revocation_lag_ms`.
const LAG: Duration = Duration::from_millis(500);
/// If an instance has not read the feed for this time beyond the lag, it no longer answers from memory (D10). Until
/// then a delay is allowed if the machine is busy and reads of the database take long.
const GRACE: Duration = Duration::from_secs(1);
/// How long an ended session is watched. It is longer than both limits, because the session must stay ended.
const WATCHED: Duration = Duration::from_secs(2);

async fn three(home: &Installation) -> [Process; 3] {
    // The instances start one after the other, because the first one opens the embedded store and shares it.
    let (one, two) = (home.serve_ready().await, home.serve_ready().await);
    [one, two, home.serve_ready().await]
}

/// Creates an administrator with `create-admin`. Returns the answer of the login.
async fn admin(home: &Installation, process: &Process, name: &str) -> Answer {
    let email = format!("{name}@example.org");
    let printed = home
        .run(&["create-admin", "--email", &email])
        .await
        .success();
    let (_, token) = printed.split_once("#token=").unwrap();
    let token = token.split(['&', '\r', '\n']).next().unwrap();
    let body = json!({ "token": token, "new_password": PASSWORD, "confirm_password": PASSWORD });
    process.post("/auth/reset-password", body).await.expect(200);
    let credentials = json!({ "email": email, "password": PASSWORD });
    process.post("/auth/login", credentials).await.expect(200)
}

pub(crate) async fn revocation(_: Plan) -> String {
    let home = with_codes(Installation::new());
    let instances = three(&home).await;
    let here = &instances[0];
    let boss = admin(&home, here, "boss").await.token();
    let second = admin(&home, here, "second").await;
    patient(here, "jane").await;
    let jane = logged_in(here, "jane").await;
    let account = format!("/admin/users/{}", jane.text("user_id"));
    let colleague = format!("/admin/users/{}", second.text("user_id"));

    patient(here, "amy").await;
    let onlooker = logged_in(here, "amy").await.token();

    let mut figures = Vec::new();
    let mut slowest_read = Duration::ZERO;
    let mut ended = async |what: &str, session: &Answer, request: reqwest::RequestBuilder| {
        let mut last = Duration::ZERO;
        for seen in reaches_all(&instances, session, &onlooker, request).await {
            let Seen {
                accepted_until,
                read,
            } = seen;
            let most = LAG + read.min(GRACE);
            assert!(
                accepted_until <= most,
                "{what} reached an instance after {accepted_until:?}, where a read took {read:?}"
            );
            last = last.max(accepted_until);
            slowest_read = slowest_read.max(read);
        }
        figures.push(format!("{what} {last:.0?}"));
    };
    let logout = here
        .request("POST", "/auth/logout")
        .bearer_auth(jane.token());
    ended("logout", &jane, logout).await;
    let (jane, other) = (logged_in(here, "jane").await, logged_in(here, "jane").await);
    let all = here
        .request("POST", "/auth/logout-all")
        .bearer_auth(other.token());
    ended("logout-all", &jane, all).await;

    let jane = logged_in(here, "jane").await;
    let asked = json!({ "email": "jane@example.org" });
    let asked = here.post("/auth/forgot-password", asked).await.expect(200);
    let body = json!({
        "email": "jane@example.org", "otp": asked.text("debug_otp"), "new_password": PASSWORD,
    });
    let reset = here.request("POST", "/auth/reset-password").json(&body);
    ended("reset", &jane, reset).await;

    let jane = logged_in(here, "jane").await;
    let patch = |path: &str, body| here.request("PATCH", path).bearer_auth(&boss).json(&body);
    ended(
        "disable",
        &jane,
        patch(&account, json!({ "status": "disabled" })),
    )
    .await;
    ended(
        "role change",
        &second,
        patch(&colleague, json!({ "user_type": "staff" })),
    )
    .await;
    patch(&account, json!({ "status": "active" }))
        .send()
        .await
        .unwrap();
    let jane = logged_in(here, "jane").await;
    let delete = here.request("DELETE", &account).bearer_auth(&boss);
    ended("delete", &jane, delete).await;
    format!(
        "last 200 elsewhere after the answer: {}; slowest read meanwhile {slowest_read:.0?}",
        figures.join(", ")
    )
}

/// When another instance learned of the end of a session.
struct Seen {
    /// When the last accepted request was sent, counted from the answer that ended the session.
    accepted_until: Duration,
    /// The slowest read of the database during the time in which the instance should have read the feed.
    read: Duration,
}

/// Ends a session that every instance knows. The instance that ended it must refuse it at once. Returns the behaviour
/// of the other instances.
async fn reaches_all(
    instances: &[Process; 3],
    session: &Answer,
    onlooker: &str,
    request: reqwest::RequestBuilder,
) -> Vec<Seen> {
    let token = session.token();
    for instance in instances {
        me(instance, &token).await.expect(200);
    }
    Answer::of(request).await.expect(200);
    let answered = Instant::now();
    me(&instances[0], &token).await.expect(401);
    let seen = instances[1..].iter().map(|elsewhere| async {
        let (accepted_until, read) = tokio::join!(
            last_accepted(elsewhere, &token, answered),
            slowest_read(elsewhere, onlooker, answered)
        );
        Seen {
            accepted_until,
            read,
        }
    });
    join_all(seen).await
}

async fn last_accepted(elsewhere: &Process, token: &str, answered: Instant) -> Duration {
    let mut last = Duration::ZERO;
    while answered.elapsed() < WATCHED {
        let sent = answered.elapsed();
        if me(elsewhere, token).await.status == 200 {
            last = sent;
        }
    }
    last
}

async fn slowest_read(elsewhere: &Process, onlooker: &str, answered: Instant) -> Duration {
    let mut slowest = Duration::ZERO;
    // A delay that makes the feed later than the lag begins within the lag.
    while answered.elapsed() < LAG {
        let begin = Instant::now();
        call(elsewhere, "GET", "/auth/sessions", onlooker)
            .await
            .expect(200);
        slowest = slowest.max(begin.elapsed());
        // The pause avoids load by this test itself. If the instance is stuck, the next request notices it.
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    slowest
}

pub(crate) async fn limits(_: Plan) -> String {
    let home = with_codes(Installation::new())
        .with("CLINIC_AUTH__THROTTLE__OTP_REQUEST_PER_IP__LIMIT", "6");
    let instances = three(&home).await;
    patient(&instances[0], "jane").await;
    for number in 0..5 {
        let wrong = login(&instances[number % 3], "jane", "wrong all along").await;
        wrong.refused(401, "AUTH_FAILED");
    }
    for instance in &instances {
        login(instance, "jane", PASSWORD)
            .await
            .refused(429, "RATE_LIMIT");
    }
    let ask = async |instance: &Process| {
        let body = json!({ "email": "nobody@example.org" });
        instance.post("/auth/generate-otp", body).await
    };
    for number in 0..6 {
        ask(&instances[number % 3]).await.expect(200);
    }
    for instance in &instances {
        ask(instance).await.refused(429, "RATE_LIMIT");
    }
    "5 wrong passwords over three lock on all; 6 requests over three use up a limit of 6 on all"
        .to_owned()
}

pub(crate) async fn mails(_: Plan) -> String {
    const MAILS: usize = 60;
    let mailbox = Mailbox::start().await;
    let home = mailbox
        .configure(unthrottled(Installation::new()))
        .with("CLINIC_AUTH__PASSWORD__HASH_QUEUE_MS", "60000");
    let instances = three(&home).await;
    let registrations = (0..MAILS).map(|number| {
        let body = registration(&format!("patient{number}"));
        instances[number % 3].post("/auth/register", body)
    });
    for answer in join_all(registrations).await {
        answer.expect(200);
    }
    let direct = home.open().await;
    eventually("an empty outbox", async || {
        let left = direct.find("mail_outbox", doc! {}).await;
        left.is_none().then_some(())
    })
    .await;
    let (census, again) = mailbox.census(VERIFY);
    assert_eq!((census.len(), again), (MAILS, 0));
    assert!(census.values().all(|mails| *mails == 1), "{census:?}");
    for number in [0, MAILS - 1] {
        let name = format!("patient{number}");
        let otp = mailbox.code(&format!("{name}@example.org"), VERIFY).await;
        verify(&instances[number % 3], &name, &otp)
            .await
            .expect(200);
    }
    format!("{MAILS} registrations on three instances, {MAILS} mails")
}

pub(crate) async fn refresh_storm(_: Plan) -> String {
    const STORMS: usize = 10;
    let home = with_codes(Installation::new());
    let instances = three(&home).await;
    patient(&instances[0], "jane").await;
    for _ in 0..STORMS {
        let token = logged_in(&instances[0], "jane").await.refresh_token();
        let uses = (0..20).map(|number| refresh(&instances[number % 3], &token));
        let mut live = BTreeSet::new();
        for answer in join_all(uses).await {
            let next = refresh(&instances[1], &answer.expect(200).refresh_token()).await;
            live.insert(next.expect(200).refresh_token());
        }
        assert_eq!(live.len(), 1, "one chain is shared");
    }
    let jane = logged_in(&instances[2], "jane").await;
    call(&instances[1], "GET", "/users/me", &jane.token())
        .await
        .expect(200);
    format!("{STORMS} times 20 at once, all answered with one token and never more than one chain")
}
