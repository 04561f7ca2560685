//! The end of the process: asked for, asked for twice, and by force.

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::harness::{Home, PASSWORD, Process, eventually, registration};

/// A request of which only a part was sent yet.
struct Half(TcpStream, &'static str);

impl Half {
    async fn sent(process: &Process, begin: &str, rest: &'static str) -> Self {
        let mut stream = TcpStream::connect(process.address()).await.unwrap();
        stream.write_all(begin.as_bytes()).await.unwrap();
        Self(stream, rest)
    }

    /// A login of which the body is missing, and which the service has begun to read.
    async fn login(process: &Process) -> Self {
        const BODY: &str = r#"{"username":"nobody","password":"nothing"}"#;
        let head = format!(
            "POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
            BODY.len()
        );
        let mut half = Self::sent(process, &head, BODY).await;
        let mut go_on = [0; 25];
        half.0.read_exact(&mut go_on).await.unwrap();
        assert!(go_on.starts_with(b"HTTP/1.1 100 "));
        half
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
async fn a_running_request_is_finished_and_the_exit_code_is_0() {
    let mut process = Home::new().serve_ready().await;
    let half = Half::login(&process).await; // LIFE-1
    process.signal("TERM");
    refuses_connections(&process).await;
    assert!(half.finished().await.starts_with("HTTP/1.1 401 "));
    assert_eq!(process.ended().await.code(), Some(0));
}

#[tokio::test]
async fn while_it_stops_it_is_not_ready() {
    let mut process = Home::new().serve_ready().await;
    let probe = "GET /health/ready HTTP/1.1\r\nHost: x\r\n";
    let probe = Half::sent(&process, probe, "\r\n").await;
    let login = Half::login(&process).await;
    process.signal("TERM");
    process.log_with("stopping").await;
    assert!(probe.finished().await.starts_with("HTTP/1.1 503 ")); // LIFE-1
    login.finished().await;
    assert_eq!(process.ended().await.code(), Some(0));
}

#[tokio::test]
async fn while_a_load_balancer_looks_elsewhere_requests_are_still_taken() {
    let home = Home::new().with("CLINIC_AUTH__SERVICE__DRAIN_SECONDS", "600");
    let mut process = home.serve_ready().await;
    process.signal("TERM");
    process.log_with("stopping").await;
    process
        .get("/health/ready")
        .await
        .refused(503, "DATABASE_ERROR"); // LIFE-1
    let typed = json!({ "username": "nobody", "password": "nothing" });
    let login = process.post("/auth/login", typed).await;
    login.refused(401, "AUTH_FAILED");
    process.signal("TERM");
    assert_eq!(process.ended().await.code(), Some(1));
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let mut process = Home::new().serve_ready().await;
    let _never_finished = Half::login(&process).await; // LIFE-1
    process.signal("TERM");
    process.log_with("stopping").await;
    process.signal("TERM");
    assert_eq!(process.ended().await.code(), Some(1));
}

#[tokio::test]
async fn an_interrupt_from_the_keyboard_is_a_stop_too() {
    let mut process = Home::new().serve_ready().await;
    process.signal("INT");
    assert_eq!(process.ended().await.code(), Some(0));
}

#[tokio::test]
async fn it_stops_while_the_database_is_away() {
    let home = Home::new().with("MONGO_URI", "mongodb://127.0.0.1:1/");
    let mut process = home.serve().await;
    process.signal("TERM");
    assert_eq!(process.ended().await.code(), Some(0));
}

#[tokio::test]
async fn what_was_acknowledged_before_a_crash_is_there_after_it() {
    let home = Home::new()
        .with("DEBUG", "true")
        .with("CLINIC_AUTH__EMAIL__TRANSPORT", "outbox");
    let process = home.serve_ready().await;
    let registered = process
        .post("/auth/register", registration("jane"))
        .await
        .expect(200);
    process.kill(); // LIFE-2
    let process = home.serve_ready().await;
    let proof = json!({ "email": "jane@example.org", "otp": registered.text("debug_otp") });
    let verified = process.post("/auth/verify-otp", proof).await.expect(200);
    process.kill();
    let process = home.serve_ready().await;
    let token = verified.token();
    let me = process.request("GET", "/users/me").bearer_auth(token);
    crate::harness::Answer::of(me).await.expect(200);
    let typed = json!({ "username": "jane", "password": PASSWORD });
    process.post("/auth/login", typed).await.expect(200);
}

#[tokio::test]
async fn a_code_that_was_not_mailed_before_a_crash_is_mailed_after_it() {
    let home = Home::new()
        .with("SMTP_HOST", "127.0.0.1")
        .with("SMTP_PORT", "1")
        .with("CLINIC_AUTH__EMAIL__TLS", "none");
    let process = home.serve_ready().await;
    process
        .post("/auth/register", registration("jane"))
        .await
        .expect(200);
    process.log_with("a mail could not be sent").await;
    process.kill(); // LIFE-2, MAIL-1
    let home = home
        .with("SMTP_HOST", "")
        .with("CLINIC_AUTH__EMAIL__TRANSPORT", "outbox");
    let process = home.serve_ready().await;
    let mail = home.mail(0).await;
    assert!(mail.contains("To: jane@example.org"), "{mail}");
    process.stop().await;
}

#[tokio::test]
async fn a_start_that_crashed_anywhere_does_not_hinder_the_next_one() {
    for told in ["listening on ", "a signing key was made", "ready"] {
        // Of its own: keys are made once, and the kill comes when it comes.
        let home = Home::new();
        let process = home.serve().await;
        process.log_with(told).await;
        process.kill(); // LIFE-2
        home.serve_ready().await.stop().await;
    }
}
