//! `otp.html` and `reset.html`: codes and links that were sent by mail, and the ways to them.

use clinic_auth::config::Environment;
use fantoccini::key::Key;
use serde_json::Value;

use crate::{
    accounts::debug_server,
    harness::{PASSWORD, TestServer, eventually, wrong_code},
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
    let ask = page.part("Forgotten password");
    ask.says("This does not work any more").await;
    page.refused(400, "/auth/reset-password").await;
    page.check("reset-expired").await;
    ask.fill("E-mail", "maria@example.org").await;
    ask.press("Send the mail").await;
    ask.says("a mail with a code and a link is on its way")
        .await;
}

/// The username that the forms of the page hold for password managers.
async fn unseen_username(page: &Page) -> Value {
    page.script("return document.querySelector('form input[hidden][autocomplete=username]').value")
        .await
}

#[tokio::test]
async fn a_link_sets_a_password_once_on_a_telephone() {
    use_link(Phone).await;
}

#[tokio::test]
async fn a_link_sets_a_password_once_on_a_desktop() {
    use_link(Desktop).await;
}

// The mail is on another device, so the person types what stands in it.
#[tokio::test]
async fn the_reset_page_takes_a_code_from_another_device() {
    let server = debug_server().await;
    server.patient("maria").await;
    let page = Page::open(&server, Phone, "/static/clinic.html").await;
    page.body().press("Forgotten password?").await;
    let ask = page.part("Forgotten password");
    page.sees("We send you a mail").await;
    page.check("reset-without-link").await;
    server.forgot("maria@example.org").await.expect(200);
    ask.press("I have a code").await;
    ask.fill("E-mail", "maria@example.org").await;
    let code = server.code_for("maria@example.org").await;
    ask.fill("Code", &wrong_code(&code, 1)).await;
    ask.fill("New password", NEW).await;
    ask.press("Set the password").await;
    ask.says("This does not work any more").await;
    page.refused(400, "/auth/reset-password").await;
    page.check("reset-by-code").await;
    ask.fill("Code", &code).await;
    ask.press("Set the password").await;
    page.sees("Your password is set").await;
    page.has_quiet_console().await;
    server.login("maria", NEW).await.expect(200);
}

#[tokio::test]
async fn the_link_of_a_code_fills_it_in_and_sends_nothing() {
    let server = TestServer::start_with(|settings| {
        settings.environment = Environment::Production; // WEB-8
    })
    .await;
    server.register("maria").await.expect(200);
    let mail = server.mail_to("maria@example.org").await.text;
    let (_, link) = mail.split_once("/static/otp.html#").unwrap();
    let link = format!("/static/otp.html#{}", link.lines().next().unwrap());
    let page = Page::open(&server, Phone, &link).await;
    let finish = page.part("Finish a registration");
    finish.says("filled in your address and the code").await;
    page.check("otp-linked").await;
    assert_eq!(finish.value("E-mail").await, "maria@example.org");
    let address = page.script("return location.href").await;
    assert_eq!(address, server.url("/static/otp.html")); // RST-3
    server
        .login("maria", PASSWORD)
        .await
        .refused(401, "AUTH_FAILED");
    finish.press("Verify").await;
    finish.says("Welcome, Jane Doe.").await;
    server.login("maria", PASSWORD).await.expect(200);
}

// A password manager opens the address, and finds the form with the username.
#[tokio::test]
async fn a_password_manager_finds_form_and_username() {
    let server = debug_server().await;
    server.patient("maria").await;
    let page = Page::open(&server, Phone, "/.well-known/change-password").await;
    let login = page.part("Security of my account");
    login
        .fill("Username, e-mail or user id", "maria@example.org")
        .await;
    login.fill("Password", PASSWORD).await;
    login.press("Log in").await;
    let focused = "return document.activeElement.id";
    eventually("the focus on the form", async || {
        (page.script(focused).await == "current-password").then_some(())
    })
    .await;
    assert_eq!(unseen_username(&page).await, "maria");
    page.body().press("Log out").await;
    login.says("You are logged out.").await;
    assert_eq!(unseen_username(&page).await, "");
}
