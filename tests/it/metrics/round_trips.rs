//! The number of database round trips of a request. The rules need each round trip, and this file names it.

use bson::doc;
use serde_json::json;

use super::sample;
use crate::{
    harness::{PASSWORD, TestServer},
    passkeys::honest,
};

/// The number of round trips of an operation since the start.
async fn trips(server: &TestServer, operation: &str) -> u64 {
    let name = format!("clinic_auth_database_operations_total{{operation=\"{operation}\"}}");
    sample(server, &name).await
}

#[tokio::test]
async fn each_request_makes_as_few_round_trips_as_the_rules_allow() {
    let server = TestServer::start().await;
    let jane = server.patient("jane").await;
    server.login("jane", PASSWORD).await.expect(200);

    let before = trips(&server, "login").await;
    let again = server.login("jane", PASSWORD).await.expect(200);
    assert_eq!(trips(&server, "login").await - before, LOGIN);

    server.refresh("x").await.expect(401);
    let before = trips(&server, "refresh").await;
    server.refresh(&again.refresh_token()).await.expect(200);
    assert_eq!(trips(&server, "refresh").await - before, REFRESH);

    let before = trips(&server, "logout").await;
    let ended = server.call_as(&again.token(), "/auth/logout").await;
    ended.expect(200);
    assert_eq!(trips(&server, "logout").await - before, LOGOUT);

    server.read_revocations().await;
    server.get_as(&jane.token(), "/users/me").await.expect(200);
    let before = trips(&server, "validate_token").await;
    let token = json!({ "token": jane.token() });
    server.post("/auth/validate-token", token).await.expect(200);
    assert_eq!(trips(&server, "validate_token").await, before);
}

// PK-5
#[tokio::test]
async fn a_login_by_passkey_makes_at_most_seven_round_trips() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    let jane = server.login("jane", PASSWORD).await.expect(200).token();
    let mut passkey = server.add_passkey(&jane, &honest()).await;
    let before = trips(&server, "finish_passkey_login").await;
    server.log_in_by(&mut passkey, &honest()).await.expect(200);
    let made = trips(&server, "finish_passkey_login").await - before;
    assert_eq!(made, PASSKEY_LOGIN);
}

#[tokio::test]
async fn an_account_of_the_older_service_is_completed_once() {
    let server = TestServer::start().await;
    let user_id = server.patient("jane").await.text("user_id");
    server.login("jane", PASSWORD).await.expect(200);
    let number = doc! { "mobile": 41_790_000_000_i64 };
    server.set_stored_account(&user_id, number).await;
    for more in [1, 0] {
        let before = trips(&server, "login").await;
        server.login("jane", PASSWORD).await.expect(200);
        assert_eq!(trips(&server, "login").await - before, LOGIN + more);
    }
}

#[tokio::test]
async fn a_login_leaves_the_accounts_other_sessions_in_memory() {
    let server = TestServer::start().await;
    let first = server.patient("jane").await.token();
    server.read_revocations().await;
    server.get_as(&first, "/users/me").await.expect(200);
    let before = trips(&server, "users_me").await;
    server.login("jane", PASSWORD).await.expect(200);
    server.get_as(&first, "/users/me").await.expect(200);
    assert_eq!(trips(&server, "users_me").await, before);
}

#[tokio::test]
async fn a_new_account_makes_as_few_round_trips_as_the_rules_allow() {
    let server = TestServer::start().await;
    server.patient("jane").await; // This request starts the windows of the caller's address.

    let before = trips(&server, "register").await;
    let theo = server.register("theo").await.expect(200);
    assert_eq!(trips(&server, "register").await - before, REGISTER);

    let otp = server.code_for("theo@example.org").await;
    let before = trips(&server, "verify_otp").await;
    let proof = json!({
        "email": "theo@example.org", "otp": otp,
        "registration_token": theo.text("registration_token"),
    });
    server.post("/auth/verify-otp", proof).await.expect(200);
    assert_eq!(trips(&server, "verify_otp").await - before, VERIFY);
}

// ENUM-2
#[tokio::test]
async fn a_refused_login_makes_as_many_round_trips_for_any_name() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    server.login("jane", PASSWORD).await.expect(200);
    let mut counts = Vec::new();
    for name in ["jane", "nobody", "theo@example.org", "PAT00000001"] {
        let before = trips(&server, "login").await;
        server.login(name, "wrong").await.expect(401);
        counts.push(trips(&server, "login").await - before);
    }
    let [jane, nobody, by_email, by_id] = counts[..] else {
        unreachable!()
    };
    assert_eq!(jane, nobody);
    // Two names are looked up, because the typed text may also be an older username.
    assert_eq!([by_email, by_id], [nobody + 1; 2]);
}

#[tokio::test]
async fn a_second_step_makes_as_few_round_trips_as_the_rules_allow() {
    let server = TestServer::start().await;
    let jane = server.secured("jane").await;
    let before = trips(&server, "login").await;
    let token = server.mfa_token("jane").await;
    assert_eq!(trips(&server, "login").await - before, FIRST_STEP);
    let before = trips(&server, "login_second_step").await;
    let code = server.totp(&jane);
    server.second_step(&token, &code).await.expect(200);
    let made = trips(&server, "login_second_step").await - before;
    assert_eq!(made, SECOND_STEP);

    server.patient("ben").await;
    let ben = server.login("ben", PASSWORD).await.expect(200).token();
    let mut passkey = server.add_passkey(&ben, &honest()).await;
    let waiting = server.login("ben", PASSWORD).await.expect(403);
    let details = &waiting.body["error"]["details"];
    let answer = passkey.sign(&details["passkey"], &honest());
    let body = json!({ "mfa_token": details["mfa_token"], "passkey": answer });
    let before = trips(&server, "login_second_step").await;
    server.post("/auth/login/mfa", body).await.expect(200);
    let made = trips(&server, "login_second_step").await - before;
    assert_eq!(made, SECOND_STEP_BY_PASSKEY);
}

/// 1 the owner of the name; 2 the try, on the account; 3 the challenge; 4 the try given back, which was no failure.
const FIRST_STEP: u64 = 4;
/// 1 the challenge is consumed, with a try of it; 2 a try of the account, which is read with it; 3 the seed; 4 its step; 5 the
/// audit event; 6 the session; 7 the success, on the account.
const SECOND_STEP: u64 = 7;
/// The same, with the passkey and its counter for 3 and 4.
const SECOND_STEP_BY_PASSKEY: u64 = 7;
/// 1 the owner of the name; 2 the try, on the account; 3 the audit event; 4 the session; 5 the success, on the account.
/// The limit of the address needs none, because it is counted in the process.
const LOGIN: u64 = 5;
/// 1 the challenge is consumed; 2 the passkey; 3 its owner; 4 the use, with its counter; 5 the audit event; 6 the session; 7 the
/// success, on the account.
const PASSKEY_LOGIN: u64 = 7;
/// 1 the session; 2 the account; 3 the audit event; 4 the rotation.
const REFRESH: u64 = 4;
/// 1 the end of the session, in the row that the feed reads (SES-7); 2 the audit event.
const LOGOUT: u64 = 2;
/// 1 the limit of the caller's IP address; 2 the limit of the e-mail address; 3 the account of the e-mail address; 4
/// its other registrations; 5 the user id; 6 the username; 7 one of its slots; 8 the registration; 9 the audit event;
/// 10 the mail job.
const REGISTER: u64 = 10;
/// 1 the code of the token; 2 the day's counter of the registration; 3 the day's counter of the address for tries with
/// tokens (OTP-11); 4 the try; 5-6 the return of the right try to both counters; 7 the audit event; 8 the consumption
/// of the code; 9 the registration is marked as becoming an account; 10-12 the e-mail address, the username and the
/// user id become active; 13 the account; 14 the other registrations of the address; 15 the mark that the work of the
/// code is done; 16-18 the reservations, the slot and the registration are deleted; 19 the session; 20 the update of
/// the account.
const VERIFY: u64 = 20;
