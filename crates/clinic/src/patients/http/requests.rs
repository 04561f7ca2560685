//! What requests say about the parts of a record.

use kernel::{contact::Mobile, names::PersonName};
use poem_openapi::{Object, types::MaybeUndefined};
use web::{
    RequestBody, ValidationErrors,
    text::{FromText, Text},
};

use crate::patients::{
    clinical::{
        Details, Frequency, Informant, Informants, Narrative, PrecipitatingFactor, Severity,
        SymptomName, Tag,
    },
    use_cases::{
        change::Change,
        symptoms::{NewSymptom, SymptomChange},
    },
    values::{Lasting, Relation, Unit},
    who::EmergencyContact,
};
use crate::texts::NOTHING_TO_CHANGE;

/// How long something has lasted.
#[derive(Debug, Object)]
pub(super) struct LastingRequest {
    /// A whole number from 0 to 9999
    value: i64,
    /// `minutes`, `hours`, `days`, `weeks`, `months` or `years`
    unit: String,
}

impl LastingRequest {
    pub(super) fn read(&self, field: &str, errors: &mut ValidationErrors) -> Option<Lasting> {
        // Each part is read beside a good one, so that the faults of both are told.
        let value = Lasting::parse(self.value, Unit::Days.name());
        let value = value.map_err(|violation| violation.at(format!("{field}.value")));
        let unit = Lasting::parse(0, &self.unit);
        let unit = unit.map_err(|violation| violation.at(format!("{field}.unit")));
        let (value, unit) = (errors.take(value), errors.take(unit));
        Some(Lasting {
            value: value?.value,
            unit: unit?.unit,
        })
    }
}

/// Who told the history.
#[derive(Debug, Object)]
pub(super) struct InformantsRequest {
    /// Up to 20, of up to 100 characters each
    selection: Option<Vec<String>>,
    /// Others, in up to 1,000 characters
    other_details: Option<Text<Details>>,
}

impl InformantsRequest {
    pub(super) fn read(self, errors: &mut ValidationErrors) -> Option<Informants> {
        let selection = self.selection.unwrap_or_default();
        let selection = Informant::parse_all(selection.iter().map(String::as_str));
        Some(Informants {
            selection: errors.take(selection.map_err(|it| it.at("informants.selection")))?,
            other_details: self.other_details.and_then(Text::value),
        })
    }
}

/// What brought the illness on.
#[derive(Debug, Object)]
pub(super) struct PrecipitatingFactorRequest {
    /// Up to 2,000 characters
    narrative: Option<Text<Narrative>>,
    /// Up to 20, of up to 50 characters each
    tags: Option<Vec<String>>,
}

impl PrecipitatingFactorRequest {
    pub(super) fn read(self, errors: &mut ValidationErrors) -> Option<PrecipitatingFactor> {
        let tags = self.tags.unwrap_or_default();
        let tags = Tag::parse_all(tags.iter().map(String::as_str));
        Some(PrecipitatingFactor {
            narrative: self.narrative.and_then(Text::value),
            tags: errors.take(tags.map_err(|it| it.at("precipitating_factor.tags")))?,
        })
    }
}

/// A person to call in an emergency.
#[derive(Debug, Object)]
pub(super) struct EmergencyContactRequest {
    /// The name, 1 to 100 characters
    name: Text<PersonName>,
    /// How the person is related to the patient, up to 100 characters
    relation: Option<Text<Relation>>,
    /// Telephone
    phone: Option<Text<Mobile>>,
}

impl EmergencyContactRequest {
    pub(super) fn read(self) -> Option<EmergencyContact> {
        Some(EmergencyContact {
            name: self.name.value()?,
            relation: self.relation.and_then(Text::value),
            phone: self.phone.and_then(Text::value),
        })
    }
}

/// A symptom.
#[derive(Debug, Object)]
pub(super) struct SymptomRequest {
    /// What it is, 1 to 200 characters
    symptom_name: Text<SymptomName>,
    /// `Mild`, `Moderate` or `Severe`
    severity: Option<Text<Severity>>,
    /// `Hourly`, `Daily`, `Weekly` or `Constant`
    frequency: Option<Text<Frequency>>,
    /// How long it has lasted
    duration: Option<LastingRequest>,
    /// Up to 1,000 characters
    notes: Option<Text<Details>>,
}

impl RequestBody for SymptomRequest {}

impl SymptomRequest {
    pub(super) fn command(self, errors: &mut ValidationErrors) -> Option<NewSymptom> {
        self.at("duration", errors)
    }

    pub(super) fn at(self, duration: &str, errors: &mut ValidationErrors) -> Option<NewSymptom> {
        let lasting = self.duration.map(|it| it.read(duration, errors));
        Some(NewSymptom {
            symptom_name: self.symptom_name.value()?,
            severity: self.severity.and_then(Text::value),
            frequency: self.frequency.and_then(Text::value),
            duration: lasting.map_or(Some(None), |part| part.map(Some))?,
            notes: self.notes.and_then(Text::value),
        })
    }
}

/// What is to be changed of a symptom; what is absent stays, `null` clears.
#[derive(Debug, Object)]
pub(super) struct SymptomChangeRequest {
    /// What it is, 1 to 200 characters
    symptom_name: Option<Text<SymptomName>>,
    /// `Mild`, `Moderate` or `Severe`
    #[oai(nullable)]
    severity: MaybeUndefined<Text<Severity>>,
    /// `Hourly`, `Daily`, `Weekly` or `Constant`
    #[oai(nullable)]
    frequency: MaybeUndefined<Text<Frequency>>,
    /// How long it has lasted
    #[oai(nullable)]
    duration: MaybeUndefined<LastingRequest>,
    /// Up to 1,000 characters
    #[oai(nullable)]
    notes: MaybeUndefined<Text<Details>>,
}

impl RequestBody for SymptomChangeRequest {
    const NULL: web::Null = web::Null::Refuse;
}

impl SymptomChangeRequest {
    pub(super) fn command(self, errors: &mut ValidationErrors) -> SymptomChange {
        let is_empty = self.symptom_name.is_none()
            && self.severity.is_undefined()
            && self.frequency.is_undefined()
            && self.duration.is_undefined()
            && self.notes.is_undefined();
        if is_empty && errors.is_empty() {
            errors.add(NOTHING_TO_CHANGE.at("body"));
        }
        SymptomChange {
            symptom_name: self.symptom_name.and_then(Text::value),
            severity: text(self.severity),
            frequency: text(self.frequency),
            duration: read(errors, self.duration, |it, errors| {
                it.read("duration", errors)
            }),
            notes: text(self.notes),
        }
    }
}

pub(super) fn text<T: FromText<Value = T>>(field: MaybeUndefined<Text<T>>) -> Change<T> {
    match field {
        MaybeUndefined::Undefined => Change::Stays,
        MaybeUndefined::Null => Change::Cleared,
        MaybeUndefined::Value(text) => text.value().map_or(Change::Stays, Change::Set),
    }
}

pub(super) fn read<T, V>(
    errors: &mut ValidationErrors,
    field: MaybeUndefined<T>,
    value: impl FnOnce(T, &mut ValidationErrors) -> Option<V>,
) -> Change<V> {
    match field {
        MaybeUndefined::Undefined => Change::Stays,
        MaybeUndefined::Null => Change::Cleared,
        // A value with a fault is an error of the body already.
        MaybeUndefined::Value(given) => value(given, errors).map_or(Change::Stays, Change::Set),
    }
}
