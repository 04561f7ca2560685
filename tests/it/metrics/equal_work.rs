//! A typed code costs the same number of round trips to the database for every kind of address (ENUM-8).

use bson::doc;
use clinic_auth::config::Settings;

use super::sample;
use crate::harness::{Answer, PASSWORD, TestServer, wrong_code};

const NEW: &str = "another good passphrase";

async fn trips(server: &TestServer, operation: &str) -> u64 {
    let name = format!("clinic_auth_database_operations_total{{operation=\"{operation}\"}}");
    sample(server, &name).await
}

/// How many round trips a refused try makes.
async fn cost(server: &TestServer, operation: &str, send: impl Future<Output = Answer>) -> u64 {
    let before = trips(server, operation).await;
    send.await.refused(400, "OTP_ERROR");
    trips(server, operation).await - before
}

/// The names before the @, one for each kind of address.
const ADDRESS_KINDS: [&str; 9] = [
    "nobody", "account", "coded", "pending", "crowded", "verified", "disabled", "invited", "doctor",
];

fn few_tries(settings: &mut Settings) {
    settings.config.otp.max_failures_per_day = 3;
    settings.config.otp.max_attempts = 10;
}

/// Makes every kind of address. Returns the token and the code of the pending registration too.
async fn address_kinds() -> (TestServer, String, String) {
    let server = TestServer::start_with(few_tries).await;
    let admin = server.admin("boss").await;
    for name in ["account", "coded", "verified", "disabled"] {
        let id = server.patient(name).await.text("user_id");
        if name == "disabled" {
            server
                .set_stored_account(&id, doc! { "status": "disabled" })
                .await;
        }
    }
    server.doctor("doctor").await;
    let invitation = crate::harness::invitation("invited", "staff");
    let invited = server
        .post_as(&admin.token, "/admin/users", invitation)
        .await;
    invited.expect(200);
    server.forgot("coded@example.org").await.expect(200);
    for name in ["crowd1", "crowd2", "crowd3"] {
        server
            .register_at("crowded@example.org", name)
            .await
            .expect(200);
    }
    let token = server.register("pending").await.expect(200);
    let otp = server.code_for("pending@example.org").await;
    server.deliver().await;
    (server, token.text("registration_token"), otp)
}

#[tokio::test]
async fn wrong_codes_cost_the_same_round_trips_for_any_address() {
    let (server, token, otp) = address_kinds().await;
    let wrong = wrong_code(&otp, 1);
    let junk = "x".repeat(43);
    server.verify("first@example.org", &wrong).await.expect(400);
    // For each address: the three tries of a day, the first try beyond this limit, and two more.
    let mut all = Vec::new();
    for name in ADDRESS_KINDS {
        let email = format!("{name}@example.org");
        let mut costs = Vec::new();
        for n in 0..6 {
            let typed = wrong_code(&wrong, n);
            let tried = server.verify(&email, &typed);
            costs.push(cost(&server, "verify_otp", tried).await);
        }
        let with_junk = server.verify_with(&junk, &email, &wrong);
        costs.push(cost(&server, "verify_otp", with_junk).await);
        all.push((name, costs));
    }
    for (name, costs) in &all {
        assert_eq!(costs, &all[0].1, "{name}: {all:?}");
    }
    let pending = server.verify_with(&token, "nobody2@example.org", &wrong);
    let elsewhere = cost(&server, "verify_otp", pending).await;
    let strangers = server.verify_with(&junk, "nobody3@example.org", &wrong);
    assert_eq!(elsewhere, cost(&server, "verify_otp", strangers).await);
}

#[tokio::test]
async fn wrong_reset_codes_cost_the_same_for_any_address() {
    let (server, _, otp) = address_kinds().await;
    let first = server.reset_by_code("first@example.org", &otp, NEW).await;
    first.expect(400);
    let mut all = Vec::new();
    for name in ADDRESS_KINDS {
        let email = format!("{name}@example.org");
        let mut costs = Vec::new();
        for n in 0..6 {
            let typed = wrong_code(&otp, n);
            let tried = server.reset_by_code(&email, &typed, NEW);
            costs.push(cost(&server, "reset_password", tried).await);
        }
        all.push((name, costs));
    }
    for (name, costs) in &all {
        assert_eq!(costs, &all[0].1, "{name}: {all:?}");
    }
}

#[tokio::test]
async fn a_wrong_code_with_a_token_costs_the_same_for_any_token() {
    let (server, token, otp) = address_kinds().await;
    let wrong = wrong_code(&otp, 1);
    let junk = "x".repeat(43);
    server.verify("first@example.org", &wrong).await.expect(400);
    let (mut mine, mut strange) = (Vec::new(), Vec::new());
    for n in 0..6 {
        let code = wrong_code(&wrong, n);
        let with_mine = server.verify_with(&token, "pending@example.org", &code);
        mine.push(cost(&server, "verify_otp", with_mine).await);
        let with_junk = server.verify_with(&junk, "nobody@example.org", &code);
        strange.push(cost(&server, "verify_otp", with_junk).await);
    }
    assert_eq!(mine, strange);
}

#[tokio::test]
async fn an_impossible_code_costs_the_same_for_any_address() {
    let (server, token, _) = address_kinds().await;
    server.verify("first@example.org", "1").await.expect(400);
    server
        .reset_by_code("first@example.org", "1", NEW)
        .await
        .expect(400);
    let mut costs = Vec::new();
    for name in ADDRESS_KINDS {
        let email = format!("{name}@example.org");
        costs.push([
            cost(&server, "verify_otp", server.verify(&email, "12345")).await,
            cost(
                &server,
                "verify_otp",
                server.verify_with(&token, &email, "12345"),
            )
            .await,
            cost(
                &server,
                "reset_password",
                server.reset_by_code(&email, "12345", NEW),
            )
            .await,
        ]);
    }
    for kind in &costs {
        assert_eq!(kind, &costs[0], "{costs:?}");
    }
}

// MFA-23
#[tokio::test]
async fn a_refused_login_is_the_same_with_and_without_factors() {
    let server = TestServer::start().await;
    server.secured("jane").await;
    server.patient("ben").await;
    server.login("ben", PASSWORD).await.expect(200);
    let mut all = Vec::new();
    for name in ["jane", "ben"] {
        let before = (
            trips(&server, "login").await,
            server.app.hasher.hashes_done(),
        );
        let mut refused = server.login(name, "wrong").await.expect(401);
        for field in ["timestamp", "request_id"] {
            refused.body["error"][field].take();
        }
        let trips = trips(&server, "login").await - before.0;
        let hashes = server.app.hasher.hashes_done() - before.1;
        let mut headers = refused.headers;
        headers.remove("x-request-id");
        headers.remove("date");
        all.push((refused.body, headers, trips, hashes));
    }
    assert_eq!(all[0], all[1]);
}
