//! Tokens with any content that a test needs, signed with the service's own key or with another one.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use clinic_auth::config::{Settings, sections::JwtAlgorithm};
use crypto::Purpose;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::Value;

use crate::harness::{Answer, TestServer};

pub(super) const ALL: [JwtAlgorithm; 4] = [
    JwtAlgorithm::ES256,
    JwtAlgorithm::EdDSA,
    JwtAlgorithm::RS256,
    JwtAlgorithm::HS256,
];

/// A server with a patient, and the key and claims with which a test signs tokens like the server.
pub(super) struct Forge {
    pub(super) server: TestServer,
    pub(super) tokens: Answer,
    pub(super) header: Value,
    pub(super) claims: Value,
    pub(super) key: EncodingKey,
    pub(super) algorithm: Algorithm,
}

impl Forge {
    pub(super) async fn new(algorithm: JwtAlgorithm) -> Self {
        Self::with(algorithm, |_| {}).await
    }

    pub(super) async fn with(algorithm: JwtAlgorithm, change: impl FnOnce(&mut Settings)) -> Self {
        let server = TestServer::start_with(|settings| {
            settings.config.jwt.algorithm = algorithm;
            change(settings);
        })
        .await;
        let tokens = server.patient("jane").await;
        let [header, claims] = read(&tokens.token());
        let (key, algorithm) = own_key(&server, algorithm).await;
        Self {
            server,
            tokens,
            header,
            claims,
            key,
            algorithm,
        }
    }

    /// The genuine header and claims after `change`, correctly signed.
    pub(super) fn signed(&self, change: impl FnOnce(&mut Value, &mut Value)) -> String {
        let (mut header, mut claims) = (self.header.clone(), self.claims.clone());
        change(&mut header, &mut claims);
        sign(&header, &claims, &self.key, self.algorithm)
    }

    /// Sends a token to an operation that needs one.
    pub(super) async fn show(&self, token: &str) -> Answer {
        self.server.get_as(token, "/auth/me").await
    }

    /// Fails unless the token itself is refused (`AUTH_FAILED`), not its session.
    #[track_caller]
    pub(super) fn refused(&self, token: &str, what: &str) -> impl Future<Output = ()> {
        let shown = self.show(token);
        async move {
            let answer = shown.await;
            assert_eq!(
                (answer.status, answer.code()),
                (401, "AUTH_FAILED"),
                "{what}: {}",
                answer.raw
            );
            assert_eq!(answer.headers["www-authenticate"], "Bearer");
        }
    }
}

/// The header and the claims of a token.
pub(super) fn read(token: &str) -> [Value; 2] {
    let mut parts = token.split('.').map(|part| BASE64.decode(part).unwrap());
    [(); 2].map(|()| serde_json::from_slice(&parts.next().unwrap()).unwrap())
}

pub(super) fn sign(header: &Value, claims: &Value, key: &EncodingKey, by: Algorithm) -> String {
    let message = unsigned(header, claims);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, by).unwrap();
    format!("{message}.{signature}")
}

pub(super) fn unsigned(header: &Value, claims: &Value) -> String {
    let [header, claims] = [header, claims].map(|part| BASE64.encode(part.to_string()));
    format!("{header}.{claims}")
}

pub(super) fn pair(algorithm: JwtAlgorithm, private: &[u8]) -> (EncodingKey, Algorithm) {
    match algorithm {
        JwtAlgorithm::ES256 => (EncodingKey::from_ec_der(private), Algorithm::ES256),
        JwtAlgorithm::EdDSA => (EncodingKey::from_ed_der(private), Algorithm::EdDSA),
        JwtAlgorithm::RS256 => (EncodingKey::from_rsa_der(private), Algorithm::RS256),
        JwtAlgorithm::HS256 => (EncodingKey::from_secret(private), Algorithm::HS256),
    }
}

/// The key that the service signs with, decrypted as the service does it.
async fn own_key(server: &TestServer, algorithm: JwtAlgorithm) -> (EncodingKey, Algorithm) {
    let app = &server.app;
    if algorithm == JwtAlgorithm::HS256 {
        let secret = server.program.settings.secrets.master.current.expose();
        return pair(algorithm, secret.as_bytes());
    }
    let keys = app.store.signing_keys();
    let keys = keys
        .list(&format!("{algorithm:?}"), server.clock.now())
        .await;
    let stored = &keys.unwrap()[0];
    let private = app
        .master
        .open(
            Purpose::KeyEncryption,
            stored.kid.as_bytes(),
            &stored.sealed,
        )
        .unwrap();
    pair(algorithm, &private)
}
