//! `account.html`: what people do for their own accounts.

use std::{fs, process::Command};

use chrono::Duration;
use fantoccini::{Locator, key::Key};
use kernel::role::Role;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::{
    accounts::debug_server,
    authenticator::{VirtualAuthenticator, passkey_server},
    harness::{Authenticator, PASSWORD, TestServer, eventually},
    page::{
        Page,
        Window::{Desktop, Phone},
    },
};

const PATH: &str = "/static/account.html";
const TITLE: &str = "Security of my account";
const APP: &str = "Authenticator app";
const PROOF: &str = "Confirm that it is you";

async fn enter_password(page: &Page, name: &str) {
    let login = page.part(TITLE);
    login.fill("Username, e-mail or user id", name).await;
    login.fill("Password", PASSWORD).await;
    login.press("Log in").await;
}

/// The recovery codes that a dialog shows, after they are kept.
async fn keep_codes(page: &Page) -> Vec<String> {
    page.sees("They are shown this one time").await;
    let shown = "return [...document.querySelectorAll('dialog .codes code')].map((code) => code.textContent)";
    let codes = page.script(shown).await;
    page.part("Your recovery codes")
        .press("I have kept them")
        .await;
    serde_json::from_value(codes).unwrap()
}

/// Presses a button, and presses it again in the question that it asks.
async fn decide(page: &Page, part: &str, button: &str) {
    page.part(part).press(button).await;
    page.part(&format!("{button}?")).press(button).await;
}

/// Types into the element that has the focus, and into the one after it.
async fn type_proof(page: &Page, password: &str, code: &str) {
    page.part(PROOF).press("Password").await;
    page.types(password).await;
    page.key(Key::Tab).await;
    page.types(code).await;
    page.key(Key::Enter).await;
}

/// What a telephone reads from the picture. `None` if this machine has no program that reads it.
async fn scanned(page: &Page) -> Option<String> {
    let picture = page.driver.client.find(Locator::Css("dialog .qr")).await;
    let picture = picture.unwrap().screenshot().await.unwrap();
    let file = NamedTempFile::with_suffix(".png").unwrap();
    fs::write(file.path(), picture).unwrap();
    let read = Command::new("zbarimg")
        .args(["--raw", "--quiet"])
        .arg(file.path())
        .output();
    let read = read.ok()?.stdout;
    Some(String::from_utf8(read).unwrap().trim().to_owned())
}

async fn wait_until_stale(server: &TestServer) {
    server.advance(Duration::minutes(6)).await;
}

// MFA-13, MFA-14, MFA-15, MFA-16, PK-17, WEB-4
#[tokio::test]
async fn an_app_and_recovery_codes_protect_an_account() {
    let server = debug_server().await;
    server.patient("maria").await;
    let page = Page::open(&server, Phone, PATH).await;
    let source = json!({ "source": "delete window.PublicKeyCredential" });
    page.driver
        .devtools("Page.addScriptToEvaluateOnNewDocument", source)
        .await;
    page.go(PATH).await;
    enter_password(&page, "maria").await;
    page.sees("Passkeys cannot be made here").await;
    page.check("security-new").await;

    page.tab_to("Set up an app").await;
    page.key(Key::Enter).await;
    page.sees("Scan this picture").await;
    page.picture("security-app").await;
    let secret = page.script("return document.querySelector('dialog code').textContent");
    let secret = secret.await.as_str().unwrap().to_owned();
    if let Some(uri) = scanned(&page).await {
        let typed = format!("secret={secret}");
        assert!(
            uri.starts_with("otpauth://totp/") && uri.contains(&typed),
            "{uri}"
        );
    }
    let app = Authenticator::new(&secret);
    let dialog = page.part("Set up an app");
    dialog.fill("Code", "000 000").await;
    dialog.press("Confirm").await;
    dialog.says("This does not work any more").await;
    page.refused(400, "/auth/mfa/totp/confirm").await;
    dialog.fill("Code", &app.code(server.clock.now())).await;
    dialog.press("Confirm").await;
    page.sees("Your recovery codes").await;
    page.check("security-codes").await;
    let [name, paper] = page.printed("Print").await;
    let [file, text] = page.saved("Save as a file").await;
    assert_eq!(
        (name.as_str(), file.as_str()),
        ("Recovery codes", "recovery-codes.txt")
    );
    let first = keep_codes(&page).await;
    assert_eq!(first.len(), 10);
    for code in &first {
        assert!(paper.contains(code) && text.contains(code), "{code}");
    }
    page.part(APP).says("Your app counts from now on.").await;
    page.sees("10 left").await;
    assert!(!page.text().await.contains(&first[0]));

    wait_until_stale(&server).await;
    decide(&page, "Recovery codes", "Make new codes").await;
    page.sees("Six digits from your authenticator app").await;
    page.refused(403, "/auth/mfa/recovery-codes").await;
    page.check("security-proof").await;
    let code = app.code(server.clock.now());
    type_proof(&page, "wrong", &code).await;
    page.part(PROOF).says("Invalid credentials").await;
    page.refused(401, "/auth/reauthenticate").await;
    page.part(PROOF).fill("Password", "").await;
    page.part(PROOF).fill("Code", "").await;
    type_proof(&page, PASSWORD, &code).await;
    let second = keep_codes(&page).await;
    page.part("Recovery codes")
        .says("Your new codes count")
        .await;
    assert!(!second.contains(&first[0]));

    wait_until_stale(&server).await;
    decide(&page, APP, "Remove the app").await;
    page.sees("Six digits").await;
    page.key(Key::Escape).await;
    page.part(APP).says("Nothing was changed").await;
    page.refused(403, "/auth/mfa/totp").await;
    decide(&page, APP, "Remove the app").await;
    type_proof(&page, PASSWORD, &second[0]).await;
    page.part(APP).says("The app is removed.").await;
    page.refused(403, "/auth/mfa/totp").await;
    page.sees("not set up").await;
    page.enlarge().await;
    page.fits("security-large").await;
    let stored = "return localStorage.length + sessionStorage.length";
    assert_eq!(page.script(stored).await, 0);
}

// PK-3, PK-10, MFA-16
#[tokio::test]
async fn passkeys_are_added_renamed_and_forgotten_by_the_browser() {
    let server = passkey_server(|_| {}).await;
    server.patient("maria").await;
    server.doctor("noa").await;
    let page = Page::open_on_localhost(&server, Desktop, PATH).await;
    let device = VirtualAuthenticator::add(&page.driver).await;
    let passkeys = page.part("Passkeys");
    enter_password(&page, "maria").await;
    device.verifies(false).await;
    passkeys
        .fill("Name of the passkey (optional)", "my laptop")
        .await;
    passkeys.press("Add a passkey").await;
    passkeys
        .says("this device cannot check that it is you")
        .await;
    assert!(device.credentials().await.is_empty());
    device.verifies(true).await;
    passkeys.press("Add a passkey").await;
    keep_codes(&page).await;
    passkeys.says("Your passkey logs you in from now on.").await;
    passkeys.press("Add a passkey").await;
    passkeys
        .says("This device has a passkey of your account already.")
        .await;
    passkeys.press("Rename my laptop").await;
    let dialog = page.part("Rename the passkey");
    page.check("security-passkey-name").await;
    dialog.fill("Name", "our laptop").await;
    dialog.press("Save the name").await;
    passkeys.says("It is called our laptop now.").await;
    page.check("security-passkeys").await;

    // Meanwhile the authenticator is empty: the autofill of a login would take a passkey at once.
    let hers = device.credentials().await.remove(0);
    device.clear().await;
    page.body().press("Log out").await;
    enter_password(&page, "noa").await;
    page.sees("An administrator deletes accounts of your role.")
        .await;
    device.put(hers.clone()).await;
    passkeys.press("Add a passkey").await;
    keep_codes(&page).await;
    passkeys.says("Your passkey logs you in from now on.").await;
    let both = device.credentials().await;
    assert_eq!(both.len(), 2);

    device.clear().await;
    page.body().press("Log out").await;
    enter_password(&page, "maria").await;
    page.sees("One step more").await;
    page.refused(403, "/auth/login").await;
    for passkey in both {
        device.put(passkey).await;
    }
    page.part("One step more").press("Use a passkey").await;
    page.sees("our laptop").await;
    wait_until_stale(&server).await;
    passkeys.press("Remove our laptop").await;
    page.part("Remove the passkey?")
        .press("Remove the passkey")
        .await;
    page.part(PROOF).press("Use a passkey").await;
    passkeys.says("our laptop is removed.").await;
    page.refused(403, "/auth/passkeys/").await;
    eventually("the browser to forget one", async || {
        (device.credentials().await.len() == 1).then_some(())
    })
    .await;
    let left = device.credentials().await;
    assert_ne!(left[0]["userHandle"], hers["userHandle"]);
}

/// Logs in with a code, and lets the service remember the device.
async fn remember(server: &TestServer, app: &Authenticator, device: &str) {
    server.advance(Duration::seconds(30)).await;
    let mfa_token = server.mfa_token("maria").await;
    let code = app.code(server.clock.now());
    let fields = json!({ "totp_code": code, "remember_device": true, "device_name": device });
    server
        .second_step_with(&mfa_token, fields)
        .await
        .expect(200);
}

// MFA-20, MFA-24, SELF-1, SELF-5, SELF-7
#[tokio::test]
async fn people_manage_devices_address_and_data() {
    let server = debug_server().await;
    let maria = server.secured("maria").await;
    for device in ["Desk", "Tablet"] {
        remember(&server, &maria.app, device).await;
    }
    let strict = server
        .another_with(|settings| settings.config.mfa.required_roles = Some(vec![Role::Patient]))
        .await;
    server.advance(Duration::seconds(30)).await;
    let page = Page::open(&strict, Desktop, PATH).await;
    enter_password(&page, "maria").await;
    let step = page.part("One step more");
    step.press("Do not ask again while this page is open, for 30 days at most")
        .await;
    step.fill("Code", &server.totp(&maria)).await;
    step.press("Log in").await;
    page.sees("Your role must have a second factor").await;
    page.refused(403, "/auth/login").await;
    page.picture("security").await;
    decide(&page, APP, "Remove the app").await;
    page.part(APP).says("Add another one first").await;
    page.refused(409, "/auth/mfa/totp").await;

    let marked = "return [...document.querySelectorAll('#remembered-list li')]
        .map((row) => row.textContent.includes('this device'))";
    let mut marked: Vec<bool> = serde_json::from_value(page.script(marked).await).unwrap();
    marked.sort_unstable();
    assert_eq!(marked, [false, false, true]);
    let devices = page.part("Remembered devices");
    devices.press("Forget Desk").await;
    page.part("Forget this device?").press("Forget it").await;
    devices.says("Desk is forgotten.").await;
    assert!(!page.text().await.contains("Forget Desk"));
    devices.press("Forget all").await;
    page.part("Forget all devices?").press("Forget all").await;
    devices.says("All devices are forgotten.").await;
    page.sees("No device is remembered.").await;

    let email = page.part("E-mail address");
    let new = "maria.new@example.org";
    email.fill("New address", new).await;
    email.press("Change the address").await;
    email.says("a code is on its way").await;
    page.check("security-email").await;
    email.fill("Code from our mail", "000000").await;
    email.press("Confirm the address").await;
    email.says("This does not work any more").await;
    page.refused(400, "/auth/email/change/confirm").await;
    email
        .fill("Code from our mail", &strict.code_for(new).await)
        .await;
    email.press("Confirm the address").await;
    email
        .says("Your address is maria.new@example.org now.")
        .await;

    let [name, text] = page.saved("Get my data").await;
    assert_eq!(name, format!("{}.json", maria.user_id));
    let data: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(data["account"]["email"], new);

    let deletion = page.part("Delete the account");
    deletion.press("Delete my account").await;
    page.part("Delete your account?")
        .press("Send me the link")
        .await;
    deletion.says("We have mailed you the link.").await;
    page.check("security-deletion").await;
    let token = strict.link_token_for(new).await;
    page.go(&format!(
        "/static/account-link.html?do=confirm-deletion#token={token}"
    ))
    .await;
    let link = page.part("Delete your account");
    link.press("Delete my account").await;
    link.says("is deleted on").await;
    page.check("security-deleted").await;
}
