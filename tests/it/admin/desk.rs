//! The desk unlocks patients and mails them a reset; it does neither for colleagues (contract 3).

use bson::doc;
use kernel::ids::UserId;

use super::clinic;
use crate::harness::{PASSWORD, TestServer};

async fn lock(server: &TestServer, name: &str) {
    for _ in 0..5 {
        let wrong = server.login(name, "a wrong password").await;
        wrong.refused(401, "AUTH_FAILED");
    }
    assert_locked(server, name).await;
}

async fn assert_locked(server: &TestServer, name: &str) {
    let answer = server.login(name, PASSWORD).await;
    answer.refused(429, "RATE_LIMIT");
}

#[tokio::test]
async fn the_desk_unlocks_a_patient_and_mails_a_reset() {
    let (server, admin) = clinic().await;
    let staff = server.staff(&admin, "desk").await;
    let jane = server.patient("jane").await.text("user_id");
    let (unlock, reset) = (
        format!("/admin/users/{jane}/unlock"),
        format!("/admin/users/{jane}/reset-password"),
    );
    lock(&server, "jane").await;
    server.call_as(&staff.token, &unlock).await.expect(200);
    server.login("jane", PASSWORD).await.expect(200);
    server.call_as(&staff.token, &reset).await.expect(200);
    let token = server.link_token_for("jane@example.org").await;
    let new = "another good passphrase";
    server.reset_by_link(&token, new).await.expect(200);
    server.login("jane", new).await.expect(200);
    let trail = format!("/admin/audit-log?actor={}&subject={jane}", staff.user_id);
    let trail = server.get_as(&admin.token, &trail).await.expect(200);
    let actions = super::column(&trail, "entries", "action");
    assert_eq!(actions, ["reset_start", "user_unlock"]);
    // An unlock allows more passwords to be guessed, so the desk has ten a day for one patient.
    for _ in 2..10 {
        server.call_as(&staff.token, &unlock).await.expect(200);
    }
    for path in [&unlock, &reset] {
        let answer = server.call_as(&staff.token, path).await;
        answer.refused(429, "RATE_LIMIT");
        server.call_as(&admin.token, path).await.expect(200);
    }
}

#[tokio::test]
async fn the_desk_helps_no_doctor_colleague_or_administrator() {
    let (server, admin) = clinic().await;
    let staff = server.staff(&admin, "desk").await;
    let colleague = server.staff(&admin, "dana").await;
    let doctor = server.doctor("house").await.text("user_id");
    lock(&server, "house").await;
    server.deliver().await;
    let mails = server.mails.sent().len();
    for user_id in [&doctor, &colleague.user_id, &admin.user_id, &staff.user_id] {
        for action in ["unlock", "reset-password"] {
            let path = format!("/admin/users/{user_id}/{action}");
            let answer = server.call_as(&staff.token, &path).await;
            answer.refused(403, "ACCESS_DENIED");
        }
    }
    let path = "/admin/users/PAT99999999/unlock";
    let answer = server.call_as(&staff.token, path).await;
    answer.refused(404, "USER_NOT_FOUND");
    server.deliver().await;
    assert_eq!(server.mails.sent().len(), mails);
    assert_locked(&server, "house").await;
    let path = format!("/admin/users/{doctor}/unlock");
    server.call_as(&admin.token, &path).await.expect(200);
    server.login("house", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn an_account_that_is_no_patients_any_more_stays_locked() {
    let server = TestServer::start().await;
    let jane = server.patient("jane").await.text("user_id");
    lock(&server, "jane").await;
    let lockouts = server.app.store.lockouts();
    let user_id = UserId::from_stored(jane.clone());
    // The state between the look at the account and the update.
    server
        .set_stored_account(&jane, doc! { "user_type": "staff" })
        .await;
    lockouts.clear_of_patient(&user_id).await.unwrap();
    server
        .set_stored_account(&jane, doc! { "user_type": "patient" })
        .await;
    assert_locked(&server, "jane").await;
    lockouts.clear_of_patient(&user_id).await.unwrap();
    server.login("jane", PASSWORD).await.expect(200);
}
