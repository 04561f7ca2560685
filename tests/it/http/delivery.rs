//! How answers travel: kept by browsers, asked for again, compressed.

use std::{collections::BTreeSet, io::Read};

use flate2::read::GzDecoder;
use kernel::role::Role;
use reqwest::{
    Response,
    header::{ACCEPT_ENCODING, CONTENT_ENCODING, ETAG, IF_NONE_MATCH},
};

use crate::harness::{Answer, TestServer, many_requests};

async fn with_tag(server: &TestServer, path: &str, tags: &str) -> Answer {
    let request = server.http.get(server.url(path));
    Answer::of(request.header(IF_NONE_MATCH, tags)).await
}

/// The answer for a client that accepts this coding.
async fn coded(server: &TestServer, token: &str, path: &str, coding: &str) -> Response {
    let request = server.http.get(server.url(path)).bearer_auth(token);
    let answer = request.header(ACCEPT_ENCODING, coding).send().await;
    answer.unwrap().error_for_status().unwrap()
}

fn decoded(coding: &str, bytes: &[u8]) -> String {
    let mut text = String::new();
    match coding {
        "br" => brotli::Decompressor::new(bytes, 4096).read_to_string(&mut text),
        _ => GzDecoder::new(bytes).read_to_string(&mut text),
    }
    .unwrap();
    text
}

/// The scripts and styles that a page, a script or a style names.
fn files(text: &str) -> BTreeSet<String> {
    let names = text.split("\"./").skip(1);
    let names = names.filter_map(|rest| rest.split('"').next());
    let is_file = |name: &&str| matches!(name.rsplit_once('.'), Some((_, "js" | "css")));
    names.filter(is_file).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_browser_keeps_each_file_of_a_page_for_a_year() {
    let server = TestServer::start().await;
    let mut open: Vec<_> = ["admin.html", "my.html", "sessions.html"]
        .map(str::to_owned)
        .into();
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        let answer = server.get(&format!("/static/{name}")).await.expect(200);
        open.extend(
            files(&answer.raw)
                .into_iter()
                .filter(|name| seen.insert(name.clone())),
        );
        if !seen.contains(&name) {
            continue;
        }
        assert_eq!(
            answer.headers["cache-control"], "public, max-age=31536000, immutable",
            "{name}"
        );
        // The plain name is the same file, which is asked for each time.
        let [stem, hash, extension] = name.split('.').collect::<Vec<_>>()[..] else {
            panic!("{name} has no hash");
        };
        let path = format!("/static/{stem}.{extension}");
        let plain = server.get(&path).await.expect(200);
        assert_eq!(plain.headers["cache-control"], "no-cache");
        assert_eq!(
            (&plain.raw, &plain.headers[ETAG]),
            (&answer.raw, &answer.headers[ETAG])
        );
        assert_eq!(hash.len(), 12);
    }
    assert!(seen.len() > 20, "{seen:?}");
}

// While a new version takes over, a page of one instance gets its files from another one.
#[tokio::test]
async fn a_file_of_another_version_is_served_but_not_kept() {
    let server = TestServer::start().await;
    let plain = server.get("/static/ui.js").await.expect(200);
    let other = server.get("/static/ui.0123456789ab.js").await.expect(200);
    assert_eq!(other.headers["cache-control"], "no-cache");
    assert_eq!(other.raw, plain.raw);
}

#[tokio::test]
async fn what_a_client_has_already_is_304() {
    let server = TestServer::start().await;
    for path in [
        "/static/ui.js",
        "/static/swagger-ui.css",
        "/openapi.json",
        "/.well-known/jwks.json",
    ] {
        let first = server.get(path).await.expect(200);
        let tag = first.headers[ETAG].to_str().unwrap();
        let opaque = tag.strip_prefix("W/").unwrap_or(tag);
        for tags in [tag, opaque, "*", &format!("\"other\", W/{opaque}")] {
            let again = with_tag(&server, path, tags).await.expect(304);
            assert_eq!(again.raw, "", "{path}");
            assert_eq!(again.headers[ETAG], tag, "{path}");
            assert_eq!(
                again.headers["cache-control"],
                first.headers["cache-control"]
            );
            assert!(!again.headers.contains_key("content-type"));
        }
        let other = with_tag(&server, path, "\"other\", other")
            .await
            .expect(200);
        assert_eq!(other.raw, first.raw);
    }
    // A page may show what a person typed, so nothing of it is kept (RST-3).
    let page = with_tag(&server, "/static/reset.html", "*")
        .await
        .expect(200);
    assert!(!page.headers.contains_key(ETAG));
}

#[tokio::test]
async fn lists_and_files_are_compressed_for_who_accepts_it() {
    let server = TestServer::start_with(many_requests).await;
    let token = server.token_of(Role::Admin).await;
    for name in ["jane", "john", "jill"] {
        server.patient(name).await;
    }
    for path in [
        "/users",
        "/static/ui.js",
        "/static/my.html",
        "/test",
        "/openapi.json",
        "/docs",
    ] {
        let plain = coded(&server, &token, path, "identity").await;
        assert!(!plain.headers().contains_key(CONTENT_ENCODING), "{path}");
        assert_eq!(plain.headers()["vary"], "accept-encoding", "{path}");
        let plain = plain.text().await.unwrap();
        for coding in ["gzip", "br"] {
            let answer = coded(&server, &token, path, coding).await;
            if path == "/docs" {
                // Shorter than 1 KiB.
                assert!(!answer.headers().contains_key(CONTENT_ENCODING));
                continue;
            }
            assert_eq!(answer.headers()[CONTENT_ENCODING], coding, "{path}");
            assert_eq!(answer.headers()["vary"], "accept-encoding", "{path}");
            let bytes = answer.bytes().await.unwrap();
            assert!(bytes.len() * 2 < plain.len(), "{path}");
            assert!(decoded(coding, &bytes) == plain, "{path}");
        }
    }
}

// The length of a compressed answer tells something of the secrets in it (BREACH).
#[tokio::test]
async fn an_answer_with_a_secret_is_never_compressed() {
    let server = TestServer::start_with(many_requests).await;
    let person = server.patient("jane").await;
    for _ in 0..4 {
        server
            .login("jane", crate::harness::PASSWORD)
            .await
            .expect(200);
    }
    for path in ["/auth/sessions", "/users/me", "/.well-known/jwks.json"] {
        let answer = coded(&server, &person.token(), path, "gzip, br").await;
        assert!(!answer.headers().contains_key(CONTENT_ENCODING), "{path}");
        assert_eq!(answer.headers()["vary"], "Origin");
        let length = answer.bytes().await.unwrap().len();
        assert!(path != "/auth/sessions" || length > 1024, "{length}");
    }
}

#[tokio::test]
async fn compression_can_be_switched_off() {
    let server =
        TestServer::start_with(|settings| settings.config.service.compression = false).await;
    for path in [
        "/static/ui.js",
        "/static/swagger-ui.css",
        "/test",
        "/openapi.json",
    ] {
        let answer = coded(&server, "none", path, "gzip, br").await;
        assert!(!answer.headers().contains_key(CONTENT_ENCODING), "{path}");
        assert!(answer.text().await.unwrap().len() > 1024, "{path}");
    }
}

#[tokio::test]
async fn an_older_probe_hears_that_no_redis_is_needed() {
    let server = TestServer::start().await;
    for path in ["/health/redis", "/api/v1/health/redis"] {
        let answer = server.get(path).await.expect(200);
        assert_eq!(answer.raw, r#"{"status":"not_used"}"#);
    }
}
