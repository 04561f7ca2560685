//! Parallel registrations, verifications and resets on two instances of one database: exactly one succeeds, and no
//! request gets a 500 (REG-3, OTP-3, OTP-5).

use std::collections::BTreeSet;

use clinic_auth::config::Settings;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{Answer, PASSWORD, TestServer, registration, wrong_code};

const JANE: &str = "jane@example.org";

/// Limits that no race reaches.
fn unlimited(settings: &mut Settings) {
    let config = &mut settings.config;
    config.otp.max_per_hour = 1000;
    config.otp.max_per_day = 1000;
    config.otp.max_failures_per_day = 1000;
    for limit in [
        &mut config.throttle.identity.register_per_email,
        &mut config.throttle.identity.register_per_ip,
        &mut config.throttle.identity.otp_verify_per_ip,
        &mut config.throttle.identity.reset_per_ip,
    ] {
        limit.limit = 10_000;
    }
}

/// No limit of tries either, so that only the use of a code decides.
fn unlimited_tries(settings: &mut Settings) {
    unlimited(settings);
    settings.config.otp.max_attempts = 100;
}

/// Two instances on one database.
async fn two(change: fn(&mut Settings)) -> [TestServer; 2] {
    let one = TestServer::start_with(change).await;
    let other = one.another_with(change).await;
    [one, other]
}

/// Sends all bodies at once, alternately to both instances.
async fn race(servers: &[TestServer; 2], path: &str, bodies: Vec<Value>) -> Vec<Answer> {
    let send = |(n, body): (usize, Value)| servers[n % 2].post(path, body);
    join_all(bodies.into_iter().enumerate().map(send)).await
}

/// The number of answers with 200. Fails if another answer is not a refusal.
#[track_caller]
fn winners(answers: &[Answer]) -> usize {
    for answer in answers {
        assert!([200, 400, 409].contains(&answer.status), "{}", answer.raw);
    }
    answers.iter().filter(|answer| answer.status == 200).count()
}

/// The accounts in the answers with 200. A repeated code also gets 200, for the same account (REG-5).
#[track_caller]
fn accounts_in(answers: &[Answer]) -> BTreeSet<String> {
    assert!(winners(answers) > 0);
    let successes = answers.iter().filter(|answer| answer.status == 200);
    successes.map(|answer| answer.text("user_id")).collect()
}

/// The `n`th spelling of a text: the bits of `n` decide which letters are upper case.
fn spelling(text: &str, n: usize) -> String {
    let change_case = |(index, c): (usize, char)| {
        if (n >> (index % 6)) & 1 == 1 {
            c.to_ascii_uppercase()
        } else {
            c
        }
    };
    text.chars().enumerate().map(change_case).collect()
}

/// Enters every code that was mailed to Jane, for every registration at once, with its token and without a token.
async fn verify_all(servers: &[TestServer; 2], registered: &[Answer]) -> Vec<Answer> {
    let mut proofs = Vec::new();
    for otp in servers[0].codes_for(JANE).await {
        proofs.push(json!({ "email": JANE, "otp": otp }));
        for answer in registered.iter().filter(|answer| answer.status == 200) {
            let token = answer.text("registration_token");
            proofs.push(json!({ "email": JANE, "otp": otp, "registration_token": token }));
        }
    }
    race(servers, "/auth/verify-otp", proofs).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn forty_registrations_of_one_address_give_one_account() {
    let servers = two(unlimited).await;
    let body = |n: usize| {
        let mut body = registration(&spelling("jane", n));
        body["email"] = json!(spelling(JANE, n));
        body["user_type"] = json!(["patient", "doctor"][n % 2]);
        body["password"] = json!(format!("{PASSWORD} {n}"));
        body
    };
    let registered = race(&servers, "/auth/register", (0..40).map(body).collect()).await;
    assert_eq!(winners(&registered), 1);
    let verified = verify_all(&servers, &registered).await;
    assert_eq!(accounts_in(&verified).len(), 1);
    let winner = registered
        .iter()
        .position(|answer| answer.status == 200)
        .unwrap();
    let login = servers[1]
        .login(JANE, &format!("{PASSWORD} {winner}"))
        .await
        .expect(200);
    assert_eq!(login.text("user_id"), registered[winner].text("user_id"));
    assert_eq!(servers[0].accounts_stored().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn forty_usernames_for_one_address_give_one_account() {
    let servers = two(unlimited_tries).await;
    let body = |n: usize| {
        let mut body = registration(&format!("jane{n}"));
        body["email"] = json!(spelling(JANE, n));
        body["user_type"] = json!(["patient", "doctor"][n % 2]);
        body
    };
    let registered = race(&servers, "/auth/register", (0..40).map(body).collect()).await;
    assert_eq!(winners(&registered), 3);
    let verified = verify_all(&servers, &registered).await;
    assert_eq!(accounts_in(&verified).len(), 1);
    // The password works only if the first verification had the registration token (REG-8).
    let has_password = verified
        .iter()
        .any(|answer| answer.body.get("access_token").is_some());
    let login = servers[1].login(JANE, PASSWORD).await;
    assert_eq!(login.status, if has_password { 200 } else { 401 });
    assert_eq!(servers[0].accounts_stored().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_right_codes_entered_at_once_give_one_account() {
    let servers = two(unlimited).await;
    let mut proofs = Vec::new();
    for name in ["one", "two", "three"] {
        let token = servers[0]
            .register_at(JANE, name)
            .await
            .expect(200)
            .text("registration_token");
        let otp = servers[0].code_for(JANE).await;
        proofs.push(json!({ "email": JANE, "otp": otp, "registration_token": token }));
    }
    let verified = race(&servers, "/auth/verify-otp", proofs).await;
    assert_eq!(winners(&verified), 1);
    let winner = verified.iter().find(|answer| answer.status == 200).unwrap();
    let login = servers[1].login(JANE, PASSWORD).await.expect(200);
    assert_eq!(login.text("user_id"), winner.text("user_id"));
    assert_eq!(servers[0].accounts_stored().await, 1);
    assert!(servers[0].stored("pending_users").await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_forty_registrations_gets_the_shared_username() {
    let servers = two(unlimited).await;
    let body = |n: usize| {
        let mut body = registration(&spelling("jane", n));
        body["email"] = json!(format!("jane{n}@example.org"));
        body
    };
    let registered = race(&servers, "/auth/register", (0..40).map(body).collect()).await;
    assert_eq!(winners(&registered), 1);
    let winner = registered
        .iter()
        .position(|answer| answer.status == 200)
        .unwrap();
    let email = format!("jane{winner}@example.org");
    servers[1]
        .verify(&email, &servers[0].code_for(&email).await)
        .await
        .expect(200);
    let login = servers[0].login("JANE", PASSWORD).await.expect(200);
    assert_eq!(login.text("user_id"), registered[winner].text("user_id"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn names_of_expired_registrations_go_to_one_registration_each() {
    let servers = two(unlimited).await; // The registrations expire before their reserved names (REG-6).
    for name in ["one", "two", "three"] {
        servers[0].register_at(JANE, name).await.expect(200);
    }
    servers[0].clock.advance(chrono::Duration::minutes(20));
    servers[0]
        .expire_stored("pending_users", "expires_at")
        .await;
    let body = |n: usize| {
        let mut body = registration(["one", "two", "three"][n % 3]);
        body["email"] = json!(format!("jane{n}@example.org"));
        body
    };
    let registered = race(&servers, "/auth/register", (0..30).map(body).collect()).await;
    assert_eq!(winners(&registered), 3);
    let body = |n: usize| {
        let mut body = registration(&format!("jane{n}"));
        body["email"] = json!(JANE);
        body
    };
    let registered = race(&servers, "/auth/register", (0..30).map(body).collect()).await;
    assert_eq!(winners(&registered), 3); // This is the limit of registrations of one address.
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_registrations_at_once_fit_the_limit_of_an_address() {
    let servers = two(unlimited).await; // D2
    for round in 0..10 {
        let body = |n: usize| {
            let mut body = registration(&format!("jane{round}-{n}"));
            body["email"] = json!(format!("jane{round}@example.org"));
            body
        };
        let registered = race(&servers, "/auth/register", (0..3).map(body).collect()).await;
        assert_eq!(winners(&registered), 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_workers_at_once_keep_the_hourly_limit_of_codes() {
    let servers = two(unlimited).await; // OTP-7
    for round in 0..5 {
        let email = format!("jane{round}@example.org");
        let limited = |settings: &mut Settings| {
            unlimited(settings);
            settings.config.otp.max_per_hour = 2;
        };
        let workers = [
            servers[0].another_with(limited).await,
            servers[1].another_with(limited).await,
        ];
        for n in 0..3 {
            workers[0]
                .register_at(&email, &format!("jane{round}-{n}"))
                .await
                .expect(200);
        }
        join_all(workers.iter().map(TestServer::deliver)).await;
        assert!(workers[0].mails_to(&email).await <= 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_entries_of_one_code_give_one_session_and_one_account() {
    let servers = two(unlimited).await; // OTP-5
    let registered = servers[0].register("jane").await.expect(200);
    let otp = servers[0].code_for(JANE).await;
    let verified = race(
        &servers,
        "/auth/verify-otp",
        vec![json!({ "email": JANE, "otp": otp }); 50],
    )
    .await;
    // A repeated code gets 200 too, but without the registration token it begins no second session (REG-5).
    assert!(winners(&verified) >= 1);
    let with_tokens = |answer: &&Answer| answer.body.get("access_token").is_some();
    assert_eq!(verified.iter().filter(with_tokens).count(), 1);
    assert_eq!(servers[0].stored("user_sessions").await.len(), 1);
    assert_eq!(servers[0].accounts_stored().await, 1);
    let login = servers[1].login("jane", PASSWORD).await.expect(200);
    assert_eq!(login.text("user_id"), registered.text("user_id"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_hundred_wrong_codes_count_as_five_tries() {
    let servers = two(unlimited).await; // OTP-3
    servers[0].register("jane").await.expect(200);
    let otp = servers[0].code_for(JANE).await;
    let wrong = |n| json!({ "email": JANE, "otp": wrong_code(&otp, n) });
    let answers = race(&servers, "/auth/verify-otp", (0..300).map(wrong).collect()).await;
    assert_eq!(winners(&answers), 0);
    assert_eq!(
        servers[0].stored("otp_codes").await[0]
            .get_i32("attempts")
            .unwrap(),
        5
    );
    servers[1]
        .verify(JANE, &otp)
        .await
        .refused(400, "OTP_ERROR");
    servers[0].advance(chrono::Duration::minutes(1)).await;
    servers[0].send_otp(JANE).await.expect(200);
    servers[1]
        .verify(JANE, &servers[0].code_for(JANE).await)
        .await
        .expect(200);
    servers[0].login("jane", PASSWORD).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_resets_at_once_set_one_password() {
    let servers = two(unlimited_tries).await;
    let one = &servers[0];
    one.patient("jane").await;
    one.forgot(JANE).await.expect(200);
    let (otp, link) = (one.code_for(JANE).await, one.link_token_for(JANE).await);
    let password = |n: usize| format!("passphrase number {n}");
    let body = |n: usize| {
        if n < 10 {
            json!({ "email": JANE, "otp": otp, "new_password": password(n) })
        } else {
            json!({ "token": link, "new_password": password(n), "confirm_password": password(n) })
        }
    };
    let answers = race(
        &servers,
        "/auth/reset-password",
        (0..20).map(body).collect(),
    )
    .await;
    assert_eq!(winners(&answers), 1);
    let winner = answers
        .iter()
        .position(|answer| answer.status == 200)
        .unwrap();
    servers[1]
        .login("jane", &password(winner))
        .await
        .expect(200);
    for old in [PASSWORD.to_owned(), password((winner + 1) % 20)] {
        servers[0]
            .login("jane", &old)
            .await
            .refused(401, "AUTH_FAILED");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn four_changes_of_one_password_at_once_leave_one_winner() {
    let servers = two(unlimited).await;
    let token = servers[0].patient("jane").await.token();
    let new = |n: usize| format!("passphrase number {n}");
    let change = |n: usize| {
        let (server, token) = (&servers[n % 2], &token);
        async move { server.change_password(token, PASSWORD, &new(n)).await }
    };
    let answers = join_all((0..4).map(change)).await;
    let winners: Vec<_> = (0..4).filter(|n| answers[*n].status == 200).collect();
    assert_eq!(winners.len(), 1);
    assert!(
        answers
            .iter()
            .all(|answer| [200, 401].contains(&answer.status))
    );
    servers[0].login("jane", &new(winners[0])).await.expect(200);
    servers[1]
        .login("jane", PASSWORD)
        .await
        .refused(401, "AUTH_FAILED");
}
