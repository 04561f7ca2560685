//! Parallel ceremonies on two instances of one database.

use futures_util::future::join_all;
use serde_json::Value;
use testkit::authenticator::{Behaviour, SoftPasskey};

use super::honest;
use crate::harness::{Answer, TestServer};

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
