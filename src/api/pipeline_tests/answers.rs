//! Tests of answers: headers, pages, the OpenAPI document.

use super::*;

#[tokio::test]
async fn only_listed_origins_may_read_answers() {
    let allowed = ask("GET /things/1", "Origin: http://app.example\r\n").await;
    assert_eq!(
        allowed.header("access-control-allow-origin"),
        Some("http://app.example")
    );
    let origins = [
        "http://app.example.evil",
        "HTTP://app.example",
        "null",
        "http://äpp.example",
        "*",
        "",
    ];
    for origin in origins {
        let other = ask("GET /things/1", &format!("Origin: {origin}\r\n")).await;
        assert_eq!(
            (other.status, other.header("access-control-allow-origin")),
            (200, None),
            "{origin}"
        );
        assert_eq!(other.header("vary"), Some("Origin"));
    }
}

#[tokio::test]
async fn a_preflight_is_answered_for_listed_origins_only() {
    let ask = |origin: &'static str| {
        let headers = format!("Origin: {origin}\r\nAccess-Control-Request-Method: POST\r\n");
        async move { ask("OPTIONS /auth/note", &headers).await }
    };
    let allowed = ask("http://app.example").await;
    assert_eq!(allowed.status, 204);
    assert_eq!(
        allowed.header("access-control-allow-methods"),
        Some("GET, POST, PUT, PATCH, DELETE")
    );
    let refused = ask("http://evil.example").await;
    assert_eq!(
        (
            refused.status,
            refused.header("access-control-allow-methods")
        ),
        (403, None)
    );
}

#[tokio::test]
async fn every_answer_has_the_protective_headers() {
    for line in [
        "GET /things/1",
        "GET /nope",
        "GET /auth/refused",
        "GET /docs",
        "TRACE /",
        "GET /panic",
    ] {
        let answer = ask(line, "").await;
        assert_eq!(
            answer.header("x-content-type-options"),
            Some("nosniff"),
            "{line}"
        );
        assert_eq!(
            answer.header("referrer-policy"),
            Some("no-referrer"),
            "{line}"
        );
        assert_eq!(
            answer.header("cross-origin-opener-policy"),
            Some("same-origin"),
            "{line}"
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{line}");
        assert!(
            answer
                .header("content-security-policy")
                .unwrap()
                .starts_with("default-src 'none'")
        );
        assert_eq!(answer.header("strict-transport-security"), None, "{line}");
        assert!(
            answer
                .header("content-type")
                .unwrap()
                .ends_with("; charset=utf-8"),
            "{line}"
        );
    }
}

#[tokio::test]
async fn a_service_behind_https_sends_hsts() {
    let mut settings = settings();
    settings.config.service.public_base_url = "https://id.example".to_owned();
    let request = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answer = send_to(start(settings).await, request).await;
    assert!(answer.header("strict-transport-security").is_some());
}

#[tokio::test]
async fn a_refused_token_is_answered_with_a_challenge() {
    let answer = ask("GET /auth/refused", "").await;
    assert_eq!(
        (answer.status, answer.header("www-authenticate")),
        (401, Some("Bearer"))
    );
}

#[tokio::test]
async fn a_handler_sees_the_client_behind_a_trusted_proxy() {
    let direct = ask("DELETE /things/1", "").await;
    assert_eq!(direct.body, "\"1 127.0.0.1\"");
    let proxied = ask(
        "DELETE /things/1",
        "X-Forwarded-For: 203.0.113.1, 203.0.113.9\r\nX-Real-IP: 1.1.1.1\r\n",
    )
    .await;
    assert_eq!(proxied.body, "\"1 203.0.113.9\"");
}

#[tokio::test]
async fn pages_have_their_policies_and_can_be_switched_off() {
    let docs = ask("GET /docs", "").await;
    assert!(
        docs.header("content-security-policy")
            .unwrap()
            .contains("style-src 'self' 'unsafe-inline'")
    );
    let test = ask("GET /test", "").await;
    assert!(
        !test
            .header("content-security-policy")
            .unwrap()
            .contains("unsafe-inline")
    );
    let passkeys = "publickey-credentials-get=(self), publickey-credentials-create=(self)";
    for page in [&docs, &test] {
        assert_eq!(page.header("permissions-policy"), Some(passkeys));
    }
    assert_eq!(
        ask("GET /static/index.js", "").await.header("content-type"),
        Some("text/javascript; charset=utf-8")
    );
    assert_eq!(ask("GET /static/..%2fCargo.toml", "").await.status, 404);
    let mut production = settings();
    production.environment = Environment::Production;
    let address = start(production).await;
    for (path, status) in [
        ("/docs", 404),
        ("/redoc", 404),
        ("/test", 404),
        ("/static/index.js", 404),
        ("/static/style.css", 200),
        ("/openapi.json", 200),
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assert_eq!(
            send_to(address, request.as_bytes()).await.status,
            status,
            "{path}"
        );
    }
}

#[test]
fn the_document_shows_each_path_once_with_codes_per_status() {
    let document = document::<All>(&ABOUT).unwrap();
    let thing = &document["paths"]["/things/{id}"];
    assert!(thing["get"].is_object() && thing["delete"].is_object());
    assert_eq!(document["servers"][1]["url"], "/api/v1");
    let refused = &document["paths"]["/auth/note"]["post"]["responses"]["401"];
    assert_eq!(refused["x-error-codes"], serde_json::json!(["AUTH_FAILED"]));
    assert!(refused["headers"]["x-error-codes"].is_null());
    assert!(refused["headers"]["WWW-Authenticate"].is_object());
    let schema = &refused["content"]["application/json"]["schema"];
    assert_eq!(schema["$ref"], "#/components/schemas/ErrorEnvelope");
}

#[test]
fn the_document_names_everything_that_an_operation_needs() {
    let document = document::<All>(&ABOUT).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for field in ["operationId", "summary", "tags"] {
                assert!(
                    !operation[field].is_null(),
                    "{method} {path} has no {field}"
                );
            }
        }
    }
}
