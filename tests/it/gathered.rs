//! What logins of one moment write together is what each of them would have written by itself (ADR 0015).

use std::time::Duration;

use bson::{Document, doc};
use clinic_auth::{
    clock::Timestamp,
    config::sections::Limit,
    domain::{ids::UserId, lockout::LockoutRule},
    service::login::lockout_rule,
    store::{
        logins::Candidate,
        throttles::NameTaken,
        tries::{Name, Taken},
    },
};
use futures_util::future::join_all;

use crate::harness::{PASSWORD, TestServer};

/// So many are enough for nobody to wait any longer.
const MANY: usize = 16;
/// Longer than a test may take.
const PAUSE: Duration = Duration::from_secs(600);
const ADDRESS: &str = "names:192.0.2.1";

fn limit(limit: u32) -> Limit {
    Limit {
        limit,
        per_seconds: 900,
    }
}

fn rule(server: &TestServer) -> LockoutRule {
    lockout_rule(&server.app.settings.config.lockout)
}

/// The names and tries of `person0`, `person1` and so on, taken together.
async fn take(server: &TestServer, most: u32) -> Vec<Taken> {
    let (now, rule) = (server.clock.now(), rule(server));
    let store = &server.app.store;
    let taken = (0..MANY).map(async |n| {
        let (name, bucket) = (format!("person{n}"), format!("lock:person{n}"));
        let place = Name {
            key: ADDRESS,
            name: &name,
            limit: limit(most),
        };
        let taken = store.take_name_and_try(place, (&bucket, &rule), now, PAUSE);
        taken.await.unwrap()
    });
    join_all(taken).await
}

/// The window of the address has begun, and these names have failed in it.
async fn failed(server: &TestServer, names: &[&str]) {
    let now = server.clock.now();
    for name in names {
        let throttles = server.app.store.throttles();
        throttles
            .take_name(ADDRESS, name, limit(60), now)
            .await
            .unwrap();
    }
}

async fn row(server: &TestServer, id: &str) -> Document {
    let rows = server.app.store.raw("throttles");
    rows.find_one(doc! { "_id": id }).await.unwrap().unwrap()
}

async fn names(server: &TestServer) -> Vec<String> {
    let row = row(server, ADDRESS).await;
    let names = row.get_array("names").unwrap().iter();
    let mut names: Vec<_> = names
        .map(|name| name.as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

// RL-4, LCK-1
#[tokio::test]
async fn each_of_many_logins_takes_its_name_and_its_try() {
    let server = TestServer::start().await;
    failed(&server, &["person3", "stranger"]).await;
    for (n, taken) in take(&server, 60).await.iter().enumerate() {
        let before = if n == 3 {
            NameTaken::Before
        } else {
            NameTaken::Now
        };
        assert_eq!(taken.name, Some(before), "person{n}");
        assert_eq!(taken.first_try.as_ref().unwrap().failures, 1);
        let bucket = row(&server, &format!("lock:person{n}")).await;
        assert_eq!(bucket.get_i32("failures").unwrap(), 1);
    }
    assert_eq!(names(&server).await.len(), MANY + 1);
    for taken in take(&server, 60).await {
        assert_eq!(taken.name, Some(NameTaken::Before));
        assert!(taken.first_try.is_none(), "an earlier try was forgotten");
    }
    let bucket = row(&server, "lock:person0").await;
    assert_eq!(bucket.get_i32("failures").unwrap(), 1);
}

// RL-4
#[tokio::test]
async fn names_that_have_no_room_together_are_looked_at_one_by_one() {
    let server = TestServer::start().await;
    failed(&server, &["stranger"]).await;
    let taken = take(&server, u32::try_from(MANY).unwrap()).await;
    assert!(taken.iter().all(|taken| taken.name.is_none()));
    assert_eq!(names(&server).await, ["stranger"]);
}

// LCK-6, RL-4
#[tokio::test]
async fn each_of_many_logins_gives_back_what_it_took_and_nothing_else() {
    let server = TestServer::start().await;
    failed(&server, &["stranger"]).await;
    take(&server, 60).await;
    let store = &server.app.store;
    let given = (0..MANY).map(async |n| {
        let (name, bucket) = (format!("person{n}"), format!("lock:person{n}"));
        let given = store.give_name_and_tries_back(ADDRESS, &name, &bucket, PAUSE);
        given.await.unwrap();
    });
    join_all(given).await;
    assert_eq!(names(&server).await, ["stranger"]);
    for n in 0..MANY {
        let bucket = row(&server, &format!("lock:person{n}")).await;
        assert_eq!(bucket.get_i32("failures").unwrap(), 0);
        let ended = bucket.get_datetime("expires_at").unwrap().to_chrono();
        assert_eq!(ended, Timestamp::UNIX_EPOCH);
    }
}

async fn candidate(server: &TestServer, user_id: &str) -> Candidate {
    let user_id = UserId::from_stored(user_id);
    let accounts = server.app.store.accounts();
    let found = accounts.find_candidate(&user_id, server.clock.now()).await;
    found.unwrap().unwrap()
}

/// Notes the logins of these accounts together.
async fn note(server: &TestServer, candidates: &[Candidate]) -> Vec<bool> {
    assert_eq!(candidates.len(), MANY);
    let now = server.clock.now();
    let noted = candidates.iter().map(async |candidate| {
        let accounts = server.app.store.accounts();
        let noted = accounts.note_plain_login(candidate, 20, now, PAUSE);
        noted.await.unwrap()
    });
    join_all(noted).await
}

async fn sessions_at_most(server: &TestServer, user_id: &str) -> i64 {
    let account = server.stored_account(user_id).await;
    account.get_i64("sessions_at_most").unwrap()
}

// SES-4
#[tokio::test]
async fn each_of_many_logins_is_noted_on_its_own_account() {
    let server = TestServer::start().await;
    let mut people = Vec::new();
    for name in ["jane", "theo", "nora", "otto"] {
        people.push(server.patient(name).await.text("user_id"));
    }
    people.push(server.doctor("drew").await.text("user_id"));
    let mut candidates = Vec::new();
    for n in 0..MANY {
        candidates.push(candidate(&server, &people[n % people.len()]).await);
    }
    let before = sessions_at_most(&server, &people[0]).await;
    assert_eq!(note(&server, &candidates).await, [true; MANY]);
    let times = i64::try_from(MANY.div_ceil(people.len())).unwrap();
    assert_eq!(sessions_at_most(&server, &people[0]).await, before + times);
    assert_eq!(
        sessions_at_most(&server, &people[4]).await,
        before + times - 1
    );
}

// SES-1
#[tokio::test]
async fn an_account_that_is_not_as_it_was_proven_is_looked_at_by_itself() {
    let server = TestServer::start().await;
    let id = server.patient("jane").await.text("user_id");
    let proven = candidate(&server, &id).await;
    let all = vec![proven; MANY];
    for change in [
        doc! { "password_hash": "another" },
        doc! { "status": "disabled" },
        doc! { "user_type": "nobody" },
        doc! { "sessions_at_most": 20_i64 },
    ] {
        let mut before = server.stored_account(&id).await;
        before.remove("_id");
        server.set_stored_account(&id, change.clone()).await;
        assert_eq!(note(&server, &all).await, [false; MANY], "{change}");
        server.set_stored_account(&id, before).await;
    }
    let mut older = all.clone();
    for candidate in &mut older {
        candidate.is_whole = false;
    }
    assert_eq!(note_alone(&server, &older[0]).await, [false]);
}

/// One that is not noted together with others does not wait for them.
async fn note_alone(server: &TestServer, candidate: &Candidate) -> [bool; 1] {
    let accounts = server.app.store.accounts();
    let now = server.clock.now();
    let noted = accounts.note_plain_login(candidate, 20, now, PAUSE).await;
    [noted.unwrap()]
}

// ENUM-2, REG-2
#[tokio::test]
async fn a_name_that_has_a_new_owner_logs_that_one_in() {
    let server = TestServer::start().await;
    let admin = server.admin("root1").await;
    let before = server.patient("jane").await.text("user_id");
    server.login("jane", PASSWORD).await.expect(200);
    let path = format!("/admin/users/{before}");
    server.delete_as(&admin.token, &path).await.expect(200);
    server
        .login("jane", PASSWORD)
        .await
        .refused(401, "AUTH_FAILED");
    let after = server.patient("jane").await.text("user_id");
    let again = server.login("jane", PASSWORD).await.expect(200);
    assert_eq!(again.text("user_id"), after);
    assert_ne!(before, after);
}

// ID-3
#[tokio::test]
async fn a_remembered_name_opens_only_an_account_that_bears_it() {
    let server = TestServer::start().await;
    let id = server.patient("jane").await.text("user_id");
    server.login("jane", PASSWORD).await.expect(200);
    let renamed = doc! { "username": "nora" };
    server.set_stored_account(&id, renamed).await;
    let identifiers = server.app.store.raw("identifiers");
    let freed = identifiers.delete_one(doc! { "_id": "username:jane" });
    assert_eq!(freed.await.unwrap().deleted_count, 1);
    server
        .login("jane", PASSWORD)
        .await
        .refused(401, "AUTH_FAILED");
}
