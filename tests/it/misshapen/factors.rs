//! Malformed documents of second factors, and of changes of one's own account (DB-7).

use super::*;
use crate::{
    harness::{Secured, mfa_token_in, wrong_code},
    own_account::{NEW, OLD},
    passkeys::honest,
};

/// Forgets the wrong factors of everybody.
async fn forget_wrong_factors(server: &TestServer) {
    let wrong = doc! { "$unset": { "second_step": "" } };
    let accounts = server.app.store.raw("patients_v2");
    accounts.update_many(doc! {}, wrong).await.unwrap();
}

/// The `_id` of the last row of a collection.
async fn last(server: &TestServer, collection: &str) -> Bson {
    let rows = server.stored(collection).await;
    rows.last().unwrap().get("_id").unwrap().clone()
}

/// Both steps of a login by the app; and what the account has, by another session.
async fn use_app(server: &TestServer, case: &Case<'_>, jane: &Secured) {
    forget_wrong_factors(server).await;
    let waits = server.mfa_token("jane").await;
    let code = server.totp(jane);
    let right = server.second_step(&waits, &code);
    case.ask("right", &[200, 400], right).await;
    let mfa = server.get_as(&jane.token, "/auth/mfa");
    case.ask("overview", &[200], mfa).await;
}

#[tokio::test]
async fn malformed_factors_cause_no_500() {
    let server = server().await;
    let jane = server.secured("jane").await;
    let mut passkey = server.add_passkey(&jane.token, &honest()).await;
    let app = last(&server, "second_factors").await;
    mutate(&server, "second_factors", app, async |case| {
        use_app(&server, case, &jane).await;
        let begin = server.call_as(&jane.token, "/auth/mfa/totp/begin");
        case.ask("begin", &[200], begin).await;
    })
    .await;

    // The row of the first code is the one that its use marks.
    let first = json!({ "recovery_code": jane.recovery_codes[0] });
    let waits = server.mfa_token("jane").await;
    let used = server.second_step_with(&waits, first.clone()).await;
    used.expect(200);
    let rows = server.stored("recovery_codes").await;
    let used = rows.iter().find(|row| row.contains_key("used_at")).unwrap();
    let code = used.get("_id").unwrap().clone();
    let unused = doc! { "$unset": { "used_at": "" } };
    let rows = server.app.store.raw("recovery_codes");
    rows.update_many(doc! {}, unused).await.unwrap();
    mutate(&server, "recovery_codes", code, async |case| {
        forget_wrong_factors(&server).await;
        let waits = server.mfa_token("jane").await;
        let used = server.second_step_with(&waits, first.clone());
        case.ask("use", &[200, 400], used).await;
        let mfa = server.get_as(&jane.token, "/auth/mfa");
        case.ask("overview", &[200], mfa).await;
    })
    .await;

    mutate(&server, "passkeys", passkey.id(), async |case| {
        let passkey = std::cell::RefCell::new(passkey.clone());
        let login = async {
            let begun = server
                .post("/auth/passkeys/login/begin", json!({}))
                .await
                .expect(200);
            let answer = passkey
                .borrow_mut()
                .sign(&begun.body["public_key"], &honest());
            let body = json!({ "challenge_id": begun.text("challenge_id"), "credential": answer });
            server.post("/auth/passkeys/login/finish", body).await
        };
        case.ask("login", &[200, 400], login).await;
        let mfa = server.get_as(&jane.token, "/auth/mfa");
        case.ask("overview", &[200], mfa).await;
    })
    .await;
    server.log_in_by(&mut passkey, &honest()).await.expect(200);
}

#[tokio::test]
async fn malformed_challenges_and_devices_cause_no_500() {
    let server = server().await;
    let jane = server.secured("jane").await;
    let waiting = server.login("jane", PASSWORD).await.expect(403);
    let waits = mfa_token_in(&waiting);
    let wrong = wrong_code(&server.totp(&jane), 1);
    let challenge = last(&server, "login_challenges").await;
    mutate(&server, "login_challenges", challenge, async |case| {
        forget_wrong_factors(&server).await;
        let wrong = server.second_step(&waits, &wrong);
        case.ask("wrong", &[400, 401], wrong).await;
        let code = server.totp(&jane);
        let right = server.second_step(&waits, &code);
        case.ask("right", &[200, 400, 401], right).await;
    })
    .await;

    server.advance(chrono::Duration::seconds(30)).await;
    let token = server.mfa_token("jane").await;
    let fields = json!({ "totp_code": server.totp(&jane), "remember_device": true });
    let remembered = server.second_step_with(&token, fields).await.expect(200);
    let device = remembered.text("device_token");
    let row = last(&server, "known_devices").await;
    mutate(&server, "known_devices", row, async |case| {
        let body = json!({ "username": "jane", "password": PASSWORD, "device_token": device });
        let login = server.post("/auth/login", body);
        case.ask("login", &[200, 403], login).await;
        let mfa = server.get_as(&jane.token, "/auth/mfa");
        case.ask("overview", &[200], mfa).await;
    })
    .await;
}

#[tokio::test]
async fn malformed_changes_of_ones_own_account_cause_no_500() {
    let server = server().await;
    let jane = server.jane().await;
    let token = jane.token();
    let undo = server.moved(&jane).await;
    let third = "jane.third@example.org";
    server.change_email(&token, third).await.expect(200);
    let code = server.code_for(third).await;
    let link = server.link_token_for(third).await;
    let wrong = wrong_code(&code, 1);
    let tick = async |case: &Case<'_>| {
        // That is no other shape: the work has begun, or its day has come.
        let begun = |field| case.what.contains(&format!("{field} = Some(DateTime"));
        if begun("working_since") || begun("due_at") {
            return;
        }
        let sweep = maintenance::tick(&server.app);
        case.within_limit("sweep", sweep).await.unwrap();
    };
    let rows = server.stored("email_changes").await;
    for row in rows {
        let id = row.get("_id").unwrap().clone();
        mutate(&server, "email_changes", id, async |case| {
            let wrong = server.confirm_email(&token, &wrong);
            case.ask("wrong code", &[400], wrong).await;
            for junk in ["x", &undo[..undo.len() - 2]] {
                let junk = server.undo_email(junk);
                case.ask("no undo", &[400], junk).await;
            }
            case.ask(
                "undo link",
                &[400],
                server.use_link("/auth/email/change/confirm", &undo),
            )
            .await;
            tick(case).await;
        })
        .await;
    }
    let confirmed = server.use_link("/auth/email/change/confirm", &link).await;
    confirmed.expect(200);

    server.ask_deletion(&token).await.expect(200);
    let link = server.link_token_for(third).await;
    let row = last(&server, "account_deletions").await;
    mutate(&server, "account_deletions", row.clone(), async |case| {
        let cancel = server.cancel_deletion(&link);
        case.ask("not yet", &[400], cancel).await;
        tick(case).await;
    })
    .await;
    server.confirm_deletion(&link).await.expect(200);
    let cancel = server.link_token_for(third).await;
    mutate(&server, "account_deletions", row, async |case| {
        // Without a day it waits for its confirmation again.
        let again = server.confirm_deletion(&link);
        case.ask("again", &[200, 400], again).await;
        tick(case).await;
    })
    .await;
    server.cancel_deletion(&cancel).await.expect(200);
    assert_eq!(server.login_status(third).await, 200);
    for gone in [OLD, NEW] {
        assert_eq!(server.login_status(gone).await, 401, "{gone}");
    }
}
