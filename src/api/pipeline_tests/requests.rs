//! Tests of requests: paths, methods, limits, bodies, parameters.

use super::*;

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
async fn a_request_path_may_have_the_prefix_and_a_trailing_slash() {
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
async fn a_wrong_method_is_405_and_names_the_allowed_methods() {
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
async fn a_target_that_is_no_path_never_reaches_the_router() {
    let connect = ask("CONNECT example.org:443", "").await;
    assert_eq!(
        (connect.status, connect.header("allow").is_some()),
        (405, true)
    );
    assert_eq!(ask("TRACE /nope", "").await.status, 405);
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
async fn the_pipeline_keeps_only_harmless_request_ids() {
    let kept = ask("GET /nope", "X-Request-Id: abcd-1234\r\n").await;
    assert_eq!(kept.header("x-request-id"), Some("abcd-1234"));
    for id in ["short", "with space 1", "semi;colon-1", &"x".repeat(65)] {
        let replaced = ask("GET /nope", &format!("X-Request-Id: {id}\r\n")).await;
        assert_eq!(replaced.header("x-request-id").unwrap().len(), 36, "{id}");
    }
}

#[tokio::test]
async fn a_panic_is_one_500_and_the_service_goes_on() {
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
async fn a_body_has_a_limit_with_and_without_a_declared_length() {
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
async fn a_body_declared_as_too_large_is_refused_before_it_arrives() {
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
async fn a_slow_body_and_a_slow_operation_are_answered_with_408() {
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
async fn long_paths_and_headers_are_refused() {
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
async fn an_invalid_body_is_422_with_its_errors() {
    let answer = post_json(r#"{"count":"canary","role":1}"#).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (422, "VALIDATION_ERROR")
    );
    let json: Value = serde_json::from_str(&answer.body).unwrap();
    let errors = json["error"]["details"]["validation_errors"]
        .as_array()
        .unwrap();
    assert_eq!(errors.len(), 3);
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
        "limit[$ne]=canary",
    ] {
        let answer = ask(&format!("GET /things/1?{query}"), "").await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (422, "VALIDATION_ERROR"),
            "{query}"
        );
        assert!(!answer.body.contains("canary") && !answer.body.contains("300"));
    }
}
