//! `/docs` and `/redoc`: what app developers read, made from the service's own document.

use crate::{
    harness::TestServer,
    page::{Page, Window::Desktop},
};

#[tokio::test]
async fn the_references_show_the_operations_from_our_own_files() {
    let server = TestServer::start().await;
    let page = Page::open(&server, Desktop, "/docs").await;
    page.sees("/auth/register").await;
    page.is_quiet().await;
    page.go("/api/v1/redoc/").await;
    page.sees("Register a patient or a doctor").await;
    page.is_quiet().await;
}
