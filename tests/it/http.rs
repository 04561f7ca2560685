//! The parts that all answers share: headers, request ids, times, errors.

mod delivery;
mod origins;
mod requests;

use chrono::DateTime;
use kernel::role::Role;
use platform::readiness::Phase;
use reqwest::Method;
use serde_json::Value;

use crate::harness::{Answer, Operation, TestServer, operations};

fn is_personal(path: &str) -> bool {
    let path = path.strip_prefix("/api/v1").unwrap_or(path);
    ["auth", "users", "user", "admin"].contains(&path.split('/').nth(1).unwrap_or_default())
}

/// Fails unless the answer has the common headers and, if it is an error, the common body.
#[track_caller]
fn check(path: &str, answer: &Answer) {
    let header = |name: &str| {
        answer
            .headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    };
    let context = format!("{path} {} {:?}", answer.status, answer.headers);
    assert!(header("x-request-id").len() >= 8, "{context}");
    assert_eq!(header("x-content-type-options"), "nosniff", "{context}"); // WEB-2
    assert_eq!(header("referrer-policy"), "no-referrer", "{context}");
    assert_eq!(
        header("cross-origin-opener-policy"),
        "same-origin",
        "{context}"
    );
    assert_eq!(
        header("cross-origin-resource-policy"),
        "same-origin",
        "{context}"
    );
    assert!(
        header("content-security-policy").starts_with("default-src 'none'"),
        "{context}"
    ); // WEB-1
    assert!(
        header("content-security-policy").contains("frame-ancestors 'none'"),
        "{context}"
    );
    let refused = answer.status >= 400;
    if is_personal(path) || refused {
        assert_eq!(header("cache-control"), "no-store", "{context}");
    }
    if refused {
        assert_eq!(
            header("content-type"),
            "application/json; charset=utf-8",
            "{context}"
        );
        assert_eq!(answer.body["success"], false, "{context}");
        assert_eq!(
            answer.body["detail"], answer.body["error"]["message"],
            "{context}"
        );
        assert_eq!(
            answer.body["error"]["request_id"],
            header("x-request-id"),
            "{context}"
        );
        assert!(answer.body["error"]["details"].is_object(), "{context}");
    }
    assert_eq!(
        header("www-authenticate") == "Bearer",
        answer.status == 401,
        "{context}"
    );
    assert_eq!(
        !header("allow").is_empty(),
        answer.status == 405,
        "{context}"
    );
    assert_eq!(header("server"), "", "{context}");
}

async fn call(server: &TestServer, method: &Method, path: &str) -> Answer {
    Answer::of(server.http.request(method.clone(), server.url(path))).await
}

#[tokio::test]
async fn every_answer_has_the_common_headers() {
    let server = TestServer::start().await;
    let token = server.token_of(Role::Patient).await;
    for operation in operations() {
        for path in [operation.path(), format!("/api/v1{}", operation.path())] {
            check(&path, &call(&server, &operation.method, &path).await);
            check(&path, &call(&server, &Method::PUT, &path).await);
            check(
                &path,
                &call(&server, &operation.method, &format!("{path}?a=1&a=2")).await,
            );
        }
        let empty = serde_json::json!({});
        check(
            &operation.template,
            &operation.send(&server, "garbage", &empty).await,
        );
        if !operation.id.starts_with("logout") {
            check(
                &operation.template,
                &operation.send(&server, &token, &empty).await,
            );
        }
    }
    for path in ["/nope", "/auth/nope", "/admin/nope", "/AUTH/me"] {
        check(path, &server.get(path).await.expect(404));
    }
}

#[tokio::test]
async fn a_harmless_request_id_is_kept_and_others_are_replaced() {
    let server = TestServer::start().await;
    for id in ["abcd-1234", "A1b2C3d4", &"x".repeat(64)] {
        let answer = server
            .ask("GET /auth/me", &format!("X-Request-Id: {id}\r\n"))
            .await;
        assert_eq!(answer.header("x-request-id"), Some(id));
        assert!(answer.body.contains(id));
    }
    for id in [
        "short77",
        "with space",
        "semi;colon",
        "<script>x",
        "line\tbreak",
        "unicode-\u{e4}\u{f6}",
        "",
        &"x".repeat(65),
    ] {
        let answer = server
            .ask("GET /auth/me", &format!("X-Request-Id: {id}\r\n"))
            .await;
        assert_eq!(answer.header("x-request-id").unwrap().len(), 36, "{id:?}"); // LOG-1
        assert!(id.is_empty() || !answer.body.contains(id), "{id:?}");
    }
}

/// Collects every time in the answer. The end of a field's name says that the field is a time.
fn times(name: &str, value: &Value, found: &mut Vec<String>) {
    let is_time = ["_at", "_time", "timestamp", "last_activity"]
        .iter()
        .any(|end| name.ends_with(end));
    match value {
        Value::String(text) if is_time => found.push(text.clone()),
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, value)| times(name, value, found)),
        Value::Array(items) => items.iter().for_each(|value| times(name, value, found)),
        _ => {}
    }
}

#[tokio::test]
async fn times_are_rfc3339_in_utc_with_milliseconds() {
    let server = TestServer::start().await;
    let token = server.patient("jane").await.token();
    let mut found = Vec::new();
    for operation in operations()
        .iter()
        // The document has examples of requests, whose times may have an offset.
        .filter(|operation| operation.method == Method::GET && operation.id != "openapi")
    {
        let answer = Answer::of(operation.request(&server).bearer_auth(&token)).await;
        times("", &answer.body, &mut found);
    }
    times(
        "",
        &server
            .post(
                "/auth/validate-token",
                serde_json::json!({ "token": token }),
            )
            .await
            .body,
        &mut found,
    );
    assert!(found.len() > 10, "{found:?}");
    for text in found {
        let shape: String = text
            .chars()
            .map(|c| if c.is_ascii_digit() { '0' } else { c })
            .collect();
        assert_eq!(shape, "0000-00-00T00:00:00.000Z", "{text}");
        assert!(DateTime::parse_from_rfc3339(&text).is_ok(), "{text}");
    }
}

#[tokio::test]
async fn an_unready_database_gives_503_with_retry_after() {
    let server = TestServer::start().await;
    server.app.readiness.enter(Phase::Starting);
    let personal = |operation: &Operation| is_personal(&operation.template);
    for operation in operations().into_iter().filter(personal) {
        let answer = Answer::of(operation.request(&server)).await;
        answer.refused(503, "DATABASE_ERROR"); // DB-1
        assert_eq!(
            answer.headers["retry-after"],
            answer.body["error"]["details"]["retry_after"]
                .to_string()
                .as_str()
        );
        check(&operation.template, &answer);
    }
    for (path, status) in [
        ("/health", 200),
        ("/", 200),
        ("/metrics", 200),
        ("/health/redis", 200),
        ("/openapi.json", 200),
        ("/health/ready", 503),
    ] {
        check(path, &server.get(path).await.expect(status));
    }
}

#[tokio::test]
async fn an_internal_error_is_a_500_without_details() {
    let server = TestServer::start().await;
    let registered = server.register("jane").await.expect(200);
    let proof = serde_json::json!({
        "email": "jane@example.org",
        "otp": server.code_for("jane@example.org").await,
        "registration_token": registered.text("registration_token"),
    });
    server.fail_point.arm("verify:begin");
    let failed = server.post("/auth/verify-otp", proof).await;
    assert_eq!(failed.refused(500, "INTERNAL_ERROR"), "Internal error");
    assert!(
        !failed.raw.contains("fail point")
            && failed.body["error"]["details"] == serde_json::json!({})
    ); // INJ-5
    check("/auth/verify-otp", &failed);
    server.get("/health").await.expect(200);
}
