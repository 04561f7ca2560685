//! How many database round trips a request makes: no more than the rules ask for, each of them named here.

use bson::doc;
use serde_json::json;

use super::sample;
use crate::harness::{PASSWORD, TestServer};

/// Round trips of an operation so far.
async fn trips(server: &TestServer, operation: &str) -> u64 {
    let name = format!("clinic_auth_database_operations_total{{operation=\"{operation}\"}}");
    sample(server, &name).await
}

#[tokio::test]
async fn each_request_makes_as_few_round_trips_as_the_rules_allow() {
    let server = TestServer::start().await;
    let jane = server.patient("jane").await;
    server.login("jane", PASSWORD).await.expect(200); // The packs of the throttles are there.

    let before = trips(&server, "login").await;
    let again = server.login("jane", PASSWORD).await.expect(200);
    assert_eq!(trips(&server, "login").await - before, LOGIN);

    server.refresh("x").await.expect(401);
    let before = trips(&server, "refresh").await;
    server.refresh(&again.refresh_token()).await.expect(200);
    assert_eq!(trips(&server, "refresh").await - before, REFRESH);

    server.follow().await;
    server.get_as(&jane.token(), "/users/me").await.expect(200);
    let before = trips(&server, "validate_token").await;
    let token = json!({ "token": jane.token() });
    server.post("/auth/validate-token", token).await.expect(200);
    assert_eq!(trips(&server, "validate_token").await, before);
}

#[tokio::test]
async fn an_account_of_the_older_service_is_completed_once() {
    let server = TestServer::start().await;
    let user_id = server.patient("jane").await.text("user_id");
    server.login("jane", PASSWORD).await.expect(200); // The packs of the throttles are there.
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
    server.follow().await;
    server.get_as(&first, "/users/me").await.expect(200);
    let before = trips(&server, "users_me").await;
    server.login("jane", PASSWORD).await.expect(200);
    server.get_as(&first, "/users/me").await.expect(200);
    assert_eq!(trips(&server, "users_me").await, before);
}

#[tokio::test]
async fn becoming_a_user_makes_as_few_round_trips_as_the_rules_allow() {
    let server = TestServer::start().await;
    server.patient("jane").await; // The windows of the caller's address are running.

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
async fn a_refused_login_makes_as_many_round_trips_whoever_is_named() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    server.login("jane", PASSWORD).await.expect(200); // The packs of the throttles are there.
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
    // Two names are looked up: what is typed may be an old username as well.
    assert_eq!([by_email, by_id], [nobody + 1; 2]);
}

/// The limits of the address and of all are counted in packs that are there already. 1 the owner of the name; 2 the try, on
/// the account; 3-4 the audit record and its chain's head; 5 the session; 6 the success, on the account.
const LOGIN: u64 = 6;
/// 1 the session; 2 the account; 3-4 the audit record and its chain's head; 5 the rotation.
const REFRESH: u64 = 5;
/// 1 the limit of the address of the caller; 2 that of the e-mail address; 3 whether that is an account's; 4 its other
/// registrations; 5 the user id; 6 the username; 7 one of the e-mail address's places; 8 the registration; 9-10 the audit
/// record and its chain's head; 11 the intent of a mail.
const REGISTER: u64 = 11;
/// 1 the code of the token; 2 the registration's wrong codes of the day, 3 the address's with tokens (OTP-11); 4 the try;
/// 5 it was no wrong code; 6-7 the audit record and its chain's head; 8 the code is consumed; 9 the registration becomes an
/// account; 10 the e-mail address, 11 the username, 12 the user id are its own; 13 the account; 14 the address's other
/// registrations; 15 what the code was used for is done; 16 the names that are only held, 17 the place and 18 the
/// registration go; 19 the session; 20 the account as it is now.
const VERIFY: u64 = 20;
