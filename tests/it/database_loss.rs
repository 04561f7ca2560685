//! The database becomes unreachable while the service runs: the connection is closed, or it is silent (DB-2).

use std::{sync::Arc, time::Duration};

use clinic_auth::config::Settings;
use futures_util::future::join_all;
use kernel::clock::Clock;
use mail::MemoryMailer;
use serde_json::json;
use store::of_one_request;

use crate::harness::{
    Answer, Connectivity, Database, Direct, Installation, PASSWORD, Proxy, TestServer, eventually,
    registration,
};

/// A server with a proxy before its database, and the patient `jane`.
struct Proxied {
    server: TestServer,
    proxy: Proxy,
    token: String,
    /// Keeps the embedded store open.
    _direct: Direct,
}

async fn proxied(operation_ms: u64) -> Proxied {
    proxied_with(|settings| settings.config.database.limits.operation_ms = operation_ms).await
}

async fn proxied_with(change: impl FnOnce(&mut Settings)) -> Proxied {
    let database = Arc::new(Database::new());
    let direct = database.open().await;
    let proxy = Proxy::start(direct.server.clone(), Connectivity::Open).await;
    let store = proxy.store();
    let server = TestServer::start_on(database, Clock::manual(), MemoryMailer::new(), |settings| {
        settings.store = store;
        settings.config.database.limits.server_selection_ms = 1000;
        settings.config.sessions.revocation_lag_ms = 0;
        change(settings);
    })
    .await;
    Proxied {
        token: server.patient("jane").await.token(),
        server,
        proxy,
        _direct: direct,
    }
}

/// Sends a request of each kind. Each answer must come within five seconds.
async fn ask_all(Proxied { server, token, .. }: &Proxied) -> Vec<Answer> {
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
    let credentials = json!({ "username": "jane", "password": PASSWORD });
    let address = json!({ "email": "jane@example.org" });
    let requests = [
        post("/auth/login", credentials),
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

async fn is_refused_and_recovers(state: Connectivity) {
    let proxied = proxied(1000).await;
    let Proxied { server, proxy, .. } = &proxied;
    proxy.set(state);
    for answer in ask_all(&proxied).await {
        answer.refused(503, "DATABASE_ERROR");
        assert!(answer.headers.contains_key("retry-after"));
    }
    server.get("/health").await.expect(200);
    proxy.set(Connectivity::Open);
    eventually("a log-in after the return", async || {
        let answer = server.login("jane", PASSWORD).await;
        (answer.status == 200).then_some(())
    })
    .await;
    server.get("/health/ready").await.expect(200);
}

#[tokio::test]
async fn a_closed_database_connection_is_503_until_it_returns() {
    is_refused_and_recovers(Connectivity::Cut).await;
}

#[tokio::test]
async fn a_silent_database_is_503_until_it_answers_again() {
    is_refused_and_recovers(Connectivity::Silent).await;
}

#[tokio::test]
async fn all_operations_of_a_request_share_one_time_limit() {
    let proxied = proxied(1000).await;
    let Proxied { server, proxy, .. } = &proxied;
    proxy.set(Connectivity::Silent);
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
async fn a_silent_database_is_503_within_five_seconds() {
    let proxied = proxied_with(|settings| {
        // Two such waits would take more than five seconds, so no request may wait twice.
        settings.config.database.limits.operation_ms = 3000;
        settings.config.throttle.identity.register_per_ip.limit = 10_000;
    })
    .await;
    let Proxied { server, proxy, .. } = &proxied;
    // Each person sends requests until one is refused, so that each has one under way when the database becomes silent.
    let people = (0..8).map(|person| async move {
        for n in 0.. {
            let body = registration(&format!("patient{person}x{n}"));
            let request = server.http.post(server.url("/auth/register")).json(&body);
            let answer = Answer::of(request.timeout(Duration::from_secs(5))).await;
            if answer.status != 200 {
                // Which one depends on the step that waits: the last one stores the mail.
                let refused = answer.expect(503);
                let codes = ["DATABASE_ERROR", "EMAIL_ERROR"];
                assert!(codes.contains(&refused.code()), "{}", refused.raw);
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
        proxy.set(Connectivity::Silent);
    };
    tokio::join!(join_all(people), cut);
}

#[tokio::test]
async fn an_outage_and_its_end_are_logged_once() {
    let home = Installation::new();
    let direct = home.open().await;
    let proxy = Proxy::start(direct.server.clone(), Connectivity::Open).await;
    let process = home
        .with("MONGO_URI", &proxy.uri())
        .with("CLINIC_AUTH__DATABASE__SERVER_SELECTION_MS", "200")
        .serve_ready()
        .await;
    proxy.set(Connectivity::Cut);
    process.wait_for_log("the database does not answer").await;
    proxy.set(Connectivity::Open);
    let log = process.wait_for_log("the database answers").await;
    assert_eq!(
        log.matches("the database does not answer").count(),
        1,
        "{log}"
    );
    assert!(!log.contains("background work failed"), "{log}");
    process.wait_until_ready().await;
}
