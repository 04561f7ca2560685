//! The start: without a database, with a wrong configuration, and the lines that it logs.

use serde_json::{Value, json};

use crate::harness::{
    Answer, Connectivity, Installation, MASTER, PASSWORD, Process, Proxy, TestServer, registration,
};

/// An address of this machine where no program listens: the system never assigns this port.
const UNREACHABLE: &str = "mongodb://127.0.0.1:1/";

/// Every operation under `roots`, as method and path.
async fn operations(process: &Process, roots: &[&str]) -> Vec<(String, String)> {
    let document = process.get("/openapi.json").await.expect(200).body;
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let path = path
            .replace("{user_id}", "PAT00000001")
            .replace(['{', '}'], "");
        if roots.iter().any(|root| path.starts_with(root)) {
            let methods = methods.as_object().unwrap().keys();
            found.extend(methods.map(|method| (method.to_uppercase(), path.clone())));
        }
    }
    found
}

#[tokio::test]
async fn without_a_database_the_process_runs_but_is_not_ready() {
    let process = Installation::new()
        .with("MONGO_URI", UNREACHABLE)
        .serve()
        .await; // DB-1
    process.get("/health").await.expect(200);
    process.get("/openapi.json").await.expect(200);
    for path in ["/health/ready", "/health/db", "/.well-known/jwks.json"] {
        let answer = process.get(path).await;
        answer.refused(503, "DATABASE_ERROR");
        assert!(answer.headers.contains_key("retry-after"), "{path}");
    }
}

#[tokio::test]
async fn an_unknown_database_host_counts_as_unavailable() {
    let uri = "mongodb+srv://database.invalid/?retryWrites=false";
    let mut process = Installation::new().with("MONGO_URI", uri).serve().await; // DB-1
    process.get("/health").await.expect(200);
    let answer = process.get("/health/ready").await;
    answer.refused(503, "DATABASE_ERROR");
    process.wait_for_log("the database does not answer").await;
    process.signal("TERM");
    assert_eq!(process.wait_for_exit().await.code(), Some(0));
}

#[tokio::test]
async fn without_a_database_every_operation_gets_503() {
    let process = Installation::new()
        .with("MONGO_URI", UNREACHABLE)
        .serve()
        .await; // DB-1, D9
    let operations = operations(&process, &["/auth", "/users", "/user", "/admin"]).await;
    assert!(operations.len() > 15, "{operations:?}");
    for (method, path) in operations {
        let request = process.request(&method, &path).json(&json!({}));
        let answer = Answer::of(request).await;
        answer.refused(503, "DATABASE_ERROR");
        assert!(
            answer.headers.contains_key("retry-after"),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn an_unavailable_database_is_logged_once_at_the_start() {
    let process = Installation::new()
        .with("MONGO_URI", UNREACHABLE)
        .with("CLINIC_AUTH__DATABASE__SERVER_SELECTION_MS", "100")
        .serve()
        .await;
    process.wait_for_log("the database does not answer").await;
    for _ in 0..3 {
        process
            .get("/health/db")
            .await
            .refused(503, "DATABASE_ERROR");
    }
    let log = process.log();
    assert_eq!(
        log.matches("the database does not answer").count(),
        1,
        "{log}"
    );
    assert!(!log.contains("background work failed"), "{log}");
}

#[tokio::test]
async fn the_process_becomes_ready_when_the_database_appears() {
    let installation = Installation::new();
    let direct = installation.open().await;
    let proxy = Proxy::start(direct.server.clone(), Connectivity::Cut).await;
    let process = installation.with("MONGO_URI", &proxy.uri()).serve().await; // DB-1
    process.wait_for_log("the database does not answer").await;
    process
        .get("/health/ready")
        .await
        .refused(503, "DATABASE_ERROR");
    proxy.set(Connectivity::Open);
    process.wait_until_ready().await;
    let patients = direct
        .store
        .raw("patients_v2")
        .list_index_names()
        .await
        .unwrap();
    assert!(patients.contains(&"patients_email_unique_idx".to_owned()));
    process
        .post("/auth/register", registration("jane"))
        .await
        .expect(200);
    process.wait_for_log("the database answers").await;
}

#[tokio::test]
async fn a_database_is_not_used_before_its_preparation() {
    let prepared = TestServer::start().await;
    let (database, clock) = (prepared.database.clone(), prepared.clock.clone());
    let server =
        TestServer::start_unprepared(database, clock, prepared.mails.clone(), |_| {}).await;
    server.get("/health/db").await.expect(200);
    server
        .get("/health/ready")
        .await
        .refused(503, "DATABASE_ERROR");
    server
        .login("jane", "whatever it is")
        .await
        .refused(503, "DATABASE_ERROR");
}

#[tokio::test]
async fn the_start_logs_store_mail_and_pages() {
    let installation = Installation::new();
    let log = installation.serve_ready().await.log();
    let store = if log.contains("MONGO_URI") {
        "store: MongoDB"
    } else {
        "store: embedded"
    };
    for expected in [
        store,
        "mail is not sent but written to data/outbox as .eml files",
        "/docs and http://localhost:",
        "test page: http://localhost:",
        "master secret",
    ] {
        assert!(log.contains(expected), "{expected} is not in {log}");
    }
}

#[tokio::test]
async fn the_start_does_not_log_pages_that_are_off() {
    let log = Installation::new()
        .in_production()
        .serve_ready()
        .await
        .log();
    assert!(!log.contains("/docs") && !log.contains("/test"), "{log}");
    assert!(
        log.contains("mail goes to the SMTP server 127.0.0.1"),
        "{log}"
    );
}

#[tokio::test]
async fn production_logs_json_lines_with_the_request_id() {
    let process = Installation::new().in_production().serve_ready().await;
    let request = process
        .request("GET", "/health")
        .header("x-request-id", "my-request-1");
    Answer::of(request).await.expect(200);
    let log = process.wait_for_log("my-request-1").await; // LOG-1
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let at = line["timestamp"].as_str().unwrap();
        assert!(at.ends_with('Z') && line["level"].is_string(), "{line}");
    }
}

#[tokio::test]
async fn an_unknown_setting_stops_the_start_with_a_suggestion() {
    let installation = Installation::new();
    let config = json!({ "otp": { "expire_minuts": 5 } }).to_string();
    std::fs::write(installation.path().join("config.json"), config).unwrap();
    let error_output = installation.run(&["serve"]).await.failure(); // CFG-1
    assert!(
        error_output.contains("otp.expire_minuts") && error_output.contains("otp.expire_minutes")
    );
}

#[tokio::test]
async fn all_configuration_errors_are_reported_together() {
    let installation = Installation::new()
        .with("CLINIC_AUTH__OTP__LENTH", "6")
        .with("ENVIRONMENT", "prod")
        .with("PORT", "many");
    let error_output = installation.run(&[]).await.failure();
    for expected in ["CLINIC_AUTH__OTP__LENTH", "ENVIRONMENT", "PORT"] {
        assert!(error_output.contains(expected), "{error_output}");
    }
}

#[tokio::test]
async fn production_refuses_development_settings() {
    let refused = async |change: fn(Installation) -> Installation| {
        change(Installation::embedded().in_production())
            .run(&["serve"])
            .await
            .failure()
    };
    assert!(
        refused(|installation| installation.with("MONGO_URI", ""))
            .await
            .contains("MONGO_URI")
    );
    assert!(
        refused(|installation| installation.with("JWT_SECRET", ""))
            .await
            .contains("JWT_SECRET")
    );
    let placeholder = "change-me-change-me-change-me-change-me";
    assert!(placeholder.len() > 32);
    assert!(
        refused(|installation| installation
            .with("JWT_SECRET", "change-me-change-me-change-me-change-me"))
        .await
        .contains("placeholder")
    );
    assert!(
        refused(|installation| installation.with("DEBUG", "true"))
            .await
            .contains("service.debug")
    );
    assert!(
        refused(|installation| installation.with("SMTP_HOST", ""))
            .await
            .contains("email.transport")
    );
    assert!(
        refused(|installation| installation.with("SMTP_HOST", "mail.example"))
            .await
            .contains("email.tls")
    );
}

#[tokio::test]
async fn a_port_in_use_gives_a_clear_message() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let error_output = Installation::new()
        .with("PORT", &port)
        .run(&["serve"])
        .await
        .failure();
    let message = format!("cannot listen on 127.0.0.1:{port}: Address already in use");
    assert!(error_output.contains(&message), "{error_output}");
}

#[tokio::test]
async fn accounts_can_log_in_after_a_change_of_the_secret() {
    let mut installation = Installation::new()
        .with("JWT_SECRET", MASTER)
        .with("DEBUG", "true");
    let process = installation.serve_ready().await;
    let body = registration("jane");
    let code = process
        .post("/auth/register", body)
        .await
        .expect(200)
        .text("debug_otp");
    let proof = json!({ "email": "jane@example.org", "otp": code });
    process.post("/auth/verify-otp", proof).await.expect(200);
    process.stop().await;
    installation = installation.with("JWT_SECRET", "another-0123456789-qwertzuiop-secret"); // KEY-2
    let process = installation.serve_ready().await;
    let typed = json!({ "username": "jane", "password": PASSWORD });
    process.post("/auth/login", typed).await.expect(200);
}
