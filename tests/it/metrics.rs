//! `GET /metrics`, which an operator's Prometheus reads.

mod equal_work;
mod parts;
mod round_trips;
mod watching;

use identity::maintenance;
use serde_json::json;

use crate::harness::{PASSWORD, TestServer, operations};

/// The value of a sample. 0 if the sample does not exist yet.
pub(crate) async fn sample(server: &TestServer, name: &str) -> u64 {
    let text = server.get("/metrics").await.expect(200).raw;
    let mut lines = text.lines().filter_map(|line| line.rsplit_once(' '));
    lines
        .find(|(known, _)| *known == name)
        .map_or(0, |(_, value)| value.parse().unwrap())
}

#[tokio::test]
async fn the_metrics_are_prometheus_text() {
    let server = TestServer::start().await;
    server.get("/health").await.expect(200);
    let answer = server.get("/api/v1/metrics").await.expect(200);
    assert_eq!(
        answer.headers["content-type"],
        "text/plain; version=0.0.4; charset=utf-8"
    );
    let is_line = |line: &str| {
        let value = line.rsplit_once(' ').map(|(_, value)| value.parse::<f64>());
        line.starts_with("# HELP ")
            || line.starts_with("# TYPE ")
            || value.is_some_and(|value| value.is_ok())
    };
    assert_eq!(answer.raw.lines().find(|line| !is_line(line)), None);
    let build = format!(
        "clinic_auth_build_info{{version=\"{}\"}}",
        clinic_auth::api::VERSION
    );
    assert_eq!(sample(&server, &build).await, 1);
    assert_eq!(sample(&server, "clinic_auth_ready").await, 1);
}

#[tokio::test]
async fn requests_are_counted_by_operation_and_status_and_timed() {
    let server = TestServer::start().await;
    server.login("nobody", PASSWORD).await.expect(401);
    server.login("nobody", PASSWORD).await.expect(401);
    let counted = r#"clinic_auth_requests_total{operation="login",status="401"}"#;
    assert_eq!(sample(&server, counted).await, 2);
    let timed = r#"clinic_auth_request_duration_seconds_count{operation="login"}"#;
    assert_eq!(sample(&server, timed).await, 2);
}

#[tokio::test]
async fn an_early_refusal_is_counted_for_its_operation() {
    let server = TestServer::start().await;
    let giant = json!({ "username": "x".repeat(70_000), "password": "x" });
    server
        .post("/auth/login/", giant)
        .await
        .refused(413, "PAYLOAD_TOO_LARGE");
    let counted = r#"clinic_auth_requests_total{operation="login",status="413"}"#;
    assert_eq!(sample(&server, counted).await, 1);
}

#[tokio::test]
async fn labels_are_operation_ids_and_never_sent_text() {
    let server = TestServer::start().await;
    for path in [
        "/canary-path",
        "/static/canary-file",
        "/auth/sessions/canary-id",
    ] {
        server.get(path).await;
    }
    server.ask("CANARY /health", "").await;
    let text = server.get("/metrics").await.expect(200).raw;
    assert!(!text.to_lowercase().contains("canary"), "{text}");
    let known: Vec<_> = operations()
        .into_iter()
        .map(|operation| operation.id)
        .collect();
    for label in text.split("operation=\"").skip(1) {
        let label = label.split('"').next().unwrap();
        assert!(
            ["none", "background"].contains(&label) || known.iter().any(|id| id == label),
            "{label}"
        );
    }
}

#[tokio::test]
async fn password_hashes_and_uptime_are_shown() {
    let server = TestServer::start().await;
    let before = sample(&server, "clinic_auth_password_hashes_total").await;
    server.login("nobody", PASSWORD).await.expect(401);
    assert_eq!(
        sample(&server, "clinic_auth_password_hashes_total").await,
        before + 1
    );
    assert_eq!(
        sample(&server, "clinic_auth_password_hashes_total").await,
        before + 1
    );
    server.advance(chrono::Duration::seconds(90)).await;
    assert_eq!(sample(&server, "clinic_auth_uptime_seconds").await, 90);
}

#[tokio::test]
async fn a_service_that_is_not_ready_says_so() {
    let server = TestServer::start().await;
    server
        .app
        .readiness
        .enter(platform::readiness::Phase::Starting);
    assert_eq!(sample(&server, "clinic_auth_ready").await, 0);
    server.get("/auth/me").await.refused(503, "DATABASE_ERROR");
    let counted = r#"clinic_auth_requests_total{operation="auth_me",status="503"}"#;
    assert_eq!(sample(&server, counted).await, 1);
}

#[tokio::test]
async fn only_callers_of_the_configured_networks_read_metrics() {
    let server = TestServer::start_with(|settings| {
        settings.config.service.metrics_networks = vec!["10.0.0.0/8".to_owned()];
        settings.config.throttle.identity.trusted_proxies = vec!["127.0.0.1".to_owned()];
    })
    .await;
    server.get("/metrics").await.refused(404, "NOT_FOUND");
    let from = async |address: &str| {
        let header = format!("X-Forwarded-For: {address}\r\n");
        server.ask("GET /api/v1/metrics", &header).await.status
    };
    assert_eq!(from("10.1.2.3").await, 200);
    assert_eq!(from("192.0.2.1").await, 404);
}

#[tokio::test]
async fn readiness_names_the_state_of_each_dependency() {
    let server = TestServer::start().await;
    let mail = async || {
        let ready = server.get("/health/ready").await.expect(200);
        let needs = ready.body["dependencies"].clone();
        assert_eq!(needs["database"]["status"], "up");
        assert_eq!(needs["signing_keys"], json!({ "status": "up" }));
        needs["mail"].clone()
    };
    assert_eq!(mail().await, json!({ "status": "up", "waiting": 0 }));
    server.register("jane").await.expect(200);
    server.advance(chrono::Duration::minutes(3)).await;
    maintenance::tick(&server.app).await.unwrap();
    assert_eq!(mail().await, json!({ "status": "late", "waiting": 1 }));
}

// A proxy on this machine that is not configured makes all of its callers look local (WEB-13).
#[tokio::test]
async fn a_caller_behind_an_unknown_proxy_cannot_read_metrics() {
    let server = TestServer::start().await;
    let paths = [
        "/metrics",
        "/metrics/",
        "/api/v1/metrics",
        "/api/v1/metrics/",
        "/metrics?x=1",
    ];
    for path in paths {
        let line = format!("GET {path}");
        assert_eq!(server.ask(&line, "").await.status, 200, "{path}");
        for header in [
            "X-Forwarded-For: 192.0.2.1",
            "X-Forwarded-For: 127.0.0.1",
            "Forwarded: for=192.0.2.1",
            "X-Real-IP: 192.0.2.1",
            "Via: 1.1 proxy",
            "X-Forwarded-Host: clinic.example",
            "CF-Connecting-IP: 192.0.2.1",
        ] {
            let answer = server.ask(&line, &format!("{header}\r\n")).await;
            assert_eq!((answer.status, answer.code().as_str()), (404, "NOT_FOUND"));
        }
    }
    let unknown_paths = [
        "//metrics",
        "/metrics//",
        "/Metrics",
        "/METRICS",
        "/%6detrics",
        "/metrics%2f",
        "/api/v1//metrics",
        "/API/v1/metrics",
        "/x/../metrics",
        "/./metrics",
        "/metrics;x",
        "/metrics.",
    ];
    for path in unknown_paths {
        let answer = server.ask(&format!("GET {path}"), "").await;
        assert_eq!(answer.status, 404, "{path}");
    }
    let absolute = server.ask("GET http://127.0.0.1/metrics", "X-Real-IP: 192.0.2.1\r\n");
    assert_eq!(absolute.await.status, 404);
    assert_eq!(server.ask("POST /metrics", "").await.status, 405);
}

// A configured proxy names the caller in the configured header; other headers do not count (WEB-13).
#[tokio::test]
async fn the_header_of_a_trusted_proxy_decides_who_reads_metrics() {
    let server = TestServer::start_with(|settings| {
        settings.config.throttle.identity.trusted_proxies = vec!["127.0.0.1".to_owned()];
    })
    .await;
    let status = async |headers: &str| server.ask("GET /metrics", headers).await.status;
    assert_eq!(status("X-Forwarded-For: 10.1.2.3\r\n").await, 200);
    assert_eq!(status("X-Forwarded-For: 192.0.2.1\r\n").await, 404);
    assert_eq!(status("X-Real-IP: 192.0.2.1\r\n").await, 404);
    assert_eq!(status("X-Forwarded-For: nonsense\r\n").await, 404);
}
