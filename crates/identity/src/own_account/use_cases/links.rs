//! The code and the links of a change: derived from its row with a key of the service, never stored.

use uuid::Uuid;

use crate::{
    app::App,
    own_account::{
        documents::{EmailChange, Proof},
        rules::link::Link,
    },
};
use crypto::{codes, verify_equal};
use kernel::{ids::UserId, sealed::KeyId, secret::Secret};

/// The purpose in the derivation of the code that proves a new address.
const EMAIL_CHANGE: &str = "email_change";

/// A token that a client shows: the account that it names, and what proves it. Nothing is proven yet.
#[derive(Debug)]
pub struct Shown {
    /// The account.
    pub user_id: UserId,
    mac: [u8; 32],
}

impl Shown {
    /// Reads a token; `None` if the text cannot be one.
    #[must_use]
    pub fn parse(token: &str) -> Option<Self> {
        let (user_id, mac) = codes::parse_link_token(token)?;
        let user_id = UserId::from_stored(user_id);
        Some(Self { user_id, mac })
    }

    /// Whether it is the token of this link of a change of the account.
    #[must_use]
    pub fn is_for(&self, app: &App, link: Link, proof: &Proof) -> bool {
        let mac = parts(proof).and_then(|(key_id, id)| {
            let user_id = self.user_id.as_str();
            codes::account_link_mac(&app.master, &key_id, link.name(), &id, user_id)
        });
        mac.is_some_and(|mac| verify_equal(&mac, &self.mac))
    }
}

/// A new proof.
#[must_use]
pub fn new_proof(app: &App) -> Proof {
    Proof {
        proof_id: Uuid::from_bytes(codes::new_otp_id(&app.rng))
            .simple()
            .to_string(),
        key_id: app.master.current_id().to_string(),
    }
}

fn parts(proof: &Proof) -> Option<(KeyId, codes::OtpId)> {
    let id = Uuid::try_parse(&proof.proof_id).ok()?;
    Some((KeyId::new(&proof.key_id), *id.as_bytes()))
}

/// The link; `None` if the master secret that it was derived from is not set any more. It comes from the configuration
/// alone (RST-2).
#[must_use]
pub fn link_of(app: &App, link: Link, proof: &Proof, user_id: &UserId) -> Option<Secret> {
    let (key_id, id) = parts(proof)?;
    let user_id = user_id.as_str();
    let token = codes::account_link_token(&app.master, &key_id, link.name(), &id, user_id)?;
    let address = link.address(&app.settings.public_base_url, token.expose());
    Some(Secret::new(address))
}

/// The code that proves the new address of a change, as [`link_of`].
#[must_use]
pub fn code_of(app: &App, change: &EmailChange) -> Option<Secret> {
    let (key_id, id) = parts(&change.proof)?;
    codes::otp_code(
        &app.master,
        &key_id,
        EMAIL_CHANGE,
        &id,
        change.user_id.as_str(),
        app.settings.otp.length,
    )
}
