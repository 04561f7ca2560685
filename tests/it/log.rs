//! The log tells what happened and contains no secrets (LOG-2), and a client cannot add a line to it (LOG-3).

use serde_json::json;

use crate::harness::{Answer, Installation, MASTER, PASSWORD, Process, registration};

const PASSWORDS: [&str; 3] = [
    PASSWORD,
    "Canary-Wrong-Password-1",
    "Canary-Next-Password-2",
];

/// The code in a mail, and the token of its link if it has one.
fn secrets_in(mail: &str) -> Vec<String> {
    let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
    let code = mail.lines().map(str::trim).find(is_code).map(str::to_owned);
    let token = mail
        .split_once("#token=")
        .map(|(_, rest)| rest.split(['&', '\r', '\n']).next().unwrap());
    code.into_iter().chain(token.map(str::to_owned)).collect()
}

fn verbose() -> Installation {
    let installation = Installation::new()
        .with("JWT_SECRET", MASTER)
        .with("RUST_LOG", "trace");
    installation.with("CLINIC_AUTH__OTP__COOLDOWN_SECONDS", "0")
}

/// The log up to now, with the lines of all answered requests.
async fn log_until_now(process: &Process) -> String {
    const LAST: &str = "the-last-request";
    let request = process
        .request("GET", "/health")
        .header("x-request-id", LAST);
    Answer::of(request).await.expect(200);
    process.wait_for_log(LAST).await
}

/// Uses an account from its registration to the reset of its password. Returns every secret that was used.
async fn use_every_secret(installation: &Installation, process: &Process) -> Vec<String> {
    let mut secrets: Vec<String> = PASSWORDS.map(str::to_owned).to_vec();
    let registered = process
        .post("/auth/register", registration("canary"))
        .await
        .expect(200);
    let mail = installation.mail(0).await;
    let otp = secrets_in(&mail)[0].clone();
    let proof = json!({ "email": "canary@example.org", "otp": otp });
    let verified = process.post("/auth/verify-otp", proof).await.expect(200);
    let credentials = json!({ "username": "canary", "password": PASSWORDS[1] });
    process
        .post("/auth/login", credentials)
        .await
        .refused(401, "AUTH_FAILED");
    let credentials = json!({ "email": "canary@example.org", "password": PASSWORD });
    let login = process.post("/auth/login", credentials).await.expect(200);
    let body = json!({ "refresh_token": login.refresh_token() });
    let refreshed = process.post("/auth/refresh", body).await.expect(200);
    for path in ["/auth/validate-token?token=", "/users/me?token="] {
        let path = format!("{path}{}", refreshed.token());
        Answer::of(process.request("POST", &path)).await;
    }
    process
        .post(
            "/auth/forgot-password",
            json!({ "email": "canary@example.org" }),
        )
        .await
        .expect(200);
    let reset = secrets_in(&installation.mail(1).await);
    let body = json!({ "token": reset[1], "new_password": PASSWORDS[2], "confirm_password": PASSWORDS[2] });
    process.post("/auth/reset-password", body).await.expect(200);
    for answer in [&verified, &login, &refreshed] {
        secrets.extend([answer.token(), answer.refresh_token()]);
    }
    secrets.extend([
        otp,
        registered.text("registration_token"),
        MASTER.to_owned(),
    ]);
    secrets.extend(reset);
    secrets.push("canary@example.org".to_owned());
    secrets
}

/// Sends malformed and refused requests, each with the password in it.
async fn send_bad_requests(process: &Process) {
    let password = PASSWORDS[1];
    let bodies = [
        format!("{{\"username\":\"canary\",\"password\":\"{password}"),
        format!("{{\"username\":{{\"$ne\":\"{password}\"}},\"password\":[\"{password}\"]}}"),
        format!("{{\"{password}\":1}}"),
        format!("\"{password}\""),
        format!("{password}\0\u{1b}[31m"),
        format!("{{\"username\":\"{password}\",\"password\":\"canary@example.org\"}}"),
    ];
    for body in bodies {
        for path in [
            "/auth/login",
            "/auth/register",
            "/auth/verify-otp",
            "/auth/reset-password",
        ] {
            for kind in [
                "application/json",
                "application/x-www-form-urlencoded",
                "text/plain",
            ] {
                let request = process.request("POST", path).header("content-type", kind);
                assert!(Answer::of(request.body(body.clone())).await.status < 500);
            }
        }
    }
    for header in [
        format!("Bearer {password}"),
        format!("Basic {password}"),
        password.to_owned(),
    ] {
        let request = process
            .request("GET", "/users/me")
            .header("authorization", header);
        assert_eq!(Answer::of(request).await.status, 401);
    }
}

#[tokio::test]
async fn no_secret_reaches_the_log_at_any_level() {
    let installation = verbose();
    let process = installation.serve_ready().await;
    let secrets = use_every_secret(&installation, &process).await;
    send_bad_requests(&process).await;
    process.post("/auth/logout", json!({})).await;
    let log = log_until_now(&process).await;
    assert!(
        log.contains("operation=\"verify_otp\"") && log.contains("mail sent"),
        "{log}"
    );
    let detailed = |line: &&str| line.contains(" TRACE ") || line.contains(" DEBUG ");
    for line in log.lines().filter(detailed) {
        let ours = [" clinic_auth::", " identity::"];
        let is_ours = ours.iter().any(|target| line.contains(target));
        assert!(is_ours, "wire traffic at {line}");
    }
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret:?} is in the log");
    }
}

#[tokio::test]
async fn the_database_uri_is_in_no_log_and_no_error() {
    let uri = "mongodb://canary-user:canary-word@127.0.0.1:1/?appName=canary-app";
    let installation = verbose().with("MONGO_URI", uri);
    let process = installation.serve().await;
    process.wait_for_log("the database does not answer").await;
    process
        .get("/health/db")
        .await
        .refused(503, "DATABASE_ERROR");
    process
        .post("/auth/login", json!({}))
        .await
        .refused(503, "DATABASE_ERROR");
    let log = process.log();
    let error_output = installation
        .run(&["create-admin", "--email", "boss@example.org"])
        .await
        .failure();
    for text in [log, error_output] {
        assert!(!text.contains("canary"), "{text}");
    }
}

#[tokio::test]
async fn the_mail_servers_credentials_reach_no_log() {
    let installation = verbose()
        .with("SMTP_HOST", "127.0.0.1")
        .with("SMTP_PORT", "1")
        .with("SMTP_USER", "canary-user@example.org")
        .with("SMTP_PASSWORD", "canary-word");
    let process = installation.serve_ready().await;
    process
        .post("/auth/register", registration("jane"))
        .await
        .expect(200);
    let log = process.wait_for_log("a mail could not be sent").await;
    assert!(!log.contains("canary") && !log.contains("jane"), "{log}");
}

#[tokio::test]
async fn a_client_cannot_forge_or_colour_a_log_line() {
    for installation in [
        verbose(),
        verbose().in_production().with("RUST_LOG", "trace"),
    ] {
        let process = installation.serve_ready().await;
        let forged = "x\r\n2026-01-01T00:00:00Z ERROR forged\u{1b}[31m\u{85}\u{2028}forged";
        let credentials = json!({ "username": forged, "password": forged, "device_name": forged });
        process.post("/auth/login", credentials).await;
        let mut body = registration("jane");
        for field in ["username", "email", "first_name", "mobile", "user_type"] {
            body[field] = forged.into();
        }
        process.post("/auth/register", body).await.expect(422);
        let path = "/auth/%0d%0a2026-01-01T00:00:00Z%20ERROR%20forged%1b[31m?a=%0aforged";
        let request = process
            .request("GET", path)
            .header("user-agent", "a\tforged");
        Answer::of(request).await.expect(404);
        let request = process
            .request("GET", "/health")
            .header("x-request-id", "forged id\t!");
        Answer::of(request).await.expect(200);
        let log = log_until_now(&process).await; // LOG-3
        assert!(!log.contains("forged") && !log.contains('\u{1b}'), "{log}");
    }
}
