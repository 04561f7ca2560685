//! Passkeys in the login forms: the button, the autofill, the second step, and pages in browsers without them.

use chrono::Duration;
use kernel::role::Role;
use serde_json::json;

use crate::{
    accounts::debug_server,
    authenticator::{VirtualAuthenticator, know_the_port, passkey_server},
    harness::{PASSWORD, TestServer, eventually},
    page::{
        Page,
        Window::{Desktop, Phone},
    },
};

const INSIDE: &str = "Failed logins, last hour";

/// In this browser the autofill waits for its owner; Chromium's virtual authenticator answers it at once. What is asked while it
/// waits is noted: some browsers refuse that.
const AUTOFILL_WAITS: &str = "
    const get = navigator.credentials.get.bind(navigator.credentials);
    let waiting = 0;
    window.offered = 0;
    window.clashes = 0;
    navigator.credentials.get = (options) => {
      if (options.mediation !== 'conditional') {
        window.clashes += waiting;
        return get(options);
      }
      window.offered += 1;
      waiting += 1;
      return new Promise((_, reject) => options.signal.addEventListener('abort', () => {
        waiting -= 1;
        reject(options.signal.reason);
      }));
    };";

/// A service whose administrators must have a second factor, with the administrator Ada, who has none.
async fn strict_server() -> (TestServer, TestServer) {
    let server = debug_server().await;
    server.admin("ada").await;
    let strict = server
        .another_with(|settings| {
            know_the_port(settings);
            settings.config.mfa.required_roles = Some(vec![Role::Admin]);
        })
        .await;
    (server, strict)
}

/// Enters name and password in the part with this heading.
async fn enter_password(page: &Page, heading: &str, name: &str) {
    let login = page.part(heading);
    login.fill("Username, e-mail or user id", name).await;
    login.fill("Password", PASSWORD).await;
    login.press("Log in").await;
}

/// Runs a script before those of every page that is loaded from now on.
async fn before_load(page: &Page, script: &str) {
    page.driver
        .devtools(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({ "source": script }),
        )
        .await;
}

/// Makes a passkey in the browser for the owner of the token, as the page of one's own account does.
async fn add_passkey(page: &Page, token: &str) {
    // A page without a login: where one waits in the autofill, the browser refuses another request.
    page.go("/static/account-link.html").await;
    let script = "
        const [token, done] = arguments;
        const call = async (path, body) => (await fetch(`/auth/passkeys${path}`, {
          method: 'POST', body: JSON.stringify(body),
          headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        })).json();
        (async () => {
          const { challenge_id, public_key } = await call('/begin', {});
          const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(public_key);
          const credential = await navigator.credentials.create({ publicKey });
          return (await call('', { challenge_id, credential: credential.toJSON() })).success;
        })().then(done, (error) => done(String(error)));";
    let client = &page.driver.client;
    let added = client.execute_async(script, vec![json!(token)]).await;
    assert_eq!(added.unwrap(), json!(true));
}

/// Waits until this number of logins by passkey alone has happened.
async fn logins(server: &TestServer, number: usize) {
    eventually(&format!("{number} logins by passkey"), async || {
        let trail = server.stored("audit_log").await;
        let logins = trail.iter().filter(|event| {
            event.get_str("action").ok() == Some("passkey_login")
                && event.get_str("outcome").ok() == Some("success")
        });
        (logins.count() == number).then_some(())
    })
    .await;
}

// PK-17, PK-3, PK-7, MFA-17, MFA-22
#[tokio::test]
async fn a_passkey_made_at_the_login_is_all_that_is_needed_later() {
    let (_first, server) = strict_server().await;
    let page = Page::open_on_localhost(&server, Phone, "/static/admin.html").await;
    let device = VirtualAuthenticator::add(&page.driver).await;
    enter_password(&page, "Administration", "ada@example.org").await;
    page.sees("Your role needs more than a password.").await;
    page.refused(403, "/auth/login").await;
    page.check("second-factor-choice").await;
    page.part("Set up a second factor")
        .press("Make a passkey")
        .await;
    page.sees("Your recovery codes").await;
    page.body().press("I have kept them").await;
    page.sees(INSIDE).await;
    let made = device.credentials().await;

    // The form offers the passkey in its autofill, and this browser takes it at once.
    page.body().press("Log out").await;
    logins(&server, 1).await;
    page.sees(INSIDE).await;

    let login = page.part("Administration");
    let used = device.credentials().await;
    device.clear().await;
    page.body().press("Log out").await;
    login.says("You are logged out.").await;
    page.check("passkey-login").await;
    device.put(used[0].clone()).await;
    login.press("Log in with a passkey").await;
    page.sees(INSIDE).await;
    logins(&server, 2).await;

    // A device that does not verify who uses it.
    let used = device.credentials().await;
    device.verifies(false).await;
    page.body().press("Log out").await;
    login.press("Log in with a passkey").await;
    login.says("No passkey was used.").await;
    page.check("passkey-unused").await;

    // As the second step.
    device.clear().await;
    device.verifies(true).await;
    enter_password(&page, "Administration", "ada@example.org").await;
    page.sees("One step more").await;
    page.refused(403, "/auth/login").await;
    page.check("second-step-passkey").await;
    device.put(used[0].clone()).await;
    page.part("One step more").press("Use a passkey").await;
    page.sees(INSIDE).await;
    page.has_quiet_console().await;

    // A copy that was made before all this.
    device.clear().await;
    page.body().press("Log out").await;
    login.says("You are logged out.").await;
    device.put(made[0].clone()).await;
    login.press("Log in with a passkey").await;
    login.says("This passkey was not accepted.").await;
    let mail = server.mail_to("ada@example.org").await;
    assert_eq!(mail.subject, "One of your passkeys may have been copied");
}

// PK-6, PK-17, MFA-8
#[tokio::test]
async fn two_accounts_share_an_authenticator() {
    let server = passkey_server(|_| {}).await;
    let page = Page::open_on_localhost(&server, Desktop, "/static/index.html").await;
    let device = VirtualAuthenticator::add(&page.driver).await;
    for name in ["maria", "nora"] {
        server.patient(name).await;
        let login = server.login(name, PASSWORD).await.expect(200); // A proof that is fresh.
        add_passkey(&page, &login.token()).await;
    }
    assert_eq!(device.credentials().await.len(), 2);
    before_load(&page, AUTOFILL_WAITS).await;
    for name in ["nora", "maria"] {
        page.go("/static/index.html").await;
        enter_password(&page, "Log in", name).await;
        page.sees("One step more").await;
        page.refused(403, "/auth/login").await;
        page.part("One step more").press("Use a passkey").await;
        page.part("You are logged in").says("Welcome back.").await;
        page.sees(&format!("{name}@example.org")).await;
        let asked = page.script("return [window.offered > 0, window.clashes]");
        assert_eq!(asked.await, json!([true, 0]));
        page.has_quiet_console().await;
    }
}

// PK-17
#[tokio::test]
async fn a_browser_without_passkeys_has_whole_pages() {
    let (_first, server) = strict_server().await;
    let ben = server.secured("ben").await;
    let page = Page::open_on_localhost(&server, Phone, "/static/index.html").await;
    let device = VirtualAuthenticator::add(&page.driver).await;
    add_passkey(&page, &ben.token).await;
    device.unplug().await;
    before_load(&page, "delete window.PublicKeyCredential").await;
    for (path, heading) in [
        ("admin.html", "Administration"),
        ("clinic.html", "Clinic"),
        ("my.html", "My appointments and record"),
        ("sessions.html", "My devices and profile"),
        ("index.html", "Log in"),
    ] {
        page.go(&format!("/static/{path}")).await;
        let login = page.part(heading);
        assert!(login.offers("Log in").await && !login.offers("Log in with").await);
        page.has_quiet_console().await;
    }
    enter_password(&page, "Log in", "ben").await;
    let dialog = page.part("One step more");
    page.sees("Six digits from your authenticator app").await;
    page.refused(403, "/auth/login").await;
    assert!(!dialog.offers("Use a passkey").await);
    dialog.fill("Code", &server.totp(&ben)).await;
    dialog.press("Log in").await;
    page.part("You are logged in").says("Welcome back.").await;

    page.go("/static/admin.html").await;
    enter_password(&page, "Administration", "ada@example.org").await;
    page.sees("The six digits that the app shows now.").await;
    let dialog = page.part("Set up a second factor");
    assert!(!dialog.offers("Make a passkey").await);
}

// MFA-19
#[tokio::test]
async fn an_administrator_resets_the_factors_in_the_page() {
    let server = debug_server().await;
    server.admin("ada").await;
    let jane = server.secured("jane").await;
    let page = Page::open(&server, Phone, "/static/admin.html").await;
    enter_password(&page, "Administration", "ada@example.org").await;
    page.sees(INSIDE).await;
    server.advance(Duration::minutes(6)).await; // The login's own proof is fresh for five.
    page.body().press("Users").await;
    page.sees("jane@example.org").await;
    page.part("Users")
        .row("jane@example.org")
        .press("Open Jane Doe")
        .await;
    page.sees("authenticator app").await;
    page.sees("10 left").await;
    page.check("admin-user-factors").await;
    let user = page.part("Jane Doe");
    user.press("Reset factors").await;
    page.sees("make sure that it is Jane Doe who asks").await;
    page.check("admin-reset-factors").await;
    page.part("Reset the second factors?")
        .press("Reset factors")
        .await;
    let proof = page.part("Confirm that it is you");
    proof.fill("Password", PASSWORD).await;
    page.refused(403, "/reset-factors").await;
    proof.press("Confirm").await;
    user.says("The second factors are reset.").await;
    page.sees("none; the role need not have one").await;
    assert!(!user.offers("Reset factors").await);
    server.login(&jane.name, PASSWORD).await.expect(200);
}
