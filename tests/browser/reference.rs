//! `/docs` and `/redoc`: the API references for developers, made from the service's own document.

use crate::{
    harness::TestServer,
    page::{Page, Window::Desktop},
};

#[tokio::test]
async fn api_references_load_only_files_of_the_service() {
    let server = TestServer::start().await;
    let page = Page::open(&server, Desktop, "/docs").await;
    page.sees("/auth/register").await;
    page.has_quiet_console().await;
    page.go("/api/v1/redoc/").await;
    page.sees("Register a patient or a doctor").await;
    page.has_quiet_console().await;
}
