//! People with a second factor, and an authenticator app that knows nothing of the service's own code.

use aws_lc_rs::hmac;
use chrono::Duration;
use kernel::clock::Timestamp;
use serde_json::{Value, json};

use super::{Answer, PASSWORD, TestServer};

/// An authenticator app (RFC 6238).
#[derive(Debug, Clone)]
pub(crate) struct Authenticator(Vec<u8>);

impl Authenticator {
    /// With the seed that a person types.
    pub(crate) fn new(base32: &str) -> Self {
        let (mut bits, mut held, mut seed) = (0_u32, 0, Vec::new());
        for c in base32.bytes() {
            let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
                .iter()
                .position(|known| *known == c);
            bits = (bits << 5) | u32::try_from(value.unwrap()).unwrap();
            held += 5;
            if held >= 8 {
                held -= 8;
                seed.push(u8::try_from((bits >> held) & 0xff).unwrap());
            }
        }
        Self(seed)
    }

    /// The code at a moment.
    pub(crate) fn code(&self, at: Timestamp) -> String {
        let step = u64::try_from(at.timestamp()).unwrap() / 30;
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let mac = hmac::sign(&key, &step.to_be_bytes());
        let mac = mac.as_ref();
        let offset = usize::from(mac[19] & 0xf);
        let word = u32::from_be_bytes(mac[offset..offset + 4].try_into().unwrap());
        format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
    }
}

/// A person with an authenticator app.
#[derive(Debug)]
pub(crate) struct Secured {
    pub(crate) name: String,
    pub(crate) user_id: String,
    /// Of the session that set it up: fresh, and raised.
    pub(crate) token: String,
    pub(crate) app: Authenticator,
    pub(crate) recovery_codes: Vec<String>,
}

impl TestServer {
    /// A patient `name` with an authenticator app, half a minute after it was confirmed.
    pub(crate) async fn secured(&self, name: &str) -> Secured {
        self.patient(name).await;
        let secured = self.secure(name).await;
        self.advance(Duration::seconds(30)).await;
        secured
    }

    /// Gives the account `name` an authenticator app.
    pub(crate) async fn secure(&self, name: &str) -> Secured {
        let login = self.login(name, PASSWORD).await.expect(200);
        let (app, confirmed) = self.add_totp(&login.token()).await;
        let codes = confirmed.expect(200).body["recovery_codes"].clone();
        Secured {
            name: name.to_owned(),
            user_id: login.text("user_id"),
            token: login.token(),
            app,
            recovery_codes: serde_json::from_value(codes).unwrap(),
        }
    }

    /// Begins and confirms an authenticator app.
    pub(crate) async fn add_totp(&self, token: &str) -> (Authenticator, Answer) {
        let begun = self
            .call_as(token, "/auth/mfa/totp/begin")
            .await
            .expect(200);
        let app = Authenticator::new(&begun.text("secret"));
        let code = json!({ "totp_code": app.code(self.clock.now()) });
        let confirmed = self.post_as(token, "/auth/mfa/totp/confirm", code).await;
        (app, confirmed)
    }

    /// The code of the authenticator app now.
    pub(crate) fn totp(&self, person: &Secured) -> String {
        person.app.code(self.clock.now())
    }

    /// Enters the password of a person with a second factor: the token of the login that waits.
    pub(crate) async fn mfa_token(&self, name: &str) -> String {
        let answer = self.login(name, PASSWORD).await;
        answer.refused(403, "MFA_REQUIRED");
        mfa_token_in(&answer)
    }

    /// The second step by the authenticator app.
    pub(crate) async fn second_step(&self, mfa_token: &str, code: &str) -> Answer {
        let body = json!({ "mfa_token": mfa_token, "totp_code": code });
        self.post("/auth/login/mfa", body).await
    }

    /// The second step with these fields.
    pub(crate) async fn second_step_with(&self, mfa_token: &str, fields: Value) -> Answer {
        let mut body = json!({ "mfa_token": mfa_token });
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.post("/auth/login/mfa", body).await
    }

    /// Both steps of a login.
    pub(crate) async fn log_in_with_totp(&self, person: &Secured) -> Answer {
        let mfa_token = self.mfa_token(&person.name).await;
        self.second_step(&mfa_token, &self.totp(person)).await
    }

    /// Proves again who is calling.
    pub(crate) async fn reauthenticate(&self, token: &str, proof: Value) -> Answer {
        self.post_as(token, "/auth/reauthenticate", proof).await
    }

    /// What validate-token says about a token.
    pub(crate) async fn amr(&self, token: &str) -> String {
        let body = json!({ "token": token });
        let valid = self.post("/auth/validate-token", body).await.expect(200);
        let names = valid.body["amr"].as_array().unwrap().iter();
        let names: Vec<_> = names.map(|name| name.as_str().unwrap()).collect();
        names.join(" ")
    }
}

/// The token in the answer to a login that waits.
pub(crate) fn mfa_token_in(answer: &Answer) -> String {
    let token = &answer.body["error"]["details"]["mfa_token"];
    token
        .as_str()
        .unwrap_or_else(|| panic!("no mfa_token in {}", answer.raw))
        .to_owned()
}
