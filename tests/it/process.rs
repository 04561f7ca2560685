//! The end of the process: by one signal, by two signals, and by a kill.

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::harness::{Installation, PASSWORD, Process, eventually, registration};

/// A request that is only partly sent.
struct PartialRequest(TcpStream, &'static str);

impl PartialRequest {
    async fn sent(process: &Process, begin: &str, rest: &'static str) -> Self {
        let mut stream = TcpStream::connect(process.address()).await.unwrap();
        stream.write_all(begin.as_bytes()).await.unwrap();
        Self(stream, rest)
    }

    /// A login without its body yet. The service has begun to read it.
    async fn login(process: &Process) -> Self {
        const BODY: &str = r#"{"username":"nobody","password":"nothing"}"#;
        let head = format!(
            "POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
            BODY.len()
        );
        let mut partial = Self::sent(process, &head, BODY).await;
        let mut continued = [0; 25];
        partial.0.read_exact(&mut continued).await.unwrap();
        assert!(continued.starts_with(b"HTTP/1.1 100 "));
        partial
    }

    async fn finished(mut self) -> String {
        self.0.write_all(self.1.as_bytes()).await.unwrap();
        let mut answer = String::new();
        self.0.read_to_string(&mut answer).await.unwrap();
        answer
    }
}

async fn refuses_connections(process: &Process) {
    eventually("a refused connection", async || {
        TcpStream::connect(process.address()).await.err()
    })
    .await;
}

#[tokio::test]
async fn a_stop_finishes_running_requests_and_exits_with_0() {
    let mut process = Installation::new().serve_ready().await;
    let partial = PartialRequest::login(&process).await; // LIFE-1
    process.signal("TERM");
    refuses_connections(&process).await;
    assert!(partial.finished().await.starts_with("HTTP/1.1 401 "));
    assert_eq!(process.wait_for_exit().await.code(), Some(0));
}

#[tokio::test]
async fn a_stopping_process_is_not_ready() {
    let mut process = Installation::new().serve_ready().await;
    let probe = "GET /health/ready HTTP/1.1\r\nHost: x\r\n";
    let probe = PartialRequest::sent(&process, probe, "\r\n").await;
    let login = PartialRequest::login(&process).await;
    process.signal("TERM");
    process.wait_for_log("stopping").await;
    assert!(probe.finished().await.starts_with("HTTP/1.1 503 ")); // LIFE-1
    login.finished().await;
    assert_eq!(process.wait_for_exit().await.code(), Some(0));
}

#[tokio::test]
async fn a_draining_process_still_serves_requests() {
    let installation = Installation::new().with("CLINIC_AUTH__SERVICE__DRAIN_SECONDS", "600");
    let mut process = installation.serve_ready().await;
    process.signal("TERM");
    process.wait_for_log("stopping").await;
    process
        .get("/health/ready")
        .await
        .refused(503, "DATABASE_ERROR"); // LIFE-1
    let typed = json!({ "username": "nobody", "password": "nothing" });
    let login = process.post("/auth/login", typed).await;
    login.refused(401, "AUTH_FAILED");
    process.signal("TERM");
    assert_eq!(process.wait_for_exit().await.code(), Some(1));
}

#[tokio::test]
async fn a_second_signal_ends_the_process_at_once() {
    let mut process = Installation::new().serve_ready().await;
    let _never_finished = PartialRequest::login(&process).await; // LIFE-1
    process.signal("TERM");
    process.wait_for_log("stopping").await;
    process.signal("TERM");
    assert_eq!(process.wait_for_exit().await.code(), Some(1));
}

#[tokio::test]
async fn an_interrupt_stops_the_process() {
    let mut process = Installation::new().serve_ready().await;
    process.signal("INT");
    assert_eq!(process.wait_for_exit().await.code(), Some(0));
}

#[tokio::test]
async fn the_process_stops_without_a_database() {
    let installation = Installation::new().with("MONGO_URI", "mongodb://127.0.0.1:1/");
    let mut process = installation.serve().await;
    process.signal("TERM");
    assert_eq!(process.wait_for_exit().await.code(), Some(0));
}

#[tokio::test]
async fn acknowledged_writes_survive_a_crash() {
    let installation = Installation::new()
        .with("DEBUG", "true")
        .with("CLINIC_AUTH__EMAIL__TRANSPORT", "outbox");
    let process = installation.serve_ready().await;
    let registered = process
        .post("/auth/register", registration("jane"))
        .await
        .expect(200);
    process.kill(); // LIFE-2
    let process = installation.serve_ready().await;
    let proof = json!({ "email": "jane@example.org", "otp": registered.text("debug_otp") });
    let verified = process.post("/auth/verify-otp", proof).await.expect(200);
    process.kill();
    let process = installation.serve_ready().await;
    let token = verified.token();
    let me = process.request("GET", "/users/me").bearer_auth(token);
    crate::harness::Answer::of(me).await.expect(200);
    let typed = json!({ "username": "jane", "password": PASSWORD });
    process.post("/auth/login", typed).await.expect(200);
}

#[tokio::test]
async fn an_unsent_code_is_mailed_after_a_crash() {
    let installation = Installation::new()
        .with("SMTP_HOST", "127.0.0.1")
        .with("SMTP_PORT", "1")
        .with("CLINIC_AUTH__EMAIL__TLS", "none");
    let process = installation.serve_ready().await;
    process
        .post("/auth/register", registration("jane"))
        .await
        .expect(200);
    process.wait_for_log("a mail could not be sent").await;
    process.kill(); // LIFE-2, MAIL-1
    let installation = installation
        .with("SMTP_HOST", "")
        .with("CLINIC_AUTH__EMAIL__TRANSPORT", "outbox");
    let process = installation.serve_ready().await;
    let mail = installation.mail(0).await;
    assert!(mail.contains("To: jane@example.org"), "{mail}");
    process.stop().await;
}

#[tokio::test]
async fn a_crashed_start_does_not_block_the_next_one() {
    for line in ["listening on ", "a signing key was made", "ready"] {
        // Each round has its own installation, because keys are made only once.
        let installation = Installation::new();
        let process = installation.serve().await;
        process.wait_for_log(line).await;
        process.kill(); // LIFE-2
        installation.serve_ready().await.stop().await;
    }
}
