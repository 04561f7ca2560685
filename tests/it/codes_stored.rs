//! Codes are random (OTP-1), and the stored data reveals none of them (OTP-2).

use aws_lc_rs::digest::{self, Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA512};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use bson::{Bson, doc};
use chrono::Duration;

use crate::{
    codes::without_request_limits,
    harness::{PASSWORD, TestServer, collections, values},
};

const JANE: &str = "jane@example.org";

#[tokio::test]
async fn three_hundred_codes_are_uniform_and_some_begin_with_zero() {
    let server = TestServer::start_with(|settings| {
        without_request_limits(settings);
        settings.config.service.debug = true;
    })
    .await; // OTP-1
    server.register("jane").await.expect(200);
    let (mut counts, mut zeros) = ([0_i64; 10], 0);
    for _ in 0..300 {
        let code = server.send_otp(JANE).await.expect(200).text("debug_otp");
        assert_eq!(code.len(), 6);
        zeros += i32::from(code.starts_with('0'));
        code.bytes()
            .for_each(|digit| counts[usize::from(digit - b'0')] += 1);
    }
    // This is the chi-square of 1800 digits, times 180. With 9 degrees of freedom, random digits exceed 39.3 once in
    // 100,000 runs.
    let chi_square: i64 = counts.iter().map(|count| (count - 180).pow(2)).sum();
    assert!(zeros > 0 && chi_square < 39 * 180, "{counts:?}");
}

#[tokio::test]
async fn no_stored_value_reveals_a_code_or_a_link() {
    let server = TestServer::start().await; // OTP-2, RST-1
    server.patient("jane").await;
    let token = server
        .register("john")
        .await
        .expect(200)
        .text("registration_token");
    let verification = server.code_for("john@example.org").await;
    server.forgot(JANE).await.expect(200);
    let (reset, link) = (
        server.code_for(JANE).await,
        server.link_token_for(JANE).await,
    );
    let stored = dump(&server).await;
    assert!(
        reveals(&stored, JANE) && stored.len() > 50,
        "the search finds what is there"
    );
    for secret in [&verification, &reset, &link, &token, PASSWORD] {
        assert!(!reveals(&stored, secret));
    }
    let signature = &URL_SAFE_NO_PAD.decode(&link).unwrap()[11..];
    assert!(!reveals_bytes(&stored, signature));
    for digest in digests(&verification).into_iter().chain(digests(&reset)) {
        assert!(!reveals_bytes(&stored, &digest));
    }
}

#[tokio::test]
async fn a_queued_mail_contains_no_code() {
    let server = TestServer::start().await;
    server.mails.fail(); // The worker makes the code, and cannot send it (OTP-2).
    server.register("jane").await.expect(200);
    server.deliver().await;
    assert_eq!(server.stored("mail_outbox").await.len(), 1);
    let stored = dump(&server).await;
    server.mails.recover();
    server.advance(Duration::minutes(1)).await;
    let code = server.code_for(JANE).await;
    assert!(reveals(&stored, JANE) && !reveals(&stored, &code));
    server.verify(JANE, &code).await.expect(200);
}

#[tokio::test]
async fn a_worker_crash_before_the_mail_adds_no_waiting_time() {
    let server = TestServer::start().await; // MAIL-1
    server.patient("jane").await;
    server.forgot(JANE).await.expect(200);
    let mut request = server.stored("mail_outbox").await.remove(0);
    server.mails.fail();
    server.deliver().await;
    // The worker made the code and crashed before it stored the mail, so the mail job is still there.
    let outbox = server.app.store.raw("mail_outbox");
    outbox.delete_many(doc! {}).await.unwrap();
    request.insert("attempts", 1);
    outbox.insert_one(request).await.unwrap();
    server.mails.recover();
    let otp = server.code_for(JANE).await;
    let new = "another good passphrase";
    server.reset_by_code(JANE, &otp, new).await.expect(200);
}

/// Every value in every collection.
async fn dump(server: &TestServer) -> Vec<Bson> {
    let mut stored = Vec::new();
    for name in collections(&server.app.store) {
        let rows = server.stored(&name).await;
        stored.extend(
            rows.into_iter()
                .map(Bson::Document)
                .flat_map(|row| values(&row)),
        );
    }
    stored
}

/// Whether a value is the secret, contains it as a word, or is equal to it as a number.
fn reveals(stored: &[Bson], secret: &str) -> bool {
    let number = secret.parse::<i64>().ok();
    stored.iter().any(|value| match value {
        Bson::String(text) => {
            let is_separator = |c: char| !c.is_ascii_alphanumeric() && !"@._-".contains(c);
            text == secret || text.split(is_separator).any(|word| word == secret)
        }
        Bson::Int32(value) => Some(i64::from(*value)) == number,
        Bson::Int64(value) => Some(*value) == number,
        Bson::Double(value) => number.is_some_and(|number| value.to_string() == number.to_string()),
        Bson::Binary(binary) => binary.bytes == secret.as_bytes(),
        _ => false,
    })
}

/// Whether a value contains the bytes: unchanged, in hex or in base64.
fn reveals_bytes(stored: &[Bson], bytes: &[u8]) -> bool {
    let texts = [
        hex(bytes),
        STANDARD_NO_PAD.encode(bytes),
        URL_SAFE_NO_PAD.encode(bytes),
    ];
    stored.iter().any(|value| match value {
        Bson::String(text) => texts
            .iter()
            .any(|secret| text.contains(secret) || text.to_lowercase().contains(secret)),
        Bson::Binary(binary) => binary
            .bytes
            .windows(bytes.len())
            .any(|window| window == bytes),
        _ => false,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// The unsafe digests of a code that a careless service would store.
fn digests(code: &str) -> Vec<Vec<u8>> {
    let kinds: [&'static Algorithm; 3] = [&SHA1_FOR_LEGACY_USE_ONLY, &SHA256, &SHA512];
    kinds
        .map(|kind| digest::digest(kind, code.as_bytes()).as_ref().to_vec())
        .to_vec()
}
