//! How the OpenAPI document describes pages and their files.

use web::static_response::Kind;

use super::{HTML, SCRIPT, STYLE};

/// The content type of the document.
pub(super) const JSON: &str = "application/json; charset=utf-8";

/// A page.
pub(super) enum Page {}
impl Kind for Page {
    const DESCRIPTION: &'static str = "The page";
    const CONTENT: &'static [&'static str] = &[HTML];
    const EXAMPLE: &'static str = "<!doctype html>";
}

/// A file of the pages.
pub(super) enum File {}
impl Kind for File {
    const DESCRIPTION: &'static str = "The file";
    const CONTENT: &'static [&'static str] = &[HTML, SCRIPT, STYLE];
    const EXAMPLE: &'static str = "The file's text";
}

/// The OpenAPI document.
pub(super) enum Document {}
impl Kind for Document {
    const DESCRIPTION: &'static str = "The OpenAPI document";
    const CONTENT: &'static [&'static str] = &[JSON];
    const TYPE: &'static str = "object";
    const EXAMPLE: &'static str = r#"{"openapi":"3.0.0"}"#;
}
