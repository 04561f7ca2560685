//! Headers for browsers: which origins may read answers (CORS), and HTTPS (HSTS).

use crate::harness::TestServer;

#[tokio::test]
async fn only_pages_of_listed_origins_may_read_answers() {
    let listed = "https://app.clinic.example";
    let server =
        TestServer::start_with(|settings| settings.cors_origins = vec![listed.to_owned()]).await;
    for (origin, allowed) in [
        (listed, true),
        ("https://app.clinic.example.evil", false),
        ("null", false),
        ("*", false),
        ("https://\u{e4}pp", false),
    ] {
        for path in ["/auth/me", "/health", "/nope"] {
            let answer = server
                .ask(&format!("GET {path}"), &format!("Origin: {origin}\r\n"))
                .await;
            assert_eq!(
                answer.header("access-control-allow-origin"),
                allowed.then_some(listed),
                "{origin}"
            ); // WEB-5
            assert_eq!(answer.header("vary"), Some("Origin"));
            assert_eq!(answer.header("access-control-allow-credentials"), None);
        }
        let asked = format!("Origin: {origin}\r\nAccess-Control-Request-Method: PATCH\r\n");
        let preflight = server.ask("OPTIONS /auth/me", &asked).await;
        assert_eq!(
            preflight.status,
            if allowed { 204 } else { 403 },
            "{origin}"
        );
        assert_eq!(
            preflight.header("access-control-allow-methods").is_some(),
            allowed
        );
    }
}

#[tokio::test]
async fn without_listed_origins_no_page_may_read_answers() {
    let server = TestServer::start().await;
    let answer = server
        .ask("GET /health", "Origin: http://localhost:3000\r\n")
        .await;
    assert_eq!(
        (answer.status, answer.header("access-control-allow-origin")),
        (200, None)
    );
}

#[tokio::test]
async fn an_https_service_sends_hsts_with_every_answer() {
    let server = TestServer::start_with(|settings| {
        settings.config.service.public_base_url = "https://id.clinic.example".to_owned();
    })
    .await;
    for path in ["/health", "/nope", "/auth/me", "/docs"] {
        let answer = server.get(path).await;
        assert!(
            answer.headers["strict-transport-security"]
                .to_str()
                .unwrap()
                .contains("max-age=31536000"),
            "{path}"
        );
    }
    let plain = TestServer::start().await.get("/health").await;
    assert!(!plain.headers.contains_key("strict-transport-security"));
}

async fn preflight(server: &TestServer, origin: &str) -> crate::harness::RawAnswer {
    let asked = format!("Origin: {origin}\r\nAccess-Control-Request-Method: PUT\r\n");
    server.ask("OPTIONS /auth/me", &asked).await
}

#[tokio::test]
async fn pages_may_send_the_headers_and_credentials_that_are_set() {
    let origin = "https://app.clinic.example";
    let plain = TestServer::start_with(|settings| settings.cors_origins = vec![origin.to_owned()]);
    let more = TestServer::start_with(|settings| {
        settings.cors_origins = vec![origin.to_owned()];
        settings.config.service.cors_headers = vec!["traceparent".to_owned(), "X-Tab".to_owned()];
        settings.config.service.cors_credentials = true;
    });
    let read = "Authorization, Content-Type, Idempotency-Key, X-Request-Id";
    for (server, headers, credentials) in [
        (plain.await, read.to_owned(), None),
        (
            more.await,
            format!("{read}, traceparent, X-Tab"),
            Some("true"),
        ),
    ] {
        let allowed = preflight(&server, origin).await;
        assert_eq!(
            allowed.header("access-control-allow-headers"),
            Some(&*headers)
        );
        assert_eq!(
            allowed.header("access-control-allow-methods"),
            Some("GET, POST, PUT, PATCH, DELETE")
        );
        let answer = server
            .ask("GET /health", &format!("Origin: {origin}\r\n"))
            .await;
        for answer in [allowed, answer] {
            assert_eq!(
                answer.header("access-control-allow-credentials"),
                credentials
            );
        }
        let refused = preflight(&server, "https://evil.example").await;
        assert_eq!(refused.header("access-control-allow-credentials"), None); // WEB-5
        assert_eq!(refused.header("access-control-allow-headers"), None);
    }
}
