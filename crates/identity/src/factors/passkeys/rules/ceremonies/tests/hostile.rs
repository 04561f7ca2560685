//! Flipped bits and hostile CBOR.

use proptest::prelude::*;

use super::*;

// PK-14
#[test]
fn hostile_attestation_objects_are_refused() {
    let site = site();
    let (begun, options) = begin_registration(&site);
    let (_, answer) = SoftPasskey::create(&options, &Behaviour::on(ORIGIN));
    let honest = decode(&answer["response"]["attestationObject"]);
    let (text, bytes) = (cbor::text, cbor::bytes);
    let none = || (text("fmt"), text("none"));
    let statement = || (text("attStmt"), cbor::map([]));
    let deep = (0..7000).fold(cbor::map([]), |inner, _| [&[0x81], &inner[..]].concat());
    let hostile = [
        Vec::new(),
        [&honest[..], &[0]].concat(),
        honest[..honest.len() - 1].to_vec(),
        [&[0xbf], &honest[1..], &[0xff]].concat(),
        cbor::map([
            none(),
            none(),
            statement(),
            (text("authData"), bytes(&[0; 37])),
        ]),
        cbor::map([none(), statement(), (text("authData"), bytes(&[0; 37]))]),
        cbor::map([none(), statement(), (text("authData"), bytes(&[0xff; 300]))]),
        cbor::map([none(), statement(), (text("authData"), text("x"))]),
        cbor::map([none(), statement()]),
        cbor::map([
            none(),
            (text("attStmt"), deep),
            (text("authData"), bytes(&[0; 37])),
        ]),
        vec![0xff; 9000],
        vec![0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    ];
    for (number, attestation) in hostile.into_iter().enumerate() {
        let mut answer = answer.clone();
        answer["response"]["attestationObject"] = json!(encode(&attestation));
        let done = registration(&answer).and_then(|it| site.finish_registration(&begun.state, it));
        assert!(
            matches!(done, Err(Refused::Malformed(_))),
            "{number} {done:?}"
        );
    }
}

/// One bit of a text in base64url, flipped.
fn flipped(text: &Value, bit: prop::sample::Index) -> Value {
    let mut bytes = decode(text);
    let bit = bit.index(bytes.len() * 8);
    bytes[bit / 8] ^= 1 << (bit % 8);
    json!(encode(&bytes))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    // PK-13
    #[test]
    fn any_flipped_bit_of_a_use_is_refused(
        part in prop::sample::select(vec!["authenticatorData", "clientDataJSON", "signature"]),
        bit in any::<prop::sample::Index>(),
    ) {
        let site = site();
        let (mut passkey, credential) = registered();
        let (begun, options) = begin_use(&site);
        let mut answer = passkey.sign(&options, &Behaviour::on(ORIGIN));
        let changed = flipped(&answer["response"][part], bit);
        answer["response"][part] = changed;
        let done = assertion(&answer)
            .and_then(|it| site.finish_use(&begun.state, &credential, it));
        prop_assert!(done.is_err());
    }

    // PK-13
    #[test]
    fn any_flipped_bit_of_a_packed_registration_is_refused(
        part in prop::sample::select(vec!["attestationObject", "clientDataJSON"]),
        bit in any::<prop::sample::Index>(),
    ) {
        let site = site();
        let (begun, options) = begin_registration(&site);
        let behaviour = Behaviour {
            attestation: Attestation::Packed,
            ..Behaviour::on(ORIGIN)
        };
        let (_, mut answer) = SoftPasskey::create(&options, &behaviour);
        let changed = flipped(&answer["response"][part], bit);
        answer["response"][part] = changed;
        let done = registration(&answer)
            .and_then(|it| site.finish_registration(&begun.state, it));
        prop_assert!(done.is_err());
    }
}
