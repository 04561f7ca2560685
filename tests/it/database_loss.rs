//! A database that goes away under the running service, in each of the ways it can (DB-2).

use std::{sync::Arc, time::Duration};

use clinic_auth::{clock::Clock, config::Settings, mail::MemoryMailer, store::of_one_request};
use futures_util::future::join_all;
use serde_json::json;

use crate::harness::{
    Answer, Database, Direct, Home, PASSWORD, Proxy, TestServer, Wire, eventually, registration,
};

/// A server with a wire to its database, and the patient `jane`.
struct Wired {
    server: TestServer,
    proxy: Proxy,
    token: String,
    /// Keeps an embedded store running.
    _direct: Direct,
}

async fn wired(operation_ms: u64) -> Wired {
    wired_with(|settings| settings.config.database.operation_ms = operation_ms).await
}

async fn wired_with(change: impl FnOnce(&mut Settings)) -> Wired {
    let database = Arc::new(Database::new());
    let direct = database.open().await;
    let proxy = Proxy::start(direct.server.clone(), Wire::Whole).await;
    let store = proxy.store();
    let server = TestServer::start_on(database, Clock::manual(), MemoryMailer::new(), |settings| {
        settings.store = store;
        settings.config.database.server_selection_ms = 1000;
        settings.config.sessions.revocation_lag_ms = 0;
        change(settings);
    })
    .await;
    Wired {
        token: server.patient("jane").await.token(),
        server,
        proxy,
        _direct: direct,
    }
}

/// One request of each kind, answered within the five seconds that clients are promised.
async fn asked(Wired { server, token, .. }: &Wired) -> Vec<Answer> {
    let limit = Duration::from_secs(5);
    let post = |path: &str, body| {
        server
            .http
            .post(server.url(path))
            .json(&body)
            .timeout(limit)
    };
    let get = |path: &str| {
        server
            .http
            .get(server.url(path))
            .bearer_auth(token)
            .timeout(limit)
    };
    let typed = json!({ "username": "jane", "password": PASSWORD });
    let address = json!({ "email": "jane@example.org" });
    let requests = [
        post("/auth/login", typed),
        post("/auth/register", registration("john")),
        post("/auth/forgot-password", address.clone()),
        post("/auth/generate-otp", address),
        post("/auth/logout", json!({})).bearer_auth(token),
        get("/users/me"),
        get("/auth/sessions"),
        get("/health/ready"),
        get("/health/db"),
    ];
    join_all(requests.map(Answer::of)).await
}

async fn is_refused_and_recovers(state: Wire) {
    let wired = wired(1000).await;
    let Wired { server, proxy, .. } = &wired;
    proxy.becomes(state);
    for answer in asked(&wired).await {
        answer.refused(503, "DATABASE_ERROR");
        assert!(answer.headers.contains_key("retry-after"));
    }
    server.get("/health").await.expect(200);
    proxy.becomes(Wire::Whole);
    eventually("a log-in after the return", async || {
        let answer = server.login("jane", PASSWORD).await;
        (answer.status == 200).then_some(())
    })
    .await;
    server.get("/health/ready").await.expect(200);
}

#[tokio::test]
async fn a_database_that_is_cut_off_is_503_until_it_is_back() {
    is_refused_and_recovers(Wire::Cut).await;
}

#[tokio::test]
async fn a_database_that_says_nothing_is_503_until_it_speaks_again() {
    is_refused_and_recovers(Wire::Silent).await;
}

#[tokio::test]
async fn all_operations_of_a_request_together_wait_no_longer_than_one_may() {
    let wired = wired(1000).await;
    let Wired { server, proxy, .. } = &wired;
    proxy.becomes(Wire::Silent);
    let begin = std::time::Instant::now();
    of_one_request(async {
        for _ in 0..6 {
            server.app.store.ping().await.unwrap_err();
        }
    })
    .await;
    assert!(
        begin.elapsed() < Duration::from_secs(3),
        "{:?}",
        begin.elapsed()
    ); // DB-2
}

#[tokio::test]
async fn a_database_that_falls_silent_within_a_request_is_503_within_five_seconds() {
    let wired = wired_with(|settings| {
        // Twice as long would be longer than five seconds: no request waits a second time.
        settings.config.database.operation_ms = 3000;
        settings.config.throttle.register_per_ip.limit = 10_000;
    })
    .await;
    let Wired { server, proxy, .. } = &wired;
    // Each goes on until it is refused, so that all have a request under way when the wire falls silent, at any step.
    let people = (0..8).map(|person| async move {
        for n in 0.. {
            let body = registration(&format!("patient{person}x{n}"));
            let request = server.http.post(server.url("/auth/register")).json(&body);
            let answer = Answer::of(request.timeout(Duration::from_secs(5))).await;
            if answer.status != 200 {
                answer.refused(503, "DATABASE_ERROR");
                break;
            }
        }
    });
    let cut = async {
        eventually("a registration under way", async || {
            let direct = server.app.store.raw("identifiers");
            (direct.estimated_document_count().await.unwrap() > 3).then_some(())
        })
        .await;
        proxy.becomes(Wire::Silent);
    };
    tokio::join!(join_all(people), cut);
}

#[tokio::test]
async fn an_outage_is_told_once_and_its_end_too() {
    let home = Home::new();
    let direct = home.open().await;
    let proxy = Proxy::start(direct.server.clone(), Wire::Whole).await;
    let process = home
        .with("MONGO_URI", &proxy.uri())
        .with("CLINIC_AUTH__DATABASE__SERVER_SELECTION_MS", "200")
        .serve_ready()
        .await;
    proxy.becomes(Wire::Cut);
    process.log_with("the database does not answer").await;
    proxy.becomes(Wire::Whole);
    let log = process.log_with("the database answers").await;
    assert_eq!(
        log.matches("the database does not answer").count(),
        1,
        "{log}"
    );
    assert!(!log.contains("background work failed"), "{log}");
    process.is_ready().await;
}
