//! Parallel requests about second factors, on two instances of one database.

use bson::doc;
use chrono::Duration;
use clinic_auth::config::Settings;
use futures_util::future::{join, join_all};
use identity::accounts::documents::User;
use kernel::{ids::UserId, role::Role};
use serde_json::{Value, json};

use crate::{
    harness::{Answer, Authenticator, PASSWORD, Secured, TestServer, mfa_token_in, wrong_code},
    passkeys::honest,
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

// One challenge, and every factor is right: the winner's is used up, and no other.
#[tokio::test]
async fn of_fifty_parallel_ends_of_one_login_one_wins() {
    let (server, other, jane) = two_instances().await;
    let mut passkey = server.add_passkey(&jane.token, &honest()).await;
    let waiting = server.login("jane", PASSWORD).await.expect(403);
    let details = &waiting.body["error"]["details"];
    let token = mfa_token_in(&waiting);
    let now = server.clock.now();
    let next = Duration::seconds(30);
    let assertion = passkey.sign(&details["passkey"], &honest());
    let fields = |n: usize| match n % 4 {
        0 => json!({ "totp_code": jane.app.code(now) }),
        1 => json!({ "totp_code": jane.app.code(now + next) }),
        2 => json!({ "recovery_code": jane.recovery_codes[n / 5] }),
        _ => json!({ "passkey": assertion }),
    };
    let ends = (0..50).map(|n| [&server, &other][n % 2].second_step_with(&token, fields(n)));
    let answers = join_all(ends).await;
    assert_eq!((count(&answers, 200), count(&answers, 401)), (1, 49));
    assert_eq!(sessions(&server, &jane.token).await, 2);
    let mfa = other.get_as(&jane.token, "/auth/mfa").await.expect(200);
    let left = mfa.body["recovery_codes_left"].as_u64().unwrap();
    let used = |at: &Value| u64::from(!at.is_null());
    let used = used(&mfa.body["totp"]["last_used_at"])
        + used(&mfa.body["passkeys"][0]["last_used_at"])
        + (10 - left);
    assert_eq!(used, 1, "{}", mfa.raw);
}

// MFA-10: however many come at once, five of a challenge are looked at, and ten of the account.
#[tokio::test]
async fn of_parallel_wrong_codes_five_and_ten_are_looked_at() {
    let (server, other, jane) = two_instances().await;
    let wrong = wrong_code(&server.totp(&jane), 1);
    let mut looked_at = Vec::new();
    for token in waiting(&server, 4).await {
        let mut of_this = 0;
        loop {
            let guesses = (0..20).map(|n| [&server, &other][n % 2].second_step(&token, &wrong));
            let answers = join_all(guesses).await;
            let right = [401, 429].map(|status| count(&answers, status));
            match count(&answers, 400) {
                0 => break,
                seen => of_this += seen,
            }
            assert_eq!(right.iter().sum::<usize>() + count(&answers, 400), 20);
        }
        looked_at.push(of_this);
    }
    assert_eq!(looked_at, [5, 5, 0, 0]);
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
    // MFA-26: the owner hears of the one that happened, and the trail has the others.
    let added = "A second factor was added to your account";
    assert_eq!(
        server.mails_with_subject("jane@example.org", added).await,
        1
    );
    let (tried, refused) = server.in_trail("mfa_enrol").await;
    assert_eq!(tried - refused, 1);
}

// MFA-26
#[tokio::test]
async fn of_parallel_renewals_of_codes_the_owner_hears_of_one() {
    let (server, other, jane) = two_instances().await;
    let renew =
        |n: usize| [&server, &other][n % 2].call_as(&jane.token, "/auth/mfa/recovery-codes");
    let answers = join_all((0..6).map(renew)).await;
    let made = count(&answers, 200);
    assert!(made > 0, "{}", answers[0].raw);
    let renewed = "You have new recovery codes";
    let mails = server.mails_with_subject("jane@example.org", renewed);
    assert_eq!(mails.await, made);
    let (tried, refused) = server.in_trail("recovery_codes_new").await;
    assert_eq!(tried - refused, made);
}

// MFA-26: a crash right after the change, before its notice is let go.
#[tokio::test]
async fn a_change_that_is_cut_off_is_mailed_when_its_lease_ends() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    let token = server.login("jane", PASSWORD).await.expect(200).token();
    let mails = async |change: &str| {
        let subject = format!("A second factor was {change} your account");
        server
            .mails_with_subject("jane@example.org", &subject)
            .await
    };
    let lease = platform::outbox::lease(&server.app);
    server.fail_point.arm("add-factor:sent");
    let (app, cut_off) = server.add_totp(&token).await;
    cut_off.refused(500, "INTERNAL_ERROR");
    assert_eq!(mails("added to").await, 0);
    server.advance(lease).await;
    assert_eq!(mails("added to").await, 1);
    let mfa = server.get_as(&token, "/auth/mfa").await.expect(200);
    assert!(!mfa.body["totp"].is_null());
    server.fail_point.arm("remove-factor:sent");
    let code = app.code(server.clock.now());
    let proof = json!({ "password": PASSWORD, "totp_code": code });
    server.reauthenticate(&token, proof).await.expect(200);
    let cut_off = server.delete_as(&token, "/auth/mfa/totp").await;
    cut_off.refused(500, "INTERNAL_ERROR");
    assert_eq!(mails("removed from").await, 0);
    server.advance(lease).await;
    assert_eq!(mails("removed from").await, 1);
}

// Two tabs that begin an app each, at once: the row has one of them, and one is confirmed.
#[tokio::test]
async fn of_two_apps_that_are_begun_at_once_one_is_confirmed() {
    let server = TestServer::start().await;
    let other = server.another().await;
    server.patient("jane").await;
    let token = server.login("jane", PASSWORD).await.expect(200).token();
    let begin = |n: usize| [&server, &other][n % 2].call_as(&token, "/auth/mfa/totp/begin");
    let shown = join_all((0..4).map(begin)).await;
    let now = server.clock.now();
    let apps: Vec<_> = shown
        .iter()
        .map(|shown| Authenticator::new(&shown.text("secret")))
        .collect();
    let confirm = |(n, app): (usize, &Authenticator)| {
        let code = json!({ "totp_code": app.code(now) });
        [&server, &other][n % 2].post_as(&token, "/auth/mfa/totp/confirm", code)
    };
    let answers = join_all(apps.iter().enumerate().map(confirm)).await;
    assert_eq!((count(&answers, 200), count(&answers, 400)), (1, 3));
    let winner = answers.iter().position(|it| it.status == 200).unwrap();
    server.advance(Duration::seconds(30)).await;
    let waits = server.mfa_token("jane").await;
    let code = apps[winner].code(server.clock.now());
    other.second_step(&waits, &code).await.expect(200);
    assert_eq!(server.stored("recovery_codes").await.len(), 10);
}

// MFA-17: a login that waits for its first factor, which two requests confirm at once.
#[tokio::test]
async fn of_parallel_ends_of_one_enrolment_one_logs_in() {
    let before = TestServer::start().await;
    before.patient("jane").await;
    let must = |settings: &mut Settings| {
        settings.config.mfa.required_roles = Some(vec![Role::Patient]);
    };
    let (server, other) = (
        before.another_with(must).await,
        before.another_with(must).await,
    );
    let waits = mfa_token_in(&server.login("jane", PASSWORD).await);
    let body = json!({ "mfa_token": waits });
    let begun = server.post("/auth/mfa/totp/begin", body).await.expect(200);
    let app = Authenticator::new(&begun.text("secret"));
    let code = json!({ "mfa_token": waits, "totp_code": app.code(server.clock.now()) });
    let confirm = |n: usize| [&server, &other][n % 2].post("/auth/mfa/totp/confirm", code.clone());
    let answers = join_all((0..10).map(confirm)).await;
    assert_eq!(count(&answers, 200), 1);
    let winner = answers.iter().find(|it| it.status == 200).unwrap();
    let mfa = other.get_as(&winner.token(), "/auth/mfa").await.expect(200);
    assert_eq!(mfa.body["recovery_codes_left"], 10);
    assert_eq!(sessions(&other, &winner.token()).await, 1);
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

// MFA-8: logins that ran beside the enrolment have no session without the factor.
#[tokio::test]
async fn a_login_during_an_enrolment_leaves_no_session() {
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
    let logins = (0..12).map(|n| [&other, &server][n % 2].login("jane", PASSWORD));
    let confirm = server.post_as(&token, "/auth/mfa/totp/confirm", code);
    let (logins, confirmed) = join(join_all(logins), confirm).await;
    confirmed.expect(200);
    other.read_revocations().await;
    for login in &logins {
        match login.status {
            200 => other
                .get_as(&login.token(), "/auth/me")
                .await
                .refused(401, "SESSION_ERROR"),
            _ => login.refused(403, "MFA_REQUIRED"),
        };
    }
    assert_eq!(sessions(&server, &token).await, 1);
}

// MFA-24, MFA-9: what was read counts only while the account is as it was.
#[tokio::test]
async fn factors_change_only_on_the_account_as_it_was_read() {
    let server = TestServer::start().await;
    let jane = server.secured("jane").await;
    let accounts = server.app.store.accounts();
    let user_id = UserId::from_stored(jane.user_id.as_str());
    let read = || accounts.find_by_user_id(&user_id);
    let change = async |user: &User| {
        let factors = &user.factors.confirmed;
        let batch = user.factors.recovery_batch.as_deref();
        let changed = accounts.change_factors(user, factors, batch).await;
        changed.unwrap().is_some()
    };
    for field in [
        doc! { "factors_epoch": 70_i64 },
        doc! { "password_hash": "$argon2id$another" },
        doc! { "status": "disabled" },
        doc! { "deleting_since": bson::DateTime::from_chrono(server.clock.now()) },
    ] {
        let before = read().await.unwrap().unwrap();
        let original = server.stored("patients_v2").await.remove(0);
        server
            .set_stored_account(&jane.user_id, field.clone())
            .await;
        assert!(!change(&before).await, "{field}");
        let rows = server.app.store.raw("patients_v2");
        let mine = doc! { "user_id": &jane.user_id };
        rows.replace_one(mine, original).await.unwrap();
        assert!(change(&before).await, "{field}");
    }
}
