//! A passkey as the second step of a login, as a fresh proof, and as the first factor of a role that must have one.

use chrono::Duration;
use kernel::role::Role;
use serde_json::{Value, json};
use testkit::authenticator::{Behaviour, SoftPasskey};

use super::{claims, honest};
use crate::harness::{Answer, PASSWORD, TestServer};

impl TestServer {
    /// The refusal of a right password, which says how to continue.
    async fn waiting(&self, name: &str) -> Value {
        let refused = self.login(name, PASSWORD).await;
        refused.refused(403, "MFA_REQUIRED");
        refused.body["error"]["details"].clone()
    }

    async fn second_by(&self, details: &Value, passkey: Value) -> Answer {
        let body = json!({ "mfa_token": details["mfa_token"], "passkey": passkey });
        self.post("/auth/login/mfa", body).await
    }
}

// PK-6, MFA-8
#[tokio::test]
async fn a_passkey_is_the_second_step_of_its_owner_only() {
    let server = TestServer::start().await;
    let (jane, theo) = (server.fresh("jane").await, server.fresh("theo").await);
    let mut passkey = server.add_passkey(&jane, &honest()).await;
    let mut others = server.add_passkey(&theo, &honest()).await;

    let details = server.waiting("jane").await;
    assert_eq!(details["methods"], json!(["passkey", "recovery_code"]));
    let allowed = &details["passkey"]["allowCredentials"];
    assert_eq!(
        *allowed,
        json!([{ "type": "public-key", "id": passkey.id() }])
    );
    let answer = passkey.sign(&details["passkey"], &honest());
    let done = server.second_by(&details, answer.clone()).await.expect(200);
    assert_eq!(
        claims(&done.token())["amr"],
        json!(["pwd", "hwk", "user", "mfa"])
    );
    let again = server.second_by(&details, answer).await;
    again.refused(401, "AUTH_FAILED");

    // Another account's passkey; then this one, whose ceremony was used up by it (PK-1).
    let details = server.waiting("jane").await;
    let theirs = others.sign(&details["passkey"], &honest());
    let refused = server.second_by(&details, theirs).await;
    refused.refused(400, "PASSKEY_ERROR");
    let late = passkey.sign(&details["passkey"], &honest());
    let refused = server.second_by(&details, late).await;
    refused.refused(400, "PASSKEY_ERROR");

    // The ceremony of another login, and of a login without a password.
    let (first, second) = (server.waiting("jane").await, server.waiting("jane").await);
    let answer = passkey.sign(&first["passkey"], &honest());
    let refused = server.second_by(&second, answer).await;
    refused.refused(400, "PASSKEY_ERROR");
    let begun = server.begin_login().await;
    let answer = passkey.sign(&begun.body["public_key"], &honest());
    server
        .second_by(&first, answer)
        .await
        .refused(400, "PASSKEY_ERROR");
    for bad in [json!({}), json!("x"), json!({ "id": "AAAA" })] {
        let refused = server.second_by(&first, bad).await.expect(422);
        assert_eq!(refused.validation_errors(), ["passkey invalid"]);
    }
}

// PK-6, PK-1, MFA-16, MFA-21
#[tokio::test]
async fn a_passkey_proves_afresh_who_is_calling() {
    let server = TestServer::start().await;
    let (jane, theo) = (server.fresh("jane").await, server.fresh("theo").await);
    let mut passkey = server.add_passkey(&jane, &honest()).await;
    let mut others = server.add_passkey(&theo, &honest()).await;
    let other_session = server
        .log_in_by(&mut passkey, &honest())
        .await
        .expect(200)
        .token();
    server.advance(Duration::minutes(6)).await;
    server
        .begin_passkey(&jane)
        .await
        .refused(403, "REAUTH_REQUIRED");
    let begin = async |token: &str| {
        let begun = server
            .call_as(token, "/auth/reauthenticate/begin")
            .await
            .expect(200);
        (begun.text("challenge_id"), begun.body["passkey"].clone())
    };
    let prove = async |token: &str, id: &str, answer: Value| {
        let body = json!({ "challenge_id": id, "passkey": answer });
        server.post_as(token, "/auth/reauthenticate", body).await
    };

    let (id, options) = begin(&jane).await;
    let theirs = others.sign(&options, &honest());
    prove(&jane, &id, theirs)
        .await
        .refused(400, "PASSKEY_ERROR");
    let answer = passkey.sign(&options, &honest());
    prove(&jane, &id, answer).await.refused(401, "AUTH_FAILED");
    // Begun in another session.
    let (id, options) = begin(&other_session).await;
    let answer = passkey.sign(&options, &honest());
    prove(&jane, &id, answer).await.refused(401, "AUTH_FAILED");
    server
        .begin_passkey(&jane)
        .await
        .refused(403, "REAUTH_REQUIRED");

    let (id, options) = begin(&jane).await;
    let answer = passkey.sign(&options, &honest());
    prove(&jane, &id, answer).await.expect(200);
    server.begin_passkey(&jane).await.expect(200);
    server
        .begin_passkey(&other_session)
        .await
        .refused(403, "REAUTH_REQUIRED");
    let half = json!({ "challenge_id": "x", "password": PASSWORD });
    let refused = server.post_as(&jane, "/auth/reauthenticate", half).await;
    assert_eq!(refused.validation_errors(), ["password one_of"]);
}

// MFA-17, PK-10
#[tokio::test]
async fn a_role_that_must_have_a_factor_begins_with_a_passkey() {
    let before = TestServer::start().await;
    before.patient("jane").await;
    let server = before
        .another_with(|settings| {
            settings.config.mfa.required_roles = Some(vec![Role::Patient]);
        })
        .await;
    let refused = server.login("jane", PASSWORD).await;
    refused.refused(403, "MFA_ENROLMENT_REQUIRED");
    let token = refused.body["error"]["details"]["mfa_token"].clone();
    let begun = server
        .post("/auth/passkeys/begin", json!({ "mfa_token": token }))
        .await
        .expect(200);
    let (mut passkey, answer) = SoftPasskey::create(&begun.body["public_key"], &honest());
    let body = json!({
        "challenge_id": begun.text("challenge_id"), "credential": answer, "mfa_token": token,
        "name": "Blue key",
    });
    let added = server
        .post("/auth/passkeys", body.clone())
        .await
        .expect(200);
    assert_eq!(
        added.body["recovery_codes"].as_array().map(Vec::len),
        Some(10)
    );
    assert_eq!(
        claims(&added.token())["amr"],
        json!(["pwd", "hwk", "user", "mfa"])
    );
    server
        .post("/auth/passkeys", body)
        .await
        .refused(401, "AUTH_FAILED");

    let mfa = server.get_as(&added.token(), "/auth/mfa").await.expect(200);
    let listed = &mfa.body["passkeys"][0];
    assert_eq!(listed["passkey_id"], passkey.id());
    assert_eq!(listed["name"], "Blue key");
    assert_eq!(listed["transports"], json!(["hybrid", "internal"]));
    assert_eq!(
        (&listed["synced"], &listed["last_used_at"]),
        (&json!(false), &Value::Null)
    );
    let path = format!("/auth/passkeys/{}", passkey.id());
    server
        .delete_as(&added.token(), &path)
        .await
        .refused(409, "FACTOR_REQUIRED");
    server.log_in_by(&mut passkey, &honest()).await.expect(200);
}

// MFA-10, MFA-17: ceremonies begun in advance give no further tries.
#[tokio::test]
async fn five_wrong_passkeys_end_the_login_that_must_have_a_factor() {
    let before = TestServer::start().await;
    before.patient("jane").await;
    let server = before
        .another_with(|settings| {
            settings.config.mfa.required_roles = Some(vec![Role::Patient]);
        })
        .await;
    let waiting = server.login("jane", PASSWORD).await.expect(403);
    let token = waiting.body["error"]["details"]["mfa_token"].clone();
    let mut statuses = Vec::new();
    let mut begun = Vec::new();
    for _ in 0..6 {
        let body = json!({ "mfa_token": token });
        begun.push(server.post("/auth/passkeys/begin", body).await.expect(200));
    }
    for (n, begun) in begun.iter().enumerate() {
        let behaviour = Behaviour {
            user_verified: n == 5,
            ..honest()
        };
        let (_, answer) = SoftPasskey::create(&begun.body["public_key"], &behaviour);
        let body = json!({
            "challenge_id": begun.text("challenge_id"), "credential": answer, "mfa_token": token,
        });
        statuses.push(server.post("/auth/passkeys", body).await.status);
    }
    assert_eq!(statuses, [400, 400, 400, 400, 400, 401]);
}
