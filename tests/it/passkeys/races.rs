//! Parallel ceremonies on two instances of one database.

use clinic_auth::config::Settings;
use futures_util::future::{join, join_all};
use kernel::role::Role;
use serde_json::Value;
use testkit::authenticator::{Behaviour, SoftPasskey};

use super::honest;
use crate::harness::{Answer, PASSWORD, TestServer};

fn count(answers: &[Answer], status: u16) -> usize {
    answers
        .iter()
        .filter(|answer| answer.status == status)
        .count()
}

// PK-1
#[tokio::test]
async fn of_fifty_parallel_finishes_of_a_login_one_passes() {
    let server = TestServer::start().await;
    let other = server.another().await;
    let jane = server.fresh("jane").await;
    let mut passkey = server.add_passkey(&jane, &honest()).await;
    let begun = server.begin_login().await;
    let answer = passkey.sign(&begun.body["public_key"], &honest());
    let finishes = (0..50).map(|n| [&server, &other][n % 2].finish_login(&begun, &answer));
    let answers = join_all(finishes).await;
    assert_eq!((count(&answers, 200), count(&answers, 401)), (1, 49));
    let token = answers
        .iter()
        .find(|answer| answer.status == 200)
        .unwrap()
        .token();
    let sessions = other.get_as(&token, "/auth/sessions").await.expect(200);
    // Those of the registration and of the login before; and this one.
    assert_eq!(sessions.body["count"], 2);
}

// PK-4
#[tokio::test]
async fn one_credential_id_is_registered_for_one_account_only() {
    let server = TestServer::start().await;
    let other = server.another().await;
    let same = Behaviour {
        id: vec![7; 16],
        ..honest()
    };
    let mut begun = Vec::new();
    for n in 0..8 {
        let token = server.fresh(&format!("user{n}")).await;
        let answer = server.begin_passkey(&token).await.expect(200);
        let made = SoftPasskey::create(&answer.body["public_key"], &same);
        begun.push((token, answer, made));
    }
    let finishes = begun
        .iter()
        .enumerate()
        .map(|(n, (token, answer, (_, credential)))| {
            [&server, &other][n % 2].finish_passkey(token, answer, credential)
        });
    let answers = join_all(finishes).await;
    assert_eq!((count(&answers, 200), count(&answers, 409)), (1, 7));
    let winner = answers
        .iter()
        .position(|answer| answer.status == 200)
        .unwrap();
    let (_, _, (passkey, _)) = &mut begun[winner];
    let login = other.log_in_by(passkey, &honest()).await.expect(200);
    let name = login.text("username");
    assert_eq!(name, format!("user{winner}"));
}

// PK-7
#[tokio::test]
async fn of_parallel_uses_of_one_counter_one_passes() {
    let server = TestServer::start().await;
    let other = server.another().await;
    let jane = server.fresh("jane").await;
    let mut passkey = server.add_passkey(&jane, &honest()).await;
    passkey.counter = 5;
    let mut signed: Vec<(Answer, Value)> = Vec::new();
    for _ in 0..10 {
        let begun = server.begin_login().await;
        // The next one signs the same counter again, like a copy.
        let answer = passkey.clone().sign(&begun.body["public_key"], &honest());
        signed.push((begun, answer));
    }
    let finishes = signed
        .iter()
        .enumerate()
        .map(|(n, (begun, answer))| [&server, &other][n % 2].finish_login(begun, answer));
    let answers = join_all(finishes).await;
    assert_eq!((count(&answers, 200), count(&answers, 400)), (1, 9));
}

// MFA-24: an app and a passkey, then two passkeys; both are removed at once.
#[tokio::test]
async fn of_two_removals_of_the_last_two_factors_one_is_refused() {
    let before = TestServer::start().await;
    let jane = before.secured("jane").await;
    let first = before.add_passkey(&jane.token, &honest()).await;
    let must = |settings: &mut Settings| {
        settings.config.mfa.required_roles = Some(vec![Role::Patient]);
    };
    let (server, other) = (
        before.another_with(must).await,
        before.another_with(must).await,
    );
    let remove = async |paths: [&str; 2]| {
        let (one, two) = join(
            server.delete_as(&jane.token, paths[0]),
            other.delete_as(&jane.token, paths[1]),
        )
        .await;
        assert_eq!(
            one.status + two.status,
            200 + 409,
            "{} {}",
            one.raw,
            two.raw
        );
        let refused = if one.status == 409 { &one } else { &two };
        refused.refused(409, "FACTOR_REQUIRED");
        let mfa = other.get_as(&jane.token, "/auth/mfa").await.expect(200);
        let passkeys = mfa.body["passkeys"].as_array().unwrap().len();
        assert_eq!(passkeys + usize::from(!mfa.body["totp"].is_null()), 1);
        assert_eq!(mfa.body["recovery_codes_left"], 10);
    };
    // MFA-26: the owner hears of the removals that happened, and the trail has the others.
    let told = async |happened: usize| {
        let removed = "A second factor was removed from your account";
        let mails = server.mails_with_subject("jane@example.org", removed);
        assert_eq!(mails.await, happened);
        let mut recorded = 0;
        for action in ["mfa_remove", "passkey_remove"] {
            let (tried, refused) = server.in_trail(action).await;
            recorded += tried - refused;
        }
        assert_eq!(recorded, happened);
    };
    let first = format!("/auth/passkeys/{}", first.id());
    remove(["/auth/mfa/totp", &first]).await;
    told(1).await;

    // Of the two that are left, the passkeys.
    let second = server.add_passkey(&jane.token, &honest()).await;
    let third = server.add_passkey(&jane.token, &honest()).await;
    for path in ["/auth/mfa/totp", &first] {
        server.delete_as(&jane.token, path).await;
    }
    let [second, third] = [second, third].map(|it| format!("/auth/passkeys/{}", it.id()));
    remove([&second, &third]).await;
    told(3).await;
    server
        .login("jane", PASSWORD)
        .await
        .refused(403, "MFA_REQUIRED");
}

// A passkey is added while the password is reset: it counts afterwards, or it was refused.
#[tokio::test]
async fn a_passkey_added_during_a_reset_counts_or_is_refused() {
    const NEW: &str = "another good passphrase";
    let server = TestServer::start().await;
    let other = server.another().await;
    for name in ["jane", "ben", "zoe"] {
        let token = server.fresh(name).await;
        let email = format!("{name}@example.org");
        server.forgot(&email).await.expect(200);
        let otp = server.code_for(&email).await;
        let begun = server.begin_passkey(&token).await.expect(200);
        let (mut passkey, answer) = SoftPasskey::create(&begun.body["public_key"], &honest());
        let (reset, added) = join(
            other.reset_by_code(&email, &otp, NEW),
            server.finish_passkey(&token, &begun, &answer),
        )
        .await;
        reset.expect(200);
        let has_it = added.status == 200;
        let login = other.login(name, NEW).await;
        assert_eq!(
            login.status,
            if has_it { 403 } else { 200 },
            "{}",
            added.raw
        );
        let by_passkey = server.log_in_by(&mut passkey, &honest()).await;
        assert_eq!(by_passkey.status, if has_it { 200 } else { 400 });
        server.read_revocations().await;
        server.get_as(&token, "/auth/me").await.expect(401);
    }
}
