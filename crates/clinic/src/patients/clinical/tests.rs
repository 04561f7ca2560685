//! What a clinical group refuses, keeps and shows.

use super::*;

fn symptom(rng: &SharedRng) -> Symptom {
    Symptom {
        symptom_id: SymptomId::generate(rng),
        symptom_name: SymptomName::parse("Headache").unwrap(),
        severity: Severity::parse("severe").ok(),
        frequency: Frequency::parse("Daily").ok(),
        duration: Lasting::parse(3, "days").ok(),
        notes: Details::parse("At night\nonly").ok(),
        recorded_at: Timestamp::UNIX_EPOCH,
    }
}

#[test]
fn the_group_is_read_back_and_debug_shows_none_of_it() {
    let mut clinical = Clinical {
        illness_duration: Lasting::parse(2, "weeks").ok(),
        informants: Some(Informants {
            selection: Informant::parse_all(["Self", "Mother"]).unwrap(),
            other_details: None,
        }),
        precipitating_factor: Some(PrecipitatingFactor {
            narrative: Narrative::parse("A fall").ok(),
            tags: Tag::parse_all(["fall"]).unwrap(),
        }),
        ..Clinical::default()
    };
    clinical
        .add_symptom(symptom(&SharedRng::seeded(1)))
        .unwrap();
    let stored = serde_json::to_string(&clinical).unwrap();
    assert_eq!(serde_json::from_str::<Clinical>(&stored).unwrap(), clinical);
    assert_eq!(
        serde_json::from_str::<Clinical>("{}").unwrap(),
        Clinical::default()
    );
    let shown = format!("{clinical:?} {:?}", clinical.symptoms());
    assert_eq!(shown, "Clinical { .. } [Symptom { .. }]");
}

#[test]
fn a_symptom_is_found_changed_and_removed_by_its_id() {
    let rng = SharedRng::seeded(2);
    let mut clinical = Clinical::default();
    let (first, second) = (symptom(&rng), symptom(&rng));
    clinical.add_symptom(first.clone()).unwrap();
    clinical.add_symptom(second.clone()).unwrap();
    clinical.symptom_mut(&second.symptom_id).unwrap().severity = None;
    assert!(clinical.remove_symptom(&first.symptom_id));
    assert!(!clinical.remove_symptom(&first.symptom_id));
    let left: Vec<_> = clinical.symptoms().iter().map(|it| it.severity).collect();
    assert_eq!(left, [None]);
}

#[test]
fn a_record_has_at_most_200_symptoms() {
    let rng = SharedRng::seeded(3);
    let mut clinical = Clinical::default();
    for _ in 0..MAX_SYMPTOMS {
        clinical.add_symptom(symptom(&rng)).unwrap();
    }
    assert_eq!(clinical.add_symptom(symptom(&rng)), Err(TOO_MANY_SYMPTOMS));
}

#[test]
fn choices_are_read_in_any_case_and_stored_with_a_capital() {
    for severity in Severity::ALL {
        assert_eq!(
            Severity::parse(&severity.name().to_uppercase()),
            Ok(severity)
        );
        let stored = serde_json::to_string(&severity).unwrap();
        assert_eq!(stored, format!("\"{}\"", severity.name()));
    }
    for frequency in Frequency::ALL {
        assert_eq!(
            Frequency::parse(&frequency.name().to_lowercase()),
            Ok(frequency)
        );
        let stored = serde_json::to_string(&frequency).unwrap();
        assert_eq!(stored, format!("\"{}\"", frequency.name()));
    }
    assert_eq!(Severity::parse("bad"), Err(SEVERITY_UNKNOWN));
    assert_eq!(Frequency::parse(""), Err(FREQUENCY_UNKNOWN));
}

#[test]
fn the_limits_count_code_points_and_entries() {
    let kind = |violation: RuleViolation| violation.kind;
    let long = |limit: usize| "é".repeat(limit + 1);
    assert_eq!(
        SymptomName::parse(&long(200)).map_err(kind),
        Err("too_long")
    );
    assert_eq!(Details::parse(&long(1000)).map_err(kind), Err("too_long"));
    assert_eq!(Narrative::parse(&long(2000)).map_err(kind), Err("too_long"));
    assert_eq!(
        Tag::parse_all([long(50).as_str()]).map_err(kind),
        Err("too_long")
    );
    assert_eq!(
        Informant::parse_all([long(100).as_str()]).map_err(kind),
        Err("too_long")
    );
    assert!(Narrative::parse(&"é".repeat(2000)).is_ok());
    assert_eq!(Tag::parse_all(["x"; 20]).map(|tags| tags.len()), Ok(20));
    assert_eq!(Tag::parse_all(["x"; 21]), Err(TOO_MANY));
}
