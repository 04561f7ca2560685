//! `otp.html` and `reset.html`: codes and links that were sent by mail.

use fantoccini::key::Key;

use crate::{
    accounts::debug_server,
    harness::{PASSWORD, TestServer, wrong_code},
    page::{
        Page,
        Window::{self, Desktop, Phone},
    },
};

const NEW: &str = "another good passphrase";

async fn enter_code(window: Window) {
    let server = debug_server().await;
    let registered = server.register("maria").await.expect(200);
    let code = registered.text("debug_otp");
    let page = Page::open(&server, window, "/static/otp.html").await;
    page.picture("otp").await;
    let finish = page.part("Finish a registration");
    finish.fill("E-mail", "maria@example.org").await;
    finish.fill("Code", &wrong_code(&code, 1)).await;
    finish.press("Verify").await;
    finish.says("This does not work any more").await;
    page.refused(400, "/auth/verify-otp").await;
    page.check("otp-refused").await;

    finish.press("Send a new code").await;
    finish.says("a new one is on its way").await;
    assert!(!finish.offers("Send a new code").await);
    finish
        .fill("Code", &server.code_for("maria@example.org").await)
        .await;
    finish.press("Verify").await;
    finish.says("Welcome, Jane Doe.").await;
    page.check("otp-verified").await;
    server.login("maria", PASSWORD).await.expect(200);

    let set = page.part("Set a new password");
    set.fill("E-mail", "maria@example.org").await;
    set.press("Send a code").await;
    set.says("a mail with a code").await;
    page.check("otp-reset").await;
    assert_eq!(set.value("Code").await.len(), 6);
    set.fill("New password", NEW).await;
    set.press("Set the password").await;
    set.says("Your new password holds").await;
    server.login("maria", NEW).await.expect(200);
}

#[tokio::test]
async fn codes_are_entered_on_their_own_page_on_a_telephone() {
    enter_code(Phone).await;
}

#[tokio::test]
async fn codes_are_entered_on_their_own_page_on_a_desktop() {
    enter_code(Desktop).await;
}

#[tokio::test]
async fn without_the_token_the_page_names_where_its_code_is_valid() {
    let server = TestServer::start_with(|settings| {
        settings.config.registration.require_token = true; // D2
    })
    .await;
    server.register("maria").await.expect(200);
    let page = Page::open(&server, Phone, "/static/otp.html").await;
    let finish = page.part("Finish a registration");
    finish.fill("E-mail", "maria@example.org").await;
    let code = server.code_for("maria@example.org").await;
    finish.fill("Code", &code).await;
    finish.press("Verify").await;
    finish
        .says("counts only on the page where you registered")
        .await;
    assert!(!page.text().await.contains("registration_token"));
    page.refused(422, "/auth/verify-otp").await;
    page.check("otp-elsewhere").await;
}

async fn use_link(window: Window) {
    let server = debug_server().await;
    server.patient("maria").await;
    server.forgot("maria@example.org").await.expect(200);
    let token = server.link_token_for("maria@example.org").await;
    let link = format!("/static/reset.html#token={token}");
    let page = Page::open(&server, window, &link).await;
    let address = page.script("return location.href").await;
    assert_eq!(address, server.url("/static/reset.html")); // RST-3
    page.picture("reset").await;

    let set = page.part("Set a new password");
    set.fill("New password", NEW).await;
    set.fill("The same again", "something else").await;
    set.press("Set the password").await;
    set.says("not the same").await;
    set.fill("New password", "password").await;
    set.fill("The same again", "password").await;
    set.press("Set the password").await;
    set.says("One field needs another look.").await;
    page.refused(422, "/auth/reset-password").await;
    page.check("reset-refused").await;
    set.fill("New password", NEW).await;
    set.fill("The same again", NEW).await;
    page.key(Key::Enter).await;
    page.sees("Your password is set").await;
    page.check("reset-done").await;
    server.login("maria", NEW).await.expect(200);

    page.go("/static/otp.html").await;
    page.go(&link).await; // It works once.
    set.fill("New password", PASSWORD).await;
    set.fill("The same again", PASSWORD).await;
    set.press("Set the password").await;
    let ask = page.part("Get a new link");
    ask.says("This does not work any more").await;
    page.refused(400, "/auth/reset-password").await;
    page.check("reset-expired").await;
    ask.fill("E-mail", "maria@example.org").await;
    ask.press("Send a new link").await;
    ask.says("a mail with a new link is on its way").await;
}

#[tokio::test]
async fn a_link_sets_a_password_once_on_a_telephone() {
    use_link(Phone).await;
}

#[tokio::test]
async fn a_link_sets_a_password_once_on_a_desktop() {
    use_link(Desktop).await;
}

#[tokio::test]
async fn the_reset_page_without_a_link_offers_a_new_link() {
    let server = debug_server().await;
    let page = Page::open(&server, Phone, "/static/reset.html").await;
    page.sees("Get a new link").await;
    page.check("reset-without-link").await;
}
