//! Parallel requests about second factors, on two instances of one database.

use chrono::Duration;
use futures_util::future::{join, join_all};
use identity::{factors::rules::account_factors::Factor, sessions::authentication::authenticate};
use kernel::{request::Origin, role::Role};
use serde_json::{Value, json};

use crate::harness::{
    Answer, Authenticator, PASSWORD, Secured, TestServer, mfa_token_in, wrong_code,
};

const NEW: &str = "another good passphrase";

fn count(answers: &[Answer], status: u16) -> usize {
    let matching = answers.iter().filter(|answer| answer.status == status);
    matching.count()
}

async fn sessions(server: &TestServer, token: &str) -> u64 {
    let listed = server.get_as(token, "/auth/sessions").await.expect(200);
    listed.body["count"].as_u64().unwrap()
}

/// Two instances, jane with her factor, and one session of hers.
async fn two_instances() -> (TestServer, TestServer, Secured) {
    let server = TestServer::start().await;
    let other = server.another().await;
    let jane = server.secured("jane").await;
    (server, other, jane)
}

async fn waiting(server: &TestServer, number: usize) -> Vec<String> {
    let logins = (0..number).map(|_| server.mfa_token("jane"));
    join_all(logins).await
}

// MFA-12: one code, and each login has its own challenge.
#[tokio::test]
async fn of_fifty_parallel_uses_of_one_code_one_passes() {
    let (server, other, jane) = two_instances().await;
    let tokens = waiting(&server, 50).await;
    let code = server.totp(&jane);
    let uses = tokens.iter().enumerate();
    let uses = uses.map(|(n, token)| [&server, &other][n % 2].second_step(token, &code));
    let answers = join_all(uses).await;
    assert_eq!(count(&answers, 200), 1);
    assert_eq!(sessions(&server, &jane.token).await, 2);
}

// MFA-15
#[tokio::test]
async fn of_fifty_parallel_uses_of_a_recovery_code_one_passes() {
    let (server, other, jane) = two_instances().await;
    let tokens = waiting(&server, 50).await;
    let code = json!({ "recovery_code": jane.recovery_codes[0] });
    let uses = tokens.iter().enumerate();
    let uses =
        uses.map(|(n, token)| [&server, &other][n % 2].second_step_with(token, code.clone()));
    let answers = join_all(uses).await;
    assert_eq!(count(&answers, 200), 1);
    let mfa = server.get_as(&jane.token, "/auth/mfa").await.expect(200);
    assert_eq!(mfa.body["recovery_codes_left"], 9);
}

// One challenge, with codes of three steps and recovery codes.
#[tokio::test]
async fn of_fifty_parallel_ends_of_one_login_one_wins() {
    let (server, other, jane) = two_instances().await;
    let token = server.mfa_token("jane").await;
    let now = server.clock.now();
    let fields = |n: usize| -> Value {
        match n % 4 {
            3 => json!({ "recovery_code": jane.recovery_codes[n / 5] }),
            n => {
                let steps = Duration::seconds(30) * i32::try_from(n).unwrap();
                json!({ "totp_code": jane.app.code(now + steps) })
            }
        }
    };
    let ends = (0..50).map(|n| [&server, &other][n % 2].second_step_with(&token, fields(n)));
    let answers = join_all(ends).await;
    assert_eq!(count(&answers, 200), 1);
    assert_eq!(count(&answers, 401) + count(&answers, 400), 49);
    assert_eq!(sessions(&server, &jane.token).await, 2);
}

// MFA-10: five of a challenge are looked at, ten of the account.
#[tokio::test]
async fn of_a_hundred_parallel_wrong_codes_ten_are_looked_at() {
    let (server, other, jane) = two_instances().await;
    let tokens = waiting(&server, 4).await;
    let wrong = wrong_code(&server.totp(&jane), 1);
    let guesses = (0..25).map(|n| [&server, &other][n % 2].second_step(&tokens[0], &wrong));
    let answers = join_all(guesses).await;
    assert_eq!((count(&answers, 400), count(&answers, 401)), (5, 20));
    let guesses = (0..75).map(|n| [&server, &other][n % 2].second_step(&tokens[1 + n % 3], &wrong));
    let answers = join_all(guesses).await;
    assert_eq!(count(&answers, 400), 5);
    assert_eq!(count(&answers, 429) + count(&answers, 401), 70);
    let fresh = server.mfa_token("jane").await;
    other
        .second_step(&fresh, &server.totp(&jane))
        .await
        .refused(429, "RATE_LIMIT");
}

// Two tabs that confirm one app.
#[tokio::test]
async fn of_parallel_confirmations_of_one_app_one_wins() {
    let server = TestServer::start().await;
    let other = server.another().await;
    server.patient("jane").await;
    let token = server.login("jane", PASSWORD).await.expect(200).token();
    let begun = server
        .call_as(&token, "/auth/mfa/totp/begin")
        .await
        .expect(200);
    let app = Authenticator::new(&begun.text("secret"));
    let code = json!({ "totp_code": app.code(server.clock.now()) });
    let confirm = |n: usize| {
        let instance = [&server, &other][n % 2];
        instance.post_as(&token, "/auth/mfa/totp/confirm", code.clone())
    };
    let answers = join_all((0..10).map(confirm)).await;
    assert_eq!((count(&answers, 200), count(&answers, 400)), (1, 9));
    let mfa = server.get_as(&token, "/auth/mfa").await.expect(200);
    assert_eq!(mfa.body["recovery_codes_left"], 10);
    assert_eq!(server.stored("recovery_codes").await.len(), 10);
}

// MFA-24: the stored list has two factors, and both are removed at once.
#[tokio::test]
async fn of_two_removals_of_the_last_two_factors_one_is_refused() {
    let server = TestServer::start_with(|settings| {
        settings.config.mfa.required_roles = Some(vec![Role::Patient]);
    })
    .await;
    let other = server
        .another_with(|settings| {
            settings.config.mfa.required_roles = Some(vec![Role::Patient]);
        })
        .await;
    let demo = identity::accounts::create_demo(&server.app, Role::Patient)
        .await
        .unwrap();
    let waits = mfa_token_in(&server.login(&demo.email, demo.password.expose()).await);
    let begun = server
        .post("/auth/mfa/totp/begin", json!({ "mfa_token": waits }))
        .await;
    let app = Authenticator::new(&begun.expect(200).text("secret"));
    let code = json!({ "mfa_token": waits, "totp_code": app.code(server.clock.now()) });
    let done = server
        .post("/auth/mfa/totp/confirm", code)
        .await
        .expect(200);
    let (token, origin) = (
        done.token(),
        Origin::of_the_service("x".to_owned(), server.clock.now()),
    );
    let caller = authenticate(&server.app, &origin, &token).await.unwrap();
    let factors = bson::doc! { "factors": ["totp", "passkey:a"] };
    server
        .set_stored_account(caller.user_id.as_str(), factors)
        .await;
    let passkey = Factor::Passkey("a".to_owned());
    let totp = other.delete_as(&token, "/auth/mfa/totp");
    let passkey = identity::factors::remove(&server.app, &origin, &caller, &passkey);
    let (totp, passkey) = join(totp, passkey).await;
    let removed = [totp.status == 200, matches!(passkey, Ok(true))];
    assert_eq!(
        removed.iter().filter(|removed| **removed).count(),
        1,
        "{removed:?}"
    );
    let waits = server.login(&demo.email, demo.password.expose()).await;
    waits.refused(403, "MFA_REQUIRED");
}

// A factor is added while the password is reset: it counts afterwards, or it was refused.
#[tokio::test]
async fn a_factor_added_during_a_reset_counts_or_is_refused() {
    let server = TestServer::start().await;
    let other = server.another().await;
    for name in ["jane", "ben", "zoe"] {
        server.patient(name).await;
        let token = server.login(name, PASSWORD).await.expect(200).token();
        let email = format!("{name}@example.org");
        server.forgot(&email).await.expect(200);
        let otp = server.code_for(&email).await;
        let begun = server
            .call_as(&token, "/auth/mfa/totp/begin")
            .await
            .expect(200);
        let app = Authenticator::new(&begun.text("secret"));
        let code = json!({ "totp_code": app.code(server.clock.now()) });
        let reset = other.reset_by_code(&email, &otp, NEW);
        let confirm = server.post_as(&token, "/auth/mfa/totp/confirm", code);
        let (reset, confirmed) = join(reset, confirm).await;
        reset.expect(200);
        server.read_revocations().await;
        let needed = if confirmed.status == 200 { 403 } else { 200 };
        let login = server.login(name, NEW).await;
        assert_eq!(
            login.status, needed,
            "{} after {}",
            login.raw, confirmed.raw
        );
        server.get_as(&token, "/auth/me").await.expect(401);
    }
}
