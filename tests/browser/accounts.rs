//! `index.html`: a patient and a doctor register, log in, log out and reset their passwords.

use crate::{
    harness::{PASSWORD, TestServer},
    page::{
        Page,
        Window::{self, Desktop, Phone},
    },
};

/// A service whose answers contain the codes that it mails.
pub(crate) async fn debug_server() -> TestServer {
    TestServer::start_with(|settings| settings.config.service.debug = true).await
}

/// Fills in the fields that every registration has.
async fn fill_in(page: &Page, first_name: &str, username: &str) {
    let register = page.part("Register");
    register.fill("First name", first_name).await;
    register.fill("Last name (optional)", "Muster").await;
    register
        .fill("E-mail", &format!("{username}@example.org"))
        .await;
    register.fill("Username (optional)", username).await;
    register.fill("Mobile (optional)", "+41 79 000 00 00").await;
    register.fill("Password", PASSWORD).await;
}

async fn patient_journey(window: Window) {
    let server = debug_server().await;
    let page = Page::open(&server, window, "/test").await;
    page.picture("account").await;
    fill_in(&page, "Maria", "maria").await;
    page.part("Register").press("I am pregnant").await;
    page.part("Register").press("Register").await;

    let code = page.part("Enter the code");
    code.says("One step left").await;
    page.sees("maria@example.org").await;
    assert_eq!(code.value("Code").await.len(), 6);
    assert!(!code.offers("Send a new code").await); // The button shows how long the user must wait.
    page.sees("Send a new code (").await;
    page.picture("code").await;
    code.press("Verify").await;

    let account = page.part("You are logged in");
    account.says("Your account is ready.").await;
    page.sees("Maria Muster").await;
    assert!(!page.text().await.contains("or log in"));
    account.press("Tokens, for developers").await;
    page.sees("Access token").await;
    page.check("account-tokens").await;
    account.press("Refresh the tokens").await;
    account.says("New tokens").await;
    account.press("Log out").await;
    page.part("Log in").says("You are logged out.").await;
    assert!(!page.text().await.contains("Maria"));
    page.sees("or log in").await;
    page.check("account-left").await;
}

#[tokio::test]
async fn a_patient_registers_and_leaves_on_a_telephone() {
    patient_journey(Phone).await;
}

#[tokio::test]
async fn a_patient_registers_and_leaves_on_a_desktop() {
    patient_journey(Desktop).await;
}

#[tokio::test]
async fn a_button_is_disabled_while_its_request_runs() {
    let server = debug_server().await;
    server.patient("maria").await;
    let page = Page::open(&server, Desktop, "/test").await;
    page.script(
        "const real = window.fetch; window.asked = 0;
        const held = new Promise((go) => { window.go = go; });
        window.fetch = async (...call) => { window.asked += 1; await held; return real(...call); };",
    )
    .await;
    let login = page.part("Log in");
    login.fill("Username, e-mail or user id", "maria").await;
    login.fill("Password", PASSWORD).await;
    login.press("Log in").await;
    assert!(!login.offers("Log in").await);
    let twice = "const form = document.querySelector('#login form');
        form.querySelector('button').click(); form.requestSubmit(); return window.asked";
    assert_eq!(page.script(twice).await, 1);
    page.script("window.go()").await;
    page.part("You are logged in").says("Welcome back.").await;
    page.part("You are logged in").press("Log out").await;
    login.says("You are logged out.").await;
    assert!(login.offers("Log in").await);
}

#[tokio::test]
async fn a_mistyped_address_is_corrected_on_the_page() {
    let server = debug_server().await;
    let page = Page::open(&server, Phone, "/test").await;
    fill_in(&page, "Maria", "maria").await;
    let register = page.part("Register");
    register.fill("E-mail", "mraia@example.org").await;
    register.press("Register").await;
    let code = page.part("Enter the code");
    code.says("One step left").await;
    code.press("Correct the address").await;
    page.check("account-correcting").await;
    register.fill("E-mail", "maria@example.org").await;
    register.press("Register").await; // The person keeps the username.
    code.says("One step left").await;
    page.sees("maria@example.org").await;
    code.press("Verify").await;
    page.part("You are logged in")
        .says("Your account is ready.")
        .await;
}

async fn doctor_journey(window: Window) {
    let server = debug_server().await;
    let page = Page::open(&server, window, "/static/index.html").await;
    fill_in(&page, "Gregor", "gregor").await;
    let register = page.part("Register");
    register.press("Doctor").await;
    register
        .fill("Specialization (optional)", "Cardiology")
        .await;
    register.fill("Licence number (optional)", "MD-12345").await;
    page.check("account-doctor").await;
    register.press("Register").await;
    page.part("Enter the code").says("One step left").await;
    page.part("Enter the code").press("Verify").await;
    let account = page.part("You are logged in");
    account.says("Your account is ready.").await;
    page.sees("Cardiology").await;
    page.sees("not yet").await;
    page.check("account-of-a-doctor").await;
    account.press("Log out").await;

    for name in ["gregor", "gregor@example.org"] {
        let login = page.part("Log in");
        login.fill("Username, e-mail or user id", name).await;
        login.fill("Password", PASSWORD).await;
        login.press("Log in").await;
        account.says("Welcome back.").await;
        account.press("Log out").await;
        login.says("You are logged out.").await;
    }
}

#[tokio::test]
async fn a_doctor_registers_and_comes_back_on_a_telephone() {
    doctor_journey(Phone).await;
}

#[tokio::test]
async fn a_doctor_registers_and_comes_back_on_a_desktop() {
    doctor_journey(Desktop).await;
}

#[tokio::test]
async fn a_doctor_learns_that_approval_is_pending() {
    let server = TestServer::start_with(|settings| {
        settings.config.service.debug = true;
        settings.config.auth.doctor_approval_required = true;
        settings.config.registration.require_token = true; // The page sends it (D2).
    })
    .await;
    let page = Page::open(&server, Phone, "/test").await;
    fill_in(&page, "Gregor", "gregor").await;
    page.part("Register").press("Doctor").await;
    page.part("Register").press("Register").await;
    page.part("Enter the code").press("Verify").await;
    let login = page.part("Log in");
    login
        .says("You can log in once an administrator has approved your account.")
        .await;
    page.check("account-waits").await;
}

#[tokio::test]
async fn errors_are_shown_at_the_field_and_in_the_summary() {
    let server = debug_server().await;
    let page = Page::open(&server, Phone, "/test").await;
    fill_in(&page, "Maria", "staff").await;
    let register = page.part("Register");
    register.fill("Password", "password").await;
    register.press("Register").await;
    register.says("2 fields need another look.").await;
    page.refused(422, "/auth/register").await;
    page.check("account-refused").await;
    let described = "const field = document.getElementById('username');
        return document.getElementById(field.getAttribute('aria-describedby')).textContent";
    assert_ne!(page.script(described).await, "");

    let login = page.part("Log in");
    login.fill("Username, e-mail or user id", "nobody").await;
    login.fill("Password", PASSWORD).await;
    login.press("Log in").await;
    login.says("Invalid credentials").await;
    page.refused(401, "/auth/login").await;
    page.check("account-no-login").await;
}

#[tokio::test]
async fn a_name_that_looks_like_markup_is_shown_as_text() {
    let server = debug_server().await;
    let page = Page::open(&server, Desktop, "/test").await;
    let name = "<img src=x onerror=alert(1)>";
    fill_in(&page, name, "mallory").await;
    page.part("Register").press("Register").await;
    page.part("Enter the code").press("Verify").await;
    page.sees(name).await; // WEB-3
    let pictures = page.script("return document.images.length").await;
    assert_eq!(pictures, 0);
    page.check("account-of-markup").await;
}

#[tokio::test]
async fn a_forgotten_password_is_reset_by_code() {
    let server = debug_server().await;
    server.patient("maria").await;
    let page = Page::open(&server, Phone, "/test").await;
    let forgot = page.part("Forgotten password");
    forgot.fill("E-mail", "maria@example.org").await;
    forgot.press("Send a code").await;
    forgot.says("a mail with a code and a link").await;
    page.check("account-forgotten").await;
    forgot.fill("New password", "another good passphrase").await;
    forgot.press("Set the password").await;
    forgot.says("Your new password holds").await;
    let login = server.login("maria", "another good passphrase").await;
    login.expect(200);
}

#[tokio::test]
async fn logout_clears_the_page_and_no_token_is_stored() {
    let server = debug_server().await;
    server.patient("maria").await;
    let page = Page::open(&server, Desktop, "/test").await;
    let login = page.part("Log in");
    login.fill("Username, e-mail or user id", "maria").await;
    login.fill("Password", PASSWORD).await;
    login.press("Log in").await;
    let account = page.part("You are logged in");
    account.says("Welcome back.").await;
    let token = page
        .script("return document.querySelector('#tokens code').textContent")
        .await;
    let token = token.as_str().unwrap();
    assert!(token.len() > 100);
    let kept = "return JSON.stringify([localStorage.length, sessionStorage.length, document.cookie, location.href])";
    let clean = format!("[0,0,\"\",\"{}\"]", server.url("/test"));
    assert_eq!(page.script(kept).await, clean); // WEB-4
    account.press("Log out").await;
    login.says("You are logged out.").await;
    let left = page
        .script("return document.documentElement.outerHTML")
        .await;
    let left = left.as_str().unwrap();
    assert!(!left.contains(token) && !left.contains("Jane") && !left.contains("maria"));
    assert_eq!(page.script(kept).await, clean);
    assert_eq!(login.value("Password").await, "");
    server
        .get_as(token, "/auth/me")
        .await
        .refused(401, "SESSION_ERROR");
}

#[tokio::test]
async fn a_session_revoked_elsewhere_clears_the_page() {
    let server = debug_server().await;
    server.patient("maria").await;
    let page = Page::open(&server, Phone, "/test").await;
    let login = page.part("Log in");
    login.fill("Username, e-mail or user id", "maria").await;
    login.fill("Password", PASSWORD).await;
    login.press("Log in").await;
    page.sees("Jane Doe").await;
    let here = server.logged_in("maria@example.org").await;
    server
        .call_as(&here.token, "/auth/logout-all")
        .await
        .expect(200);
    page.part("You are logged in")
        .press("Refresh the tokens")
        .await;
    login.says("Your session has ended.").await;
    page.refused(401, "/auth/refresh").await;
    assert!(!page.text().await.contains("Jane Doe"));
}
