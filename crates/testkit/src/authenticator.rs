//! An authenticator in software, with the browser around it: it makes passkeys and signs with them, by the options that the
//! service answered. Each test can make it lie.

pub mod cbor;
mod keys;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

pub use self::keys::{Algorithm, Key};

use self::cbor::{bytes, map, negative, text};
use crate::{check, must};

/// How an attestation looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attestation {
    /// `none`, as browsers make it when asked for none.
    None,
    /// `packed`, signed by the credential itself.
    Packed,
    /// `packed`, signed by another key.
    PackedByOther,
    /// `packed` with a certificate.
    PackedWithCertificate,
    /// Another format, with an empty statement.
    Other(&'static str),
}

/// What the browser and the authenticator do; the default is honest.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fault of its own, which a test turns on"
)]
pub struct Behaviour {
    /// The page's origin.
    pub origin: String,
    /// The domain that is signed; that of the options if `None`.
    pub rp_id: Option<String>,
    /// The type that is signed; that of the ceremony if `None`.
    pub kind: Option<&'static str>,
    /// The challenge that is signed; that of the options if `None`.
    pub challenge: Option<String>,
    /// More members of the client data.
    pub client_data: Value,
    /// Whether a person was there.
    pub user_present: bool,
    /// Whether that person proved to be the owner.
    pub user_verified: bool,
    /// Whether the passkey can be copied to other devices.
    pub backup_eligible: bool,
    /// Whether it was.
    pub backed_up: bool,
    /// The algorithm of a new key.
    pub algorithm: Algorithm,
    /// The attestation of a new key.
    pub attestation: Attestation,
    /// The id of a new key.
    pub id: Vec<u8>,
    /// Whether the user handle comes with a use.
    pub with_handle: bool,
}

impl Behaviour {
    /// Honest, on a page of this origin.
    #[must_use]
    pub fn on(origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            rp_id: None,
            kind: None,
            challenge: None,
            client_data: json!({}),
            user_present: true,
            user_verified: true,
            backup_eligible: false,
            backed_up: false,
            algorithm: Algorithm::Es256,
            attestation: Attestation::None,
            id: keys::random(16),
            with_handle: true,
        }
    }

    fn flags(&self) -> u8 {
        u8::from(self.user_present)
            | u8::from(self.user_verified) << 2
            | u8::from(self.backup_eligible) << 3
            | u8::from(self.backed_up) << 4
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let challenge = self.challenge.as_deref().or(options["challenge"].as_str());
        let mut data = json!({
            "type": self.kind.unwrap_or(kind), "challenge": challenge, "origin": self.origin,
            "crossOrigin": false,
        });
        for (name, value) in self.client_data.as_object().into_iter().flatten() {
            data[name] = value.clone();
        }
        data.to_string().into_bytes()
    }

    fn authenticator_data(&self, rp_id: &Value, counter: u32, flags: u8) -> Vec<u8> {
        let rp_id = self.rp_id.as_deref().or(rp_id.as_str()).unwrap_or_default();
        let hash = digest(&SHA256, rp_id.as_bytes());
        [hash.as_ref(), &[flags], &counter.to_be_bytes()].concat()
    }
}

/// A passkey on the authenticator.
#[derive(Debug, Clone)]
pub struct SoftPasskey {
    /// Its id.
    pub id: Vec<u8>,
    /// Its key.
    pub key: Key,
    /// The user handle that it keeps.
    pub handle: Vec<u8>,
    /// The next use signs this counter; 0 stays 0.
    pub counter: u32,
}

const HAS_CREDENTIAL: u8 = 0b0100_0000;

impl SoftPasskey {
    /// A new passkey for these options (`PublicKeyCredentialCreationOptionsJSON`), and what the browser answers.
    #[must_use]
    pub fn create(options: &Value, behaviour: &Behaviour) -> (Self, Value) {
        let key = Key::generate(behaviour.algorithm);
        let handle = decode(&options["user"]["id"]);
        let new = Self {
            id: behaviour.id.clone(),
            key,
            handle,
            counter: 0,
        };
        let answer = new.register(options, behaviour);
        (new, answer)
    }

    /// What the browser answers when this passkey is registered.
    #[must_use]
    pub fn register(&self, options: &Value, behaviour: &Behaviour) -> Value {
        let client_data = behaviour.client_data("webauthn.create", options);
        let flags = behaviour.flags() | HAS_CREDENTIAL;
        let mut data = behaviour.authenticator_data(&options["rp"]["id"], self.counter, flags);
        data.extend([0; 16]);
        let length = must(u16::try_from(self.id.len()), "the id's length");
        data.extend(length.to_be_bytes());
        data.extend(&self.id);
        data.extend(self.key.cose());
        let signed = [&data[..], digest(&SHA256, &client_data).as_ref()].concat();
        let other = || Key::generate(behaviour.algorithm);
        let packed = |key: &Key| {
            let alg = negative(behaviour.algorithm.number());
            vec![("alg", alg), ("sig", bytes(&key.sign(&signed)))]
        };
        let (format, statement) = match behaviour.attestation {
            Attestation::None => ("none", Vec::new()),
            Attestation::Packed => ("packed", packed(&self.key)),
            Attestation::PackedByOther => ("packed", packed(&other())),
            Attestation::PackedWithCertificate => {
                let mut statement = packed(&self.key);
                statement.push(("x5c", cbor::array(&[bytes(b"no certificate")])));
                ("packed", statement)
            }
            Attestation::Other(format) => (format, Vec::new()),
        };
        let named = |(name, value): (&str, Vec<u8>)| (text(name), value);
        let statement = map(statement.into_iter().map(named));
        let object = [
            ("fmt", text(format)),
            ("attStmt", statement),
            ("authData", bytes(&data)),
        ];
        let object = map(object.into_iter().map(named));
        self.answer(&json!({
            "clientDataJSON": encode(&client_data), "attestationObject": encode(&object),
            "authenticatorData": encode(&data), "publicKeyAlgorithm": behaviour.algorithm.number(),
            "transports": ["internal", "hybrid"],
        }))
    }

    /// What the browser answers when this passkey is used with these options (`PublicKeyCredentialRequestOptionsJSON`).
    #[must_use]
    pub fn sign(&mut self, options: &Value, behaviour: &Behaviour) -> Value {
        let client_data = behaviour.client_data("webauthn.get", options);
        let flags = behaviour.flags();
        let data = behaviour.authenticator_data(&options["rpId"], self.counter, flags);
        let signed = [&data[..], digest(&SHA256, &client_data).as_ref()].concat();
        if self.counter > 0 {
            self.counter += 1;
        }
        let handle = behaviour.with_handle.then(|| encode(&self.handle));
        self.answer(&json!({
            "clientDataJSON": encode(&client_data), "authenticatorData": encode(&data),
            "signature": encode(&self.key.sign(&signed)), "userHandle": handle,
        }))
    }

    /// The id as browsers write it.
    #[must_use]
    pub fn id(&self) -> String {
        encode(&self.id)
    }

    fn answer(&self, response: &Value) -> Value {
        json!({
            "id": self.id(), "rawId": self.id(), "type": "public-key", "response": response,
            "authenticatorAttachment": "platform", "clientExtensionResults": {},
        })
    }
}

/// Base64url without padding.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes of a text in base64url.
#[track_caller]
#[must_use]
pub fn decode(text: &Value) -> Vec<u8> {
    check(text.is_string(), || format!("no text: {text}"));
    must(
        URL_SAFE_NO_PAD.decode(text.as_str().unwrap_or_default()),
        "base64url",
    )
}
