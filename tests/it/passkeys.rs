//! Passkeys by HTTP, with an authenticator in software.

mod counters;
mod own;
mod races;
mod refused;
mod second_step;

use chrono::Duration;
use kernel::role::Role;
use serde_json::{Value, json};
use testkit::authenticator::{Behaviour, SoftPasskey};

pub(crate) use self::own::ACTIONS;
use crate::harness::{Answer, PASSWORD, TestServer};

/// The origin of the pages of the tests' service.
const ORIGIN: &str = "http://localhost:5001";

/// A browser on those pages, with an honest authenticator.
pub(crate) fn honest() -> Behaviour {
    Behaviour::on(ORIGIN)
}

impl TestServer {
    /// An access token of a session with a fresh proof, for `name`, whom it makes a patient first.
    async fn fresh(&self, name: &str) -> String {
        self.patient(name).await;
        self.login(name, PASSWORD).await.expect(200).token()
    }

    /// Registers a passkey.
    pub(crate) async fn add_passkey(&self, token: &str, behaviour: &Behaviour) -> SoftPasskey {
        let begun = self.begin_passkey(token).await.expect(200);
        let (passkey, answer) = SoftPasskey::create(&begun.body["public_key"], behaviour);
        self.finish_passkey(token, &begun, &answer)
            .await
            .expect(200);
        passkey
    }

    async fn begin_passkey(&self, token: &str) -> Answer {
        self.post_as(token, "/auth/passkeys/begin", json!({})).await
    }

    async fn finish_passkey(&self, token: &str, begun: &Answer, answer: &Value) -> Answer {
        let body = json!({ "challenge_id": begun.text("challenge_id"), "credential": answer });
        self.post_as(token, "/auth/passkeys", body).await
    }

    async fn begin_login(&self) -> Answer {
        self.post("/auth/passkeys/login/begin", json!({}))
            .await
            .expect(200)
    }

    async fn finish_login(&self, begun: &Answer, answer: &Value) -> Answer {
        let body = json!({ "challenge_id": begun.text("challenge_id"), "credential": answer });
        self.post("/auth/passkeys/login/finish", body).await
    }

    /// Logs in by passkey.
    pub(crate) async fn log_in_by(
        &self,
        passkey: &mut SoftPasskey,
        behaviour: &Behaviour,
    ) -> Answer {
        let begun = self.begin_login().await;
        let answer = passkey.sign(&begun.body["public_key"], behaviour);
        self.finish_login(&begun, &answer).await
    }
}

/// The claims of an access token.
fn claims(token: &str) -> Value {
    let body = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&testkit::authenticator::decode(&json!(body))).unwrap()
}

// MFA-22, PK-5
#[tokio::test]
async fn a_passkey_logs_its_owner_in_without_a_password() {
    let server = TestServer::start().await;
    let jane = server.fresh("jane").await;
    let begun = server.begin_passkey(&jane).await.expect(200);
    let options = &begun.body["public_key"];
    let user_id = server.get_as(&jane, "/users/me").await.text("user_id");
    assert_ne!(
        testkit::authenticator::decode(&options["user"]["id"]),
        user_id.as_bytes()
    );
    assert_eq!(options["user"]["name"], "jane");
    let (mut passkey, answer) = SoftPasskey::create(options, &honest());
    let added = server
        .finish_passkey(&jane, &begun, &answer)
        .await
        .expect(200);
    assert_eq!(added.text("passkey_id"), passkey.id());

    let login = server.log_in_by(&mut passkey, &honest()).await.expect(200);
    assert_eq!(login.text("user_id"), user_id);
    let claims = claims(&login.token());
    assert_eq!(claims["amr"], json!(["hwk", "user", "mfa"]));
    assert_eq!(claims["acr"], "urn:clinic-auth:acr:mfa");
    server.get_as(&login.token(), "/users/me").await.expect(200);
    // The proof is a fresh one, so another passkey can be added at once.
    let synced = Behaviour {
        backup_eligible: true,
        backed_up: true,
        ..honest()
    };
    let mut second = server.add_passkey(&login.token(), &synced).await;
    let login = server.log_in_by(&mut second, &synced).await.expect(200);
    assert_eq!(
        self::claims(&login.token())["amr"],
        json!(["swk", "user", "mfa"])
    );
    // One handle for all passkeys of the account.
    assert_eq!(passkey.handle, second.handle);
    assert_eq!(server.log_in_by(&mut passkey, &honest()).await.status, 200);
}

// PK-1
#[tokio::test]
async fn a_challenge_works_once_whatever_comes_of_it() {
    let server = TestServer::start().await;
    let jane = server.fresh("jane").await;
    let mut passkey = server.add_passkey(&jane, &honest()).await;
    let begun = server.begin_login().await;
    let answer = passkey.sign(&begun.body["public_key"], &honest());
    let mut wrong = answer.clone();
    wrong["response"]["signature"] = json!("AAAA");
    server
        .finish_login(&begun, &wrong)
        .await
        .refused(400, "PASSKEY_ERROR");
    server
        .finish_login(&begun, &answer)
        .await
        .refused(401, "AUTH_FAILED");

    let begun = server.begin_login().await;
    let answer = passkey.sign(&begun.body["public_key"], &honest());
    server.advance(Duration::minutes(5)).await;
    server
        .finish_login(&begun, &answer)
        .await
        .refused(401, "AUTH_FAILED");
    for unknown in ["", "x", &"A".repeat(43)] {
        let body = json!({ "challenge_id": unknown, "credential": answer });
        let finished = server.post("/auth/passkeys/login/finish", body).await;
        finished.refused(401, "AUTH_FAILED");
    }
}

// PK-1: the challenge of one purpose is none of another.
#[tokio::test]
async fn the_challenge_of_a_registration_logs_nobody_in() {
    let server = TestServer::start().await;
    let jane = server.fresh("jane").await;
    let mut passkey = server.add_passkey(&jane, &honest()).await;
    let begun = server.begin_passkey(&jane).await.expect(200);
    let options =
        json!({ "challenge": begun.body["public_key"]["challenge"], "rpId": "localhost" });
    let answer = passkey.sign(&options, &honest());
    server
        .finish_login(&begun, &answer)
        .await
        .refused(401, "AUTH_FAILED");

    let begun = server.begin_login().await;
    let mut options = begun.body["public_key"].clone();
    options["rp"] = json!({ "id": "localhost" });
    options["user"] = json!({ "id": "AAAA" });
    let (_, answer) = SoftPasskey::create(&options, &honest());
    let finished = server.finish_passkey(&jane, &begun, &answer).await;
    finished.refused(401, "AUTH_FAILED");
}

// PK-11, MFA-16
#[tokio::test]
async fn a_registration_needs_a_fresh_proof_and_its_own_session() {
    let server = TestServer::start().await;
    let first = server.patient("jane").await.token();
    server
        .begin_passkey(&first)
        .await
        .refused(403, "REAUTH_REQUIRED");
    let jane = server.login("jane", PASSWORD).await.expect(200).token();
    let other = server.login("jane", PASSWORD).await.expect(200).token();
    let create = async |token: &str| {
        let begun = server.begin_passkey(token).await.expect(200);
        let (_, answer) = SoftPasskey::create(&begun.body["public_key"], &honest());
        (begun, answer)
    };

    // Another session of the same account, and another account.
    let (begun, answer) = create(&jane).await;
    server
        .finish_passkey(&other, &begun, &answer)
        .await
        .refused(401, "AUTH_FAILED");
    let (begun, answer) = create(&jane).await;
    let theo = server.fresh("theo").await;
    server
        .finish_passkey(&theo, &begun, &answer)
        .await
        .refused(401, "AUTH_FAILED");

    // A change of the password, then the end of the session.
    let (begun, answer) = create(&jane).await;
    let new = "another long secret";
    server
        .change_password(&jane, PASSWORD, new)
        .await
        .expect(200);
    server
        .finish_passkey(&jane, &begun, &answer)
        .await
        .refused(401, "AUTH_FAILED");
    let jane = server.login("jane", new).await.expect(200).token();
    let (begun, answer) = create(&jane).await;
    server.call_as(&jane, "/auth/logout").await.expect(200);
    server
        .finish_passkey(&jane, &begun, &answer)
        .await
        .refused(401, "SESSION_ERROR");
    assert_eq!(server.stored("passkeys").await.len(), 0);

    // Six minutes later the proof is not fresh any more.
    let jane = server.login("jane", new).await.expect(200).token();
    server.advance(Duration::minutes(6)).await;
    server
        .begin_passkey(&jane)
        .await
        .refused(403, "REAUTH_REQUIRED");
}

// PK-15
#[tokio::test]
async fn the_lock_of_the_password_does_not_lock_passkeys() {
    let server = TestServer::start().await;
    let jane = server.fresh("jane").await;
    let mut passkey = server.add_passkey(&jane, &honest()).await;
    for _ in 0..5 {
        server.login("jane", "wrong").await.expect(401);
    }
    server
        .login("jane", PASSWORD)
        .await
        .refused(429, "RATE_LIMIT");
    server.log_in_by(&mut passkey, &honest()).await.expect(200);
}

// PK-15
#[tokio::test]
async fn a_disabled_owner_is_refused_after_the_proof_only() {
    let server = TestServer::start().await;
    let jane = server.fresh("jane").await;
    let mut passkey = server.add_passkey(&jane, &honest()).await;
    let user_id = server.get_as(&jane, "/users/me").await.text("user_id");
    let disabled = bson::doc! { "status": "disabled" };
    server.set_stored_account(&user_id, disabled).await;
    let stranger = Behaviour {
        user_verified: false,
        ..honest()
    };
    let refused = server.log_in_by(&mut passkey, &stranger).await;
    refused.refused(400, "PASSKEY_ERROR");
    let refused = server.log_in_by(&mut passkey, &honest()).await;
    refused.refused(403, "ACCESS_DENIED");
}

// PK-15, MFA-9: an administrator takes the approval of a doctor back.
#[tokio::test]
async fn a_doctor_without_approval_is_refused_by_every_factor() {
    let server = TestServer::start_with(|settings| {
        settings.config.auth.doctor_approval_required = true;
    })
    .await;
    let (name, email) = ("zoe", "zoe@example.org");
    let user_id = server.doctor(name).await.text("user_id");
    let approved = |is: bool| server.set_stored_account(&user_id, bson::doc! { "approved": is });
    approved(true).await;
    let token = server.login(email, PASSWORD).await.expect(200).token();
    let mut passkey = server.add_passkey(&token, &honest()).await;
    let waiting = server.login(email, PASSWORD).await.expect(403);
    let details = &waiting.body["error"]["details"];
    let answer = passkey.sign(&details["passkey"], &honest());
    approved(false).await;
    let step = json!({ "mfa_token": details["mfa_token"], "passkey": answer });
    let refused = server.post("/auth/login/mfa", step).await;
    refused.refused(401, "AUTH_FAILED");
    let refused = server.log_in_by(&mut passkey, &honest()).await;
    refused.refused(403, "ACCESS_DENIED");
}

// PK-16, MFA-17
#[tokio::test]
async fn without_passkeys_no_answer_offers_one() {
    let before = TestServer::start().await;
    let token = before.fresh("jane").await;
    before.add_passkey(&token, &honest()).await;
    before.patient("ben").await;
    let server = before
        .another_with(|settings| {
            settings.config.passkeys.enabled = false;
            settings.config.mfa.required_roles = Some(vec![Role::Patient]);
        })
        .await;
    let jane = server.login("jane", PASSWORD).await;
    jane.refused(403, "MFA_REQUIRED");
    let ben = server.login("ben", PASSWORD).await;
    ben.refused(403, "MFA_ENROLMENT_REQUIRED");
    for (answer, methods) in [(jane, json!(["recovery_code"])), (ben, json!(["totp"]))] {
        assert_eq!(answer.body["error"]["details"]["methods"], methods);
    }
    let begun = server.call_as(&token, "/auth/reauthenticate/begin").await;
    let methods = &begun.expect(200).body["methods"];
    assert_eq!(methods, &json!(["recovery_code"]));
}

// PK-16
#[tokio::test]
async fn an_ip_address_has_no_passkeys() {
    let server = TestServer::start_with(|settings| {
        "http://127.0.0.1:5001".clone_into(&mut settings.config.service.public_base_url);
    })
    .await;
    let jane = server.fresh("jane").await;
    server.begin_passkey(&jane).await.refused(404, "NOT_FOUND");
    let begun = server.post("/auth/passkeys/login/begin", json!({})).await;
    begun.refused(404, "NOT_FOUND");
}
