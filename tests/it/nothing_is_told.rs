//! A refused login shows nothing but the refusal. The tests compare the bytes of the answers and count the hashes
//! (ENUM-1, ENUM-2, ENUM-5).

use bson::doc;
use clinic_auth::config::Settings;
use serde_json::json;

use crate::harness::{Answer, PASSWORD, TestServer};

/// The names that a stranger can try, one for each kind of account, and the password to try.
const TRIES: [(&str, &str); 8] = [
    ("nobody", "wrong password"),
    ("nobody", ""),
    ("jane", "wrong password"),
    ("jane", ""),
    ("pending", PASSWORD),
    ("disabled", "wrong password"),
    ("unapproved", "wrong password"),
    ("invited", "wrong password"),
];

fn approval(settings: &mut Settings) {
    settings.config.auth.doctor_approval_required = true;
}

/// A server with an account of each kind.
async fn with_accounts_of_each_kind() -> TestServer {
    let server = TestServer::start_with(approval).await;
    server.patient("jane").await;
    server.register("pending").await.expect(200);
    for (name, fields) in [
        ("disabled", doc! { "status": "disabled" }),
        (
            "invited",
            doc! { "status": "invited", "password_hash": null },
        ),
    ] {
        let id = server.patient(name).await.text("user_id");
        server.set_stored_account(&id, fields).await;
    }
    unapproved(&server).await;
    server
}

/// Makes a doctor without approval. Another instance verifies the code, because this one would refuse it.
async fn unapproved(server: &TestServer) {
    let lenient =
        server.another_with(|settings| settings.config.auth.doctor_approval_required = false);
    lenient.await.doctor("unapproved").await;
}

/// The parts of an answer that must be equal: without its date, its time and its request id.
fn comparable(answer: &Answer) -> (u16, Vec<String>, String) {
    let request_id = answer.body["error"]["request_id"].as_str().unwrap();
    let at = answer.body["error"]["timestamp"].as_str().unwrap();
    let raw = answer.raw.replace(request_id, "ID").replace(at, "AT");
    let mut headers: Vec<_> = answer
        .headers
        .iter()
        .filter(|(name, _)| !["date", "x-request-id"].contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    headers.sort();
    (answer.status, headers, raw)
}

// ENUM-1
#[tokio::test]
async fn every_refused_login_has_the_same_bytes() {
    let server = with_accounts_of_each_kind().await;
    let first = server.login("nobody-else", "wrong password").await;
    assert_eq!(first.refused(401, "AUTH_FAILED"), "Invalid credentials");
    assert_eq!(first.headers["www-authenticate"], "Bearer");
    for (name, password) in TRIES {
        let answer = server.login(name, password).await;
        assert_eq!(comparable(&answer), comparable(&first), "{name} {password}");
    }
}

// ENUM-1
#[tokio::test]
async fn identifiers_of_every_form_and_length_are_refused_alike() {
    let server = with_accounts_of_each_kind().await;
    let first = server.login("nobody", "wrong password").await;
    let long = "x".repeat(20_000);
    for name in [
        "PAT00000000",
        "a@b.example",
        "@",
        "a b",
        "\u{430}dmin",
        &long,
    ] {
        let answer = server.login(name, "wrong password").await;
        assert_eq!(comparable(&answer), comparable(&first), "{name}");
    }
}

// ENUM-2
#[tokio::test]
async fn every_refused_login_costs_one_hash() {
    let server = with_accounts_of_each_kind().await;
    for (name, password) in TRIES {
        let before = server.app.hasher.hashes_done();
        server.login(name, password).await.expect(401);
        let done = server.app.hasher.hashes_done() - before;
        assert_eq!(done, 1, "{name} {password}");
    }
}

// ENUM-2
#[tokio::test]
async fn a_refusal_after_the_right_password_costs_one_hash() {
    let server = with_accounts_of_each_kind().await;
    for name in ["disabled", "unapproved"] {
        let before = server.app.hasher.hashes_done();
        let refused = server.login(name, PASSWORD).await;
        refused.refused(403, "ACCESS_DENIED");
        assert_eq!(server.app.hasher.hashes_done() - before, 1, "{name}");
    }
}

// ENUM-5, LCK-3
#[tokio::test]
async fn a_lockout_answers_alike_for_every_name_and_password() {
    let server = with_accounts_of_each_kind().await;
    let mut answers = Vec::new();
    for name in ["nobody", "jane", "pending", "disabled", "unapproved"] {
        for _ in 0..5 {
            server.login(name, "wrong password").await.expect(401);
        }
        for password in ["wrong password", PASSWORD, ""] {
            let before = server.app.hasher.hashes_done();
            let answer = server.login(name, password).await;
            answer.refused(429, "RATE_LIMIT");
            answers.push(comparable(&answer));
            assert_eq!(server.app.hasher.hashes_done(), before);
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:#?}");
}

// ENUM-5: at an address from which none of them has logged in (RL-7).
#[tokio::test]
async fn the_limit_per_ip_address_answers_alike_for_every_name() {
    let server = with_accounts_of_each_kind().await;
    let tight = server
        .another_with(|settings| {
            approval(settings);
            settings.config.throttle.identity.failed_names_per_ip.limit = 1;
            settings.config.throttle.identity.trusted_proxies = vec!["127.0.0.1".to_owned()];
        })
        .await;
    let login = async |name: &str, password: &str| {
        let body = json!({ "username": name, "password": password });
        let request = tight.http.post(tight.url("/auth/login")).json(&body);
        Answer::of(request.header("X-Forwarded-For", "192.0.2.1")).await
    };
    login("somebody", "wrong password").await.expect(401);
    let mut answers = Vec::new();
    for (name, password) in TRIES {
        let answer = login(name, password).await;
        answer.refused(429, "RATE_LIMIT");
        answers.push(comparable(&answer));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:#?}");
}
