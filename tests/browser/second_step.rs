//! The second step of a login on a page: setting up an authenticator app, its code, a recovery code.

use chrono::Duration;
use kernel::role::Role;

use crate::{
    accounts::debug_server,
    harness::{Authenticator, PASSWORD, TestServer},
    page::{Page, Window::Phone},
};

const SIX: &str = "Six digits from your authenticator app";

/// Enters the password; `then` is what the dialog says.
async fn enter_password(page: &Page, then: &str) {
    let login = page.part("Administration");
    login
        .fill("Username, e-mail or user id", "ada@example.org")
        .await;
    login.fill("Password", PASSWORD).await;
    login.press("Log in").await;
    page.sees(then).await;
    page.refused(403, "/auth/login").await;
}

async fn enter_code(server: &TestServer, page: &Page, title: &str, app: &Authenticator) {
    let dialog = page.part(title);
    dialog.fill("Code", &app.code(server.clock.now())).await;
    let verb = if title == "One step more" {
        "Log in"
    } else {
        "Confirm"
    };
    dialog.press(verb).await;
}

// MFA-17, MFA-8, MFA-15
#[tokio::test]
async fn an_app_is_set_up_at_the_login_and_asked_for_afterwards() {
    let server = debug_server().await;
    server.admin("ada").await;
    let strict = server
        .another_with(|settings| settings.config.mfa.required_roles = Some(vec![Role::Admin]))
        .await;
    let page = Page::open(&strict, Phone, "/static/admin.html").await;
    enter_password(&page, "Your role needs more than a password.").await;
    page.check("second-factor-set-up").await;
    let secret = page.script("return document.querySelector('dialog code').textContent");
    let app = Authenticator::new(secret.await.as_str().unwrap());
    enter_code(&strict, &page, "Set up a second factor", &app).await;
    page.sees("Your recovery codes").await;
    page.check("recovery-codes").await;
    let code = page.script("return document.querySelector('.codes code').textContent");
    let code = code.await.as_str().unwrap().to_owned();
    page.body().press("I have kept them").await;
    page.sees("Failed logins, last hour").await;

    strict.advance(Duration::minutes(1)).await;
    page.body().press("Log out").await;
    enter_password(&page, SIX).await;
    page.check("second-step").await;
    let dialog = page.part("One step more");
    dialog.fill("Code", "000000").await;
    dialog.press("Log in").await;
    page.sees("This does not work any more").await;
    page.refused(400, "/auth/login/mfa").await;
    enter_code(&strict, &page, "One step more", &app).await;
    page.sees("Failed logins, last hour").await;

    page.body().press("Log out").await;
    enter_password(&page, SIX).await;
    page.part("One step more").press("Cancel").await;
    page.sees("You are not logged in.").await;
    enter_password(&page, SIX).await;
    let dialog = page.part("One step more");
    dialog.fill("Code", &code).await;
    dialog.press("Log in").await;
    page.sees("Failed logins, last hour").await;
    page.has_quiet_console().await;
}

// MFA-20, WEB-4
#[tokio::test]
async fn a_page_remembers_its_device_while_it_is_open() {
    let server = debug_server().await;
    let jane = server.secured("jane").await;
    let page = Page::open(&server, Phone, "/static/sessions.html").await;
    let login = page.part("My devices and profile");
    let enter = async || {
        login.fill("Username, e-mail or user id", "jane").await;
        login.fill("Password", PASSWORD).await;
        login.press("Log in").await;
    };
    enter().await;
    page.sees(SIX).await;
    page.refused(403, "/auth/login").await;
    page.check("second-step-remember").await;
    let dialog = page.part("One step more");
    dialog
        .press("Do not ask again while this page is open, for 30 days at most")
        .await;
    dialog.fill("Code", &server.totp(&jane)).await;
    dialog.press("Log in").await;
    page.sees("Where you are logged in").await;
    page.body().press("Log out").await;
    login.says("You are logged out.").await;
    enter().await;
    page.sees("Where you are logged in").await;
    let kept =
        "return JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])";
    assert_eq!(page.script(kept).await, "[{},{},\"\"]");
    page.has_quiet_console().await;

    page.go("/static/sessions.html").await;
    enter().await;
    page.sees(SIX).await;
}
