//! Requests that people send to a running process.

use serde_json::json;

use crate::it::harness::{Answer, Installation, PASSWORD, Process, registration};

/// Sets very high limits of requests, because all of the load comes from one address.
pub(crate) fn unthrottled(home: Installation) -> Installation {
    let throttles = [
        "GLOBAL",
        "REGISTER_PER_IP",
        "REGISTER_PER_EMAIL",
        "OTP_REQUEST_PER_IP",
        "OTP_VERIFY_PER_IP",
        "LOGIN_PER_IP",
        "FAILED_NAMES_PER_IP",
        "REFRESH_PER_IP",
        "REFRESH_PER_SESSION",
        "RESET_PER_IP",
        "CHANGE_PASSWORD_PER_ACCOUNT",
        "WRITES_PER_ACCOUNT",
    ];
    let home = throttles.iter().fold(home, |home, name| {
        home.with(
            &format!("CLINIC_AUTH__THROTTLE__{name}__LIMIT"),
            "1000000000",
        )
    });
    home.with("CLINIC_AUTH__OTP__COOLDOWN_SECONDS", "0")
        .with("CLINIC_AUTH__OTP__MAX_PER_HOUR", "1000000")
        .with("CLINIC_AUTH__OTP__MAX_PER_DAY", "1000000")
        .with("JWT_SECRET", crate::it::harness::MASTER)
}

/// The same, with codes in the answers and mail into a folder.
pub(crate) fn with_codes(home: Installation) -> Installation {
    unthrottled(home)
        .with("DEBUG", "true")
        .with("CLINIC_AUTH__EMAIL__TRANSPORT", "outbox")
}

/// `http://host:port`.
pub(crate) fn base_of(process: &Process) -> String {
    format!("http://{}", process.address())
}

/// Registers a patient. Returns the answer with the tokens. The service must show codes in its answers.
pub(crate) async fn patient(process: &Process, name: &str) -> Answer {
    let registered = process.post("/auth/register", registration(name)).await;
    let otp = registered.expect(200).text("debug_otp");
    verify(process, name, &otp).await.expect(200)
}

pub(crate) async fn verify(process: &Process, name: &str, otp: &str) -> Answer {
    let proof = json!({ "email": format!("{name}@example.org"), "otp": otp });
    process.post("/auth/verify-otp", proof).await
}

pub(crate) async fn login(process: &Process, name: &str, password: &str) -> Answer {
    let credentials = json!({ "username": name, "password": password });
    process.post("/auth/login", credentials).await
}

pub(crate) async fn logged_in(process: &Process, name: &str) -> Answer {
    login(process, name, PASSWORD).await.expect(200)
}

pub(crate) async fn refresh(process: &Process, token: &str) -> Answer {
    let shown = json!({ "refresh_token": token });
    process.post("/auth/refresh", shown).await
}

pub(crate) async fn call(process: &Process, method: &str, path: &str, token: &str) -> Answer {
    Answer::of(process.request(method, path).bearer_auth(token)).await
}

pub(crate) async fn me(process: &Process, token: &str) -> Answer {
    call(process, "GET", "/users/me", token).await
}
