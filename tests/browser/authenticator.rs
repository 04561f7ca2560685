//! Passkeys in the browser: Chromium's virtual authenticator, and a server that passkeys work on.

use std::net::TcpListener;

use clinic_auth::config::Settings;
use hyper::Method;
use serde_json::{Value, json};

use crate::{driver::Driver, harness::TestServer};

/// A debug server that passkeys work on.
pub(crate) async fn passkey_server(change: impl FnOnce(&mut Settings)) -> TestServer {
    TestServer::start_with(|settings| {
        settings.config.service.debug = true;
        know_the_port(settings);
        change(settings);
    })
    .await
}

/// Lets a server know its own port, because the origin of a passkey names it.
pub(crate) fn know_the_port(settings: &mut Settings) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr();
    let port = port.unwrap().port();
    settings.config.service.port = port;
    settings.config.service.public_base_url = format!("http://localhost:{port}");
}

/// An authenticator in the browser, as a telephone's or a computer's own: it keeps passkeys and verifies its user.
pub(crate) struct VirtualAuthenticator<'a> {
    driver: &'a Driver,
    id: String,
}

impl<'a> VirtualAuthenticator<'a> {
    pub(crate) async fn add(driver: &'a Driver) -> Self {
        let body = json!({
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserConsenting": true, "isUserVerified": true,
        });
        let path = "webauthn/authenticator";
        let id = driver.command(Method::POST, path, Some(body)).await;
        Self {
            driver,
            id: id.as_str().unwrap().to_owned(),
        }
    }

    /// Whether it verifies its user from now on; without it, it only asks for a touch.
    pub(crate) async fn verifies(&self, verifies: bool) {
        let body = json!({ "isUserVerified": verifies });
        self.send(Method::POST, "/uv", Some(body)).await;
    }

    /// The passkeys that it keeps, with their private keys.
    pub(crate) async fn credentials(&self) -> Vec<Value> {
        let kept = self.send(Method::GET, "/credentials", None).await;
        kept.as_array().unwrap().clone()
    }

    /// Puts a passkey into it.
    pub(crate) async fn put(&self, credential: Value) {
        self.send(Method::POST, "/credential", Some(credential))
            .await;
    }

    /// Takes all passkeys out of it.
    pub(crate) async fn clear(&self) {
        self.send(Method::DELETE, "/credentials", None).await;
    }

    /// Takes the authenticator away.
    pub(crate) async fn unplug(self) {
        self.send(Method::DELETE, "", None).await;
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let path = format!("webauthn/authenticator/{}{path}", self.id);
        self.driver.command(method, &path, body).await
    }
}
