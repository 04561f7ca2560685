//! Forms, swaps, damage, and changes of the secret.

use proptest::prelude::*;

use super::*;

const PLACE: Place<'static> = Place {
    collection: "patient_records",
    id: "PAT00000001",
};

/// Places that differ from [`PLACE`] in one part, or only in where one part ends.
const OTHER_PLACES: [Place<'static>; 3] = [
    Place {
        id: "PAT00000002",
        ..PLACE
    },
    Place {
        collection: "consultations",
        ..PLACE
    },
    Place {
        collection: "patient_recordsP",
        id: "AT00000001",
    },
];

fn keys(current: &str, previous: Option<&str>) -> FieldKeys {
    FieldKeys::new(&FieldSecret {
        current: Secret::new(current),
        previous: previous.map(Secret::new),
    })
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(digits).collect()
}

/// Every prefix of `sealed`, `sealed` with each byte changed, and `sealed` with a byte more.
fn damaged(sealed: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let cut = (0..sealed.len()).map(|length| sealed[..length].to_vec());
    let changed = (0..sealed.len()).map(|at| {
        let mut changed = sealed.to_vec();
        changed[at] ^= 1;
        changed
    });
    cut.chain(changed).chain([[sealed, &[0]].concat()])
}

#[test]
fn the_forms_and_derivations_never_change() {
    // Computed with another library (Python, `cryptography` 48). With other values here, a running service could no
    // longer read its records.
    let wrapped = bytes(
        "0115530838d14400000001000102030405060708090a0b697b28de68bb41a36eac14a1a7ef136afbf48cec442f7371c29581c71b4c9a\
         31e27e7b8f7cc0d44d5273f17bffe8498f",
    );
    let sealed =
        bytes("0100000001000102030405060708090a0b96a0b2192f01c3812050c306a57d793ac1f897b8");
    let keys = keys("0123456789abcdef0123456789abcdef", None);
    assert_eq!(keys.current_id().as_str(), "FVMIONFE");
    let key = keys.unwrap_key(PLACE, &wrapped).unwrap();
    let opened = key.group_key("who").open(PLACE, &sealed).unwrap();
    assert_eq!(opened.as_slice(), b"Anna");
    let token = key.index_key().token(&[b"name", b"CLN00000001", b"anna"]);
    assert_eq!(token, -5_498_872_125_469_908_300);
}

// ENC-2
#[test]
fn a_wrapped_key_opens_only_in_its_place() {
    let (keys, rng) = (keys("one", None), SharedRng::seeded(1));
    let wrapped = keys
        .wrap_key(PLACE, &DataKey::generate(&rng), &rng)
        .unwrap();
    assert!(keys.unwrap_key(PLACE, &wrapped).is_ok());
    for other in OTHER_PLACES {
        assert_eq!(
            keys.unwrap_key(other, &wrapped).err(),
            Some(OpenError::Tampered)
        );
    }
}

// ENC-2
#[test]
fn a_damaged_wrapped_key_does_not_open() {
    let (keys, rng) = (keys("one", None), SharedRng::seeded(1));
    let wrapped = keys
        .wrap_key(PLACE, &DataKey::generate(&rng), &rng)
        .unwrap();
    for damaged in damaged(&wrapped) {
        assert!(keys.unwrap_key(PLACE, &damaged).is_err(), "{damaged:?}");
    }
}

// ENC-3: only the secret and its predecessor open.
#[test]
fn a_key_of_a_forgotten_secret_is_unknown() {
    let rng = SharedRng::seeded(1);
    let wrapped = keys("old", None)
        .wrap_key(PLACE, &DataKey::generate(&rng), &rng)
        .unwrap();
    let rotated = keys("new", Some("old"));
    assert!(rotated.unwrap_key(PLACE, &wrapped).is_ok());
    assert!(!rotated.is_current(&wrapped));
    let forgotten = keys("new", None);
    assert_eq!(
        forgotten.unwrap_key(PLACE, &wrapped).err(),
        Some(OpenError::UnknownKey)
    );
    assert_eq!(
        FieldKeys::wrapped_by(&wrapped).as_ref(),
        Some(keys("old", None).current_id())
    );
}

// ENC-4
#[test]
fn a_new_wrapping_keeps_groups_and_tokens() {
    let rng = SharedRng::seeded(1);
    let key = DataKey::generate(&rng);
    let sealed = key.group_key("who").seal(PLACE, b"Anna", &rng).unwrap();
    let wrapped = keys("old", None).wrap_key(PLACE, &key, &rng).unwrap();
    let rotated = keys("new", Some("old"));
    let again = rotated.unwrap_key(PLACE, &wrapped).unwrap();
    let wrapped = rotated.wrap_key(PLACE, &again, &rng).unwrap();
    assert!(rotated.is_current(&wrapped));
    let opened = keys("new", None).unwrap_key(PLACE, &wrapped).unwrap();
    let who = opened.group_key("who").open(PLACE, &sealed).unwrap();
    assert_eq!(who.as_slice(), b"Anna");
    assert_eq!(
        opened.index_key().token(&[b"anna"]),
        key.index_key().token(&[b"anna"])
    );
}

// ENC-2
#[test]
fn a_group_opens_only_in_its_place_group_and_record() {
    let rng = SharedRng::seeded(1);
    let (one, two) = (DataKey::generate(&rng), DataKey::generate(&rng));
    let who = one.group_key("who");
    let sealed = who.seal(PLACE, b"Anna", &rng).unwrap();
    assert!(who.open(PLACE, &sealed).is_ok());
    for other in OTHER_PLACES {
        assert_eq!(who.open(other, &sealed).err(), Some(OpenError::Tampered));
    }
    for foreign in [one.group_key("clinical"), two.group_key("who")] {
        assert_eq!(
            foreign.open(PLACE, &sealed).err(),
            Some(OpenError::Tampered)
        );
    }
}

// ENC-2: a changed key version names a key that is not there; every other change is tampering.
#[test]
fn a_damaged_group_does_not_open() {
    let rng = SharedRng::seeded(1);
    let who = DataKey::generate(&rng).group_key("who");
    let sealed = who.seal(PLACE, b"Anna", &rng).unwrap();
    for damaged in damaged(&sealed) {
        let other_version = damaged.len() >= 5 && damaged[0] == 1 && damaged[1..5] != sealed[1..5];
        let expected = if other_version {
            OpenError::UnknownKey
        } else {
            OpenError::Tampered
        };
        assert_eq!(
            who.open(PLACE, &damaged).err(),
            Some(expected),
            "{damaged:?}"
        );
    }
}

// ENC-6
#[test]
fn tokens_differ_by_every_part_and_by_where_it_ends() {
    let key = DataKey::generate(&SharedRng::seeded(1)).index_key();
    let lists: [&[&[u8]]; 5] = [
        &[b"name", b"CLN", b"anna"],
        &[b"name", b"CLN", b"anne"],
        &[b"name", b"DOC", b"anna"],
        &[b"mail", b"CLN", b"anna"],
        &[b"name", b"CLNa", b"nna"],
    ];
    let tokens: std::collections::HashSet<i64> =
        lists.iter().map(|parts| key.token(parts)).collect();
    assert_eq!(tokens.len(), lists.len());
    let other = DataKey::generate(&SharedRng::seeded(2)).index_key();
    assert_ne!(key.token(lists[0]), other.token(lists[0]));
}

#[test]
fn debug_shows_only_fingerprints() {
    let keys = keys("new secret", Some("old secret"));
    let ids: Vec<_> = keys.ids().cloned().collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(format!("{keys:?}"), format!("{ids:?}"));
}

// ENC-3
#[test]
fn the_same_text_as_both_secrets_gives_different_keys() {
    let text = "0123456789abcdef0123456789abcdef";
    assert_ne!(
        keys(text, None).current_id(),
        crate::master::keys(text, None).current_id()
    );
}

proptest! {
    // ENC-1
    #[test]
    fn a_sealed_group_opens_and_does_not_contain_its_text(text in "\\PC{6,200}", seed in any::<u64>()) {
        let rng = SharedRng::seeded(seed);
        let who = DataKey::generate(&rng).group_key("who");
        let sealed = who.seal(PLACE, text.as_bytes(), &rng).unwrap();
        let opened = who.open(PLACE, &sealed).unwrap();
        prop_assert_eq!(opened.as_slice(), text.as_bytes());
        let piece = &text.as_bytes()[..6];
        prop_assert!(!sealed.windows(piece.len()).any(|window| window == piece));
        prop_assert_ne!(who.seal(PLACE, text.as_bytes(), &rng).unwrap(), sealed);
    }

    #[test]
    fn opening_anything_never_panics(tail in proptest::collection::vec(any::<u8>(), 0..100), header in 0..12_usize) {
        let (keys, rng) = (keys("one", None), SharedRng::seeded(1));
        let key = DataKey::generate(&rng);
        let wrapped = keys.wrap_key(PLACE, &key, &rng).unwrap();
        let bytes = [&wrapped[..header], &tail].concat();
        let _ = keys.is_current(&bytes);
        let _ = FieldKeys::wrapped_by(&bytes);
        prop_assert!(keys.unwrap_key(PLACE, &bytes).is_err());
        let who = key.group_key("who");
        let sealed = who.seal(PLACE, b"", &rng).unwrap();
        prop_assert!(who.open(PLACE, &[&sealed[..header], &tail].concat()).is_err());
    }
}
