//! Ceremonies with an authenticator in software, honest and not.

mod hostile;

use serde_json::{Value, json};
use testkit::authenticator::{
    Algorithm, Attestation, Behaviour, SoftPasskey, cbor, decode, encode,
};
use uuid::Uuid;
use webauthn_rs::prelude::Credential;

use super::{Begun, NewPasskey, Refused, RelyingParty, Use};
use crate::{
    factors::passkeys::rules::{
        options::Owner,
        responses::{Assertion, Common, Registration},
    },
    settings::Passkeys,
};

pub(super) const ORIGIN: &str = "https://accounts.clinic.example";
const DOMAIN: &str = "accounts.clinic.example";

pub(super) fn site() -> RelyingParty {
    RelyingParty::new(ORIGIN, &Passkeys::default()).unwrap()
}

fn common(answer: &Value) -> Common<'_> {
    Common {
        id: answer["id"].as_str().unwrap(),
        raw_id: answer["rawId"].as_str().unwrap(),
        kind: answer["type"].as_str().unwrap(),
        client_data: answer["response"]["clientDataJSON"].as_str().unwrap(),
    }
}

pub(super) fn registration(answer: &Value) -> Result<Registration, Refused> {
    let attestation = answer["response"]["attestationObject"].as_str().unwrap();
    Registration::read(common(answer), attestation, &["usb".to_owned()])
}

pub(super) fn assertion(answer: &Value) -> Result<Assertion, Refused> {
    let part = |name: &str| answer["response"][name].as_str();
    let (data, signature) = (
        part("authenticatorData").unwrap(),
        part("signature").unwrap(),
    );
    Assertion::read(common(answer), data, signature, part("userHandle"))
}

pub(super) fn begin_registration(site: &RelyingParty) -> (Begun, Value) {
    let owner = Owner {
        handle: Uuid::from_u128(7),
        name: "jane",
        display_name: "Jane Doe",
    };
    let begun = site
        .begin_registration(owner, ["b3RoZXI"].into_iter())
        .unwrap();
    let options = begun.options.clone();
    (begun, options)
}

fn register(behaviour: &Behaviour) -> (SoftPasskey, Result<NewPasskey, Refused>) {
    let site = site();
    let (begun, options) = begin_registration(&site);
    let (passkey, answer) = SoftPasskey::create(&options, behaviour);
    let done = registration(&answer).and_then(|it| site.finish_registration(&begun.state, it));
    (passkey, done)
}

pub(super) fn begin_use(site: &RelyingParty) -> (Begun, Value) {
    let begun = site.begin_use([].into_iter()).unwrap();
    let options = begun.options.clone();
    (begun, options)
}

fn use_it(
    passkey: &mut SoftPasskey,
    credential: &Credential,
    behaviour: &Behaviour,
) -> Result<Use, Refused> {
    let site = site();
    let (begun, options) = begin_use(&site);
    let answer = passkey.sign(&options, behaviour);
    let response = assertion(&answer)?;
    site.finish_use(&begun.state, credential, response)
}

/// An honest passkey, and what is kept of it.
fn registered() -> (SoftPasskey, Credential) {
    let (passkey, done) = register(&Behaviour::on(ORIGIN));
    (passkey, done.unwrap().credential)
}

// PK-4
#[test]
fn both_offered_algorithms_register_and_log_in() {
    for algorithm in [Algorithm::Es256, Algorithm::Rs256] {
        let honest = Behaviour {
            algorithm,
            ..Behaviour::on(ORIGIN)
        };
        let (mut passkey, done) = register(&honest);
        let new = done.unwrap();
        assert_eq!(new.id.as_str(), passkey.id());
        let used = use_it(&mut passkey, &new.credential, &honest).unwrap();
        assert_eq!(
            used,
            Use {
                counter: 0,
                backed_up: false
            }
        );
        // What is kept is read again from the database.
        let stored = serde_json::to_value(&new.credential).unwrap();
        let read: Credential = serde_json::from_value(stored).unwrap();
        assert!(use_it(&mut passkey, &read, &honest).is_ok());
    }
}

/// A way in which a browser or an authenticator may lie.
type Lie = (&'static str, fn(&mut Behaviour));

const LIES: [Lie; 12] = [
    ("another type", |it| it.kind = Some("payment.get")),
    ("another challenge", |it| {
        it.challenge = Some(encode(&[7; 32]));
    }),
    ("an empty challenge", |it| {
        it.challenge = Some(String::new());
    }),
    ("another origin", |it| {
        "https://evil.example".clone_into(&mut it.origin);
    }),
    ("a subdomain", |it| {
        it.origin = format!("https://a.{DOMAIN}");
    }),
    ("another port", |it| it.origin = format!("{ORIGIN}:8443")),
    ("without TLS", |it| it.origin = format!("http://{DOMAIN}")),
    ("another relying party", |it| {
        it.rp_id = Some("evil.example".to_owned());
    }),
    ("in a frame", |it| {
        it.client_data = json!({ "crossOrigin": true });
    }),
    ("under another site", |it| {
        it.client_data = json!({ "topOrigin": "https://evil.example" });
    }),
    ("nobody was there", |it| it.user_present = false),
    ("nobody proved to be the owner", |it| {
        it.user_verified = false;
    }),
];

// PK-2, PK-3
#[test]
fn a_lie_of_browser_or_authenticator_registers_nothing() {
    for (what, lie) in LIES {
        let mut behaviour = Behaviour::on(ORIGIN);
        lie(&mut behaviour);
        assert!(register(&behaviour).1.is_err(), "{what}");
    }
}

// PK-2, PK-3
#[test]
fn a_lie_of_browser_or_authenticator_logs_nobody_in() {
    let (mut passkey, credential) = registered();
    for (what, lie) in LIES {
        let mut behaviour = Behaviour::on(ORIGIN);
        lie(&mut behaviour);
        assert!(
            use_it(&mut passkey, &credential, &behaviour).is_err(),
            "{what}"
        );
    }
    assert!(use_it(&mut passkey, &credential, &Behaviour::on(ORIGIN)).is_ok());
}

// PK-2: Chromium adds a key of its own now and then.
#[test]
fn unknown_keys_in_client_data_are_accepted() {
    let behaviour = Behaviour {
        client_data: json!({ "other_keys_can_be_added_here": "do not compare" }),
        ..Behaviour::on(ORIGIN)
    };
    let (mut passkey, done) = register(&behaviour);
    assert!(use_it(&mut passkey, &done.unwrap().credential, &behaviour).is_ok());
}

// PK-4
#[test]
fn an_algorithm_that_was_not_offered_is_refused() {
    let behaviour = Behaviour {
        algorithm: Algorithm::Es384,
        ..Behaviour::on(ORIGIN)
    };
    assert_eq!(register(&behaviour).1.err(), Some(Refused::Algorithm));
}

// PK-4
#[test]
fn the_id_that_was_attested_counts_and_has_a_length() {
    for (length, fits) in [(1, true), (1023, true), (1024, false), (0, false)] {
        let behaviour = Behaviour {
            id: vec![7; length],
            ..Behaviour::on(ORIGIN)
        };
        assert_eq!(register(&behaviour).1.is_ok(), fits, "{length}");
    }
    let site = site();
    let (begun, options) = begin_registration(&site);
    let (_, mut answer) = SoftPasskey::create(&options, &Behaviour::on(ORIGIN));
    let other = encode(&[9; 16]);
    (answer["id"], answer["rawId"]) = (json!(other), json!(other));
    let response = registration(&answer).unwrap();
    let done = site.finish_registration(&begun.state, response);
    assert_eq!(done.err(), Some(Refused::Malformed("id")));
}

// PK-9
#[test]
fn only_no_attestation_or_the_credentials_own_is_accepted() {
    use Attestation::{None, Other, Packed, PackedByOther, PackedWithCertificate};
    for (attestation, accepted) in [
        (None, true),
        (Packed, true),
        (PackedByOther, false),
        (PackedWithCertificate, false),
        (Other("fido-u2f"), false),
        (Other("tpm"), false),
        (Other("apple"), false),
        (Other("android-key"), false),
        (Other("packed"), false),
        (Other("compound"), false),
        (Other(""), false),
    ] {
        let behaviour = Behaviour {
            attestation,
            ..Behaviour::on(ORIGIN)
        };
        let done = register(&behaviour).1;
        assert_eq!(done.is_ok(), accepted, "{attestation:?} {done:?}");
    }
}

// PK-7
#[test]
fn a_counter_must_grow_once_it_counts() {
    let (mut passkey, mut credential) = registered();
    let honest = Behaviour::on(ORIGIN);
    for (stored, signed, expected) in [
        (0, 0, Ok(0)),
        (0, 1, Ok(1)),
        (5, 6, Ok(6)),
        (5, 5, Err(Refused::Counter)),
        (5, 4, Err(Refused::Counter)),
        (5, 0, Err(Refused::Counter)),
        (u32::MAX, u32::MAX, Err(Refused::Counter)),
    ] {
        (credential.counter, passkey.counter) = (stored, signed.min(u32::MAX - 1));
        let used = use_it(&mut passkey, &credential, &honest);
        assert_eq!(
            used.map(|it| it.counter),
            expected,
            "{signed} after {stored}"
        );
    }
}

// PK-8
#[test]
fn a_passkey_of_one_device_stays_one() {
    let cases = [(false, false), (false, true), (true, false), (true, true)];
    for (eligible, backed_up) in cases {
        let behaviour = Behaviour {
            backup_eligible: eligible,
            backed_up,
            ..Behaviour::on(ORIGIN)
        };
        let done = register(&behaviour).1;
        assert_eq!(
            done.is_ok(),
            eligible || !backed_up,
            "{eligible} {backed_up}"
        );
    }
    for was_eligible in [false, true] {
        let (mut passkey, done) = register(&Behaviour {
            backup_eligible: was_eligible,
            ..Behaviour::on(ORIGIN)
        });
        let credential = done.unwrap().credential;
        for (backup_eligible, backed_up) in cases {
            let behaviour = Behaviour {
                backup_eligible,
                backed_up,
                ..Behaviour::on(ORIGIN)
            };
            let used = use_it(&mut passkey, &credential, &behaviour);
            let right = backup_eligible == was_eligible && (backup_eligible || !backed_up);
            assert_eq!(
                used.is_ok(),
                right,
                "{was_eligible} {backup_eligible} {backed_up}"
            );
            assert!(used.is_err() || used.unwrap().backed_up == backed_up);
        }
    }
}

#[test]
fn the_half_of_another_ceremony_is_refused() {
    let site = site();
    let (mut passkey, credential) = registered();
    let honest = Behaviour::on(ORIGIN);
    let (begun, options) = begin_use(&site);
    let (other, _) = begin_use(&site);
    let answer = passkey.sign(&options, &honest);
    let finish = |state: &[u8], credential: &Credential| {
        let response = assertion(&answer).unwrap();
        site.finish_use(state, credential, response)
    };
    assert!(finish(&other.state, &credential).is_err());
    assert!(finish(&begin_registration(&site).0.state, &credential).is_err());
    assert!(finish(&begun.state, &registered().1).is_err());
    assert!(finish(&begun.state, &credential).is_ok());
}

// PK-1, PK-3, PK-4, PK-5, PK-9
#[test]
fn the_options_ask_for_what_will_be_demanded() {
    let site = site();
    let (registration, again) = (begin_registration(&site).1, begin_registration(&site).1);
    assert_eq!(decode(&registration["challenge"]).len(), 32);
    assert_ne!(registration["challenge"], again["challenge"]);
    assert_eq!(
        registration,
        json!({
            "rp": { "id": DOMAIN, "name": "Clinic accounts" },
            "user": {
                "id": "AAAAAAAAAAAAAAAAAAAABw", "name": "jane", "displayName": "Jane Doe",
            },
            "challenge": registration["challenge"],
            "pubKeyCredParams": [
                { "type": "public-key", "alg": -7 }, { "type": "public-key", "alg": -257 },
            ],
            "timeout": 300_000,
            "excludeCredentials": [{ "type": "public-key", "id": "b3RoZXI" }],
            "authenticatorSelection": {
                "residentKey": "required", "requireResidentKey": true,
                "userVerification": "required",
            },
            "attestation": "none",
        })
    );
    let (login, again) = (begin_use(&site).1, begin_use(&site).1);
    assert_eq!(decode(&login["challenge"]).len(), 32);
    assert_ne!(login["challenge"], again["challenge"]);
    assert_eq!(
        login,
        json!({
            "challenge": login["challenge"], "timeout": 300_000, "rpId": DOMAIN,
            "userVerification": "required",
        })
    );
}
