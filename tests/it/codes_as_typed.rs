//! Codes in the spellings in which people paste and type them (OTP-10).

use serde_json::json;

use crate::{
    codes::without_request_limits,
    harness::{Answer, TestServer},
};

const JANE: &str = "jane@example.org";
const NEW: &str = "another good passphrase";

/// Valid spellings of a code.
fn spellings(otp: &str) -> Vec<String> {
    let (left, right) = otp.split_at(3);
    let wide: String = otp
        .bytes()
        .map(|digit| char::from_u32(0xFF10 + u32::from(digit - b'0')).unwrap())
        .collect();
    let apart = |c: &str| otp.split("").collect::<Vec<_>>().join(c);
    vec![
        wide,
        format!("\u{200e}{left}\u{2011}{right}\u{200f}"),
        format!("\u{feff}{left}\u{a0}{right}\r\n"),
        format!("\u{2066}{left} \u{2013} {right}\u{2069}\t"),
        format!("{left}\u{2014}\u{2212}{right}\u{3000}"),
        apart("-"),
        apart("\u{200b}"),
        apart("\u{ad}"),
        apart(" \u{2009}\u{ff0d}"),
        format!("{}{otp}", " ".repeat(5000)),
    ]
}

/// Texts that cannot be a code.
const MALFORMED_CODES: [&str; 12] = [
    "",
    " - ",
    "12345",
    "1234567",
    "12345a",
    "1234 5O",
    "\u{0661}\u{0662}\u{0663}\u{0664}\u{0665}\u{0666}",
    "\u{0967}\u{0968}\u{0969}\u{096a}\u{096b}\u{096c}",
    "+12345",
    "123.456",
    "1e5000",
    "\u{00b9}\u{00b2}\u{00b3}456",
];

#[tokio::test]
async fn a_pasted_code_is_accepted_in_every_spelling() {
    let server = TestServer::start_with(without_request_limits).await;
    for n in 0..spellings("000000").len() {
        let name = format!("jane{n}");
        let email = format!("{name}@example.org");
        server.register(&name).await.expect(200);
        let otp = server.code_for(&email).await;
        let typed = &spellings(&otp)[n];
        let verified = server.verify(&email, typed).await;
        assert_eq!(verified.status, 200, "{typed:?}");
        server.forgot(&email).await.expect(200);
        let otp = server.code_for(&email).await;
        let typed = &spellings(&otp)[n];
        let reset = server.reset_by_code(&email, typed, NEW).await;
        assert_eq!(reset.status, 200, "{typed:?}");
    }
}

#[tokio::test]
async fn a_malformed_code_uses_no_try() {
    let server = TestServer::start_with(without_request_limits).await;
    let token = server.register("jane").await.expect(200);
    let token = token.text("registration_token");
    let otp = server.code_for(JANE).await;
    for bad in MALFORMED_CODES {
        for _ in 0..3 {
            refused(&server.verify(JANE, bad).await);
            refused(&server.verify_with(&token, JANE, bad).await);
        }
    }
    let tries = server.stored("otp_codes").await[0].get_i32("attempts");
    assert_eq!(tries.unwrap(), 0);
    server.verify(JANE, &otp).await.expect(200); // The count of the day has not grown either.
    server.forgot(JANE).await.expect(200);
    let otp = server.code_for(JANE).await;
    for bad in MALFORMED_CODES {
        for _ in 0..3 {
            refused(&server.reset_by_code(JANE, bad, NEW).await);
        }
    }
    server.reset_by_code(JANE, &otp, NEW).await.expect(200);
}

fn refused(answer: &Answer) {
    assert_eq!(answer.refused(400, "OTP_ERROR"), "Invalid or expired OTP");
}

#[tokio::test]
async fn a_malformed_code_counts_for_the_callers_ip() {
    let server = TestServer::start_with(|settings| {
        settings.config.throttle.identity.otp_verify_per_ip.limit = 3;
        settings.config.throttle.identity.reset_per_ip.limit = 3;
    })
    .await;
    for _ in 0..3 {
        refused(&server.verify(JANE, "no code").await);
        refused(&server.reset_by_code(JANE, "no code", NEW).await);
    }
    server
        .verify(JANE, "no code")
        .await
        .refused(429, "RATE_LIMIT");
    let reset = server.reset_by_code(JANE, "no code", NEW).await;
    reset.refused(429, "RATE_LIMIT");
}

#[tokio::test]
async fn a_reset_code_must_be_a_json_string() {
    let server = TestServer::start().await;
    for otp in [
        json!(12345),
        json!({ "$ne": "" }),
        json!(["123456"]),
        json!(true),
    ] {
        let body = json!({ "email": JANE, "otp": otp, "new_password": NEW });
        let answer = server.post("/auth/reset-password", body).await;
        answer.refused(422, "VALIDATION_ERROR");
        assert_eq!(answer.validation_errors(), ["otp type"]);
    }
}

#[tokio::test]
async fn the_pages_do_not_truncate_pasted_codes() {
    let server = TestServer::start().await;
    for page in ["index.html", "otp.html"] {
        let page = server.get(&format!("/static/{page}")).await.expect(200);
        let inputs: Vec<_> = page
            .raw
            .split('<')
            .filter(|tag| tag.contains("name=\"otp\""))
            .collect();
        assert_eq!(inputs.len(), 2);
        for input in inputs {
            for limit in ["maxlength", "pattern=", "type=\"number\"", "type=\"tel\""] {
                assert!(!input.contains(limit), "{input}");
            }
        }
    }
}
