//! `sessions.html`: a user's own devices, profile, password and token.

use fantoccini::key::Key;

use crate::{
    accounts::debug_server,
    harness::{PASSWORD, TestServer, eventually},
    page::{
        Page,
        Window::{self, Desktop, Phone},
    },
};

/// Opens the page and logs in as `name`, on a device called `device`.
async fn open_logged_in(server: &TestServer, window: Window, name: &str, device: &str) -> Page {
    let page = Page::open(server, window, "/static/sessions.html").await;
    let login = page.part("My devices and profile");
    login.fill("Username, e-mail or user id", name).await;
    login.fill("Password", PASSWORD).await;
    login.fill("Name of this device (optional)", device).await;
    login.press("Log in").await;
    page.sees("Where you are logged in").await;
    page
}

async fn manage_devices(window: Window) {
    let server = debug_server().await;
    let patient = server.patient("maria").await;
    let other = patient.token();
    let page = open_logged_in(&server, window, "maria", "my phone").await;
    page.picture("sessions").await;

    let profile = page.part("Profile");
    profile.press("Edit the profile").await;
    page.check("sessions-editing").await;
    profile.fill("First name", "Maria").await;
    profile.fill("Mobile", "").await;
    profile.choose("Language of our mails", "Deutsch").await;
    profile.press("I am pregnant").await;
    profile.press("Save the profile").await;
    profile.says("Your profile is saved.").await;
    let me = server.get_as(&other, "/auth/me").await.expect(200);
    assert_eq!(
        (me.text("first_name"), me.text("language")),
        ("Maria".to_owned(), "de".to_owned())
    );
    assert!(me.body["mobile"].is_null() && me.body["is_pregnant"] == true);

    let check = page.part("Check a token");
    check.press("Validate the token").await;
    check.says("This token is valid.").await;
    page.sees("sessions:self").await;
    check.fill("Access token", "not.a.token").await;
    check.press("Validate the token").await;
    check.says("This token does not hold").await;
    page.refused(401, "/auth/validate-token").await;
    page.check("sessions-token").await;

    let devices = page.part("Where you are logged in");
    assert!(!devices.row("my phone").offers("Log out").await); // The page has its own button for this device.
    devices.press("Log out Unknown program").await;
    devices.says("Unknown program is logged out.").await;
    server
        .get_as(&other, "/auth/me")
        .await
        .refused(401, "SESSION_ERROR");

    devices.press("Log out everywhere").await;
    page.sees("Every device is logged out, this one too.").await;
    page.check("sessions-question").await;
    page.key(Key::Escape).await;
    page.sees("my phone").await;
    devices.press("Log out everywhere").await;
    page.part("Log out everywhere?")
        .press("Log out everywhere")
        .await;
    page.part("My devices and profile")
        .says("You are logged out")
        .await;
    assert!(!page.text().await.contains("Maria"));
    page.check("sessions-left").await;
}

#[tokio::test]
async fn a_user_manages_their_devices_on_a_telephone() {
    manage_devices(Phone).await;
}

#[tokio::test]
async fn a_user_manages_their_devices_on_a_desktop() {
    manage_devices(Desktop).await;
}

#[tokio::test]
async fn a_doctor_edits_the_profile_and_changes_the_password() {
    let server = debug_server().await;
    server.doctor("gregor").await;
    let page = open_logged_in(&server, Desktop, "gregor", "front desk").await;
    let profile = page.part("Profile");
    profile.press("Edit the profile").await;
    profile.fill("Specialization", "Oncology").await;
    profile.press("Save the profile").await;
    profile.says("Your profile is saved.").await;
    page.sees("Oncology").await;
    page.check("sessions-of-a-doctor").await;

    let password = page.part("Password");
    password.fill("Current password", "wrong").await;
    password
        .fill("New password", "another good passphrase")
        .await;
    password.press("Change the password").await;
    password.says("Invalid credentials").await;
    page.refused(401, "/auth/change-password").await;
    password.fill("Current password", PASSWORD).await;
    password.press("Change the password").await;
    password.says("Your new password holds.").await;
    let login = server.login("gregor", "another good passphrase").await;
    login.expect(200);
}

#[tokio::test]
async fn the_page_works_with_the_keyboard_alone() {
    let server = debug_server().await;
    server.patient("maria").await;
    let page = Page::open(&server, Desktop, "/static/sessions.html").await;
    let focus = "return document.activeElement.textContent";
    page.key(Key::Tab).await;
    assert_eq!(page.script(focus).await, "Skip to the content");
    page.check("sessions-skip").await;
    page.key(Key::Enter).await;
    assert_eq!(
        page.script("return document.activeElement.id").await,
        "main"
    );
    for typed in ["maria", PASSWORD, "my phone"] {
        page.key(Key::Tab).await;
        page.types(typed).await;
    }
    page.key(Key::Enter).await;
    page.sees("Where you are logged in").await;
    eventually("the focus on the heading", async || {
        (page.script(focus).await == "My devices and profile").then_some(())
    })
    .await;
    let ring = "return getComputedStyle(document.activeElement).outlineStyle";
    page.key(Key::Tab).await;
    assert_eq!(page.script(focus).await, "Log out everywhere");
    assert_eq!(page.script(ring).await, "solid");
}
