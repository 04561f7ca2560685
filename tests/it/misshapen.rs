//! Documents whose fields have other types, or are missing: each is brought into form or passed over, in every
//! collection that is read; never a 500, and nothing that waits for ever (DB-7).

#![expect(
    clippy::large_futures,
    reason = "the stack of a test has room for a whole operation"
)]

mod rows;

use std::time::Duration;

use bson::{Bson, Decimal128, Document, doc, oid::ObjectId};
use clinic_auth::{
    app::Phase,
    service::{keys, maintenance, outbox, sessions, startup},
};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::harness::{Answer, PASSWORD, Person, TestServer, invitation};

/// What may stand in the place of a value; none: the field is missing.
fn others() -> Vec<Option<Bson>> {
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

/// One of each kind of them.
fn typical() -> Vec<Option<Bson>> {
    let kinds = |other: &Option<Bson>| match other {
        None | Some(Bson::Null | Bson::Double(_) | Bson::DateTime(_)) => true,
        Some(Bson::String(text)) => text == "x",
        Some(other) => matches!(other, Bson::Array(_) | Bson::Document(_)),
    };
    others().into_iter().filter(kinds).collect()
}

/// The update that puts a value, or none, into a field.
fn put(field: &str, other: Option<Bson>) -> Document {
    let unset = doc! { "$unset": { field: "" } };
    other.map_or(unset, |other| doc! { "$set": { field: other } })
}

/// Every field of a document but `_id`, those of documents in it too.
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

/// A server that looks everything up each time, and refuses nobody for coming often.
async fn server() -> TestServer {
    TestServer::start_with(|settings| {
        settings.config.sessions.revocation_lag_ms = 0;
        settings.config.sessions.max_per_user = 100_000;
        settings.config.otp.cooldown_seconds = 0;
        settings.config.otp.max_per_hour = 1_000_000;
        settings.config.otp.max_per_day = 1_000_000;
        let throttle = &mut settings.config.throttle;
        for limit in [
            &mut throttle.register_per_ip,
            &mut throttle.register_per_email,
            &mut throttle.otp_request_per_ip,
            &mut throttle.otp_verify_per_ip,
            &mut throttle.login_per_ip,
            &mut throttle.refresh_per_ip,
            &mut throttle.reset_per_ip,
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
    /// What is awaited, which must come.
    async fn soon<T>(&self, step: &str, work: impl Future<Output = T>) -> T {
        let done = tokio::time::timeout(Duration::from_secs(30), work).await;
        done.unwrap_or_else(|_| panic!("{} {}: {step} waits for ever", self.collection, self.what))
    }

    /// An answer that is no 500, and one of `sensible`.
    async fn ask(
        &self,
        step: &str,
        sensible: &[u16],
        request: impl Future<Output = Answer>,
    ) -> Answer {
        let answer = self.soon(step, request).await;
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

/// Gives each field of the document `id` each other value, does what `journey` does, and puts the document back.
async fn mutate(
    server: &TestServer,
    collection: &str,
    id: impl Into<Bson>,
    journey: impl AsyncFn(&Case<'_>),
) {
    let id = id.into();
    let rows = server.app.store.raw(collection);
    let find = rows.find_one(doc! { "_id": id.clone() });
    let whole = find.await.unwrap().unwrap();
    for field in fields(&whole) {
        for other in typical() {
            let what = format!("{field} = {other:?}");
            let case = Case {
                collection,
                what: format!("{id} {what}"),
            };
            let mine = doc! { "_id": id.clone() };
            let to = put(&field, other);
            let back = rows.replace_one(mine.clone(), whole.clone()).upsert(true);
            back.await.unwrap();
            // A value that an index refuses stands beside no other document.
            if rows.update_one(mine, to).await.is_ok() {
                journey(&case).await;
            }
        }
    }
    let back = rows.replace_one(doc! { "_id": id }, whole).upsert(true);
    back.await.unwrap();
}

async fn forget_tries(server: &TestServer) {
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
async fn accounts_of_any_shape_are_no_500() {
    let server = server().await;
    let user_id = server.patient("jane").await.text("user_id");
    server.login("jane", "wrong").await.expect(401); // The account has a lockout counter.
    let admin = boss(&server).await;
    let path = format!("/admin/users/{user_id}");
    mutate(&server, "patients_v2", user_id.as_str(), async |case| {
        forget_tries(&server).await;
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
        case.soon("mail", server.deliver()).await;
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
async fn a_count_of_sessions_of_any_shape_lets_its_owner_in() {
    let server = server().await;
    let user_id = server.patient("jane").await.text("user_id");
    for other in others().into_iter().flatten() {
        let fields = doc! { "sessions_at_most": other.clone() };
        server.set_stored_account(&user_id, fields).await;
        for _ in 0..2 {
            let login = server.login("jane", PASSWORD).await;
            assert_eq!(login.status, 200, "{other}: {}", login.raw);
        }
    }
}

#[tokio::test]
async fn sessions_of_any_shape_are_no_500() {
    let server = server().await;
    server.patient("jane").await;
    let one = server.login("jane", PASSWORD).await.expect(200);
    let id = one.text("session_id");
    let delete = format!("/auth/sessions/{id}");
    mutate(&server, "user_sessions", id.as_str(), async |case| {
        forget_tries(&server).await;
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
async fn registrations_and_codes_of_any_shape_are_no_500() {
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
            forget_tries(&server).await;
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
            case.soon("mail", server.deliver()).await;
            let others = doc! { "_id": { "$ne": id.as_str() } };
            server
                .app
                .store
                .raw("pending_users")
                .delete_many(others)
                .await
                .unwrap();
            case.soon("sweep", maintenance::tick(&server.app))
                .await
                .unwrap();
        })
        .await;
        // It is as it was; this registration is of no use any more.
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
        forget_tries(&server).await;
    }
}

#[tokio::test]
async fn a_right_code_of_a_registration_of_any_shape_is_no_500() {
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
        for other in typical() {
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
