//! Requests of older clients: fields that are left out, empty or null, `phone`, other spellings of the content type, and
//! a byte order mark.

use bson::{Document, doc};
use serde_json::{Value, json};

use crate::harness::{
    Answer, Operation, PASSWORD, TestServer, invitation, many_requests, operations, registration,
};
use kernel::role::Role;

async fn server() -> TestServer {
    TestServer::start_with(many_requests).await
}

async fn pending(server: &TestServer, user_id: &str) -> Document {
    let rows = server.app.store.raw("pending_users");
    let found = rows.find_one(doc! { "_id": user_id }).await;
    found.unwrap().unwrap()
}

#[tokio::test]
async fn a_registration_needs_neither_username_nor_mobile() {
    let server = server().await;
    let mut body = registration("jane");
    body.as_object_mut()
        .unwrap()
        .retain(|name, _| ["email", "password", "first_name"].contains(&name.as_str()));
    let token = server.account("jane", body).await.token();
    let profile = server.get_as(&token, "/auth/me").await.expect(200);
    for field in ["username", "mobile"] {
        assert_eq!(profile.body[field], Value::Null, "{field}");
    }
    server.login("jane@example.org", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn two_accounts_can_lack_a_username() {
    let server = server().await;
    for name in ["jane", "john"] {
        let mut body = registration(name);
        body["username"] = json!("");
        body["mobile"] = Value::Null;
        server.account(name, body).await;
    }
    assert_eq!(server.accounts_stored().await, 2);
}

#[tokio::test]
async fn phone_is_read_as_mobile_and_mobile_wins() {
    let server = server().await;
    let admin = server.admin("boss").await;
    let cases = [
        (json!({ "phone": "079 1" }), Some("079 1")),
        (
            json!({ "phone": "079 1", "mobile": "079 2" }),
            Some("079 2"),
        ),
        (json!({ "phone": "079 1", "mobile": "" }), Some("079 1")),
        (json!({ "phone": "079 1", "mobile": null }), Some("079 1")),
        (
            json!({ "phone": "no number", "mobile": "079 2" }),
            Some("079 2"),
        ),
        (json!({ "phone": "" }), None),
        (json!({ "phone": null }), None),
    ];
    for (n, (fields, stored)) in cases.into_iter().enumerate() {
        let mut body = registration(&format!("user{n}"));
        body.as_object_mut().unwrap().remove("mobile");
        body.as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        let answer = server.post("/auth/register", body).await;
        let row = pending(&server, &answer.expect(200).text("user_id")).await;
        assert_eq!(row.get_str("mobile").ok(), stored, "{fields}");
        let mut body = invitation(&format!("desk{n}"), "staff");
        body.as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        let created = server.post_as(&admin.token, "/admin/users", body).await;
        let row = server
            .stored_account(&created.expect(200).text("user_id"))
            .await;
        assert_eq!(row.get_str("mobile").ok(), stored, "{fields}");
    }
    let mut body = registration("john");
    body.as_object_mut().unwrap().remove("mobile");
    body["phone"] = json!("call me");
    let answer = server.post("/auth/register", body).await.expect(422);
    assert_eq!(answer.validation_errors(), ["phone mobile_invalid"]);
}

#[tokio::test]
async fn a_profile_change_reads_phone_as_mobile() {
    let server = server().await;
    let token = server.patient("jane").await.token();
    for (change, stored) in [
        (json!({ "phone": "079 1" }), json!("079 1")),
        (
            json!({ "phone": "079 1", "mobile": "079 2" }),
            json!("079 2"),
        ),
        (json!({ "phone": "079 1", "mobile": null }), Value::Null),
        (json!({ "phone": "079 3" }), json!("079 3")),
        (json!({ "first_name": "Jane" }), json!("079 3")),
        (json!({ "phone": "" }), Value::Null),
        (json!({ "mobile": "079 4" }), json!("079 4")),
        (json!({ "phone": null }), Value::Null),
    ] {
        let answer = server.patch_as(&token, "/auth/me", change.clone()).await;
        assert_eq!(answer.expect(200).body["mobile"], stored, "{change}");
    }
    let wrong = json!({ "phone": "x" });
    let answer = server.patch_as(&token, "/auth/me", wrong).await;
    assert_eq!(answer.validation_errors(), ["phone mobile_invalid"]);
}

async fn send(server: &TestServer, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Answer {
    let mut request = server.http.post(server.url("/auth/login"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::of(request.body(body.into())).await
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

fn login() -> String {
    json!({ "username": "jane", "password": PASSWORD }).to_string()
}

#[tokio::test]
async fn only_utf8_is_accepted_in_any_spelling() {
    let server = server().await;
    server.patient("jane").await;
    for charset in [
        "utf-8",
        "utf8",
        "UTF8",
        "\"UTF-8\"",
        "\"utf8\"",
        "Utf-8",
        " utf-8 ",
    ] {
        for (kind, body) in [
            (JSON, login()),
            (
                FORM,
                format!("username=jane&password={PASSWORD}").replace(' ', "+"),
            ),
        ] {
            let kind = format!("{kind}; charset={charset}");
            let answer = send(&server, &[("Content-Type", &kind)], body).await;
            assert_eq!(answer.status, 200, "{kind}: {}", answer.raw);
        }
    }
    for charset in [
        "latin1",
        "iso-8859-1",
        "utf-16",
        "utf-7",
        "utf8mb4",
        "",
        "utf",
    ] {
        let kind = format!("{JSON}; charset={charset}");
        let answer = send(&server, &[("Content-Type", &kind)], login()).await;
        let message = answer.refused(415, "UNSUPPORTED_MEDIA_TYPE");
        assert!(message.contains("UTF-8"), "{message}");
    }
}

#[tokio::test]
async fn a_byte_order_mark_before_a_body_is_ignored() {
    let server = server().await;
    server.patient("jane").await;
    let form = format!("username=jane&password={PASSWORD}").replace(' ', "+");
    for (kind, body) in [(JSON, login()), (FORM, form)] {
        let body = format!("\u{feff}{body}");
        let answer = send(&server, &[("Content-Type", kind)], body).await;
        assert_eq!(answer.status, 200, "{kind}: {}", answer.raw);
    }
    let twice = format!("\u{feff}\u{feff}{}", login());
    let answer = send(&server, &[("Content-Type", JSON)], twice).await;
    assert_eq!(answer.expect(422).validation_errors(), ["body malformed"]);
    let alone = send(&server, &[("Content-Type", JSON)], "\u{feff}").await;
    assert_eq!(alone.expect(422).validation_errors(), ["body malformed"]);
}

/// The operations that take a body.
fn operations_with_a_body() -> Vec<Operation> {
    let all = operations().into_iter();
    all.filter(|operation| operation.example().is_some())
        .collect()
}

#[tokio::test]
async fn a_compressed_body_is_415_for_every_operation() {
    let server = server().await;
    let admin = server.admin("boss").await;
    let doctor = server.token_of(Role::Doctor).await;
    let patient = server.token_of(Role::Patient).await;
    for operation in operations_with_a_body() {
        let token = match operation.caller() {
            Role::Doctor => &doctor,
            Role::Patient => &patient,
            Role::Admin | Role::Staff => &admin.token,
        };
        let body = Value::Object(operation.example().unwrap()).to_string();
        for encoding in [
            "gzip",
            "GZIP",
            "br",
            "deflate",
            "identity, gzip",
            "aws-chunked",
        ] {
            let request = operation
                .request(&server)
                .bearer_auth(token)
                .header("Content-Type", JSON)
                .header("Content-Encoding", encoding)
                .body(body.clone());
            let answer = Answer::of(request).await;
            let message = answer.refused(415, "UNSUPPORTED_MEDIA_TYPE");
            assert!(
                message.contains("Content-Encoding"),
                "{}: {message}",
                operation.id
            );
        }
    }
    server.patient("jane").await;
    for encoding in ["identity", "Identity", ""] {
        let headers = [("Content-Type", JSON), ("Content-Encoding", encoding)];
        send(&server, &headers, login()).await.expect(200);
    }
}

#[tokio::test]
async fn a_415_names_the_accepted_content_types() {
    let server = server().await;
    let admin = server.admin("boss").await;
    let multipart =
        "--x\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\njane\r\n--x--\r\n";
    let doctor = server.token_of(Role::Doctor).await;
    let patient = server.token_of(Role::Patient).await;
    for operation in operations_with_a_body() {
        let token = match operation.caller() {
            Role::Doctor => &doctor,
            Role::Patient => &patient,
            Role::Admin | Role::Staff => &admin.token,
        };
        for kind in [
            "multipart/form-data; boundary=x",
            "text/plain",
            "application/xml",
        ] {
            let request = operation
                .request(&server)
                .bearer_auth(token)
                .header("Content-Type", kind)
                .body(multipart);
            let answer = Answer::of(request).await;
            let message = answer.refused(415, "UNSUPPORTED_MEDIA_TYPE").to_owned();
            assert!(message.contains(JSON), "{}: {message}", operation.id);
            assert_eq!(message.contains(FORM), operation.id == "login", "{message}");
            assert_eq!(answer.body["detail"], message);
        }
    }
}
