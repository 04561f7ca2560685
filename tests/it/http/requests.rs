//! Spellings of paths, methods, sizes, and malformed requests.

use kernel::role::Role;
use reqwest::Method;

use super::call;
use crate::harness::{TestServer, operations};

#[tokio::test]
async fn the_prefix_and_a_trailing_slash_change_no_answer() {
    let server = TestServer::start().await;
    for operation in operations() {
        let (plain, path) = (operation.path(), operation.path());
        let path = path.trim_end_matches('/');
        let first = call(&server, &operation.method, &plain).await;
        for spelling in [
            format!("/api/v1{path}"),
            format!("{path}/"),
            format!("/api/v1{path}/"),
        ] {
            let other = call(&server, &operation.method, &spelling).await;
            let same = (
                first.status,
                first.code(),
                first.headers.get("content-type"),
            );
            assert_eq!(
                (
                    other.status,
                    other.code(),
                    other.headers.get("content-type")
                ),
                same,
                "{spelling}"
            );
        }
    }
}

#[tokio::test]
async fn another_spelling_of_a_path_is_404_for_every_caller() {
    let server = TestServer::start().await;
    let token = server.token_of(Role::Admin).await;
    for operation in operations()
        .iter()
        .filter(|operation| operation.template != "/")
    {
        let path = operation.path();
        let last = path.len() - 1;
        let spellings = [
            format!("/{path}"),
            format!("{path}//"),
            format!("/.{path}"),
            format!("/x/..{path}"),
            format!("{path}/."),
            format!("{path}%2f"),
            format!("/%2e{path}"),
            format!("{path};x=1"),
            format!("{}%{:02x}", &path[..last], path.as_bytes()[last]),
            format!("/api/v1/api/v1{path}"),
            format!("/API/V1{path}"),
            format!("/{}{}", path[1..2].to_uppercase(), &path[2..]),
        ];
        for spelling in spellings.iter().filter(|spelling| **spelling != path) {
            let headers = format!("Authorization: Bearer {token}\r\n");
            let answer = server
                .ask(&format!("{} {spelling}", operation.method), &headers)
                .await;
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (404, "NOT_FOUND"),
                "{spelling}"
            ); // ADM-1
        }
    }
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let server = TestServer::start().await;
    for operation in operations()
        .iter()
        .filter(|operation| operation.method == Method::GET)
    {
        let get = call(&server, &Method::GET, &operation.path()).await;
        let head = call(&server, &Method::HEAD, &operation.path()).await;
        assert_eq!(
            (head.status, head.raw.as_str()),
            (get.status, ""),
            "{}",
            operation.id
        );
        assert_eq!(
            head.headers.get("content-type"),
            get.headers.get("content-type"),
            "{}",
            operation.id
        );
    }
}

#[tokio::test]
async fn trace_and_connect_are_405_on_every_path() {
    let server = TestServer::start().await;
    for line in [
        "TRACE /",
        "TRACE /auth/me",
        "TRACE /nope",
        "CONNECT example.org:443",
        "CONNECT /auth/login",
    ] {
        let answer = server.ask(line, "").await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (405, "METHOD_NOT_ALLOWED"),
            "{line}"
        ); // WEB-9
        assert!(answer.header("allow").is_some(), "{line}");
    }
    assert_eq!(server.ask("OPTIONS *", "").await.status, 404);
}

#[tokio::test]
async fn long_paths_and_headers_are_refused() {
    let server = TestServer::start().await;
    for path in [
        format!("/{}", "x".repeat(9000)),
        format!("/health?{}", "x".repeat(9000)),
    ] {
        let answer = server.ask(&format!("GET {path}"), "").await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (413, "PAYLOAD_TOO_LARGE")
        );
    }
    let one = format!("X-Long: {}\r\n", "x".repeat(20_000));
    let many = "X-Many: 1\r\n".repeat(500);
    for headers in [one, many] {
        assert_eq!(server.ask("GET /health", &headers).await.status, 431);
    }
    assert_eq!(
        server
            .ask("GET /health", &format!("X-Long: {}\r\n", "x".repeat(8000)))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn an_ambiguous_request_is_refused() {
    let server = TestServer::start().await;
    let head = "POST /auth/send-otp HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n";
    let ambiguous = [
        "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
        "Content-Length: +2\r\n\r\n{}",
        "Content-Length : 2\r\n\r\n{}",
        "Transfer-Encoding: x\r\n\r\n{}",
        "Content-Length: 2\r\nFolded: a\r\n b\r\n\r\n{}",
    ];
    for rest in ambiguous {
        let answer = server.raw(format!("{head}{rest}").as_bytes()).await;
        assert_eq!(answer.status, 400, "{rest:?}");
    }
    for garbage in [
        &b"\r\n\r\n\r\n\x00\xff\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
    ] {
        assert_eq!(server.raw(garbage).await.status, 400);
    }
    server.get("/health").await.expect(200);
}
