//! The pages for people: the binary contains them, they load only their own files, and production serves only some of
//! them (WEB-1, WEB-7, WEB-8).

use std::io::Read;

use clinic_auth::config::Environment;
use flate2::read::GzDecoder;
use kernel::role::Role;
use reqwest::{Url, redirect::Policy};

use crate::harness::{Answer, TestServer};

const PAGES: [&str; 13] = [
    "/test",
    "/test/",
    "/docs",
    "/redoc/",
    "/static/index.html",
    "/static/otp.html",
    "/static/reset.html",
    "/static/account-link.html",
    "/static/account.html",
    "/static/sessions.html",
    "/static/admin.html",
    "/static/clinic.html",
    "/static/my.html",
];

/// The addresses that a page loads or links: the values of `src`, `href` and `action`.
fn loads(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    for attribute in [" src=\"", " href=\"", " action=\""] {
        let values = html.split(attribute).skip(1);
        found.extend(values.map(|rest| rest.split('"').next().unwrap().to_owned()));
    }
    found
}

fn policy(answer: &Answer) -> String {
    answer.headers["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned()
}

/// Whether a link leads to a file. Embedded images, fragments and the outbox page do not count.
fn is_file(link: &str) -> bool {
    !link.starts_with("data:") && !link.starts_with('#') && !link.ends_with("/dev/outbox")
}

#[tokio::test]
async fn a_page_loads_only_files_of_the_service() {
    let server = TestServer::start().await;
    // Links are resolved like in a browser, also under the prefix `/api/v1`.
    for page in PAGES.map(|page| [page.to_owned(), format!("/api/v1{page}")]) {
        for page in page {
            let html = server.get(&page).await.expect(200);
            assert_eq!(html.headers["content-type"], "text/html; charset=utf-8");
            let base = Url::parse(&server.url(&page)).unwrap();
            for file in loads(&html.raw).iter().filter(|link| is_file(link)) {
                let address = base.join(file).unwrap();
                assert!(address.path().contains("/static/"), "{page} loads {file}");
                let answer = server.get(address.path()).await.expect(200);
                assert!(answer.raw.len() > 50, "{file}");
            }
            let inline = html.raw.contains("<script>")
                || html.raw.contains("<style")
                || html.raw.contains(" onclick=")
                || html.raw.contains(" style=");
            assert!(!inline && !html.raw.contains("://"), "{page}"); // WEB-1
        }
    }
}

#[tokio::test]
async fn pages_show_the_configuration() {
    let server = TestServer::start_with(|settings| {
        settings.config.otp.cooldown_seconds = 7;
        settings.config.password.min_length = 12;
        settings.config.account.deletion_days = 3;
        settings.config.account.deletion_roles = vec![Role::Doctor, Role::Staff];
    })
    .await;
    for page in ["/test", "/static/otp.html"] {
        let html = server.get(page).await.expect(200).raw;
        assert!(html.contains("data-pause=\"7\"") && !html.contains("data-pause=\"60\""));
        assert!(!html.contains("At least 8 characters"));
    }
    let first = server.get("/test").await.expect(200).raw;
    assert!(first.contains("At least 12 characters"));
    let own = server.get("/static/account.html").await.expect(200).raw;
    assert!(own.contains("data-deletion-days=\"3\" data-deletion-roles=\"doctor staff\""));
}

// PK-16, PK-17
#[tokio::test]
async fn pages_offer_passkeys_where_the_service_has_them() {
    for (base, site) in [
        ("https://accounts.clinic.example", "accounts.clinic.example"),
        ("http://127.0.0.1:5001", ""),
    ] {
        let server = TestServer::start_with(|settings| {
            base.clone_into(&mut settings.config.service.public_base_url);
        })
        .await;
        let page = server.get("/static/admin.html").await.expect(200).raw;
        let says = format!("<html lang=\"en\" data-passkeys=\"{site}\">");
        assert!(page.contains(&says), "{base}");
    }
}

#[tokio::test]
async fn the_policy_of_a_page_names_no_foreign_host() {
    let server = TestServer::start().await;
    for page in PAGES {
        let policy = policy(&server.get(page).await);
        for rule in policy.split("; ") {
            let allowed = ["'none'", "'self'", "data:", "'unsafe-inline'"];
            let mut sources = rule.split(' ').skip(1);
            assert!(
                sources.all(|source| allowed.contains(&source)),
                "{page}: {rule}"
            );
        }
        let builds_styles = ["/docs", "/redoc/"].contains(&page);
        assert_eq!(policy.contains("unsafe-inline"), builds_styles, "{page}");
        assert!(
            policy.contains("default-src 'none'; script-src 'self'; style-src 'self'"),
            "{page}"
        );
        assert!(
            policy.contains("object-src 'none'")
                && policy.contains("base-uri 'none'")
                && policy.contains("form-action 'self'")
        );
    }
}

#[tokio::test]
async fn vendor_styles_load_nothing_from_other_hosts() {
    let server = TestServer::start().await;
    for file in [
        "swagger-ui.css",
        "redoc.standalone.js",
        "swagger-ui-bundle.js",
    ] {
        let text = server.get(&format!("/static/{file}")).await.expect(200).raw;
        assert!(
            !text.contains("@import url(\"http")
                && !text.contains("url(http")
                && !text.contains("url(//"),
            "{file}"
        );
    }
}

#[tokio::test]
async fn vendor_files_are_the_same_with_gzip_and_without() {
    let server = TestServer::start().await;
    for file in ["swagger-ui.css", "redoc.standalone.js"] {
        let path = format!("/static/{file}");
        let plain = server.get(&path).await.expect(200);
        let gzip = reqwest::Client::new()
            .get(server.url(&path))
            .header("accept-encoding", "gzip");
        let gzip = gzip.send().await.unwrap();
        assert_eq!(gzip.headers()["content-encoding"], "gzip");
        assert_eq!(gzip.headers()["vary"], "accept-encoding");
        assert!(!plain.headers.contains_key("content-encoding"));
        let mut inflated = String::new();
        let bytes = gzip.bytes().await.unwrap();
        GzDecoder::new(&bytes[..])
            .read_to_string(&mut inflated)
            .unwrap();
        assert!(
            inflated == plain.raw && inflated.len() > 3 * bytes.len(),
            "{file}"
        );
    }
}

#[tokio::test]
async fn static_files_have_the_content_type_of_their_name() {
    let server = TestServer::start().await;
    for (file, kind) in [
        ("index.js", "text/javascript"),
        ("style.css", "text/css"),
        ("index.html", "text/html"),
    ] {
        let answer = server.get(&format!("/static/{file}")).await.expect(200);
        assert_eq!(
            answer.headers["content-type"],
            format!("{kind}; charset=utf-8").as_str()
        );
    }
}

#[tokio::test]
async fn a_static_file_is_found_only_by_its_name() {
    let server = TestServer::start().await;
    for path in [
        "/static/",
        "/static/vendor/swagger-ui.css",
        "/static/..%2fCargo.toml",
        "/static/%2fetc%2fpasswd",
        "/static/../Cargo.toml",
        "/static/docs.html",
        "/static/INDEX.html",
        "/static/index.html%00.js",
        "/static/ui.0123456789ab.css",
        "/static/ui.0123456789.js",
        "/static/admin.0123456789ab.html",
    ] {
        let answer = server.ask(&format!("GET {path}"), "").await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (404, "NOT_FOUND"),
            "{path}"
        ); // WEB-7
        assert!(!answer.body.contains("passwd") && !answer.body.contains("static"));
    }
}

/// The statuses of the files that production can switch off, and of those that stay.
async fn statuses(server: &TestServer) -> Vec<u16> {
    let paths = [
        "/docs",
        "/redoc",
        "/static/docs.js",
        "/static/swagger-ui-bundle.js",
        "/test",
        "/static/index.html",
        "/static/sessions.js",
        "/static/reset.html",
        "/static/otp.html",
        "/static/account.html",
        "/static/admin.html",
        "/static/style.css",
        "/openapi.json",
    ];
    let mut found = Vec::new();
    for path in paths {
        found.push(server.get(path).await.status);
    }
    found
}

#[tokio::test]
async fn production_serves_only_the_work_pages_and_the_document() {
    let server =
        TestServer::start_with(|settings| settings.environment = Environment::Production).await;
    assert_eq!(
        statuses(&server).await,
        [
            404, 404, 404, 404, 404, 404, 404, 200, 200, 200, 200, 200, 200
        ]
    ); // WEB-8
    let info = server.get("/").await.expect(200);
    assert!(info.body["api_docs"].is_null() && info.body["test_interface"].is_null());
    // The page links only what is served.
    let page = server.get("/static/admin.html").await.expect(200).raw;
    assert!(page.contains("data-served=\"clinic\""));
}

#[tokio::test]
async fn docs_and_test_pages_can_be_switched_on_and_off() {
    let docs = TestServer::start_with(|settings| {
        settings.environment = Environment::Production;
        settings.config.service.docs_enabled = Some(true);
    })
    .await;
    assert_eq!(
        statuses(&docs).await,
        [
            200, 200, 200, 200, 404, 404, 404, 200, 200, 200, 200, 200, 200
        ]
    );
    let tests = TestServer::start_with(|settings| {
        settings.config.service.docs_enabled = Some(false);
        settings.config.service.test_pages_enabled = Some(true);
    })
    .await;
    assert_eq!(
        statuses(&tests).await,
        [
            404, 404, 404, 404, 200, 200, 200, 200, 200, 200, 200, 200, 200
        ]
    );
    let info = tests.get("/").await.expect(200);
    assert_eq!(
        (
            info.body["api_docs"].is_null(),
            info.text("test_interface").as_str()
        ),
        (true, "/test")
    );
}

// A page may show typed text or a token of its address, so a browser must not store it (RST-3).
#[tokio::test]
async fn no_page_is_cacheable_under_any_path() {
    let server = TestServer::start().await;
    for page in PAGES {
        let bare = page.trim_end_matches('/');
        for page in [
            bare.to_owned(),
            format!("{bare}/"),
            format!("/api/v1{bare}"),
            format!("/api/v1{bare}/"),
        ] {
            let answer = server.get(&page).await.expect(200);
            assert_eq!(answer.headers["cache-control"], "no-store", "{page}");
            assert_eq!(answer.headers["referrer-policy"], "no-referrer", "{page}");
        }
    }
}

#[tokio::test]
async fn a_password_manager_is_led_to_the_password_form() {
    let server =
        TestServer::start_with(|settings| settings.environment = Environment::Production).await;
    let client = reqwest::Client::builder().redirect(Policy::none()).build();
    let client = client.unwrap();
    for root in ["", "/api/v1"] {
        for end in ["", "/"] {
            let address = server.url(&format!("{root}/.well-known/change-password{end}"));
            let answer = client.get(&address).send().await.unwrap();
            assert_eq!(answer.status(), 302);
            let page = answer.headers()["location"].to_str().unwrap();
            let page = Url::parse(&address).unwrap().join(page).unwrap();
            let form = format!("{root}/static/account.html#password");
            assert_eq!(page.as_str(), server.url(&form));
            let html = server.get(page.path()).await.expect(200).raw;
            assert!(html.contains("id=\"password\""));
        }
    }
    // The draft asks for this name, to see whether a site answers 200 for everything.
    let none = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200";
    server.get(none).await.refused(404, "NOT_FOUND");
}
