//! `/dev/outbox`: the mails that the program writes on a developer's machine.

use crate::{
    harness::{Installation, eventually, registration},
    page::{
        Page,
        Window::{Desktop, Phone},
    },
};

#[tokio::test]
async fn mails_are_shown_with_the_newest_first() {
    let home = Installation::new();
    let process = home.serve_ready().await;
    let base = format!("http://{}", process.address());
    let page = Page::open_at(base.clone(), Desktop, "/dev/outbox").await;
    page.sees("No mail yet.").await;
    page.check("outbox-empty").await;

    let registered = process.post("/auth/register", registration("maria")).await;
    registered.expect(200);
    process
        .post(
            "/auth/forgot-password",
            serde_json::json!({ "email": "nobody@example.org" }),
        )
        .await
        .expect(200);
    let narrow = Page::open_at(base, Phone, "/dev/outbox/").await;
    eventually("the mail", async || {
        for page in [&page, &narrow] {
            page.go("/dev/outbox").await;
            page.text()
                .await
                .contains("maria@example.org")
                .then_some(())?;
        }
        Some(())
    })
    .await;
    page.picture("outbox").await;
    narrow.check("outbox").await;
}
