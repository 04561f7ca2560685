//! What typed texts look for, what they find, and in which order.

use kernel::{contact::EmailAddress, ids::UserId};
use proptest::prelude::*;

use super::*;
use crate::patients::{
    birth::Birth,
    search::{TermIndex, best},
    values::Sex,
    who::{PatientNames, Who},
};

fn swiss() -> PhoneRules {
    PhoneRules::new(Some("41"), "0")
}

fn record(id: &str, name: &str, born: &str, phone: &str, email: &str) -> Findable {
    let birth = format!(r#"{{"date":"{born}"}}"#);
    let who = Who {
        names: PatientNames::parse(Some(name), None, None).unwrap(),
        birth: serde_json::from_str::<Birth>(&birth).unwrap(),
        sex: Sex::Unknown,
        phone: Mobile::parse(phone).ok(),
        email: EmailAddress::parse(email).ok(),
        address: None,
        referred_by: None,
        emergency_contact: None,
        language: None,
    };
    Findable::of(&UserId::from_stored(id), &who, &swiss())
}

fn anna() -> Findable {
    let email = "Anna.Muller@Clinic.example.org";
    record(
        "PAT00000007",
        "Anna Müller",
        "1990-05-17",
        "079 000 12 34",
        email,
    )
}

fn query(typed: &str) -> Query {
    Query::parse(typed, &swiss()).unwrap()
}

/// What of `record` the text finds, by the index and the check.
fn found(typed: &str, record: &Findable) -> Option<&'static str> {
    let query = query(typed);
    let stored = record.terms();
    let has = |lookups: Vec<Lookup>| {
        let mut lookups = lookups.into_iter();
        lookups.any(|lookup| lookup.iter().all(|term| stored.contains(term)))
    };
    let exact = query.matches(record);
    let exact = exact.filter(|_| query.patient_id().is_some() || has(query.lookups()));
    let sound = || {
        query
            .sounds_like(record)
            .filter(|_| has(query.sound_lookups()))
    };
    exact.or_else(sound).map(|hit| hit.kind().name())
}

// PAT-7
#[test]
fn a_text_has_2_to_100_characters() {
    let kind = |typed: &str| Query::parse(typed, &swiss()).map_err(|violation| violation.kind);
    for short in ["", "a", " a ", "\u{200b}a\u{200b}", "%"] {
        assert_eq!(kind(short), Err("too_short"), "{short:?}");
    }
    assert!(kind(&"é".repeat(100)).is_ok());
    assert_eq!(kind(&"é".repeat(101)), Err("too_long"));
}

// PAT-8, PAT-9
#[test]
fn a_patient_is_found_by_id_address_number_date_and_name() {
    for (typed, kind) in [
        ("PAT00000007", "patient_id"),
        ("pat00000007", "patient_id"),
        ("ANNA.muller@clinic.example.ORG", "email"),
        ("anna.muller@", "email"),
        ("anna.muller@cli", "email"),
        ("anna.mu", "email"),
        ("079 000 12 34", "phone"),
        ("+41 79 000 12 34", "phone"),
        ("0041790001234", "phone"),
        ("(079) 000-12-34", "phone"),
        ("1234", "phone"),
        ("0 12 34", "phone"),
        ("001234", "phone"),
        ("1990-05-17", "date_of_birth"),
        ("17.05.1990", "date_of_birth"),
        ("17.5.1990", "date_of_birth"),
        ("müller 17.05.1990", "date_of_birth"),
        ("anna", "name"),
        ("mueller", "name"),
        ("miller", "sounds_like"),
        ("miller 17.05.1990", "sounds_like"),
        ("hanna meller", ""),
        ("ana miller", "sounds_like"),
    ] {
        let expected = Some(kind).filter(|kind| !kind.is_empty());
        assert_eq!(found(typed, &anna()), expected, "{typed}");
    }
}

#[test]
fn what_fits_only_in_part_does_not_find_a_patient() {
    for typed in [
        "PAT00000008",
        "DOC00000007",
        "anna.mull@",
        "anna.muller@example.org",
        "@clinic.example.org",
        "+43 79 000 12 34",
        "079 000 12 35",
        "0123",
        "1990-05-18",
        "05.17.1990",
        "müller 18.05.1990",
        "anna schmidt",
        "anna.muller@exa",
        "anna ller",
        "nna",
        "1990",
        "' '",
        "--",
    ] {
        assert_eq!(found(typed, &anna()), None, "{typed}");
        // The check alone decides, because two texts may have one digest.
        assert!(query(typed).matches(&anna()).is_none(), "{typed}");
    }
}

#[test]
fn the_kind_tells_nothing_of_the_text() {
    for (typed, kind) in [
        ("PAT1", "patient_id"),
        ("a@b.org", "email"),
        ("a@", "email"),
        ("1234", "phone"),
        ("+41790001234", "phone"),
        ("17.05.1990", "date_of_birth"),
        ("anna 17.05.1990", "name"),
        ("anna", "name"),
    ] {
        let query = query(typed);
        assert_eq!(query.kind(), kind, "{typed}");
        assert_eq!(format!("{query:?}"), format!("Query({kind})"));
    }
    assert_eq!(
        format!("{:?}", query("1234").lookups()),
        "[[Term(phone_end)]]"
    );
}

#[test]
fn the_rarest_term_is_looked_up_first() {
    let shown = |typed| {
        let lookups = query(typed).lookups();
        let of = |lookup: &Lookup| {
            let terms = lookup.iter().map(Term::value);
            terms.collect::<Vec<_>>().join(" ")
        };
        lookups.iter().map(of).collect::<Vec<_>>().join("|")
    };
    assert_eq!(shown("an maximiliane m"), "maximili an");
    assert_eq!(shown("anna 17.05.1990"), "1990-05-17 anna");
    assert_eq!(shown("a b"), "a b");
    assert_eq!(shown("anna.mu"), "anna.mu|anna.mu");
    assert_eq!(shown("李 小"), "李 小|李小");
}

// PAT-10
#[test]
fn the_best_hit_comes_first_and_sound_alikes_last() {
    let people = [
        ("PAT6", "Ana Miller"),
        ("PAT5", "Anna Maria Müller"),
        ("PAT4", "Müller Anna"),
        ("PAT3", "Anna Müllerson"),
        ("PAT2", "Anna Müller"),
        ("PAT1", "Anna Müller"),
        ("PAT0", "Eva Schmidt"),
    ]
    .map(|(id, name)| record(id, name, "1990-05-17", "", ""));
    let query = query("anna müller");
    let hits = people.iter().filter_map(|person| {
        let hit = query
            .matches(person)
            .or_else(|| query.sounds_like(person))?;
        Some((hit, person.patient_id.as_str()))
    });
    let ranked = best(hits.collect(), 6);
    assert!(query.sounds_like(&people[4]).is_none());
    let ids: Vec<&str> = ranked.iter().map(|(_, id)| *id).collect();
    assert_eq!(ids, ["PAT1", "PAT2", "PAT5", "PAT4", "PAT3", "PAT6"]);
    assert_eq!(
        ranked.last().map(|(kind, _)| kind.name()),
        Some("sounds_like")
    );
    assert_eq!(
        best(vec![(query.matches(&people[4]).unwrap(), 0); 60], 50).len(),
        50
    );
}

#[test]
fn terms_go_to_the_fields_of_the_record() {
    let terms = anna().terms();
    let of = |index| {
        let terms = terms.iter().filter(|term| term.field().index() == index);
        terms.map(Term::value).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(of(TermIndex::Email), "anna.muller@clinic.example.org");
    assert_eq!(of(TermIndex::Phone), "790001234");
    assert_eq!(of(TermIndex::Sound), "AN MLR");
    assert_eq!(
        of(TermIndex::Tokens),
        "an ann anna mu mue muel muell muelle mueller mul mull mulle muller \
         an ann anna anna. anna.m anna.mu anna.mul anna.muller 001234 01234 1234 1990-05-17"
    );
}

proptest! {
    #[test]
    fn searching_anything_never_panics(typed in any::<String>()) {
        if let Ok(query) = Query::parse(&typed, &swiss()) {
            let _ = (query.lookups(), query.sound_lookups(), query.kind());
            prop_assert!(query.matches(&anna()).is_none() || query.sounds_like(&anna()).is_none());
        }
    }
}
