//! Malformed documents, with fields of other types or without fields: in every collection the service repairs or ignores
//! them, without a 500 and without a hang (DB-7).

#![expect(
    clippy::large_futures,
    reason = "the stack of a test has room for a complete operation"
)]

mod factors;
mod rows;

use std::time::Duration;

use bson::{Bson, Decimal128, Document, doc, oid::ObjectId};
use identity::{
    keys,
    mails::outbox,
    maintenance, sessions,
    startup::{self, Visit},
};
use platform::{audit::seal, readiness::Phase};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::harness::{Answer, PASSWORD, Person, TestServer, invitation};

/// The values that replace the value of a field. `None` removes the field.
fn replacements() -> Vec<Option<Bson>> {
    let decimal: Decimal128 = "2".parse().unwrap();
    let date = bson::DateTime::parse_rfc3339_str("2020-01-01T00:00:00Z").unwrap();
    vec![
        None,
        Some(Bson::Null),
        Some(3.0.into()),
        Some(7_i64.into()),
        Some(decimal.into()),
        Some("x".into()),
        Some("2120-01-01T00:00:00Z".into()),
        Some(date.into()),
        Some(true.into()),
        Some(vec![Bson::from(1)].into()),
        Some(doc! { "a": 1 }.into()),
        Some(ObjectId::from_bytes([7; 12]).into()),
    ]
}

/// One replacement of each kind.
fn typical_replacements() -> Vec<Option<Bson>> {
    let kinds = |other: &Option<Bson>| match other {
        None | Some(Bson::Null | Bson::Double(_) | Bson::DateTime(_)) => true,
        Some(Bson::String(text)) => text == "x",
        Some(other) => matches!(other, Bson::Array(_) | Bson::Document(_)),
    };
    replacements().into_iter().filter(kinds).collect()
}

/// The update that sets a field to a value, or removes the field.
fn put(field: &str, other: Option<Bson>) -> Document {
    let unset = doc! { "$unset": { field: "" } };
    other.map_or(unset, |other| doc! { "$set": { field: other } })
}

/// Every field of a document except `_id`, with the fields of its embedded documents.
fn fields(row: &Document) -> Vec<String> {
    let mut all = Vec::new();
    for (name, value) in row.iter().filter(|(name, _)| *name != "_id") {
        all.push(name.clone());
        if let Bson::Document(inner) = value {
            all.extend(inner.keys().map(|key| format!("{name}.{key}")));
        }
    }
    all
}

/// A server that caches no session and has practically no limits.
async fn server() -> TestServer {
    TestServer::start_with(|settings| {
        settings.config.sessions.revocation_lag_ms = 0;
        settings.config.sessions.max_per_user = 100_000;
        settings.config.otp.cooldown_seconds = 0;
        settings.config.otp.max_per_hour = 1_000_000;
        settings.config.otp.max_per_day = 1_000_000;
        let throttle = &mut settings.config.throttle.identity;
        for limit in [
            &mut throttle.register_per_ip,
            &mut throttle.register_per_email,
            &mut throttle.otp_request_per_ip,
            &mut throttle.otp_verify_per_ip,
            &mut throttle.login_per_ip,
            &mut throttle.refresh_per_ip,
            &mut throttle.reset_per_ip,
            &mut throttle.mfa_per_ip,
            &mut throttle.passkey_per_ip,
        ] {
            limit.limit = 1_000_000;
        }
    })
    .await
}

struct Case<'a> {
    collection: &'a str,
    what: String,
}

impl Case<'_> {
    /// Awaits `work`. Fails if it takes longer than 30 seconds.
    async fn within_limit<T>(&self, step: &str, work: impl Future<Output = T>) -> T {
        let done = tokio::time::timeout(Duration::from_secs(30), work).await;
        done.unwrap_or_else(|_| panic!("{} {}: {step} waits for ever", self.collection, self.what))
    }

    /// Awaits an answer whose status must be one of `sensible`.
    async fn ask(
        &self,
        step: &str,
        sensible: &[u16],
        request: impl Future<Output = Answer>,
    ) -> Answer {
        let answer = self.within_limit(step, request).await;
        let Self {
            collection, what, ..
        } = self;
        assert!(
            sensible.contains(&answer.status),
            "{collection} {what}: {step}: {}",
            answer.raw
        );
        answer
    }
}

/// Sets each field of the document `id` to each typical replacement, runs `journey`, and restores the document.
async fn mutate(
    server: &TestServer,
    collection: &str,
    id: impl Into<Bson>,
    journey: impl AsyncFn(&Case<'_>),
) {
    let id = id.into();
    let rows = server.app.store.raw(collection);
    let find = rows.find_one(doc! { "_id": id.clone() });
    let original = find.await.unwrap().unwrap();
    for field in fields(&original) {
        for other in typical_replacements() {
            let what = format!("{field} = {other:?}");
            let case = Case {
                collection,
                what: format!("{id} {what}"),
            };
            let mine = doc! { "_id": id.clone() };
            let to = put(&field, other);
            let back = rows
                .replace_one(mine.clone(), original.clone())
                .upsert(true);
            back.await.unwrap();
            // An index may refuse the value. Then such a document cannot exist.
            if rows.update_one(mine, to).await.is_ok() {
                journey(&case).await;
            }
        }
    }
    let back = rows.replace_one(doc! { "_id": id }, original).upsert(true);
    back.await.unwrap();
}

async fn delete_counters(server: &TestServer) {
    let ours = doc! { "_id": { "$not": { "$regex": "^(lease|guard)" } } };
    server
        .app
        .store
        .raw("throttles")
        .delete_many(ours)
        .await
        .unwrap();
}

async fn boss(server: &TestServer) -> Person {
    server.admin("boss").await
}

#[tokio::test]
async fn malformed_accounts_cause_no_500() {
    let server = server().await;
    let user_id = server.patient("jane").await.text("user_id");
    server.login("jane", "wrong").await.expect(401); // The account has a lockout counter.
    let admin = boss(&server).await;
    let path = format!("/admin/users/{user_id}");
    mutate(&server, "patients_v2", user_id.as_str(), async |case| {
        delete_counters(&server).await;
        let login = server.login("jane@example.org", PASSWORD);
        let login = case.ask("login", &[200, 401, 403], login).await;
        if login.status == 200 {
            let token = login.token();
            case.ask("me", &[200], server.get_as(&token, "/users/me"))
                .await;
            let change = server.patch_as(&token, "/users/me", json!({ "first_name": "Ann" }));
            case.ask("change", &[200], change).await;
            case.ask("refresh", &[200], server.refresh(&login.refresh_token()))
                .await;
            case.ask("sessions", &[200], server.get_as(&token, "/auth/sessions"))
                .await;
        }
        case.ask("forgot", &[200], server.forgot("jane@example.org"))
            .await;
        case.within_limit("mail", server.deliver()).await;
        case.ask(
            "list",
            &[200],
            server.get_as(&admin.token, "/admin/users?q=jane"),
        )
        .await;
        case.ask("read", &[200, 404], server.get_as(&admin.token, &path))
            .await;
        let disable = server.patch_as(&admin.token, &path, json!({ "status": "disabled" }));
        case.ask("disable", &[200, 404], disable).await;
        let enable = server.patch_as(&admin.token, &path, json!({ "status": "active" }));
        case.ask("enable", &[200, 404], enable).await;
        let out = format!("{path}/logout-all");
        case.ask("log out", &[200, 404], server.call_as(&admin.token, &out))
            .await;
    })
    .await;
}

#[tokio::test]
async fn a_malformed_session_count_does_not_block_a_login() {
    let server = server().await;
    let user_id = server.patient("jane").await.text("user_id");
    for other in replacements().into_iter().flatten() {
        let fields = doc! { "sessions_at_most": other.clone() };
        server.set_stored_account(&user_id, fields).await;
        for _ in 0..2 {
            let login = server.login("jane", PASSWORD).await;
            assert_eq!(login.status, 200, "{other}: {}", login.raw);
        }
    }
}

#[tokio::test]
async fn malformed_sessions_cause_no_500() {
    let server = server().await;
    server.patient("jane").await;
    let one = server.login("jane", PASSWORD).await.expect(200);
    let id = one.text("session_id");
    let delete = format!("/auth/sessions/{id}");
    mutate(&server, "user_sessions", id.as_str(), async |case| {
        delete_counters(&server).await;
        case.ask("me", &[200, 401], server.get_as(&one.token(), "/users/me"))
            .await;
        case.ask("refresh", &[200, 401], server.refresh(&one.refresh_token()))
            .await;
        let other = server.login("jane", PASSWORD);
        let other = case.ask("login", &[200], other).await.token();
        case.ask("list", &[200], server.get_as(&other, "/auth/sessions"))
            .await;
        case.ask("end", &[200, 404], server.delete_as(&other, &delete))
            .await;
        case.ask(
            "end all",
            &[200],
            server.call_as(&other, "/auth/logout-all"),
        )
        .await;
    })
    .await;
}

#[tokio::test]
async fn malformed_registrations_and_codes_cause_no_500() {
    let server = server().await;
    let admin = boss(&server).await;
    for (collection, prefix) in [("pending_users", ""), ("otp_codes", "verification:")] {
        let email = "jane@example.org";
        let registered = server.register("jane").await.expect(200);
        let (id, token) = (
            registered.text("user_id"),
            registered.text("registration_token"),
        );
        let otp = server.code_for(email).await;
        mutate(&server, collection, format!("{prefix}{id}"), async |case| {
            delete_counters(&server).await;
            let wrong = crate::harness::wrong_code(&otp, 1);
            case.ask("wrong", &[400], server.verify(email, &wrong))
                .await;
            case.ask("wrong", &[400], server.verify_with(&token, email, &wrong))
                .await;
            case.ask(
                "list",
                &[200],
                server.get_as(&admin.token, "/admin/pending-users"),
            )
            .await;
            let counts = server.get_as(&admin.token, "/admin/collections-status");
            case.ask("counts", &[200], counts).await;
            let resend = format!("/admin/pending-users/{id}/resend-otp");
            case.ask("resend", &[200, 404], server.call_as(&admin.token, &resend))
                .await;
            case.ask("send", &[200], server.send_otp(email)).await;
            case.ask("again", &[200, 409, 429], server.register_at(email, "jane"))
                .await;
            case.within_limit("mail", server.deliver()).await;
            let replacements = doc! { "_id": { "$ne": id.as_str() } };
            server
                .app
                .store
                .raw("pending_users")
                .delete_many(replacements)
                .await
                .unwrap();
            case.within_limit("sweep", maintenance::tick(&server.app))
                .await
                .unwrap();
        })
        .await;
        // The next round needs a new registration, so this one is removed.
        for rows in ["pending_users", "otp_codes", "mail_outbox"] {
            server
                .app
                .store
                .raw(rows)
                .delete_many(doc! {})
                .await
                .unwrap();
        }
        let held = doc! { "state": "reserved" };
        server
            .app
            .store
            .raw("identifiers")
            .delete_many(held)
            .await
            .unwrap();
        delete_counters(&server).await;
    }
}

#[tokio::test]
async fn verifying_a_malformed_registration_causes_no_500() {
    let server = server().await;
    let names = [
        "username",
        "mobile",
        "email_display",
        "first_name",
        "is_pregnant",
        "user_type",
        "password_hash",
        "created_at",
        "expires_at",
        "language",
    ];
    let mut number = 0;
    for field in names {
        for other in typical_replacements() {
            number += 1;
            let name = format!("jane{number}");
            let registered = server.register(&name).await.expect(200);
            let email = format!("{name}@example.org");
            let otp = server.code_for(&email).await;
            let to = put(field, other.clone());
            let mine = doc! { "_id": registered.text("user_id") };
            let rows = server.app.store.raw("pending_users");
            rows.update_one(mine, to).await.unwrap();
            let token = registered.text("registration_token");
            let verified = server.verify_with(&token, &email, &otp).await;
            assert!(
                [200, 400].contains(&verified.status),
                "{field} {other:?}: {}",
                verified.raw
            );
            if verified.status == 200 && field != "password_hash" {
                server.login(&email, PASSWORD).await.expect(200);
            }
        }
    }
}
