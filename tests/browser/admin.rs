//! `admin.html`: what administrators and staff can do, and which actions the page does not offer them.

use std::fs;

use chrono::Duration;
use mail::state::MailReason;
use serde_json::json;
use tempfile::TempDir;

use crate::{
    accounts::debug_server,
    harness::{PASSWORD, Person, TestServer, registration_with},
    page::{
        Page,
        Window::{self, Desktop, Phone},
    },
};

/// Starts a server with a few accounts and an administrator.
async fn clinic() -> (TestServer, Person) {
    let server = debug_server().await;
    let ada = server.admin("ada").await;
    server.patient("maria").await;
    server.doctor("gregor").await;
    let name = json!("<img src=x onerror=alert(1)>");
    let body = registration_with("mallory", "first_name", name);
    server.post("/auth/register", body).await.expect(200);
    server.deliver().await;
    server.mails.refuse(MailReason::NoSuchMailbox);
    server.register("nora").await.expect(200);
    server.deliver().await;
    server.mails.recover();
    server
        .login("maria", "wrong")
        .await
        .refused(401, "AUTH_FAILED");
    (server, ada)
}

/// Opens the page and logs in as `name`.
async fn open_logged_in(server: &TestServer, window: Window, name: &str) -> Page {
    let page = Page::open(server, window, "/static/admin.html").await;
    page.check("admin-login").await;
    log_in(&page, name).await;
    page
}

async fn log_in(page: &Page, name: &str) {
    let login = page.part("Administration");
    login.fill("Username, e-mail or user id", name).await;
    login.fill("Password", PASSWORD).await;
    login.press("Log in").await;
}

async fn administrator_journey(window: Window) {
    let (server, _) = clinic().await;
    let page = open_logged_in(&server, window, "ada@example.org").await;
    page.sees("Failed logins, last hour").await;
    page.sees("Verified users\n3").await;
    page.sees("Failed logins, last hour\n1").await;
    page.sees("The last 30 days").await;
    page.body().press("The numbers of each day").await;
    page.sees("Days begin at midnight, UTC.").await;
    page.check("admin-days").await;
    page.body().press("The numbers of each day").await;
    page.picture("admin-overview").await;

    page.body().press("Registrations").await;
    let pending = page.part("Registrations that wait for their code");
    page.sees("<img src=x onerror=alert(1)>").await; // WEB-3
    page.sees("code not sent refused by the mail server: no such mailbox")
        .await; // MAIL-8
    page.picture("admin-registrations").await;
    retry_mail(&page).await;
    page.body().press("Registrations").await;
    pending.fill("E-mail contains", "NORA").await;
    pending.press("Search").await;
    page.sees("1 in all").await;
    pending
        .row("nora@example.org")
        .press("Send code to nora@example.org")
        .await;
    pending
        .says("A new code is on its way to nora@example.org.")
        .await;
    pending
        .press("Delete the registration of nora@example.org")
        .await;
    page.sees("Delete this registration?").await;
    page.check("admin-question").await;
    page.part("Delete this registration?").press("Delete").await;
    pending
        .says("The registration of nora@example.org is deleted.")
        .await;
    page.sees("No registration waits for its code.").await;
    page.check("admin-no-registration").await;
    server.register("nora").await.expect(200); // Her names are free again.

    page.body().press("Users").await;
    page.sees("gregor@example.org").await;
    page.picture("admin-users").await;
    approve_doctor(&server, &page).await;
    invite_colleague(&server, &page).await;
    import_colleagues(&server, &page).await;
    disable_many(&server, &page).await;

    page.body().press("Audit log").await;
    let audit = page.part("Audit log");
    audit.choose("What", "Login").await;
    page.sees("failure").await;
    page.check("admin-audit").await;
    audit.fill("Done by user id", "nobody").await;
    audit.press("Search").await;
    page.sees("Nothing of this kind was recorded.").await;

    page.body().press("Log out").await;
    page.part("Administration")
        .says("You are logged out.")
        .await;
    let left = page
        .script("return document.documentElement.outerHTML")
        .await;
    assert!(!left.as_str().unwrap().contains("example.org"));
    page.check("admin-left").await;
}

/// The mail to Nora was refused.
async fn retry_mail(page: &Page) {
    page.body().press("Mails").await;
    let mails = page.part("Mails that do not arrive");
    page.sees("Code of a registration").await;
    page.sees("refused by the mail server: no such mailbox")
        .await; // MAIL-8
    page.check("admin-mails").await;
    mails.press("Try again: the mail to nora@example.org").await;
    mails
        .says("The mail to nora@example.org is tried again.")
        .await;
    page.sees("Nothing is held up").await;
}

async fn approve_doctor(server: &TestServer, page: &Page) {
    let users = page.part("Users");
    users.fill("Name, e-mail or id", "gregor").await;
    users.press("Search").await;
    page.sees("1 in all").await;
    users.press("Open Jane Doe").await;
    let user = page.part("Jane Doe");
    page.sees("MD-12345").await;
    page.picture("admin-user").await;
    user.press("Approve").await;
    user.says("The doctor is approved.").await;
    let doctor = server.logged_in("gregor@example.org").await;
    let me = server.get_as(&doctor.token, "/auth/me").await.expect(200);
    assert_eq!(me.body["approved"], true);

    user.press("Unlock").await;
    user.says("Failed logins are forgotten.").await;
    user.press("End sessions").await;
    user.says("sessions have ended.").await;
    server
        .get_as(&doctor.token, "/auth/me")
        .await
        .refused(401, "SESSION_ERROR");
    user.press("Disable").await;
    page.part("Disable?").press("Disable").await;
    user.says("The account is disabled.").await;
    server
        .login("gregor", PASSWORD)
        .await
        .refused(403, "ACCESS_DENIED");
    user.press("Enable").await;
    user.says("The account may be used again.").await;
    user.press("Close").await;
}

async fn invite_colleague(server: &TestServer, page: &Page) {
    let users = page.part("Users");
    users.press("Invite a colleague").await;
    let invitation = page.part("Invite a colleague");
    page.check("admin-invitation").await;
    invitation.fill("E-mail", "ada@example.org").await;
    invitation.fill("First name", "Dana").await;
    invitation.fill("Last name (optional)", "Desk").await;
    invitation.press("Send the invitation").await;
    invitation.says("already").await;
    page.refused(409, "/admin/users").await;
    invitation.fill("E-mail", "dana@example.org").await;
    invitation.press("Send the invitation").await;
    users
        .says("The invitation is on its way to dana@example.org.")
        .await;
    let token = server.link_token_for("dana@example.org").await;
    let dana = server.accept("dana@example.org", &token).await;

    users.fill("Name, e-mail or id", "dana").await;
    users.press("Search").await;
    page.sees("1 in all").await;
    users.press("Open Dana Desk").await;
    let user = page.part("Dana Desk");
    user.press("Delete").await;
    page.part("Delete this account?").press("Delete").await;
    users
        .says(&format!("The account {} is deleted.", dana.user_id))
        .await;
    page.sees("No user is like that.").await;
}

async fn import_colleagues(server: &TestServer, page: &Page) {
    let users = page.part("Users");
    users.press("Invite many from a file").await;
    let import = page.part("Invite many from a file");
    page.check("admin-import").await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("colleagues.csv");
    let text = "email;user_type;first_name\neve@example.org;staff;<b>Eve</b>\ngus@example.org;admin;Gus\nnobody;staff;Nobody\n";
    fs::write(&file, text).unwrap();
    import.fill("CSV file", file.to_str().unwrap()).await;
    import.press("Check the file").await;
    import
        .says("2 invitations would be sent, 1 row would be refused. Nothing is sent yet.")
        .await;
    page.sees("Row 4, column 1 (email): ").await;
    page.check("admin-import-checked").await;
    assert_eq!(server.mails_to("eve@example.org").await, 0);
    import.press("Send 2 invitations").await;
    import.says("2 invitations on the way, 1 refused.").await;
    assert_eq!(server.mails_to("eve@example.org").await, 1);
    import.press("Close").await;
}

/// Ticks the row of `email` by the keyboard.
async fn tick(page: &Page, email: &str) {
    page.sees(email).await;
    let name = format!("Tick {email}");
    page.script(&format!(
        "document.querySelector('[aria-label={name:?}]').focus()"
    ))
    .await;
    page.types(" ").await;
}

async fn disable_many(server: &TestServer, page: &Page) {
    let users = page.part("Users");
    users.fill("Name, e-mail or id", " ").await;
    users.press("Search").await;
    tick(page, "eve@example.org").await;
    tick(page, "gregor@example.org").await;
    page.sees("2 ticked").await;
    page.check("admin-ticked").await;
    users.press("Disable these").await;
    page.sees("2 people cannot log in any more").await;
    page.part("Disable these?").press("Disable these").await;
    users.says("All 2 done.").await;
    server
        .login("gregor", PASSWORD)
        .await
        .refused(403, "ACCESS_DENIED");
    tick(page, "eve@example.org").await;
    tick(page, "gregor@example.org").await;
    users.press("Approve these doctors").await;
    users.says("1 done, 1 refused:").await;
    users.says("Only doctors are approved").await;
    page.check("admin-refused-ones").await;
    users.press("Tick all").await;
    page.sees("4 ticked").await; // Everybody but the administrator.
    users.press("Untick all").await;
    assert!(!users.offers("Enable these").await);
}

#[tokio::test]
async fn an_administrator_works_on_a_telephone() {
    administrator_journey(Phone).await;
}

#[tokio::test]
async fn an_administrator_works_on_a_desktop() {
    administrator_journey(Desktop).await;
}

#[tokio::test]
async fn staff_sees_only_the_actions_that_it_may_use() {
    let (server, ada) = clinic().await;
    server.staff(&ada, "dana").await;
    let page = open_logged_in(&server, Phone, "dana@example.org").await;
    page.sees("Failed logins, last hour").await;
    assert!(!page.body().offers("Audit log").await);
    page.body().press("Registrations").await;
    let pending = page.part("Registrations that wait for their code");
    let nora = pending.row("nora@example.org");
    page.sees("nora@example.org").await;
    assert!(nora.offers("Send code").await && !nora.offers("Delete").await);
    page.check("desk-registrations").await;
    page.body().press("Users").await;
    page.sees("gregor@example.org").await;
    let users = page.part("Users");
    assert!(!users.offers("Invite").await);
    users.row("gregor@example.org").press("Open Jane Doe").await;
    page.sees("MD-12345").await;
    let user = page.part("Jane Doe");
    assert!(user.offers("Close").await && !user.offers("Unlock").await);
    assert!(!page.text().await.contains("Pregnant"));
    page.check("desk-user").await;
    user.press("Close").await;
    users.row("maria@example.org").press("Open Jane Doe").await;
    page.sees("Last login").await;
    user.press("Unlock").await;
    user.says("Failed logins are forgotten.").await;
    user.press("Send password reset").await;
    user.says("A mail is on its way to maria@example.org.")
        .await;
    page.check("desk-patient").await;
    assert!(!user.offers("Disable").await && !user.offers("Delete").await);
}

#[tokio::test]
async fn patients_get_no_access_and_admins_cannot_change_themselves() {
    let (server, _) = clinic().await;
    let page = open_logged_in(&server, Desktop, "maria").await;
    let login = page.part("Administration");
    login
        .says("This account has no part in the administration.")
        .await;
    page.check("admin-refused").await;
    log_in(&page, "ada@example.org").await;
    page.body().press("Users").await;
    page.part("Users")
        .row("ada@example.org")
        .press("Open admin")
        .await;
    page.sees("This is you.").await;
    assert!(!page.part("admin").offers("Disable").await);
}

#[tokio::test]
async fn a_list_loads_page_by_page() {
    let (server, _) = clinic().await;
    for number in 0..25 {
        server.advance(Duration::seconds(1)).await; // Each registration has another time, so the order is certain.
        let registered = server.register(&format!("person{number:02}")).await;
        registered.expect(200);
    }
    let page = open_logged_in(&server, Desktop, "ada@example.org").await;
    page.body().press("Registrations").await;
    page.sees("Page 1, 27 in all").await;
    let pending = page.part("Registrations that wait for their code");
    assert!(!pending.offers("Previous").await);
    page.sees("person24@example.org").await;
    pending.press("Next").await;
    page.sees("Page 2, 27 in all").await;
    page.sees("person00@example.org").await;
    assert!(!pending.offers("Next").await && !page.text().await.contains("person24"));
    page.check("admin-second-page").await;
    pending.press("Previous").await;
    page.sees("person24@example.org").await;
}

#[tokio::test]
async fn a_failed_list_shows_the_error_and_can_be_reloaded() {
    let (server, _) = clinic().await;
    let page = open_logged_in(&server, Desktop, "ada@example.org").await;
    page.sees("Failed logins, last hour").await;
    page.connected(false).await;
    page.body().press("Users").await;
    let users = page.part("Users");
    users.says("The service cannot be reached.").await;
    page.sees("This list could not be loaded.").await;
    page.clear_console_messages().await;
    page.check("admin-failed").await;
    page.connected(true).await;
    users.press("Try again").await;
    page.sees("gregor@example.org").await;
    assert!(!page.text().await.contains("cannot be reached"));
}
