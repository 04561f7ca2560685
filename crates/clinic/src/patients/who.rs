//! Who a patient is: the group `who` of a record.

use std::fmt;

use kernel::{
    contact::{EmailAddress, Mobile},
    error::{FieldError, RuleViolation},
    names::{LastName, PersonName, split_full_name},
    profile::Language,
};
use serde::{Deserialize, Serialize};

use super::{
    birth::Birth,
    values::{Address, ReferredBy, Relation, Sex},
};

const MISSING: RuleViolation =
    RuleViolation::new("missing", "Either name or first_name is required");

/// The names of a patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatientNames {
    /// Given name, or the only one.
    pub first_name: PersonName,
    /// Family name; may be empty.
    #[serde(default)]
    pub last_name: LastName,
}

impl PatientNames {
    /// Reads `first_name` and `last_name` or, without a first name, `name`: `Anna Maria Meier` has the first name `Anna`,
    /// `Meier, Anna Maria` the first name `Anna Maria`.
    ///
    /// # Errors
    /// Every validation error of `name`, `first_name` and `last_name`.
    pub fn parse(
        name: Option<&str>,
        first_name: Option<&str>,
        last_name: Option<&str>,
    ) -> Result<Self, Vec<FieldError>> {
        match (first_name, name) {
            (Some(first), _) => Self::of_two(first, last_name.unwrap_or_default()),
            (None, Some(name)) => Self::of_one(name).map_err(|it| vec![it.at("name")]),
            (None, None) => Err(vec![MISSING.at("first_name")]),
        }
    }

    fn of_two(first: &str, last: &str) -> Result<Self, Vec<FieldError>> {
        match (PersonName::parse(first), LastName::parse(last)) {
            (Ok(first_name), Ok(last_name)) => Ok(Self {
                first_name,
                last_name,
            }),
            (first, last) => {
                let first = first.err().map(|it| it.at("first_name"));
                let last = last.err().map(|it| it.at("last_name"));
                Err(first.into_iter().chain(last).collect())
            }
        }
    }

    fn of_one(name: &str) -> Result<Self, RuleViolation> {
        let turned = name.split_once(',').filter(|(last, first)| {
            let has_both = ![last, first]
                .iter()
                .any(|part| kernel::text::is_blank(part));
            has_both && !first.contains(',')
        });
        let (first_name, last_name) = match turned {
            Some((last, first)) => (PersonName::parse(first)?, LastName::parse(last)?),
            None => split_full_name(name)?,
        };
        Ok(Self {
            first_name,
            last_name,
        })
    }

    /// Both names as one text.
    pub fn full(&self) -> String {
        let full = format!("{} {}", self.first_name, self.last_name);
        full.trim_end().to_owned()
    }
}

/// A person to call in an emergency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmergencyContact {
    /// The name.
    pub name: PersonName,
    /// How the person is related to the patient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<Relation>,
    /// Telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Mobile>,
}

/// The group `who` of a record, which is sealed as a whole. `Debug` shows none of it (LOG-2).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// The names.
    #[serde(flatten)]
    pub names: PatientNames,
    /// The date of birth, or an estimated year.
    pub birth: Birth,
    /// The sex.
    pub sex: Sex,
    /// Telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Mobile>,
    /// E-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
    /// Postal address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// Who referred the patient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referred_by: Option<ReferredBy>,
    /// A person to call in an emergency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emergency_contact: Option<EmergencyContact>,
    /// The language that the patient reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}

impl fmt::Debug for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Who").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(name: &str) -> (String, String) {
        let names = PatientNames::parse(Some(name), None, None).unwrap();
        (names.first_name.into(), names.last_name.into())
    }

    fn kinds(
        name: Option<&str>,
        first: Option<&str>,
        last: Option<&str>,
    ) -> Vec<(String, &'static str)> {
        let errors = PatientNames::parse(name, first, last).unwrap_err();
        let of = |error: FieldError| (error.field.into_owned(), error.kind);
        errors.into_iter().map(of).collect()
    }

    #[test]
    fn a_full_name_is_split_at_its_first_space_or_its_comma() {
        let both = |first: &str, last: &str| (first.to_owned(), last.to_owned());
        for (name, expected) in [
            ("Anna Maria Meier", both("Anna", "Maria Meier")),
            ("Meier, Anna Maria", both("Anna Maria", "Meier")),
            ("van der Berg,Zoë", both("Zoë", "van der Berg")),
            ("Madonna", both("Madonna", "")),
            ("李明", both("李明", "")),
            ("Meier,", both("Meier,", "")),
            ("a, b, c", both("a,", "b, c")),
        ] {
            assert_eq!(split(name), expected, "{name}");
        }
    }

    #[test]
    fn a_first_name_counts_before_a_full_name() {
        let names = PatientNames::parse(Some("X Y"), Some("Anna"), Some("Meier")).unwrap();
        assert_eq!(names.full(), "Anna Meier");
        let single = PatientNames::parse(None, Some("Anna"), None).unwrap();
        assert_eq!(single.full(), "Anna");
    }

    #[test]
    fn every_name_that_breaks_a_rule_is_reported_at_its_field() {
        let at = |field: &str, kind| (field.to_owned(), kind);
        assert_eq!(
            kinds(None, None, Some("Meier")),
            [at("first_name", "missing")]
        );
        assert_eq!(kinds(Some(" "), None, None), [at("name", "empty")]);
        assert_eq!(
            kinds(None, Some("a\0b"), Some(&"x".repeat(101))),
            [
                at("first_name", "forbidden_character"),
                at("last_name", "too_long")
            ]
        );
    }

    #[test]
    fn the_group_is_read_back_and_debug_shows_none_of_it() {
        let full = Who {
            names: PatientNames::parse(Some("Anna Meier"), None, None).unwrap(),
            birth: Birth::EstimatedYear(1990),
            sex: Sex::Female,
            phone: Mobile::parse("+41 79 000 00 00").ok(),
            email: EmailAddress::parse("Anna@Example.org").ok(),
            address: Address::parse("Main St 1\nZürich").ok(),
            referred_by: ReferredBy::parse("Dr. Who").ok(),
            emergency_contact: Some(EmergencyContact {
                name: PersonName::parse("Eva").unwrap(),
                relation: Relation::parse("mother").ok(),
                phone: None,
            }),
            language: Language::parse("de-CH"),
        };
        let stored = serde_json::to_string(&full).unwrap();
        assert_eq!(serde_json::from_str::<Who>(&stored).unwrap(), full);
        assert_eq!(format!("{full:?}"), "Who { .. }");
        let short = r#"{"first_name":"Anna","birth":{"date":"1990-05-17"},"sex":"unknown"}"#;
        let short: Who = serde_json::from_str(short).unwrap();
        assert_eq!((short.names.full().as_str(), short.phone), ("Anna", None));
    }
}
