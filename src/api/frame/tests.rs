//! Tests of the frame, over real connections to a small API.

use poem::IntoEndpoint;
use poem_openapi::{
    Object, OpenApi, OpenApiService,
    param::{Path, Query},
    payload::Json,
};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::*;
use crate::{
    api::{Body, Problem, RequestBody, Tag, document::document, pages::Pages, problem::error_set},
    config::{Config, Environment, MasterSecret, Secret, Secrets},
    server,
};

error_set!(Demo = [AuthFailed] + BODY);

struct Api;

#[derive(Object)]
struct Note {
    text: String,
    count: Option<u32>,
}

impl RequestBody for Note {}

#[OpenApi]
impl Api {
    /// Writes a note
    #[oai(
        path = "/auth/note",
        method = "post",
        operation_id = "note",
        tag = "Tag::System"
    )]
    async fn note(&self, note: Body<Note>) -> Result<Json<usize>, Problem<Demo>> {
        Ok(Json(note.0.text.len()))
    }

    /// Refuses
    #[oai(
        path = "/auth/refused",
        method = "get",
        operation_id = "refused",
        tag = "Tag::System"
    )]
    async fn refused(&self) -> Result<Json<usize>, Problem<Demo>> {
        Err(ErrorCode::AuthFailed.into())
    }

    /// Finds a thing
    #[oai(
        path = "/things/:id",
        method = "get",
        operation_id = "thing",
        tag = "Tag::System"
    )]
    async fn thing(
        &self,
        id: Path<String>,
        limit: Query<Option<u8>>,
    ) -> Result<Json<String>, Problem<Demo>> {
        Ok(Json(format!("{} {:?}", id.0, limit.0)))
    }

    /// Panics
    #[oai(
        path = "/panic",
        method = "get",
        operation_id = "panic",
        tag = "Tag::System"
    )]
    async fn panic(&self) -> Result<Json<usize>, Problem<Demo>> {
        panic!("canary in a panic");
    }

    /// Never answers
    #[oai(
        path = "/never",
        method = "get",
        operation_id = "never",
        tag = "Tag::System"
    )]
    async fn never(&self) -> Result<Json<usize>, Problem<Demo>> {
        std::future::pending().await
    }
}

/// A path that another part of the API serves too.
struct More;

#[OpenApi]
impl More {
    /// Deletes a thing
    #[oai(
        path = "/things/:id",
        method = "delete",
        operation_id = "delete_thing",
        tag = "Tag::System"
    )]
    async fn delete(
        &self,
        id: Path<String>,
        origin: &Origin,
    ) -> Result<Json<String>, Problem<Demo>> {
        Ok(Json(format!("{} {}", id.0, origin.ip)))
    }
}

type All = (Api, More, Pages);

fn settings() -> Settings {
    let mut config = Config::default();
    config.service.request_timeout_seconds = 1;
    config.service.body_limit_bytes = 1000;
    config.throttle.trusted_proxies = vec!["127.0.0.1".to_owned()];
    Settings {
        config,
        secrets: Secrets {
            mongo_uri: None,
            master: MasterSecret {
                current: Secret::new(""),
                previous: None,
            },
            smtp_user: None,
            smtp_password: None,
        },
        environment: Environment::Development,
        mail_by_smtp: false,
        cors_origins: vec!["http://app.example".to_owned(), "null".to_owned()],
    }
}

async fn start(settings: Settings) -> std::net::SocketAddr {
    let pages = Pages::new(&document::<All>().unwrap(), &settings);
    let operations = OpenApiService::new((Api, More, pages), "", "").into_endpoint();
    let rng = SharedRng::seeded(1);
    let frame = Frame::new(
        operations,
        Routes::of::<All>(),
        &settings,
        Clock::manual(),
        rng,
    )
    .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        server::serve(
            listener,
            frame,
            &settings.config.service,
            std::future::pending(),
        )
        .await;
    });
    address
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    fn code(&self) -> String {
        let json: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(json["success"], false);
        assert_eq!(
            json["error"]["request_id"],
            self.header("x-request-id").unwrap()
        );
        json["error"]["code"].as_str().unwrap().to_owned()
    }
}

/// Sends bytes to a new service and reads until it closes the connection.
async fn send_to(address: std::net::SocketAddr, request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // A server that refuses early may stop reading; its answer counts all the same.
    let _ = stream.write_all(request).await;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

async fn ask(line: &str, headers: &str) -> Answer {
    let request = format!("{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
    send_to(start(settings()).await, request.as_bytes()).await
}

async fn post(headers: &str, body: &str) -> Answer {
    let request =
        format!("POST /auth/note HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n{body}");
    send_to(start(settings()).await, request.as_bytes()).await
}

async fn post_json(body: &str) -> Answer {
    let headers = format!(
        "Content-Type: application/json\r\nContent-Length: {}\r\n",
        body.len()
    );
    post(&headers, body).await
}

#[tokio::test]
async fn an_unknown_path_is_404_in_the_envelope() {
    for path in [
        "/nope",
        "//auth/refused",
        "/auth/%72efused",
        "/AUTH/refused",
        "/auth/refused/x",
    ] {
        let answer = ask(&format!("GET {path}"), "").await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (404, "NOT_FOUND"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_path_answers_at_both_roots_and_with_one_slash_more() {
    for path in [
        "/things/1",
        "/things/1/",
        "/api/v1/things/1",
        "/api/v1/things/1/",
        "http://x/things/1",
    ] {
        let answer = ask(&format!("GET {path}?limit=2"), "").await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (200, "\"1 Some(2)\""),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_wrong_method_is_405_and_says_which_are_right() {
    for method in ["POST", "TRACE", "BREW", "OPTIONS"] {
        let answer = ask(&format!("{method} /things/1"), "").await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (405, "METHOD_NOT_ALLOWED")
        );
        assert_eq!(
            answer.header("allow"),
            Some("DELETE, GET, HEAD"),
            "{method}"
        );
    }
}

#[tokio::test]
async fn what_is_no_path_never_reaches_the_router() {
    let connect = ask("CONNECT example.org:443", "").await;
    assert_eq!(
        (connect.status, connect.header("allow").is_some()),
        (405, true)
    );
    assert_eq!(ask("OPTIONS *", "").await.status, 404);
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let (get, head) = (
        ask("GET /things/1", "").await,
        ask("HEAD /things/1", "").await,
    );
    assert_eq!(head.status, 200);
    assert_eq!(head.header("content-length"), get.header("content-length"));
    assert_eq!((head.body.is_empty(), get.body.is_empty()), (true, false));
}

#[tokio::test]
async fn a_harmless_request_id_is_kept_and_any_other_replaced() {
    let kept = ask("GET /nope", "X-Request-Id: abcd-1234\r\n").await;
    assert_eq!(kept.header("x-request-id"), Some("abcd-1234"));
    for id in ["short", "with space 1", "semi;colon-1", &"x".repeat(65)] {
        let replaced = ask("GET /nope", &format!("X-Request-Id: {id}\r\n")).await;
        assert_eq!(replaced.header("x-request-id").unwrap().len(), 36, "{id}");
    }
}

#[tokio::test]
async fn a_panic_is_one_500_and_the_service_lives() {
    let address = start(settings()).await;
    let panicked = send_to(
        address,
        b"GET /panic HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert_eq!(
        (panicked.status, panicked.code().as_str()),
        (500, "INTERNAL_ERROR")
    );
    assert!(!panicked.body.contains("canary"));
    let next = send_to(
        address,
        b"GET /things/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert_eq!(next.status, 200);
}

#[tokio::test]
async fn a_body_is_counted_whether_announced_or_not() {
    let chunks = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n";
    let chunk = |len: usize| {
        let json = format!("{{\"text\":\"{}\"}}", "x".repeat(len - 11));
        format!("{:x}\r\n{json}\r\n0\r\n\r\n", json.len())
    };
    assert_eq!(post(chunks, &chunk(1000)).await.status, 200);
    let over = post(chunks, &chunk(1001)).await;
    assert_eq!(
        (over.status, over.code().as_str()),
        (413, "PAYLOAD_TOO_LARGE")
    );
    let endless = format!("{:x}\r\n{}", 100_000_000, "x".repeat(1_000_000));
    assert_eq!(post(chunks, &endless).await.status, 413);
}

#[tokio::test]
async fn an_announced_giant_is_refused_before_it_is_sent() {
    let headers = "Content-Type: application/json\r\nContent-Length: 100000000\r\n";
    let answer = post(headers, "").await;
    assert_eq!(
        (answer.status, answer.header("connection")),
        (413, Some("close"))
    );
    assert_eq!(
        post_json(&"x".repeat(1_000_000)).await.code(),
        "PAYLOAD_TOO_LARGE"
    );
}

#[tokio::test]
async fn a_slow_body_and_a_slow_operation_are_408() {
    let body = post(
        "Content-Type: application/json\r\nContent-Length: 10\r\n",
        "{",
    )
    .await;
    assert_eq!(
        (body.status, body.code().as_str()),
        (408, "REQUEST_TIMEOUT")
    );
    assert_eq!(ask("GET /never", "").await.code(), "REQUEST_TIMEOUT");
}

#[tokio::test]
async fn long_addresses_and_headers_are_refused() {
    let address = ask(&format!("GET /things/{}", "x".repeat(8200)), "").await;
    assert_eq!(
        (address.status, address.code().as_str()),
        (413, "PAYLOAD_TOO_LARGE")
    );
    let header = ask(
        "GET /things/1",
        &format!("X-Long: {}\r\n", "x".repeat(40_000)),
    )
    .await;
    assert_eq!(header.status, 431);
}

#[tokio::test]
async fn a_broken_body_is_422_with_its_faults() {
    let answer = post_json(r#"{"count":"canary","role":1}"#).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (422, "VALIDATION_ERROR")
    );
    let json: Value = serde_json::from_str(&answer.body).unwrap();
    let faults = json["error"]["details"]["validation_errors"]
        .as_array()
        .unwrap();
    assert_eq!(faults.len(), 3);
    assert!(!answer.body.contains("canary"));
    assert_eq!(post_json("{").await.status, 422);
    assert_eq!(
        post("Content-Length: 2\r\n", "{}").await.code(),
        "UNSUPPORTED_MEDIA_TYPE"
    );
    let chunk = post(
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n",
        "zz\r\n",
    )
    .await;
    assert_eq!(chunk.code(), "VALIDATION_ERROR");
}

#[tokio::test]
async fn a_bad_or_repeated_parameter_is_422_without_its_value() {
    for query in [
        "limit=canary",
        "limit=1&limit=2",
        "limit=1&%6cimit=2",
        "limit=300",
    ] {
        let answer = ask(&format!("GET /things/1?{query}"), "").await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (422, "VALIDATION_ERROR"),
            "{query}"
        );
        assert!(!answer.body.contains("canary") && !answer.body.contains("300"));
    }
    assert_eq!(
        ask("GET /things/1?limit[$ne]=1", "").await.body,
        "\"1 None\""
    );
}

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
        Some("GET, POST, PATCH, DELETE")
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
async fn a_service_behind_https_says_so() {
    let mut settings = settings();
    settings.config.service.public_base_url = "https://id.example".to_owned();
    let request = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answer = send_to(start(settings).await, request).await;
    assert!(answer.header("strict-transport-security").is_some());
}

#[tokio::test]
async fn a_refused_token_is_challenged() {
    let answer = ask("GET /auth/refused", "").await;
    assert_eq!(
        (answer.status, answer.header("www-authenticate")),
        (401, Some("Bearer"))
    );
}

#[tokio::test]
async fn a_handler_is_told_the_client_behind_a_trusted_proxy() {
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
async fn pages_are_served_with_their_policies_until_switched_off() {
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
    assert_eq!(
        ask("GET /static/test.js", "").await.header("content-type"),
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
        ("/static/test.js", 404),
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
fn the_document_shows_each_path_once_and_the_codes_of_each_status() {
    let document = document::<All>().unwrap();
    let thing = &document["paths"]["/things/{id}"];
    assert!(thing["get"].is_object() && thing["delete"].is_object());
    assert_eq!(document["servers"][1]["url"], "/api/v1");
    let refused = &document["paths"]["/auth/note"]["post"]["responses"]["401"];
    assert_eq!(refused["x-error-codes"], serde_json::json!(["AUTH_FAILED"]));
    assert!(refused["headers"]["x-error-codes"].is_null());
    assert!(refused["headers"]["WWW-Authenticate"].is_object());
    let schema = &refused["content"]["application/json; charset=utf-8"]["schema"];
    assert_eq!(schema["$ref"], "#/components/schemas/ErrorEnvelope");
}

#[test]
fn the_document_names_everything_that_an_operation_needs() {
    let document = document::<All>().unwrap();
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
