//! Registration: its answers, who owns a name, and for how long.

use bson::{Document, doc};
use chrono::Duration;
use kernel::{ids::UserId, random::SharedRng, role::Role};
use serde_json::{Value, json};

use crate::harness::{PASSWORD, TestServer, registration, registration_with as with};

#[tokio::test]
async fn a_patient_is_told_to_verify_and_gets_a_token_of_256_bits() {
    let server = TestServer::start().await;
    let answer = server.register("jane").await.expect(200);
    let message = answer.text("message");
    assert!(message.contains("registered successfully") && message.contains("verify the OTP"));
    assert!(answer.text("user_id").starts_with("PAT") && answer.text("user_id").len() == 11);
    assert_eq!(answer.text("user_type"), "patient");
    assert_eq!(answer.text("status"), "pending_verification");
    assert_eq!(answer.body["expires_in_minutes"], 30);
    assert_eq!(answer.text("registration_token").len(), 43);
    assert!(answer.body.get("debug_otp").is_none());
}

#[tokio::test]
async fn a_doctor_gets_a_doctors_id_and_no_fields_of_a_patient() {
    let server = TestServer::start().await;
    let mut body = with("house", "user_type", json!("doctor"));
    body["specialization"] = json!("Nephrology");
    body["is_pregnant"] = json!(true);
    body["date_of_birth"] = json!("not a date");
    let answer = server.post("/auth/register", body).await.expect(200);
    assert!(answer.text("user_id").starts_with("DOC"));
    let stored = &server.stored("pending_users").await[0];
    assert_eq!(stored.get_str("specialization").unwrap(), "Nephrology");
    assert!(!stored.contains_key("is_pregnant") && !stored.contains_key("date_of_birth"));
}

#[tokio::test]
async fn a_patient_has_no_fields_of_a_doctor() {
    let server = TestServer::start().await;
    let body = with("jane", "license_number", json!("MD-1"));
    server.post("/auth/register", body).await.expect(200);
    assert!(!server.stored("pending_users").await[0].contains_key("license_number"));
}

#[tokio::test]
async fn signup_makes_a_patient_of_a_full_name() {
    let server = TestServer::start().await;
    for (full_name, first, last) in [
        ("Anna Maria Meier", "Anna", "Maria Meier"),
        ("Cher", "Cher", ""),
    ] {
        let email = format!("{}@example.org", first.to_lowercase());
        let body =
            json!({ "full_name": full_name, "email": email, "password": PASSWORD, "extra": 1 });
        let answer = server.post("/auth/signup", body).await.expect(200);
        assert_eq!(
            answer.text("message"),
            "OTP sent to your email for verification"
        );
        let token = server
            .verify(&email, &server.code_for(&email).await)
            .await
            .expect(200)
            .token();
        let profile = server.get_as(&token, "/users/me").await.expect(200);
        assert_eq!(
            (profile.text("first_name"), profile.text("last_name")),
            (first.into(), last.into())
        );
        assert_eq!(profile.body["username"], Value::Null);
    }
}

#[tokio::test]
async fn fields_that_a_client_may_not_set_are_ignored() {
    let server = TestServer::start().await; // INJ-4
    let mut body = with("house", "user_type", json!("doctor"));
    for (field, value) in [
        ("approved", json!(true)),
        ("status", json!("active")),
        ("is_verified", json!(true)),
        ("user_id", json!("DOC00000001")),
        ("_id", json!("DOC00000001")),
        ("role", json!("admin")),
        ("password_hash", json!("x")),
        ("created_at", json!("2001-01-01T00:00:00Z")),
    ] {
        body[field] = value;
    }
    let registered = server.post("/auth/register", body).await.expect(200);
    assert_ne!(registered.text("user_id"), "DOC00000001");
    let otp = server.code_for("house@example.org").await;
    let token = server
        .verify("house@example.org", &otp)
        .await
        .expect(200)
        .token();
    let profile = server.get_as(&token, "/users/me").await.expect(200);
    assert_eq!(
        (profile.text("user_type"), profile.body["approved"].clone()),
        ("doctor".into(), json!(false))
    );
    assert!(!profile.text("created_at").starts_with("2001"));
}

#[tokio::test]
async fn a_taken_address_or_username_gives_the_same_409() {
    let server = TestServer::start().await; // D1, ENUM-6
    let user_id = server.patient("jane").await.text("user_id");
    let by_email = server.register_at("JANE@example.org", "other").await;
    let by_name = server.register_at("other@example.org", "JANE").await;
    let message = by_email.refused(409, "USER_EXISTS").to_owned();
    assert_eq!(by_name.refused(409, "USER_EXISTS"), message);
    for answer in [by_email, by_name] {
        assert!(!answer.raw.contains(&user_id) && !answer.raw.contains("existing"));
        assert!(!answer.raw.contains("user_type") && !answer.raw.contains("verified"));
    }
}

#[tokio::test]
async fn a_refused_registration_leaves_nothing_behind() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    let before = server.stored("identifiers").await.len();
    server
        .register_at("other@example.org", "JANE")
        .await
        .refused(409, "USER_EXISTS");
    assert_eq!(server.stored("identifiers").await.len(), before);
    assert!(server.stored("pending_users").await.is_empty());
    assert_eq!(server.mails_to("other@example.org").await, 0);
}

#[tokio::test]
async fn registrations_are_limited_by_address_and_by_caller() {
    let server = TestServer::start_with(|settings| {
        settings.config.throttle.identity.register_per_ip.limit = 7;
    })
    .await;
    for n in 0..5 {
        let answer = server
            .register_at("jane@example.org", &format!("jane{n}"))
            .await;
        assert!([200, 409].contains(&answer.status));
    }
    let limited = server.register_at("JANE@EXAMPLE.org", "jane5").await;
    limited.refused(429, "RATE_LIMIT");
    assert_eq!(limited.headers["retry-after"], "3600");
    server.register("john").await.expect(200);
    server.register("jack").await.refused(429, "RATE_LIMIT");
    server.advance(Duration::seconds(3600)).await;
    server.register("jack").await.expect(200);
}

#[tokio::test]
async fn an_expired_registration_frees_its_names_at_once() {
    let server = TestServer::start().await; // REG-6, OTP-9
    for n in 0..3 {
        server
            .register_at("jane@example.org", &format!("jane{n}"))
            .await
            .expect(200);
    }
    server
        .register_at("jane@example.org", "jane3")
        .await
        .refused(409, "USER_EXISTS");
    server.advance(Duration::minutes(30)).await;
    let mut body = registration("JANE0");
    body["password"] = json!("another good passphrase");
    body["email"] = json!("jane@example.org");
    server.post("/auth/register", body).await.expect(200);
    let otp = server.code_for("jane@example.org").await;
    server.verify("jane@example.org", &otp).await.expect(200);
    server
        .login("jane0", "another good passphrase")
        .await
        .expect(200);
}

#[tokio::test]
async fn an_expired_registration_is_refused_before_its_removal() {
    let server = TestServer::start().await; // The TTL index has not removed it yet (REG-6).
    let token = server
        .register("jane")
        .await
        .expect(200)
        .text("registration_token");
    let otp = server.code_for("jane@example.org").await;
    server.expire_stored("pending_users", "expires_at").await;
    server.expire_stored("identifiers", "expires_at").await;
    server
        .verify("jane@example.org", &otp)
        .await
        .refused(400, "OTP_ERROR");
    server
        .verify_with(&token, "jane@example.org", &otp)
        .await
        .refused(400, "OTP_ERROR");
    server
        .register_at("john@example.org", "jane")
        .await
        .expect(200);
}

/// Expires every stored registration, but not its reserved names. By the system's clock nothing has expired, so the TTL
/// index removes nothing.
async fn expire_stored_registrations(server: &TestServer) {
    server.clock.advance(Duration::minutes(20));
    server.expire_stored("pending_users", "expires_at").await;
}

#[tokio::test]
async fn an_expired_registration_frees_longer_reservations() {
    let server = TestServer::start_with(|settings| {
        settings.config.throttle.identity.register_per_email.limit = 100;
    })
    .await; // REG-6
    let jane = "jane@example.org";
    for name in ["jane0", "jane1", "jane2"] {
        server.register_at(jane, name).await.expect(200);
    }
    expire_stored_registrations(&server).await;
    let john = server.register_at("john@example.org", "jane0").await;
    john.expect(200);
    let late = server.register_at(jane, "jane0").await; // The name belongs to john now.
    late.refused(409, "USER_EXISTS");
    for name in ["jane1", "jane3", "jane4"] {
        server.register_at(jane, name).await.expect(200);
    }
    let fourth = server.register_at(jane, "jane5").await;
    fourth.refused(409, "USER_EXISTS");
}

#[tokio::test]
async fn names_reserved_without_a_registration_are_taken() {
    let server = TestServer::start().await;
    let until = bson::DateTime::from_chrono(server.clock.now() + Duration::minutes(30));
    let row = doc! {
        "_id": "username:jane", "owner": "PAT00000001", "state": "reserved", "expires_at": until,
    };
    server
        .app
        .store
        .raw("identifiers")
        .insert_one(row)
        .await
        .unwrap();
    server.register("jane").await.refused(409, "USER_EXISTS");
    server.advance(Duration::minutes(30)).await;
    server.register("jane").await.expect(200);
}

#[tokio::test]
async fn a_registration_that_becomes_an_account_keeps_its_names() {
    let server = TestServer::start().await;
    server.register("jane").await.expect(200);
    server.fail_point.arm("verify:email");
    let otp = server.code_for("jane@example.org").await;
    server.verify("jane@example.org", &otp).await.expect(500);
    server.clock.advance(Duration::minutes(20));
    let late = server.register_at("john@example.org", "jane").await;
    late.refused(409, "USER_EXISTS");
}

#[tokio::test]
async fn a_pending_user_cannot_log_in_reset_or_refresh() {
    let server = TestServer::start().await; // REG-7
    let answer = server.register("jane").await.expect(200);
    for name in ["jane", "jane@example.org", &answer.text("user_id")] {
        let refused = server.login(name, PASSWORD).await;
        assert_eq!(refused.refused(401, "AUTH_FAILED"), "Invalid credentials");
    }
    let otp = server.code_for("jane@example.org").await;
    server.forgot("jane@example.org").await.expect(200);
    assert_eq!(server.mails_to("jane@example.org").await, 1);
    server
        .reset_by_code("jane@example.org", &otp, "another good passphrase")
        .await
        .refused(400, "OTP_ERROR");
    let body = json!({ "refresh_token": answer.text("registration_token") });
    server
        .post("/auth/refresh", body)
        .await
        .refused(401, "SESSION_ERROR");
}

#[tokio::test]
async fn a_user_id_is_never_issued_twice() {
    let server = TestServer::start().await; // UID-1
    let taken = next_ids(&server, 25);
    reserve(&server, &taken, doc! { "state": "retired" }).await;
    let user_id = server.register("jane").await.expect(200).text("user_id");
    assert!(!taken.contains(&user_id));
}

#[tokio::test]
async fn after_twenty_taken_user_ids_a_registration_gets_503() {
    let server = TestServer::start().await; // UID-1
    // Reserved by an expired registration. Its rows may still exist, so the id is not free.
    let held_until = bson::DateTime::from_chrono(server.clock.now() + Duration::hours(1));
    let held = doc! { "state": "reserved", "expires_at": held_until };
    reserve(&server, &next_ids(&server, 200), held).await;
    server.advance(Duration::hours(2)).await;
    let answer = server.register("jane").await;
    answer.refused(503, "DATABASE_ERROR");
    assert!(answer.headers.contains_key("retry-after"));
    let _skipped = server.app.rng.bytes::<1024>();
    server.register("jane").await.expect(200);
}

/// The patients' ids that the server can generate from its next `words` random words, from any starting point.
fn next_ids(server: &TestServer, words: usize) -> Vec<String> {
    let marker = server.app.rng.bytes::<32>();
    let skip =
        (8..100_000).find(|end| generator_after(server.seed, end - 8).bytes::<32>() == marker);
    let next = skip.unwrap();
    let id = |offset| {
        UserId::generate(Role::Patient, &generator_after(server.seed, next + offset)).to_string()
    };
    (0..words).map(id).collect()
}

/// A generator that has already given `words` words.
fn generator_after(seed: u64, words: usize) -> SharedRng {
    let rng = SharedRng::seeded(seed);
    for _ in 0..words {
        let _word = rng.bytes::<4>();
    }
    rng
}

async fn reserve(server: &TestServer, ids: &[String], row: Document) {
    for id in ids {
        let mut row = row.clone();
        row.insert("_id", format!("user_id:{id}"));
        row.insert("owner", id);
        let rows = server.app.store.raw("identifiers");
        rows.insert_one(row).await.unwrap();
    }
}
