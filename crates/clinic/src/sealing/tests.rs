//! What a row's sealed parts let through, and what they refuse.

use crate::patients::search::TermField;
use std::collections::HashSet;

use crypto::settings::FieldSecret;
use kernel::{ids::UserId, random::SharedRng, secret::Secret};
use proptest::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::*;

const ANNA: Place<'static> = Collection::PatientRecords.place("PAT00000001");
const BERTA: Place<'static> = Collection::PatientRecords.place("PAT00000002");

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Person {
    name: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Symptoms {
    name: String,
}

impl Content for Person {
    type Group = Who;
}

impl Content for Symptoms {
    type Group = Clinical;
}

fn field_keys(current: &str, previous: Option<&str>) -> FieldKeys {
    FieldKeys::new(&FieldSecret {
        current: Secret::new(current),
        previous: previous.map(Secret::new),
    })
}

fn record_keys() -> RecordKeys {
    RecordKeys::new(field_keys("one", None), 10)
}

fn anna() -> Person {
    Person {
        name: "Anna Müller".to_owned(),
    }
}

/// The same bytes where a content of another type is expected, as after a swap of two fields in the database.
fn as_other<T, U: DeserializeOwned>(sealed: &SealedGroup<T>) -> SealedGroup<U> {
    SealedGroup::new(sealed.bytes.clone())
}

// ENC-2
#[test]
fn what_was_swapped_between_patients_is_refused() {
    let (keys, rng) = (record_keys(), SharedRng::seeded(1));
    let of_anna = keys.create(ANNA, &rng).unwrap();
    let of_berta = keys.create(BERTA, &rng).unwrap();
    let who = keys.group_key::<Who>(ANNA, &of_anna).unwrap();
    let sealed = who.seal(ANNA, &anna(), &rng).unwrap();
    assert_eq!(who.open(ANNA, &sealed), Ok(anna()));
    // The group alone, the wrapped key alone, and both together.
    let who_of_berta = keys.group_key::<Who>(BERTA, &of_berta).unwrap();
    assert_eq!(
        who_of_berta.open(BERTA, &sealed),
        Err(SealingError::Tampered)
    );
    let swapped = keys.group_key::<Who>(BERTA, &of_anna).err();
    assert_eq!(swapped, Some(SealingError::Tampered));
    assert_eq!(who.open(BERTA, &sealed), Err(SealingError::Tampered));
}

// ENC-2
#[test]
fn what_was_swapped_within_a_patient_is_refused() {
    let (keys, rng) = (record_keys(), SharedRng::seeded(1));
    let wrapped = keys.create(ANNA, &rng).unwrap();
    let who = keys.group_key::<Who>(ANNA, &wrapped).unwrap();
    let clinical = keys.group_key::<Clinical>(ANNA, &wrapped).unwrap();
    let sealed = who.seal(ANNA, &anna(), &rng).unwrap();
    let elsewhere: SealedGroup<Symptoms> = as_other(&sealed);
    assert_eq!(clinical.open(ANNA, &elsewhere), Err(SealingError::Tampered));
    let consultation = Collection::Consultations.place(ANNA.id);
    assert_eq!(who.open(consultation, &sealed), Err(SealingError::Tampered));
}

// ENC-3
#[test]
fn a_key_of_another_secret_is_unknown() {
    let rng = SharedRng::seeded(1);
    let wrapped = record_keys().create(ANNA, &rng).unwrap();
    let others = RecordKeys::new(field_keys("two", None), 10);
    let refused = others.group_key::<Who>(ANNA, &wrapped).err();
    assert_eq!(refused, Some(SealingError::UnknownKey));
}

// CON-6
#[test]
fn a_content_of_another_form_is_told_without_its_words() {
    #[derive(Debug, Serialize, Deserialize)]
    struct Newer {
        name: u8,
    }
    impl Content for Newer {
        type Group = Who;
    }
    let (keys, rng) = (record_keys(), SharedRng::seeded(1));
    let wrapped = keys.create(ANNA, &rng).unwrap();
    let who = keys.group_key::<Who>(ANNA, &wrapped).unwrap();
    let sealed = who.seal(ANNA, &anna(), &rng).unwrap();
    let error = who.open::<Newer>(ANNA, &as_other(&sealed)).unwrap_err();
    assert_eq!(error, SealingError::Form);
    assert!(!format!("{error} {error:?}").contains("Anna"));
}

// ENC-5
#[test]
fn a_wrong_secret_is_told_with_both_fingerprints() {
    let rng = SharedRng::seeded(1);
    let (right, wrong) = (field_keys("right", None), field_keys("wrong", None));
    let canary = Canary::create(&right, &rng).unwrap();
    assert!(canary.open(&right).is_ok());
    assert_eq!(
        canary.open(&wrong).err().unwrap().to_string(),
        format!(
            "this is not the key that sealed the records, fingerprint {} expected {}",
            wrong.current_id(),
            right.current_id()
        )
    );
}

// ENC-4, ENC-5
#[test]
fn during_a_change_of_the_secret_both_are_needed() {
    let rng = SharedRng::seeded(1);
    let (old, new) = (field_keys("old", None), field_keys("new", None));
    let both = field_keys("new", Some("old"));
    let canary = Canary::create(&old, &rng).unwrap();
    assert_eq!(canary.without_previous(&both), None);
    assert!(!canary.is_only_current(&both));
    let during = canary.with_current(&both, &rng).unwrap().unwrap();
    assert_eq!(during.with_current(&both, &rng), Ok(None));
    assert!(during.open(&both).is_ok() && !during.is_only_current(&both));
    assert!(during.open(&old).is_err() && during.open(&new).is_err());
    let after = during.without_previous(&both).unwrap();
    assert_eq!(after.without_previous(&both), None);
    assert!(after.is_only_current(&both));
    assert!(after.open(&new).is_ok() && after.open(&old).is_err());
    let token = |canary: &Canary, keys| {
        let index = canary.open(keys).unwrap();
        index.token(TermField::Name, &ClinicScope::implicit(), "anna")
    };
    assert_eq!(token(&canary, &old), token(&after, &new));
}

// ENC-5
#[test]
fn a_changed_or_empty_canary_is_refused() {
    let keys = field_keys("one", None);
    let canary = Canary::create(&keys, &SharedRng::seeded(1)).unwrap();
    let mut stored = bson::serialize_to_document(&canary).unwrap();
    let read = |stored: &bson::Document| -> Canary {
        bson::deserialize_from_slice(&bson::serialize_to_vec(stored).unwrap()).unwrap()
    };
    assert_eq!(read(&stored), canary);
    let list = stored.get_array_mut("keys").unwrap();
    if let Some(bson::Bson::Binary(binary)) = list.first_mut() {
        binary.bytes[70] ^= 1;
    }
    assert_eq!(read(&stored).open(&keys).err(), Some(CanaryError::Tampered));
    stored.insert("keys", bson::Bson::Array(vec![]));
    assert_eq!(read(&stored).open(&keys).err(), Some(CanaryError::Tampered));
}

// ENC-6, ENC-7
#[test]
fn tokens_differ_across_fields_and_scopes() {
    let keys = field_keys("one", None);
    let canary = Canary::create(&keys, &SharedRng::seeded(1)).unwrap();
    let index = canary.open(&keys).unwrap();
    let clinic = ClinicScope::implicit();
    let first = clinic.doctor(&UserId::from_stored("DOC00000001"));
    let second = clinic.doctor(&UserId::from_stored("DOC00000002"));
    let mut tokens = HashSet::new();
    for field in [
        TermField::Name,
        TermField::Sound,
        TermField::Email,
        TermField::EmailStart,
        TermField::Phone,
        TermField::Born,
    ] {
        for scope in [
            Scope::from(&clinic),
            Scope::from(&first),
            Scope::from(&second),
        ] {
            for value in ["anna", "anne"] {
                tokens.insert(index.token(field, scope, value));
            }
        }
    }
    assert_eq!(tokens.len(), 6 * 3 * 2);
    assert_eq!(
        index.token(TermField::Name, &first, "anna"),
        index.token(TermField::Name, Scope::Doctor(&first), "anna")
    );
}

// ENC-6
#[test]
fn a_token_is_a_64_bit_integer_in_a_document() {
    let keys = field_keys("one", None);
    let canary = Canary::create(&keys, &SharedRng::seeded(1)).unwrap();
    let index = canary.open(&keys).unwrap();
    let token = index.token(TermField::Name, &ClinicScope::implicit(), "anna");
    let stored = bson::serialize_to_bson(&token).unwrap();
    assert!(matches!(stored, bson::Bson::Int64(_)));
    assert_eq!(stored, bson::Bson::from(token));
}

proptest! {
    // ENC-1
    #[test]
    fn sealed_words_stand_in_no_form_in_a_row(name in "[a-zA-ZäöüßéЖ漢]{8,60}", seed in any::<u64>()) {
        let (keys, rng) = (record_keys(), SharedRng::seeded(seed));
        let wrapped = keys.create(ANNA, &rng).unwrap();
        let who = keys.group_key::<Who>(ANNA, &wrapped).unwrap();
        let sealed = who.seal(ANNA, &Person { name: name.clone() }, &rng).unwrap();
        let row = bson::serialize_to_vec(&bson::doc! { "key": &wrapped, "who": &sealed }).unwrap();
        let utf16: Vec<u8> = name.encode_utf16().take(4).flat_map(u16::to_le_bytes).collect();
        for piece in [&name.as_bytes()[..8], &utf16, b"\"name\""] {
            prop_assert!(!row.windows(piece.len()).any(|window| window == piece));
        }
        prop_assert_eq!(who.open(ANNA, &sealed).unwrap().name, name);
    }
}
