//! Prints ceremonies of passkeys, honest and not, as JSON. `scripts/passkeys` gives them to other libraries, and a test to ours:
//! `cargo run -p clinic-testkit --example record_ceremonies > tests/passkeys/ceremonies.json`.

use std::io::Write;

use serde_json::{Value, json};
use testkit::authenticator::{Algorithm, Attestation, Behaviour, SoftPasskey, encode};

const ORIGIN: &str = "https://accounts.clinic.example";
const DOMAIN: &str = "accounts.clinic.example";

/// A way to behave, whether it is accepted, and whether only we refuse it.
type Case = (&'static str, bool, bool, fn(&mut Behaviour));

const REGISTRATIONS: [Case; 16] = [
    ("ES256", true, false, |_| {}),
    ("RS256", true, false, |it| it.algorithm = Algorithm::Rs256),
    ("packed by itself", true, false, |it| {
        it.attestation = Attestation::Packed;
    }),
    ("shared and backed up", true, false, |it| {
        (it.backup_eligible, it.backed_up) = (true, true);
    }),
    ("ES384, which was not offered", false, false, |it| {
        it.algorithm = Algorithm::Es384;
    }),
    ("packed by another key", false, false, |it| {
        it.attestation = Attestation::PackedByOther;
    }),
    ("another format", false, false, |it| {
        it.attestation = Attestation::Other("fido-u2f");
    }),
    ("another type", false, false, |it| {
        it.kind = Some("webauthn.get");
    }),
    ("another challenge", false, false, |it| {
        it.challenge = Some(encode(&[0; 32]));
    }),
    ("another origin", false, false, |it| {
        "https://evil.example".clone_into(&mut it.origin);
    }),
    ("a path behind the origin", false, false, |it| {
        it.origin.push_str("/login");
    }),
    ("another domain", false, false, |it| {
        it.rp_id = Some("evil.example".to_owned());
    }),
    ("nobody there", false, false, |it| it.user_present = false),
    ("nobody verified", false, false, |it| {
        it.user_verified = false;
    }),
    ("backed up, and not shared", false, true, |it| {
        it.backed_up = true;
    }),
    ("in a frame", false, true, |it| {
        it.client_data = json!({ "crossOrigin": true });
    }),
];

const USES: [Case; 11] = [
    ("honest", true, false, |_| {}),
    ("an unknown key in the client data", true, false, |it| {
        it.client_data = json!({ "new": 1 });
    }),
    ("another type", false, false, |it| {
        it.kind = Some("webauthn.create");
    }),
    ("another challenge", false, false, |it| {
        it.challenge = Some(encode(&[0; 32]));
    }),
    ("another origin", false, false, |it| {
        "https://evil.example".clone_into(&mut it.origin);
    }),
    ("another port", false, false, |it| {
        it.origin.push_str(":8443");
    }),
    ("another domain", false, false, |it| {
        it.rp_id = Some("evil.example".to_owned());
    }),
    ("nobody there", false, false, |it| it.user_present = false),
    ("nobody verified", false, false, |it| {
        it.user_verified = false;
    }),
    ("shared, which it was not", false, true, |it| {
        it.backup_eligible = true;
    }),
    ("under another site", false, true, |it| {
        it.client_data = json!({ "topOrigin": "https://b.example" });
    }),
];

fn behaviour(change: fn(&mut Behaviour)) -> Behaviour {
    let mut behaviour = Behaviour::on(ORIGIN);
    change(&mut behaviour);
    behaviour
}

fn creation(number: u8) -> Value {
    json!({
        "challenge": encode(&[number; 32]), "rp": { "id": DOMAIN }, "user": { "id": encode(&[7; 16]) },
    })
}

fn request(number: u8) -> Value {
    json!({ "challenge": encode(&[number; 32]), "rpId": DOMAIN })
}

fn registrations() -> Vec<Value> {
    let cases = (1..).zip(REGISTRATIONS);
    let recorded = cases.map(|(number, (name, accepted, stricter, change))| {
        let options = creation(number);
        let (_, credential) = SoftPasskey::create(&options, &behaviour(change));
        json!({
            "name": name, "accepted": accepted, "only_we_refuse": stricter,
            "challenge": options["challenge"], "credential": credential,
        })
    });
    recorded.collect()
}

/// The uses of one passkey; with each, the counter that is known, and the registration.
fn uses(algorithm: Algorithm) -> Vec<Value> {
    let mut honest = Behaviour::on(ORIGIN);
    honest.algorithm = algorithm;
    let options = creation(100);
    let (mut passkey, credential) = SoftPasskey::create(&options, &honest);
    let registration = json!({ "challenge": options["challenge"], "credential": credential });
    let public_key = encode(&passkey.key.cose());
    let mut recorded = Vec::new();
    let mut record =
        |name: &str, (accepted, stricter), known: u32, options: &Value, used: Value| {
            recorded.push(json!({
                "name": name, "accepted": accepted, "only_we_refuse": stricter,
                "challenge": options["challenge"], "known_counter": known, "public_key": public_key,
                "credential": used, "registration": registration,
            }));
        };
    for (number, (name, accepted, stricter, change)) in (101..).zip(USES) {
        let options = request(number);
        let used = passkey.sign(&options, &behaviour(change));
        record(name, (accepted, stricter), 0, &options, used);
    }
    let counters = [
        ("a counter that grew", true, 5, 6),
        ("the same counter", false, 6, 6),
        ("a smaller counter", false, 7, 6),
    ];
    for (number, (name, accepted, known, signed)) in (150..).zip(counters) {
        passkey.counter = signed;
        let options = request(number);
        let used = passkey.sign(&options, &honest);
        record(name, (accepted, false), known, &options, used);
    }
    passkey.counter = 0;
    let options = request(160);
    let mut used = passkey.sign(&options, &honest);
    used["response"]["signature"] = json!(encode(&passkey.key.sign(b"something else")));
    record(
        "a signature of something else",
        (false, false),
        0,
        &options,
        used,
    );
    recorded
}

fn main() -> std::io::Result<()> {
    let uses = [Algorithm::Es256, Algorithm::Rs256].map(uses).concat();
    let all = json!({
        "origin": ORIGIN, "rp_id": DOMAIN, "algorithms": [-7, -257],
        "registrations": registrations(), "uses": uses,
    });
    writeln!(std::io::stdout(), "{all:#}")
}
