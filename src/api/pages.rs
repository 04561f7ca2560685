//! `GET /test`, `/static/{file}`, `/docs`, `/redoc`, `/openapi.json`: what people look at.
//!
//! Everything is embedded in the binary and found by name in a table, never by a path (WEB-7); no
//! page asks another host for anything.

use hyper::body::Bytes;
use poem::{
    Response,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY},
};
use poem_openapi::{OpenApi, param::Path};

use super::{
    Problem, Tag,
    frame::headers::{DOCS_POLICY, PAGE_POLICY},
    problem::error_set,
    raw::{Kind, Raw},
};
use crate::{config::Settings, error::ErrorCode};

/// The pages and their files.
#[derive(Debug, Clone)]
pub struct Pages {
    document: Bytes,
    docs: bool,
    tests: bool,
}

error_set!(
    /// A page, a file.
    PageErrors = [NotFound]
);

error_set!(
    /// The document.
    DocumentErrors = []
);

#[expect(
    clippy::unused_async,
    reason = "what the framework calls a handler is async"
)]
#[OpenApi]
impl Pages {
    /// The test page
    ///
    /// Register, verify, log in, see the profile, log out. Off in production unless
    /// `service.test_pages_enabled`.
    #[oai(
        path = "/test",
        method = "get",
        operation_id = "test_page",
        tag = "Tag::System"
    )]
    async fn test(&self) -> Result<Raw<Page>, Problem<PageErrors>> {
        self.page("index.html")
    }

    /// A file of the pages
    ///
    /// By its name; there are no folders.
    #[oai(
        path = "/static/:file",
        method = "get",
        operation_id = "static_file",
        tag = "Tag::System"
    )]
    async fn file(
        &self,
        /// The file's name, such as `index.html`
        file: Path<String>,
    ) -> Result<Raw<File>, Problem<PageErrors>> {
        let asset = self.asset(&file.0)?;
        let policy = asset
            .content_type
            .starts_with("text/html")
            .then_some(PAGE_POLICY);
        let mut response = Response::builder()
            .content_type(asset.content_type)
            .header(CACHE_CONTROL, "public, max-age=300");
        if let Some(policy) = policy {
            response = response.header(CONTENT_SECURITY_POLICY, policy);
        }
        Ok(Raw::new(response.body(asset.bytes)))
    }

    /// Swagger UI
    ///
    /// Off in production unless `service.docs_enabled`.
    #[oai(
        path = "/docs",
        method = "get",
        operation_id = "docs",
        tag = "Tag::System"
    )]
    async fn docs(&self) -> Result<Raw<Page>, Problem<PageErrors>> {
        self.reference(include_bytes!("../../static/docs.html"))
    }

    /// `ReDoc`
    ///
    /// Off in production unless `service.docs_enabled`.
    #[oai(
        path = "/redoc",
        method = "get",
        operation_id = "redoc",
        tag = "Tag::System"
    )]
    async fn redoc(&self) -> Result<Raw<Page>, Problem<PageErrors>> {
        self.reference(include_bytes!("../../static/redoc.html"))
    }

    /// This document
    ///
    /// Always there. Give it to a generator of clients, or to Postman.
    #[oai(
        path = "/openapi.json",
        method = "get",
        operation_id = "openapi",
        tag = "Tag::System"
    )]
    async fn openapi(&self) -> Result<Raw<Document>, Problem<DocumentErrors>> {
        let response = Response::builder().content_type("application/json; charset=utf-8");
        Ok(Raw::new(response.body(self.document.clone())))
    }
}

impl Pages {
    /// The pages that `settings` switch on (WEB-8), and the document that they show.
    #[must_use]
    pub fn new(document: &serde_json::Value, settings: &Settings) -> Self {
        Self {
            document: document.to_string().into(),
            docs: settings.docs_enabled(),
            tests: settings.test_pages_enabled(),
        }
    }

    fn asset(&self, name: &str) -> Result<&'static Asset, ErrorCode> {
        let is_on = |asset: &&Asset| match asset.part {
            Part::Always => true,
            Part::Tests => self.tests,
            Part::Docs => self.docs,
        };
        let mut assets = ASSETS.iter().filter(is_on);
        assets
            .find(|asset| asset.name == name)
            .ok_or(ErrorCode::NotFound)
    }

    fn page(&self, name: &str) -> Result<Raw<Page>, Problem<PageErrors>> {
        Ok(html(self.asset(name)?.bytes, PAGE_POLICY))
    }

    fn reference(&self, page: &'static [u8]) -> Result<Raw<Page>, Problem<PageErrors>> {
        if !self.docs {
            return Err(ErrorCode::NotFound.into());
        }
        Ok(html(page, DOCS_POLICY))
    }
}

/// When a file is served.
#[derive(Debug, Clone, Copy)]
enum Part {
    /// Also in production.
    Always,
    /// With the test pages.
    Tests,
    /// With the document's pages.
    Docs,
}

#[derive(Debug)]
struct Asset {
    name: &'static str,
    content_type: &'static str,
    part: Part,
    bytes: &'static [u8],
}

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

macro_rules! assets {
    ($($path:literal, $name:literal, $content_type:ident, $part:ident;)+) => {
        &[$(Asset {
            name: $name,
            content_type: $content_type,
            part: Part::$part,
            bytes: include_bytes!(concat!("../../static/", $path, $name)),
        }),+]
    };
}

/// Every file there is.
const ASSETS: &[Asset] = assets! {
    "", "index.html", HTML, Tests;
    "", "test.js", SCRIPT, Tests;
    "", "reset.html", HTML, Always;
    "", "reset.js", SCRIPT, Always;
    "", "style.css", STYLE, Always;
    "", "docs.js", SCRIPT, Docs;
    "", "redoc.js", SCRIPT, Docs;
    "vendor/", "swagger-ui-bundle.js", SCRIPT, Docs;
    "vendor/", "swagger-ui.css", STYLE, Docs;
    "vendor/", "redoc.standalone.js", SCRIPT, Docs;
};

#[derive(Debug)]
enum Page {}
impl Kind for Page {
    const DESCRIPTION: &'static str = "The page";
    const CONTENT: &'static [&'static str] = &[HTML];
    const TYPE: &'static str = "string";
    const EXAMPLE: &'static str = "<!doctype html>";
}

#[derive(Debug)]
enum File {}
impl Kind for File {
    const DESCRIPTION: &'static str = "The file";
    const CONTENT: &'static [&'static str] = &[HTML, SCRIPT, STYLE];
    const TYPE: &'static str = "string";
    const EXAMPLE: &'static str = "The file's text";
}

#[derive(Debug)]
enum Document {}
impl Kind for Document {
    const DESCRIPTION: &'static str = "The OpenAPI document";
    const CONTENT: &'static [&'static str] = &["application/json; charset=utf-8"];
    const TYPE: &'static str = "object";
    const EXAMPLE: &'static str = r#"{"openapi":"3.0.0"}"#;
}

fn html(page: &'static [u8], policy: &'static str) -> Raw<Page> {
    let response = Response::builder().content_type(HTML);
    Raw::new(response.header(CONTENT_SECURITY_POLICY, policy).body(page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_a_page_names_is_in_the_table() {
        for page in [
            &include_bytes!("../../static/index.html")[..],
            include_bytes!("../../static/docs.html"),
            include_bytes!("../../static/redoc.html"),
        ] {
            let html = str::from_utf8(page).unwrap();
            let names: Vec<_> = html
                .split("/static/")
                .skip(1)
                .map(|rest| rest.split('"').next())
                .collect();
            assert!(!names.is_empty());
            for name in names {
                assert!(
                    ASSETS.iter().any(|asset| Some(asset.name) == name),
                    "{name:?}"
                );
            }
        }
    }

    #[test]
    fn no_own_script_writes_html_or_keeps_anything() {
        for asset in ASSETS.iter().filter(|asset| asset.bytes.len() < 100_000) {
            let text = str::from_utf8(asset.bytes).unwrap();
            for banned in [
                "innerHTML",
                "outerHTML",
                "document.write",
                "localStorage",
                "sessionStorage",
                "eval(",
            ] {
                assert!(!text.contains(banned), "{} has {banned}", asset.name); // WEB-3, WEB-4
            }
            assert!(
                !text.contains("http://") && !text.contains("https://"),
                "{}",
                asset.name
            );
        }
    }
}
