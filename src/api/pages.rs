//! `GET /test`, `/static/{file}`, `/docs`, `/redoc`, `/openapi.json`: what people look at.
//!
//! Everything is embedded in the binary and found by name in a table, never by a path (WEB-7); no
//! page asks another host for anything.

use std::marker::PhantomData;

use hyper::body::Bytes;
use poem::{
    IntoResponse, Response,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY},
};
use poem_openapi::{
    ApiResponse, OpenApi,
    param::Path,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
};

use super::{
    Problem, Tag,
    frame::headers::{DOCS_POLICY, PAGE_POLICY},
    problem::error_set,
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
    async fn test(&self) -> Result<Ready<Page>, Problem<PageErrors>> {
        self.page("index.html")
    }

    /// A file of the pages
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
    ) -> Result<Ready<File>, Problem<PageErrors>> {
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
        Ok(Ready::new(response.body(asset.bytes)))
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
    async fn docs(&self) -> Result<Ready<Page>, Problem<PageErrors>> {
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
    async fn redoc(&self) -> Result<Ready<Page>, Problem<PageErrors>> {
        self.reference(include_bytes!("../../static/redoc.html"))
    }

    /// This document
    #[oai(
        path = "/openapi.json",
        method = "get",
        operation_id = "openapi",
        tag = "Tag::System"
    )]
    async fn openapi(&self) -> Result<Ready<Document>, Problem<DocumentErrors>> {
        let response = Response::builder().content_type("application/json; charset=utf-8");
        Ok(Ready::new(response.body(self.document.clone())))
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

    fn page(&self, name: &str) -> Result<Ready<Page>, Problem<PageErrors>> {
        Ok(Ready::page(self.asset(name)?.bytes, PAGE_POLICY))
    }

    fn reference(&self, html: &'static [u8]) -> Result<Ready<Page>, Problem<PageErrors>> {
        if !self.docs {
            return Err(ErrorCode::NotFound.into());
        }
        Ok(Ready::page(html, DOCS_POLICY))
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

/// A finished answer; `K` is what the document says of it.
#[derive(Debug)]
struct Ready<K>(Response, PhantomData<fn() -> K>);

trait Kind {
    const DESCRIPTION: &'static str;
    const CONTENT: &'static [&'static str];
    /// The schema's type.
    const TYPE: &'static str;
}

#[derive(Debug)]
enum Page {}
impl Kind for Page {
    const DESCRIPTION: &'static str = "The page";
    const CONTENT: &'static [&'static str] = &[HTML];
    const TYPE: &'static str = "string";
}

#[derive(Debug)]
enum File {}
impl Kind for File {
    const DESCRIPTION: &'static str = "The file";
    const CONTENT: &'static [&'static str] = &[HTML, SCRIPT, STYLE];
    const TYPE: &'static str = "string";
}

#[derive(Debug)]
enum Document {}
impl Kind for Document {
    const DESCRIPTION: &'static str = "The OpenAPI document";
    const CONTENT: &'static [&'static str] = &["application/json; charset=utf-8"];
    const TYPE: &'static str = "object";
}

impl<K> Ready<K> {
    const fn new(response: Response) -> Self {
        Self(response, PhantomData)
    }
}

impl Ready<Page> {
    fn page(html: &'static [u8], policy: &'static str) -> Self {
        let response = Response::builder().content_type(HTML);
        Self::new(response.header(CONTENT_SECURITY_POLICY, policy).body(html))
    }
}

impl<K> IntoResponse for Ready<K> {
    fn into_response(self) -> Response {
        self.0
    }
}

impl<K: Kind> ApiResponse for Ready<K> {
    fn meta() -> MetaResponses {
        let content = K::CONTENT.iter().map(|content_type| MetaMediaType {
            content_type,
            schema: MetaSchemaRef::Inline(Box::new(MetaSchema::new(K::TYPE))),
        });
        MetaResponses {
            responses: vec![MetaResponse {
                description: K::DESCRIPTION,
                status: Some(200),
                status_range: None,
                content: content.collect(),
                headers: Vec::new(),
            }],
        }
    }

    fn register(_: &mut Registry) {}
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
