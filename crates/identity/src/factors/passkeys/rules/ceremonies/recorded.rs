//! The recorded ceremonies, which `scripts/passkeys` gives to other libraries too.

use serde_json::Value;
use webauthn_rs::prelude::Credential;

use super::tests::{ORIGIN, assertion, begin_registration, begin_use, registration, site};
use crate::factors::passkeys::rules::Refused;

/// By this repository's authenticator, by nid-webauthn-emulator, and by soft-webauthn, which does not verify its user; with how many of
/// them are accepted, of all.
const RECORDED: [(&str, usize, usize); 3] = [
    (
        include_str!("../../../../../../../tests/passkeys/ceremonies.json"),
        10,
        46,
    ),
    (
        include_str!("../../../../../../../tests/passkeys/emulated.json"),
        4,
        29,
    ),
    (
        include_str!("../../../../../../../tests/passkeys/device.json"),
        1,
        4,
    ),
];

/// The state of a ceremony with another challenge.
fn with_challenge(state: &[u8], challenge: &Value) -> Vec<u8> {
    let mut state: Value = serde_json::from_slice(state).unwrap();
    let parts = state.as_object_mut().unwrap().values_mut();
    for part in parts {
        part["challenge"] = challenge.clone();
    }
    serde_json::to_vec(&state).unwrap()
}

fn registered(recorded: &Value) -> Result<Credential, Refused> {
    let site = site();
    let state = with_challenge(&begin_registration(&site).0.state, &recorded["challenge"]);
    let answer = registration(&recorded["credential"])?;
    Ok(site.finish_registration(&state, answer)?.credential)
}

fn used(recorded: &Value) -> Result<(), Refused> {
    let site = site();
    let state = with_challenge(&begin_use(&site).0.state, &recorded["challenge"]);
    let mut credential = registered(&recorded["registration"]).unwrap();
    let known = recorded["known_counter"].as_u64().unwrap();
    credential.counter = known.try_into().unwrap();
    let answer = assertion(&recorded["credential"])?;
    site.finish_use(&state, &credential, answer).map(drop)
}

// PK-2, PK-3, PK-4, PK-7, PK-9
#[test]
fn recorded_ceremonies_have_the_recorded_verdicts() {
    for (recorded, accepted, all) in RECORDED {
        assert_eq!(verdicts(recorded), (accepted, all));
    }
}

/// How many of the ceremonies are accepted, and how many there are. Each has the recorded verdict.
fn verdicts(recorded: &str) -> (usize, usize) {
    let recorded: Value = serde_json::from_str(recorded).unwrap();
    assert_eq!(recorded["origin"], ORIGIN);
    let of = |kind: &str| recorded[kind].as_array().unwrap().clone();
    let registrations = of("registrations");
    let verdicts = registrations
        .iter()
        .map(|it| (it, registered(it).map(drop)));
    let uses = of("uses");
    let verdicts = verdicts.chain(uses.iter().map(|it| (it, used(it))));
    let mut accepted = 0;
    for (recorded, verdict) in verdicts {
        assert_eq!(
            recorded["accepted"],
            verdict.is_ok(),
            "{} {verdict:?}",
            recorded["name"]
        );
        accepted += usize::from(verdict.is_ok());
    }
    (accepted, registrations.len() + uses.len())
}
